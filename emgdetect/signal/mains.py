"""Lines of mains: their frequency, and which harmonics stand out of their surroundings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.signal.medians import in_parts, row_medians

Floats = NDArray[np.floating[Any]]

LINE_RATIO = 6.0
"""Density of a line of mains over that of its neighbourhood. Set by judgement; not measured."""


def mains_lines(
    windows: Floats, sampling_hz: float, *, nominal_hz: float, power: Floats | None = None
) -> tuple[float, tuple[int, ...], float]:
    """Frequency of mains and the harmonics that stand out of their surroundings.

    Parameters
    ----------
    windows : ndarray, shape (n_windows, n_samples)
        Pieces of at least two seconds.
    sampling_hz : float
    nominal_hz : float
        50 or 60; searched within 1 Hz.
    power : ndarray, optional
        From `median_power`, where it is known already.

    Returns
    -------
    frequency_hz : float
    harmonics : tuple of int
        Harmonics to remove (1 is the fundamental): those whose density exceeds `LINE_RATIO` times
        that of their neighbourhood; empty if there are none.
    share : float
        Share of the power at 20-450 Hz that lies in the removed lines.
    """
    n = windows.shape[1]
    power = median_power(windows) if power is None else power
    freqs = fft.rfftfreq(_n_fft(n), 1 / sampling_hz)
    frequency = _comb_peak(freqs, power, nominal_hz, sampling_hz)
    width = 2.0 * sampling_hz / n
    harmonics, removed = [], 0.0
    for k in range(1, int(min(0.47 * sampling_hz, 1000.0) / frequency) + 1):
        distance = np.abs(freqs - k * frequency)
        line = power[distance <= width / 2].max(initial=0.0)
        around = np.median(power[(distance > 1.5 * width) & (distance < 1.5 * width + 8.0)])
        if line > LINE_RATIO * around:
            harmonics.append(k)
            if k * frequency <= 450:
                removed += float(np.sum(np.maximum(power[distance <= width] - around, 0)))
    band = float(np.sum(power[(freqs >= 20) & (freqs <= 450)]))
    return frequency, tuple(harmonics), removed / band if band > 0 else 0.0


def median_power(windows: Floats, *, n_threads: int = 1) -> Floats:
    """Median power of windows at eight times the frequencies that their length resolves.

    Parameters
    ----------
    windows : ndarray, shape (n_windows, n_samples)
    n_threads : int
        Windows at work at once; the result does not depend on it.

    Returns
    -------
    ndarray, shape (n_freqs,)
    """
    n = windows.shape[1]
    taper = np.hanning(n + 2)[1:-1]
    centred = windows - windows.mean(axis=1, keepdims=True)
    power = np.abs(fft.rfft(centred * taper, _n_fft(n), axis=1, workers=n_threads)) ** 2
    return in_parts(lambda some: row_medians(np.ascontiguousarray(some.T)), power)


def _n_fft(n_samples: int) -> int:
    return int(fft.next_fast_len(8 * n_samples, real=True))


def _comb_peak(freqs: Floats, power: Floats, nominal_hz: float, sampling_hz: float) -> float:
    """Frequency within 1 Hz of nominal whose first harmonics hold the most power, line by line."""
    candidates = np.arange(nominal_hz - 1.0, nominal_hz + 1.0 + 1e-9, 0.01)
    comb = np.zeros(len(candidates))
    for k in (1, 2, 3, 5):
        if k * (nominal_hz + 1) > 0.47 * sampling_hz:
            continue
        near = np.abs(freqs - k * nominal_hz) < 8 * k
        floor = np.median(power[near])
        comb += np.log1p(np.interp(k * candidates, freqs, power) / max(floor, 1e-30) / 10)
    return float(candidates[np.argmax(comb)])
