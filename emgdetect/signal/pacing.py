"""Which of several candidates are a heart's beats: those that keep its rhythm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal.ecg import REFRACTORY_S

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

AROUND = 9
"""Intervals whose median is the rhythm of the moment: four to either side, so that breathing (about
four beats) is averaged and two wrong ones among nine do not matter. Set by judgement."""
STEADY = 0.15
"""Spread of the intervals about it up to which rhythm says which candidate is the beat: of
simulated hearts sinus rhythm has less than 0.1, atrial fibrillation 0.2 or more."""
LEAST_SPREAD = 0.03
"""Spread of a rhythm at least, so that a pacemaker's beat may be dated late by a few samples. Set
by judgement; not measured."""
OFF_STEP = 0.8
"""What an interval that does not fit costs at most, in beats of typical size and shape: less than
one, so that an early beat of the usual shape is not left out, more than half of one, so that a
large potential gives way to the beat beside it. On 48 recordings of an independent simulator
(heart, atrial fibrillation, all at once, healthy) 87 of what is taken for beats is none instead of
146, and 10,549 beats are met instead of 10,455; 88 and 10,539 at 1.0, 96 and 10,547 at 0.7."""
REACH_S = 3.0
"""How far the beat before is sought: three beats at 60/min. Set by judgement; not measured."""


def in_rhythm(at_s: Floats, weight: Floats, beats_s: Floats) -> Ints:
    """Candidates that together weigh most and keep the rhythm of the beats known so far.

    Parameters
    ----------
    at_s : ndarray, shape (n,)
        Candidates, in order.
    weight : ndarray, shape (n,)
        How much each looks like a beat; 1 for a typical one.
    beats_s : ndarray, shape (n_beats,)
        Beats found without regard to rhythm, in order; most of them right, and two at least.

    Returns
    -------
    ndarray of int, shape (n_chosen,)
        Indices into `at_s`, in order.

    Notes
    -----
    The path of the highest sum (Bellman): each beat adds its weight, each interval takes
    half the square of its distance from the median interval around, in spreads, and at most
    `OFF_STEP`. Intervals shorter than the refractory time are not allowed.
    """
    beat_s, spread = rhythm_of(beats_s)
    usual = np.interp(at_s, 0.5 * (beats_s[1:] + beats_s[:-1]), beat_s)
    first = np.searchsorted(at_s, at_s - REACH_S)
    last = np.searchsorted(at_s, at_s - REFRACTORY_S, side="right")
    best, before = weight.astype(np.float64), np.full(len(at_s), -1)
    for i in range(len(at_s)):
        # Over a pause that no candidate bridges, the path goes on from the best one before it.
        near = np.arange(first[i] if first[i] < last[i] else 0, last[i])
        off = (at_s[i] - at_s[near]) / usual[i] - 1
        sums = best[near] - np.minimum(0.5 * (off / spread) ** 2, OFF_STEP)
        if len(sums) and sums.max() > 0:
            before[i] = near[np.argmax(sums)]
            best[i] += sums.max()
    path = [int(np.argmax(best))] if len(at_s) else []
    while path and before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], dtype=np.int64)


def rhythm_of(beats_s: Floats) -> tuple[Floats, float]:
    """Median interval around each interval, and the spread of intervals about it, as a share.

    Parameters
    ----------
    beats_s : ndarray, shape (n_beats,)
        In order; two at least.
    """
    intervals = np.diff(beats_s)
    usual = ndimage.median_filter(intervals, AROUND, mode="nearest")
    spread = float(np.median(np.abs(intervals / usual - 1))) / 0.6745
    return usual, max(spread, LEAST_SPREAD)
