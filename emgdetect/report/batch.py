"""One page per batch: which recordings are done, and the rates of all sites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emgdetect.report.figures import picture
from emgdetect.report.numbers import number, plural, span_of_time
from emgdetect.report.render import render
from emgdetect.report.tables import between, records
from emgdetect.report.words import flag, sentence
from emgdetect.writers.atomic import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

N_SITES = 1000
"""Sites listed, at most; `summary.tsv` holds all of them."""


N_NAMES = 12
"""Needle recordings named above the rates, at most; each says so on its own page."""


def write_batch_report(
    summary: pd.DataFrame,
    status: pd.DataFrame,
    path: str | Path,
    *,
    needles: Sequence[str] = (),
) -> None:
    """Write the page of a batch: self-contained but for links to the recordings' own pages.

    Parameters
    ----------
    summary : DataFrame
        The joint summary: `recording`, then the columns of `emgdetect.columns.SUMMARY`.
    status : DataFrame
        Columns `input`, `recording`, `status`, `code`, `message`, `seconds`.
    path : str or Path
        File to write, in the folder that holds the recordings' folders.
    needles : sequence of str
        Recordings that are of needles; the page warns of comparing them.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    folder = Path(path).parent
    with_page = {
        name for name in map(str, status["recording"]) if (folder / name / "report.html").is_file()
    }
    write_text(Path(path), batch_html(summary, status, with_page=with_page, needles=needles))


def batch_html(
    summary: pd.DataFrame,
    status: pd.DataFrame,
    *,
    with_page: set[str],
    needles: Sequence[str] = (),
) -> str:
    """The page of a batch as text; recordings `with_page` are linked, `needles` warned of."""
    from emgdetect.plot import plot_batch

    failed = [row for row in records(status) if row["status"] != "done"]
    n_done = len(status) - len(failed)
    return render(
        "batch.html",
        abstract=f"{plural(n_done, 'recording')} done, {number(len(failed))} failed.",
        failed=failed,
        needles=_first(needles),
        rows=[_row(row, with_page) for row in records(summary.head(N_SITES))],
        n_hidden=max(len(summary) - N_SITES, 0),
        overview=picture(
            plot_batch(summary),
            "Rates of all recordings",
            "Fasciculations per analysed minute; in brackets where less than a minute was "
            "analysed; crossed where a site was not recorded, or too little analysed for a rate.",
        ),
    )


def _first(names: Sequence[str]) -> str:
    """The first `N_NAMES` of some names in a line; empty if there are none."""
    more = len(names) - N_NAMES
    return ", ".join(names[:N_NAMES]) + (f" and {number(more)} more" if more > 0 else "")


def _row(row: dict[str, Any], with_page: set[str]) -> dict[str, str]:
    """One site of one recording as texts."""
    name = str(row["recording"])
    return {
        "recording": name,
        "link": f"{quote(name)}/report.html" if name in with_page else "",
        "site": str(row["site"]),
        "analysed": span_of_time(row["analysed_s"]),
        "n": number(row["n_fasciculations"]),
        "rate": number(row["rate_per_min"]),
        "interval": between(row["rate_low"], row["rate_high"]),
        "detectable": number(row.get("detectable_uv")),
        "flag": flag(row.get("rate_flag")),
        "sentence": sentence(row),
    }
