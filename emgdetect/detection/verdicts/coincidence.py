"""Events that two sites see at the same moment, far more often than by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.verdicts.crosstalk import SHIFTS_S
from emgdetect.signal.spans import nearest

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

WITHIN_S = 0.0006
"""Seconds between the peaks of what two sites see at once: a sample of 2 kHz, to either side. Set
by judgement; not measured."""
LEAST = 8
"""Such events of two sites from which they have a common source. Chosen, with the next, on 24
recordings of two independent simulators: within 3 ms two sites beside a pump share 67 events, by
chance 0.5; sites of busy muscles share up to 9, by chance 5."""
CHANCE_RATIO = 5.0
"""How many times what chance gives, counted at other lags, has to be exceeded."""
NEAR_S = (-0.006, -0.004, -0.0025, 0.0025, 0.004, 0.006)
"""Lags in seconds at which what is locked, but jitters, meets as often as at none: potentials of
two muscles that one nerve drives, blows that two sites hear ring. Where a pulse counts as met
further away they tell nothing. Four muscles that fire within 5 ms of each other, fourteen times,
amid knocks (tests/detection/shape/test_slowness.py, seeds 0 to 3): 30 of 224 potentials were an
apparatus's without it, none is with it; two pacemakers and a pump (hold-out 13, seed 3) as before.
"""


def at_once(times_s: Floats, others_s: Floats, within_s: float = WITHIN_S) -> Bools:
    """Events that another site sees at the same moment, if far more do than by chance.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
    others_s : ndarray, shape (n_others,)
        Of another site, in order.
    within_s : float
        Seconds by which they may differ.

    Returns
    -------
    ndarray of bool, shape (n,)
        None where fewer than `LEAST` are shared.
    """
    now = meets(times_s, others_s, within_s)
    far, near = (
        float(np.mean([meets(times_s + lag, others_s, within_s).sum() for lag in lags]))
        for lags in (SHIFTS_S, NEAR_S)
    )
    by_chance = far if 2 * within_s >= max(NEAR_S) else max(far, near)
    return np.asarray(now & bool(now.sum() >= max(LEAST, CHANCE_RATIO * by_chance)))


def meets(times_s: Floats, others_s: Floats, within_s: float) -> Bools:
    """Events that another site sees at the same moment; shape (n,)."""
    if not len(times_s) or not len(others_s):
        return np.zeros(len(times_s), dtype=bool)
    return np.asarray(np.abs(times_s - others_s[nearest(times_s, others_s)]) <= within_s)
