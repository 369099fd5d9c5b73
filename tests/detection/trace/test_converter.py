"""Converters whose step is as large as the noise: flips are no potentials, and hide none."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

import emgdetect as emg
from emgdetect.config import Config
from emgdetect.detection.trace.blocks import read_block
from emgdetect.detection.trace.converter import (
    converter_steps,
    is_coarse,
    restless,
    rounding_of,
    spreads,
)
from emgdetect.detection.trace.front import Chunk
from emgdetect.detection.trace.survey import survey

HZ = 2000.0
STEP_UV = 12.0


def noise(rng, seconds, *, rms_uv, high_hz=400.0):
    """Noise between 20 Hz and an upper edge."""
    sos = signal.butter(2, [20.0, high_hz], "bandpass", fs=HZ, output="sos")
    white = signal.sosfilt(sos, rng.standard_normal(round(seconds * HZ)))
    return rms_uv * white / white.std()


def potential(peak_uv):
    """Negative and positive phase, 12 ms."""
    t = np.arange(-0.010, 0.010, 1 / HZ)
    return -peak_uv * 1.65 * (t / 0.003) * np.exp(-0.5 * (t / 0.003) ** 2)


def rounded(trace):
    return np.round(trace / STEP_UV) * STEP_UV


def recording(trace, *, resolution_uv=np.nan):
    made = emg.Recording.from_array(trace[None].astype(np.float32), HZ, names=["EMG BICEPS L"])
    known = replace(made.channels[0], resolution_uv=resolution_uv)
    return replace(made, channels=(known,))


def fasciculations(found):
    return found.events[found.events.verdict == "fasciculation"]


@pytest.mark.parametrize("high_hz", [100.0, 400.0])
@pytest.mark.parametrize("steps", [0.28, 0.34, 0.4, 0.45, 0.5])
def test_noise_below_the_step_holds_no_potentials_and_no_contraction(steps, high_hz):
    rng = np.random.default_rng(1)
    trace = rounded(noise(rng, 60.0, rms_uv=steps * STEP_UV, high_hz=high_hz))
    found = emg.detect(recording(trace), Config())
    assert len(fasciculations(found)) <= 1
    assert found.summary.analysed_s[0] >= 59.0


def test_potentials_of_several_steps_are_found_in_it():
    rng = np.random.default_rng(2)
    trace = noise(rng, 60.0, rms_uv=0.28 * STEP_UV, high_hz=150.0)
    times_s = np.arange(1.0, 59.0, 1.9) + rng.uniform(0, 0.9, 31)
    for time_s in times_s:
        wave = potential(4 * STEP_UV)
        at = round(time_s * HZ)
        trace[at : at + len(wave)] += wave
    found = emg.detect(recording(rounded(trace)), Config())
    peaks_s = fasciculations(found).peak_s.to_numpy()
    near = np.abs(peaks_s[:, None] - times_s - 0.010).min(axis=0) <= 0.015
    assert near.sum() >= 30
    assert len(peaks_s) <= 32
    assert found.summary.analysed_s[0] >= 59.0


@pytest.mark.parametrize("hz", [HZ, 10_000.0])
def test_flips_of_one_step_are_never_potentials(hz):
    rng = np.random.default_rng(3)
    trace = np.zeros(round(60 * hz), dtype=np.float32)
    for start in rng.integers(0, len(trace) - 200, 240):
        trace[start : start + round(rng.uniform(0.0005, 0.010) * hz)] = STEP_UV
    made = emg.Recording.from_array(trace[None], hz, names=["EMG BICEPS L"])
    assert len(fasciculations(emg.detect(made, Config()))) == 0


def test_the_step_is_what_the_samples_tell_or_else_the_header():
    rng = np.random.default_rng(4)
    coarse = rounded(noise(rng, 4.0, rms_uv=10.0))
    site = recording(coarse).sites[0]
    windows = [coarse[None, :4000], coarse[None, 4000:]]
    flat = [np.zeros((1, 4000))]
    assert converter_steps(recording(coarse), site, windows) == pytest.approx(STEP_UV)
    for wrong_uv in (0.1, 1000.0):
        assert converter_steps(recording(coarse, resolution_uv=wrong_uv), site, windows) == STEP_UV
    assert converter_steps(recording(coarse, resolution_uv=0.1), site, flat) == 0.1
    assert converter_steps(recording(coarse), site, flat) == 0.0


def test_a_drift_does_not_make_a_coarse_converter_fine():
    rng = np.random.default_rng(5)
    slow = 300 * np.sin(2 * np.pi * 0.2 * np.arange(round(8 * HZ)) / HZ)
    trace = rounded(slow + noise(rng, 8.0, rms_uv=3.0))
    windows = list(trace.reshape(4, 1, -1))
    assert is_coarse(spreads(windows, HZ), np.array([STEP_UV]))
    assert not is_coarse(spreads(windows, HZ), np.array([0.1]))


def test_fine_and_dead_channels_are_left_alone():
    rng = np.random.default_rng(6)
    fine, dead = noise(rng, 4.0, rms_uv=10.0), np.zeros(round(4 * HZ))
    windows, steps = [np.stack([fine, dead])], np.array([STEP_UV, STEP_UV])
    spread = spreads(windows, HZ)
    rounding = rounding_of(windows, spread, steps, sampling_hz=HZ, high_hz=500.0)
    assert not rounding.dither_uv.any()
    data = np.stack([fine, dead]).astype(np.float32)
    before = data.copy()
    restless(data, rounding, HZ, [(1, 0), (2, 0)], 0)
    np.testing.assert_array_equal(data, before)


def test_a_block_is_the_same_whatever_chunk_it_is_read_in():
    rng = np.random.default_rng(7)
    made = recording(rounded(noise(rng, 20.0, rms_uv=0.28 * STEP_UV)))
    front = survey(made, made.sites[0], Config())[0]
    assert front.rounding.dither_uv[0] > 0
    one, two = (read_block(front, Chunk(0, start, 20_000)) for start in (4000, 8000))
    longer, shorter = one.raw[0, one.core], two.raw[0, two.core]
    # Each has a baseline of its own.
    np.testing.assert_allclose(np.diff(longer[4000:]), np.diff(shorter), atol=1e-3)
