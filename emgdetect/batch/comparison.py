"""`emgdetect compare`: the comparison of a folder's recordings, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from emgdetect.batch.inputs import CallError
from emgdetect.columns import COMPARISON
from emgdetect.stats.compare import CAUTION, compare_folder
from emgdetect.writers.cells import safe_text
from emgdetect.writers.tables import write_side_car, write_table

NAME = "comparison"


def compare_sessions(folder: Path, sessions: Path, by: Sequence[str]) -> str:
    """Compare the recordings of a folder by columns of a table of sessions.

    Writes ``comparison.tsv``, with its side-car, into the folder.

    Returns
    -------
    str
        One sentence per site and contrast, what was left out, and how to read it.

    Raises
    ------
    CallError
        If there is no such folder or table.
    ValueError
        If a table cannot be used, a column is missing or no recording matches.
    """
    for path in (folder, sessions):
        if not path.exists():
            raise CallError(f"There is no {path}.")
    found = compare_folder(folder, sessions, by)
    write_table(folder / f"{NAME}.tsv", found.effects, COMPARISON)
    write_side_car(folder / f"{NAME}.json", COMPARISON)
    lines = [*map(str, found.effects["sentence"]), *found.notes, CAUTION]
    return "\n".join(safe_text(line) for line in lines)
