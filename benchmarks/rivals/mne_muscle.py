"""MNE's `annotate_muscle_zscore`: made for EEG and MEG, the nearest thing MNE has."""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.common import Floats, band, peaks_in_spans


def mne_muscle(
    signal_uv: Floats, sampling_hz: float, *, z: float, low_hz: float, high_hz: float
) -> Floats:
    """Event times of one channel: one per annotated span."""
    import mne

    info = mne.create_info(["EMG"], sampling_hz, "eeg")
    raw = mne.io.RawArray(signal_uv[None] * 1e-6, info, verbose="error")
    spans, _ = mne.preprocessing.annotate_muscle_zscore(
        raw, threshold=z, ch_type="eeg", min_length_good=0.005,
        filter_freq=(low_hz, min(high_hz, 0.45 * sampling_hz)), verbose="error",
    )  # fmt: skip
    start = np.rint(spans.onset * sampling_hz).astype(np.intp)
    stop = start + np.maximum(1, np.rint(spans.duration * sampling_hz).astype(np.intp))
    at = np.clip(np.column_stack([start, stop]), 0, len(signal_uv))
    clean = band(signal_uv, sampling_hz, low_hz=20, high_hz=500)
    return peaks_in_spans(clean, at, sampling_hz)
