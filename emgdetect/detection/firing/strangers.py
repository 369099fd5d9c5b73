"""Strangers in a train: potentials of its numbers that its rhythm has no place for.

A fasciculation of a unit that looks like a train's gets the train's number, and lies within the
train. But it falls between two discharges of a rhythm that is complete without it; and of two
potentials too close for one motor unit, one is another unit's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import in_time
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
"""Seconds within which one unit may fire twice: doublets of biceps (field.md; up to 20 ms
elsewhere)."""
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
AS_OFTEN, OUTSIDE_LEAST = 1.5, 3
"""Rate of a unit within trains over that outside up to which it is no unit of a train's, and the
potentials outside that tell it. On the trains of that simulator 99 potentials of other units are
named so, and 15 of the trains; without asking whether a discharge is missed there 116 and 43."""
CHANCE_PER_S = 0.5
"""Potentials per second that chance puts anywhere: 30 in a minute. Set by judgement; not measured.
"""
MOST_APART = 3.0
"""Spreads beyond which a score tells no more: overlaps have any. Set by judgement; not measured."""
AROUND = 7
"""Discharges to either side that tell the rhythm and the size. Set by judgement; not measured."""
AMONG = 8
"""Discharges of all trains among which one of the asked units is looked for, for each that tells.
Set by judgement; not measured."""


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
    tonic = in_time(time_s, train & (template >= 0))
    gap_s = np.diff(time_s[tonic])
    close = (gap_s > DOUBLET_S) & (gap_s < TOO_CLOSE * TRAIN_INTERVAL_S[1])
    for k in np.flatnonzero(close):
        one, two = tonic[k], tonic[k + 1]
        units = np.union1d(alike[template[one]], alike[template[two]])
        if template[one] not in alike[template[two]] and template[two] not in alike[template[one]]:
            continue
        reach = AMONG * AROUND
        near = np.concatenate([tonic[max(k - reach, 0) : k], tonic[k + 2 : k + 2 + reach]])
        near = near[np.isin(template[near], units)]
        named[_stranger(time_s, score, near, (one, two))] = True
    within_s = float(gap_s[gap_s < TRAIN_INTERVAL_S[1]].sum())
    return np.asarray(named & (named.sum() <= MOST_NAMED * per_s * within_s))


def strange_units(
    time_s: Floats, template: Ints, train: Bools, tonic: Bools, others: Bools, *,
    within_s: float, outside_s: float,
) -> Bools:  # fmt: skip
    """Potentials of units that fire as often outside trains, where no train misses a discharge.

    A unit that looks like the train's shares its trains by the clock alone.

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    train : ndarray of bool, shape (n_found,)
        What was taken for discharges of trains.
    tonic : ndarray of bool, shape (n_found,)
        Potentials within trains of their own unit; a unit with any is left alone.
    others : ndarray of bool, shape (n_found,)
        Potentials outside trains that nothing is held against.
    within_s, outside_s : float
        Seconds in which trains go on, and all others.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    suspect = np.zeros(len(template), dtype=bool)
    for unit in np.unique(template[train & (template >= 0)]):
        own = template == unit
        inside, outside = int((own & train).sum()), int((own & others).sum())
        as_often = inside * outside_s < AS_OFTEN * outside * within_s
        suspect |= own & train & (outside >= OUTSIDE_LEAST and as_often and not tonic[own].any())
    rest_s = np.sort(time_s[train & ~suspect])
    for i in np.flatnonzero(suspect):
        suspect[i] = _missed(rest_s, float(time_s[i])) < 0
    return suspect


def _missed(train_s: Floats, at_s: float) -> float:
    """Log-likelihood ratio of a discharge that a train would miss there against chance.

    0 where it cannot be told.
    """
    at = int(np.searchsorted(train_s, at_s))
    period = _period(np.diff(train_s[max(at - AROUND, 0) : at + AROUND]))
    if at in (0, len(train_s)) or period is None:
        return 0.0
    before, after = float(train_s[at - 1]), float(train_s[at])
    whole = interval_density(np.array([after - before]), np.array(period), VARIATIONS[0])
    return _timed(before, at_s, after, period) - float(np.log(whole[0] * CHANCE_PER_S))


def _period(intervals: Floats) -> float | None:
    """Median of the intervals of a train; None where there are too few."""
    usual = intervals[(intervals > TRAIN_INTERVAL_S[0]) & (intervals < TRAIN_INTERVAL_S[1])]
    return float(np.median(usual)) if len(usual) >= TRAIN_FEWEST else None


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
    period = _period(intervals)
    if at in (0, len(near)) or period is None:
        return []
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
