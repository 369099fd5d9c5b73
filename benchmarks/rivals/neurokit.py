"""NeuroKit2's five activation methods.

`emg_clean` (100 Hz high-pass) and `emg_amplitude` are called as its own `emg_process` does. Its
`duration_min` is documented in seconds and used as samples; samples are given.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.common import Floats, level, peaks_in_spans, smoothed

_WINDOW_S = 0.01
"""Smoothing window where NeuroKit2's own (50 ms, or 20 samples) is not used."""


def neurokit(
    signal_uv: Floats, sampling_hz: float, *, method: str, k: float | None, min_s: float | None
) -> Floats:
    """Event times of one channel.

    Parameters
    ----------
    method : str
        ``threshold``, ``mixture``, ``pelt``, ``biosppy`` or ``silva``.
    k : float or None
        Threshold in robust standard deviations above the median of what the method thresholds
        (a probability for ``mixture``); NeuroKit2's own if None.
    min_s : float or None
        Shortest activity; NeuroKit2's own (50 ms) if None.
    """
    import neurokit2 as nk

    cleaned = np.asarray(nk.emg_clean(signal_uv, sampling_rate=sampling_hz))
    amplitude = np.asarray(nk.emg_amplitude(cleaned))
    settings: dict[str, object] = {"method": method}
    n_window = max(2, round(_WINDOW_S * sampling_hz))
    if min_s is not None:
        settings["duration_min"] = max(1, int(min_s * sampling_hz))
        settings |= {"size": _WINDOW_S} if method == "biosppy" else {}
    if method == "silva":
        settings |= {"size": n_window, "threshold_size": 10 * n_window}
    if k is not None:
        trace = amplitude if method == "threshold" else smoothed(cleaned, n_window)
        settings["threshold"] = k if method == "mixture" else level(trace, k)
    _, info = nk.emg_activation(
        emg_amplitude=amplitude, emg_cleaned=cleaned, sampling_rate=sampling_hz, **settings
    )
    onsets = np.asarray(info["EMG_Onsets"], dtype=np.intp)
    offsets = np.asarray(info["EMG_Offsets"], dtype=np.intp)
    n = min(len(onsets), len(offsets))
    return peaks_in_spans(cleaned, np.column_stack([onsets[:n], offsets[:n]]), sampling_hz)
