"""Heart beats in mild traces: R waves of a lead, and what several leads agree upon."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from emgdetect.signal.filters import filter_zero_phase
from emgdetect.signal.matched import local_maxima, strongest_apart
from emgdetect.signal.medians import row_medians
from emgdetect.signal.noise import GAUSSIAN_QUANTILE, cell_levels, smooth_levels

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

BAND_HZ = (8.0, 30.0)
"""Where an ECG lead's QRS outweighs P and T waves and muscle. Set by judgement; not measured."""
REFRACTORY_S = 0.25
"""Two beats are further apart: 240/min."""
SHARE = 0.4
"""Share of the largest envelope around that a beat reaches: T waves stay below, small extrasystoles
do not. Set by judgement; not measured."""
MEMORY_S = 4.0
"""Holds two beats or more at 40/min."""

MILD_HZ = 250.0
"""Rate of mild traces: a QRS has its energy below 40 Hz (half-width 16 ms or more), and 4 ms steps
interpolated by a parabola tell an R wave to a fraction of a millisecond."""
QRS_BAND_HZ = (6.0, 43.0)
"""Where a QRS stands out; ends below mains of 50 - 0.5 Hz, begins above most of the T wave."""
EDGE_HZ = 4.0
"""Width of the raised-cosine edges of bands: they ring for a quarter of a second at most."""
SMOOTH_S = 0.06
"""Length of an envelope: most of a QRS (80-100 ms)."""
TEMPLATE_S = 0.1
"""Half the length of a typical beat: the QRS of an extrasystole lasts 120-180 ms."""
QUANTILE = 0.35
"""Of the absolute value in a second: beats fill less than a third of the time. Set by judgement;
not measured."""
LOWEST_LEVEL = 0.1
"""Noise that is held for the lowest, as a share of the usual one: a trace with less shows nothing.
Set by judgement; not measured."""
SLOW_HZ, FAST_HZ = (6.0, 40.0), (62.0, 98.0)
"""Bands that tell a QRS from a potential; they leave out mains of 50 and 60 Hz and 100 Hz."""


def r_waves(trace: Floats, sampling_hz: float) -> Ints:
    """Samples of the R waves (or whatever deflection dominates a beat).

    Parameters
    ----------
    trace : ndarray, shape (n_samples,)
    sampling_hz : float

    Returns
    -------
    ndarray of int, shape (n_beats,)
        In order. Empty for a trace that is too short or flat.

    Notes
    -----
    The QRS is what is large at 8-30 Hz: absolute value, smoothed over 60 ms, at least 40 % of the
    local maxima of the 4 s around, a quarter of a second apart. Extrasystoles count as beats.
    """
    if len(trace) < sampling_hz or np.ptp(trace) == 0:
        return np.zeros(0, dtype=np.int64)
    high = min(BAND_HZ[1], 0.4 * sampling_hz)
    band = filter_zero_phase(trace[None], sampling_hz, low_hz=BAND_HZ[0], high_hz=high)[0]
    envelope = ndimage.uniform_filter1d(np.abs(band), max(1, round(0.06 * sampling_hz)))
    peaks = envelope_peaks(envelope, sampling_hz)
    reach = round(0.06 * sampling_hz)
    return np.array(
        [max(0, p - reach) + int(np.argmax(np.abs(band[max(0, p - reach) : p + reach + 1])))
         for p in peaks], dtype=np.int64,
    )  # fmt: skip


def envelope_peaks(envelope: Floats, sampling_hz: float, *, least: float = 0.0) -> Ints:
    """Peaks of a beat's envelope: large among those around, a quarter of a second apart.

    Parameters
    ----------
    envelope : ndarray, shape (n_samples,)
    sampling_hz : float
    least : float
        What a peak has to reach at least.
    """
    around = ndimage.maximum_filter1d(envelope, max(1, round(MEMORY_S * sampling_hz)))
    level = np.maximum(SHARE * np.minimum(around, 3 * np.median(around)), least)
    peaks = local_maxima(envelope, level)
    return peaks[strongest_apart(peaks, envelope[peaks], REFRACTORY_S * sampling_hz)]


