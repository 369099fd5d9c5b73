"""One page per batch: which recordings are done, and the rates of all sites."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emgdetect.cautions import WORDS, cautions, in_words
from emgdetect.report.figures import Picture, picture
from emgdetect.report.numbers import MISSING, number, plural, span_of_time
from emgdetect.report.render import render
from emgdetect.report.tables import between, records
from emgdetect.report.words import flag, sentence, sentence_of_needle
from emgdetect.writers.atomic import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from emgdetect.cautions import Caution

N_SITES = 1000
"""Sites listed, at most; `summary.tsv` holds all of them."""


CAPTION = (
    "Fasciculations per analysed minute, on a colour scale that follows their square root; in "
    "brackets where less than a minute was analysed; crossed where a site was not recorded, or too "
    "little analysed for a rate."
)

EARLIER = "of an earlier run"
"""Said of numbers whose recording failed when it was analysed anew."""

N_REMARKS = 3
"""Remarks on one recording, at most; its own page has all of them."""

N_NAMES = 12
"""Needle recordings named above the rates, at most; each says so on its own page."""


@dataclass(frozen=True, kw_only=True)
class AboutBatch:
    """What a reader must know of the results of a batch beside their numbers.

    Attributes
    ----------
    needles : sequence of str
        Recordings that are of needles; the page warns of comparing them and shows no rate of them.
    remarks : mapping
        By recording, sentences on what was repaired in it or is to be looked at.
    warned : mapping
        By recording, code and message of each warning; those that touch a rate stand beside it.
    n_reviewed : int
        Recordings that were reviewed; the numbers of the page are those before.
    differs : str
        What differs in how the results were made; empty if nothing does.
    twice : str
        Which recordings are of the same content; empty if none are.
    made_from : str
        What tells the tables the page is made from; it stands in the head of the page.
    """

    needles: Sequence[str] = ()
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warned: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    n_reviewed: int = 0
    differs: str = ""
    twice: str = ""
    made_from: str = ""


def write_batch_report(
    summary: pd.DataFrame,
    status: pd.DataFrame,
    path: str | Path,
    *,
    about: AboutBatch | None = None,
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
    about : AboutBatch, optional

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    folder = Path(path).parent
    with_page = {
        name for name in map(str, status["recording"]) if (folder / name / "report.html").is_file()
    }
    write_text(Path(path), batch_html(summary, status, with_page=with_page, about=about))


def batch_html(
    summary: pd.DataFrame,
    status: pd.DataFrame,
    *,
    with_page: set[str],
    about: AboutBatch | None = None,
) -> str:
    """The page of a batch as text; recordings `with_page` are linked."""
    about = about or AboutBatch()
    failed = [row for row in records(status) if row["status"] != "done"]
    earlier = {str(row["recording"]) for row in failed} & set(map(str, summary["recording"]))
    return render(
        "batch.html",
        abstract=_abstract(len(status) - len(failed), len(failed), len(earlier)),
        failed=failed,
        needles=_first(about.needles),
        remarks=[_remark(name, about.remarks[name]) for name in sorted(about.remarks)[:N_SITES]],
        n_remarks_hidden=max(len(about.remarks) - N_SITES, 0),
        reviewed=_reviewed(about.n_reviewed),
        cautions=[caution for caution in (about.differs, about.twice) if caution],
        made_from=about.made_from,
        rows=_rows(summary, with_page, earlier, about),
        n_hidden=max(len(summary) - N_SITES, 0),
        overview=_overview(summary[~summary["recording"].isin(about.needles)]),
    )


def _overview(summary: pd.DataFrame) -> Picture | None:
    from emgdetect.plot import plot_batch

    return (
        None if summary.empty else picture(plot_batch(summary), "Rates of all recordings", CAPTION)
    )


def _abstract(n_done: int, n_failed: int, n_earlier: int) -> str:
    """How many recordings are done and failed, and of how many of these older numbers are shown."""
    said = f"{plural(n_done, 'recording')} done, {number(n_failed)} failed"
    of_them = "it" if n_failed == 1 else f"{number(n_earlier)} of them"
    return (
        f"{said}; of {of_them} the numbers of an earlier run are shown."
        if n_earlier
        else f"{said}."
    )


def _reviewed(n: int) -> str:
    return f"{plural(n, 'recording')} {'was' if n == 1 else 'were'}" if n else ""


def _first(names: Sequence[str]) -> str:
    """The first `N_NAMES` of some names in a line; empty if there are none."""
    more = len(names) - N_NAMES
    return ", ".join(names[:N_NAMES]) + (f" and {number(more)} more" if more > 0 else "")


def _remark(name: str, sentences: Sequence[str]) -> dict[str, str]:
    """The first remarks on a recording as texts; its own page has all of them."""
    more = len(sentences) - N_REMARKS
    said = [*sentences[:N_REMARKS], f"And {number(more)} more." if more > 0 else ""]
    return {"recording": name, "remarks": " ".join(filter(None, said))}


def _rows(
    summary: pd.DataFrame, with_page: set[str], earlier: set[str], about: AboutBatch
) -> list[dict[str, str]]:
    """The first sites as texts; recordings `with_page` are linked, of those in `earlier` the newest
    attempt failed."""
    told: dict[str, dict[str, tuple[Caution, ...]]] = {}
    rows = []
    for row in records(summary.head(N_SITES)):
        name = str(row["recording"])
        if name not in told:
            sites = list(summary.loc[summary["recording"] == name, "site"])
            told[name] = cautions(about.warned.get(name, ()), sites)
        shown = _of_needle(row) if name in about.needles else _of_surface(row, told[name])
        rows.append({
            "recording": name, "link": f"{quote(name)}/report.html" if name in with_page else "",
            "site": str(row["site"]), "analysed": span_of_time(row["analysed_s"]),
            "n": number(row["n_fasciculations"]), **shown,
            "flag": "; ".join(filter(None, [shown["flag"], EARLIER if name in earlier else ""])),
        })  # fmt: skip
    return rows


def _of_surface(row: dict[str, Any], told: Mapping[str, Sequence[Caution]]) -> dict[str, str]:
    """The rate of a site with what is to be known of it."""
    own = told.get(str(row["site"]), ())
    return {
        "rate": number(row["rate_per_min"]),
        "interval": between(row["rate_low"], row["rate_high"]),
        "detectable": number(row.get("detectable_uv")),
        "flag": in_words(own, told.get("", ()), flag(row.get("rate_flag"))),
        "sentence": sentence(row, warned=[caution.sentence for caution in own]),
    }


def _of_needle(row: dict[str, Any]) -> dict[str, str]:
    """No rate and no amplitude: they must not stand beside those of the surface."""
    return {
        "rate": MISSING, "interval": MISSING, "detectable": MISSING,
        "flag": WORDS["needle-recording"], "sentence": sentence_of_needle(row),
    }  # fmt: skip
