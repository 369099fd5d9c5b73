"""The same command again: what is done stays, what changed is computed, a review survives."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from batch_helpers import (
    ROOT,
    Make,
    batch,
    call,
    left_behind,
    make_edf,
    settings,
    status_of,
    tables_of,
)  # fmt: skip

from emgdetect.batch import CallError, Tally, join
from emgdetect.config import Config


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
    # No decision stands on the new result of one; the other is still the result before.
    assert not (out / "a" / "summary_reviewed.tsv").exists()
    assert (out / "b" / "summary_reviewed.tsv").exists()


def test_old_leftovers_are_cleared(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    (out / ".work" / "analyse-x").mkdir(parents=True)
    (out / ".work-1-of-2").mkdir()
    batch([make("a")], out)
    assert left_behind(out) == []


def test_results_may_lie_beside_their_recordings(make: Make) -> None:
    folder = make("a", "b")
    assert batch([folder], folder) == Tally(2, 0, 0, 0)
    assert batch([folder], folder) == Tally(0, 0, 2, 0)
    assert set(status_of(folder)) == {"a", "b"}


def test_a_folder_without_results_is_left_as_it_is(tmp_path: Path, make: Make) -> None:
    folder = make("a")
    with pytest.raises(CallError, match="no results of a run"):
        join(folder)
    assert [path.name for path in folder.iterdir()] == ["a.edf"]
    batch([folder], tmp_path / "out")
    table = tmp_path / "out" / "status.tsv"
    before = table.read_text("utf-8").splitlines()
    table.unlink()
    assert join(tmp_path / "out") == 1
    # What was found is said again; how long it took is not known any more.
    after = table.read_text("utf-8").splitlines()
    assert [line.rpartition("\t")[0] for line in after] == [
        line.rpartition("\t")[0] for line in before
    ]
    assert "fasciculation" in after[1]
