"""SpikeInterface's `detect_peaks` after its own band-pass."""

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
        traces, freq_min=low_hz, freq_max=min(500.0, 0.45 * sampling_hz), dtype="float32"
    )
    peaks = detect_peaks(
        filtered, method="by_channel",
        method_kwargs={"peak_sign": "both", "detect_threshold": k, "exclude_sweep_ms": exclude_ms},
        job_kwargs={"n_jobs": 1, "progress_bar": False},
    )  # fmt: skip
    return np.sort(peaks["sample_index"]) / sampling_hz
