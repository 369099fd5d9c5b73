"""Evidence of a heart in mild traces: beats that several places, or slow waves, agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal import ecg
from emgdetect.signal.matched import local_maxima, strongest_apart
from emgdetect.signal.spans import nearest

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

INTERVAL_S = (0.35, 1.6)
"""Median intervals of a heart: 38-171/min (issue 3: 40-150/min)."""
LEAST_BEATS = 8
"""Beats of a piece below which nothing is said of a heart. Set by judgement; not measured."""
PRESENT = 0.8
"""Share of the expected beats that must be there all along, 80 %: regularity alone would be a slow
rhythmic unit as well (issue 3 asks for nearly all)."""
LEAST_QUARTER = 0.6
"""The same for each quarter of a piece: no unit that falls silent for a while is a heart. Set by
judgement; not measured."""
SHORT, SHORT_SHARE = 0.45, 0.15
"""Share of intervals that may be so much shorter than the median: atrial fibrillation (20-25 %
spread) has 0.1 %, extrasystoles come later. More means that other things were taken for beats."""
LONG, LONG_SHARE = 1.6, 0.12
"""Share of intervals that may be so much longer than the median: of 40 hearts of the tuning seeds
1120 to 1129 (heart, atrial_fibrillation, all_at_once, healthy) at most 0.097, where contractions
hide beats. A unit's trains and what lies between them, which the refractory time makes regular, had
0.15 to 0.18 in five recordings of tonic_trains and tremor."""
SEEN = 2.2
"""What an envelope must reach in noise RMS: 60 ms of the QRS band are four degrees of freedom,
which exceed it in 0.07 % of the time by chance (chi-squared)."""
TOGETHER_S = 0.02
"""By how much two places may see a beat apart; the QRS itself lasts 80-100 ms. Set by judgement;
not measured."""
SLOW_SHARE = 0.93
"""`ecg.slow_share` of a QRS at one place. Of 750 simulated potentials of five models 99 % stay
below 0.925; every one of 300 simulated QRS and extrasystoles, and the ECG of plux_bsnb, have 0.99
or more."""
SLOW_SHARE_TOGETHER = 0.8
"""The same where two places agree: above the median of every model of a potential (0.1-0.6)."""
CLEAR, CLEAR_SECOND = 40.0, 25.0
"""Energy of the median beat in noise units at the clearest place and at a second one. Pieces of
noise chosen for being alike reached 20 in 17 recordings without a heart of the tuning seeds
1000-1001; beats of 3 x noise peak to peak have 40."""
EXPLAINED, EXPLAINED_SECOND = 0.4, 0.3
"""Its share of the single beats' energy; 0.25 at most in the same recordings without a heart."""
STRONG = 300.0
"""Energy from which one beat's own shape can be told: noise alone then keeps the likeness of two
beats at 0.92."""
LIKE = 0.8
"""Least likeness of a beat to the typical one; the QRS band of an extrasystole has less. Chosen
on the extrasystoles of hold-out seeds 0-1 of another simulator."""
SCALE = 0.5
"""Least fit of the typical beat: half way from nothing to a beat."""
LEAST_LIKE = 0.5
"""Least likeness of anything to be a beat: on seeds 2-8 of a simulation with everything at once,
95 % of true beats had 0.54 or more, three quarters of what else was as large 0.67 or less and half
of it 0.49 or less."""
ECTOPIC = 0.4
"""Least envelope of a beat of another shape, in that of the typical beat; as `ecg.SHARE`."""
NEAR_S = 0.06
"""How far the wave of an extrasystole may move to fit the others: half of its 120 ms."""
ROUNDS = 4
"""The typical beat is learned anew from the beats found: weak beats need some rounds. Set by
judgement; not measured."""


@dataclass(frozen=True)
class Lead:
    """A channel in which beats are sought, its site, and the part of the body that lies on."""

    channel: int
    site: str
    place: str


