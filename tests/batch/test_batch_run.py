"""A batch end to end: every input ends as done or failed, and calling again changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from batch_helpers import (
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


def test_a_joint_table_of_nothing_has_the_columns_of_a_full_one(tmp_path: Path, make: Make) -> None:
    folder = make("a")
    batch([folder], tmp_path / "full")
    (folder / "a.edf").write_bytes(b"")
    assert batch([folder], tmp_path / "none").n_failed == 1
    full, none = (
        (tmp_path / name / "summary.tsv").read_text("utf-8").splitlines()
        for name in ("full", "none")
    )
    assert none == full[:1]
    told = json.loads((tmp_path / "none" / "summary.json").read_text("ascii"))
    assert list(told) == none[0].split("\t")


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


def test_a_part_without_inputs_is_done_and_says_so(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    done = call("run", make("a"), "--out", out, "--shard", "2/2", "--no-report")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Nothing to do for part 2 of 2: 1 in all.",
        f"When all parts have ended: emgdetect summary {out}",
    ]
    done = call("run", tmp_path / "in", "--out", out, "--shard", "1/2", "--no-report")
    assert done.stderr.splitlines()[-1] == f"When all parts have ended: emgdetect summary {out}"


def test_a_refused_call_leaves_no_folder(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    run = ("run", folder, "--out", out, "--scheduler", "tcp://127.0.0.1:9")
    done = call(*run)
    assert done.returncode == 2, done.stderr
    assert not out.exists()
    out.mkdir()
    (out / "mine.txt").touch()
    assert call(*run).returncode == 2
    assert (out / "mine.txt").exists()


def test_a_refused_call_leaves_none_of_the_folders_above_it(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, study = make("a"), tmp_path / "study"
    study.mkdir()
    scheduler = {"scheduler": "tcp://127.0.0.1:9"}
    with pytest.raises(CallError, match="127"):
        batch([folder], study / "results" / "first" / "out", **scheduler)
    assert not list(study.iterdir())
    with pytest.raises(CallError, match="cannot be written"):
        batch([folder], study / "results" / ("x" * 300))
    assert not list(study.iterdir())
    with pytest.raises(CallError, match="cannot be written"):
        batch([folder], study / ("x" * 300))
    monkeypatch.setattr("emgdetect.batch.room.lack_of_room", lambda _: "no room")
    with pytest.raises(CallError, match="no room"):
        batch([folder], study / "results" / "out")
    assert not list(study.iterdir())
    (study / "results").mkdir()
    with pytest.raises(CallError, match="no room"):
        batch([folder], study / "results" / "out")
    assert not list((study / "results").iterdir())


def test_a_call_refused_before_it_has_the_lock_takes_nobody_elses(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun_by_another(out: Path) -> str:
        (out / ".lock").touch()
        return "no room"

    monkeypatch.setattr("emgdetect.batch.room.lack_of_room", begun_by_another)
    with pytest.raises(CallError, match="no room"):
        batch([make("a")], tmp_path / "out")
    assert (tmp_path / "out" / ".lock").exists()


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
