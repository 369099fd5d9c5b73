"""Noise: its spectrum and its level, both robust against the potentials that stand in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from emgdetect.signal.medians import row_medians

Floats = NDArray[np.floating[Any]]

GAUSSIAN_QUANTILE = {0.35: 0.45376, 0.5: 0.67449}
"""Quantile of |N(0, 1)|, by probability."""
SMOOTH_HZ = 40.0
"""Hertz over which a noise spectrum is smoothed, by a parabola (Savitzky & Golay 1964). On the
tuning seeds 1112-1114 of eight scenarios 1654 instead of 1662 potentials are missed so and 322
instead of 334 are false, and 21 instead of 26 on healthy and quiet ones (benchmarks/accuracy.py);
with 80 Hz 1633, 313 and 28. On five stretches of real rest 0.87 of some 270 added potentials are
found so, 0.84 without, and 0.81 with 80 Hz, which cuts off humps of the spectrum."""
TREND_ORDER = 3
"""Order of the polynomial, of log density over log frequency, around which it is smoothed: without
it 1/f noise is taken for a quarter more at 20 Hz. Set by judgement; not measured."""
MEDIAN_SCATTER = 1.44
"""Relative standard deviation of the median of exponential variables, times the root of their
number: 1 / log 2."""
RIPPLE = 0.02
"""What a smooth spectrum may differ from a parabola besides, as a share. Set by judgement; not
measured."""
LINE_RATIO = 2.5
"""Deviation, in units of both, from which a frequency bears a line or an edge. With 4, of noise
that ends at 100 Hz, below the converter's step, a minute has two false potentials, with 2.5 and 3
none or one (tests/detection/trace/test_converter.py); the figures of `SMOOTH_HZ` are with 4."""
LINE_TURNS = 3
"""Times that lines are looked for. Set by judgement; not measured."""


def robust_rms(block: Floats) -> NDArray[np.float64]:
    """RMS of the Gaussian bulk of each row: median absolute deviation over 0.6745.

    Parameters
    ----------
    block : ndarray, shape (..., n_samples)

    Returns
    -------
    ndarray of float64, shape (...)
        NaN where a row has no samples, or one that is not finite.
    """
    if block.shape[-1] == 0:
        return np.full(block.shape[:-1], np.nan)
    with np.errstate(invalid="ignore"):
        centred = np.abs(block - row_medians(block)[..., None])
    return np.asarray(row_medians(centred) / GAUSSIAN_QUANTILE[0.5], dtype=np.float64)


def noise_spectrum(
    windows: Floats, sampling_hz: float, *, quantile: float = 0.3
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power spectral density of the background, from windows of which many are quiet.

    Parameters
    ----------
    windows : ndarray, shape (n_windows, n_samples)
        Pieces of signal; activity in some of them does no harm.
    sampling_hz : float
    quantile : float
        Quantile over windows, per frequency; a low one looks past activity.

    Returns
    -------
    freqs_hz, density : ndarray of float64, shape (n_freqs,)
        One-sided density in squared units of `windows` per Hz, corrected for the quantile of the
        exponential distribution that a periodogram of noise follows, and smoothed.
    """
    taper = np.hanning(windows.shape[1] + 2)[1:-1]
    centred = windows - windows.mean(axis=1, keepdims=True)
    power = np.abs(fft.rfft(centred * taper, axis=1)) ** 2
    density = 2 * power / (sampling_hz * np.sum(taper**2))
    freqs = fft.rfftfreq(windows.shape[1], 1 / sampling_hz)
    if quantile == 0.5:
        typical = row_medians(np.ascontiguousarray(density.T))
    else:
        typical = np.quantile(density, quantile, axis=0)
    density = np.asarray(typical / -np.log1p(-quantile), dtype=np.float64)
    return freqs, smooth_spectrum(freqs, density, n_windows=len(windows))


