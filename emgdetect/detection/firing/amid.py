"""What lies amid movement: events of a unit that is hardly seen elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import unit_shares

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

REACH_S = 0.8
"""Seconds from movement within which a cable may still swing. With the two that follow 212 events
are counted instead of 242 in 12 recordings of an independent simulator (movement, all at once,
healthy); missed potentials, and our own tuning seeds, stay as they were. Events of no unit are left
alone: with them it is 204, but of three stretches of real rest 51 of 433 potentials go."""
LEAST = 2
"""Events called movement or pops within that reach, of which an event lies amid."""
ONLY = 0.5
"""Share of a unit's events that have to lie amid movement for it to be part of it."""
MOST_TIME = 0.2
"""Share of the analysed time up to which movement tells anything of what lies amid it. Set by
judgement; not measured."""
STEP_S = 0.5
"""Seconds between the moments at which that share is looked at."""


def amid_movement(
    time_s: Floats, template: Ints, moved: Bools, free: Bools, analysed_s: Floats
) -> Bools:
    """Events amid movement of units that are hardly seen elsewhere.

    A cable that rattles gives one ringing after the other; the sharp beginning of one looks like a
    potential, and likeness gives some of them a number.

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    moved : ndarray of bool, shape (n_found,)
        Movement and pops.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.
    analysed_s : ndarray, shape (n_spans, 2)

    Returns
    -------
    ndarray of bool, shape (n_found,)
        Of those that are free; none where movement hardly ends.
    """
    at_s = np.sort(time_s[moved])
    moments = np.concatenate([np.zeros(0), *(np.arange(a, b, STEP_S) for a, b in analysed_s)])
    if len(moments) and np.mean(_near(at_s, moments) >= LEAST) > MOST_TIME:
        return np.zeros(len(time_s), dtype=bool)
    amid = _near(at_s, time_s) - moved >= LEAST
    return np.asarray(amid & (unit_shares(template, amid) >= ONLY) & free)


def _near(at_s: Floats, moments_s: Floats) -> Ints:
    """How many times, in order, lie near each of some moments."""
    low, high = np.searchsorted(at_s, moments_s[:, None] + np.array([-REACH_S, REACH_S])).T
    return np.asarray(high - low)
