"""A muscle that never rests: its own spectrum is not the noise's, and others are still seen."""

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detection.trace.front import Front
from emgdetect.detection.trace.lulls import between_discharges
from emgdetect.signal.noise import noise_spectrum

RATE = 1000.0
TIME_S = np.arange(-0.02, 0.02, 1 / RATE)
SLOW = -(TIME_S / 0.004) * np.exp(-((TIME_S / 0.004) ** 2))
SHARP = -(TIME_S / 0.0018) * np.exp(-((TIME_S / 0.0018) ** 2))


def tonic(seconds, rng, *, rate_hz=8.0):
    n = int(seconds * rate_hz)
    times = 0.05 + np.cumsum(rng.normal(1 / rate_hz, 0.1 / rate_hz, n))
    return times[times < seconds - 0.05]


def add(signal, times_s, wave, size):
    for at in np.rint(np.asarray(times_s) * RATE).astype(int):
        signal[at : at + len(wave)] += size * wave
    return signal


def of_noise(seconds, rng):
    return rng.normal(0, 1.0, int(seconds * RATE))


def learnt(windows):
    """What quarters of a second tell, and what lulls make of it."""
    pieces = np.concatenate([window.reshape(-1, 250) for window in windows])
    freqs, density = noise_spectrum(pieces, RATE, quantile=0.5)
    recording = emg.Recording.from_array(windows[0], RATE, names=["BICEPS L"])
    front = Front(
        recording=recording, site=recording.sites[0], channels=(0,), mains_hz=50.0, harmonics=(),
        mains_share=0.0, noise_freqs_hz=freqs, density=density, rms_uv=np.ones(1), coarse=False,
        rounding=None, low_hz=15.0, high_hz=450.0, mild_low_hz=10.0,
    )  # fmt: skip
    return front, between_discharges(front, windows, n_threads=1)


def test_the_spectrum_of_a_tonic_unit_is_not_that_of_the_noise():
    rng = np.random.default_rng(0)
    windows = [add(of_noise(2, rng), tonic(2, rng) - 0.02, SLOW, 30.0)[None] for _ in range(40)]
    front, lulls = learnt(windows)
    band = (front.noise_freqs_hz > 30) & (front.noise_freqs_hz < 80)
    true = 2 / RATE
    assert np.median(front.density[band]) > 10 * true
    assert np.median(lulls.density[band]) == pytest.approx(true, rel=0.4)


def test_where_a_muscle_rests_between_its_potentials_nothing_changes():
    rng = np.random.default_rng(1)
    rest = [of_noise(2, rng)[None] for _ in range(40)]
    some = [add(of_noise(2, rng), rng.uniform(0.1, 1.9, 2), SLOW, 10.0)[None] for _ in range(40)]
    for windows in (rest, some):
        front, lulls = learnt(windows)
        assert lulls is front
    front, _ = learnt(rest)
    short = [window[:, :100] for window in rest]
    for windows in (short, []):
        assert between_discharges(front, windows, n_threads=1) is front


def test_fasciculations_beside_a_unit_that_fires_all_the_time_are_counted():
    rng = np.random.default_rng(2)
    signal = add(3 * of_noise(120, rng), tonic(120, rng) - 0.02, SLOW, 60.0)
    at_s = np.sort(rng.uniform(1, 119, 50))
    at_s = at_s[np.append(True, np.diff(at_s) > 0.3)]
    add(signal, at_s - 0.02, SHARP, 140.0)
    found = emg.detect(emg.Recording.from_array(signal, RATE, names=["BICEPS L"]))
    counted = found.fasciculations["peak_s"].to_numpy(dtype=float)
    near = np.abs(counted[:, None] - at_s).min(axis=1) < 0.015
    seen = np.abs(counted[:, None] - at_s).min(axis=0) < 0.015
    assert seen.mean() >= 0.8
    assert near.mean() >= 0.9
    (told,) = [f for f in found.findings if f.code == "mostly-firing"]
    assert told.message.startswith("BICEPS L: motor units fired regularly in 1")
