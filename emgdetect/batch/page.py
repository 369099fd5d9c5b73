"""The page of the whole batch."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emgdetect.batch.joint import reviewed_folders
from emgdetect.batch.mixture import mixed
from emgdetect.batch.ours import is_our_page
from emgdetect.batch.results import REPORT, read_mark
from emgdetect.batch.status import STATUS, complete_results, read_status
from emgdetect.batch.twice import twice

REMOVED = (
    "The page of an earlier run was removed, as the tables changed; "
    "`emgdetect summary` makes it anew."
)
"""Said where it went."""

LOST = (
    "The page of all recordings could not be made: {why} The tables are complete; "
    "the same command tries again."
)
"""Said where the page is not there though it was asked for."""

_HEAD = 4096
"""Bytes at the beginning of a page among which it says which tables it was made from."""


class PageError(Exception):
    """The page of a folder could not be made; its tables are complete."""


def has_reports(out: Path) -> bool:
    """Whether any recording in a folder of results has a page of its own."""
    return any(out.glob(f"*/{REPORT}"))


def may_have_page(out: Path) -> bool:
    """Whether a page would replace none but our own."""
    return not os.path.lexists(out / REPORT) or is_our_page(out / REPORT)


def write_page(out: Path) -> None:
    """Write the page of all recordings in a folder, from its joint tables.

    Raises
    ------
    OSError
        If a table cannot be read or the page not be written.
    """
    from emgdetect.curation import read_summary, read_table
    from emgdetect.report import AboutBatch, write_batch_report

    made_from = _tables_digest(out)
    summary, status = read_summary(out / "summary.tsv"), read_table(out / STATUS)
    marks = _marks(out)
    about = AboutBatch(
        needles=_needles(marks), remarks=_remarks(marks), warned=_warned(marks),
        differs=mixed(marks.values()),
        n_reviewed=len(reviewed_folders(out / name for name in marks)), made_from=made_from,
        twice=twice(marks),
    )  # fmt: skip
    write_batch_report(summary, status, out / REPORT, about=about)


def _marks(out: Path) -> dict[str, dict[str, Any]]:
    """What tells how each result came about, by recording, in order."""
    marks = {folder.name: read_mark(folder) for folder in complete_results(out)}
    return {name: mark for name, mark in marks.items() if mark}


def remove_stale_page(out: Path, *, said: Callable[[str], None]) -> None:
    """Remove the page if it was made from other tables than stand beside it, and say so."""
    page = out / REPORT
    with contextlib.suppress(OSError):
        if page.is_file() and _is_stale(page):
            page.unlink()
            said(REMOVED)


def _is_stale(page: Path) -> bool:
    """Whether a page is one of ours, made from other tables than stand beside it.

    Others in the folder are left alone.
    """
    if not is_our_page(page):
        return False
    with page.open("rb") as file:
        return _tables_digest(page.parent).encode() not in file.read(_HEAD)


def _tables_digest(out: Path) -> str:
    """Hash of what a page is made from: the joint tables, but for how long each recording took."""
    digest = hashlib.sha256((out / "summary.tsv").read_bytes())
    for name, row in sorted(read_status(out / STATUS).items()):
        digest.update("\t".join([name, row.status, row.code, row.message, "\n"]).encode())
    return digest.hexdigest()


def _needles(marks: Mapping[str, dict[str, Any]]) -> tuple[str, ...]:
    """Recordings that are of needles, in order: their rates stand beside those of the surface."""
    return tuple(name for name, mark in marks.items() if _kind(mark) == "needle")


def _kind(mark: Mapping[str, Any]) -> str:
    """What a recording is of; empty where that is not known."""
    about = mark.get("recording")
    return str(about.get("kind", "")) if isinstance(about, dict) else ""


def _remarks(marks: Mapping[str, dict[str, Any]]) -> dict[str, list[str]]:
    """What was repaired in recordings, or is to be looked at, each sentence once."""
    told = {name: _sentences(mark) for name, mark in marks.items()}
    return {name: said for name, said in told.items() if said}


def _warned(marks: Mapping[str, dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Code and message of each warning of recordings."""
    return {
        name: [(str(e.get("code")), str(e.get("message"))) for e in _entries(mark, ("warning",))]
        for name, mark in marks.items()
    }


def _entries(mark: Mapping[str, Any], severities: tuple[str, ...]) -> list[dict[str, Any]]:
    """The findings of a mark that are of some severities."""
    findings = mark.get("findings")
    entries = findings if isinstance(findings, list) else []
    known = [entry for entry in entries if isinstance(entry, dict)]
    return [entry for entry in known if entry.get("severity") in severities]


def _sentences(mark: Mapping[str, Any]) -> list[str]:
    kept = _entries(mark, ("repaired", "warning"))
    return list(dict.fromkeys(f"{entry.get('message')} ({entry.get('code')})" for entry in kept))
