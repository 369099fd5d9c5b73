"""Band limits: the amplifier (causal) and the band in which the truth is stated (zero phase)."""

from __future__ import annotations

import numpy as np

from emgdetect.simulation.model import MEASURE_HZ, Floats


def fine_factor(sampling_hz: float, *, at_least_hz: float = 16_000.0) -> int:
    """How many times finer than the recording potentials are drawn."""
    return max(1, int(np.ceil(at_least_hz / sampling_hz)))


def amplifier_sos(*, sampling_hz: float, low_hz: float, high_hz: float) -> Floats:
    """Second-order sections of the amplifier: first-order high-pass, fourth-order low-pass."""
    from scipy.signal import butter

    return np.vstack([
        butter(1, low_hz, "highpass", fs=sampling_hz, output="sos"),
        butter(4, high_hz, "lowpass", fs=sampling_hz, output="sos"),
    ])  # fmt: skip


def amplified(data: Floats, *, sampling_hz: float, low_hz: float, high_hz: float) -> Floats:
    """What a causal amplifier makes of data, along the last axis."""
    from scipy.signal import sosfilt

    sos = amplifier_sos(sampling_hz=sampling_hz, low_hz=low_hz, high_hz=high_hz)
    return np.asarray(sosfilt(sos, data, axis=-1))


def amplifier_gain(frequencies_hz: Floats, *, low_hz: float, high_hz: float) -> Floats:
    """Magnitude of the amplifier's response."""
    f = np.maximum(frequencies_hz, 1e-3)
    return 1 / np.sqrt((1 + (low_hz / f) ** 2) * (1 + (f / high_hz) ** 8))


def measured_gain(frequencies_hz: Floats) -> Floats:
    """Magnitude of the band in which the truth is stated: second-order Butterworth, 10–500 Hz."""
    low, high = MEASURE_HZ
    f = np.maximum(frequencies_hz, 1e-3)
    return np.asarray(1 / np.sqrt((1 + (low / f) ** 4) * (1 + (f / high) ** 4)))


def measured(data: Floats, *, sampling_hz: float) -> Floats:
    """In the 10–500 Hz band, zero phase, on the last axis."""
    n = data.shape[-1]
    gain = measured_gain(np.fft.rfftfreq(2 * n, 1 / sampling_hz).astype(np.float64))
    return np.fft.irfft(np.fft.rfft(data, 2 * n, axis=-1) * gain, 2 * n, axis=-1)[..., :n]
