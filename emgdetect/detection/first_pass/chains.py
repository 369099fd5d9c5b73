"""Chains of discharges that follow each other in some tens of milliseconds, as myokymia has them.

A unit that hardly ever fires singly shows itself in no piece alone: its averages hold the discharge
before and the one after, as many averages as there are intervals, and each then explains two or
three discharges as one. Where a site has such chains, pieces end halfway to the next discharge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

FOLLOWS_S = 0.030
"""Seconds within which one candidate follows another: a discharge farther away hardly reaches into
a piece (`units.PIECE_S`). Set by judgement; not measured."""
LIKE = 0.5
"""Share of a candidate's score that another has at least to be a discharge rather than a late part
of its potential. Set by judgement; not measured."""
EVEN = 0.75
"""The same of two that follow each other in a chain: waves of something knocked fade faster. At
sixteen sites with those (tests/detection/shape/test_slowness.py) 0.13 to 0.43 of the candidates lie
between two others of half their score, and at most 0.07 with this."""
LEAST, SHARE = 20, 0.1
"""Candidates between two others, and their share of all, from which a site has chains. Of fourteen
sites with myokymia or neuromyotonia (an independent simulator, hold-out 13) twelve have 0.12 or
more, one has 0.09, and one 0.01, whose discharges are 50 ms apart."""
TAPER_S = 0.002
"""Seconds over which a piece ends. Set by judgement; not measured."""


def in_chains(time_s: Floats, score: Floats) -> bool:
    """Whether a site has chains; both of shape (n,), in order of time."""
    smaller, larger = np.sort(np.stack([score[:-1], score[1:]]), axis=0)
    linked = (np.diff(time_s) <= FOLLOWS_S) & (smaller >= EVEN * larger)
    return bool((linked[1:] & linked[:-1]).sum() >= max(LEAST, SHARE * len(time_s)))


def room_of(time_s: Floats, score: Floats) -> Floats:
    """Seconds before and after each candidate until halfway to the next discharge of a chain.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In order.
    score : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, 2)
        Infinite where none is near.
    """
    room, gap = np.full((len(time_s), 2), np.inf), np.diff(time_s)
    after = (gap <= FOLLOWS_S) & (score[1:] >= LIKE * score[:-1])
    before = (gap <= FOLLOWS_S) & (score[:-1] >= LIKE * score[1:])
    room[:-1][after, 1] = gap[after] / 2
    room[1:][before, 0] = gap[before] / 2
    return room


def apart(pieces: Floats32, room_s: Floats, rate_hz: float) -> Floats32:
    """Pieces that end where the next discharge begins.

    Parameters
    ----------
    pieces : ndarray, shape (n, n_channels, n_samples)
        Centred at the candidates.
    room_s : ndarray, shape (n, 2)
        From `room_of`.
    rate_hz : float

    Returns
    -------
    ndarray of float32, shape (n, n_channels, n_samples)
    """
    if not np.isfinite(room_s).any():
        return pieces
    at_s = (np.arange(pieces.shape[2]) - pieces.shape[2] // 2) / rate_hz
    inside_s = np.minimum(room_s[:, :1] + at_s, room_s[:, 1:] - at_s)
    window = np.clip(inside_s / TAPER_S + 0.5, 0.0, 1.0)
    return np.asarray(pieces * window[:, None, :], dtype=np.float32)
