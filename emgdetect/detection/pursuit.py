"""The second pass: explain the trace by the site's own units, then look at what remains.

Matching pursuit: the best placed template is subtracted, overlaps are separated by what remains,
and a unit's weaker discharges are found because its waveform is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.cutting import Trace, trace_of
from emgdetect.detection.front import Chunk, Front, each
from emgdetect.detection.scan import bank_filters
from emgdetect.signal import matched

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

SCALE_SPREAD = 0.2
SCALE_RANGE = (0.5, 1.8)
SAME_UNIT_S = 0.0025
MISFIT = 0.35
NEEDLE_MISFIT = 0.2
MISFIT_REACH = ((0.27, 0.4), (0.55, 0.45), (1.0, 0.15))
GENERIC_MISFIT = 0.16
GENERIC_REACH_S = 0.022
ROUNDS = 8
FOREIGN_SHARE = 0.65
FOREIGN_S = 0.004
FAINT_SIZE = 12.0
FAINT_SCORE = 3.0


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
    """

    segment: NDArray[np.int64]
    time_s: Floats
    template: NDArray[np.int64]
    scale: Floats
    score: Floats
    by_channel: Floats32


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
    """

    time_s: Floats
    template: NDArray[np.int64]


def pursue(
    front: Front, chunks: Sequence[Chunk], templates: Floats32, *, channels: Sequence[int],
    threshold: float, template_threshold: Floats, n_threads: int = 1,
) -> tuple[Found, Faint]:  # fmt: skip
    """Explain the whole site by its units and a generic remainder.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    templates : ndarray, shape (n_templates, n_channels, n_samples)
        On the chosen channels, in units of noise; may be empty.
    channels : sequence of int
        Positions within `front.channels`.
    threshold : float
        What the generic score has to reach.
    template_threshold : ndarray, shape (n_templates,)
        What the matched score of each unit has to reach.
    n_threads : int
    """
    job = partial(_pursue_chunk, front, templates, list(channels), threshold, template_threshold)
    parts = each(job, chunks, n_threads)
    if not parts:
        return _nothing(len(channels)), Faint(np.zeros(0), np.zeros(0, dtype=np.int64))
    found, faint = zip(*parts, strict=True)
    return _joined(Found, found), _joined(Faint, faint)


T = TypeVar("T", Found, Faint)


def _joined(kind: type[T], parts: Sequence[T]) -> T:
    """Parts of several chunks as one."""
    names = kind.__dataclass_fields__
    return kind(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def _nothing(n_channels: int) -> Found:
    none, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Found(none, floats, none, floats, floats,
                 np.zeros((0, n_channels), dtype=np.float32))  # fmt: skip


@dataclass
class _State:
    """What changes while a chunk is explained; lives within one call."""

    inner: Floats
    penalty: Floats
    taken: list[tuple[int, int, float, float]]


def _pursue_chunk(
    front: Front, templates: Floats32, channels: list[int], threshold: float,
    template_threshold: Floats, chunk: Chunk,
) -> tuple[Found, Faint]:  # fmt: skip
    trace = trace_of(front, chunk, channels)
    n = trace.values.shape[1]
    generic = _generic_score(front, trace.values, trace.rate_hz)
    penalty: Floats = np.zeros(n)
    placed: list[tuple[int, int, float, float]] = []
    residual_score = generic
    if len(templates):
        placed, penalty = _explain(
            trace.values,
            templates,
            template_threshold,
            trace.rate_hz,
            generic.max(axis=0),
            NEEDLE_MISFIT if front.recording.kind == "needle" else MISFIT,
        )
        if placed:
            rest = _subtract(trace.values, templates, placed)
            residual_score = _generic_score(front, rest, trace.rate_hz)
    best = residual_score.max(axis=0)
    needed = np.sqrt(threshold**2 + penalty)
    peaks = matched.local_maxima(best, needed)
    peaks = peaks[matched.strongest_apart(peaks, best[peaks], front.apart_s * trace.rate_hz)]
    peaks = _own_right(peaks, best[peaks], threshold, GENERIC_REACH_S * trace.rate_hz)
    rows = [(t, k, a, g) for t, k, a, g in placed]
    rows += [(int(t), -1, np.nan, float(best[t])) for t in peaks]
    rows = sorted(r for r in rows if trace.keep.start <= r[0] < trace.keep.stop)
    return _as_found(chunk, trace, generic, rows), _faint(trace, templates)


def _faint(trace: Trace, templates: Floats32) -> Faint:
    """Local maxima of weak units' matched scores that are no more than likely."""
    size = np.sqrt(np.einsum("kcl,kcl->k", templates, templates))
    weak = np.flatnonzero(size < FAINT_SIZE)
    times, owners = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    if len(weak):
        scores = correlate(trace.values, templates[weak]) / size[weak, None]
        for k, score in zip(weak, scores, strict=True):
            peaks = matched.local_maxima(score, max(FAINT_SCORE, 0.45 * size[k]))
            peaks = peaks[matched.strongest_apart(peaks, score[peaks], 0.03 * trace.rate_hz)]
            peaks = peaks[(peaks >= trace.keep.start) & (peaks < trace.keep.stop)]
            times.append(trace.start_s + (peaks - trace.keep.start) / trace.rate_hz)
            owners.append(np.full(len(peaks), k))
    return Faint(np.concatenate(times), np.concatenate(owners))


