"""A notch filter before every rival, since none of them has one and whoever uses them would add it.

Only lines that stand out are taken out, so that recordings without mains stay as they are.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.common import Floats

_SPECTRUM_S = 4.0
_STANDS_OUT = 10.0
"""Power of a line over that of its surroundings from which it is taken out."""

_WIDTH_HZ = 2.0


def without_mains(signal_uv: Floats, sampling_hz: float) -> Floats:
    """The signal without 50 or 60 Hz and those of its multiples that stand out.

    Parameters
    ----------
    signal_uv : ndarray, shape (n_channels, n_samples)
        Without NaN.

    Returns
    -------
    ndarray, shape (n_channels, n_samples)
        The same array if no line stands out or the signal is too short to tell.
    """
    from scipy.signal import filtfilt, iirnotch

    for line_hz in _lines(signal_uv, sampling_hz):
        notch = iirnotch(line_hz, line_hz / _WIDTH_HZ, fs=sampling_hz)
        signal_uv = filtfilt(*notch, signal_uv, axis=-1)
    return signal_uv


def _lines(signal_uv: Floats, sampling_hz: float) -> list[float]:
    """Frequencies to take out, in Hz."""
    from scipy.signal import welch

    n = round(_SPECTRUM_S * sampling_hz)
    if signal_uv.shape[1] < n:
        return []
    hz, power = welch(signal_uv, sampling_hz, nperseg=n, axis=-1)
    middle = np.median(power, axis=0)

    def prominence(line_hz: float) -> float:
        away = np.abs(hz - line_hz)
        around = np.median(middle[(away > _WIDTH_HZ) & (away < 10)])
        return float(middle[away <= 0.5].max() / max(around, 1e-30))

    base_hz = max((50.0, 60.0), key=prominence)
    multiples = np.arange(base_hz, 0.45 * sampling_hz, base_hz)
    return [float(line_hz) for line_hz in multiples if prominence(line_hz) > _STANDS_OUT]
