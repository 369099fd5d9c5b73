"""Bouts of a tremor or a contraction that neither rhythm nor level told: many potentials at once.

Where they come far more often than elsewhere, less of a rhythm is enough, and where they come still
more often, none is needed: a muscle that fasciculates in clusters does not fire as many.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.together import firsts, rate_elsewhere, rate_evidence
from emgdetect.detection.rest.crowding import NEARNESS_S
from emgdetect.detection.rest.rhythm import WINDOWS, RhythmPower
from emgdetect.signal.spans import covers, merge

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

LEAST_POWER, LEAST_RATE, EVIDENCE = 6.0, 8.0, 18.0
"""Power from which potentials of 3 s are a tremor's, log-likelihood ratio of their rate against
that elsewhere, and what both have to add up to: the law of such a power is exponential at random.
Chosen, with the next, on 244 sites of our and of two independent simulators (wide seeds 4000 to
4035, most of pairs; hold-out 5, seeds 10 to 20; hold-out 8, 0 to 3): 318 discharges of tremor and
contraction go, and 72 fasciculations: 28 within such, and two clusters of pairs among 144 sites.
With 17 in all 329 and 80. Where doublets did not count as one, and less was asked, 41 of 3069
potentials of pairs had gone on the reporting seeds, where 11 go now."""
ALONE = 20.0
"""Log-likelihood ratio of the rate that needs no rhythm: but for one, no cluster of fasciculations
of those sites has more than 16. With 18 320 and 73, with 22 302 and 71."""


def crowded(time_s: Floats, course: RhythmPower, *, seconds: float) -> Bools:
    """Which potentials come in so many at once, in more or less of a rhythm, that it is a tremor.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted; of what is counted otherwise. Those within 60 ms count as one.
    course : RhythmPower
        That of the shorter windows.
    seconds : float
        Time they were found in.

    Returns
    -------
    ndarray of bool, shape (n,)
        None in less than a minute, which tells no rate.
    """
    if seconds < NEARNESS_S:
        return np.zeros(len(time_s), dtype=bool)
    single_s = time_s[firsts(time_s)]
    window_s = WINDOWS[0][0]
    ends_s = np.stack([course.centre_s - window_s / 2, course.centre_s + window_s / 2])
    inside = np.diff(np.searchsorted(single_s, ends_s), axis=0)[0]
    elsewhere_per_s = rate_elsewhere(len(single_s) - inside, seconds - window_s)
    evidence = rate_evidence(inside, window_s * elsewhere_per_s)
    found = (course.power >= LEAST_POWER) & (evidence >= LEAST_RATE)
    found &= course.power + evidence >= EVIDENCE
    return covers(merge(ends_s.T[found | (evidence >= ALONE)]), time_s)
