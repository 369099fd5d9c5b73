"""Whether potentials have one size: those of a unit do, pops and clicks have any."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.noise import robust_rms

Floats = NDArray[np.floating[Any]]

UNIT_SPREAD = 0.22
"""Spread of the log amplitudes (a robust standard deviation) below which a unit is steady; units
vary by 10 % in the simulation, pops have 8 to 150 x noise; chosen on tuning seeds of clean, busy,
measured and movement (benchmarks/accuracy.py)."""
NOISE_SPREAD = 1.5
"""Spread of log amplitudes that noise adds, times the score: a weak unit looks less steady. Set by
judgement; not measured."""
FEW = 4
"""Potentials below which a unit is steady by `FEW_RANGE` instead of a robust spread, which two
that are alike by chance decide there. Set by judgement; not measured."""
FEW_RANGE = 0.35
"""Range of their log amplitudes below which it is. Of 172 recordings of three simulators ten units
of muscle that look like pops have less, and no three pops or clicks, which have 0.55 or more."""
MANY = 10
"""Potentials from which that spread may be `CLICK_SPREAD`: two units that are alike pass for one.
Of units so large of an independent simulator a quarter have more than 0.24 and a twentieth more
than 0.35; its two templates of as many pops 0.8 and 0.9."""
CLICK_SPREAD = 0.4
"""Spread of the log amplitudes, robust as well, from which there is no common size."""


def steady(size: Floats, score: Floats) -> bool:
    """Whether amplitudes vary as little as those of one unit in noise, or of two alike."""
    logs = np.log(np.maximum(size, 1e-9))
    if len(logs) < FEW:
        return bool(np.ptp(logs) < FEW_RANGE)
    limit = _spread_of_one(score)
    return bool(robust_rms(logs) < (limit if len(size) < MANY else max(limit, CLICK_SPREAD)))


def very_steady(size: Floats, score: Floats) -> bool:
    """Whether many amplitudes vary as little as those of one unit."""
    logs = np.log(np.maximum(size, 1e-9))
    return bool(len(size) >= MANY and robust_rms(logs) < _spread_of_one(score))


def _spread_of_one(score: Floats) -> float:
    """Spread of log amplitudes below which they are one unit's, noise included."""
    return float(np.hypot(UNIT_SPREAD, NOISE_SPREAD / float(np.median(score))))