def _own_right(
    peaks: NDArray[np.int64], score: Floats, threshold: float, reach: float
) -> NDArray[np.int64]:
    """Peaks that are no late component of a much stronger one near them.

    A potential ends with the end-of-fibre effect some 10 to 20 ms after its peak; where no unit's
    waveform explains it, what is much weaker than its neighbour is taken for a part of it.
    """
    distance = np.abs(peaks[:, None] - peaks[None, :])
    near = np.where((distance <= reach) & (distance > 0), score[None, :], 0.0)
    strongest = near.max(axis=1, initial=0.0)
    enough = score**2 >= threshold**2 * (strongest > 0) + GENERIC_MISFIT * strongest**2
    return np.asarray(peaks[enough])


def _as_found(
    chunk: Chunk, trace: Trace, generic: Floats32,
    rows: list[tuple[int, int, float, float]],
) -> Found:  # fmt: skip
    if not rows:
        return _nothing(len(generic))
    at = np.array([r[0] for r in rows])
    reach = round(0.004 * trace.rate_hz)
    window = np.clip(at[:, None] + np.arange(-reach, reach + 1), 0, generic.shape[1] - 1)
    core = at - trace.keep.start
    return Found(
        segment=np.full(len(rows), chunk.segment),
        time_s=trace.start_s + core / trace.rate_hz,
        template=np.array([r[1] for r in rows]),
        scale=np.array([r[2] for r in rows], dtype=float),
        score=np.array([r[3] for r in rows], dtype=float),
        by_channel=np.stack([row[window].max(axis=1) for row in generic], axis=1),
    )


def _generic_score(front: Front, values: Floats32, rate_hz: float) -> Floats32:
    """Bank score of a trace that is already in units of noise; shape of the trace."""
    n = values.shape[1]
    n_fft = int(fft.next_fast_len(n, real=True))
    responses = bank_filters(n_fft, rate_hz, front.low_hz, front.high_hz)
    return matched.bank_score(
        fft.rfft(values, n_fft, axis=1), responses, n_fft, keep=slice(0, n)
    )  # fmt: skip


