"""The page of the whole batch."""

from __future__ import annotations

from pathlib import Path

from emgdetect.batch.results import REPORT


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
    write_batch_report(summary, status, out / REPORT)
