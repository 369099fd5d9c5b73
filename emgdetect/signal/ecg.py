"""R waves of an ECG lead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal.filters import filter_zero_phase
from emgdetect.signal.matched import local_maxima, strongest_apart

Floats = NDArray[np.floating[Any]]

BAND_HZ = (8.0, 30.0)
REFRACTORY_S = 0.25
SHARE = 0.4
MEMORY_S = 4.0


def r_waves(trace: Floats, sampling_hz: float) -> NDArray[np.int64]:
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
    around = ndimage.maximum_filter1d(envelope, max(1, round(MEMORY_S * sampling_hz)))
    level = np.minimum(around, 3 * np.median(around))
    peaks = local_maxima(envelope, SHARE * level)
    peaks = peaks[strongest_apart(peaks, envelope[peaks], REFRACTORY_S * sampling_hz)]
    reach = round(0.06 * sampling_hz)
    return np.array(
        [max(0, p - reach) + int(np.argmax(np.abs(band[max(0, p - reach) : p + reach + 1])))
         for p in peaks], dtype=np.int64,
    )  # fmt: skip
