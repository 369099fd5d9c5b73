"""A batch end to end: every input ends as done or failed, and calling again changes nothing."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from batch_helpers import (
    ROOT,
    TABLES,
    Make,
    batch,
    call,
    left_behind,
    make_edf,
    settings,
    status_of,
    tables_of,
)  # fmt: skip

from emgdetect.batch import CallError, Options, Progress, join, run_batch
from emgdetect.batch.task import Outcome
from emgdetect.config import Config


def test_every_recording_has_its_files(tmp_path: Path, make: Make) -> None:
    tally = batch([make("a", "b")], tmp_path / "out")
    assert (tally.n_done, tally.exit_status) == (2, 0)
    assert status_of(tmp_path / "out") == {"a": ("done", "ok"), "b": ("done", "ok")}
    names = {entry.name for entry in (tmp_path / "out" / "a").iterdir()}
    assert names == {
        "events.tsv", "events.json", "summary.tsv", "summary.json", "excluded.tsv",
        "excluded.json", "units.tsv", "units.json", "minutes.tsv", "minutes.json",
        "synchrony.tsv", "synchrony.json", "recovery.tsv", "recovery.json",
        "annotations.edf", "run.json",
    }  # fmt: skip
    assert left_behind(tmp_path / "out") == []
    joint = (tmp_path / "out" / "summary.tsv").read_text("utf-8").splitlines()
    assert joint[0].startswith("recording\tsite\t")
    assert [line.split("\t")[0] for line in joint[1:]] == ["a", "b"]


def test_the_joint_tables_have_their_side_cars(tmp_path: Path, make: Make) -> None:
    batch([make("a")], tmp_path / "out")
    for stem in ("summary", "status"):
        header = (tmp_path / "out" / f"{stem}.tsv").read_text("utf-8").splitlines()[0]
        told = json.loads((tmp_path / "out" / f"{stem}.json").read_text("ascii"))
        assert list(told) == header.split("\t")
        assert all(column["Description"] for column in told.values())


def test_run_json_tells_how_it_came_about(tmp_path: Path, make: Make) -> None:
    import hashlib

    batch([make("a")], tmp_path / "out")
    told = json.loads((tmp_path / "out" / "a" / "run.json").read_text("ascii"))
    content = (tmp_path / "in" / "a.edf").read_bytes()
    assert told["input"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["config"] == Config().model_dump(mode="json")
    assert told["recording"]["sites"] == {
        "BICEPS L": [{"name": "EMG BICEPS L", "sampling_hz": 1000.0, "unit": "uV"}]
    }
    assert set(told["seconds"]) >= {"open", "detect", "write"}
    assert set(told["outputs"]) >= {"events.tsv", "summary.tsv", "excluded.tsv"}


def test_tables_do_not_depend_on_jobs_or_order(tmp_path: Path, make: Make) -> None:
    make("a", "b", "c", "d", "e")
    files = sorted((tmp_path / "in").iterdir())
    batch(files, tmp_path / "one", jobs=1)
    batch(files[::-1], tmp_path / "two", jobs=3)
    assert tables_of(tmp_path / "one") == tables_of(tmp_path / "two")
    assert len(tables_of(tmp_path / "one")) == 5 * len(TABLES) + 1


def test_what_is_done_and_unchanged_is_not_computed_again(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    before = {file: file.stat().st_mtime_ns for file in out.glob("*/*")}
    tally = batch([tmp_path / "in"], out)
    assert (tally.n_kept, tally.n_done) == (2, 0)
    assert {file: file.stat().st_mtime_ns for file in out.glob("*/*")} == before
    assert batch([tmp_path / "in"], out, overwrite=True).n_done == 2


def test_a_changed_input_is_computed_again(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    file = tmp_path / "in" / "a.edf"
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    make_edf(file, seed=99)
    os.utime(file, ns=times)
    before = tables_of(out)
    tally = batch([tmp_path / "in"], out)
    assert (tally.n_done, tally.n_kept) == (1, 1)
    assert tables_of(out) != before


@pytest.mark.parametrize("changed", ["config", "sites", "assume_unit", "side-car", "version"])
def test_whatever_shapes_the_result_counts(tmp_path: Path, make: Make, changed: str) -> None:
    out, table = tmp_path / "out", tmp_path / "sites.tsv"
    name = "sub-1_task-rest_emg"
    make(name)
    table.write_text("name\ttarget_muscle\nEMG BICEPS L\tbrachialis\n", encoding="utf-8")
    with_table = settings(sites=str(table))
    batch([tmp_path / "in"], out, settings=with_table)
    assert batch([tmp_path / "in"], out, settings=with_table).n_kept == 1
    again = with_table
    if changed == "config":
        strict = Config(exclusion="strict").model_dump(mode="json")
        again = settings(sites=str(table), config=strict)
    elif changed == "sites":
        table.write_text("name\ttarget_muscle\nEMG BICEPS L\tbiceps\n", encoding="utf-8")
    elif changed == "assume_unit":
        again = settings(sites=str(table), assume_unit="uV")
    elif changed == "side-car":
        make_edf(tmp_path / "in" / "other.edf")
        (tmp_path / "in" / "sub-1_task-rest_channels.tsv").write_text("name\ttype\nEMG\tEMG\n")
        (tmp_path / "in" / "other.edf").unlink()
    else:
        site = tmp_path / "site"
        shutil.copytree(ROOT / "emgdetect", site / "emgdetect")
        (site / "emgdetect" / "_version.py").write_text('__version__ = "99.0"\n')
        done = call(
            "run", tmp_path / "in", "--out", out, "--sites", table, "--no-report",
            PYTHONPATH=os.environ["PYTHONPATH"].replace(str(ROOT), str(site)),
        )  # fmt: skip
        assert "1/1 done" in done.stderr
        return
    tally = batch([tmp_path / "in"], out, settings=again)
    assert (tally.n_done, tally.n_kept) == (1, 0)


def test_a_damaged_result_is_computed_again(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a", "b", "c", "d", "e")], out)
    whole = tables_of(out)
    mark = json.loads((out / "e" / "run.json").read_text("ascii"))
    (out / "e" / "run.json").write_text(json.dumps(mark | {"outputs": {}}), encoding="ascii")
    (out / "a" / "events.tsv").write_text("onset\n", encoding="utf-8")
    (out / "b" / "run.json").write_text('{"input": ', encoding="utf-8")
    (out / "c" / "annotations.edf").unlink()
    (out / "status.tsv").write_bytes(b"\0\1\2")
    tally = batch([tmp_path / "in"], out)
    assert (tally.n_done, tally.n_kept) == (4, 1)
    assert tables_of(out) == whole
    assert set(status_of(out)) == {"a", "b", "c", "d", "e"}


def test_bad_inputs_fail_alone_each_with_its_code(tmp_path: Path, make: Make) -> None:
    folder = make("good")
    make_edf(folder / "ecg.edf", label="ECG")
    (folder / "empty.edf").touch()
    (folder / "text.edf").write_text("<html>no recording</html>" * 40)
    (folder / "cut.edf").write_bytes((folder / "good.edf").read_bytes()[:300])
    (folder / "folder.edf").mkdir()
    (folder / "broken.edf").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.edf")
    out = tmp_path / "out"
    tally = batch([folder], out)
    assert (tally.n_done, tally.n_failed, tally.exit_status) == (1, 7, 1)
    codes = {name: code for name, (_, code) in status_of(out).items()}
    assert codes["good"] == "ok"
    assert codes["ecg"] == "no-emg"
    assert codes["folder"] == "is-a-folder"
    assert codes["broken"] == "broken-link"
    assert codes["pipe"] == "not-a-file"
    assert {entry.name for entry in out.iterdir() if entry.is_dir()} == {"good"}
    assert "internal-error" not in codes.values()


def test_what_was_done_before_stays_done(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    folder = make("a", "b")
    batch([folder / "a.edf"], out)
    (folder / "bad.edf").touch()
    assert batch([folder / "bad.edf"], out).exit_status == 1
    assert status_of(out)["a"] == ("done", "ok")
    assert batch([folder / "b.edf"], out).exit_status == 0
    assert set(status_of(out)) == {"a", "b", "bad"}
    joint = (out / "summary.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in joint] == ["recording", "a", "b"]


def test_a_failure_takes_the_place_of_the_older_result(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    folder = make("a")
    batch([folder], out)
    (out / "a" / "reviewed.tsv").write_text("mine\n")
    (folder / "a.edf").write_bytes(b"no longer a recording")
    assert batch([folder], out).n_failed == 1
    assert [entry.name for entry in (out / "a").iterdir()] == ["reviewed.tsv"]
    assert (out / "summary.tsv").read_text("utf-8").count("\n") == 1


def test_a_review_survives(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a")], out)
    for name in ("reviewed.tsv", "notes.txt"):
        (out / "a" / name).write_text("mine\n")
    batch([tmp_path / "in"], out, overwrite=True)
    for name in ("reviewed.tsv", "notes.txt"):
        assert (out / "a" / name).read_text() == "mine\n"


def test_a_reviewed_summary_never_stands_beside_another_result(tmp_path: Path, make: Make) -> None:
    out, folder = tmp_path / "out", make("a", "b")
    batch([folder], out)
    for name in "ab":
        (out / name / "summary_reviewed.tsv").write_text("of the result before\n")
    (folder / "b.edf").write_bytes(b"no longer a recording")
    batch([folder], out, overwrite=True)
    # No decision stands, or there is no result.
    assert not (out / "a" / "summary_reviewed.tsv").exists()
    assert not (out / "b").exists()


def test_equal_stems_keep_apart_and_keep_their_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for index, person in enumerate(("p1", "p2", "p3")):
        make_edf(tmp_path / "in" / person / "rest.edf", seed=index)
    batch([tmp_path / "in" / "p2"], out)
    assert set(status_of(out)) == {"rest"}
    batch([tmp_path / "in"], out)
    assert set(status_of(out)) == {"rest", "p1_rest", "p3_rest"}
    (out / "status.tsv").unlink()
    assert batch([tmp_path / "in"], out).n_kept == 3


def test_hostile_names_end_in_their_own_folders(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = make_edf(tmp_path / "source.edf")
    hard = [
        "=HYPERLINK(1).edf", "a\nb.edf", "\x1b[31mred.edf", "CON.edf", "x" * 251 + ".edf",
        "gpj.\u202efde.edf", "腓腸筋 左.edf", "-rf.edf", "a b.edf", "µ" * 125 + ".edf",
        r"a\x0ab.edf", "$(touch pwned).edf", "'; DROP TABLE x;.edf", "<img onerror=alert(1)>.edf",
    ]  # fmt: skip
    for name in hard:
        shutil.copy(source, folder / name)
    shutil.copy(source, os.fsencode(folder) + b"/latin-\xff.edf")
    out = tmp_path / "out"
    tally = batch([folder], out)
    assert (tally.n_done, tally.n_failed) == (len(hard) + 1, 0)
    assert len(status_of(out)) == len(hard) + 1
    assert len([entry for entry in out.iterdir() if entry.is_dir()]) == len(hard) + 1
    text = (out / "status.tsv").read_text("utf-8")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in text.split())
    assert batch([folder], out).n_kept == len(hard) + 1


def test_anonymous_names_tell_nothing(tmp_path: Path, make: Make) -> None:
    folder = make("Jane_Doe", "John_Doe")
    shutil.copy(folder / "Jane_Doe.edf", folder / "Jane_again.edf")
    out = tmp_path / "out"
    batch([folder], out, anonymous_names=True)
    names = [entry.name for entry in out.iterdir() if entry.is_dir()]
    assert len(names) == 3
    for name in names:
        for file in (out / name).iterdir():
            assert b"Doe" not in file.read_bytes()
            assert b"Jane" not in file.read_bytes()
    assert batch([folder], out, anonymous_names=True).n_kept == 3
    (out / "status.tsv").unlink()
    assert batch([folder], out, anonymous_names=True).n_kept == 3
    assert sorted(names) == sorted(entry.name for entry in out.iterdir() if entry.is_dir())


def test_anonymous_names_do_not_keep_other_names(tmp_path: Path, make: Make) -> None:
    batch([make("Jane_Doe")], tmp_path / "out")
    with pytest.raises(CallError, match="needs another folder"):
        batch([make("Jane_Doe")], tmp_path / "out", anonymous_names=True)


def test_parts_of_an_array_job_make_the_whole(tmp_path: Path, make: Make) -> None:
    folder = make(*"abcdefg")
    batch([folder], tmp_path / "whole")
    out = tmp_path / "parts"
    for part in (3, 1, 2):
        batch([folder], out, shard=(part, 3))
    assert join(out) == 7
    assert tables_of(out) == tables_of(tmp_path / "whole")
    assert set(status_of(out)) == set("abcdefg")
    assert sorted(entry.name for entry in out.glob("status*.tsv")) == ["status.tsv"]
    assert batch([folder], out).n_kept == 7


def test_a_part_without_inputs_is_done(tmp_path: Path, make: Make) -> None:
    assert batch([make("a")], tmp_path / "out", shard=(2, 2)).exit_status == 0


def test_progress_hears_of_every_recording(tmp_path: Path, make: Make) -> None:
    heard: list[tuple[str, str]] = []
    begun: list[tuple[int, int]] = []

    def ended(name: str, outcome: Outcome) -> None:
        heard.append((name, outcome.status))

    folder = make("a", "b")
    (folder / "c.edf").touch()
    options = Options(out=tmp_path / "out", settings=settings())
    progress = Progress(lambda *counts: begun.append(counts), ended)
    run_batch([str(folder)], options, progress=progress)
    assert begun == [(3, 0)]
    assert sorted(heard) == [("a", "done"), ("b", "done"), ("c", "failed")]


@pytest.mark.parametrize("kind", ["file", "below a file", "read-only"])
def test_an_unwritable_output_is_told_before_computing(
    tmp_path: Path, make: Make, kind: str
) -> None:
    folder = make("a")
    out = tmp_path / "out"
    if kind == "read-only":
        out = Path("/proc/emgdetect")
    else:
        out.write_text("a file")
        out = out if kind == "file" else out / "deeper"
    with pytest.raises(CallError, match="cannot be written"):
        batch([folder], out)


def test_old_leftovers_are_cleared(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    (out / ".work" / "analyse-x").mkdir(parents=True)
    (out / ".work-1-of-2").mkdir()
    batch([make("a")], out)
    assert left_behind(out) == []


def test_recordings_of_bids_names_fill_their_columns(tmp_path: Path, make: Make) -> None:
    batch([make("sub-07_ses-2_task-rest_emg", "other")], tmp_path / "out")
    header, *rows = (tmp_path / "out" / "summary.tsv").read_text("utf-8").splitlines()
    assert header.split("\t")[-3:] == ["participant_id", "session_id", "task"]
    assert [row.split("\t")[-3:] for row in rows] == [["n/a"] * 3, ["sub-07", "ses-2", "rest"]]


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8"])
def test_locale_home_and_display_do_not_matter(tmp_path: Path, make: Make, locale: str) -> None:
    folder = make("a")
    batch([folder], tmp_path / "here")
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ["PYTHONPATH"]}
    import subprocess

    from batch_helpers import command

    done = subprocess.run(
        command("run", folder, "--out", tmp_path / "there", "--no-report"),
        env={**kept, "LC_ALL": locale, "LANG": locale}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tables_of(tmp_path / "here") == tables_of(tmp_path / "there")
