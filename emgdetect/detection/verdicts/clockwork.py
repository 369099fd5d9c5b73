"""Units that keep time like a machine: counted, as any slow unit is, but told to the person.

A slow unit's intervals vary by a tenth and more, and each adds to the next; the pulses of a nerve
stimulator, a pump or a pacemaker are multiples of one interval to within a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import Finding, finding

Floats = NDArray[np.floating[Any]]

LEAST = 9
"""Intervals from which a unit may be told to keep time. Set by judgement; not measured."""
SHARE = 0.6
"""Share of them that have to be multiples of one interval: the rest are interrupted by what else
has its waveform. Set by judgement; not measured."""
WITHIN_S = 0.002
"""Seconds by which such an interval may be off: noise moves a peak by less than one (timing error
of the benchmark). Set by judgement; not measured."""
PERIODS_S = (0.2, 15.0)
"""Periods looked for, in seconds: faster pulses are a train or a burst. Set by judgement; not
measured."""
AS_GOOD = 0.85
"""Share of the most multiples from which the longest period is taken. Set by judgement; not
measured."""
MOST_TRIED = 200
"""Intervals that are tried as the period. Set by judgement; not measured."""


def period_of(time_s: Floats) -> float:
    """Period of which most of some intervals are multiples.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In order.

    Returns
    -------
    float
        Seconds; NaN where there is none, or too few intervals to tell.
    """
    steps = np.diff(time_s)
    tried = np.unique(steps[(steps >= PERIODS_S[0]) & (steps <= PERIODS_S[1])])
    if len(steps) < LEAST or not len(tried):
        return float("nan")
    tried = tried[:: -(-len(tried) // MOST_TRIED)]
    # One after the other: all at once they would take megabytes for a day.
    share = np.array([_multiples(steps, period).mean() for period in tried])
    if share.max() < SHARE:
        return float("nan")
    # Half a period has as many multiples, and some more by chance.
    longest = int(np.flatnonzero(share >= AS_GOOD * share.max())[-1])
    own = steps[_multiples(steps, tried[longest])]
    return float(np.median(own / np.rint(own / tried[longest])))


def _multiples(steps: Floats, period_s: float) -> NDArray[np.bool_]:
    """Which steps are whole multiples of a period; shape (n_steps,)."""
    times = np.rint(steps / period_s)
    # A period is known to within the same error, which grows with each multiple.
    allowed = np.minimum(WITHIN_S * np.sqrt(1 + times**2), 0.02 * period_s)
    off = np.abs(steps - times * period_s)
    return np.asarray((times >= 1) & (off <= allowed))


def keeping_time(
    site: str, time_s: Floats, unit: Sequence[int] | NDArray[np.int64]
) -> list[Finding]:
    """A warning for each unit whose counted potentials keep time like a machine.

    Parameters
    ----------
    site : str
    time_s : ndarray, shape (n,)
        Of the counted potentials, in order.
    unit : sequence of int, length n
        0 where unassigned.

    Returns
    -------
    list of Finding
        Empty where there is none.
    """
    numbers = np.asarray(unit)
    found = []
    for number in np.unique(numbers[numbers > 0]):
        own = time_s[numbers == number]
        period_s = period_of(own)
        if np.isfinite(period_s):
            message = (
                f"{site}: the {len(own)} potentials of unit {number} keep time like a machine "
                f"(every {period_s:.3f} s, or a multiple); they are counted."
            )
            found.append(finding("unit-like-clock", message))
    return found
