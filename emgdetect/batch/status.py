"""`status.tsv`: what became of every input; rebuilt from the results where it is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emgdetect.batch.results import read_mark
from emgdetect.writers.atomic import write_text
from emgdetect.writers.cells import MISSING, safe_cell

STATUS = "status.tsv"
COLUMNS = ("input", "recording", "status", "code", "message", "seconds")


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
    """A path as it stands in `status.tsv`."""
    return safe_cell(os.fspath(path))


def read_status(out: Path, *, name: str = STATUS) -> dict[str, Row]:
    """The rows of a status table by recording; what cannot be understood is left out.

    A damaged line costs that line alone; a missing file is an empty table.
    """
    try:
        text = (out / name).read_text(encoding="utf-8", errors="replace")
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
    return row.status in ("done", "failed") and bool(row.input) and plain and "�" not in name


def rebuilt_status(out: Path, *, rows: Mapping[str, Row]) -> dict[str, Row]:
    """The rows corrected by the results that stand in the folder.

    A complete result without a row gets one; a row ``done`` without a complete result goes.

    Parameters
    ----------
    out : Path
    rows : mapping
        Rows by recording, as far as they could be read.
    """
    found = {name: row for name, row in rows.items() if row.status == "failed"}
    for folder in result_folders(out):
        mark = read_mark(folder)
        row = rows.get(folder.name)
        if mark and row and row.status == "done":
            found[folder.name] = row
        elif mark:
            found[folder.name] = _row_of(folder.name, mark)
    return found


def _row_of(name: str, mark: Mapping[str, object]) -> Row:
    told = mark["input"]
    path = told.get("path", MISSING) if isinstance(told, Mapping) else MISSING
    return Row(input_cell(str(path)), name, "done", "ok", "Complete.", MISSING)


def result_folders(out: Path) -> list[Path]:
    """Folders of `out` that may hold a result, by name."""
    inside = out.iterdir() if out.is_dir() else iter(())
    return sorted(entry for entry in inside if entry.is_dir() and not entry.name.startswith("."))


def write_status(out: Path, rows: Iterable[Row], *, name: str = STATUS) -> None:
    """Write the status table, sorted by recording, whole or not at all."""
    lines = ["\t".join(row.cells) for row in sorted(rows, key=lambda row: row.recording)]
    write_text(out / name, "\n".join(["\t".join(COLUMNS), *lines]) + "\n")
