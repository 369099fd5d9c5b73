"""The page of the whole batch."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

from emgdetect.batch.mixture import mixed_in
from emgdetect.batch.results import MARK, REPORT, read_mark
from emgdetect.batch.status import STATUS, read_status

REMOVED = (
    "The page of an earlier run was removed, as the tables changed; "
    "`emgdetect summary` makes it anew."
)
"""Said where it went."""

_GENERATOR = b'<meta name="generator" content="emgdetect'
"""By this a page is known as ours; others in the folder are left alone."""

_HEAD = 4096
"""Bytes at the beginning of a page among which it says which tables it was made from."""


def has_reports(out: Path) -> bool:
    """Whether any recording in a folder of results has a page of its own."""
    return any(out.glob(f"*/{REPORT}"))


def write_page(out: Path) -> None:
    """Write the page of all recordings in a folder, from its joint tables.

    Raises
    ------
    OSError
        If a table cannot be read or the page not be written.
    """
    import pandas as pd

    from emgdetect.report import write_batch_report

    made_from = _tables_digest(out)
    summary, status = (
        pd.read_csv(out / name, sep="\t", na_values="n/a", keep_default_na=False)
        for name in ("summary.tsv", STATUS)
    )
    write_batch_report(
        summary, status, out / REPORT,
        needles=_needles(out), differs=mixed_in(out), made_from=made_from,
    )  # fmt: skip


def remove_stale_page(out: Path, *, said: Callable[[str], None]) -> None:
    """Remove the page if it was made from other tables than stand beside it, and say so."""
    page = out / REPORT
    with contextlib.suppress(OSError):
        if page.is_file() and _is_stale(page):
            page.unlink()
            said(REMOVED)


def _is_stale(page: Path) -> bool:
    """Whether a page is one of ours, made from other tables than stand beside it."""
    with page.open("rb") as file:
        head = file.read(_HEAD)
    return _GENERATOR in head and _tables_digest(page.parent).encode() not in head


def _tables_digest(out: Path) -> str:
    """Hash of what a page is made from: the joint tables, but for how long each recording took."""
    digest = hashlib.sha256((out / "summary.tsv").read_bytes())
    for name, row in sorted(read_status(out / STATUS).items()):
        digest.update("\t".join([name, row.status, row.code, row.message, "\n"]).encode())
    return digest.hexdigest()


def _needles(out: Path) -> tuple[str, ...]:
    """Recordings that are of needles, in order: their rates stand beside those of the surface."""
    folders = sorted(mark.parent for mark in out.glob(f"*/{MARK}"))
    return tuple(f.name for f in folders if _kind(f) == "needle")


def _kind(folder: Path) -> str:
    """What a recording is of; empty where that is not known."""
    about = (read_mark(folder) or {}).get("recording")
    return str(about.get("kind", "")) if isinstance(about, dict) else ""
