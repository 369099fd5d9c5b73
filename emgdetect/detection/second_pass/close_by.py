"""Two discharges of one unit close by: each peaks where its waveform lies, not where both add up.

Of a doublet whose potentials overlap the largest deflection is the sum of both, and either would be
measured there, a millisecond or two from the other: no unit fires again so soon.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import in_time, replaced
from emgdetect.detection.second_pass.measuring import Measured, measure_all
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.signal.pairs import CLEAR_RATIO, CLEAR_S
from emgdetect.signal.pursuit import SAME_UNIT_S

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

ROUNDING_S = 1e-4
"""Seconds by which peaks may be nearer than `signal.pursuit.SAME_UNIT_S` for rounding. Of 11
recordings of an independent simulator (hold-out 12) with 17 pairs as near as that none is left, and
as many potentials are found; their templates lie 3.5 to 5 ms apart."""
KNOWN = 3
"""Other potentials of a unit from which it is known where its peak lies, after its template's
middle. Set by judgement; not measured."""
LIKE = CLEAR_RATIO
"""Score of the smaller of two discharges as a share of the larger one's from which they are both
measured where their unit's waveform was placed, before what is one deflection is told: as of
doublets (`pairs.clear_pair`). With it 361 potentials of pairs are missed and 83 others counted
instead of 384 and 80 (independent simulator, hold-out 10, seeds 6 to 13), of busy muscles 340 and
61 instead of 361 and 60 (8 to 11); of ours (tuning seeds 1000 to 1005) 167 and 48 instead of 179
and 48, and of busy 394 and 125 instead of 395 and 115: one unit's waveform is two of another's.
With 0.6 and 0.85 166 and 171 of ours are missed, and as many others counted."""
OFTEN, ONE_LAG_S = 3, 0.0012
"""Pairs of a unit from which, and range of their lags in seconds within which, they are another
unit's waveform: the intervals of doublets vary (4 to 8 ms: field.md). With it 87 instead of 93
others are counted of fluctuating (tuning seeds 1006 to 1015), 121 instead of 125 of busy (1000 to
1005), and as many potentials are missed there and of pairs."""


def close_pairs(peak_s: Floats, template: Ints, channel: Ints, single: Bools) -> Ints:
    """Successive potentials of one unit whose peaks are nearer than it can fire again.

    Parameters
    ----------
    peak_s : ndarray, shape (n,)
    template : ndarray of int, shape (n,)
        -1 where no unit is known.
    channel : ndarray of int, shape (n,)
    single : ndarray of bool, shape (n,)
        Those that are asked.

    Returns
    -------
    ndarray of int, shape (n_pairs, 2)
    """
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for unit in np.unique(template[single & (template >= 0)]):
        own = in_time(peak_s, single & (template == unit))
        near = np.diff(peak_s[own]) < SAME_UNIT_S - ROUNDING_S
        near &= np.diff(channel[own]) == 0
        pairs.append(np.stack([own[:-1][near], own[1:][near]], axis=1))
    return np.concatenate(pairs)


def alike(time_s: Floats, template: Ints, score: Floats, pairs: Ints) -> Bools:
    """Which pairs are two discharges beyond doubt, even if measured at the same deflection.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Of the middles of templates.
    template : ndarray of int, shape (n,)
    score : ndarray, shape (n,)
    pairs : ndarray of int, shape (n_pairs, 2)

    Returns
    -------
    ndarray of bool, shape (n_pairs,)
    """
    first, second = score[pairs].T
    lag_s = np.abs(np.diff(time_s[pairs], axis=1)[:, 0])
    two = (lag_s >= CLEAR_S) & (np.minimum(first, second) >= LIKE * np.maximum(first, second))
    unit = template[pairs[:, 0]]
    for one in np.unique(unit[two]):
        own = two & (unit == one)
        if own.sum() >= OFTEN and np.ptp(lag_s[own]) <= ONE_LAG_S:
            two[own] = False
    return np.asarray(two)


def set_apart(
    front: Front, chunks: list[Chunk], measured: Measured, time_s: Floats, template: Ints,
    channel: Ints, pairs: Ints, *, low_hz: float,
) -> Measured:  # fmt: skip
    """Measure some pairs anew, each where its unit's waveform was placed.

    Parameters
    ----------
    front : Front
    chunks : list of Chunk
    measured : Measured
    time_s : ndarray, shape (n,)
        Of the middles of templates, in order.
    template, channel : ndarray of int, shape (n,)
    pairs : ndarray of int, shape (n_pairs, 2)
        From `close_pairs`.
    low_hz : float
        Lower edge of the band in which potentials are measured.

    Returns
    -------
    Measured
    """
    close = np.unique(pairs)
    if not len(close):
        return measured
    due = np.full(len(time_s), np.nan)
    for i in close:
        others = (template == template[i]) & (channel == channel[i])
        others[close] = False
        if np.count_nonzero(others) >= KNOWN:
            due[i] = time_s[i] + np.median(measured.peak_s[others] - time_s[others])
    close = in_time(due, np.isfinite(due))
    if not len(close):
        return measured
    again = measure_all(front, chunks, due[close], channel[close], low_hz=low_hz,
                        search_s=np.zeros(len(close)))  # fmt: skip
    return replaced(measured, close, again)


def nearer_than_possible(
    measured: Measured, template: Ints, channel: Ints, score: Floats, single: Bools
) -> Bools:
    """Of each pair that still peaks too close by the one of the lower score.

    Parameters
    ----------
    measured : Measured
    template, channel : ndarray of int, shape (n,)
    score : ndarray, shape (n,)
    single : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    worse = np.zeros(len(score), dtype=bool)
    # Of three in a row the first pair may go, and what is left still be a pair, or none.
    while len(pairs := close_pairs(measured.peak_s, template, channel, single & ~worse)):
        first, second = pairs[0]
        worse[first if score[first] < score[second] else second] = True
    return worse
