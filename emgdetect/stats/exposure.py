"""Analysed time as a clock with holes: its length, its bins and what lies in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.signal.spans import elapsed

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

BESIDE_S = 0.05
"""Seconds from a span of analysed time at which the peak of a potential found in it may stand. Set
by judgement; not measured."""


def as_spans(spans: ArrayLike) -> Floats:
    """Spans as an array, checked.

    Parameters
    ----------
    spans : array_like, shape (n_spans, 2)
        Start and stop in s, in order, not overlapping.

    Returns
    -------
    ndarray of float, shape (n_spans, 2)
        Shape (0, 2) if there are none.

    Raises
    ------
    ValueError
        If a span ends before it starts, or spans overlap or stand out of order.
    """
    array = np.asarray(spans, dtype=np.float64).reshape(-1, 2)
    if not np.all(np.diff(array.ravel()) >= 0):
        raise ValueError(f"spans must be in order and must not overlap, got {array.tolist()}")
    return array


def total_s(spans: ArrayLike) -> float:
    """Length of all spans together in s; 0 if there are none."""
    array = as_spans(spans)
    return float(np.sum(array[:, 1] - array[:, 0]))


def analysed_before_s(time_s: ArrayLike, spans: ArrayLike) -> Floats:
    """Analysed time that has passed at each clock time.

    Parameters
    ----------
    time_s : array_like, shape (n,)
        Times of the recording's clock in s.
    spans : array_like, shape (n_spans, 2)
        Analysed spans in s.

    Returns
    -------
    ndarray of float, shape (n,)
        Seconds of the spans that lie before each time; zeros if there are no spans.
    """
    return elapsed(as_spans(spans), time_s)


def bin_exposure_s(edges_s: ArrayLike, spans: ArrayLike) -> Floats:
    """Analysed seconds within each bin of the clock.

    Parameters
    ----------
    edges_s : array_like, shape (n_bins + 1,)
        Edges in s, ascending.
    spans : array_like, shape (n_spans, 2)

    Returns
    -------
    ndarray of float, shape (n_bins,)
    """
    return np.diff(analysed_before_s(edges_s, spans))


def span_index(time_s: ArrayLike, spans: ArrayLike) -> Ints:
    """Index of the span that each time lies in, -1 outside all of them.

    Parameters
    ----------
    time_s : array_like, shape (n,)
    spans : array_like, shape (n_spans, 2)
        Both ends of a span count as inside.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    array, times = as_spans(spans), np.asarray(time_s, dtype=np.float64)
    index = np.searchsorted(array[:, 0], times, side="right") - 1
    inside = (index >= 0) & (times <= array[np.maximum(index, 0), 1]) if len(array) else False
    return np.where(inside, index, -1)


def settle(time_s: ArrayLike, spans: ArrayLike) -> Floats:
    """Times with those that lie just outside of a span, by `BESIDE_S`, moved to its end.

    A peak may stand a few samples beyond the end of the span its potential was found in.

    Parameters
    ----------
    time_s : array_like, shape (n,)
    spans : array_like, shape (n_spans, 2)

    Returns
    -------
    ndarray of float, shape (n,)
        In the order of `time_s`; NaN where a time lies further outside.
    """
    array, times = as_spans(spans), np.asarray(time_s, dtype=np.float64)
    if not len(array):
        return np.full(len(times), np.nan)
    ends = array.ravel()
    after = np.searchsorted(ends, times)
    low, high = ends[np.maximum(after - 1, 0)], ends[np.minimum(after, len(ends) - 1)]
    nearest = np.where(np.abs(times - low) <= np.abs(high - times), low, high)
    within = span_index(times, array) >= 0
    moved = np.where(np.abs(nearest - times) <= BESIDE_S, nearest, np.nan)
    return np.where(within, times, moved)


def inside(time_s: ArrayLike, spans: ArrayLike) -> Floats:
    """The times that lie in analysed spans, sorted; shape (0,) if there are none."""
    times = np.sort(np.asarray(time_s, dtype=np.float64))
    return times[span_index(times, spans) >= 0]
