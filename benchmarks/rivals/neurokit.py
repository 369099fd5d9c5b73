"""NeuroKit2's five activation methods.

`emg_clean` (100 Hz high-pass) and `emg_amplitude` are called as its own `emg_process` does. Its
`duration_min` is documented in seconds and used as samples; samples are given. Its time grows with
the square of the active samples, so it is called on pieces of 15 s wherever the threshold does not
depend on the piece; where it raises because nothing is active, that counts as nothing found.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.common import Floats, Ints, level, peaks_in_spans, smoothed

_WINDOW_S = 0.01
"""Smoothing window where NeuroKit2's own (50 ms, or 20 samples) is not used."""

_PIECE_S = 15.0


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
    n = len(cleaned) if k is None else round(_PIECE_S * sampling_hz)
    spans = [
        start
        + _active(cleaned[start : start + n], amplitude[start : start + n], sampling_hz, settings)
        for start in range(0, len(cleaned), n)
    ]
    return peaks_in_spans(cleaned, np.concatenate(spans), sampling_hz)


def _active(
    cleaned: Floats, amplitude: Floats, sampling_hz: float, settings: dict[str, object]
) -> Ints:
    """Half-open spans of activity of one piece, shape (n, 2); none where NeuroKit2 raises because
    there are none."""
    import neurokit2 as nk

    if len(cleaned) < sampling_hz:
        return np.zeros((0, 2), dtype=np.intp)
    try:
        _, info = nk.emg_activation(
            emg_amplitude=amplitude, emg_cleaned=cleaned, sampling_rate=sampling_hz, **settings
        )
    except ValueError as error:
        if "exceeds the maximum" in str(error):
            return np.zeros((0, 2), dtype=np.intp)
        raise
    except IndexError:  # `silva` indexes with an empty list of floats when nothing is active
        if settings["method"] == "silva":
            return np.zeros((0, 2), dtype=np.intp)
        raise
    onsets = np.asarray(info["EMG_Onsets"], dtype=np.intp)
    offsets = np.asarray(info["EMG_Offsets"], dtype=np.intp)
    n = min(len(onsets), len(offsets))
    return np.column_stack([onsets[:n], offsets[:n]])
