"""Shares of slow energy, and of the noise in them."""

import gc
import weakref

import numpy as np
import pytest
from scipy import signal as scipy_signal

from emgdetect import Config, Recording, detect
from emgdetect.detection.shape.shares import SLOW_HZ, noise_share
from emgdetect.detection.trace.survey import survey

RATE = 2000.0


@pytest.mark.parametrize("low_hz", [1.0, 10.0, 40.0])
def test_the_share_of_the_noise_is_that_of_the_band_potentials_are_measured_in(low_hz):
    noise = np.random.default_rng(1).normal(0, 5, (1, round(60 * RATE)))
    recording = Recording.from_array(noise, RATE)
    config = Config(mains_hz="none", measure_low_hz=low_hz)
    front, _ = survey(recording, recording.sites[0], config)
    assert front.mild_low_hz == low_hz
    band = scipy_signal.butter(2, low_hz, "highpass", fs=RATE, output="sos")
    measured = scipy_signal.sosfiltfilt(band, noise[0])
    freqs, density = scipy_signal.welch(measured, RATE, nperseg=4096)
    within = freqs < 1000
    expected = density[freqs < SLOW_HZ].sum() / density[within].sum()
    assert abs(noise_share(front) - expected) < 0.02


def test_no_detection_keeps_its_recording_alive():
    rng = np.random.default_rng(0)
    data = rng.normal(0, 3, (1, round(20 * RATE)))
    at = np.arange(-40, 41)
    for middle in range(2000, 38000, 3000):
        data[0, middle + at] -= 12 * at * np.exp(-0.5 * (at / 6) ** 2)
    recording = Recording.from_array(data, RATE)
    watched = weakref.ref(recording)
    assert len(detect(recording, Config(mains_hz="none")).events)
    del recording
    gc.collect()
    assert watched() is None
