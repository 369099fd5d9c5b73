"""SpikeInterface's `detect_peaks` after its own band-pass.

It reports the two signs of one potential apart; of peaks closer than the exclusion window only the
largest is kept here.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.common import Floats


def spikeinterface_peaks(
    signal_uv: Floats, sampling_hz: float, *, k: float, exclude_ms: float, low_hz: float
) -> Floats:
    """Event times of one channel: peaks of either sign above `k` median absolute deviations."""
    import spikeinterface.core as core
    from spikeinterface.preprocessing import bandpass_filter
    from spikeinterface.sortingcomponents.peak_detection import detect_peaks

    traces = core.NumpyRecording([signal_uv[:, None].astype(np.float32)], sampling_hz)
    traces.set_dummy_probe_from_locations(np.zeros((1, 2)))
    filtered = bandpass_filter(
        traces,
        freq_min=low_hz,
        freq_max=min(500.0, 0.45 * sampling_hz),
        dtype="float32",
        ignore_low_freq_error=True,
    )
    peaks = detect_peaks(
        filtered, method="by_channel",
        method_kwargs={"peak_sign": "both", "detect_threshold": k, "exclude_sweep_ms": exclude_ms},
        job_kwargs={"n_jobs": 1, "progress_bar": False},
    )  # fmt: skip
    times = peaks["sample_index"] / sampling_hz
    return largest_of_close(times, np.abs(peaks["amplitude"]), exclude_ms / 1000)


def largest_of_close(times_s: Floats, sizes: Floats, apart_s: float) -> Floats:
    """Times of events that have no larger one within `apart_s`, taken from the largest down."""
    kept: list[float] = []
    for index in np.argsort(-np.asarray(sizes), kind="stable"):
        if all(abs(times_s[index] - other) > apart_s for other in kept):
            kept.append(float(times_s[index]))
    return np.sort(np.array(kept))
