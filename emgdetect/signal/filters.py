"""Zero-phase filters by FFT: responses on a frequency grid and their use on padded blocks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.floating[Any]]

MILD_HIGH_HZ = 1000.0
"""Upper edge of the mild band in which potentials are measured. Set by judgement; not measured."""
LINE_S = 0.1
"""Length of the ends from which an extension takes its slope. Set by judgement; not measured."""


def band_response(freqs_hz: Floats, *, low_hz: float, high_hz: float, order: int = 4) -> Floats:
    """Magnitude of a zero-phase Butterworth band-pass (run forward and backward).

    Parameters
    ----------
    freqs_hz : ndarray, shape (n_freqs,)
        Frequencies at or above zero.
    low_hz, high_hz : float
        Edges, at half power of the single pass (a quarter of the power here).
    order : int
        Order of each edge in the single pass.

    Returns
    -------
    ndarray of float64, shape (n_freqs,)
        ``1 / (1 + (low/f)^2n) / (1 + (f/high)^2n)``; zero at 0 Hz.
    """
    f = np.maximum(np.asarray(freqs_hz, dtype=float), 1e-9)
    squared = (1 + (low_hz / f) ** (2 * order)) * (1 + (f / high_hz) ** (2 * order))
    return np.asarray(1.0 / squared, dtype=np.float64)


@lru_cache(maxsize=8)
def mild_response(n_fft: int, sampling_hz: float, low_hz: float) -> NDArray[np.float32]:
    """Response of the mild band in which potentials are measured: up to 1 kHz, second order.

    Parameters
    ----------
    n_fft : int
        Length of the FFT.
    sampling_hz, low_hz : float

    Returns
    -------
    ndarray of float32, shape (n_fft // 2 + 1,)
    """
    freqs = fft.rfftfreq(n_fft, 1 / sampling_hz)
    high = min(0.45 * sampling_hz, MILD_HIGH_HZ)
    return band_response(freqs, low_hz=low_hz, high_hz=high, order=2).astype(np.float32)


def smooth_extension(
    block: Floats, n_before: int, n_after: int, *, n_line: int = 1
) -> NDArray[np.float32]:
    """Continue a block beyond its ends so that a filter meets neither a step nor a bend there.

    Noise is mirrored as it is, the slope at the end is carried on: reflecting noise about its last
    sample instead would make a step of twice that sample.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_samples)
    n_before, n_after : int
        Samples to add; what reflection cannot reach repeats the last reflected value.
    n_line : int
        Samples at the end from which its slope is taken, and for which it goes on.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_before + n_samples + n_after)
    """
    n = block.shape[1]
    if n == 0:
        return np.zeros((len(block), n_before + n_after), dtype=np.float32)
    position = np.arange(-n_before, n + n_after)
    mirrored = np.where(position < 0, -position, position)
    mirrored = np.where(position >= n, 2 * (n - 1) - position, mirrored)
    out = block[:, np.clip(mirrored, 0, n - 1)].astype(np.float32)
    beyond = np.minimum(np.arange(1, max(n_before, n_after) + 1), min(n_line, n - 1))
    if n_before:
        out[:, :n_before] -= 2 * _slope(block[:, :n_line]) * beyond[:n_before][::-1]
    if n_after:
        out[:, n_before + n :] += 2 * _slope(block[:, -n_line:]) * beyond[:n_after]
    return out


def _slope(piece: Floats) -> NDArray[np.float32]:
    """Slope of the straight line through each row, per sample; shape (n_channels, 1)."""
    at = np.arange(piece.shape[1]) - (piece.shape[1] - 1) / 2
    return np.asarray(piece @ at / max(float(at @ at), 1.0), dtype=np.float32)[:, None]


def filter_zero_phase(
    block: Floats, sampling_hz: float, *, low_hz: float, high_hz: float, order: int = 2
) -> NDArray[np.float32]:
    """Zero-phase band-pass of a whole array in memory.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_samples)
    sampling_hz : float
    low_hz, high_hz : float
        Edges; `high_hz` is lowered to 0.45 of the sampling rate.
    order : int

    Returns
    -------
    ndarray of float32, shape (n_channels, n_samples)
    """
    n = block.shape[1]
    pad = round(3 * sampling_hz / low_hz)
    n_fft = fft.next_fast_len(max(n + 2 * pad, 1), real=True)
    n_line = round(LINE_S * sampling_hz)
    extended = smooth_extension(block, pad, n_fft - n - pad, n_line=max(1, n_line))
    freqs = fft.rfftfreq(n_fft, 1 / sampling_hz)
    response = band_response(
        freqs, low_hz=low_hz, high_hz=min(high_hz, 0.45 * sampling_hz), order=order
    )
    spectrum = fft.rfft(extended, n_fft, axis=1) * response.astype(np.float32)
    return np.asarray(fft.irfft(spectrum, n_fft, axis=1)[:, pad : pad + n], dtype=np.float32)
