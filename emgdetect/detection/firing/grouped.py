"""Bursts whose discharges bear several numbers: myokymic and neuromyotonic ones.

At intervals of 6 to 40 ms each discharge overlaps the next, so that one unit's potential looks
different from discharge to discharge and gets one number after another, or none. What tells the
burst is that so many potentials of like size follow each other so closely in a muscle that is
silent otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.together import rate_elsewhere, rate_evidence
from emgdetect.detection.trains import BURST_FEWEST, BURST_INTERVAL_S, runs

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FEWEST = BURST_FEWEST + 1
"""Potentials of a burst whose units are not told, at least: beside a short run of five, which is
counted, another unit's may lie. Six where a site has bursts already. With this, of 2904 discharges
of myokymic bursts of an independent simulator that were counted 2631 are told, with six as many;
of some 30,000 fasciculations of three simulators 40 and 63 go, of which 16 and 21 are of short runs
beside bursts."""
LIKE_SIZE = 2.2
"""Amplitude over the median of a run, or its inverse, up to which a potential belongs to it: wider
than a unit's own variation, as overlaps add and take away. With this and the next one 2448 of those
discharges are told by six that are less than 60 ms apart, and with 1.5 and 1.7 1856 and 2112."""
EVIDENCE = 10.0
"""Log-likelihood ratio of a run's rate against the one elsewhere that it needs: 7 and 13 tried
there, to the same effect (13 leaves 88 discharges more)."""
APART_S = 0.5
"""Seconds from which what lies between parts two bursts. Set by judgement; not measured."""
AGAIN, AGAIN_S = 2, 0.1
"""Bursts of a site from which others may have intervals of so many seconds, for a discharge here
and there is not found; half of them have to be those of a burst. Of those discharges 180 more are
told by it."""


def grouped(time_s: Floats, size: Floats, *, seconds: float) -> Bools:
    """Which potentials belong to a burst, whatever unit they were taken for.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.
    size : ndarray, shape (n,)
        Amplitudes.
    seconds : float
        Time they were found in.

    Returns
    -------
    ndarray of bool, shape (n,)
        Seven or more of like size, less than 60 ms apart (definition of the verdicts, with one to
        spare), and what is smaller among them: a piece of a discharge. Where there are two such
        bursts, also six or more up to 100 ms apart, half of them less than 60: as a discharge in
        between is not found.
    """
    sure = _bursts(time_s, size, BURST_INTERVAL_S, FEWEST, seconds)
    if len(runs(time_s[sure], APART_S)) < AGAIN:
        return sure
    return sure | _bursts(time_s, size, AGAIN_S, BURST_FEWEST, seconds)


def _bursts(time_s: Floats, size: Floats, longest_s: float, fewest: int, seconds: float) -> Bools:
    """`grouped` with intervals up to a longest one, and so many potentials at least."""
    inside = np.zeros(len(time_s), dtype=bool)
    close = _dense(time_s, longest_s, fewest)
    n_elsewhere = len(time_s) - np.sum(np.diff(close, axis=1))
    within_s = np.sum(time_s[close[:, 1] - 1] - time_s[close[:, 0]])
    elsewhere_per_s = float(rate_elsewhere(n_elsewhere, seconds - within_s))
    for start, stop in close:
        ratio = size[start:stop] / max(float(np.median(size[start:stop])), 1e-9)
        alike = start + np.flatnonzero((ratio < LIKE_SIZE) & (ratio > 1 / LIKE_SIZE))
        for first, last in _dense(time_s[alike], longest_s, fewest):
            low, high = int(alike[first]), int(alike[last - 1])
            # Several numbers may be dated at one and the same peak.
            expected = np.array(max(elsewhere_per_s * (time_s[high] - time_s[low]), 1e-9))
            if rate_evidence(last - first - 1, expected) >= EVIDENCE:
                inside[low : high + 1] |= ratio[low - start : high + 1 - start] < LIKE_SIZE
    return inside


def _dense(time_s: Floats, longest_s: float, fewest: int) -> Ints:
    """Runs of so many, half of them less than 60 ms apart, as half-open ranges; (n_runs, 2)."""
    every = runs(time_s, float(np.nextafter(longest_s, 0)))
    return np.array([(start, stop) for start, stop in every if stop - start >= fewest
                     and np.median(np.diff(time_s[start:stop])) < BURST_INTERVAL_S],
                    dtype=np.int64).reshape(-1, 2)  # fmt: skip
