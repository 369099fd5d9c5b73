"""What a scan tells of time that is no rest, before any potential is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.lobes import lobes
from emgdetect.detection.first_pass.scan import Scan
from emgdetect.detection.rest import contraction, crowding, flares, hush, swelling, tension
from emgdetect.detection.rest.edges import at_edges
from emgdetect.detection.trace.survey import GRID_LEAST, QUIET_QUANTILE
from emgdetect.detection.trace.sway import swaying_spans
from emgdetect.signal.medians import in_parts
from emgdetect.signal.spans import covers, merge, without

Spans = NDArray[np.floating[Any]]

BAD_MARGIN_S = 0.05
"""Seconds on both sides of missing, held or clipped samples: filters ring into them. Set by
judgement; not measured."""
GRID_CLEAR = 9.0
"""Score from which a grid's potentials may crowd: it sees weak distant units all the time. Set by
judgement; not measured."""


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
    return without(spans, at_edges(in_rest, spans))


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


def _widened(spans: Spans) -> Spans:
    """Spans with a margin on both sides."""
    return merge(np.asarray(spans, dtype=float) + np.array([-BAD_MARGIN_S, BAD_MARGIN_S]))


def quiet_noise_uv(activity: Activity, rms_uv: Spans, analysed_s: Spans) -> float:
    """Quiet noise RMS of a site in the analysed time, from the level of cells.

    Where a muscle was active most of the time, what is quiet of all time is not what is at rest.

    Parameters
    ----------
    activity : Activity
    rms_uv : ndarray, shape (n_channels,)
        Quiet noise RMS of all time.
    analysed_s : ndarray, shape (n_spans, 2)
    """
    level, inside = activity.loudness, covers(analysed_s, activity.cell_s.mean(axis=1))
    noise = float(np.median(rms_uv))
    if inside.any() and not inside.all():
        own, every = (np.quantile(some, QUIET_QUANTILE) for some in (level[inside], level))
        noise *= float(own / every)
    return noise
