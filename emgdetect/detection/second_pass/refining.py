"""Units learnt again from all they explain.

Candidates are what stands out without knowing any unit: a weak unit's average is that of the few
of its discharges that noise made larger. The average of all discharges that are found with its
waveform is nearer to the truth, and so is their number, on which its threshold depends. Those, too,
are the ones that noise lifted above a threshold; how much it did so is known, and is taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from emgdetect.detection.first_pass.thresholds import FREQUENT_PER_MIN, template_thresholds
from emgdetect.detection.first_pass.units import Units
from emgdetect.detection.second_pass.generic import GenericScore
from emgdetect.detection.second_pass.pursuit import discharges
from emgdetect.detection.second_pass.surroundings import is_asked
from emgdetect.detection.threads import each
from emgdetect.detection.trace.cutting import View, trace_of
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.trains import near_train, train_spans
from emgdetect.signal.library import Library
from emgdetect.signal.pursuit import subtract
from emgdetect.signal.spans import covers, merge, spans_where, total

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

Eased = Callable[[Floats, Floats], float]

ROUNDS = 5
"""Times that units are learnt again, unless their counts stay the same before. F1 of weak
potentials after none, 2, 3 and 5 was 0.866, 0.887, 0.899 and 0.905 on seeds 4-5 of another
simulator; after none, 3 and 5 it was 0.834, 0.845 and 0.842 on the tuning seeds 1110-1112, and of
pairs there 0.925, 0.922 and 0.937."""
MOST_CHUNKS = 64
"""Chunks of 16 s that they are learnt from, an even choice of more. Set by judgement; not
measured."""
LEAST_S = 30.0
"""Analysed seconds at least: of less, counts tell no rate. On real rest of 15 s two stretches show
87 of 100 added potentials so, 80 when units are learnt again (benchmarks/real.py)."""
CLEAR_SIZE = 100.0
"""Norm of a waveform, in units of noise, from which it stays as it was: candidates are all of its
discharges, and what they differ by is not the noise. Clicks of a loose electrode, which differ in
how they decay, are told from muscle by it (5 of 12 were not without). With 20, two recordings of
a third simulator have 30 second reports instead of 13."""
FEWEST = 2
"""Discharges from which an average is made; of fewer the waveform stays as it was. Set by
judgement; not measured."""
MOST_GROWTH = 4.0
"""Times its first count to which a unit's count may grow although most of its discharges barely
reach the threshold: three candidates that noise made alike else grew to 221 discharges in 3 min
(hold-out of another simulator, beside a heart)."""
BARELY = 1.0
"""Score over the threshold below which a discharge barely reaches it. Maxima of noise exceed a
threshold of 4.4 by 0.16 in the median, those of a unit whose size is that threshold by 0.67. With
0.5, two recordings of another simulator without fasciculations had 113 false alarms, not 68."""
LEAST_BELOW = 0.5
"""How far below the threshold a unit's size may be taken to lie: of such a unit a third of the
discharges are found, and what they tell of the others depends on little. Set by judgement. With
sizes so told 358 instead of 365 weak potentials are missed on the tuning seeds 1110-1112, and 61
instead of 62 are false; of pairs and busy the numbers stay."""
TURNS = 30
"""Turns in which that size settles: to a hundredth for sizes beyond the bound."""
SAMPLE_S = 0.004
"""Seconds that are longer than a sample: chunks that follow each other are one span."""
SMOOTH = 5
"""Samples, 2.5 ms, over which an average's energy is compared with its noise. Set by judgement; not
measured."""


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What is needed of a chunk to learn units from it.

    Attributes
    ----------
    at_s : callable
        Time of some samples.
    values : ndarray of float32, shape (n_rows, n_samples)
        Whitened trace, with context.
    generic : ndarray of float32, shape (n_samples,)
        Score that needs no template.
    analysed : ndarray of bool, shape (n_samples,)
        Samples of the chunk itself, in analysed time.
    """

    at_s: Callable[[NDArray[Any]], Floats]
    values: Floats32
    generic: Floats32
    analysed: NDArray[np.bool_]


