"""Strangers in a train: of two potentials too close for one motor unit, one is another unit's.

A fasciculation of a unit that looks like a train's gets the train's number, and lies within the
train. But it falls between two discharges of a rhythm that is complete without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trains import (
    TRAIN_FEWEST,
    TRAIN_INTERVAL_S,
    VARIATIONS,
    interval_density,
    interval_evidence,
)

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

DOUBLET_S = 0.008
"""Seconds within which one unit may fire twice (field.md: doublets)."""
TOO_CLOSE = 0.45
"""Part of the period within which a regular unit does not fire again. Chosen, with the next three,
on the trains of an independent simulator, seeds 0 to 9: of 65 pairs 54 times the other unit's
potential is named, 11 times one of the train's; with 0.5 68 and 17. In all, 504 instead of 550
potentials of tonic trains are missed there and 66 instead of 56 false ones counted, and of all at
once 626 instead of 657, and 155 instead of 151."""
REGULAR = 0.8
"""Mean log-likelihood ratio of the intervals around, without the two, from which one train fires
there alone: where two go on at once, their discharges fall as close to each other."""
DIFFERENT = 1.0
"""Log-likelihood ratio by which one of the two fits the train better than the other."""
SIZE_SPREAD = 0.3
"""Spread of the logarithm of a train's scores: one unit's amplitudes vary by a tenth (field.md),
and noise and overlaps add to it."""
MOST_NAMED = 3.0
"""Strangers over what the rate outside trains foresees, beyond which none is believed. Of healthy
recordings of our tuning seeds 1130 to 1132 four discharges of trains were named without it; on the
independent simulator nothing changes."""
MOST_APART = 3.0
"""Spreads beyond which a score tells no more: overlaps have any. Set by judgement; not measured."""
AROUND = 7
"""Discharges to either side that tell the rhythm and the size. Set by judgement; not measured."""


def strangers(
    time_s: Floats, template: Ints, score: Floats, train: Bools, alike: list[Ints], *,
    per_s: float,
) -> Bools:  # fmt: skip
    """Potentials of a train's numbers that are not the train's; shape (n_found,).

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known: those are never named.
    score : ndarray, shape (n_found,)
    train : ndarray of bool, shape (n_found,)
        What was taken for discharges of trains.
    alike : list of ndarray of int
        Units that may bear the discharges of one motor unit, for each unit, itself included.
    per_s : float
        Rate of potentials outside trains: where there are none, nobody fires within them, either.
    """
    named = np.zeros(len(time_s), dtype=bool)
    tonic = np.flatnonzero(train & (template >= 0))
    tonic = tonic[np.argsort(time_s[tonic], kind="stable")]
    gap_s = np.diff(time_s[tonic])
    close = (gap_s > DOUBLET_S) & (gap_s < TOO_CLOSE * TRAIN_INTERVAL_S[1])
    for k in np.flatnonzero(close):
        one, two = tonic[k], tonic[k + 1]
        units = np.union1d(alike[template[one]], alike[template[two]])
        if template[one] not in alike[template[two]] and template[two] not in alike[template[one]]:
            continue
        low = max(k - 8 * AROUND, 0)
        near = np.concatenate([tonic[low:k], tonic[k + 2 : k + 2 + 8 * AROUND]])
        near = near[np.isin(template[near], units)]
        named[_stranger(time_s, score, near, (one, two))] = True
    within_s = float(gap_s[gap_s < TRAIN_INTERVAL_S[1]].sum())
    return np.asarray(named & (named.sum() <= MOST_NAMED * per_s * within_s))


def _stranger(time_s: Floats, score: Floats, near: Ints, pair: tuple[int, int]) -> list[int]:
    """The one of a pair that is not the train's; empty if that cannot be told.

    Parameters
    ----------
    time_s, score : ndarray, shape (n_found,)
    near : ndarray of int, shape (n_near,)
        Potentials of the train by time, without the pair.
    pair : tuple of int
        The earlier one first.
    """
    at = int(np.searchsorted(time_s[near], time_s[pair[0]]))
    around = near[max(at - AROUND, 0) : at + AROUND]
    intervals = np.diff(time_s[around])
    usual = intervals[(intervals > TRAIN_INTERVAL_S[0]) & (intervals < TRAIN_INTERVAL_S[1])]
    if at in (0, len(near)) or len(usual) < TRAIN_FEWEST:
        return []
    period = float(np.median(usual))
    if time_s[pair[1]] - time_s[pair[0]] > TOO_CLOSE * period:
        return []
    if interval_evidence(intervals, variation=VARIATIONS[0]).mean() < REGULAR:
        return []
    size = float(np.median(score[around]))
    fits = [_timed(time_s[near[at - 1]], time_s[i], time_s[near[at]], period)
            + _sized(score[i] / size) for i in pair]  # fmt: skip
    if abs(fits[0] - fits[1]) < DIFFERENT:
        return []
    return [pair[int(np.argmin(fits))]]


def _timed(before_s: float, at_s: float, after_s: float, period_s: float) -> float:
    """Log-likelihood of a discharge between two others, less a constant that a pair shares."""
    intervals = np.array([at_s - before_s, after_s - at_s])
    return float(np.log(interval_density(intervals, np.array(period_s), VARIATIONS[0])).sum())


def _sized(ratio: float) -> float:
    """Log-likelihood of a score over the usual one, less a constant."""
    return -0.5 * min(abs(float(np.log(ratio))) / SIZE_SPREAD, MOST_APART) ** 2
