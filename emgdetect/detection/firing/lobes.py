"""Lobes: candidates that are parts of one long potential, told by lags that they keep.

A large potential of a long muscle gives a candidate for its onset, its main deflection and its end
each, 30 ms apart. A unit that fires regularly then looks like bursts, and its train like a tremor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.late import FAR_S

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

SMALLER = 0.7
"""Score of a lobe, over that of the largest candidate so near, at most. Set by judgement; not
measured."""
SAME_LAG_S = 0.003
"""Seconds by which lags of one lobe may differ: peaks jitter by noise, and a unit's lobes keep
their lag to a millisecond (`late`). Set by judgement; not measured."""
LEAST = 8
"""Candidates at one lag from which it is that of a lobe. With this rule 609 instead of 627
potentials of an independent simulator with everything at once are missed (seeds 0 to 9) and 97
instead of 102 false ones counted; of tremor, contractions and healthy recordings (seeds 4 to 9) 5
more and 1 less."""
MUCH_SMALLER = 0.35
"""Share of that score below which it is an onset or an end beyond doubt sooner."""
LEAST_SMALL = 4
"""Candidates at one lag from which such a one is a lobe: two short runs of units of 30 and 50 times
the noise were taken for a tremor (36 recordings of another simulator)."""
BY_CHANCE = 4.0
"""The same as a multiple of what lags at random give: units that fire together keep none."""


def lobes(time_s: Floats, score: Floats) -> Bools:
    """Candidates that follow or precede a larger one at a lag that many others keep, too.

    Parameters
    ----------
    time_s : ndarray, shape (n_candidates,)
        Sorted.
    score : ndarray, shape (n_candidates,)

    Returns
    -------
    ndarray of bool, shape (n_candidates,)
    """
    largest = _largest_near(time_s, score)
    small = np.flatnonzero(score < SMALLER * score[largest]) if len(time_s) else np.zeros(0, int)
    lag = time_s[small] - time_s[largest[small]]
    known = np.sort(lag)
    alike = np.searchsorted(known, lag + SAME_LAG_S, "right") - np.searchsorted(
        known, lag - SAME_LAG_S
    )
    chance = len(lag) * SAME_LAG_S / FAR_S
    marked = np.zeros(len(time_s), dtype=bool)
    tiny = score[small] < MUCH_SMALLER * score[largest[small]]
    least = np.where(tiny, LEAST_SMALL, LEAST)
    marked[small] = (alike >= least) & (alike > BY_CHANCE * chance)
    return marked


def _largest_near(time_s: Floats, score: Floats) -> NDArray[np.int64]:
    """The candidate of the largest score within `FAR_S` of each one."""
    low = np.searchsorted(time_s, time_s - FAR_S)
    high = np.searchsorted(time_s, time_s + FAR_S, side="right")
    return np.array([a + int(np.argmax(score[a:b])) for a, b in zip(low, high, strict=True)],
                    dtype=np.int64)  # fmt: skip
