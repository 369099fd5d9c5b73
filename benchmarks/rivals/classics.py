"""Methods one writes oneself: band-pass and peaks, Teager-Kaiser, maximum difference on grids."""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.common import Floats, band, level, peaks_in_spans, smoothed, spans_of, spread


def mad_peaks(
    signal_uv: Floats, sampling_hz: float, *, k: float, dead_s: float, low_hz: float
) -> Floats:
    """Band-pass, then peaks of the absolute value above `k` robust standard deviations."""
    from scipy.signal import find_peaks

    size = np.abs(band(signal_uv, sampling_hz, low_hz=low_hz, high_hz=500))
    level = k * float(1.4826 * np.median(size))
    at, _ = find_peaks(size, height=level, distance=max(1, round(dead_s * sampling_hz)))
    return np.asarray(at / sampling_hz)


def teager_kaiser(
    signal_uv: Floats, sampling_hz: float, *, k: float, smooth_s: float, min_s: float
) -> Floats:
    """Teager-Kaiser energy with a double threshold: height, then time above it.

    Li, Zhou & Aruin 2007 (Ann Biomed Eng 35:1532-1538) condition with the operator; the double
    threshold (level and duration) follows Solnik et al. 2010 (Eur J Appl Physiol 110:489-498).
    """
    clean = band(signal_uv, sampling_hz, low_hz=20, high_hz=500)
    energy = np.zeros_like(clean)
    energy[1:-1] = np.abs(clean[1:-1] ** 2 - clean[2:] * clean[:-2])
    energy = smoothed(energy, max(1, round(smooth_s * sampling_hz)))
    spans = spans_of(energy > level(energy, k))
    long_enough = (spans[:, 1] - spans[:, 0]) >= min_s * sampling_hz
    return peaks_in_spans(clean, spans[long_enough], sampling_hz)


def maximum_difference(
    grid_uv: Floats, sampling_hz: float, *, k: float, extract: float, low_hz: float
) -> Floats:
    """Largest difference between channels at each moment, with a detection and an extraction level.

    After Jahanmiri-Nezhad et al. 2014 (J Clin Neurophysiol 31:35-40): the grid is collapsed to
    maximum minus minimum per sample; a higher threshold finds, a lower one bounds. The levels of
    the paper were not at hand; those here were tried on tuning recordings.

    Parameters
    ----------
    grid_uv : ndarray, shape (n_channels, n_samples)
        At least two channels.
    k : float
        Detection threshold in robust standard deviations above the median.
    extract : float
        Extraction threshold as a share of the detection threshold.
    """
    if len(grid_uv) < 2:
        raise ValueError("the maximum difference needs at least two channels")
    clean = band(grid_uv, sampling_hz, low_hz=low_hz, high_hz=500)
    difference = clean.max(axis=0) - clean.min(axis=0)
    above = (difference - np.median(difference)) / spread(difference)
    spans = spans_of(above > extract * k)
    reached = np.array([above[start:stop].max() >= k for start, stop in spans], dtype=bool)
    return peaks_in_spans(difference, spans[reached], sampling_hz)