def correlate(values: Floats32, templates: Floats32) -> Floats:
    """Inner products of a trace with each template, centred at each sample.

    Parameters
    ----------
    values : ndarray, shape (n_channels, n_samples)
    templates : ndarray, shape (n_templates, n_channels, n_length)

    Returns
    -------
    ndarray, shape (n_templates, n_samples)
        At sample t the template's middle lies on t; beyond the ends the trace is zero.
    """
    n, length = values.shape[1], templates.shape[2]
    n_fft = int(fft.next_fast_len(n + length, real=True))
    spectrum = fft.rfft(values, n_fft, axis=1)
    out = np.empty((len(templates), n), dtype=np.float32)
    for k, template in enumerate(templates):
        kernel = np.conj(fft.rfft(template, n_fft, axis=1))
        full = fft.irfft(np.einsum("cf,cf->f", spectrum, kernel), n_fft)
        out[k] = np.roll(full, length // 2)[:n]
    return out


def cross_gram(templates: Floats32) -> Floats:
    """Inner products of templates at all lags; shape (n, n, 2 * length - 1), lag of the second."""
    length = templates.shape[2]
    n_fft = int(fft.next_fast_len(2 * length, real=True))
    spectra = fft.rfft(templates, n_fft, axis=2)
    product = np.einsum("jcf,kcf->jkf", np.conj(spectra), spectra)
    lags = fft.irfft(product, n_fft, axis=2)
    return np.concatenate([lags[..., -(length - 1) :], lags[..., :length]], axis=2)


def _explain(
    values: Floats32,
    templates: Floats32,
    threshold: Floats,
    rate: float,
    generic: Floats,
    misfit: float = MISFIT,
) -> tuple[list[tuple[int, int, float, float]], Floats]:
    """Place templates until nothing more is explained; (sample, template, scale, score) each.

    What a template explains by less than half of what the generic bank sees there is no discharge
    of that unit: it is left to the generic score as a whole.
    """
    length, n = templates.shape[2], values.shape[1]
    energy = np.einsum("kcl,kcl->k", templates, templates)
    gram = cross_gram(templates)
    state = _State(correlate(values, templates), np.zeros(n), [])
    blocked = np.zeros(state.inner.shape, dtype=bool)
    foreign = round(FOREIGN_S * rate)
    for _ in range(ROUNDS):
        gain = _gain(state.inner, energy)
        gain[blocked | (gain < threshold[:, None] ** 2 + state.penalty)] = -np.inf
        best = gain.max(axis=0)
        peaks = matched.local_maxima(best, 0.0)
        peaks = peaks[matched.strongest_apart(peaks, best[peaks], length)]
        if not len(peaks):
            break
        for t in peaks:
            near = generic[max(0, t - foreign) : t + foreign + 1].max()
            if state.penalty[t] == 0 and best[t] < FOREIGN_SHARE * near**2:
                blocked[:, max(0, t - foreign) : t + foreign + 1] = True
                continue
            k = int(np.argmax(gain[:, t]))
            scale = float(_scale(state.inner[k, t], energy[k]))
            _place(state, gram, int(t), k, scale, float(best[t]), length, misfit)
            reach = round(SAME_UNIT_S * rate)
            blocked[k, max(0, t - reach) : t + reach + 1] = True
    return state.taken, state.penalty


def _place(
    state: _State,
    gram: Floats,
    t: int,
    k: int,
    scale: float,
    gain: float,
    length: int,
    misfit: float = MISFIT,
) -> None:
    """Subtract a placed template from all inner products, and raise what its rest must exceed."""
    n = state.inner.shape[1]
    low, high = max(0, t - length + 1), min(n, t + length)
    # At t + lag, template j meets the placed template k as it does at that lag in `gram`.
    lags = slice(low - t + length - 1, high - t + length - 1)
    state.inner[:, low:high] -= scale * gram[:, k, lags]
    for reach, share in MISFIT_REACH:
        reach = round(reach * length)
        state.penalty[max(0, t - reach) : t + reach + 1] += share * misfit * max(gain, 0.0)
    state.taken.append((t, k, scale, float(np.sqrt(max(gain, 0.0)))))


def _scale(inner: Floats, energy: Floats) -> Floats:
    """Most likely scale, given that a unit's amplitude varies little around its average."""
    prior = 1.0 / SCALE_SPREAD**2
    return np.clip((inner + prior) / (energy + prior), *SCALE_RANGE)


def _gain(inner: Floats, energy: Floats) -> Floats:
    """Energy explained by each template at each sample, less what an unusual scale costs."""
    scale = _scale(inner, energy[:, None])
    gain = 2 * scale * inner - scale**2 * energy[:, None]
    return gain - (scale - 1.0) ** 2 / SCALE_SPREAD**2


def _subtract(
    values: Floats32, templates: Floats32, placed: list[tuple[int, int, float, float]]
) -> Floats32:
    """The trace without the placed templates."""
    rest = values.copy()
    half, length, n = templates.shape[2] // 2, templates.shape[2], values.shape[1]
    for t, k, scale, _ in placed:
        low, high = max(0, t - half), min(n, t - half + length)
        offset = low - (t - half)
        rest[:, low:high] -= scale * templates[k][:, offset : offset + high - low]
    return rest
