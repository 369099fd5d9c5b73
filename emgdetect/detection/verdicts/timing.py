"""Verdicts by timing: bursts and trains, unit by unit and among units that noise confuses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection import trains
from emgdetect.detection.firing.due import is_due
from emgdetect.detection.firing.grouped import grouped
from emgdetect.detection.firing.sizes import by_size, size_there
from emgdetect.detection.firing.strangers import strange_units, strangers
from emgdetect.detection.first_pass.chains import in_chains
from emgdetect.detection.first_pass.confused import OWN_VARIATION, smaller_than_own
from emgdetect.detection.rows import in_time, unit_shares
from emgdetect.detection.second_pass.surroundings import CLEAR
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.counted import judge_counted
from emgdetect.detection.verdicts.faint import (
    LEAST_IN_TRAINS,
    no_clearer,
    trains_of_kin,
    trains_of_one,
)
from emgdetect.detection.verdicts.families import families
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.signal.spans import covers, merge, total

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

KIN_REACH_S = 0.25
"""Seconds from a train of several alike units together in which another potential of theirs belongs
to it: no more than the longest interval of a train, as a stray one may well be another unit's. With
1 s seven true potentials less on six tuning recordings (seeds 1110 to 1113), and as many others."""
TOGETHER_EVIDENCE = 12.0
"""Log-likelihood ratio that a train of several alike units together needs: of busy ones the
intervals of all look regular by chance more often. On the tuning seeds 1120 to 1122 of busy
muscles none of 37 potentials is called a train any more that was with 8, and of tonic_trains
nothing changes."""
FAMILY_EVIDENCE = 25.0
"""The same of units that are one motor unit's only if parts of it come late or fail. On an
independent simulator, four recordings each, 126 potentials of tonic trains were counted without it
and 21 are with it, 111 and 100 all at once, and 369 and 415 of 6048 of busy muscles are missed: one
site of them fires at 5/s for a quarter of a minute."""
STRAY_RATIO = 1.5
"""Amplitude over that of a train's discharges, or the inverse, from which a stray potential beside
it is another unit's: one unit's amplitudes vary by a tenth (field.md), and by noise. On real rest
4 of 15 added potentials that were taken for a train's so stay counted; nothing else changed on six
tuning recordings of trains."""
STRAY_LEFT, STRAY_AMONG = 1.1, 0.75
"""Power that is left of a stray once its unit is taken out, over that of noise, up to which it is
the unit's, and the quantile of what the train's own leave up to which it is all the same: what
leaves more has another waveform. Of potentials added to real rest between contractions that were
taken for strays 14 of 18 leave more than 1.1, and 3 of 31 strays of trains (tuning seeds 1001 to
1003). With it 2 potentials more are counted of tonic_trains, contractions and all_at_once (1001 to
1006), and 1 other; of real rest 4 of 84; of two independent simulators' trains none, and 2
others."""
ONLY_BESIDE = 0.7
"""Share of a unit's potentials that have to lie beside a train for it to be another number of the
train's unit: a unit that fasciculates fires elsewhere, too. Set by judgement; not measured."""
SAME_SCORE = 2.0
"""Standard deviations (noise, and a tenth of its size: `OWN_VARIATION`) by which the score of what
lies in a train's empty place may differ from the train's, to be its discharge whatever its number.
Only where it is `CLEAR`: weak ones are all alike. In 39 recordings (17 of hold-out 12; hold-out 10,
tonic_trains and busy, seeds 0 to 3; tuning seeds of pairs and busy, 1001 to 1004, of tremor,
contractions and tonic_trains, 1001 and 1002) 11 false ones are counted less, and no true one is
missed for it; with 3, 12. Of weak ones, too, 21 less, and four true ones; whatever the score, 24
and eight."""
MULTIPLET = 3
"""Potentials less than 60 ms apart that are a multiplet, where a site has chains of discharges
(`first_pass.chains`). Set by judgement; not measured."""
ISLAND_S = 1.0
"""Seconds between two spans of activity below which the muscle did not come to rest. Set by
judgement; not measured."""


