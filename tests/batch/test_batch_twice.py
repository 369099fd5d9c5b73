"""One recording under several names is told wherever its numbers are shown or compared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from batch_helpers import Make, batch, call, make_edf, settings, status_of

from emgdetect.batch import join
from emgdetect.batch.comparison import compare_sessions
from emgdetect.batch.twice import MOST_NAMED, twice

TOLD = "The same recording is here more than once (by SHA-256): a, moved_a."


def test_a_moved_folder_is_told_until_one_of_its_results_is_gone(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out, settings=settings(report=True))
    assert "more than once" not in capsys.readouterr().err
    (folder / "b.edf").rename(tmp_path / "b.edf")
    folder.rename(tmp_path / "moved")
    batch([tmp_path / "moved"], out, settings=settings(report=True))
    assert set(status_of(out)) == {"a", "b", "moved_a"}
    assert TOLD in capsys.readouterr().err
    assert TOLD in (out / "report.html").read_text(encoding="utf-8")
    table = tmp_path / "sessions.tsv"
    table.write_text("recording\tcoffee\na\t0\nb\t1\nmoved_a\t1\n", encoding="utf-8")
    assert TOLD in compare_sessions(out, table, ["coffee"])
    table.write_text("recording\tcoffee\na\t0\nb\t1\n", encoding="utf-8")
    assert "more than once" not in compare_sessions(out, table, ["coffee"])
    shutil.rmtree(out / "a")  # the way out that was told
    capsys.readouterr()
    assert join(out) == 2
    assert "more than once" not in capsys.readouterr().err
    assert "more than once" not in (out / "report.html").read_text(encoding="utf-8")


def test_it_is_told_at_the_end_of_a_run(tmp_path: Path) -> None:
    first = make_edf(tmp_path / "one" / "a.edf")
    second = make_edf(tmp_path / "moved" / "b.edf")
    shutil.copy(first, second)
    done = call("run", first, second, "--out", tmp_path / "out", "--no-report")
    assert done.returncode == 0
    told, last = done.stderr.splitlines()[-2:]
    assert "more than once (by SHA-256): a, b." in told
    assert last.startswith("Results: ")


def mark(sha256: str, *, path: str = "/in/a.edf", found: str = "") -> dict[str, object]:
    return {"input": {"path": path, "sha256": sha256}, "outputs": {"summary.tsv": found}}


def test_a_header_file_says_nothing_of_the_signal_beside_it() -> None:
    one, other = mark("a", path="/1/x.vhdr", found="b"), mark("a", path="/2/x.vhdr", found="c")
    assert twice({"1": one, "2": other}) == ""
    assert "1, 2." in twice({"1": one, "2": one})
    assert "1, 2." in twice({"1": mark("a", found="b"), "2": mark("a", found="c")})


def test_many_contents_are_counted_and_unsound_marks_left_out() -> None:
    marks = {f"{n}{k}": mark(n) for n in "abcdef" for k in range(MOST_NAMED + 2)}
    text = twice(marks)
    assert "a0, a1, a2, a3 and 2 more; b0" in text
    assert "; and 2 more. " in text
    assert twice({"x": {}, "y": {"input": None}, "z": {"input": {}}, "w": {"input": {}}}) == ""
    assert twice({}) == ""


def test_as_many_contents_as_are_named_leave_no_more() -> None:
    marks = {f"{n}{k}": mark(n) for n in "abcdef"[:MOST_NAMED] for k in range(2)}
    assert "d0, d1. Each" in twice(marks)
    assert "more" not in twice(marks).removeprefix("The same recording is here more than once")
