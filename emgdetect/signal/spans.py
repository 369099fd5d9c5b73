"""Spans of samples or of time: half-open ranges in an (n, 2) array, in order, not overlapping."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def spans_where(mask: ArrayLike) -> Ints:
    """Runs of true values.

    Parameters
    ----------
    mask : array_like of bool, shape (n_samples,)

    Returns
    -------
    ndarray of int, shape (n_spans, 2)
        Half-open sample ranges in order; shape (0, 2) if there are none.
    """
    padded = np.zeros(np.size(mask) + 2, dtype=np.int8)
    padded[1:-1] = np.asarray(mask, dtype=bool)
    edges = np.flatnonzero(np.diff(padded))
    return edges.reshape(-1, 2).astype(np.int64)


def spans_above(score: Floats, start: float, stop: float) -> Ints:
    """Spans where a score stays at or above `stop` and somewhere reaches `start`.

    Parameters
    ----------
    score : ndarray, shape (n_samples,)
        NaN counts as below.
    start, stop : float
        Thresholds that open and that bound a span, in units of `score`; stop <= start.

    Returns
    -------
    ndarray of int, shape (n_spans, 2)
        Half-open sample ranges, in order, not overlapping; shape (0, 2) if there are none.

    Raises
    ------
    ValueError
        If `stop` exceeds `start`.
    """
    if stop > start:
        raise ValueError(f"stop must not exceed start, got {stop} > {start}")
    spans = spans_where(score >= stop)
    if not len(spans):
        return spans
    reached = np.concatenate([[0], np.cumsum(score >= start)])
    return spans[reached[spans[:, 1]] > reached[spans[:, 0]]]


def best_stretch(worth: Floats) -> tuple[float, int, int]:
    """The stretch of values whose sum is largest (Kadane).

    Parameters
    ----------
    worth : ndarray, shape (n,)

    Returns
    -------
    best : float
        Its sum; 0 where no value is positive.
    low, high : int
        Its half-open range; empty where no value is positive.
    """
    best, low, high, run, first = 0.0, 0, 0, 0.0, 0
    for i, value in enumerate(worth):
        if run <= 0:
            run, first = 0.0, i
        run += value
        if run > best:
            best, low, high = run, first, i + 1
    return best, low, high


def merge(spans: ArrayLike, gap: float = 0.0) -> NDArray[Any]:
    """Union of spans; those that overlap or lie at most `gap` apart become one.

    Parameters
    ----------
    spans : array_like, shape (n_spans, 2)
        In any order; empty spans (stop <= start) are dropped.
    gap : float
        Largest distance that is bridged, in units of `spans`.

    Returns
    -------
    ndarray, shape (n_merged, 2)
        In order, more than `gap` apart; shape (0, 2) if there are none.
    """
    array = np.asarray(spans).reshape(-1, 2)
    array = array[array[:, 1] > array[:, 0]]
    if not len(array):
        return array
    array = array[np.argsort(array[:, 0], kind="stable")]
    reach = np.maximum.accumulate(array[:, 1])
    first = np.concatenate([[True], array[1:, 0] > reach[:-1] + gap])
    starts = np.flatnonzero(first)
    stops = np.concatenate([starts[1:], [len(array)]]) - 1
    return np.stack([array[starts, 0], reach[stops]], axis=1)


def complement(spans: ArrayLike, start: float, stop: float) -> NDArray[Any]:
    """What of `start`…`stop` no span covers.

    Parameters
    ----------
    spans : array_like, shape (n_spans, 2)
        In any order, may overlap.
    start, stop : float

    Returns
    -------
    ndarray, shape (n_free, 2)
        In order; shape (0, 2) if everything is covered.
    """
    covered = np.clip(merge(spans), start, stop)
    edges = np.concatenate([[start], covered.ravel(), [stop]]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]


def without(recorded: NDArray[Any], spans: ArrayLike) -> NDArray[Any]:
    """Recorded time that no span covers.

    Parameters
    ----------
    recorded : ndarray, shape (n_recorded, 2)
    spans : array_like, shape (n_spans, 2)
        In any order, may overlap.

    Returns
    -------
    ndarray, shape (n, 2)
        What follows each other is not merged: a border between recorded spans stays one.
    """
    pieces = [complement(intersect(spans, [span]), *span) for span in recorded]
    return np.concatenate([np.zeros((0, 2)), *pieces])


def intersect(a: ArrayLike, b: ArrayLike) -> NDArray[Any]:
    """What both sets of spans cover; shape (n, 2), in order."""
    a, b = merge(a), merge(b)
    if not len(a) or not len(b):
        return np.zeros((0, 2))
    low, high = min(a[0, 0], b[0, 0]), max(a[-1, 1], b[-1, 1])
    return complement(np.concatenate([complement(a, low, high), complement(b, low, high)]),
                      low, high)  # fmt: skip


def covers(spans: ArrayLike, points: ArrayLike) -> Bools:
    """Which points lie in one of the spans (start included, stop not).

    Parameters
    ----------
    spans : array_like, shape (n_spans, 2)
        In order, not overlapping (as `merge` returns them).
    points : array_like, shape (n_points,)

    Returns
    -------
    ndarray of bool, shape (n_points,)
    """
    array, at = np.asarray(spans, dtype=float).reshape(-1, 2), np.asarray(points, dtype=float)
    if not len(array):
        return np.zeros(at.shape, dtype=bool)
    index = np.searchsorted(array[:, 0], at, side="right") - 1
    return np.asarray((index >= 0) & (at < array[np.maximum(index, 0), 1]), dtype=bool)


def total(spans: ArrayLike) -> float:
    """Summed length of spans that do not overlap."""
    array = np.asarray(spans, dtype=float).reshape(-1, 2)
    return float((array[:, 1] - array[:, 0]).sum())


def elapsed(spans: ArrayLike, points: ArrayLike) -> Floats:
    """How much of some spans lies before each point.

    Parameters
    ----------
    spans : array_like, shape (n_spans, 2)
        In order, not overlapping.
    points : array_like, shape (n_points,)

    Returns
    -------
    ndarray, shape (n_points,)
        Zeros without spans.
    """
    edges = np.asarray(spans, dtype=float).reshape(-1, 2)
    at = np.asarray(points, dtype=float)
    if not len(edges):
        return np.zeros(at.shape)
    passed = np.concatenate([[0.0], np.cumsum(np.diff(edges, axis=1)[:, 0])])
    knots = np.stack([passed[:-1], passed[1:]], axis=1)
    return np.asarray(np.interp(at, edges.ravel(), knots.ravel()))


def by_run(points: Floats, spans: ArrayLike, gap: float = 0.0) -> Ints:
    """Which points lie in each run of spans.

    Parameters
    ----------
    points : ndarray, shape (n_points,)
        Sorted. Those outside all runs belong to the nearest one.
    spans : array_like, shape (n_spans, 2)
    gap : float
        Largest distance within a run, as of `merge`.

    Returns
    -------
    ndarray of int, shape (n_runs, 2)
        Half-open ranges of indices, in order, of runs that have points; all points are in one run
        where there are no spans, and of no points there is none.
    """
    runs = merge(spans, gap)
    inner = np.searchsorted(points, (runs[:-1, 1] + runs[1:, 0]) / 2)
    edges = np.concatenate([[0], inner, [len(points)]]).astype(np.int64)
    ranges = np.stack([edges[:-1], edges[1:]], axis=1)
    return ranges[ranges[:, 1] > ranges[:, 0]]


def nearest(points: Floats, marks: Floats) -> Ints:
    """Index of the nearest of sorted marks (at least one) for each point."""
    right = np.clip(np.searchsorted(marks, points), 0, len(marks) - 1)
    left = np.maximum(right - 1, 0)
    closer = np.abs(points - marks[left]) <= np.abs(points - marks[right])
    return np.where(closer, left, right)
