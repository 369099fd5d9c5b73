"""When a muscle is active: by what a scan tells, and anew once potentials are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.together import in_rhythm
from emgdetect.detection.rest import crowding, maxima, rhythm, throng
from emgdetect.detection.rest.activity import Activity
from emgdetect.detection.rest.bouts import Sized, bouts
from emgdetect.detection.rest.edges import at_edges, sharpened
from emgdetect.signal.spans import merge, total, without

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Spans = NDArray[np.floating[Any]]
Levels = Mapping[str, Spans]


@dataclass(frozen=True)
class Fired:
    """Potentials of a site that tell of a muscle that is not at rest.

    Attributes
    ----------
    time_s : ndarray, shape (n,)
        Sorted; of those that are no tail of the noise.
    template : ndarray of int, shape (n,)
        Unit of each; below 0 where none is known.
    tonic : ndarray of int, shape (n,)
        The same with units made one that may be one whose discharges vary: what fires regularly on
        its own is no tremor.
    every : Sized
        All that are listed, of which many may be barely seen: together they tell of weak bouts.
    """

    time_s: Spans
    template: Ints
    tonic: Ints
    every: Sized


@dataclass(frozen=True)
class Unrest:
    """Time in which a muscle is active, each item of shape (n_spans, 2) in seconds.

    Attributes
    ----------
    tremor : ndarray
    contraction : mapping of str to ndarray
        By exclusion level.
    thronged : ndarray
        Time in which maxima of the score throng, trains among them.
    """

    tremor: Spans
    contraction: Levels
    thronged: Spans


def by_candidates(activity: Activity) -> Unrest:
    """By a scan alone."""
    levels = _spared(activity.contraction, activity.spare)
    return Unrest(activity.tremor, _joined(levels, activity.tense), np.zeros((0, 2)))


def by_potentials(activity: Activity, fired: Fired, recorded_s: Spans) -> Unrest:
    """By a scan and by the potentials that were found since: many units at once are no rest."""
    shaking, restless = restless_by_level(fired.time_s, fired.template, recorded_s)
    free = maxima.is_free(activity.tail_s, fired.time_s, fired.tonic, activity.beats_s)
    rhythmic = _of_tremor(activity, free, recorded_s)
    rough = merge(np.concatenate([activity.tremor, shaking, rhythmic]))
    tremor = sharpened(rough, activity.time_s, recorded_s)
    levels = _spared(_joined(activity.contraction, restless), activity.spare)
    tense = activity.tense
    thronged: Spans = np.zeros((0, 2))
    if not activity.grid:
        # A grid's level rises with the first units, and it sees weak distant ones all the time.
        rest = _rest(activity, tremor, levels, recorded_s)
        # A train that bears several numbers is no throng; bursts of a tremor are no train.
        train_s = fired.time_s[in_rhythm(fired.time_s, seconds=total(recorded_s))]
        alone = free & maxima.away_from(activity.tail_s, train_s)
        weak, thronged = _thronged(activity, alone, fired.every, rest)
        levels, tense = (
            {name: crowding.with_ramps(spans, fired.time_s, fired.template, recorded_s)
             for name, spans in some.items()} for some in (_joined(levels, weak), tense)
        )  # fmt: skip
    # Where hardly anything fires beside a tremor, no contraction is.
    calm = without(rough, tremor)
    levels = {name: without(spans, calm) for name, spans in levels.items()}
    if not activity.grid:
        rest = _rest(activity, tremor, levels, recorded_s)
        weakly = bouts(rest.cell_s, rest.level, rest.spans_s, fired.every)
        levels = _joined(levels, dict.fromkeys(levels, weakly))
    # Bouts are told beside firm contractions: a weak one may be part of one.
    return Unrest(tremor, _joined(levels, tense), thronged)


def _of_tremor(activity: Activity, free: Bools, recorded_s: Spans) -> Spans:
    """Spans in which maxima come in the rhythm of a tremor, several at once."""
    weighted = activity.tail_s[free], rhythm.weights_of(activity.tail_score[free])
    courses = rhythm.courses(*weighted, activity.beats_s, recorded_s)
    return rhythm.in_groups(rhythm.tremor_spans(*courses), *weighted)


def _rest(activity: Activity, tremor: Spans, levels: Levels, recorded_s: Spans) -> throng.Rest:
    """What the site is like in the time that is not excluded by default."""
    known = np.concatenate([*activity.bad.values(), tremor, levels["default"]])
    return throng.Rest(
        without(recorded_s, known), recorded_s, activity.cell_s, activity.loudness
    )  # fmt: skip


def _thronged(
    activity: Activity, alone: Bools, every: Sized, rest: throng.Rest
) -> tuple[Levels, Spans]:
    """Spans in which maxima throng: by exclusion level without those of trains, and with them."""
    clear_s = every.time_s[every.size >= 1.0]
    tail_s, score = activity.tail_s, activity.tail_score
    levels = {
        name: throng.thronged_spans(tail_s[alone], score[alone], clear_s, rest, least=least)
        for name, least in throng.LEAST.items()
    }
    away = maxima.away_from_beats(tail_s, activity.beats_s)
    # Trains may well be of clear potentials.
    trains = throng.thronged_spans(
        tail_s[away], score[away], clear_s[:0], rest, least=throng.LEAST["default"]
    )
    return levels, trains


def _joined(levels: Levels, others: Levels) -> dict[str, Spans]:
    """Spans of two kinds, merged by exclusion level."""
    return {name: merge(np.concatenate([spans, others[name]])) for name, spans in levels.items()}


def restless_by_level(
    found_s: Spans, template: NDArray[np.int64], recorded: Spans
) -> tuple[Spans, dict[str, Spans]]:
    """Spans of tremor, and by exclusion level those in which many units fire at once otherwise."""
    spans = {name: crowding.restless_spans(found_s, template, least=least, recorded_s=recorded)
             for name, least in crowding.OTHERS.items()}  # fmt: skip
    shaking = [span for span in spans["default"] if crowding.is_tremor(found_s, span)]
    return np.array(shaking).reshape(-1, 2), spans


def _spared(levels: Levels, spare: Levels) -> dict[str, Spans]:
    """Spans by exclusion level without those margins that lie in rest."""
    return {name: without(spans, at_edges(spare[name], spans)) for name, spans in levels.items()}
