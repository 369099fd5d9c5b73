"""Potentials of one number that may be those of two motor units, told apart by size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trains import TRAIN_FEWEST

Floats = NDArray[np.floating[Any]]

TWO_SIZES = 1.25
"""Ratio of the mean sizes of small and large potentials of one number from which they may be those
of two motor units. Of 20 recordings of two independent simulators (trains, all at once) 67 false
events less are counted so, and 1 potential more is missed; of 18 of ours nothing changes."""

SIZE_OF = 9
"""Discharges of a train nearest to a stray potential that its size is compared with. Set by
judgement; not measured."""


def by_size(members: NDArray[np.int64], size: Floats) -> list[NDArray[np.int64]]:
    """Small and large potentials of one number; their trains tell whether they are two units'.

    Parameters
    ----------
    members : ndarray of int, shape (n_members,)
        Positions of the potentials.
    size : ndarray, shape (n_found,)

    Returns
    -------
    list of ndarray of int
        Two groups, parted where they differ most (Otsu 1979); none where all are of one size.
    """
    logs = np.log(np.maximum(size[members], 1e-9))
    order = np.argsort(logs, kind="stable")
    n, sums = len(logs), np.cumsum(logs[order])
    below = np.arange(TRAIN_FEWEST, n - TRAIN_FEWEST + 1)
    if not len(below):
        return []
    apart = (sums[-1] - sums[below - 1]) / (n - below) - sums[below - 1] / below
    best = int(np.argmax(apart**2 * below * (n - below)))
    if not apart[best] >= np.log(TWO_SIZES):
        return []
    return [np.sort(members[part]) for part in np.split(order, [below[best]])]


def size_there(time_s: Floats, known_s: Floats, size: Floats) -> Floats:
    """Median size of the discharges known nearest to each moment: noise adds to it, and moves.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
    known_s, size : ndarray, shape (n_known,)
        Time, in order, and size of at least one discharge.

    Returns
    -------
    ndarray, shape (n,)
    """
    n = min(SIZE_OF, len(known_s))
    first = np.clip(np.searchsorted(known_s, time_s) - n // 2, 0, len(known_s) - n)
    return np.asarray(np.median(size[first[:, None] + np.arange(n)], axis=1))
