"""The command line: what it promises, exit statuses, one clear sentence for a wrong call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import edfio
import numpy as np
import pytest

from emgdetect import __version__
from emgdetect.config import Config

ROOT = Path(__file__).parents[1]
STAND_IN = ROOT / "tests" / "batch" / "stand_in"


def call(*arguments: object, cwd: Path = STAND_IN) -> subprocess.CompletedProcess[str]:
    """Run `emgdetect` as a command, with the batch tests' stand-in for the detector."""
    path = os.pathsep.join([str(STAND_IN), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "emgdetect", *map(str, arguments)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def refused(*arguments: object, cwd: Path = STAND_IN) -> str:
    """The message of a call that is wrong: exit status 2, no traceback."""
    done = call(*arguments, cwd=cwd)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def edf(tmp_path: Path) -> Path:
    """A recording of a second of noise."""
    noise = np.random.default_rng(0).normal(0, 2, 1000)
    signal = edfio.EdfSignal(
        noise, 1000, label="EMG BICEPS L", physical_dimension="uV", physical_range=(-100, 100)
    )
    edfio.Edf([signal]).write(tmp_path / "biceps.edf")
    return tmp_path / "biceps.edf"


def test_version_and_help() -> None:
    assert call("--version").stdout == f"emgdetect {__version__}\n"
    text = call("--help").stdout
    for command in ("run", "check", "review", "compare", "summary", "simulate", "data", "config"):
        assert command in text
    text = call("run", "--help").stdout
    for option in (
        "--out", "--config", "--sites", "--mains", "--assume-unit", "--jobs", "--scheduler",
        "--shard", "--timeout", "--overwrite", "--no-report", "--no-recovery", "--keep-identity",
        "--anonymous-names",
    ):  # fmt: skip
        assert option in text


def test_run_ends_with_0_and_one_line_per_recording(tmp_path: Path, edf: Path) -> None:
    done = call("run", edf, "--out", tmp_path / "out", "--no-report", "--no-recovery", "--jobs", 1)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("1/1 done   biceps: ")
    assert done.stderr.splitlines()[1:] == [f"Results: {tmp_path / 'out' / 'summary.tsv'}"]
    again = call("run", edf, "--out", tmp_path / "out", "--no-report", "--no-recovery")
    assert again.stderr.startswith("1 done before and unchanged, 0 to do.\nResults: ")


def test_run_ends_with_1_if_some_failed(tmp_path: Path, edf: Path) -> None:
    (tmp_path / "empty.edf").touch()
    done = call("run", tmp_path, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 1
    assert "failed empty: " in done.stderr
    assert "done   biceps: " in done.stderr
    assert "Traceback" not in done.stderr
    assert edf.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere.edf",), "no file, folder or match named"),
        (("nowhere/*.edf",), "no file, folder or match named"),
        (("{edf}", "--shard", "2/1"), "--shard must be I/N"),
        (("{edf}", "--shard", "x"), "--shard must be I/N"),
        (("{edf}", "--mains", "55"), "--mains must be one of"),
        (("{edf}", "--assume-unit", "kg"), "--assume-unit must be one of"),
        (("{edf}", "--timeout", "0"), "--timeout must be"),
        (("{edf}", "--scheduler", "here"), "--scheduler must look like"),
        (("{edf}", "--scheduler", "tcp://a:1", "--shard", "1/2"), "cannot be used together"),
        (("{edf}", "--sites", "none.tsv"), "no site table"),
        (("{edf}", "--sites", "{edf}"), "cannot be used"),
        (("{edf}", "--config", "none.toml"), "cannot be read"),
        (("{edf}", "--jobs", "-1"), "--jobs"),
        (("{edf}", "--no-such-option"), "--no-such-option"),
        ((), "INPUT"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    tmp_path: Path, edf: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    given = [str(edf) if word == "{edf}" else word for word in arguments]
    message = refused("run", *given, "--out", tmp_path / "out", cwd=tmp_path)
    assert sentence.lower() in message.lower()
    assert not (tmp_path / "out").exists(), "nothing is made by a call that is wrong"


def test_an_unknown_key_names_the_nearest(tmp_path: Path, edf: Path) -> None:
    (tmp_path / "c.toml").write_text("false_alarm_per_min = 1\n")
    message = refused("run", edf, "--out", tmp_path / "out", "--config", tmp_path / "c.toml")
    assert "unknown configuration key 'false_alarm_per_min'" in message
    assert "'false_alarms_per_min'" in message
    assert message.count("\n") == 1


def test_an_unwritable_output_is_told(tmp_path: Path, edf: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in refused("run", edf, "--out", tmp_path / "file")
    assert "cannot be written" in refused("run", edf, "--out", tmp_path / "file" / "below")


def test_messages_do_not_steer_the_terminal(tmp_path: Path) -> None:
    message = refused("run", tmp_path / "\x1b[2J\u202efde.edf", "--out", tmp_path / "out")
    assert "\x1b" not in message
    assert "\u202e" not in message


def test_config_is_the_default_configuration() -> None:
    values = tomllib.loads(call("config").stdout)
    assert Config(**values) == Config()


def test_mains_option_stands_above_the_file(tmp_path: Path, edf: Path) -> None:
    (tmp_path / "c.toml").write_text('mains_hz = "none"\ndetect_low_hz = 30\n')
    options = ("--config", tmp_path / "c.toml", "--mains", "60", "--no-report")
    assert call("run", edf, "--out", tmp_path / "out", *options).returncode == 0
    used = json.loads((tmp_path / "out" / "biceps" / "run.json").read_text())["config"]
    assert (used["mains_hz"], used["detect_low_hz"]) == (60.0, 30.0)


def test_check_tells_what_would_be_analysed(tmp_path: Path, edf: Path) -> None:
    done = call("check", edf)
    assert done.returncode == 0
    assert "BICEPS L" in done.stdout
    (tmp_path / "bad.edf").write_bytes(b"no recording")
    done = call("check", tmp_path, "--json", "--write-sites", tmp_path / "sites.tsv")
    assert done.returncode == 1
    assert [check["refused"] for check in json.loads(done.stdout)] == [True, False]
    assert "EMG BICEPS L" in (tmp_path / "sites.tsv").read_text("utf-8")
    os.mkfifo(tmp_path / "pipe.edf")
    assert call("check", tmp_path / "pipe.edf").returncode == 1
    assert "no file" in refused("check", tmp_path / "nowhere.edf")


def test_a_site_table_that_was_filled_in_is_not_overwritten(tmp_path: Path, edf: Path) -> None:
    table = tmp_path / "sites.tsv"
    assert "Site table to fill in" in call("check", edf, "--write-sites", table).stderr
    table.write_text("filled in", encoding="utf-8")
    assert "already" in refused("check", edf, "--write-sites", table)
    assert table.read_text("utf-8") == "filled in"
    assert "no folder" in refused("check", edf, "--write-sites", tmp_path / "none" / "sites.tsv")


def test_help_is_one_whole_sentence_per_command() -> None:
    listed = call("--help").stdout
    assert "..." not in listed.partition("Commands:")[2]


def test_a_site_table_of_no_use_is_named_once(tmp_path: Path, edf: Path) -> None:
    (tmp_path / "bad.tsv").write_text("a\tb\n")
    message = refused("run", edf, "--sites", tmp_path / "bad.tsv", "--out", tmp_path / "out")
    assert message.count("bad.tsv") == 1 and "no column `name`" in message


def test_simulate_replaces_nothing_unless_asked(tmp_path: Path) -> None:
    patient = tmp_path / "visit.edf"
    patient.write_bytes(b"a recording of somebody")
    message = refused("simulate", patient, "--duration", 10)
    assert message == (
        f"emgdetect: There is a file {patient} already; name another, or give --overwrite.\n"
    )
    assert patient.read_bytes() == b"a recording of somebody"
    (tmp_path / "made_truth.tsv").write_text("somebody's")
    assert "made_truth.tsv already" in refused("simulate", tmp_path / "made.edf")
    assert not (tmp_path / "made.edf").exists()


def test_simulate_writes_a_recording_and_its_truth(tmp_path: Path) -> None:
    out = tmp_path / "simulated.edf"
    assert call("simulate", out, "--duration", 10, "--seed", 3).returncode == 0
    read = edfio.read_edf(out)
    assert all(label.startswith("EMG ") for label in read.labels)
    assert read.duration == 10
    truth = (tmp_path / "simulated_truth.tsv").read_text("utf-8").splitlines()
    assert truth[0].split("\t")[0] == "time_s"
    assert all(len(row.split("\t")[0].split(".")[1]) == 6 for row in truth[1:])
    first = out.read_bytes()
    call("simulate", out, "--duration", 10, "--seed", 3, "--overwrite")
    assert out.read_bytes() == first
    message = refused("simulate", tmp_path / "other.edf", "--scenario", "none-such")
    assert "scenario" in message.lower()
    assert "there is no folder" in refused("simulate", tmp_path / "none" / "made.edf")
    assert "must end in .edf" in refused("simulate", tmp_path / "made.txt")
    for option, wrong, least in (("--duration", 0, 1), ("--sampling", 10, 400), ("--rate", -5, 0)):
        message = refused("simulate", out, option, wrong)
        assert option in message and f"equal to {least}" in message
    for endless in (1e9, "inf"):
        message = refused("simulate", out, "--rate", endless)
        assert "--rate" in message and "less than or equal to 6000" in message


def test_simulate_writes_the_duration_that_was_asked_or_names_the_nearest(tmp_path: Path) -> None:
    out = tmp_path / "part.edf"
    assert call("simulate", out, "--duration", 7.5).returncode == 0
    assert edfio.read_edf(out).duration == 7.5
    for duration, more, nearest in ((1.0001, (), "1 s"), (61, ("--sampling", 512.5), "60.96 s")):
        message = refused("simulate", tmp_path / "no.edf", "--duration", duration, *more)
        assert f"the nearest duration that works is {nearest}." in message
        assert message.startswith(f"emgdetect: EDF cannot hold {duration} s at ")
    assert not (tmp_path / "no.edf").exists()


def test_summary_rebuilds_the_joint_tables(tmp_path: Path, edf: Path) -> None:
    out = tmp_path / "out"
    call("run", edf, "--out", out, "--no-report")
    whole = (out / "summary.tsv").read_bytes()
    for name in ("summary.tsv", "status.tsv"):
        (out / name).unlink()
    assert call("summary", out).returncode == 0
    assert (out / "summary.tsv").read_bytes() == whole
    assert "\tdone\tok\t" in (out / "status.tsv").read_text("utf-8")
    assert "no folder" in refused("summary", tmp_path / "nowhere")


def test_data_are_listed_with_licence_and_home() -> None:
    lines = call("data", "list").stdout.splitlines()
    assert lines
    assert all(len(line.split("\t")) == 4 and "http" in line for line in lines)
    assert "no dataset" in refused("data", "get", "none-such")


def test_compare_and_review_tell_what_is_missing(tmp_path: Path) -> None:
    arguments = ("--sessions", tmp_path / "sessions.tsv", "--by", "caffeine_mg")
    assert "There is no" in refused("compare", tmp_path / "nowhere", *arguments)
    assert "a column `recording`" in refused("compare", tmp_path, *arguments)
    assert refused("review", tmp_path / "nowhere", "--no-browser").count("\n") == 1


def test_a_tree_of_words_is_quick() -> None:
    """A wrong word is answered without loading what computes."""
    code = "import sys, emgdetect.cli; print(*sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert not {b"mne", b"pandas", b"scipy.signal", b"matplotlib"} & set(done.stdout.split())


@pytest.mark.parametrize("redirect", [">&-", "| head -n 1; exit ${PIPESTATUS[0]}"])
@pytest.mark.parametrize("refused", [0, 1])
def test_the_status_of_a_check_is_that_of_the_files_whoever_listens(
    edf: Path, redirect: str, refused: int
) -> None:
    for number in range(20):
        (edf.parent / f"{number}.edf").write_bytes(b"" if refused else edf.read_bytes())
    command = f"{sys.executable} -m emgdetect check {edf.parent} {redirect}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (refused, "")


def test_a_full_disk_behind_standard_output_is_told_without_a_number(edf: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    command = [sys.executable, "-m", "emgdetect", "check", str(edf)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "emgdetect: No space left on device.\n")
