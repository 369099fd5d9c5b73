"""The tables of one recording's folder, as detected and as reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect.columns import EVENTS, EXCLUDED, JOINT, SUMMARY, Column, empty
from emgdetect.curation.replay import replay, replay_excluded
from emgdetect.curation.trail import FILE_NAME, read_trail, standing

if TYPE_CHECKING:
    import pandas as pd

_TEXT = frozenset(c.name for c in (*EVENTS, *EXCLUDED, *JOINT) if c.dtype == "object")


def read_table(path: Path, columns: tuple[Column, ...] = ()) -> pd.DataFrame:
    """Read a tab-separated table with `n/a` for missing values.

    Parameters
    ----------
    path : Path
    columns : tuple of Column
        Dtypes to give to the columns that are there; the table's own come first, in its order.

    Returns
    -------
    DataFrame
        Names that look like numbers or like `NA` stay text.

    Raises
    ------
    FileNotFoundError
    """
    import pandas as pd

    out = pd.read_csv(
        path, sep="\t", na_values=["n/a"], keep_default_na=False, quoting=3,
        dtype=dict.fromkeys(_TEXT, "object"),
    )  # fmt: skip
    known = {c.name: c.dtype for c in columns if c.name in out.columns}
    return out.astype(known)


def read_summary(path: Path) -> pd.DataFrame:
    """Read a `summary.tsv`, of one recording or joint, as `found.summary` has it.

    Counts stay whole numbers where one of them is missing, as that of a recording of which nothing
    could be analysed.

    Raises
    ------
    FileNotFoundError
    ValueError
        If it is no such table.
    """
    try:
        return read_table(path, (*JOINT, *SUMMARY))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path.name} cannot be read as a table of sites: {error}") from error


def reviewed_events(folder: Path, *, trail: Path | None = None) -> pd.DataFrame:
    """The events of a recording as reviewed, to count and to measure.

    Parameters
    ----------
    folder : Path
        Of one recording: ``events.tsv`` and, if it was reviewed, ``reviewed.tsv``.
    trail : Path, optional
        Where the decisions stand if not there.

    Returns
    -------
    DataFrame
        Columns of `events.tsv` with `verdict_detected`, `judged`, `added`
        (see `emgdetect.curation.replay`), without the potentials in time that the reviewer
        excluded. Equals `events.tsv` in all other columns if nothing was decided.
    """
    decisions = read_trail(trail or folder / FILE_NAME).decisions
    every = replay(read_table(folder / "events.tsv", EVENTS), decisions)
    kept = every[~every["outside"].astype(bool)]
    return kept.drop(columns="outside").reset_index(drop=True)


def reviewed_excluded(folder: Path, *, trail: Path | None = None) -> pd.DataFrame:
    """The excluded spans of a recording as reviewed; may overlap; see `replay_excluded`."""
    decisions = read_trail(trail or folder / FILE_NAME).decisions
    path, summary = folder / "excluded.tsv", folder / "summary.tsv"
    excluded = read_table(path, EXCLUDED) if path.exists() else empty(EXCLUDED)
    sites = read_summary(summary)["site"].tolist() if summary.exists() else []
    return replay_excluded(excluded, decisions, sites=sites)


def was_reviewed(folder: Path) -> bool:
    """Whether any decision of a reviewer stands for this recording."""
    return bool(standing(read_trail(folder / FILE_NAME).decisions))
