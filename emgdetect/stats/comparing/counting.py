"""What is counted in each recording compared: as reviewed, and no smaller than could be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emgdetect.curation import reviewed_counts, reviewed_events, was_reviewed
from emgdetect.stats.recovered import amplitudes_uv

if TYPE_CHECKING:
    import pandas as pd


def as_reviewed(folder: Path, rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The joined summary with the counts and the analysed time that a review left.

    Parameters
    ----------
    folder : Path
        The folder of results.
    rows : DataFrame
        One row per recording and site, columns `recording`, `site`, `n_fasciculations` and
        `analysed_s`.

    Returns
    -------
    rows : DataFrame
        The same rows; those of recordings that nobody reviewed are unchanged.
    notes : tuple of str
        How many recordings count as reviewed, if any does.

    Raises
    ------
    ValueError
        If the tables of a recording that was reviewed cannot be read.
    """
    counts, seconds = rows["n_fasciculations"].astype(float), rows["analysed_s"].astype(float)
    names = list(dict.fromkeys(rows["recording"]))
    reviewed = [name for name in names if was_reviewed(folder / str(name))]
    for name in reviewed:
        own = _tables_of(folder, name, reviewed_counts).set_index("site")
        chosen = rows["recording"] == name
        counts = counts.mask(chosen, rows["site"].map(own["n_fasciculations"]))
        seconds = seconds.mask(chosen, rows["site"].map(own["analysed_s"]))
    return rows.assign(n_fasciculations=counts, analysed_s=seconds), _told(reviewed, len(names))


def _told(reviewed: list[str], n_recordings: int) -> tuple[str, ...]:
    """What a reader must know of reviews: all alike, or some against others."""
    if not reviewed:
        return ()
    if len(reviewed) == n_recordings:
        return ("All recordings count as reviewed.",)
    return (
        f"{len(reviewed)} of {n_recordings} recordings count as reviewed, the others as detected; "
        "that alone can make a difference in rate.",
    )


def count_above(folder: Path, rows: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Potentials of one site that could have been seen in every recording compared.

    Parameters
    ----------
    folder : Path
        The folder of results.
    rows : DataFrame
        Rows of one site of the joined summary, of `as_reviewed`.

    Returns
    -------
    rows : DataFrame
        With `n_above`.
    above_uv : float
        The largest `detectable_uv` of the rows; NaN if it is known for none: all are counted.

    Raises
    ------
    ValueError
        If the events of a recording cannot be read.
    """
    known = rows["detectable_uv"].to_numpy(float, na_value=np.nan)
    above = float(np.nanmax(known)) if np.isfinite(known).any() else float("nan")
    if not np.isfinite(above):
        return rows.assign(n_above=rows["n_fasciculations"].astype(float)), above
    counts = []
    for recording, site in zip(rows["recording"], rows["site"], strict=True):
        events = _tables_of(folder, recording, reviewed_events)
        own = events[(events["site"] == site) & (events["verdict"] == "fasciculation")]
        counts.append(float(np.sum(amplitudes_uv(own) >= above)))
    return rows.assign(n_above=counts), above


def _tables_of(folder: Path, recording: str, read: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    """What `read` makes of the tables of one recording; a sentence if they are not there."""
    try:
        return read(folder / str(recording))
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(
            f"the tables of {recording} in {folder.name} cannot be read ({error}); "
            "run `emgdetect run` on it again, or `emgdetect summary` if it was removed on purpose"
        ) from error
