"""Matched filters: a bank of Gaussian derivatives, whitening, and scores in units of noise.

Surface motor-unit potentials look like the first to third derivative of a Gaussian
(Hermite-Rodriguez functions; Merlo, Farina & Merletti 2003), so a bank over order and width
comes close to the filter matched to each.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.floating[Any]]
Complexes = NDArray[np.complexfloating[Any, Any]]

ROWS_AT_ONCE = 16
"""Channels that go through a kernel at once. Eight would stay in a core's cache, but two threads
then wait for Python's lock between the many short calls: with 16 rows a bank of 64 channels takes
two threads 58 % of the time that it takes one, with four rows 77 to 83 % (2 cores)."""


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
    (best,), energy = bank_groups(spectrum, [filters], n_fft, keep=keep, shared=shared)
    return best, energy


def bank_groups(
    spectrum: Complexes, groups: Sequence[Complexes], n_fft: int, *, keep: slice,
    shared: bool = True,
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:  # fmt: skip
    """Largest absolute output of each channel in each of several banks; energy shared in all.

    Two filters go through one complex inverse FFT, as the real and the imaginary part of what it
    gives, which takes less time than two real ones.

    Parameters
    ----------
    spectrum : ndarray, shape (n_channels, n_freqs)
    groups : sequence of ndarray, shape (n_filters, n_freqs) each
    n_fft, keep, shared
        As for `bank_outputs`.

    Returns
    -------
    best : list of ndarray of float32, shape (n_channels, n_kept)
        One for each group.
    energy : ndarray of float32, shape (n_kept,)

    Raises
    ------
    ValueError
        If a group has no filters.
    """
    if not all(len(filters) for filters in groups):
        raise ValueError("the bank has no filters")
    pairs = [in_pairs(filters, n_fft) for filters in groups]
    squares, energy = paired_outputs(spectrum, pairs, n_fft, keep=keep, shared=shared)
    return [np.sqrt(square, out=square) for square in squares], energy


def paired_outputs(
    spectrum: Complexes, pairs: Sequence[NDArray[Any]], n_fft: int, *, keep: slice, shared: bool
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """`bank_groups`, but squared, with the filters of each group from `in_pairs`."""
    found = [np.empty((len(spectrum), len(range(n_fft)[keep])), dtype=np.float32) for _ in pairs]
    n_pairs = sum(len(pair) for pair in pairs) if shared else 1
    summed, most = np.zeros((2, n_pairs, 2 * n_fft), dtype=np.float32)
    for first in range(0, len(spectrum), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        whole, done = _both_sides(spectrum[rows], n_fft), 0
        for best, weights in zip(found, pairs, strict=True):
            most_of_all: Floats | None = None
            n_at_once = max(1, ROWS_AT_ONCE // len(whole))
            for i in range(0, len(weights), n_at_once):
                squares = _squares(whole, weights[i : i + n_at_once])
                if shared:
                    own = slice(done, done + len(squares))
                    summed[own] += squares.sum(axis=1)
                    np.maximum(most[own], squares.max(axis=1), out=most[own])
                done += len(squares)
                largest = squares.max(axis=0) if len(squares) > 1 else squares[0]
                most_of_all = (
                    largest if most_of_all is None
                    else np.maximum(most_of_all, largest, out=most_of_all)
                )  # fmt: skip
            _either(most_of_all, keep, out=best[rows])
    return found, _either((summed - most).max(axis=0), keep)


def in_pairs(filters: Complexes, n_fft: int) -> NDArray[Any]:
    """Weights that give one filter's output in the real, another's in the imaginary part.

    Parameters
    ----------
    filters : ndarray, shape (n_filters, n_freqs)
    n_fft : int

    Returns
    -------
    ndarray, shape (n_pairs, n_fft) if complex
        Real, shape (n_pairs, 2 * n_fft), if one filter of each pair is real and one imaginary: each
        weight then stands twice, for the real and the imaginary part of a value.
    """
    real = [i for i, response in enumerate(filters) if not response.imag.any()]
    other = [i for i in range(len(filters)) if i not in real]
    if len(real) != len(other):
        real, other = list(range(0, len(filters), 2)), list(range(1, len(filters), 2))
    weights = np.zeros((len(real), n_fft), dtype=filters.dtype)
    n_inner = (n_fft + 1) // 2
    for row, i, k in zip_longest(weights, real, other):
        first, second = filters[i], 0 * filters[i] if k is None else filters[k]
        row[: len(first)] = first + 1j * second
        row[len(first) :] = (np.conj(first) + 1j * np.conj(second))[1:n_inner][::-1]
        for end in (0, n_fft // 2) if n_fft % 2 == 0 else (0,):
            row[end] = first[end].real + 1j * second[end].real
    if weights.imag.any():
        return weights
    return np.repeat(weights.real, 2, axis=1)


def _both_sides(spectrum: Complexes, n_fft: int) -> Complexes:
    """The spectrum of real signals with its negative frequencies."""
    n_half, n_inner = n_fft // 2 + 1, (n_fft + 1) // 2
    whole = np.empty((len(spectrum), n_fft), dtype=spectrum.dtype)
    whole[:, :n_half] = spectrum
    np.conj(spectrum[:, 1:n_inner][:, ::-1], out=whole[:, n_half:])
    return whole


def _squares(whole: Complexes, weights: NDArray[Any]) -> Floats:
    """Squared outputs of pairs of filters, interleaved; shape (n_pairs, n_rows, 2 * n_fft)."""
    if np.iscomplexobj(weights):
        product = whole * weights[:, None]
    else:
        product = (whole.view(whole.real.dtype) * weights[:, None]).view(whole.dtype)
    outputs = fft.ifft(product, axis=-1, overwrite_x=True).view(whole.real.dtype)
    return np.asarray(np.square(outputs, out=outputs))


def _either(interleaved: Any, keep: slice, out: Any = None) -> Any:
    """The larger of each two neighbours in the last axis, of the kept ones."""
    return np.maximum(interleaved[..., 0::2][..., keep], interleaved[..., 1::2][..., keep], out=out)


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
    # Few samples reach most thresholds; only their neighbours are looked at.
    high = np.flatnonzero(score >= threshold)
    here, last = score[high], len(score) - 1
    first = (here > score[np.maximum(high - 1, 0)]) | (high == 0)
    top = first & ((here >= score[np.minimum(high + 1, last)]) | (high == last))
    return np.asarray(high[top])


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
