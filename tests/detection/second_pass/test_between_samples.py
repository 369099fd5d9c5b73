"""Slowly sampled potentials are measured between samples."""

import numpy as np
import pytest

import emgdetect as emg


@pytest.mark.parametrize("rate_hz", [400.0, 512.0, 1000.0, 2000.0])
def test_peak_and_amplitude_are_those_between_samples(rate_hz):
    rng, width_s, seconds = np.random.default_rng(3), 0.0035, 60.0
    time = np.arange(round(rate_hz * seconds)) / rate_hz
    signal, peaks_s = rng.normal(0, 2.0, len(time)), 1.5 + 1.7 * np.arange(33) + rng.random(33)
    for at_s in peaks_s:
        u = (time - at_s) / width_s
        signal += 100 * (1 - u**2) * np.exp(-(u**2) / 2)
    events = emg.detect(emg.Recording.from_array(signal[None], rate_hz, names=["VL"])).events
    counted = events[events["verdict"] == "fasciculation"]
    assert len(counted) == len(peaks_s)
    assert np.median(np.abs(counted["peak_s"].to_numpy() - peaks_s)) < 0.0003
    true_uv = 100 * (1 + 2 * np.exp(-1.5))
    assert counted["amplitude_uv"].median() == pytest.approx(true_uv, rel=0.05)