def judge_timing(signal: SiteSignal, judged: Judged) -> Judged:
    """Bursts and trains, unit by unit, among potentials of which nothing is known but movement."""
    time_s, template = signal.measured.peak_s, signal.found.template
    burst = np.zeros(len(time_s), dtype=bool)
    train, faint = np.zeros((2, len(time_s)), dtype=bool)
    # Amid many units' discharges a train's own may be called movement; they tell of it still.
    free = np.isin(judged.verdict, ("fasciculation", "motion"))
    known = families(signal, free)
    tonic = _in_own_trains(signal, free)
    asked, many = in_time(time_s, free), np.zeros(len(time_s), dtype=bool)
    many[asked] = grouped(time_s[asked], signal.measured.amplitude_uv[asked],
                           seconds=total(signal.counted_s))  # fmt: skip
    for unit in np.unique(template[template >= 0]):
        own = in_time(time_s, np.isin(template, known.same[unit]) & free)
        alike = in_time(time_s, np.isin(template, known.either[unit]) & free)
        burst[own] |= trains.in_burst(time_s[own])
        own_trains = _trains_of(signal, own, trains.EVIDENCE)
        tried = [(own, own_trains, trains.STRAY_S)]
        if len(alike) > len(own):
            tried.append((alike, _trains_of(signal, alike, TOGETHER_EVIDENCE), KIN_REACH_S))
        family = in_time(time_s, np.isin(template, known.every[unit]) & free)
        if len(family) > len(alike):
            tried.append((family, _trains_of(signal, family, FAMILY_EVIDENCE), KIN_REACH_S))
        train |= _in_trains_by_size(signal, own)
        for members, spans, reach_s in tried:
            belongs = _belonging(signal, members, spans, reach_s)
            # Another number's potential of another size is another unit's, within a train as well.
            train[members] |= belongs & (np.isin(members, own) | _sized(signal, members, spans))
            train |= free & _fills_hole(signal, members, spans, tonic)
        faint[own] |= _in_faint_trains(signal, unit, known.kin, own, alike)
        train |= _goes_on(signal, own, own_trains, free & ~burst & ~many & ~train, tonic)
    train |= faint & ~(unit_shares(template, train | faint, free) < LEAST_IN_TRAINS)
    train &= ~_strange(signal, free & ~burst & ~many, train, tonic, known.either)
    train &= ~_in_chains(signal, free)
    active = covers(merge(signal.active_s, gap=ISLAND_S), time_s)
    judged = judged.revised(active, "train", "while the muscle was active")
    judged = judged.revised(burst, "burst", "six or more less than 60 ms apart")
    judged = judged.revised(many, "burst", "many of like size, most less than 60 ms apart")
    judged = judged.revised(train, "train", "regular firing at voluntary intervals")
    return judge_counted(signal, judged)


def _in_chains(signal: SiteSignal, free: Bools) -> Bools:
    """Potentials of multiplets at a site that has chains; shape (n_found,).

    Noise and overlap give the discharges of one multiplet several numbers. Those of one number then
    have the intervals of a train, with other discharges between them.
    """
    inside = np.zeros(len(free), dtype=bool)
    if in_chains(signal.found.time_s, signal.found.score):
        asked = in_time(signal.measured.peak_s, free)
        for start, stop in trains.runs(signal.measured.peak_s[asked], trains.BURST_INTERVAL_S):
            inside[asked[start:stop]] = stop - start >= MULTIPLET
    return inside


def _in_faint_trains(
    signal: SiteSignal, unit: int, kin: list[NDArray[np.int64]], own: NDArray[np.int64],
    alike: NDArray[np.int64],
) -> Bools:  # fmt: skip
    """Which of a unit's potentials are in trains that show with discharges too faint to be listed,
    of its own or of units that noise may take for it; shape (n_own,).
    """
    time_s = signal.measured.peak_s
    of_one = trains_of_one(signal, unit, kin[unit], time_s[own])
    of_kin = trains_of_kin(signal, kin[unit], kin, time_s[alike])
    in_one = _belonging(signal, own, of_one, trains.STRAY_S)
    in_kin = _belonging(signal, own, of_kin, KIN_REACH_S)
    return np.asarray(in_one & no_clearer(signal, np.array([unit]), own, of_one)
                      | in_kin & no_clearer(signal, kin[unit], own, of_kin))  # fmt: skip


