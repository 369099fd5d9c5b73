"""The joint summary: every site of every recording in one table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from emgdetect.batch.mixture import mixed, settings_digest
from emgdetect.batch.ours import is_our_comparison
from emgdetect.batch.results import read_mark
from emgdetect.batch.status import STATUS, complete_results, read_status
from emgdetect.batch.twice import twice
from emgdetect.columns import JOINT, REVIEWED, TABLES
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
    results than these goes. Recordings that were reviewed stand in `summary_reviewed.tsv`, too.

    Parameters
    ----------
    out : Path
    said : callable, optional
        Told in a sentence what was removed, whether the results were made in different ways, and
        which are of the same content.

    Returns
    -------
    int
        Number of recordings joined.
    """
    folders = complete_results(out)
    marks = {folder.name: read_mark(folder) for folder in folders}
    status = read_status(out / STATUS)
    tails = {
        name: [
            status[name].code if name in status else MISSING,
            settings_digest(mark) if mark else MISSING,
            *_entities(name),
        ]
        for name, mark in marks.items()
    }
    text = _joined({folder.name: _table(folder / SUMMARY) for folder in folders}, tails)
    if not _stands(out / SUMMARY, text) and _remove_comparison(out) and said:
        said(REMOVED)
    write_text(out / SUMMARY, text)
    n_reviewed = _write_reviewed(out, folders, tails)
    with contextlib.suppress(OSError):  # without them, as on a full disk, the tables are no worse
        _write_side_cars(out)
    if said and n_reviewed:
        said(f"As reviewed, {n_reviewed} of {len(folders)}: {out / REVIEWED}")
    known = {name: mark for name, mark in marks.items() if mark}
    for told in filter(None, (mixed(known.values()), twice(known))):
        if said:
            said(told)
    return len(folders)


def _joined(parts: Mapping[str, list[list[str]]], tails: Mapping[str, list[str]]) -> str:
    """The tables of recordings as one: header and rows as they stand, with further cells behind.

    Where no table has a header, the columns are those that the program would write.
    """
    columns = list(dict.fromkeys(name for rows in parts.values() for name in rows[0]))
    columns = columns or [column.name for column in TABLES["summary"]]
    lines = [[JOINT[0].name, *columns, *(column.name for column in JOINT[1:])]]
    for recording, (header, *rows) in parts.items():
        for row in rows:
            cells = dict(zip(header, row, strict=False))
            lines.append([recording, *(cells.get(c, MISSING) for c in columns), *tails[recording]])
    return "\n".join("\t".join(line) for line in lines) + "\n"


def _write_reviewed(out: Path, folders: list[Path], tails: Mapping[str, list[str]]) -> int:
    """Join the summaries of recordings that were reviewed; returns how many were.

    Without any there is no such table.
    """
    reviewed = reviewed_folders(folders)
    if not reviewed:
        (out / REVIEWED).unlink(missing_ok=True)
        (out / REVIEWED).with_suffix(".json").unlink(missing_ok=True)
        return 0
    parts = {folder.name: _table(folder / REVIEWED) for folder in reviewed}
    write_text(out / REVIEWED, _joined(parts, tails))
    return len(reviewed)


def reviewed_folders(folders: Iterable[Path]) -> list[Path]:
    """Those of some result folders that hold a summary as reviewed, by decisions that stand."""
    with_one = [folder for folder in folders if (folder / REVIEWED).is_file()]
    if not with_one:
        return []
    from emgdetect.curation import was_reviewed

    return [folder for folder in with_one if was_reviewed(folder)]


def _stands(path: Path, text: str) -> bool:
    """Whether a file holds this text already."""
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _remove_comparison(out: Path) -> bool:
    """Remove a comparison that other results were compared in; whether there was one.

    Files of these names that are somebody else's stay.
    """
    paths = [out / name for name in COMPARED]
    found = [path for path in paths if path.is_file() and is_our_comparison(path)]
    for path in found:
        path.unlink()
    return bool(found)


def _write_side_cars(out: Path) -> None:
    first, *last = JOINT
    write_side_car((out / SUMMARY).with_suffix(".json"), [first, *TABLES["summary"], *last])
    if (out / REVIEWED).is_file():
        from emgdetect.stats.reviewed import COLUMNS as BY_REVIEW

        columns = [first, *TABLES["summary"], *BY_REVIEW, *last]
        write_side_car((out / REVIEWED).with_suffix(".json"), columns)
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
