"""The notch of an amplifier: told by noise and by what follows potentials, and taken back."""

import numpy as np
import pytest
from scipy import signal as sp

from emgdetect.signal.notch import NARROW, Notch, hole, is_low, median_density, notched, undone
from emgdetect.signal.ringing import refined

RATE = 1000.0


def pieces(through=lambda x: x, *, n=22, large=True, seed=0):
    """Stretches of 8 s of noise of 3 µV, with a potential of 300 µV in the middle of each."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 3.0, round(8 * n * RATE))
    if large:
        wave = np.exp(-0.5 * (np.arange(-20, 21) / 3) ** 2)
        for at in range(4000, len(x), 8000):
            x[at : at + 41] += 300 * wave
    return np.split(through(x)[None], n, axis=1)


def density_of(stretches):
    frames = [p[:, k : k + 4000] for p in stretches for k in (0, 2000, 4000)]
    return median_density(np.concatenate(frames), RATE)


def causal(frequency_hz, quality):
    b, a = sp.iirnotch(frequency_hz, quality, RATE)
    return lambda x: sp.lfilter(b, a, x)


def both_ways(frequency_hz, quality):
    b, a = sp.iirnotch(frequency_hz, quality, RATE)
    return lambda x: sp.filtfilt(b, a, x)


@pytest.mark.parametrize("frequency_hz", [50.0, 60.0, 50.2])
@pytest.mark.parametrize("quality", [8.0, 20.0, 35.0])
def test_a_notch_is_told_and_its_ringing_taken_back(frequency_hz, quality):
    stretches = pieces(causal(frequency_hz, quality))
    freqs, density = density_of(stretches)
    nominal = round(frequency_hz, -1)
    assert is_low(freqs, density, nominal)
    seen = hole(freqs, density, nominal)
    assert seen.frequency_hz == pytest.approx(frequency_hz, abs=0.15)
    assert seen.quality == pytest.approx(quality, rel=0.25)
    found = refined(stretches, RATE, seen)
    assert found.frequency_hz == pytest.approx(frequency_hz, abs=0.1)
    assert found.quality == pytest.approx(quality, rel=0.15)
    wave = np.zeros((1, 3000))
    wave[0, 1000:1041] = np.exp(-0.5 * (np.arange(-20, 21) / 3) ** 2)
    rings = causal(frequency_hz, quality)(wave)
    back = undone(rings, RATE, found)
    assert np.abs(back - wave).max() < 0.25 * np.abs(rings - wave).max() + 0.03


def test_what_is_undone_and_notched_again_is_as_it_was():
    rng = np.random.default_rng(1)
    x = 40 + rng.normal(0, 3, (2, 4000)).cumsum(axis=1)
    notch = Notch(50.0, 12.0)
    assert notched(undone(x, RATE, notch), RATE, notch) == pytest.approx(x, abs=0.5)
    ring = Notch(50.0, NARROW)
    assert undone(x, RATE, ring) == pytest.approx(x, abs=1e-3)
    # A baseline is no signal, and makes no ringing where a stretch begins.
    assert undone(np.full((1, 500), 700.0), RATE, notch) == pytest.approx(700.0, abs=1e-3)


@pytest.mark.parametrize("quality", [10.0, 30.0])
def test_a_notch_of_software_that_rings_both_ways_is_left(quality):
    stretches = pieces(both_ways(50.0, quality))
    seen = hole(*density_of(stretches), 50.0)
    assert seen is None or refined(stretches, RATE, seen) is None


def test_a_hole_without_ringing_is_left():
    stretches = pieces(causal(50.0, 10.0), large=False)
    seen = hole(*density_of(stretches), 50.0)
    assert seen is not None
    assert refined(stretches, RATE, seen) is None


def high_pass(x):
    return sp.sosfilt(sp.butter(2, 40, "highpass", fs=RATE, output="sos"), x)


def low_pass(x):
    return sp.sosfilt(sp.butter(4, 45, fs=RATE, output="sos"), x)


def with_mains(x):
    return x + 8 * np.sin(2 * np.pi * 50.03 * np.arange(len(x)) / RATE)


@pytest.mark.parametrize("through", [lambda x: x, high_pass, low_pass, np.cumsum, with_mains])
@pytest.mark.parametrize("nominal", [50.0, 60.0])
def test_noise_without_a_hole_has_none(through, nominal):
    assert hole(*density_of(pieces(through)), nominal) is None
