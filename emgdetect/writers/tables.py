"""The tables of one recording: tab-separated, byte for byte the same for the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect import columns as tables
from emgdetect.columns import Column
from emgdetect.meanings import REASONS, VERDICTS
from emgdetect.writers.atomic import write_text
from emgdetect.writers.cells import cell

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import Detections


def table_text(frame: pd.DataFrame, columns: Sequence[Column]) -> str:
    """A table as tab-separated text with a header line.

    Parameters
    ----------
    frame : DataFrame
        Columns that `columns` does not name are written after the others; those whose name ends
        in ``_s`` are times.
    columns : sequence of Column
        Order, and which columns are times; one that `frame` lacks is written as ``n/a``.

    Returns
    -------
    str
        Ends with a line end; only the header if the table is empty.
    """
    names = [column.name for column in columns]
    further = [name for name in frame.columns if name not in set(names)]
    times = {column.name for column in columns if column.unit == "s"}
    times |= {name for name in further if name.endswith("_s")}
    names += further
    cells = [_column_cells(frame, name, is_time=name in times) for name in names]
    lines = ["\t".join(names), *("\t".join(row) for row in zip(*cells, strict=True))]
    return "\n".join(lines) + "\n"


def _column_cells(frame: pd.DataFrame, name: str, *, is_time: bool) -> list[str]:
    if name not in frame:
        return [cell(None)] * len(frame)
    return [cell(value, is_time=is_time) for value in frame[name].tolist()]


def write_table(path: Path, frame: pd.DataFrame, columns: Sequence[Column]) -> None:
    """Write a table as tab-separated text, atomically (see `table_text`)."""
    write_text(path, table_text(frame, columns))


def side_car(columns: Sequence[Column]) -> dict[str, Any]:
    """The BIDS side-car of a table: every column with its description, unit and levels."""
    return {column.name: _described(column) for column in columns}


def _described(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"Description": column.description}
    if column.unit:
        entry["Units"] = column.unit
    levels = {"verdict": VERDICTS, "reason": REASONS}.get(column.name)
    return entry | (
        {"Levels": {k: _sentence(text) for k, text in levels.items()}} if levels else {}
    )


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def write_side_car(path: Path, columns: Sequence[Column]) -> None:
    """Write a BIDS side-car, atomically (see `side_car`)."""
    write_json(path, side_car(columns))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON atomically: pure ASCII, indented, keys in the order given."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def write_tables(folder: Path, found: Detections) -> None:
    """Write the tables of a recording and their side-cars into a folder that exists.

    `events.tsv`, `summary.tsv`, `excluded.tsv`, `units.tsv`, `minutes.tsv`, `synchrony.tsv` and
    `recovery.tsv`, each with a `.json` that describes its columns.
    """
    for name, frame in _frames(found).items():
        write_table(folder / f"{name}.tsv", frame, tables.TABLES[name])
        write_side_car(folder / f"{name}.json", tables.TABLES[name])


def _frames(found: Detections) -> dict[str, pd.DataFrame]:
    """The tables of a recording by the stems of their files."""
    from emgdetect.stats.recovered import recovery_table
    from emgdetect.stats.tables import summarise_minutes, summarise_synchrony, summarise_units

    return {
        "events": found.events,
        "summary": found.summary,
        "excluded": found.excluded,
        "units": summarise_units(found.events, found.facts),
        "minutes": summarise_minutes(found.events, found.facts, excluded=found.excluded),
        "synchrony": summarise_synchrony(found.events, found.facts),
        "recovery": recovery_table(found.recovery),
    }
