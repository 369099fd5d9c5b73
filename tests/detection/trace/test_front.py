"""The band in which potentials are searched, and what it keeps of them."""

import numpy as np
import pytest

from emgdetect import Config
from emgdetect.detection.trace.front import band_of
from emgdetect.signal.filters import band_response


def test_the_band_ends_at_the_nyquist_frequency_or_where_it_is_told():
    assert band_of(Config(), 512.0) == (25.0, 256.0)
    assert band_of(Config(), 640.0) == (25.0, 300.0)
    assert band_of(Config(), 1000.0) == (25.0, 460.0)
    assert band_of(Config(), 2000.0) == (25.0, 500.0)
    assert band_of(Config(detect_high_hz=200), 512.0) == (25.0, 200.0)
    assert band_of(Config(), 25_000.0, needle=True)[1] == 1500.0


@pytest.mark.parametrize("rate", [400.0, 512.0, 800.0])
def test_the_soft_edge_of_a_slow_recording_takes_little_of_a_potential(rate):
    freqs = np.linspace(0, rate / 2, 2001)
    # A potential with three phases in 7 ms, in white noise.
    energy = (freqs**2 * np.exp(-((freqs / 90.0) ** 2))) ** 2
    low, high = band_of(Config(), rate)
    kept = band_response(freqs, low_hz=low, high_hz=high) ** 2
    assert (kept * energy).sum() / energy.sum() > 0.93
