"""The status table: damage costs what is damaged, and results speak for themselves."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from emgdetect.batch.status import Row, input_cell, known_rows, read_status, write_status

ROWS = {
    name: Row(f"/in/{name}.edf", name, status, "ok", "Fine.", "1.5")
    for name, status in (("a", "done"), ("b", "failed"), ("ü µ", "done"))
}


def result(out: Path, name: str, path: str) -> None:
    """A complete result, as far as its mark goes."""
    (out / name).mkdir(parents=True)
    mark = {"input": {"path": path, "size": 1, "sha256": ""}, "outputs": {}, "fingerprint": ""}
    (out / name / "run.json").write_text(json.dumps(mark), encoding="utf-8")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_status(tmp_path / "status.tsv", ROWS.values())
    assert read_status(tmp_path / "status.tsv") == ROWS


def test_a_damaged_line_costs_that_line(tmp_path: Path) -> None:
    path = tmp_path / "status.tsv"
    write_status(path, ROWS.values())
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert read_status(path).items() <= ROWS.items() | _cut_seconds(path)
    path.write_bytes(whole.replace(b"/in/a.edf", b"/in/\xff.edf"))
    assert set(read_status(path)) == {"b", "ü µ"}
    path.write_bytes(b"\x00" * 5000)
    assert read_status(path) == {}


def _cut_seconds(path: Path) -> set[tuple[str, Row]]:
    """A cut in the last cell leaves a row that is whole but for its seconds."""
    return {(name, row) for name, row in read_status(path).items() if "1.5".startswith(row.seconds)}


def test_names_that_lead_out_of_the_folder_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "status.tsv"
    for name in ("../x", ".work", "=1", "a/b", ""):
        write_status(path, [Row("/in/a.edf", name, "done", "ok", "Fine.", "1")])
        assert read_status(path) == {}


def test_results_without_a_table_make_one(tmp_path: Path) -> None:
    result(tmp_path, "a", "/in/a.edf")
    result(tmp_path, "b", "/in/b\n=x.edf")
    (tmp_path / "half").mkdir()
    rows = known_rows(tmp_path)
    assert {name: row.input for name, row in rows.items()} == {
        "a": "/in/a.edf", "b": input_cell("/in/b\n=x.edf"),
    }  # fmt: skip
    assert all((row.status, row.code) == ("done", "ok") for row in rows.values())


def test_done_without_a_result_is_not_believed(tmp_path: Path) -> None:
    write_status(tmp_path / "status.tsv", ROWS.values())
    assert set(known_rows(tmp_path)) == {"b"}
    result(tmp_path, "a", "/in/a.edf")
    assert set(known_rows(tmp_path)) == {"a", "b"}
    (tmp_path / "a" / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "status.tsv").unlink()
    assert known_rows(tmp_path) == {}


@pytest.mark.parametrize(
    "damaged",
    [
        "", "[]", "7", "{}", '{"input": 1, "outputs": 1, "fingerprint": 1}',
        '{"input": {}, "outputs": {}, "fingerprint": ""}',
        '{"input": {"size": 1, "sha256": ""}, "outputs": [], "fingerprint": ""}',
    ],
)  # fmt: skip
def test_a_damaged_mark_is_no_result(tmp_path: Path, damaged: str) -> None:
    result(tmp_path, "a", "/in/a.edf")
    (tmp_path / "a" / "run.json").write_text(damaged, encoding="utf-8")
    assert known_rows(tmp_path) == {}


def test_no_two_inputs_share_a_cell() -> None:
    names = ["/a\nb", r"/a\x0ab", r"/a\x5cx0ab", "/a\u202eb", r"/a\u202eb", "/a\udcffb", "/ab"]
    assert len({input_cell(name) for name in names}) == len(names)


def test_tables_of_parts_are_joined(tmp_path: Path) -> None:
    for index, row in enumerate(ROWS.values(), start=1):
        if row.status == "done":
            result(tmp_path, row.recording, row.input)
        write_status(tmp_path / f"status-{index}-of-3.tsv", [row])
    assert known_rows(tmp_path) == ROWS


@pytest.mark.parametrize(("newer_ns", "status"), [(-1, "failed"), (0, "failed"), (1, "done")])
def test_a_failure_without_a_note_stands_unless_the_result_is_newer(
    newer_ns: int, status: str, tmp_path: Path
) -> None:
    result(tmp_path, "a", "/in/a.edf")
    table = tmp_path / "status.tsv"
    write_status(table, [Row("/in/a.edf", "a", "failed", "file-missing", "Gone.", "1")])
    written = table.stat().st_mtime_ns
    os.utime(tmp_path / "a" / "run.json", ns=(written + newer_ns, written + newer_ns))
    assert known_rows(tmp_path)["a"].status == status
