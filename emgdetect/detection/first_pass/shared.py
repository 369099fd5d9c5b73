"""What many electrodes of a site see together: a score for grids beside that of single channels.

A weak potential that spreads over a grid exceeds the noise on no channel alone, but their energies
add up. The channel that holds most is left out of the sum, so that one bad electrode is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from emgdetect.detection.threads import each
from emgdetect.detection.trace.bank import NOISE_PIECE_S, bank_filters, bank_in_noise
from emgdetect.detection.trace.cells import interpolate_cells
from emgdetect.detection.trace.front import Front
from emgdetect.signal import filters, matched
from emgdetect.signal.medians import quantiles

Floats = NDArray[np.floating[Any]]

CALM_RATIO = 1.4
"""Level over its tenth percentile up to which a moment tells the shared noise: not a contraction.
Set by judgement; not measured."""
LEARNT_S = 90.0
"""Seconds of Gaussian noise that the shared energy is learnt from. Set by judgement; not
measured."""
AROUND_S = (0.010, 0.040)
"""Seconds from a moment, on both sides, between which the noise that all channels share tells how
much it swells there; as at single channels (`surroundings.NEAR_S`)."""
STEP_S = 0.003
"""Seconds between the samples of the energy that are looked at for that: it is made of squared
filters, which change in about as long. Set by judgement; not measured."""
TAIL = (2.8, 4.0)
"""Standard scores between which its tail is fitted by a line of log rate over squared score, to be
drawn out to the budget. What is so promised once in five minutes comes 1.9 times as often in 24 min
of noise on 16 channels, and 4.6 times with a line fitted between 2 and 3.2."""


@dataclass(frozen=True)
class SharedNoise:
    """The shared energy of so many channels in Gaussian noise, its cube root standardised.

    Attributes
    ----------
    middle, below, above : float
        Median of the cube root of the mean energy, and its distances from the 16 % and from the
        84 % quantile.
    slope, intercept : float
        ``log(maxima per minute above z) = intercept - slope * z**2``.
    """

    middle: float
    below: float
    above: float
    slope: float
    intercept: float


def shared_score(
    energy: Floats, n_channels: int, rate_hz: float, low_hz: float, high_hz: float, *,
    calm: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:  # fmt: skip
    """Score of one channel that noise exceeds as often as this shared energy.

    Parameters
    ----------
    energy : ndarray, shape (n_samples,)
        From `matched.bank_outputs`, in units of the local noise.
    n_channels : int
    rate_hz, low_hz, high_hz : float
    calm : ndarray of bool, shape (n_samples,), optional
        Samples that tell how the noise is spread: not those of a contraction. All by default.

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        By the cube root of the energy, nearly Gaussian in noise (Wilson & Hilferty 1931).
    """
    learnt = shared_in_noise(n_channels, rate_hz, low_hz, high_hz)
    bank = bank_in_noise(rate_hz, low_hz, high_hz)
    root = np.cbrt(energy / (n_channels - 1))
    quiet = root if calm is None or not calm.any() else root[calm]
    low, middle, high = quantiles(quiet, (0.16, 0.5, 0.84))
    # Noise whose level the channels share widens the sum, upwards more than downwards.
    wider = max(1.0, (middle - low) / learnt.below, (high - middle) / learnt.above)
    z = np.maximum((root - max(learnt.middle, middle)) / (wider * learnt.below), 0.0)
    square: Floats = (bank.intercept - learnt.intercept + learnt.slope * z**2) / bank.slope
    return np.asarray(np.sqrt(np.maximum(square, 0.0)), dtype=np.float32)


def of_one_look(score: Floats, n_channels: int, rate_hz: float, low_hz: float, high_hz: float
                ) -> NDArray[np.float32]:  # fmt: skip
    """The largest score of several channels as one that noise exceeds as rarely on a single one."""
    bank = bank_in_noise(rate_hz, low_hz, high_hz)
    square = score**2 - np.log(n_channels) / bank.slope
    return np.asarray(np.sqrt(np.maximum(square, 0.0)), dtype=np.float32)


def is_calm(level: Floats) -> NDArray[np.bool_]:
    """Moments whose noise level is near the lowest: no contraction."""
    return np.asarray(level <= CALM_RATIO * np.quantile(level, 0.1))


def site_score(
    front: Front, score: Floats, energy: NDArray[np.float32],
    levels: NDArray[np.float32], n_cell: int, rate_hz: float,
) -> NDArray[np.float32]:  # fmt: skip
    """Score of the whole site, shape (n_samples,): of its best channel or of what many share.

    Parameters
    ----------
    front : Front
    score : ndarray, shape (n_channels, n_samples)
        In units of local noise.
    energy : ndarray, shape (n_samples,)
        What the channels share, in units of quiet noise.
    levels : ndarray, shape (n_channels, n_cells)
    n_cell : int
        Samples of a cell.
    rate_hz : float
    """
    best = np.asarray(score.max(axis=0), dtype=np.float32)
    if front.unmixing is None:
        return best
    band = (round(rate_hz, 3), front.low_hz, front.high_hz)
    level = interpolate_cells(np.median(levels, axis=0, keepdims=True), n_cell, len(energy))[0]
    return best_or_shared(best, energy / level**2, level, len(score), *band)


def best_or_shared(
    best: Floats, energy: Floats, level: Floats, n_channels: int, rate_hz: float, low_hz: float,
    high_hz: float,
) -> NDArray[np.float32]:  # fmt: skip
    """Score of a grid's best channel or of what its channels share, whichever is more.

    Parameters
    ----------
    best, energy : ndarray, shape (n_samples,)
        Score of the best channel and energy shared, in units of local noise.
    level : ndarray, shape (n_samples,)
        Course of the noise; where it is calm tells the shared noise.
    n_channels : int
    rate_hz, low_hz, high_hz : float
    """
    band = (rate_hz, low_hz, high_hz)
    swelling = noise_swelling(energy, n_channels, *band)
    shared = shared_score(energy / swelling**2, n_channels, *band, calm=is_calm(level))
    return np.maximum(of_one_look(best / swelling, n_channels, *band), shared)


def noise_swelling(
    energy: Floats, n_channels: int, rate_hz: float, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """How much the noise of all channels swells around each moment, at least 1.

    The level that scores are divided by follows the noise over a second; noise also swells for some
    tens of milliseconds, which many channels together tell in as short a time.

    Parameters
    ----------
    energy : ndarray, shape (n_samples,)
        Shared by the channels, in units of the local noise.
    n_channels : int
    rate_hz, low_hz, high_hz : float

    Returns
    -------
    ndarray of float32, shape (n_samples,)
        Factor of the noise's RMS: a median over the time around, so that what happens at the moment
        itself, or at another one near it, does not count.
    """
    usual = shared_in_noise(n_channels, rate_hz, low_hz, high_hz).middle ** 3 * (n_channels - 1)
    step = max(1, round(STEP_S * rate_hz))
    near, far = (round(reach_s * rate_hz / step) for reach_s in AROUND_S)
    around = np.abs(np.arange(-far, far + 1)) >= max(near, 1)
    typical = ndimage.median_filter(energy[::step], footprint=around, mode="nearest")
    drawn_out = np.interp(np.arange(len(energy)) / step, np.arange(len(typical)), typical)
    return np.asarray(np.sqrt(np.maximum(drawn_out / usual, 1.0)), dtype=np.float32)


def learn_noise(bands: Sequence[tuple[int, float, float, float]], n_threads: int) -> None:
    """Learn at once what is asked for later, one of each at a time: how scores behave in noise.

    Parameters
    ----------
    bands : sequence of (n_channels, rate_hz, low_hz, high_hz)
        One channel has no shared energy.
    n_threads : int
    """

    def learn(band: tuple[int, float, float, float]) -> None:
        n_channels, *rest = band
        bank_in_noise(*rest)
        if n_channels > 1:
            shared_in_noise(n_channels, *rest)

    each(learn, bands, n_threads)


@lru_cache(maxsize=16)
def shared_in_noise(n_channels: int, rate_hz: float, low_hz: float, high_hz: float) -> SharedNoise:
    """Learn the course of the shared energy from Gaussian noise (fixed seed)."""
    n = int(fft.next_fast_len(int(NOISE_PIECE_S * rate_hz), real=True))
    freqs = fft.rfftfreq(n, 1 / rate_hz)
    band = filters.band_response(freqs, low_hz=low_hz, high_hz=high_hz).astype(np.float32)
    responses = bank_filters.__wrapped__(n, rate_hz, low_hz, high_hz)
    rng, pieces = np.random.default_rng(0), []
    for _ in range(round(LEARNT_S / NOISE_PIECE_S)):
        spectrum = fft.rfft(rng.standard_normal((n_channels, n), dtype=np.float32), axis=1) * band
        pieces.append(matched.bank_outputs(spectrum, responses, n, keep=slice(0, n))[1])
    energy = np.concatenate(pieces)
    root = np.cbrt(energy / (n_channels - 1))
    low, middle, high = quantiles(root, (0.16, 0.5, 0.84))
    z = (root - middle) / (middle - low)
    peaks = z[matched.local_maxima(z, TAIL[0])]
    levels = np.linspace(*TAIL, 9)
    counts = np.array([(peaks >= u).sum() for u in levels]) / (len(z) / rate_hz / 60)
    slope, intercept = np.polyfit(levels**2, np.log(np.maximum(counts, 0.5)), 1)
    return SharedNoise(middle, middle - low, high - middle, -float(slope), float(intercept))