def _in_trains_by_size(signal: SiteSignal, own: NDArray[np.int64]) -> Bools:
    """Potentials of one number in trains of its small or its large ones, which have holes."""
    tonic = np.zeros(len(signal.measured.peak_s), dtype=bool)
    for part in by_size(own, signal.measured.amplitude_uv):
        times_s = signal.measured.peak_s[part]
        spans = trains.again(times_s, trains.train_spans(times_s, evidence=TOGETHER_EVIDENCE))
        tonic[part] = _belonging(signal, part, spans, KIN_REACH_S)
    return tonic


def _strange(
    signal: SiteSignal, free: Bools, train: Bools, tonic: Bools, alike: list[NDArray[np.int64]]
) -> Bools:
    """Potentials that were taken for a train's, but are other units'; shape (n_found,)."""
    time_s, template = signal.measured.peak_s, signal.found.template
    gaps_s = np.diff(np.sort(time_s[train]))
    within_s = float(gaps_s[gaps_s < 2 * trains.TRAIN_INTERVAL_S[1]].sum())
    outside_s = max(total(signal.counted_s) - within_s, 1.0)
    others = free & ~train
    units = strange_units(time_s, template, train, tonic, others, within_s=within_s,
                          outside_s=outside_s)  # fmt: skip
    return units | strangers(time_s, template, signal.found.score, train & ~units, alike,
                             per_s=float(others.sum()) / outside_s)  # fmt: skip


def _belonging(
    signal: SiteSignal, members: NDArray[np.int64], spans: Floats, reach_s: float
) -> NDArray[np.bool_]:
    """Which potentials belong to some trains: those within, and strays near them that are alike."""
    time_s = signal.measured.peak_s[members]
    near, inside = trains.near_train(time_s, spans, reach_s), covers(spans, time_s)
    return near & (inside | _sized(signal, members, spans) & _explained(signal, members, spans))


def _explained(signal: SiteSignal, members: NDArray[np.int64], spans: Floats) -> Bools:
    """Which potentials their unit's waveform explains, or as well as those of some trains."""
    left = signal.found.left[members]
    inside = covers(spans, signal.measured.peak_s[members])
    if inside.sum() < trains.TRAIN_FEWEST:
        return np.ones(len(members), dtype=bool)
    return np.asarray(left <= max(STRAY_LEFT, float(np.quantile(left[inside], STRAY_AMONG))))


def _sized(signal: SiteSignal, members: NDArray[np.int64], spans: Floats) -> Bools:
    """Which potentials have the size of those of some trains; all where those are too few."""
    time_s, size = signal.measured.peak_s[members], signal.measured.amplitude_uv[members]
    inside = covers(spans, time_s)
    if inside.sum() < trains.TRAIN_FEWEST:
        return np.ones(len(members), dtype=bool)
    ratio = size / size_there(time_s, time_s[inside], size[inside])
    return np.asarray((ratio < STRAY_RATIO) & (ratio > 1 / STRAY_RATIO))


def _trains_of(signal: SiteSignal, members: NDArray[np.int64], evidence: float) -> Floats:
    """Trains of some potentials, in rest and where they go on beside active time."""
    times_s = _with_aside(signal, members)
    at_rest = trains.train_spans(times_s, evidence=evidence)
    beside = trains.trains_beside(times_s, signal.active_s)
    return trains.again(times_s, merge(np.concatenate([at_rest, beside])))


