"""Where a train misses a discharge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

DUE_PHASE = 0.33
"""Part of a period by which a discharge may lie from where it is due. Set by judgement; not
measured."""


def is_due(times_s: Floats, train_s: Floats) -> Bools:
    """Which times fall where a train misses a discharge.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
    train_s : ndarray, shape (n_train,)
        Sorted discharges of one train, at least two.

    Returns
    -------
    ndarray of bool, shape (n,)
        Within a third of the period of where the discharge is due, in an interval of the train
        of at least one and a half periods.
    """
    intervals = np.diff(train_s)
    period = float(np.median(intervals))
    before = np.searchsorted(train_s, times_s, side="right") - 1
    inside = (before >= 0) & (before < len(intervals))
    index = np.clip(before, 0, len(intervals) - 1)
    n_steps = np.maximum(np.rint(intervals[index] / period), 1)
    step = intervals[index] / n_steps
    phase = (times_s - train_s[index]) / step
    nearest = np.rint(phase)
    due = (nearest >= 1) & (nearest <= n_steps - 1) & (np.abs(phase - nearest) < DUE_PHASE)
    return np.asarray(inside & due)