def smooth_spectrum(freqs_hz: Floats, density: Floats, *, n_windows: int) -> NDArray[np.float64]:
    """A density without the scatter of its estimate; lines stay as they are.

    Noise of electrodes and amplifiers changes little within some tens of hertz. What scatters from
    one frequency to the next makes a filter that whitens it ring, for as long as the windows last:
    around a large potential or a jump of the baseline that looks like noise that swells.

    Parameters
    ----------
    freqs_hz, density : ndarray, shape (n_freqs,)
        In equal steps from 0 Hz, which is left as it is.
    n_windows : int
        Windows whose median the density is; tells its scatter.

    Returns
    -------
    ndarray of float64, shape (n_freqs,)
        `density` itself where it has too few frequencies or is zero anywhere.
    """
    n_around = round(SMOOTH_HZ / 2 / freqs_hz[1]) if len(freqs_hz) > 1 else 0
    if n_around < 1 or len(density) <= 2 * n_around + 1 or not np.all(density[1:] > 0):
        return np.asarray(density, dtype=np.float64)
    # What falls steeply with frequency, as drifts of electrodes do, is a power of it.
    octaves = np.log2(freqs_hz[1:] / freqs_hz[1])
    log_density = np.log(density[1:])
    trend = np.polyval(np.polyfit(octaves, log_density, TREND_ORDER), octaves)
    raw = log_density - trend
    scatter = MEDIAN_SCATTER / np.sqrt(n_windows) + RIPPLE
    at, line = np.arange(len(raw)), np.zeros(len(raw), dtype=bool)
    for _ in range(LINE_TURNS):
        # Lines would lift what is around them.
        bridged = raw if line.all() else np.interp(at, at[~line], raw[~line])
        smooth = _by_parabolas(bridged, n_around)
        line = np.abs(raw - smooth) > LINE_RATIO * scatter
    return np.concatenate([density[:1], np.exp(trend + np.where(line, raw, smooth))])


def _by_parabolas(values: Floats, n_around: int) -> NDArray[np.float64]:
    """Each value by a parabola through as many to either side of it, at the ends by the last one.

    As `scipy.signal.savgol_filter`, whose import takes half a second of every process.
    """
    powers = np.vander(np.arange(-n_around, n_around + 1), 3)
    fitted = powers @ np.linalg.pinv(powers)
    n, middle = len(fitted), np.convolve(values, fitted[n_around], mode="valid")
    first, last = fitted @ values[:n], fitted @ values[-n:]
    return np.concatenate([first[:n_around], middle, last[n_around + 1 :]])


def cell_levels(
    score: Floats, n_cell: int, *, quantile: float, step: int = 1
) -> NDArray[np.float32]:
    """Low quantile of a non-negative score in each cell of time.

    Parameters
    ----------
    score : ndarray, shape (n_channels, n_samples)
    n_cell : int
        Samples of a cell; a last cell of less than half that joins the one before.
    quantile : float
    step : int
        Every so many samples are looked at: the score is a band-limited envelope.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_cells)
    """
    n_cells = cells_in(score.shape[1], n_cell)
    levels = np.empty((len(score), n_cells), dtype=np.float32)
    start = (n_cells - 1) * n_cell
    whole = score[:, :start].reshape(len(score), n_cells - 1, n_cell)
    levels[:, :-1] = _low_quantile(whole[:, :, ::step], quantile)
    levels[:, -1] = _low_quantile(score[:, start::step], quantile)
    return levels


def cells_in(n_samples: int, n_cell: int) -> int:
    """Cells of so many samples: at least one."""
    return max(1, int(n_samples / n_cell + 0.5))


def _low_quantile(score: Floats, quantile: float) -> Floats:
    """Order statistic at or below a quantile of each row; shape without the last axis."""
    k = int(quantile * (score.shape[-1] - 1))
    return np.partition(score, k, axis=-1)[..., k]


def smooth_levels(levels: Floats, n_cells: int) -> NDArray[np.float32]:
    """Running median over cells, then a short mean: follows a step within half the window.

    Parameters
    ----------
    levels : ndarray, shape (n_channels, n_cells)
    n_cells : int
        Odd length of the median.

    Returns
    -------
    ndarray of float32, same shape
    """
    median = ndimage.median_filter(levels, size=(1, n_cells), mode="nearest")
    return np.asarray(ndimage.uniform_filter1d(median, 3, axis=1, mode="nearest"), dtype=np.float32)
