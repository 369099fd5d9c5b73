"""`emgdetect compare`: the comparison of a folder's recordings, in words and as a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from emgdetect.batch.inputs import CallError
from emgdetect.batch.joint import COMPARED as WRITTEN
from emgdetect.batch.joint import COMPARISON as NAME
from emgdetect.batch.lock import locked
from emgdetect.batch.mixture import mixed
from emgdetect.batch.ours import is_our_comparison
from emgdetect.batch.results import read_mark
from emgdetect.batch.status import failed_since
from emgdetect.batch.twice import twice
from emgdetect.columns import COMPARED, COMPARISON
from emgdetect.stats.compare import (
    Comparison,
    compare_folder,
    comparison_text,
    require_summary,
)
from emgdetect.stats.comparing.joining import NEEDED
from emgdetect.stats.comparing.levels import parsed
from emgdetect.writers.atomic import replacing
from emgdetect.writers.cells import safe_text
from emgdetect.writers.tables import write_side_car, write_table


def compare_sessions(
    folder: Path, sessions: Path, by: Sequence[str], *, reference: Sequence[str] = ()
) -> str:
    """Compare the recordings of a folder by columns of a table of sessions.

    Writes ``comparison.tsv`` with its side-car, ``comparison_sessions.tsv`` (what was compared)
    and the figure ``comparison.png`` into the folder, which no run may be at work in. Each
    `reference` is `COLUMN=LEVEL`.

    Returns
    -------
    str
        One sentence per site and contrast, what was left out, and how to read it.

    Raises
    ------
    CallError
        If there is no such folder or table, the folder is in use, or what is not of this program
        would be replaced.
    ValueError
        If a table cannot be used, a column is missing or no recording matches.
    """
    if not folder.is_dir():
        raise CallError(f"There is no folder {folder}.")
    if not sessions.exists():
        raise CallError(f"There is no table {sessions}. It needs {NEEDED}.")
    require_summary(folder)
    with locked(folder):
        _refuse_foreign(folder)
        return _compared(folder, sessions, by, reference)


def _refuse_foreign(folder: Path) -> None:
    """Refuse to replace what has the name of a comparison and is none of this program's."""
    for path in (folder / name for name in WRITTEN):
        if os.path.lexists(path) and not is_our_comparison(path):
            raise CallError(f"{safe_text(str(path))} is not of emgdetect and would be replaced: "
                            "move it away.")  # fmt: skip


def _compared(folder: Path, sessions: Path, by: Sequence[str], reference: Sequence[str]) -> str:
    """Compare, write and draw; see `compare_sessions`."""
    found = compare_folder(folder, sessions, by, reference=parsed(reference))
    write_table(folder / f"{NAME}.tsv", found.effects, COMPARISON)
    write_side_car(folder / f"{NAME}.json", COMPARISON)
    write_table(folder / f"{NAME}_sessions.tsv", found.sessions, COMPARED)
    write_side_car(folder / f"{NAME}_sessions.json", COMPARED)
    _draw(folder / f"{NAME}.png", found)
    lines = [
        *comparison_text(found).split("\n"),
        *_cautions(folder, found),
        f"Table and figure: {folder / NAME}.tsv, .png",
    ]
    return "\n".join(safe_text(line) for line in lines)


def _cautions(folder: Path, found: Comparison) -> list[str]:
    """What to know of the results that were compared.

    Made in different ways, of the same content, or of an earlier run: recordings whose newest
    attempt failed are compared by its numbers.
    """
    names = sorted({str(name) for name in found.sessions["recording"]})
    marks = {name: mark for name in names if (mark := read_mark(folder / name))}
    failed = failed_since(folder)
    old = [name for name in names if name in failed]
    earlier = f"The newest attempt failed, numbers of an earlier run: {', '.join(old)}."
    told = (mixed(marks.values()), twice(marks), earlier if old else "")
    return [line for line in told if line]


def _draw(path: Path, found: Comparison) -> None:
    from emgdetect.plot import plot_comparison
    from emgdetect.plot.style import png

    with replacing(path) as temporary:
        temporary.write_bytes(png(plot_comparison(found)))
