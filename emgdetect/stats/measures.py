"""Outcome measures of a site or unit: one function each, arrays in, a number out.

Times are peaks of counted potentials in s, `spans` the analysed spans in s. What cannot be told
from too few potentials is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.stats.exposure import as_spans, inside, span_index

Floats = NDArray[np.floating[Any]]

SHORT_INTERVAL_S = 0.1
"""Intervals below this are short (Tamborska 2020); also what merges an initiation."""

ISOLATION_S = 0.25
"""Silence on both sides that makes a potential isolated (Sleutjes 2016)."""


def quartiles(values: ArrayLike) -> tuple[float, float, float]:
    """First quartile, median and third quartile of the finite values; NaN if there are none."""
    data = _finite(values)
    if not len(data):
        return float("nan"), float("nan"), float("nan")
    q1, median, q3 = np.quantile(data, [0.25, 0.5, 0.75])
    return float(q1), float(median), float(q3)


def quartile_dispersion(values: ArrayLike) -> float:
    """Quartile coefficient of dispersion (q3 - q1) / (q3 + q1); NaN below two finite values."""
    if len(_finite(values)) < 2:
        return float("nan")
    q1, _, q3 = quartiles(values)
    return (q3 - q1) / (q3 + q1) if q3 + q1 > 0 else float("nan")


def median(values: ArrayLike) -> float:
    """Median of the finite values; NaN if there are none."""
    return quartiles(values)[1]


def intervals(time_s: ArrayLike, spans: ArrayLike) -> Floats:
    """Times between successive potentials of one analysed span.

    Returns
    -------
    ndarray of float, shape (n_intervals,)
        In order of time; none spans a hole in the analysed time.
    """
    times = inside(time_s, spans)
    same = np.diff(span_index(times, spans)) == 0
    gaps: Floats = np.diff(times)[same]
    return gaps


def interval_median_s(time_s: ArrayLike, spans: ArrayLike) -> float:
    """Median interval between successive potentials; NaN if there is none."""
    return median(intervals(time_s, spans))


def interval_median_poisson_s(rate_per_min: float) -> float:
    """Median interval of a Poisson process: ln 2 / rate per s; NaN without a rate."""
    return float(np.log(2) * 60 / rate_per_min) if rate_per_min > 0 else float("nan")


def short_interval_share(time_s: ArrayLike, spans: ArrayLike) -> float:
    """Share of potentials followed by the next within 100 ms (Tamborska 2020).

    Potentials less than 100 ms before the end of their span are left out, since what followed
    is not known; a Poisson process gives `short_interval_share_poisson` on average.
    """
    _, after, _, right = _surroundings(time_s, spans)
    known = right >= SHORT_INTERVAL_S
    return _share(after[known] < SHORT_INTERVAL_S)


def short_interval_share_poisson(rate_per_min: float) -> float:
    """Share of intervals below 100 ms in a Poisson process: 1 - exp(-0.1 rate per s)."""
    return float(-np.expm1(-SHORT_INTERVAL_S * rate_per_min / 60))


def isolated_share(time_s: ArrayLike, spans: ArrayLike) -> float:
    """Share of potentials with more than 250 ms of silence on both sides (Sleutjes 2016).

    Potentials less than 250 ms from an end of their span are left out, since their surroundings
    are not known; a Poisson process gives `isolated_share_poisson` on average.
    """
    before, after, left, right = _surroundings(time_s, spans)
    known = (left >= ISOLATION_S) & (right >= ISOLATION_S)
    return _share((before[known] > ISOLATION_S) & (after[known] > ISOLATION_S))


def isolated_share_poisson(rate_per_min: float) -> float:
    """Isolated share in a Poisson process: exp(-0.5 rate per s)."""
    return float(np.exp(-2 * ISOLATION_S * rate_per_min / 60))


def longest_silence_s(time_s: ArrayLike, spans: ArrayLike) -> float:
    """Longest stretch of one analysed span without a potential; NaN without analysed time."""
    array, times = as_spans(spans), inside(time_s, spans)
    points = np.sort(np.concatenate([array.ravel(), times]))
    if not len(points):
        return float("nan")
    middles = (points[1:] + points[:-1]) / 2
    gaps = np.diff(points)[span_index(middles, array) >= 0]
    return float(np.max(gaps, initial=0.0))


def n_initiations(time_s: ArrayLike, units: ArrayLike) -> int:
    """Potentials after merging those of one unit that follow each other within 100 ms.

    Parameters
    ----------
    time_s : array_like, shape (n,)
    units : array_like of float, shape (n,)
        Unit of each potential; the unassigned ones (NaN) are taken as one group.

    Returns
    -------
    int
    """
    times, labels = np.asarray(time_s, dtype=np.float64), np.asarray(units, dtype=np.float64)
    labels = np.where(np.isnan(labels), 0.0, labels)
    order = np.lexsort((times, labels))
    times, labels = times[order], labels[order]
    follows = (np.diff(times) < SHORT_INTERVAL_S) & (np.diff(labels) == 0)
    return len(times) - int(np.sum(follows))


def n_units(units: ArrayLike) -> int:
    """Number of units among the potentials; unassigned ones (NaN) belong to none."""
    return len(np.unique(_finite(units)))


def top_unit_share(units: ArrayLike) -> float:
    """Share of the most active unit among the potentials that belong to one; NaN if none does."""
    assigned = _finite(units)
    if not len(assigned):
        return float("nan")
    return float(np.max(np.unique(assigned, return_counts=True)[1]) / len(assigned))


def n_at_least(values: ArrayLike, limit: float) -> int:
    """Number of values at or above a limit; missing ones are not."""
    return int(np.sum(_finite(values) >= limit))


def _finite(values: ArrayLike) -> Floats:
    data = np.asarray(values, dtype=np.float64)
    return data[np.isfinite(data)]


def _share(hits: NDArray[np.bool_]) -> float:
    return float(np.mean(hits)) if len(hits) else float("nan")


def _surroundings(time_s: ArrayLike, spans: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Silence before and after each potential within its span, and distance to the span's ends."""
    array, times = as_spans(spans), inside(time_s, spans)
    index = span_index(times, array)
    bounds = array[index] if len(times) else np.zeros((0, 2))
    left, right = times - bounds[:, 0], bounds[:, 1] - times
    gap = np.where(np.diff(index) == 0, np.diff(times), np.inf) if len(times) > 1 else np.zeros(0)
    edge = np.full(min(len(times), 1), np.inf)
    return np.concatenate([edge, gap]), np.concatenate([gap, edge]), left, right
