"""A run replaces nothing that is not its own, and goes on wherever an earlier one was cut short."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from batch_helpers import Make, batch, call, settings, status_of

from emgdetect.batch import CallError, Options, find_inputs, join
from emgdetect.batch.foreign import refuse_foreign
from emgdetect.batch.joint import COMPARED, SUMMARY
from emgdetect.batch.ours import TRAIL, is_our_product
from emgdetect.batch.results import MARK, PRODUCTS, REPORT
from emgdetect.batch.status import STATUS
from emgdetect.columns import FAILED, REVIEWED

MINE = "name\tweight\nAnna\t70\n"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def refused(folder: Path, out: Path, *, report: bool = False) -> bool:
    """Whether a run is refused for what stands in its folder."""
    try:
        options = Options(out=out, settings=settings(report=report))
        refuse_foreign(find_inputs([str(folder)]), options)
    except CallError as error:
        assert "not of emgdetect" in str(error)
        return True
    return False


@pytest.mark.parametrize(
    "name",
    ["summary.tsv", "summary.json", "status.tsv", "status.json", "summary_reviewed.tsv",
     "logs/a.txt", "a/notes.txt", "a/summary.tsv", "a/report.html"],
)  # fmt: skip
def test_a_file_of_somebody_else_is_told_and_stays(tmp_path: Path, make: Make, name: str) -> None:
    folder, out = make("a"), tmp_path / "out"
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text(MINE, encoding="utf-8")
    before = contents(out)
    done = call("run", folder, "--out", out, "--no-report")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "is not of emgdetect" in done.stderr
    assert contents(out) == before


def test_a_page_of_somebody_else_is_in_the_way_of_pages_only(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    out.mkdir()
    (out / REPORT).write_text("<p>mine", encoding="utf-8")
    assert refused(folder, out, report=True)
    batch([folder], out)
    assert refused(folder, out, report=True)
    (out / "a" / REPORT).touch()
    join(out)
    assert (out / REPORT).read_text(encoding="utf-8") == "<p>mine"


def test_other_files_and_folders_are_in_nobodys_way(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    for name in ("b/notes.txt", "b/summary.tsv", "notes.txt", "logs/b.txt", *COMPARED):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(MINE, encoding="utf-8")
    (out / "a").mkdir()
    before = contents(out)
    assert batch([folder], out).n_done == 1
    assert contents(out).items() >= before.items()


def test_beside_results_a_folder_of_our_names_is_still_somebodys(
    tmp_path: Path, make: Make
) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder / "a.edf"], out)
    (out / "b").mkdir()
    (out / "b" / SUMMARY).write_text(MINE, encoding="utf-8")
    assert refused(folder, out)
    assert not refused(folder / "a.edf", out)


@pytest.mark.parametrize("known", ["table", "begun", "lost"])
@pytest.mark.parametrize("reviewed", [False, True])
def test_whatever_a_killed_run_leaves_is_ours(
    tmp_path: Path, make: Make, known: str, reviewed: bool
) -> None:
    """Products come one by one before `run.json`, and go after it one by one."""
    folder, out = make("a"), tmp_path / "out"
    batch([folder], out, settings=settings(report=True))
    if reviewed:
        from emgdetect.curation.trail import FILE_NAME, header_line

        (out / "a" / FILE_NAME).write_text(header_line(), encoding="utf-8")
        (out / "a" / "notes.txt").write_text("a person's", encoding="utf-8")
    (out / "a" / MARK).unlink()
    table = (out / STATUS).read_text(encoding="utf-8")
    for file in out.glob("*.*"):
        file.unlink()
    if known != "lost":
        text = table if known == "table" else table.splitlines()[0] + "\n"
        (out / STATUS).write_text(text, encoding="utf-8")
    products = [name for name in PRODUCTS if (out / "a" / name).exists()]
    whole = tmp_path / "whole"
    shutil.copytree(out / "a", whole)
    for name in (*products, REVIEWED, FAILED):  # half removed
        assert not refused(folder, out, report=True), name
        (out / "a" / name).unlink(missing_ok=True)
    assert not refused(folder, out, report=True)
    for name in products:  # half put in place
        shutil.copy(whole / name, out / "a" / name)
        assert not refused(folder, out, report=True), name
    assert batch([folder], out).n_done == 1
    assert status_of(out) == {"a": ("done", "ok")}


def test_the_trail_of_a_review_is_known(tmp_path: Path) -> None:
    from emgdetect.curation import trail

    path = tmp_path / trail.FILE_NAME
    path.write_text(trail.header_line(), encoding="utf-8")
    assert path.name == TRAIL
    assert is_our_product(path)
    path.write_text(MINE, encoding="utf-8")
    assert not is_our_product(path)


def test_notes_alone_beside_an_earlier_run_are_no_hindrance(tmp_path: Path, make: Make) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder / "b.edf"], out)
    (out / "a").mkdir()
    (out / "a" / "notes.txt").write_text("a person's", encoding="utf-8")
    assert batch([folder], out).n_done == 1


def test_tables_alone_show_an_earlier_run(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    (folder / "a.edf").write_bytes(b"")
    batch([folder], out)
    for name in ("status.tsv", "summary.tsv", "summary.json", "status.json"):
        kept = (out / name).read_bytes()
        (out / name).unlink()
        assert not refused(folder, out), name
        (out / name).write_bytes(kept)
    (out / STATUS).unlink()
    (out / SUMMARY).write_text(  # as versions before wrote it where nothing was done
        "recording\tnewest_attempt\tsettings\tparticipant_id\tsession_id\ttask\n", encoding="utf-8"
    )
    assert not refused(folder, out)


def test_a_table_of_somebody_else_is_not_joined(tmp_path: Path) -> None:
    (tmp_path / STATUS).write_text(MINE, encoding="utf-8")
    with pytest.raises(CallError, match="no results of a run"):
        join(tmp_path)
    assert contents(tmp_path) == {STATUS: MINE.encode()}


def test_parts_go_on_beside_each_other(tmp_path: Path, make: Make) -> None:
    folder, out = make("a", "b", "c"), tmp_path / "out"
    for part in (2, 1, 2):
        batch([folder], out, shard=(part, 2))
    assert join(out) == 3


def test_an_empty_name_is_no_folder(make: Make) -> None:
    done = call("run", make("a"), "--out", "")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "emgdetect: --out must name a folder for the results, and it is empty."
    ]
