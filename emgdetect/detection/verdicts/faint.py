"""Trains of weak units, of which most discharges are too faint to be listed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection import trains
from emgdetect.detection.rows import in_time
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.spans import covers, merge, nearest

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

FAINT_LEAST = 3
"""Listed potentials of weak units alike within a train of their faint ones. Set by judgement; not
measured."""
FAINT_OWN = 2
"""The same of one weak unit. With the two that follow chosen on 43 recordings of our and two
independent simulators: of busy muscles 9 of some 3800 potentials are called a train instead of 16
(3 listed ones, 1 s, an evidence of 11), and of 280 other events that were counted 264 are left."""
FAINT_REACH_S = 2.0
"""Seconds from a listed potential in which its own unit's faint ones are looked at; those of alike
ones within `trains.STRAY_S`."""
FAINT_EVIDENCE = 15.0
"""Log-likelihood ratio that a train needs that shows only with discharges too faint to be listed,
of which many are noise. With `trains.EVIDENCE`, 8, 60 of 9200 true potentials more were called a
train (busy, clean, tonic_trains and all_at_once, tuning seeds 1110 to 1112)."""
FAINT_NOISE = 4.0
"""Score, in units of noise, by which a discharge may exceed the median of a train's faint ones: of
a thousand times noise adds that or more less than once. Of 1540 potentials added to real rest
(benchmarks/resting.py, random seed 90) 1238 are counted so, 1222 without and 1242 with 3; of the
recordings themselves 51, 49 and 53 in the quiet stretches. Missed and extra events stay as many
at 3 tuning seeds each of tonic_trains, busy, contractions, all_at_once and healthy."""
FAINT_VARIATION = 0.2
"""Share of that median by which it may exceed it in addition: twice the tenth by which one unit's
amplitudes vary (field.md). Not measured on its own."""
KIN_EVIDENCE = 25.0
"""Log-likelihood ratio that such a train needs where the listed ones bear the numbers of several
units that noise may take for one another: of a weak train a tenth is listed, under several numbers.
At `trains.EVIDENCE` 249 of 6260 potentials of busy muscles (tuning seeds 1110 to 1113) became
trains so, with this none."""

SAME_S = 0.015
"""Seconds within which a faint discharge and another unit's potential are the same: the shapes of
two units match each other best at some other lag than their peaks. Set by judgement; not measured.
"""
LARGER = 2.0
"""Score of another unit's potential, over that of a faint discharge, from which it is that. With
1.4, or with what fits another unit better left out, too, one train of our healthy tuning seeds 1120
and 1121 is counted, 24 potentials; without, 96 instead of 77 are false on seeds 0 to 2 of an
independent simulator's all at once."""

LEAST_IN_TRAINS = 0.35
"""Share of a unit's listed potentials that have to lie in trains for faint ones to show them: most
of a larger unit's train, seen by its likeness, lie where the weak unit fires anyway. On 32
recordings of trains and all at once of our and two independent simulators 52 potentials were in
faint trains of units below it, and 12 others."""


def trains_of_one(signal: SiteSignal, unit: int, kin: NDArray[np.int64], own_s: Floats) -> Floats:
    """Trains of one weak unit; shape (n_spans, 2).

    Parameters
    ----------
    signal : SiteSignal
    unit : int
    kin : ndarray of int
        Units that noise may take for it, itself included.
    own_s : ndarray, shape (n_own,)
        Its listed potentials, in order, and those of other numbers of its motor unit.
    """
    return _faint_trains(signal, unit, kin, own_s, evidence=FAINT_EVIDENCE,
                         reach_s=FAINT_REACH_S, least=FAINT_OWN)  # fmt: skip


def trains_of_kin(
    signal: SiteSignal, units: NDArray[np.int64], kin: list[NDArray[np.int64]], alike_s: Floats
) -> Floats:
    """Trains of weak units that noise may take for one another; shape (n_spans, 2), merged.

    Parameters
    ----------
    signal : SiteSignal
    units : ndarray of int
        At least one.
    kin : list of ndarray of int
        Of every unit of the site.
    alike_s : ndarray, shape (n_alike,)
        Listed potentials of all of them, in order.
    """
    return merge(np.concatenate([
        _faint_trains(signal, unit, kin[unit], alike_s, evidence=KIN_EVIDENCE,
                      reach_s=trains.STRAY_S, least=FAINT_LEAST)
        for unit in units
    ]))  # fmt: skip


def _faint_trains(
    signal: SiteSignal, unit: int, kin: NDArray[np.int64], own_s: Floats, *, evidence: float,
    reach_s: float, least: int,
) -> Floats:  # fmt: skip
    """Trains of a weak unit that show only with the discharges too faint to be listed.

    What a far larger unit is listed with is its own: faint discharges are sought in the whole
    trace, and the train of a larger unit shows in each weak one's score.
    """
    faint = signal.faint.time_s[signal.faint.template == unit]
    if len(own_s) < least or not len(faint):
        return np.zeros((0, 2))
    near = np.abs(faint - own_s[nearest(faint, own_s)]) <= reach_s
    score = signal.faint.score[signal.faint.template == unit]
    spans = trains.train_spans(np.sort(_unclaimed(signal, kin, faint[near], score[near])),
                               evidence=evidence)  # fmt: skip
    listed = [np.sum((own_s >= a - 0.05) & (own_s <= b + 0.05)) >= least for a, b in spans]
    return np.asarray(spans[np.array(listed, dtype=bool)])


def _unclaimed(signal: SiteSignal, kin: NDArray[np.int64], time_s: Floats, score: Floats) -> Floats:
    """Times at which no far larger potential of a unit of another waveform is listed."""
    found = signal.found
    others = in_time(signal.measured.peak_s, (found.template >= 0) & ~np.isin(found.template, kin))
    if not len(others):
        return time_s
    other_s = signal.measured.peak_s[others]
    at = nearest(time_s, other_s)
    claimed = found.score[others][at] > LARGER * score
    return time_s[~(claimed & (np.abs(other_s[at] - time_s) <= SAME_S))]


def no_clearer(
    signal: SiteSignal, units: NDArray[np.int64], own: NDArray[np.int64], spans: Floats
) -> Bools:
    """Which potentials score no more than discharges of a train of some faint units may."""
    faint = signal.faint
    inside = np.isin(faint.template, units) & covers(spans, faint.time_s)
    if not inside.any():
        return np.ones(len(own), dtype=bool)
    usual = float(np.median(faint.score[inside]))
    return np.asarray(signal.found.score[own] <= usual * (1 + FAINT_VARIATION) + FAINT_NOISE)
