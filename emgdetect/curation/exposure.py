"""Counts and analysed time of a recording as reviewed: what rates and comparisons start from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.curation.tables import read_summary, reviewed_events, reviewed_excluded

if TYPE_CHECKING:
    import pandas as pd

Spans = NDArray[np.float64]


def reviewed_counts(folder: Path) -> pd.DataFrame:
    """Fasciculations and analysed seconds of each site as reviewed.

    Parameters
    ----------
    folder : Path
        Of one recording, reviewed or not.

    Returns
    -------
    DataFrame
        `site`, `n_fasciculations`, `analysed_s` in the order of ``summary.tsv``, whose numbers
        they are if nothing was decided; analysed time is less by what the reviewer excluded and
        the detector had not.
    """
    summary = read_summary(folder / "summary.tsv")
    events, excluded = reviewed_events(folder), reviewed_excluded(folder)
    counted = events[events["verdict"] == "fasciculation"].groupby("site").size()
    detector = excluded["by"] == "detector"
    lost = [
        _length_s(excluded[excluded["site"] == site])
        - _length_s(excluded[detector & (excluded["site"] == site)])
        for site in summary["site"]
    ]
    return summary[["site"]].assign(
        n_fasciculations=[int(counted.get(site, 0)) for site in summary["site"]],
        analysed_s=np.maximum(summary["analysed_s"].to_numpy(dtype=np.float64) - lost, 0.0),
    )


def union(spans: Iterable[Sequence[float]]) -> Spans:
    """Spans joined where they touch or overlap.

    Parameters
    ----------
    spans : iterable of (start, stop)
        In any order.

    Returns
    -------
    ndarray, shape (n, 2)
        In order, apart from each other; shape (0, 2) if there are none.
    """
    joined: list[list[float]] = []
    for start, stop in sorted((float(a), float(b)) for a, b in spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return np.array(joined, dtype=np.float64).reshape(-1, 2)


def subtract(spans: Iterable[Sequence[float]], holes: Iterable[Sequence[float]]) -> Spans:
    """What is left of spans without the holes.

    Parameters
    ----------
    spans, holes : iterable of (start, stop)
        Spans in order, not overlapping; holes in any order, overlapping as they like.

    Returns
    -------
    ndarray, shape (n, 2)
        In order; shape (0, 2) if nothing is left.
    """
    left = [(float(start), float(stop)) for start, stop in spans]
    for low, high in union(holes).tolist():
        pieces = [((a, min(b, low)), (max(a, high), b)) for a, b in left]
        left = [(a, b) for pair in pieces for a, b in pair if a < b]
    return np.array(left, dtype=np.float64).reshape(-1, 2)


def _length_s(excluded: pd.DataFrame) -> float:
    stops = excluded["onset"] + excluded["duration"]
    spans = union(zip(excluded["onset"], stops, strict=True))
    return float(np.sum(spans[:, 1] - spans[:, 0]))
