"""Events in step with a clock: pulses of a pacemaker, a pump or a stimulator.

A period may hold several of them. Each comes again after one period, to within a few milliseconds,
whatever else lies between. A muscle's do not: the intervals of its most regular units vary by some
hundredths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

PERIODS_S = (0.4, 2.5)
"""Periods looked for: of 24 to 150 pulses a minute. Faster ones are a train."""
WINDOW_S = 30.0
"""Seconds within which a clock keeps its period: a pacemaker follows its sensor. Set by judgement;
not measured."""
WITHIN_S = 0.0025
"""Seconds by which a pulse may be early or late: noise moves a peak by less than one (timing error
of the benchmark), and a pulse between two samples by half of one. Set by judgement; not measured.
"""
LEAST = 10
"""Pulses of a window that come again after one period, at least. Of five scenarios with a pacemaker
or a pump (an independent simulator, two recordings each) 170 potentials are missed and 112 others
counted with it and the next; without, 251 and 333. On 18 of our tuning recordings (heart,
atrial_fibrillation, tremor, all_at_once, slow_rhythmic, healthy) nothing changes."""
CHANCE_RATIO = 8.0
"""How many times what chance gives, counted over all periods, they have to exceed. With 5 19 of 565
potentials of a busy muscle had one."""


def clocked(time_s: Floats) -> Bools:
    """Which events come again, or came before, after the period of a clock.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In any order.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    marked = np.zeros(len(time_s), dtype=bool)
    if not len(time_s):
        return marked
    order = np.argsort(time_s, kind="stable")
    time_s = time_s[order]
    for start_s in np.arange(time_s[0], time_s[-1] + WINDOW_S / 2, WINDOW_S / 2):
        low, high = np.searchsorted(time_s, [start_s, start_s + WINDOW_S])
        marked[order[low:high]] |= _in_window(time_s[low:high])
    return marked


def _in_window(time_s: Floats) -> Bools:
    """The same of events within which a clock keeps its period."""
    marked = np.zeros(len(time_s), dtype=bool)
    first, second, lag_s = _pairs(time_s)
    if len(lag_s) < LEAST:
        return marked
    order = np.argsort(lag_s, kind="stable")
    lag_s = lag_s[order]
    # Two pulses are off, each.
    stop = np.searchsorted(lag_s, lag_s + 2 * WITHIN_S, side="right")
    many = stop - np.arange(len(lag_s))
    best = int(np.argmax(many))
    by_chance = len(lag_s) * 2 * WITHIN_S / (PERIODS_S[1] - PERIODS_S[0])
    if many[best] >= max(LEAST, CHANCE_RATIO * by_chance):
        of_clock = order[best : stop[best]]
        marked[first[of_clock]] = marked[second[of_clock]] = True
    return marked


def _pairs(time_s: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Every two events that may be a period apart, and by how much they are."""
    low, high = np.searchsorted(time_s, time_s[:, None] + np.array(PERIODS_S)).T
    first = np.repeat(np.arange(len(time_s)), high - low)
    ahead = np.arange(len(first)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    second = np.repeat(low, high - low) + ahead
    return first, second, np.asarray(time_s[second] - time_s[first])
