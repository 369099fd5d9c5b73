"""The second pass: explain the trace by the site's own units, then look at what remains.

Matching pursuit: the best placed template is subtracted, overlaps are separated by what remains,
and a unit's weaker discharges are found because its waveform is known.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import stacked
from emgdetect.detection.second_pass.generic import GenericScore, own_right
from emgdetect.detection.second_pass.nearby import OnGrid, scores_near, seen_on_grid, sizes_of
from emgdetect.detection.threads import each
from emgdetect.detection.trace.cutting import Trace, View, trace_of
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.signal import matched
from emgdetect.signal.library import Library
from emgdetect.signal.overlaps import separate
from emgdetect.signal.pairs import explain_pairs, split_doublets
from emgdetect.signal.pursuit import (
    Placed,
    explain,
    left_around,
    penalties,
    subtract,
    well_explained,
)

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

MISFIT = 0.27
"""Share of a placed template's energy that may be left of it. Chosen on the tuning seeds of clean,
pairs, busy, tonic_trains and measured (benchmarks/accuracy.py): 0.2 and 0.35 are as good."""
NEEDLE_MISFIT = 0.2
"""The same of a needle. Set by judgement; not measured."""
MOST_AVERAGED = 32
"""Chunks, evenly spread, whose discharges tell a unit's average on each channel of a grid: more
would fill the memory in hours. Set by judgement; not measured."""
FAINT_SIZE = 12.0
"""Norm of a template, in units of noise, below which its faint discharges are sought, of which most
stay below any threshold. Set by judgement; not measured."""
FAINT_SCORE = 3.0
"""Score, in units of noise, that a faint discharge has to reach. Set by judgement; not measured."""
PAIR_RATIO = 1.2
"""Score of what is left, over the threshold, from which two discharges that overlap are sought
there. Set by judgement; not measured."""


@dataclass(frozen=True)
class Found:
    """Potentials of a site after the second pass, in order of time.

    Attributes
    ----------
    segment : ndarray of int, shape (n_found,)
    time_s : ndarray, shape (n_found,)
    template : ndarray of int, shape (n_found,)
        Template that explains it; -1 if none does.
    scale : ndarray, shape (n_found,)
        Its scale; NaN if none.
    score : ndarray, shape (n_found,)
        In units of noise.
    by_channel : ndarray of float32, shape (n_found, n_channels)
        Largest generic score of each channel near it, before anything was subtracted.
    left : ndarray, shape (n_found,)
        Power around it once all units are subtracted, over that of noise: some 1 (a grid's: 1).
    reached, needed : ndarray, shape (n_found,)
        What it reaches of what it takes to stand out, and needs; infinite and 1 if not asked.
    """

    segment: NDArray[np.int64]
    time_s: Floats
    template: NDArray[np.int64]
    scale: Floats
    score: Floats
    by_channel: Floats32
    left: Floats
    reached: Floats
    needed: Floats


@dataclass(frozen=True)
class Faint:
    """Places where a weak unit may have fired, too faint to be listed.

    What a unit's regularity is judged by: of a weak unit that fires all the time most discharges
    stay below any threshold that keeps noise out.

    Attributes
    ----------
    time_s : ndarray, shape (n_faint,)
        Sorted within each template.
    template : ndarray of int, shape (n_faint,)
    score : ndarray, shape (n_faint,)
        Matched score of the template, in units of noise.
    """

    time_s: Floats
    template: NDArray[np.int64]
    score: Floats


def pursue(
    front: Front, chunks: Sequence[Chunk], templates: Floats32, *, view: View,
    threshold: float, template_threshold: Floats, low_hz: float, n_threads: int = 1,
) -> tuple[Found, Faint, Floats32]:  # fmt: skip
    """Explain the whole site by its units and a generic remainder.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    templates : ndarray, shape (n_templates, n_channels, n_samples)
        On the chosen channels, in units of noise; may be empty.
    view : View
    threshold : float
        What the generic score has to reach.
    template_threshold : ndarray, shape (n_templates,)
        What the matched score of each unit has to reach.
    low_hz : float
        Lower edge of the mild band.
    n_threads : int

    Returns
    -------
    found : Found
    faint : Faint
    size : ndarray of float32, shape (n_found, n_channels or 0)
        Of a grid, as from `nearby.sizes_of`.
    """
    library = Library(templates)
    some = frozenset(chunks[:: max(1, -(-len(chunks) // MOST_AVERAGED))])
    job = partial(_pursue_chunk, front, library, view, threshold, template_threshold, low_hz, some)
    parts = each(job, chunks, n_threads)
    if not parts:
        none = Faint(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0))
        return _nothing(len(view.channels)), none, np.zeros((0, 0), dtype=np.float32)
    found, faint, seen = zip(*parts, strict=True)
    every = stacked(found)
    return every, stacked(faint), sizes_of(every.template, seen, front.rms_uv)


def _nothing(n_channels: int) -> Found:
    none, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    scores = np.zeros((0, n_channels), dtype=np.float32)
    return Found(none, floats, none, floats, floats, scores, floats, floats, floats)


def _pursue_chunk(
    front: Front, library: Library, view: View, threshold: float,
    template_threshold: Floats, low_hz: float, averaged: Set[Chunk], chunk: Chunk,
) -> tuple[Found, Faint, OnGrid]:  # fmt: skip
    trace = trace_of(front, chunk, view)
    n = trace.values.shape[1]
    generic = GenericScore(front, chunk, trace)
    rest, templates = trace.values, library.templates
    length = templates.shape[2]
    placed = discharges(front, trace.values, library, template_threshold, generic.score,
                        threshold=threshold)  # fmt: skip
    if placed:
        if front.unmixing is None:
            # The channels of a grid tell overlapping units apart as they are.
            left = subtract(rest, templates, placed)
            placed = separate(left, library, placed, template_threshold, rate_hz=trace.rate_hz,
                              occupancy=front.trace_occupancy)  # fmt: skip
        rest = subtract(rest, templates, placed)
        generic.renew(rest, placed, length)
    if pairs := _paired(front, trace, library, rest, generic.score, threshold):
        placed += pairs
        rest = subtract(rest, templates, pairs)
        generic.renew(rest, pairs, length)
    best = generic.score
    penalty = penalties(placed, n, length=length, misfit=_misfit(front))
    needed = np.sqrt(threshold**2 + penalty)
    peaks = matched.local_maxima(best, needed)
    peaks = peaks[matched.strongest_apart(peaks, best[peaks], front.apart_s * trace.rate_hz)]
    peaks = own_right(peaks, best[peaks], threshold, trace.rate_hz, grid=front.unmixing is not None)
    rows = [*placed, *(Placed(int(t), -1, np.nan, float(best[t])) for t in peaks)]
    rows = sorted(r for r in rows if trace.keep.start <= r[0] < trace.keep.stop)
    found, seen = _as_found(front, chunk, trace, library, rows, rest, low_hz,
                            averaged=chunk in averaged)  # fmt: skip
    return found, _faint(trace, library), seen


def _misfit(front: Front) -> float:
    return NEEDLE_MISFIT if front.recording.kind == "needle" else MISFIT


def discharges(
    front: Front, values: Floats32, library: Library, needed: Floats, generic: Floats32, *,
    threshold: float,
) -> list[Placed]:  # fmt: skip
    """Discharges of the site's units in a trace, doublets as two.

    Parameters
    ----------
    front : Front
    values : ndarray, shape (n_rows, n_samples)
        Of the trace.
    library : Library
    needed : ndarray, shape (n_templates,)
        What the matched score of each unit has to reach.
    generic : ndarray, shape (n_samples,)
        Score that needs no template.
    threshold : float
        What it has to reach.

    Returns
    -------
    list of Placed
        Such as do not explain what is there are none; empty without templates.
    """
    if not len(library):
        return []
    rate, noise = front.trace_rate_hz, front.trace_occupancy
    placed = explain(
        values, library, needed, rate_hz=rate, generic=generic, misfit=_misfit(front)
    )  # fmt: skip
    rest = subtract(values, library.templates, placed)
    placed = well_explained(values, rest, placed, rate_hz=rate, occupancy=noise)
    rest = subtract(values, library.templates, placed)
    return split_doublets(rest, library, placed, rate_hz=rate, occupancy=noise,
                          least=threshold**2)  # fmt: skip


def _paired(
    front: Front, trace: Trace, library: Library, rest: Floats32, score: Floats32,
    threshold: float,
) -> list[Placed]:  # fmt: skip
    """Doublets of units where clear potentials are unexplained."""
    peaks = matched.local_maxima(score, PAIR_RATIO * threshold)
    peaks = peaks[matched.strongest_apart(peaks, score[peaks], front.apart_s * trace.rate_hz)]
    return explain_pairs(
        rest, library, peaks, rate_hz=trace.rate_hz, occupancy=front.trace_occupancy
    )


def _faint(trace: Trace, library: Library) -> Faint:
    """Local maxima of weak units' matched scores that are no more than likely."""
    size = np.sqrt(library.energy)
    weak = np.flatnonzero(size < FAINT_SIZE)
    times, owners, seen = [np.zeros(0)], [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    if len(weak):
        scores = library.products(trace.values, weak.tolist()) / size[weak, None]
        for k, score in zip(weak, scores, strict=True):
            peaks = matched.local_maxima(score, max(FAINT_SCORE, 0.45 * size[k]))
            peaks = peaks[matched.strongest_apart(peaks, score[peaks], 0.03 * trace.rate_hz)]
            peaks = peaks[(peaks >= trace.keep.start) & (peaks < trace.keep.stop)]
            times.append(trace.start_s + (peaks - trace.keep.start) / trace.rate_hz)
            owners.append(np.full(len(peaks), k))
            seen.append(score[peaks].astype(float))
    return Faint(np.concatenate(times), np.concatenate(owners), np.concatenate(seen))


def _as_found(
    front: Front, chunk: Chunk, trace: Trace, library: Library, rows: list[Placed],
    rest: Floats32, low_hz: float, *, averaged: bool,
) -> tuple[Found, OnGrid]:  # fmt: skip
    """Potentials of a chunk as columns, and what the channels of a grid see of them."""
    at, template = (np.array([r[i] for r in rows], dtype=np.int64) for i in (0, 1))
    largest = at + np.append(library.offset, 0)[template]
    core = at - trace.keep.start
    if front.unmixing is None:
        by_channel = scores_near(front, trace.values, trace.rate_hz, largest)
        seen = OnGrid(by_channel, by_channel[:, :0], {})
        left = left_around(rest, largest, rate_hz=trace.rate_hz, occupancy=front.trace_occupancy)
    else:
        labels = np.where(averaged, template, -1)
        seen = seen_on_grid(front, trace.block, core, trace.level[0], labels, low_hz=low_hz)
        left = np.ones(len(rows))
    return Found(
        segment=np.full(len(rows), chunk.segment), time_s=trace.start_s + core / trace.rate_hz,
        template=template, scale=np.array([r.scale for r in rows], dtype=float),
        score=np.array([r.score for r in rows], dtype=float), by_channel=seen.score, left=left,
        reached=np.full(len(rows), np.inf), needed=np.ones(len(rows)),
    ), seen  # fmt: skip