def _times(start_s: float, rate_hz: float, n_before: int, samples: NDArray[Any]) -> Floats:
    """Time of some samples of a chunk's trace, which begins with its context."""
    return np.asarray(start_s + (samples - n_before) / rate_hz)


def refined(
    front: Front, chunks: Sequence[Chunk], view: View, units: Units, analysed_s: Floats, *,
    threshold: float, lowest: float, eased: Eased | None, n_threads: int,
) -> tuple[Units, float]:  # fmt: skip
    """Units whose waveforms and counts are those of all discharges found with them.

    What a frequent weak unit leaves below the threshold looks like a heavy tail of the noise, for
    which the threshold was raised; as more of its discharges are known, it falls.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
        Such as hold analysed time.
    view : View
    units : Units
    analysed_s : ndarray, shape (n_spans, 2)
    threshold : float
        Of the generic score.
    lowest : float
        The same in Gaussian noise.
    eased : callable, optional
        That threshold from some analysed time, ndarray of shape (n_spans, 2), if the discharges at
        some moments within, ndarray of shape (n,), in order, are known.
    n_threads : int
        The result does not depend on it.

    Returns
    -------
    units : Units
        The same, in the same order. What is clear, and what grows and grows with noise, stays as it
        was; all do in less than half a minute.
    threshold : float
        As high as before or lower.
    """
    if not len(units.templates) or total(analysed_s) < LEAST_S:
        return units, threshold
    step = max(1, -(-len(chunks) // MOST_CHUNKS))
    seen = each(partial(_glimpse, front, view, analysed_s), chunks[::step], n_threads)
    samples = sum(int(glimpse.analysed.sum()) for glimpse in seen)
    minutes = max(samples / front.trace_rate_hz / 60, 1e-9)
    first, start = units, threshold
    settled = np.einsum("kcl,kcl->k", first.templates, first.templates) >= CLEAR_SIZE**2
    noisy = np.zeros(len(settled), dtype=bool)
    fall = None if eased is None else _fall(eased, _looked_s(seen))
    for _ in range(ROUNDS):
        per_min = units.counts / step / minutes
        needed = template_thresholds(per_min, stretch=threshold / lowest, asked=is_asked(front))
        job = partial(_explained, front, Library(units.templates), needed, threshold)
        found, *sums_of = zip(*each(job, seen, n_threads), strict=True)
        counts, barely, sums = (np.sum(part, axis=0) for part in sums_of)
        noisy |= (step * counts > MOST_GROWTH * first.counts) & (2 * barely > counts)
        settled |= noisy
        if fall is not None:
            often_s = frequent(*_of_units(found, ~noisy), least=FREQUENT_PER_MIN * minutes)
            threshold = min(threshold, start * fall(often_s))
        templates, often = first.templates.copy(), first.counts.copy()
        for k in np.flatnonzero((counts >= FEWEST) & ~settled):
            noise = front.trace_occupancy / counts[k]
            average = without_noise(sums[k] / counts[k], noise)
            mean = float(np.linalg.norm(average))
            templates[k] = average * (unselected(mean, float(needed[k])) / max(mean, 1e-12))
            often[k] = step * counts[k]
        same = np.array_equal(often, units.counts)
        units = replace(units, templates=templates, counts=often)
        if same:
            break
    return units, threshold


def _looked_s(seen: Sequence[Glimpse]) -> Floats:
    """Analysed time in the chunks that were looked at; shape (n_spans, 2)."""
    spans = [one.at_s(spans_where(one.analysed) - [0, 1]) for one in seen]
    return merge(np.concatenate([np.zeros((0, 2)), *spans]), gap=SAMPLE_S)


def _of_units(found: Sequence[Floats], chosen: NDArray[np.bool_]) -> Floats:
    """Times and units of the discharges of some units, of all chunks; shape (2, n)."""
    every = np.concatenate(found, axis=1)
    return np.asarray(every[:, chosen[every[1].astype(np.int64)]])


def _fall(eased: Eased, looked_s: Floats) -> Callable[[Floats], float]:
    """The threshold that knows some discharges over that which does not, in the same time."""
    plain = cache(partial(eased, looked_s, np.zeros(0)))
    return lambda known_s: eased(looked_s, known_s) / plain() if len(known_s) else 1.0


def frequent(time_s: Floats, unit: Floats, *, least: float) -> Floats:
    """Discharges of frequent units outside trains, in order.

    Of a unit that fires in trains the muscle is not at rest, and its discharges are not counted.

    Parameters
    ----------
    time_s, unit : ndarray, shape (n,)
    least : float
        Discharges that a unit has to have.

    Returns
    -------
    ndarray, shape (n_frequent,)
    """
    kept = [np.zeros(0)]
    for one in np.unique(unit):
        own = np.sort(time_s[unit == one])
        if len(own) >= least:
            free = own[~near_train(own, train_spans(own))]
            kept.append(free if len(free) >= least else free[:0])
    return np.asarray(np.sort(np.concatenate(kept)))


def _glimpse(front: Front, view: View, analysed_s: Floats, chunk: Chunk) -> Glimpse:
    """Trace and score of a chunk."""
    trace = trace_of(front, chunk, view)
    at_s = partial(_times, trace.start_s, trace.rate_hz, trace.keep.start)
    analysed = covers(analysed_s, at_s(np.arange(trace.values.shape[1])))
    analysed[: trace.keep.start] = analysed[trace.keep.stop :] = False
    return Glimpse(at_s, trace.values, GenericScore(front, chunk, trace).score, analysed)


def _explained(
    front: Front, library: Library, needed: Floats, threshold: float, seen: Glimpse
) -> tuple[Floats, Floats, Floats, Floats]:
    """Discharges of the templates in a chunk: when and of which; how many of each, how many of them
    barely, and their sum, of which all other discharges are taken out.
    """
    templates = library.templates
    placed = discharges(front, seen.values, library, needed, seen.generic, threshold=threshold)
    rest = subtract(seen.values, templates, placed)
    counts, barely = np.zeros((2, len(templates)))
    sums = np.zeros(templates.shape)
    length, n = templates.shape[2], rest.shape[1]
    inside = [one for one in placed if seen.analysed[one.sample]]
    found = np.array([[one.sample, one.template] for one in inside]).reshape(-1, 2).T
    found = np.stack([seen.at_s(found[0]), found[1]])
    for one in inside:
        first = one.sample - length // 2
        if 0 <= first <= n - length:
            counts[one.template] += 1
            barely[one.template] += one.score < needed[one.template] + BARELY
            sums[one.template] += rest[:, first : first + length]
            sums[one.template] += one.scale * templates[one.template]
    return found, counts, barely, sums


def without_noise(average: Floats, variance: float) -> Floats32:
    """An average whose parts are made smaller by the share of noise in their energy.

    The gain of the Wiener filter, from the energy over `SMOOTH` samples of all rows: what is of the
    noise's size is taken for noise.

    Parameters
    ----------
    average : ndarray, shape (n_rows, n_samples)
    variance : float
        Of its noise, per sample.

    Returns
    -------
    ndarray of float32, shape (n_rows, n_samples)
    """
    kernel = np.ones(SMOOTH) / SMOOTH
    energy = np.convolve(np.square(average).sum(axis=0), kernel, mode="same")
    gain = np.clip(1.0 - len(average) * variance / np.maximum(energy, 1e-12), 0.0, 1.0)
    return np.asarray(average * gain, dtype=np.float32)


def unselected(mean: float, least: float) -> float:
    """Size of a unit whose discharges are seen only where noise lifts them above a threshold.

    The mean of a normal distribution of unit variance, from that of its part above a threshold
    (the truncated normal distribution: Johnson, Kotz & Balakrishnan 1994, chapter 13.10).

    Parameters
    ----------
    mean : float
        Mean score of the discharges that were found.
    least : float
        Score that they had to reach.

    Returns
    -------
    float
        `mean` or less, and `LEAST_BELOW` below `least` at the lowest.
    """
    size = mean
    for _ in range(TURNS):
        away = least - size
        lifted = np.exp(-0.5 * away**2) / np.sqrt(2 * np.pi) / float(ndtr(-away))
        size = max(mean - lifted, min(least - LEAST_BELOW, mean))
    return float(size)
