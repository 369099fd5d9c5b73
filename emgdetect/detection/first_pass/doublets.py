"""Templates that are no unit of their own, but doublets of one that also fires singly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.library import correlate, cross_gram
from emgdetect.signal.pairs import best_pairs, clear_pair, scaled_pair
from emgdetect.signal.pursuit import SAME_UNIT_S, Placed, subtract

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

MERGE_NOISE = 1.3
"""Times the noise of averages that is granted to their misfit. Set by judgement; not measured."""
DOUBLET_LEFT = 0.06
"""Share of a template's energy that two placings of another may leave. Chosen on tuning seeds of
clean, pairs and busy (benchmarks/accuracy.py): 0.05 and 0.08 are as good there."""
RARE, CHAINED_LEFT = 10.0, 0.25
"""What is left instead of templates that are so many times rarer, where discharges come in chains:
those that were not told apart differ in size and distance from each other. Of myokymia (an
independent simulator, hold-out 13, seeds 0 and 1) 338 of 2411 are missed and 19 false with it,
356 and 24 without."""
SURE_S, SURE_SCALE, SURE_LEFT, SURE_NOISE = 0.0044, 0.87, 0.02, 0.1
"""Seconds between two discharges, their least scale, the share of a template's energy that they
leave beyond the noise of averages, and what that noise may be, from which a template is a doublet
even if the unit hardly fires more often singly: ten doublets of a unit 8 or 12 ms apart and as
many singles would be told as two units (tests/detection/first_pass/test_double_templates.py).
Nothing else changes on the tuning seeds 1001 to 1012 of clean, pairs, busy and weak; where 0.03 may
be left, 13 false ones more are counted at one site whose units are alike."""


def doublets(
    templates: Floats32, counts: Floats, *, rate_hz: float, occupancy: float, clear: bool = False,
    chained: bool = False,
) -> NDArray[np.bool_]:  # fmt: skip
    """Templates that are two discharges of one other: doublets of a unit that also fires singly.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_channels, n_samples)
    counts : ndarray, shape (n_templates,)
        Potentials averaged in each.
    rate_hz, occupancy : float
    clear : bool
        Whether the two have to be apart and of like size (`pairs.clear_pair`): where they need not
        be, a true unit may be explained by two of another (17 false ones in one recording of an
        independent simulator).
    chained : bool
        Whether discharges follow each other in chains (`chains.room_of`): a rare template may then
        be any two of them that were not apart.

    Returns
    -------
    ndarray of bool, shape (n_templates,)
    """
    n = templates.shape[2]
    padded = np.pad(templates, ((0, 0), (0, 0), (n // 2, n // 2)))
    energy = np.einsum("kcl,kcl->k", templates, templates)
    n_noise = occupancy * templates.shape[1] * n
    double = np.zeros(len(templates), dtype=bool)
    for k, j in np.ndindex(len(templates), len(templates)):
        # Two discharges hold twice the energy of one, more or less, as they overlap.
        if j == k or not 0.6 < energy[k] / max(energy[j], 1e-9) < 4.0:
            continue
        granted = MERGE_NOISE * n_noise * (1 / counts[k] + 2 / counts[j]) / energy[k]
        rarely = 2 * counts[k] <= counts[j]
        if not rarely and granted > SURE_NOISE:
            continue
        one = templates[j : j + 1]
        inner, gram = correlate(padded[k], one), cross_gram(one)
        pairs = best_pairs(inner, energy[j : j + 1], gram, apart=round(SAME_UNIT_S * rate_hz))
        if not pairs:
            continue
        placed = scaled_pair(pairs[0], 0, inner, energy[j : j + 1], gram)
        left = float(np.sum(subtract(padded[k], one, placed) ** 2)) / energy[k]
        if not rarely:
            double[k] |= left <= SURE_LEFT + granted and _beyond_doubt(placed, rate_hz)
        elif clear_pair(placed, rate_hz) or not clear:
            rare = chained and RARE * counts[k] <= counts[j]
            double[k] |= left < (CHAINED_LEFT if rare else DOUBLET_LEFT) + granted
    return double


def _beyond_doubt(both: Sequence[Placed], rate_hz: float) -> bool:
    """Whether two discharges are a doublet although the unit hardly fires more often singly."""
    small, large = sorted(one.scale for one in both)
    apart_s = abs(both[0].sample - both[1].sample) / rate_hz
    return small >= SURE_SCALE and large <= 1 / SURE_SCALE and apart_s >= SURE_S
