"""The bank of matched filters: its shapes, and how its score behaves in noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.signal import filters, matched

Complexes = NDArray[np.complexfloating[Any, Any]]

SHAPES = tuple((order, width) for order in (1, 2) for width in (0.9e-3, 1.4e-3, 2.2e-3, 3.4e-3))
"""Orders of the Gaussian derivatives and their widths in seconds. Of 73 units of our simulation
they pass 0.93 of the matched score in the mean. Orders 3 and 4, widths twice as dense, one more
at either end and phases between pass up to 0.015 more, and raise the threshold by 0.5 to 4 % for
as many false alarms: with none are weaker units found, there by more than 0.5 % and in any of
five other families of waveforms (50 each) by more than 2 %; what one family gains another loses."""
SURFACE_HIGH_HZ = 500.0
"""Upper edge in Hz of the band those widths belong to: 500 Hz for surface EMG (SENIAM); a wider
band, as a needle's, shortens them in proportion."""
LEVEL_QUANTILE = 0.35
"""Quantile of the score that tells the noise level: below the median, so that potentials and
trains, which fill less than half of the time, hardly move it. Set by judgement; not measured."""

LEARNT_S = 1200.0
"""Seconds of Gaussian noise that level and tail of the score are learnt from: the threshold then
scatters by 0.4 % between draws, and by 2 % with 300 s (four draws each, 1 and 2 kHz)."""
NOISE_PIECE_S = 5.0
"""Seconds of a piece of such noise: short enough for a core's cache, long beside the filters."""


@dataclass(frozen=True)
class Bank:
    """Level and tail of the bank's score in Gaussian noise.

    Attributes
    ----------
    quantile : float
        `LEVEL_QUANTILE` of the score in noise of unit variance.
    slope, intercept : float
        ``log(maxima per minute above u) = intercept - slope * u**2`` for one channel.
    """

    quantile: float
    slope: float
    intercept: float

    def threshold(self, per_min: float, n_channels: int) -> float:
        """Score that noise alone exceeds so often per minute on so many channels."""
        return float(np.sqrt((self.intercept + np.log(n_channels / per_min)) / self.slope))


def bank_shapes(high_hz: float) -> list[tuple[int, float]]:
    """Shapes of the bank that fit into a band, by order and width in seconds."""
    if high_hz > 1.5 * SURFACE_HIGH_HZ:
        return [(order, width * SURFACE_HIGH_HZ / high_hz) for order, width in SHAPES]
    fitting = [(order, width) for order, width in SHAPES if width * 5.2 * high_hz > 1]
    return fitting or [shape for shape in SHAPES if shape[1] == SHAPES[-1][1]]


@lru_cache(maxsize=32)
def bank_filters(n_fft: int, rate_hz: float, low_hz: float, high_hz: float) -> Complexes:
    """Conjugated responses of the bank for a whitened trace; each output has unit variance."""
    freqs = fft.rfftfreq(n_fft, 1 / rate_hz)
    band = filters.band_response(freqs, low_hz=low_hz, high_hz=high_hz)
    spectra = matched.gaussian_derivatives(freqs, bank_shapes(high_hz))
    responses = np.empty(spectra.shape, dtype=np.complex64)
    for response, spectrum in zip(responses, spectra, strict=True):
        spectrum *= band
        output = spectrum * band
        power = np.vdot(output, output).real / len(freqs)
        response[:] = np.conj(spectrum) * (1 / np.sqrt(power))
    return responses


@lru_cache(maxsize=8)
def bank_pairs(n_fft: int, rate_hz: float, low_hz: float, high_hz: float) -> list[NDArray[Any]]:
    """The narrowest filters, those between and the widest, for `matched.paired_outputs`."""
    responses = bank_filters(n_fft, rate_hz, low_hz, high_hz)
    widths = np.array([width for _, width in bank_shapes(high_hz)])
    narrow, wide = widths == widths.min(), widths == widths.max()
    middle = ~narrow & ~wide
    parts = (narrow, middle if middle.any() else narrow, wide)
    return [matched.in_pairs(responses[part], n_fft) for part in parts]


def whole_score(
    values: Complexes, n_fft: int, rate_hz: float, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """Largest absolute output of the bank at each sample; shape (n_channels, n_fft).

    Parameters
    ----------
    values : ndarray, shape (n_channels, n_freqs)
        Whitened spectra.
    n_fft : int
        Length of the inverse FFT.
    rate_hz, low_hz, high_hz : float
    """
    pairs = [np.concatenate(bank_pairs(n_fft, rate_hz, low_hz, high_hz))]
    (squares,), _ = matched.paired_outputs(values, pairs, n_fft, keep=slice(0, n_fft), shared=False)
    return np.asarray(np.sqrt(squares, out=squares))


@lru_cache(maxsize=16)
def bank_matrix(
    n: int, reach: int, rate_hz: float, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """The bank's outputs around the middle of a short piece, as one matrix product.

    Parameters
    ----------
    n : int
        Samples of the piece.
    reach : int
        Samples to either side of its middle at which outputs are wanted.
    rate_hz, low_hz, high_hz : float

    Returns
    -------
    ndarray of float32, shape (n, n_filters * (2 * reach + 1))
    """
    n_fft = int(fft.next_fast_len(n, real=True))
    responses = bank_filters.__wrapped__(n_fft, rate_hz, low_hz, high_hz)
    waves = fft.irfft(responses, n_fft, axis=1)
    lag = np.arange(n // 2 - reach, n // 2 + reach + 1)[None, :] - np.arange(n)[:, None]
    taken = waves[:, lag % n_fft].transpose(1, 0, 2)
    return np.ascontiguousarray(taken.reshape(n, -1), dtype=np.float32)


@lru_cache(maxsize=16)
def bank_in_noise(rate_hz: float, low_hz: float, high_hz: float) -> Bank:
    """Learn level and tail of the bank's score from Gaussian noise (fixed seed)."""
    n = int(fft.next_fast_len(int(NOISE_PIECE_S * rate_hz), real=True))
    n_pieces = round(LEARNT_S / NOISE_PIECE_S)
    freqs = fft.rfftfreq(n, 1 / rate_hz)
    band = filters.band_response(freqs, low_hz=low_hz, high_hz=high_hz).astype(np.float32)
    white = np.random.default_rng(0).standard_normal((n_pieces, n)).astype(np.float32)
    spectrum = fft.rfft(white, axis=1) * band
    # Past the cache, which would hold megabytes for nothing.
    responses = bank_filters.__wrapped__(n, rate_hz, low_hz, high_hz)
    score = matched.bank_score(spectrum, responses, n, keep=slice(0, n)).ravel()
    quantile = float(np.quantile(score, LEVEL_QUANTILE))
    peaks = score[matched.local_maxima(score, 2.5)]
    levels = np.linspace(3.2, 4.2, 11)
    counts = np.array([(peaks >= u).sum() for u in levels]) / (len(score) / rate_hz / 60)
    slope, intercept = np.polyfit(levels**2, np.log(np.maximum(counts, 0.1)), 1)
    return Bank(quantile, -float(slope), float(intercept))
