"""Matched filters: a bank of Gaussian derivatives, whitening, and scores in units of noise.

Surface motor-unit potentials look like the first to third derivative of a Gaussian
(Hermite-Rodriguez functions; Merlo, Farina & Merletti 2003), so a bank over order and width
comes close to the filter matched to each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.floating[Any]]
Complexes = NDArray[np.complexfloating[Any, Any]]

ROWS_AT_ONCE = 8
"""Channels that go through a bank at once: few enough for a core's cache, and a whole number of
the vectors that SciPy transforms together."""


def gaussian_derivatives(
    freqs_hz: Floats, shapes: Sequence[tuple[int, float]]
) -> NDArray[np.complex128]:
    """Spectra of Gaussian derivatives, each of unit energy on the given frequency grid.

    Parameters
    ----------
    freqs_hz : ndarray, shape (n_freqs,)
    shapes : sequence of (order, width_s)
        Order of the derivative and standard deviation of the Gaussian in seconds.

    Returns
    -------
    ndarray of complex128, shape (n_shapes, n_freqs)
        ``(2 pi i f)^order exp(-(2 pi f width)^2 / 2)``, scaled.
    """
    omega = 2 * np.pi * freqs_hz
    # Real until the last step: complex powers and absolute values are slow on a long grid.
    spectra = np.empty((len(shapes), len(omega)), dtype=np.complex128)
    for row, (order, width_s) in zip(spectra, shapes, strict=True):
        magnitude = omega**order * np.exp(-((omega * width_s) ** 2) / 2)
        row[:] = magnitude * (1j**order / np.sqrt(magnitude @ magnitude))
    return spectra


def whitening(
    freqs_hz: Floats, noise_freqs_hz: Floats, density: Floats, *, in_band: Floats, depth: float
) -> NDArray[np.float64]:
    """Response that makes noise of a given density white, without lifting what holds no signal.

    Parameters
    ----------
    freqs_hz : ndarray, shape (n_freqs,)
        Grid of the response.
    noise_freqs_hz, density : ndarray, shape (n_noise,)
        One-sided noise density.
    in_band : ndarray, shape (n_noise,)
        Weight of each noise frequency in the typical density (the band's response).
    depth : float
        The density counts as at least its weighted median divided by this.

    Returns
    -------
    ndarray of float64, shape (n_freqs,)
        ``1 / sqrt(density)``.
    """
    inside = in_band > 0.5
    typical = np.median(density[inside]) if inside.any() else np.median(density)
    floor = max(float(typical) / depth, np.finfo(float).tiny)
    log_density = np.log(np.maximum(density, floor))
    return np.exp(-0.5 * np.interp(freqs_hz, noise_freqs_hz, log_density))


def bank_score(
    spectrum: Complexes, filters: Complexes, n_fft: int, *, keep: slice
) -> NDArray[np.float32]:
    """Largest absolute output of a bank of filters at each sample.

    Parameters
    ----------
    spectrum : ndarray, shape (n_channels, n_freqs)
        Forward FFT of the padded block: one serves every filter.
    filters : ndarray, shape (n_filters, n_freqs)
        Responses, conjugated already.
    n_fft : int
        Length of the inverse FFT.
    keep : slice
        Samples that are not padding.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_kept)
    """
    return bank_outputs(spectrum, filters, n_fft, keep=keep, shared=False)[0]


def bank_outputs(
    spectrum: Complexes, filters: Complexes, n_fft: int, *, keep: slice, shared: bool = True
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Largest absolute output of each channel, and largest energy that the channels share.

    Parameters
    ----------
    spectrum, filters, n_fft, keep
        As for `bank_score`.
    shared : bool
        Whether the shared energy is wanted.

    Returns
    -------
    best : ndarray of float32, shape (n_channels, n_kept)
    energy : ndarray of float32, shape (n_kept,)
        Energy of a filter's output summed over the channels but the one that holds most of it;
        the largest of the filters. Zero if not wanted.
    """
    if not len(filters):
        raise ValueError("the bank has no filters")
    n_kept = len(range(n_fft)[keep])
    best = np.empty((len(spectrum), n_kept), dtype=np.float32)
    summed, most = np.zeros((2, len(filters) if shared else 1, n_kept), dtype=np.float32)
    responses = [_Response(response) for response in filters]
    for first in range(0, len(spectrum), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        values = np.ascontiguousarray(spectrum[rows])
        turned = values * values.dtype.type(1j)
        for i, response in enumerate(responses):
            out = fft.irfft(response.applied(values, turned), n_fft, axis=1)[:, keep]
            if shared:
                squares = out * out
                summed[i] += squares.sum(axis=0)
                np.maximum(most[i], squares.max(axis=0), out=most[i])
            np.abs(out, out=out if i else best[rows])
            if i:
                np.maximum(best[rows], out, out=best[rows])
    return best, (summed - most).max(axis=0)


class _Response:
    """A filter's response; one that is real or imaginary throughout costs half as much to apply."""

    def __init__(self, response: Complexes) -> None:
        self.response = response
        self.is_real = not response.imag.any()
        self.is_imaginary = not response.real.any()
        # Each weight twice, for the real and the imaginary part of a value.
        part = response.real if self.is_real else response.imag
        self.weights = np.repeat(part, 2)

    def applied(self, values: Complexes, turned: Complexes) -> Complexes:
        """The filtered spectrum, given the spectrum and the same multiplied by i."""
        if not (self.is_real or self.is_imaginary):
            return np.asarray(values * self.response)
        source = values if self.is_real else turned
        product = source.view(source.real.dtype) * self.weights
        return product.view(source.dtype)


def local_maxima(score: Floats, threshold: float | Floats) -> NDArray[np.int64]:
    """Samples at or above a threshold that exceed the one before and are not below the one after.

    Parameters
    ----------
    score : ndarray, shape (n_samples,)
    threshold : float or ndarray, shape (n_samples,)

    Returns
    -------
    ndarray of int, shape (n_maxima,)
        In order. A plateau counts once, at its first sample; an end sample can be a maximum.
    """
    if not len(score):
        return np.zeros(0, dtype=np.int64)
    before = np.concatenate([[-np.inf], score[:-1]])
    after = np.concatenate([score[1:], [-np.inf]])
    return np.flatnonzero((score > before) & (score >= after) & (score >= threshold))


def strongest_apart(
    positions: NDArray[np.int64], strengths: Floats, distance: float
) -> NDArray[np.int64]:
    """Indices of positions left when the strongest silences all within a distance, and so on.

    Parameters
    ----------
    positions : ndarray of int, shape (n,)
        In order.
    strengths : ndarray, shape (n,)
    distance : float
        Two kept positions are at least this far apart.

    Returns
    -------
    ndarray of int, shape (n_kept,)
        In order. Equal strengths: the earlier wins.
    """
    # Neighbours within reach of each, found for all at once; the loop is plain Python on few bytes.
    low = np.searchsorted(positions, positions - distance, side="right").tolist()
    high = np.searchsorted(positions, positions + distance, side="left").tolist()
    left = bytearray(b"\1") * len(positions)
    for i in np.argsort(-strengths, kind="stable").tolist():
        if left[i]:
            left[low[i] : high[i]] = bytes(high[i] - low[i])
            left[i] = 1
    return np.flatnonzero(np.frombuffer(left, dtype=np.uint8))
