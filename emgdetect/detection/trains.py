"""Trains and bursts: what one unit's own timing says of its discharges.

Early in ALS the fasciculating unit is often the one first recruited voluntarily (field.md), so a
waveform cannot tell a voluntary discharge from a fasciculation; regularity can.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BURST_INTERVAL_S = 0.060
BURST_FEWEST = 6
TRAIN_INTERVAL_S = (0.060, 0.250)
TRAIN_FEWEST = 4
STRAY_S = 1.0
VARIATION = 0.22
MISSED = 0.15
EVIDENCE = 5.0


def runs(times_s: Floats, longest_s: float) -> Ints:
    """Runs of times no more than an interval apart.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted.
    longest_s : float

    Returns
    -------
    ndarray of int, shape (n_runs, 2)
        Half-open ranges of indices that cover all times; shape (0, 2) for none.
    """
    if not len(times_s):
        return np.zeros((0, 2), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(times_s) > longest_s) + 1
    edges = np.concatenate([[0], breaks, [len(times_s)]])
    return np.stack([edges[:-1], edges[1:]], axis=1)


def in_burst(times_s: Floats) -> Bools:
    """Which discharges of one unit belong to a burst: at least 6, less than 60 ms apart."""
    inside = np.zeros(len(times_s), dtype=bool)
    for start, stop in runs(times_s, np.nextafter(BURST_INTERVAL_S, 0)):
        inside[start:stop] = stop - start >= BURST_FEWEST
    return inside


def train_spans(times_s: Floats) -> Floats:
    """Spans in which one unit fires more regularly than chance, at voluntary intervals.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted discharges of one unit.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        Time of the first and of the last discharge of each train; shape (0, 2) for none.

    Notes
    -----
    Each interval is worth the log-likelihood ratio of a regular firing (normal around the local
    mean interval with a variation of 22 %, now and then a discharge missed) against chance at the
    same mean (exponential). The stretch of intervals with the largest sum is a train if its sum
    exceeds a bound; then the next one.
    """
    spans = []
    for start, stop in runs(times_s, 2 * TRAIN_INTERVAL_S[1]):
        spans += _best_stretches(times_s[start:stop])
    return np.array(sorted(spans)).reshape(-1, 2)


def _best_stretches(times: Floats) -> list[tuple[float, float]]:
    """Trains within a run of discharges."""
    intervals = np.diff(times)
    if len(intervals) < TRAIN_FEWEST - 1:
        return []
    worth = interval_evidence(intervals)
    # The stretch of largest sum (Kadane), recursively on what lies before and after it.
    best, low, high, run, first = 0.0, 0, 0, 0.0, 0
    for i, value in enumerate(worth):
        if run <= 0:
            run, first = 0.0, i
        run += value
        if run > best:
            best, low, high = run, first, i + 1
    if best < EVIDENCE or high - low < TRAIN_FEWEST - 1:
        return []
    return [
        *_best_stretches(times[: low + 1]),
        (float(times[low]), float(times[high])),
        *_best_stretches(times[high:]),
    ]


def interval_evidence(intervals: Floats) -> Floats:
    """Log-likelihood ratio of regular firing against chance, for each interval.

    Parameters
    ----------
    intervals : ndarray, shape (n,)
        In seconds, in order.

    Returns
    -------
    ndarray, shape (n,)
        Positive where regular firing explains the interval better.
    """
    voluntary = (intervals >= TRAIN_INTERVAL_S[0]) & (intervals <= TRAIN_INTERVAL_S[1])
    mean = _local_mean(intervals, voluntary)
    regular = (1 - MISSED) * _normal(intervals, mean) + MISSED * _normal(intervals, 2 * mean)
    # Doublets and F-responses occur within trains, too: a short interval is not held against one.
    regular = np.maximum(regular, 0.02 / mean)
    chance = np.exp(-intervals / mean) / mean
    worth = np.log(regular / chance)
    return np.where((mean >= TRAIN_INTERVAL_S[0]) & (mean <= TRAIN_INTERVAL_S[1]), worth, -3.0)


def _normal(values: Floats, mean: Floats) -> Floats:
    spread = VARIATION * mean
    return np.exp(-0.5 * ((values - mean) / spread) ** 2) / (spread * np.sqrt(2 * np.pi))


def _local_mean(intervals: Floats, voluntary: Bools) -> Floats:
    """Median of the voluntary intervals among the nearest seven; 1 s where there is none."""
    means = np.full(len(intervals), 1.0)
    for i in range(len(intervals)):
        near = slice(max(0, i - 3), i + 4)
        chosen = intervals[near][voluntary[near]]
        if len(chosen) >= 2:
            means[i] = np.median(chosen)
    return means


def near_train(times_s: Floats, spans: Floats) -> Bools:
    """Which discharges of the unit lie within a train or at most 1 s from it."""
    inside = np.zeros(len(times_s), dtype=bool)
    for start, stop in spans:
        inside |= (times_s >= start - STRAY_S) & (times_s <= stop + STRAY_S)
    return inside
