"""In what company a counted potential stands: alone, or in a doublet, pair or run of its unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trains import TRAIN_INTERVAL_S, runs

Floats = NDArray[np.floating[Any]]

TOGETHER_S = TRAIN_INTERVAL_S[1]
"""Seconds up to which two discharges of a unit stand together: an isolated one has more than 250 ms
of its unit's silence on both sides (Sleutjes et al. 2016)."""
DOUBLET_S = 0.020
"""Seconds up to which two discharges are a doublet: doublets are 2.5-20 ms apart, F-response pairs
30-40 ms (Kleine et al. 2012)."""
STEPS = 6
"""Decimals of a second to which gaps are rounded before they are compared: the limits themselves,
whole samples at most rates, must not depend on the last bit."""

ISOLATED = "isolated"
"""What is said of one that stands alone."""


def company(
    peak_s: Floats, unit: NDArray[np.int64], counted: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """What is said of counted potentials: how many of the unit stand together, and how near.

    Parameters
    ----------
    peak_s : ndarray, shape (n_found,)
        In any order.
    unit : ndarray of int, shape (n_found,)
        0 where unassigned: such a one is looked at among all counted ones of the site.
    counted : ndarray of bool, shape (n_found,)

    Returns
    -------
    ndarray of str, shape (n_found,)
        Empty where not counted.
    """
    said = np.where(counted, ISOLATED, "").astype(object)
    for number in np.unique(unit[counted & (unit > 0)]):
        own = np.flatnonzero(counted & (unit == number))
        own = own[np.argsort(peak_s[own], kind="stable")]
        gaps_s = np.diff(peak_s[own]).round(STEPS)
        for start, stop in runs(peak_s[own], TOGETHER_S + 0.5 * 10.0**-STEPS):
            said[own[start:stop]] = _of_run(gaps_s[start : stop - 1])
    every = np.flatnonzero(counted)
    every = every[np.argsort(peak_s[every], kind="stable")]
    gaps_s = np.diff(peak_s[every], prepend=-np.inf, append=np.inf).round(STEPS)
    for index, gap_s in zip(every, np.minimum(gaps_s[:-1], gaps_s[1:]), strict=True):
        if not unit[index] and gap_s <= TOGETHER_S:
            said[index] = f"of no unit, {_ms(gap_s)} from another"
    return said


def _of_run(gaps_s: Floats) -> list[str]:
    """What is said of each of n discharges that stand together, with n - 1 gaps between them."""
    if not len(gaps_s):
        return [ISOLATED]
    if len(gaps_s) == 1:
        kind = "doublet" if gaps_s[0] <= DOUBLET_S else "pair"
        return [f"in a {kind}, {_ms(gaps_s[0])} apart"] * 2
    nearest = np.minimum(np.append(gaps_s, np.inf), np.insert(gaps_s, 0, np.inf))
    return [f"in a run of {len(nearest)}, {_ms(gap_s)} to the nearest" for gap_s in nearest]


def _ms(gap_s: float) -> str:
    return f"{1000 * gap_s:.3g} ms"