def beats_in(mild: Floats, leads: list[Lead]) -> tuple[Floats, Bools]:
    """Beats in some mild traces, by whatever evidence there is.

    Parameters
    ----------
    mild : ndarray, shape (n_leads, n_samples)
        At `ecg.MILD_HZ`.
    leads : list of Lead

    Returns
    -------
    at : ndarray, shape (n_beats,)
        In samples, in order.
    ectopic : ndarray of bool, shape (n_beats,)
    """
    bands = np.stack([ecg.qrs_band(trace, steady=lead.place == "ECG")
                      for trace, lead in zip(mild, leads, strict=True)])  # fmt: skip
    by_site = _envelopes(bands, leads)
    tries: list[tuple[Floats, int, float]] = []
    if leads[0].place == "ECG":
        tries.append((by_site["ECG"], 1, 0.0))
    if len({lead.place for lead in leads}) >= 2:
        tries.append((_seen_by_two(by_site, leads), 2, SLOW_SHARE_TOGETHER))
    tries += [(own, 1, SLOW_SHARE) for own in by_site.values()]
    for envelope, n_places, share in tries:
        peaks = ecg.envelope_peaks(envelope, ecg.MILD_HZ, least=SEEN)
        found = _typical(bands, peaks)
        if found is not None and _believable(mild, bands, leads, found, n_places, share):
            return _centred(bands, *_with_ectopic(bands, found, peaks, envelope))
    return np.zeros(0), np.zeros(0, dtype=bool)


def _envelopes(bands: Floats, leads: list[Lead]) -> dict[str, Floats]:
    """Envelope of each site: the median of its leads."""
    parts: dict[str, list[Floats]] = {lead.site: [] for lead in leads}
    for band, lead in zip(bands, leads, strict=True):
        parts[lead.site].append(ecg.envelope(band))
    return {site: np.median(own, axis=0) for site, own in parts.items()}


def _seen_by_two(by_site: dict[str, Floats], leads: list[Lead]) -> Floats:
    """Envelope that the second place reaches, too: a potential is large at one place only."""
    near = 2 * round(TOGETHER_S * ecg.MILD_HZ) + 1
    places: dict[str, list[Floats]] = {}
    for site, place in {lead.site: lead.place for lead in leads}.items():
        places.setdefault(place, []).append(by_site[site])
    wide = [ndimage.maximum_filter1d(np.max(own, axis=0), near) for own in places.values()]
    return np.asarray(np.sort(wide, axis=0)[-2])


def _typical(bands: Floats, peaks: Ints) -> Floats | None:
    """Beats by the typical waves at the peaks, if they come as a heart's do."""
    beats = peaks
    for _ in range(ROUNDS):
        if len(beats) < LEAST_BEATS:
            return None
        scale = ecg.beat_scale(bands, beats)
        beats = local_maxima(scale, SCALE)
        beats = beats[strongest_apart(beats, scale[beats], ecg.REFRACTORY_S * ecg.MILD_HZ)]
        beats = beats[_likeness(bands, beats) >= LEAST_LIKE]
    if not all_along(beats / ecg.MILD_HZ, bands.shape[1] / ecg.MILD_HZ):
        return None
    return ecg.between_samples(scale, beats)


def _likeness(bands: Floats, at: Ints) -> Floats:
    """Likeness of each beat to the typical one on all leads that see it clearly, together.

    What is large without being alike is a potential or a contraction.
    """
    reach = round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    product, energy, whole = np.zeros(len(at)), np.zeros(len(at)), 0.0
    for band in bands:
        pieces = _around(band, at, reach)
        wave = np.median(pieces, axis=0) if len(at) else pieces.sum(axis=0)
        if wave @ wave >= CLEAR_SECOND:
            product += pieces @ wave
            energy += np.square(pieces).sum(axis=1)
            whole += float(wave @ wave)
    return np.asarray(product / np.sqrt(np.maximum(energy * whole, 1e-9)))


def _believable(
    mild: Floats, bands: Floats, leads: list[Lead], beats: Floats, n_places: int, share: float
) -> bool:
    """Whether so many places see the beats clearly, and the clearest sees a slow wave.

    The median of pieces of noise that were chosen for being large has a wave of its own; so it has
    to hold a good part of the energy of the single pieces.
    """
    at, reach = np.rint(beats).astype(int), round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    clear: dict[str, float] = {}
    for band, lead in zip(bands, leads, strict=True):
        pieces = _around(band, at, reach)
        energy = float(np.square(np.median(pieces, axis=0)).sum())
        part = energy / float(np.median(np.square(pieces).sum(axis=1)))
        if energy >= CLEAR_SECOND and part >= EXPLAINED_SECOND:
            enough = energy if part >= EXPLAINED else CLEAR_SECOND
            clear[lead.place] = max(clear.get(lead.place, 0.0), enough)
    if len(clear) < n_places or max(clear.values(), default=0.0) < CLEAR:
        return False
    sizes = [float(np.ptp(ecg.beat_wave(band, at, reach))) for band in bands]
    return ecg.slow_share(ecg.beat_wave(mild[int(np.argmax(sizes))], at, reach)) >= share


