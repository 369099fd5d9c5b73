"""What the wrappers share: a band, a robust spread, and one event per span of activity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def band(signal_uv: Floats, sampling_hz: float, *, low_hz: float, high_hz: float) -> Floats:
    """Zero-phase 4th-order Butterworth band-pass along the last axis; the upper edge is kept
    below 0.45 of the sampling rate."""
    from scipy.signal import butter, sosfiltfilt

    edges = (low_hz, min(high_hz, 0.45 * sampling_hz))
    sos = butter(4, edges, btype="bandpass", fs=sampling_hz, output="sos")
    return np.asarray(sosfiltfilt(sos, signal_uv, axis=-1))


def spread(values: Floats) -> float:
    """Standard deviation of the bulk: 1.4826 times the median absolute deviation."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def smoothed(signal: Floats, n: int) -> Floats:
    """Moving average of the absolute value over `n` samples."""
    return np.convolve(np.abs(signal), np.ones(n) / n, mode="same")


def level(trace: Floats, k: float) -> float:
    """Level `k` robust standard deviations above the median of a trace."""
    return float(np.median(trace) + k * spread(trace))


def spans_of(active: NDArray[np.bool_]) -> Ints:
    """Half-open runs of True, shape (n, 2)."""
    steps = np.diff(active.astype(np.int8), prepend=0, append=0)
    return np.column_stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)])


def peaks_in_spans(signal: Floats, spans: Ints, sampling_hz: float) -> Floats:
    """Time of the largest absolute value in each half-open span; empty spans are left out.

    A rival that finds stretches of activity is given one event per stretch at the place where our
    truth has it, which is kinder than taking its onset.
    """
    size = np.abs(signal)
    return np.array(
        [
            (start + np.argmax(size[start:stop])) / sampling_hz
            for start, stop in spans
            if stop > start
        ]
    )


def spans_of_onsets(onsets: Ints, n_samples: int) -> Ints:
    """BioSPPy's single list of alternating starts and stops as spans, shape (n, 2)."""
    at = np.clip(np.asarray(onsets, dtype=np.intp), 0, n_samples)
    return at[: len(at) // 2 * 2].reshape(-1, 2)
