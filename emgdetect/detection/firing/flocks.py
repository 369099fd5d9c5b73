"""Weak bursts: small potentials of several units that come together, again and again.

A muscle that breathes, or is held a little now and then, fires its smallest units for a second or
two. Such a burst hardly exceeds the noise, and three or four of its potentials are clear of it.
Fasciculations of different units know nothing of each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

NEAR_S = (0.03, 0.75)
"""Seconds between two potentials of different units that may be of one burst: satellites are
nearer. Of two recordings with weak breathing of an independent simulator 755 others are counted and
2 potentials missed without this rule, 117 and 10 with it; of two others of it, not looked at
before (weak and stronger breathing), 347 and 21, 44 and 30 with it."""
FAR_S = (2.0, 10.0)
"""Seconds between two that tell how many come together by chance, at the rate of those minutes."""
RATIO = 1.5
"""How many times as many as by chance there have to be."""
EVIDENCE = 20.0
"""Log-likelihood ratio of their number against chance that it takes: of 77 sites of our tuning
recordings (busy, weak, clean, fluctuating, contractions, tremor, all_at_once) none has more than 7,
and of six that breathe the least has 27."""
COMPANY = 1
"""Others within `NEAR_S` of a potential from which it is one of a burst: with 2 289 others are
counted of those two recordings, and 2 potentials missed."""


def flocks(time_s: Floats, template: Ints) -> Bools:
    """Which weak potentials are those of bursts of several units.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Of the weak ones, in order.
    template : ndarray of int, shape (n,)
        Unit of each; -1, as one unit, where none is known.

    Returns
    -------
    ndarray of bool, shape (n,)
        None where no more come together than by chance.
    """
    near, far = _others(time_s, template, NEAR_S), _others(time_s, template, FAR_S)
    expected = far.sum() / 2 * np.ptp(NEAR_S) / np.ptp(FAR_S)
    n, foreseen = near.sum() / 2, max(float(expected), 1.0)
    if n < RATIO * foreseen or n * np.log(n / foreseen) - (n - foreseen) < EVIDENCE:
        return np.zeros(len(time_s), dtype=bool)
    return np.asarray(near >= COMPANY)


def _others(time_s: Floats, template: Ints, apart_s: tuple[float, float]) -> Ints:
    """How many of other units lie so far from each, before or after; shape (n,)."""
    n = np.zeros(len(time_s), dtype=np.int64)
    for unit in np.unique(template):
        own = template == unit
        other_s = time_s[~own]
        for low_s, high_s in (apart_s, (-apart_s[1], -apart_s[0])):
            low, high = (np.searchsorted(other_s, time_s[own] + bound) for bound in (low_s, high_s))
            n[own] += high - low
    return n