def mild_trace(trace: Floats, sampling_hz: float) -> NDArray[np.float32]:
    """A trace at `MILD_HZ`, without baseline and without what lies above 110 Hz.

    Parameters
    ----------
    trace : ndarray, shape (n_samples,)
        Finite.
    sampling_hz : float

    Returns
    -------
    ndarray of float32, shape (round(n_samples / sampling_hz * MILD_HZ),)
    """
    n, n_mild = len(trace), round(len(trace) / sampling_hz * MILD_HZ)
    if n_mild < 2:
        return np.zeros(n_mild, dtype=np.float32)
    spectrum = fft.rfft(np.asarray(trace, dtype=np.float32) - np.float32(row_medians(trace)))
    spectrum = spectrum[: n_mild // 2 + 1]
    freqs = np.arange(len(spectrum)) * sampling_hz / n
    spectrum *= _between(freqs, 3.0, 110.0).astype(np.float32)
    return np.asarray(fft.irfft(spectrum, n_mild) * (n_mild / n), dtype=np.float32)


def qrs_band(mild: Floats, *, steady: bool = False) -> tuple[NDArray[np.float32], Floats]:
    """The QRS band of a mild trace in units of its noise, and that noise.

    Parameters
    ----------
    mild : ndarray, shape (n_samples,)
        At `MILD_HZ`.
    steady : bool
        Whether the noise is taken for the same all along, not from second to second. Where a lead
        shows T waves as large as an ECG's, fast beats leave no time between them, and look like
        noise that has risen.

    Returns
    -------
    band : ndarray of float32, shape (n_samples,)
    level : ndarray, shape (n_samples,)
        RMS of the noise from second to second, whether it is taken for steady or not; at least a
        tenth of the usual one.
    """
    n = len(mild)
    freqs = fft.rfftfreq(n, 1 / MILD_HZ)
    band = fft.irfft(fft.rfft(mild) * _between(freqs, *QRS_BAND_HZ), n)
    n_cell = round(MILD_HZ)
    levels = cell_levels(np.abs(band)[None], n_cell, quantile=QUANTILE)
    levels = smooth_levels(levels, 5)[0] / GAUSSIAN_QUANTILE[QUANTILE]
    usual = float(np.median(levels))
    level = np.maximum(np.repeat(levels, n_cell), LOWEST_LEVEL * usual + 1e-9)
    level = np.pad(level, (0, max(0, n - len(level))), mode="edge")[:n]
    scale = np.full_like(level, np.median(level)) if steady else level
    return np.asarray(band / scale, dtype=np.float32), level


def clarity_of(level: Floats, *, steady: bool = False) -> Floats:
    """How clearly a trace shows beats: see `beat_scale`; shape (n_samples,).

    Parameters
    ----------
    level : ndarray, shape (n_samples,)
        Noise, from `qrs_band`.
    steady : bool
        Whether its noise was taken for the same all along.
    """
    usual = float(np.median(level))
    clear = np.ones_like(level) if steady else usual / level
    return np.where(level > 1.01 * LOWEST_LEVEL * usual, clear, 0.0)


def envelope(band: Floats) -> NDArray[np.float32]:
    """RMS within 60 ms: the length of a QRS."""
    power = ndimage.uniform_filter1d(np.square(band, dtype=np.float64), round(SMOOTH_S * MILD_HZ))
    return np.asarray(np.sqrt(np.maximum(power, 0)), dtype=np.float32)


def beat_wave(trace: Floats, peaks: Ints, reach: int) -> NDArray[np.float64]:
    """Median of a trace around beats, shape (2 * reach + 1,); zeros without beats."""
    inside = peaks[(peaks >= reach) & (peaks < len(trace) - reach)]
    if not len(inside):
        return np.zeros(2 * reach + 1)
    return np.asarray(np.median(trace[inside[:, None] + np.arange(-reach, reach + 1)], axis=0),
                      dtype=np.float64)  # fmt: skip


def around(trace: Floats, at: Ints, reach: int) -> Floats:
    """Pieces of a trace, shape (n_beats, 2 * reach + 1)."""
    return np.asarray(np.pad(trace, reach)[at[:, None] + np.arange(2 * reach + 1)])


def slow_share(wave: Floats) -> float:
    """Share of the energy that lies below 40 Hz: nearly all of a QRS, little of a potential.

    Parameters
    ----------
    wave : ndarray, shape (n_samples,)
        At `MILD_HZ`.

    Returns
    -------
    float
        Of the energy in `SLOW_HZ` and `FAST_HZ`; 0 for a wave of zeros.
    """
    n = 256
    power = np.abs(fft.rfft(wave * np.hanning(len(wave) + 2)[1:-1], n)) ** 2
    freqs = fft.rfftfreq(n, 1 / MILD_HZ)
    slow, fast = (power[(freqs >= a) & (freqs <= b)].sum() for a, b in (SLOW_HZ, FAST_HZ))
    return float(slow / (slow + fast)) if slow > 0 else 0.0


def beat_scale(bands: Floats, peaks: Ints, clarity: Floats | None = None) -> tuple[Floats, Floats]:
    """How much of the typical beat each moment holds, by all traces together.

    Parameters
    ----------
    bands : ndarray, shape (n_traces, n_samples)
        QRS bands in units of the noise at that moment.
    peaks : ndarray of int, shape (n_beats,)
        Beats found so far.
    clarity : ndarray, shape (n_traces, n_samples), optional
        How large a beat is in such units, as a multiple of what it usually is; 0 where a trace
        shows nothing. 1 by default.

    Returns
    -------
    scale : ndarray, shape (n_samples,)
        1 at a typical beat; the best least-squares fit of the median beat of every trace.
    energy : ndarray, shape (n_samples,)
        Of a typical beat at that moment, in units of noise.
    """
    reach = round(TEMPLATE_S * MILD_HZ)
    total, energy = np.zeros(bands.shape[1]), np.full(bands.shape[1], 1e-9)
    for k, band in enumerate(bands):
        clear = np.ones(len(band)) if clarity is None else clarity[k]
        usual = np.divide(band, clear, out=np.zeros(len(band)), where=clear > 0)
        wave = beat_wave(usual, peaks[clear[peaks] > 0], reach)
        total += clear * ndimage.correlate1d(band.astype(np.float64), wave, mode="constant")
        energy += clear**2 * float(wave @ wave)
    return np.asarray(total / energy), energy


def between_samples(values: Floats, peaks: Ints) -> Floats:
    """Where a parabola through a peak and its neighbours has its top, in samples."""
    inside = np.clip(peaks, 1, max(1, len(values) - 2))
    before, at, after = values[inside - 1], values[inside], values[inside + 1]
    bend = before - 2 * at + after
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = np.where(bend < 0, 0.5 * (before - after) / bend, 0.0)
    return np.asarray(inside + np.clip(offset, -0.5, 0.5))


def _between(freqs_hz: Floats, low_hz: float, high_hz: float) -> Floats:
    """A band with raised-cosine edges of `EDGE_HZ`, zero outside."""
    rise = np.clip((freqs_hz - low_hz) / EDGE_HZ + 0.5, 0, 1)
    fall = np.clip((high_hz - freqs_hz) / EDGE_HZ + 0.5, 0, 1)
    return np.asarray(np.sin(rise * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2)
