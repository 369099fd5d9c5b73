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
RAIL_HZ = 50.0 / 3
"""Railway current in central Europe."""
RAIL_OFF_HZ = 0.15
"""Hertz that it may lie beside that: railways name it 16.7 Hz, and its network keeps within 1 %.
Set by judgement; not measured."""
RAIL_RATIO = 20.0
"""Density of its line over that of its neighbourhood. An independent simulator's recordings of
railway current have 47 to 30 000, twelve other sites 1.0 to 2.7."""
RAIL_SHARE = 0.5
"""Share of the power at 10-450 Hz from which it is taken out: less hardly disturbs. In such (two
recordings more), 23 potentials of 478 are missed where it is taken out, and 18 where it is not."""
SAME_HZ = 0.15
"""Hertz between mains and three times railway current within which they are one. Set by judgement;
not measured."""
RAIL_BESIDE_HZ = 5.0
"""Its surroundings reach so far: at 10 Hz the T wave and slow movement begin."""


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
        line, around = _line(freqs, power, k * frequency, width=width, reach_hz=1.5 * width + 8.0)
        if line > LINE_RATIO * around:
            harmonics.append(k)
            if k * frequency <= 450:
                own = power[np.abs(freqs - k * frequency) <= width]
                removed += float(np.sum(np.maximum(own - around, 0)))
    band = float(np.sum(power[(freqs >= 20) & (freqs <= 450)]))
    return frequency, tuple(harmonics), removed / band if band > 0 else 0.0


def rail_lines(
    windows: Floats, sampling_hz: float, *, power: Floats | None = None
) -> tuple[float, tuple[int, ...], float]:
    """Railway current: its frequency, and the harmonics that stand out of their surroundings.

    Its line has to be strong and no harmonic of a slower rhythm.

    Parameters
    ----------
    windows : ndarray, shape (n_windows, n_samples)
        Pieces of at least two seconds.
    sampling_hz : float
    power : ndarray, optional
        From `median_power`, where it is known already.

    Returns
    -------
    frequency_hz : float
    harmonics : tuple of int
        Empty if there is no railway current; every third may be mains of 50 Hz as well.
    share : float
        Share of the power at 10-450 Hz that lies in its lines.
    """
    n = windows.shape[1]
    power = median_power(windows) if power is None else power
    freqs = fft.rfftfreq(_n_fft(n), 1 / sampling_hz)
    width = 2.0 * sampling_hz / n

    def ratio(at_hz: float) -> float:
        line, around = _line(freqs, power, at_hz, width=width, reach_hz=RAIL_BESIDE_HZ)
        return line / max(around, 1e-30)

    near = np.abs(freqs - RAIL_HZ) <= 1.0
    frequency = float(freqs[near][np.argmax(power[near])])
    slower = max(ratio(k * frequency) for k in (1 / 2, 2 / 3, 4 / 3, 3 / 2))
    if (
        abs(frequency - RAIL_HZ) > RAIL_OFF_HZ + freqs[1] / 2
        or ratio(frequency) < RAIL_RATIO
        or slower > LINE_RATIO
    ):
        return RAIL_HZ, (), 0.0
    most = int(min(0.47 * sampling_hz, 200.0) / frequency)
    harmonics = [k for k in range(1, most + 1) if k == 1 or ratio(k * frequency) > LINE_RATIO]
    weights = np.array([k**2 * np.log(ratio(k * frequency)) for k in harmonics])
    peaks = [_peak_near(freqs, power, k * frequency, width / 2) / k for k in harmonics]
    frequency = float(weights @ peaks / weights.sum())
    lines = [power[np.abs(freqs - k * frequency) <= width].sum() for k in harmonics]
    band = float(np.sum(power[(freqs >= 10) & (freqs <= 450)]))
    share = min(1.0, float(np.sum(lines)) / max(band, 1e-30))
    return (frequency, tuple(harmonics), share) if share >= RAIL_SHARE else (RAIL_HZ, (), 0.0)


def _line(
    freqs: Floats, power: Floats, at_hz: float, *, width: float, reach_hz: float
) -> tuple[float, float]:
    """Density of a line, and of what surrounds it as far as it reaches."""
    distance = np.abs(freqs - at_hz)
    around = np.median(power[(distance > 1.5 * width) & (distance < reach_hz)])
    return float(power[distance <= width / 2].max(initial=0.0)), float(around)


def _peak_near(freqs: Floats, power: Floats, at_hz: float, within_hz: float) -> float:
    near = np.flatnonzero(np.abs(freqs - at_hz) <= within_hz)
    return float(freqs[near[np.argmax(power[near])]])


def with_rail(
    mains_hz: float, harmonics: tuple[float, ...], rail_hz: float, rail: tuple[int, ...]
) -> tuple[float, tuple[float, ...]]:
    """Lines of mains and of railway current, as multiples of one frequency near that of mains.

    Parameters
    ----------
    mains_hz : float
    harmonics : tuple of float
        Of mains; empty if there is none.
    rail_hz : float
    rail : tuple of int
        Harmonics of railway current; empty if there is none.

    Returns
    -------
    mains_hz : float
        Three times that of the railway where there is no mains, or just beside it.
    harmonics : tuple of float
        Those of mains first, which tell its offset; no two lie close together.
    """
    if not rail:
        return mains_hz, harmonics
    if not harmonics or abs(mains_hz - 3 * rail_hz) < SAME_HZ:
        mains_hz = 3 * rail_hz
    taken = mains_hz * np.array([*harmonics, -1.0])
    added = [k for k in rail if np.abs(taken - k * rail_hz).min() > rail_hz / 2]
    return mains_hz, (*harmonics, *(k * rail_hz / mains_hz for k in added))


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
