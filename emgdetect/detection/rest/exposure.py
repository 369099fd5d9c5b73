"""What of a site's time may be counted: spans excluded by reason, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.lobes import lobes
from emgdetect.detection.first_pass.scan import Scan
from emgdetect.detection.rest import contraction, crowding, flares, hush, rhythm, swelling, tension
from emgdetect.detection.rest.bouts import Sized, bouts
from emgdetect.detection.rest.edges import sharpened
from emgdetect.detection.trace.survey import GRID_LEAST
from emgdetect.detection.trace.sway import swaying_spans
from emgdetect.recording import Recording
from emgdetect.signal.medians import in_parts
from emgdetect.signal.spans import covers, intersect, merge, without

Spans = NDArray[np.floating[Any]]

BAD_MARGIN_S = 0.05
"""Seconds on both sides of missing, held or clipped samples: filters ring into them. Set by
judgement; not measured."""
GRID_CLEAR = 9.0
"""Score from which a grid's potentials may crowd: it sees weak distant units all the time. Set by
judgement; not measured."""


@dataclass(frozen=True)
class Exposure:
    """Time of a site, each item of shape (n_spans, 2) in seconds.

    Attributes
    ----------
    excluded : mapping of str to mapping of str to ndarray
        Excluded spans by exclusion level and reason. A moment excluded for several reasons is
        listed under the first that holds, in the order of the mapping; gaps lie outside the
        recorded time.
    analysed : mapping of str to ndarray
        Analysed spans by exclusion level.
    active : mapping of str to ndarray
        Contraction and tremor by exclusion level; a needle recording is analysed there, and judged
        so.
    """

    excluded: Mapping[str, Mapping[str, Spans]]
    analysed: Mapping[str, Spans]
    active: Mapping[str, Spans]


@dataclass(frozen=True)
class Activity:
    """What a scan tells of time that is no rest: a fraction of its size.

    Attributes
    ----------
    bad : mapping of str to ndarray, shape (n_spans, 2)
        Spans in which the signal cannot be used, by reason.
    tremor : ndarray, shape (n_spans, 2)
    contraction, spare : mapping of str to ndarray, shape (n_spans, 2)
        Spans of contraction by exclusion level, and the margins of those in rest.
    tense : mapping of str to ndarray, shape (n_spans, 2)
        Spans of weak contraction by exclusion level.
    swaying : ndarray, shape (n_spans, 2)
        Spans of slow waves: a cable moves.
    time_s, tail_s, tail_score : ndarray
        As of the scan.
    beats_s : ndarray, shape (n_beats,)
        Heart beats that the site sees.
    grid : bool
        Whether so many channels were scanned that their noise was made independent.
    cell_s : ndarray, shape (n_cells, 2)
    loudness : ndarray, shape (n_cells,)
        Noise level of each cell, median of the channels.
    """

    bad: Mapping[str, Spans]
    tremor: Spans
    contraction: Mapping[str, Spans]
    spare: Mapping[str, Spans]
    tense: Mapping[str, Spans]
    swaying: Spans
    time_s: Spans
    tail_s: Spans
    tail_score: Spans
    beats_s: Spans
    grid: bool
    cell_s: Spans
    loudness: Spans


def activity_of(first: Scan, beats_s: Spans) -> Activity:
    """Read from a scan what is no rest.

    Parameters
    ----------
    first : Scan
    beats_s : ndarray, shape (n_beats,)
        Heart beats that the site sees.
    """
    tremor, levels, spare, tense = active_spans(first)
    return Activity(
        bad=bad_spans(first), tremor=tremor, contraction=levels, spare=spare, tense=tense,
        swaying=swaying_spans(first.cell_s, first.sway), time_s=first.time_s, tail_s=first.tail_s,
        tail_score=first.tail_score, beats_s=beats_s, grid=is_grid(first), cell_s=first.cell_s,
        loudness=in_parts(partial(np.median, axis=0), first.level),
    )  # fmt: skip


def time_to_analyse(
    recording: Recording, activity: Activity, *, found_s: Spans | None = None,
    template: NDArray[np.int64] | None = None, tonic: NDArray[np.int64] | None = None,
    every: Sized | None = None,
) -> Exposure:  # fmt: skip
    """Divide the recorded time of a site into what is excluded and what is analysed.

    Parameters
    ----------
    recording : Recording
    activity : Activity
    found_s : ndarray, shape (n,), optional
        Sorted times of potentials, once they are known: many units at once are no rest.
    template : ndarray of int, shape (n,), optional
        Unit of each.
    tonic : ndarray of int, shape (n,), optional
        The same with units made one that may be one whose discharges vary, if it differs: what
        fires regularly on its own is no tremor.
    every : Sized, optional
        All that are listed, of which many may be barely seen: together they tell of weak bouts.
    """
    recorded = recording.spans_s
    bad, tremor, levels = dict(activity.bad), activity.tremor, activity.contraction
    tense = activity.tense
    if found_s is not None and template is not None:
        shaking, restless = restless_by_level(found_s, template, recorded)
        own = template if tonic is None else tonic
        maxima = rhythm.free_maxima(activity.tail_s, activity.tail_score, found_s, own,
                                    activity.beats_s)  # fmt: skip
        courses = rhythm.courses(*maxima, activity.beats_s, recorded)
        rhythmic = rhythm.in_groups(rhythm.tremor_spans(*courses), *maxima)
        rough = merge(np.concatenate([tremor, shaking, rhythmic]))
        tremor = sharpened(rough, activity.time_s, recorded)
        # Where hardly anything fires beside a tremor, no contraction is.
        calm = without(rough, tremor)
        levels = {name: merge(np.concatenate([spans, restless[name]]))
                  for name, spans in levels.items()}  # fmt: skip
        levels = _spared(levels, activity.spare)
        if not activity.grid:
            # A grid's level rises with the first units: many electrodes see them.
            levels, tense = (
                {name: crowding.with_ramps(spans, found_s, template, recorded)
                 for name, spans in some.items()} for some in (levels, tense)
            )  # fmt: skip
        levels = {name: without(spans, calm) for name, spans in levels.items()}
        if every is not None and not activity.grid:
            usual = np.concatenate([*bad.values(), tremor, levels["default"]])
            weakly = bouts(activity.cell_s, activity.loudness, without(recorded, usual), every)
            levels = {name: merge(np.concatenate([spans, weakly]))
                      for name, spans in levels.items()}  # fmt: skip
    else:
        levels = _spared(levels, activity.spare)
    # Bouts are told beside firm contractions: a weak one may be part of one.
    levels = {name: merge(np.concatenate([spans, tense[name]])) for name, spans in levels.items()}
    active = {name: merge(np.concatenate([tremor, spans])) for name, spans in levels.items()}
    if recording.kind == "needle":
        # A needle is read during contraction, too: its potentials are listed, but not counted.
        tremor = np.zeros((0, 2))
        levels = dict.fromkeys(levels, tremor)
    bad["tremor"] = tremor
    everything = np.concatenate([np.zeros((0, 2)), *bad.values()])
    analysed = {
        name: without(recorded, np.concatenate([everything, spans]))
        for name, spans in levels.items()
    }
    excluded = {name: _by_first_reason(recorded, {**bad, "contraction": spans})
                for name, spans in levels.items()}  # fmt: skip
    return Exposure(excluded, analysed, active)


def _by_first_reason(recorded: Spans, spans_of: Mapping[str, Spans]) -> dict[str, Spans]:
    """Spans by reason without those of the reasons before, and the gaps of a recording."""
    excluded: dict[str, Spans] = {}
    free = recorded
    for reason, spans in spans_of.items():
        excluded[reason] = intersect(spans, free)
        free = without(free, spans)
    excluded["gap"] = gaps_between(recorded)
    return excluded


def gaps_between(recorded: Spans) -> Spans:
    """Gaps between recorded spans that follow each other; shape (n_gaps, 2)."""
    gaps = recorded[1:, 0] > recorded[:-1, 1] + 1e-9
    return np.asarray(np.stack([recorded[:-1, 1], recorded[1:, 0]], axis=1)[gaps])


def bad_spans(first: Scan) -> dict[str, Spans]:
    """Spans in which the signal cannot be used, by reason."""
    bursts = flares.flare_spans(first.cell_s, first.level, first.colour)
    return {
        "missing": _widened(first.missing_s),
        "flat": _widened(first.held_s),
        "clipped": _widened(first.clipped_s),
        "noise": flares.noise_spans(first.cell_s, first.level),
        "motion": _widened(bursts),
    }


def is_grid(first: Scan) -> bool:
    """Whether so many channels were scanned that their noise was made independent."""
    return len(first.level) >= GRID_LEAST


def active_spans(
    first: Scan,
) -> tuple[Spans, dict[str, Spans], dict[str, Spans], dict[str, Spans]]:
    """Spans of tremor; by exclusion level those of contraction, the margins of these in rest, and
    those of weak contraction.
    """
    swellings = swelling.swellings(first.level, first.colour)
    # A grid sees weak distant units all the time: only what is clear can crowd.
    enough = first.score >= (GRID_CLEAR if is_grid(first) else 0.0)
    clear, score = first.time_s[enough], first.score[enough]
    crowded = _without_lobes(clear, score, crowding.crowded_spans(clear))
    shaking = np.array([crowding.is_tremor(clear, span) for span in crowded], dtype=bool)
    levels, spare, tense = {}, {}, {}
    for name, rule in contraction.RULES.items():
        spans = contraction.contraction_spans(first.cell_s, swellings, rule)
        spare[name] = _in_rest(first, spans, rule)
        levels[name] = merge(np.concatenate([spans, crowded[~shaking]]))
        tense[name] = _tense(first, swellings, spans, rule)
    return crowded[shaking], levels, spare, tense


def _tense(
    first: Scan, swellings: swelling.Swellings, contracted: Spans, rule: contraction.Rule
) -> Spans:
    """Spans of weak contraction without what lies in rest.

    None of a grid: its level rises with the first units, which many electrodes see.
    """
    if is_grid(first):
        return np.zeros((0, 2))
    spans = tension.tension_spans(first.cell_s, swellings, contracted, rule)
    in_rest = _in_rest(first, spans, rule, wider_s=tension.MARGIN_S)
    return without(spans, _at_edges(in_rest, spans))


def _in_rest(first: Scan, spans: Spans, rule: contraction.Rule, *, wider_s: float = 0.0) -> Spans:
    """Margins of spans of contraction that lie in rest, where the rule spares them."""
    if not rule.to_rest:
        return np.zeros((0, 2))
    return hush.at_rest(first.cell_s, first.crest, spans, rule.margin_s + wider_s)


def _without_lobes(time_s: Spans, score: Spans, crowded: Spans) -> Spans:
    """Crowded spans that are crowded without lobes of large potentials, too.

    Few potentials of a span may show no lag of a unit's lobes that all of the recording show.
    """
    if not len(crowded):
        return crowded
    everywhere = lobes(time_s, score)
    kept: list[Spans] = [np.zeros((0, 2))]
    for span in crowded:
        inside = covers([span], time_s)
        part = everywhere[inside] | lobes(time_s[inside], score[inside])
        kept.append(crowding.crowded_spans(time_s[inside][~part]) if part.any() else span[None])
    return np.concatenate(kept)


def restless_by_level(
    found_s: Spans, template: NDArray[np.int64], recorded: Spans
) -> tuple[Spans, dict[str, Spans]]:
    """Spans of tremor, and by exclusion level those in which many units fire at once otherwise."""
    spans = {name: crowding.restless_spans(found_s, template, least=least, recorded_s=recorded)
             for name, least in crowding.OTHERS.items()}  # fmt: skip
    shaking = [span for span in spans["default"] if crowding.is_tremor(found_s, span)]
    return np.array(shaking).reshape(-1, 2), spans


def _spared(levels: Mapping[str, Spans], spare: Mapping[str, Spans]) -> dict[str, Spans]:
    """Spans by exclusion level without those margins that lie in rest."""
    return {name: without(spans, _at_edges(spare[name], spans)) for name, spans in levels.items()}


def _at_edges(parts: Spans, spans: Spans) -> Spans:
    """Parts that begin or end where one of some spans does."""
    same = np.abs(parts[:, None, :] - spans[None, :, :]) < 1e-6
    return np.asarray(parts[same.any(axis=(1, 2))])


def _widened(spans: Spans) -> Spans:
    """Spans with a margin on both sides."""
    return merge(np.asarray(spans, dtype=float) + np.array([-BAD_MARGIN_S, BAD_MARGIN_S]))