def _around(band: Floats, at: Ints, reach: int) -> Floats:
    """Pieces of a trace, shape (n_beats, 2 * reach + 1)."""
    return np.asarray(np.pad(band, reach)[at[:, None] + np.arange(2 * reach + 1)])


def all_along(times_s: Floats, seconds: float) -> bool:
    """Whether events come at heart-like intervals with nearly all expected ones present."""
    if len(times_s) < LEAST_BEATS:
        return False
    intervals = np.diff(times_s)
    beat = float(np.median(intervals))
    if np.mean(intervals < SHORT * beat) > SHORT_SHARE:
        return False
    if np.mean(intervals > LONG * beat) > LONG_SHARE:
        return False
    counts = np.histogram(times_s, np.linspace(0, seconds, 5))[0]
    return bool(INTERVAL_S[0] <= beat <= INTERVAL_S[1] and len(times_s) * beat >= PRESENT * seconds
                and counts.min() >= LEAST_QUARTER * seconds / 4 / beat)  # fmt: skip


def _with_ectopic(
    bands: Floats, beats: Floats, peaks: Ints, envelope: Floats
) -> tuple[Floats, Bools]:
    """All beats and which are ectopic: unlike the typical one, or missed by its wave."""
    at = np.rint(beats).astype(int)
    typical = float(np.median(envelope[at]))
    far = (
        np.abs(beats[nearest(peaks.astype(float), beats)] - peaks) > ecg.REFRACTORY_S * ecg.MILD_HZ
    )
    missed = peaks[far & (envelope[peaks] >= ECTOPIC * typical)]
    merged = np.concatenate([beats, missed])
    ectopic = np.concatenate([_unlike(bands, at), np.ones(len(missed), dtype=bool)])
    order = np.argsort(merged, kind="stable")
    return merged[order], ectopic[order]


def _unlike(bands: Floats, at: Ints) -> Bools:
    """Beats whose wave differs from the typical one where beats are large, on half the leads."""
    reach = round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    unlike = []
    for band in bands:
        pieces = _around(band, at, reach)
        wave = np.median(pieces, axis=0)
        if wave @ wave >= STRONG:
            size = np.linalg.norm(pieces, axis=1) * np.linalg.norm(wave)
            unlike.append(pieces @ wave < LIKE * size)
    return np.mean(unlike, axis=0) >= 0.5 if unlike else np.zeros(len(at), dtype=bool)


def _centred(bands: Floats, beats: Floats, ectopic: Bools) -> tuple[Floats, Bools]:
    """Beats at the largest deflection of their own kind, where it is largest."""
    reach, out = round(ecg.TEMPLATE_S * ecg.MILD_HZ), beats.copy()
    for kind in (False, True):
        own = np.flatnonzero(ectopic == kind)
        if kind and len(own) >= LEAST_BEATS:
            scale = ecg.beat_scale(bands, np.rint(beats[own]).astype(int))
            out[own] = _best_near(scale, np.rint(beats[own]).astype(int))
        waves = [ecg.beat_wave(band, np.rint(out[own]).astype(int), reach) for band in bands]
        out[own] += int(np.argmax(np.abs(max(waves, key=np.ptp)))) - reach if len(own) else 0
    inside = (out >= 0) & (out < bands.shape[1])
    order = np.argsort(out[inside], kind="stable")
    return out[inside][order], ectopic[inside][order]


def _best_near(scale: Floats, at: Ints) -> Floats:
    """Where the scale is largest within `NEAR_S`."""
    reach = round(NEAR_S * ecg.MILD_HZ)
    best = at - reach + np.argmax(_around(scale, at, reach), axis=1)
    return ecg.between_samples(scale, best.clip(0, len(scale) - 1))