def _with_aside(signal: SiteSignal, members: NDArray[np.int64]) -> Floats:
    """Sorted times of some potentials and of those of the same units within a tremor."""
    units = np.unique(signal.found.template[members])
    aside = signal.aside.time_s[np.isin(signal.aside.template, units)]
    return np.sort(np.concatenate([signal.measured.peak_s[members], aside]))


def _goes_on(
    signal: SiteSignal, own: NDArray[np.int64], spans: Floats, free: Bools, tonic: Bools
) -> Bools:
    """Potentials of other numbers, or of none, with which a unit's trains go on.

    An overlap, or noise, gives a discharge another unit's number or none.

    Parameters
    ----------
    signal : SiteSignal
    own : ndarray of int, shape (n_own,)
        The unit's potentials, by time.
    spans : ndarray, shape (n_spans, 2)
        Its trains.
    free : ndarray of bool, shape (n_found,)
        Potentials that may belong to them.
    tonic : ndarray of bool, shape (n_found,)
        Potentials within trains of their own number.
    """
    time_s, size = signal.measured.peak_s, signal.measured.amplitude_uv
    marked = np.zeros(len(time_s), dtype=bool)
    inside = own[covers(spans, time_s[own])]
    if len(inside) < trains.TRAIN_FEWEST:
        return marked
    beside = trains.near_train(time_s, spans, trains.AGAIN_S)
    near = np.flatnonzero(
        free & beside & ~(unit_shares(signal.found.template, beside) < ONLY_BESIDE)
    )
    ratio = size[near] / size_there(time_s[near], time_s[inside], size[inside])
    mixed = np.zeros(len(time_s), dtype=bool)
    mixed[near] = (ratio < STRAY_RATIO) & (ratio > 1 / STRAY_RATIO)
    mixed[own] = True
    every = in_time(time_s, mixed)
    longer = trains.again(time_s[every], spans)
    marked[every] = covers(_including_ends(longer), time_s[every])
    # Within the trains, they go on only with what takes the place of a discharge.
    within = covers(_including_ends(spans), time_s)
    return marked & (~within | _fills_hole(signal, own, spans, tonic))


def _including_ends(spans: Floats) -> Floats:
    """Spans that hold the moment at which they end."""
    return np.stack([spans[:, 0], np.nextafter(spans[:, 1], np.inf)], axis=1)


def _in_own_trains(signal: SiteSignal, free: Bools) -> Bools:
    """Potentials within trains of their own number: a train may bear one number after another."""
    time_s, template = signal.measured.peak_s, signal.found.template
    tonic = np.zeros(len(time_s), dtype=bool)
    for unit in np.unique(template[template >= 0]):
        own = in_time(time_s, (template == unit) & free)
        tonic[own] = covers(_including_ends(trains.train_spans(time_s[own])), time_s[own])
    return tonic


def _fills_hole(
    signal: SiteSignal, members: NDArray[np.int64], spans: Floats, tonic: Bools
) -> Bools:
    """Potentials of a train's size where a discharge of the train is due, but none was found.

    Noise or an overlap disguised it, so that it was given to another unit or to none. What is clear
    and of the train's own score is its discharge there, wherever else its number fires.
    """
    time_s, size, found = signal.measured.peak_s, signal.measured.amplitude_uv, signal.found
    filled = np.zeros(len(time_s), dtype=bool)
    beside = trains.near_train(time_s, spans, trains.AGAIN_S)
    may = ~(unit_shares(found.template, beside | tonic) < ONLY_BESIDE)
    may |= smaller_than_own(signal.templates, found.template, found.score)
    for start, stop in spans:
        own = members[(time_s[members] >= start) & (time_s[members] <= stop)]
        if len(own) < trains.TRAIN_FEWEST:
            continue
        alike = (size > 0.5 * np.median(size[own])) & (size < 1.7 * np.median(size[own]))
        usual = float(np.median(found.score[own]))
        same = np.abs(found.score - usual) <= SAME_SCORE * np.hypot(1.0, OWN_VARIATION * usual)
        same &= found.score >= CLEAR * signal.known.threshold
        filled |= alike & (may | same) & is_due(time_s, time_s[own])
    return filled
