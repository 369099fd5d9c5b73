"""Where active time begins and ends: at the change from many candidates to few.

What finds tremor looks at windows of seconds; a fasciculation just beside it would be lost, and the
first bursts would be counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.spans import covers, merge, total

Floats = NDArray[np.floating[Any]]

EDGE_REACH_S = 1.5
"""Seconds by which an edge may move: the windows of rhythms are 3 s and longer. Set by judgement;
not measured."""
EDGE_RATIO = 4.0
"""Rate inside over that outside below which an edge is left alone. Set by judgement; not measured.
"""
LEAST_PER_S = 0.1
"""Rate per second that is expected outside at least. Set by judgement; not measured."""
EDGE_MARGIN_S = 0.03
"""Seconds beyond the outermost candidate. Set by judgement; not measured."""


def sharpened(spans: Floats, times_s: Floats, recorded_s: Floats) -> Floats:
    """Spans with edges where the rate of candidates changes; shape (n_spans, 2) or fewer.

    The most likely change point of a Poisson rate, between that within the span and that outside
    all spans.

    Parameters
    ----------
    spans : ndarray, shape (n_spans, 2)
        In order, apart from each other.
    times_s : ndarray, shape (n,)
        Sorted times of candidates.
    recorded_s : ndarray, shape (n_segments, 2)
    """
    if not len(spans) or not len(times_s):
        return spans
    outside_s = max(total(recorded_s) - total(spans), 1.0)
    few = max(float(np.sum(~covers(spans, times_s))) / outside_s, LEAST_PER_S)
    moved = []
    for start, stop in spans:
        many = np.sum((times_s >= start) & (times_s <= stop)) / max(stop - start, 1e-9)
        if many < EDGE_RATIO * few:
            moved.append((start, stop))
            continue
        middle = 0.5 * (start + stop)
        first = _change(times_s, start, middle, many, few)
        last = -_change(-times_s[::-1], -stop, -middle, many, few)
        moved.append((first, last) if first < last else (start, stop))
    return np.asarray(merge(np.array(moved)))


def _change(times_s: Floats, start: float, middle: float, many: float, few: float) -> float:
    """Most likely time, near `start`, at which the rate rises from few to many."""
    high = min(start + EDGE_REACH_S, middle)
    near = times_s[(times_s >= start - EDGE_REACH_S) & (times_s <= high)]
    if not len(near):
        return high
    left = np.arange(len(near), 0, -1)
    worth = left * np.log(many / few) - (many - few) * (high - near)
    best = int(np.argmax(worth))
    return float(near[best]) - EDGE_MARGIN_S if worth[best] > 0 else high


def at_edges(parts: Floats, spans: Floats) -> Floats:
    """Parts that begin or end where one of some spans does."""
    same = np.abs(parts[:, None, :] - spans[None, :, :]) < 1e-6
    return np.asarray(parts[same.any(axis=(1, 2))])
