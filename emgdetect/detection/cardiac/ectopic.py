"""Beats of another shape than the typical one: extrasystoles, found beside it and told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.cardiac.evidence import LEAST_BEATS, LONG
from emgdetect.signal import ecg
from emgdetect.signal.spans import nearest

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

STRONG = 300.0
"""Energy from which one beat's own shape can be told: noise alone then keeps the likeness of two
beats at 0.92."""
LIKE = 0.8
"""Least likeness of a beat to the typical one; the QRS band of an extrasystole has less. Chosen
on the extrasystoles of hold-out seeds 0-1 of another simulator."""
ECTOPIC = 0.4
"""Least envelope of a beat of another shape, in that of the typical beat; as `ecg.SHARE`."""
ECTOPIC_SLOW = 0.6
"""Least `ecg.slow_share` of it, over all leads by their energy, where no beat is missing: a large
potential may lie between two beats. Of 381 that lie on a true beat 277
have it, all of recordings with a heart alone among them, and of 165 that lie on large potentials 25
(62 recordings of our and of an independent simulator)."""
NEAR_S = 0.06
"""How far the wave of an extrasystole may move to fit the others: half of its 120 ms."""


def with_ectopic(
    mild: Floats, bands: Floats, beats: Floats, peaks: Ints, envelope: Floats
) -> tuple[Floats, Bools]:
    """All beats and which are ectopic: unlike the typical one, or missed by its wave."""
    at = np.rint(beats).astype(int)
    typical = float(np.median(envelope[at]))
    far = (
        np.abs(beats[nearest(peaks.astype(float), beats)] - peaks) > ecg.REFRACTORY_S * ecg.MILD_HZ
    )
    missed = peaks[far & (envelope[peaks] >= ECTOPIC * typical)]
    slow = _slow_shares(mild, bands, missed) >= ECTOPIC_SLOW
    missed = missed[slow | _in_pauses(beats, missed)]
    merged = np.concatenate([beats, missed])
    ectopic = np.concatenate([_unlike(bands, at), np.ones(len(missed), dtype=bool)])
    order = np.argsort(merged, kind="stable")
    return merged[order], ectopic[order]


def _in_pauses(beats: Floats, at: Ints) -> Bools:
    """Moments between two beats that lie so far apart that another one belongs there."""
    pauses = np.diff(beats)
    after = np.searchsorted(beats, at)
    inside = (after > 0) & (after < len(beats))
    pause = pauses[np.clip(after - 1, 0, len(pauses) - 1)]
    return np.asarray(inside & (pause > LONG * np.median(pauses)))


def _slow_shares(mild: Floats, bands: Floats, at: Ints) -> Floats:
    """Share of the energy around each moment that is slow, of all leads; shape (n_moments,)."""
    reach = round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    share, energy = np.zeros(len(at)), np.full(len(at), 1e-9)
    for trace, band in zip(mild, bands, strict=True):
        own = np.square(ecg.around(band, at, reach)).sum(axis=1)
        share += own * [ecg.slow_share(piece) for piece in ecg.around(trace, at, reach)]
        energy += own
    return np.asarray(share / energy)


def _unlike(bands: Floats, at: Ints) -> Bools:
    """Beats whose wave differs from the typical one where beats are large, on half the leads."""
    reach = round(ecg.TEMPLATE_S * ecg.MILD_HZ)
    unlike = []
    for band in bands:
        pieces = ecg.around(band, at, reach)
        wave = np.median(pieces, axis=0)
        if wave @ wave >= STRONG:
            size = np.linalg.norm(pieces, axis=1) * np.linalg.norm(wave)
            unlike.append(pieces @ wave < LIKE * size)
    return np.mean(unlike, axis=0) >= 0.5 if unlike else np.zeros(len(at), dtype=bool)


def centred(bands: Floats, beats: Floats, ectopic: Bools) -> tuple[Floats, Bools]:
    """Beats at the largest deflection of their own kind, where it is largest."""
    reach, out = round(ecg.TEMPLATE_S * ecg.MILD_HZ), beats.copy()
    for kind in (False, True):
        own = np.flatnonzero(ectopic == kind)
        if kind and len(own) >= LEAST_BEATS:
            scale, _ = ecg.beat_scale(bands, np.rint(beats[own]).astype(int))
            out[own] = _best_near(scale, np.rint(beats[own]).astype(int))
        waves = [ecg.beat_wave(band, np.rint(out[own]).astype(int), reach) for band in bands]
        out[own] += int(np.argmax(np.abs(max(waves, key=np.ptp)))) - reach if len(own) else 0
    inside = (out >= 0) & (out < bands.shape[1])
    order = np.argsort(out[inside], kind="stable")
    return out[inside][order], ectopic[inside][order]


def _best_near(scale: Floats, at: Ints) -> Floats:
    """Where the scale is largest within `NEAR_S`."""
    reach = round(NEAR_S * ecg.MILD_HZ)
    best = at - reach + np.argmax(ecg.around(scale, at, reach), axis=1)
    return ecg.between_samples(scale, best.clip(0, len(scale) - 1))
