"""The page of the whole batch."""

from __future__ import annotations

from pathlib import Path

from emgdetect.batch.results import MARK, REPORT, read_mark


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

    summary, status = (
        pd.read_csv(out / name, sep="\t", na_values="n/a", keep_default_na=False)
        for name in ("summary.tsv", "status.tsv")
    )
    write_batch_report(summary, status, out / REPORT, needles=_needles(out))


def _needles(out: Path) -> tuple[str, ...]:
    """Recordings that are of needles, in order: their rates stand beside those of the surface."""
    folders = sorted(mark.parent for mark in out.glob(f"*/{MARK}"))
    return tuple(f.name for f in folders if _kind(f) == "needle")


def _kind(folder: Path) -> str:
    """What a recording is of; empty where that is not known."""
    about = (read_mark(folder) or {}).get("recording")
    return str(about.get("kind", "")) if isinstance(about, dict) else ""
