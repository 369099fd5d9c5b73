"""`status.tsv`: what became of every input; rebuilt from the results where it is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emgdetect.batch.failure import failure_of
from emgdetect.batch.results import MARK, read_mark
from emgdetect.batch.task import Outcome
from emgdetect.columns import STATUS as STATUS_COLUMNS
from emgdetect.writers.atomic import write_text
from emgdetect.writers.cells import MISSING, safe_cell

STATUS = "status.tsv"
PARTS = "status-*-of-*.tsv"
"""Tables of the parts of an array job, until they are joined."""

COLUMNS = tuple(column.name for column in STATUS_COLUMNS)


@dataclass(frozen=True)
class Row:
    """One line of `status.tsv`; `input` is the cell of the absolute path."""

    input: str
    recording: str
    status: str
    code: str
    message: str
    seconds: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the line, in the order of `COLUMNS`."""
        return tuple(getattr(self, name) for name in COLUMNS)


def input_cell(path: str | Path) -> str:
    """A path as it stands in `status.tsv`; no two paths stand there alike.

    A backslash in a name is escaped as what it might else be taken for the beginning of.
    """
    return safe_cell(os.fspath(path).replace("\\", r"\x5c"))


def read_status(path: Path) -> dict[str, Row]:
    """The rows of a status table by recording; what cannot be understood is left out.

    A damaged line costs that line alone; a missing file is an empty table.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    header, *lines = text.split("\n")
    if tuple(header.split("\t")) != COLUMNS:
        return {}
    rows = (Row(*cells) for line in lines if len(cells := line.split("\t")) == len(COLUMNS))
    return {row.recording: row for row in rows if _is_sound(row)}


def _is_sound(row: Row) -> bool:
    name = row.recording
    plain = name == safe_cell(name) and "/" not in name and not name.startswith(".")
    whole = "\ufffd" not in "".join(row.cells)
    return row.status in ("done", "failed") and bool(row.input) and plain and whole


def known_rows(out: Path) -> dict[str, Row]:
    """The rows of a folder's status tables, corrected by the results that stand in it.

    A complete result without a row gets one; a row ``done`` without a complete result goes. Where
    the newest attempt failed and an older result stands, the row is that of the failure. Of two
    rows for one recording the one in the newer table counts.
    """
    rows: dict[str, Row] = {}
    written: dict[str, int] = {}
    for table in sorted([out / STATUS, *out.glob(PARTS)], key=_age):
        rows |= (read := read_status(table))
        written |= dict.fromkeys(read, _changed(table))
    found = {name: row for name, row in rows.items() if row.status == "failed"}
    for folder in result_folders(out):
        if row := _row_of(folder, rows.get(folder.name), written.get(folder.name, 0)):
            found[folder.name] = row
    return found


def _age(path: Path) -> tuple[int, str]:
    return _changed(path), path.name


def _changed(path: Path) -> int:
    """When a file was last written, in ns; 0 without one."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _row_of(folder: Path, row: Row | None, written: int) -> Row | None:
    """The row of a complete result: as it was, or from what stands there; None if not complete.

    A failure without a note, which a full disk may have kept from being written, stands unless the
    result is newer than the table of the row, in ns: a run was killed between the two.
    """
    failure = failure_of(folder)
    stands = row is not None and row.status == "failed" and _changed(folder / MARK) <= written
    if row and (row.status == ("failed" if failure else "done") or stands):
        return row if (folder / MARK).is_file() else None
    mark = read_mark(folder)
    if mark is None:
        return None
    done = Outcome(status="done", code="ok", message=str(mark.get("message", "Complete.")))
    told, path = failure or done, input_cell(str(mark["input"].get("path", MISSING)))
    return Row(path, folder.name, told.status, told.code, safe_cell(told.message), MISSING)


def failed_since(out: Path) -> set[str]:
    """Names of recordings whose newest attempt failed: a result that stands is an earlier run's."""
    noted = {folder.name for folder in result_folders(out) if failure_of(folder)}
    return noted | {name for name, row in known_rows(out).items() if row.status == "failed"}


def complete_results(out: Path) -> list[Path]:
    """Folders that hold a complete result, in order of name."""
    return [folder for folder in result_folders(out) if (folder / MARK).is_file()]


def result_folders(out: Path) -> list[Path]:
    """Folders of `out` that may hold a result, by name."""
    inside = out.iterdir() if out.is_dir() else iter(())
    return sorted(entry for entry in inside if entry.is_dir() and not entry.name.startswith("."))


def write_status(path: Path, rows: Iterable[Row]) -> None:
    """Write a status table, sorted by recording, whole or not at all."""
    lines = ["\t".join(row.cells) for row in sorted(rows, key=lambda row: row.recording)]
    write_text(path, "\n".join(["\t".join(COLUMNS), *lines]) + "\n")


def inputs_of(rows: Mapping[str, Row]) -> dict[str, str]:
    """Name of each input that has one, by its cell."""
    return {row.input: name for name, row in rows.items()}
