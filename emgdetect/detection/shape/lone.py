"""What one electrode of a grid alone sees, among what many see: an electrode pops alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

LONE_SCORE = 12.0
"""Score from which an electrode that alone sees something tells that it is no potential: half of it
on a neighbour would be clear. Set by judgement; not measured."""
LONE_SHARE = 0.25
"""Share of that score, beyond noise, that no other electrode reaches: real potentials spread. Set
by judgement; not measured."""
NOISE_SCORE = 5.0
"""Score that noise reaches on some electrode of a grid within 25 ms of any moment: the largest of
63 channels was 4.2 to 5.0 beside 30 pops of a simulated grid."""


def lone(by_channel: NDArray[np.float32]) -> Bools:
    """Candidates that one channel alone sees, however large they are there.

    Parameters
    ----------
    by_channel : ndarray, shape (n, n_channels)
        Largest score of each channel near each candidate.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where there are no two channels.
    """
    if by_channel.shape[1] < 2:
        return np.zeros(len(by_channel), dtype=bool)
    ordered = np.sort(by_channel, axis=1)
    largest, second = ordered[:, -1], ordered[:, -2]
    seen = second**2 >= NOISE_SCORE**2 + (LONE_SHARE * largest) ** 2
    return np.asarray((largest > LONE_SCORE) & ~seen)


def widely_seen(by_channel: NDArray[np.float32], *, share: float, least: int) -> Bools:
    """Candidates that several channels of a grid see, beyond its noise.

    Parameters
    ----------
    by_channel : ndarray, shape (n, n_channels)
    share : float
        Of the largest score, from which a channel sees it.
    least : int
        Channels.
    """
    largest = by_channel.max(axis=1, keepdims=True, initial=0.0)
    near = by_channel**2 >= NOISE_SCORE**2 + (share * largest) ** 2
    return np.asarray(near.sum(axis=1) >= least)
