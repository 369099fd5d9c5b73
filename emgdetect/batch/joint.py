"""The joint summary: every site of every recording in one table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from emgdetect.batch.mixture import mixed, settings_digest
from emgdetect.batch.results import MARK, read_mark
from emgdetect.batch.status import STATUS, read_status, result_folders
from emgdetect.columns import JOINT, TABLES
from emgdetect.writers.atomic import write_text
from emgdetect.writers.bids import bids_entities
from emgdetect.writers.cells import MISSING
from emgdetect.writers.tables import write_side_car

SUMMARY = "summary.tsv"
COMPARISON = "comparison"
COMPARED = tuple(f"{COMPARISON}{end}" for end in (".tsv", ".json", "_sessions.tsv",
                                                  "_sessions.json", ".png"))  # fmt: skip
"""What `emgdetect compare` writes from the joint summary; goes when that changes."""

REMOVED = "The comparison of an earlier run was removed; run `emgdetect compare` again."
"""Said where it went."""

ENTITIES = {"participant_id": "sub", "session_id": "ses", "task": "task"}
"""Columns that BIDS names fill, last in the table."""


def write_joint_summary(out: Path, *, said: Callable[[str], None] | None = None) -> int:
    """Write `summary.tsv` from the summaries of all complete results in a folder.

    First column `recording`, then the columns of the recordings' own summaries, then what became
    of the newest attempt by `status.tsv` and a word for the settings, then `participant_id`,
    `session_id` and `task` where names are BIDS; cells are taken over as they stand, rows sorted
    by recording. Its side-car and that of `status.tsv` stand beside it. A comparison of other
    results than these goes.

    Parameters
    ----------
    out : Path
    said : callable, optional
        Told in a sentence what was removed, and whether the results were made in different ways.

    Returns
    -------
    int
        Number of recordings joined.
    """
    folders = [folder for folder in result_folders(out) if (folder / MARK).is_file()]
    parts = {folder.name: _table(folder / SUMMARY) for folder in folders}
    marks = {folder.name: read_mark(folder) for folder in folders}
    columns = list(dict.fromkeys(name for rows in parts.values() for name in rows[0]))
    lines = ["\t".join([JOINT[0].name, *columns, *(column.name for column in JOINT[1:])])]
    status = read_status(out / STATUS)
    for recording, (header, *rows) in parts.items():
        newest = status[recording].code if recording in status else MISSING
        mark = marks[recording]
        tail = [newest, settings_digest(mark) if mark else MISSING, *_entities(recording)]
        for row in rows:
            cells = dict(zip(header, row, strict=False))
            lines.append("\t".join([recording, *(cells.get(c, MISSING) for c in columns), *tail]))
    text = "\n".join(lines) + "\n"
    if not _stands(out / SUMMARY, text) and _remove_comparison(out) and said:
        said(REMOVED)
    write_text(out / SUMMARY, text)
    with contextlib.suppress(OSError):  # without them, as on a full disk, the tables are no worse
        _write_side_cars(out)
    if said and (differs := mixed(mark for mark in marks.values() if mark)):
        said(differs)
    return len(parts)


def _stands(path: Path, text: str) -> bool:
    """Whether a file holds this text already."""
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _remove_comparison(out: Path) -> bool:
    """Remove a comparison that others' results were compared in; whether there was one."""
    found = [out / name for name in COMPARED if (out / name).is_file()]
    for path in found:
        path.unlink()
    return bool(found)


def _write_side_cars(out: Path) -> None:
    first, *last = JOINT
    write_side_car((out / SUMMARY).with_suffix(".json"), [first, *TABLES["summary"], *last])
    write_side_car((out / STATUS).with_suffix(".json"), TABLES["status"])


def _table(path: Path) -> list[list[str]]:
    """Header and rows of a table as text; a header without columns if it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    return [line.split("\t") for line in lines] or [[]]


def _entities(recording: str) -> list[str]:
    found = bids_entities(recording)
    prefix = {"participant_id": "sub-", "session_id": "ses-", "task": ""}
    return [
        f"{prefix[name]}{found[key]}" if key in found else MISSING for name, key in ENTITIES.items()
    ]
