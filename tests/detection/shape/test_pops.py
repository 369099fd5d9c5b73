"""Electrode pops: jumps sharp or blunt and clicks are none of muscle, units however sharp are."""

from dataclasses import replace

import numpy as np
import pytest
from made_site import made_site
from scipy import signal

from emgdetect import Config, Recording, detect
from emgdetect.detection.shape.explaining import Explained, Jumps
from emgdetect.detection.shape.pops import (
    SHIFTED,
    SHIFTED_SLOW,
    UNIT_SHIFTED,
    UNIT_SLOW,
    pops,
    shift_after,
)
from emgdetect.detection.shape.shares import slow_shares

RATE = 512.0


def recording(*, jumps, seed=0):
    """A minute of noise with 20 events: jumps that decay, or potentials of three units."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(60 * RATE)) / RATE
    trace = rng.normal(0, 4, len(time))
    events = 1.5 + 2.9 * np.arange(20) + rng.uniform(-0.3, 0.3, 20)
    for i, at in enumerate(events):
        if jumps:
            size = rng.choice([-1, 1]) * rng.uniform(80, 400)
            trace += np.where(time >= at, size * np.exp(-np.maximum(time - at, 0) / 0.06), 0.0)
        else:
            u = (time - at) / (0.0022, 0.0028, 0.0035)[i % 3]
            trace += 150 * u * np.exp(-0.5 * u**2) * rng.normal(1, 0.05)
    return Recording.from_array(trace[None].astype(np.float32), RATE, sites="VL"), events


def verdicts_near(made, times):
    """Verdicts of what is listed within 30 ms of each time."""
    events = detect(made, Config(mains_hz="none")).events
    near = np.abs(events.peak_s.to_numpy()[:, None] - times) < 0.03
    return [events.verdict[column].tolist() for column in near.T]


@pytest.mark.parametrize("seed", range(3))
def test_jumps_are_pops_and_none_is_counted_at_512_hz(seed):
    verdicts = verdicts_near(*recording(jumps=True, seed=seed))
    assert np.mean(["pop" in here for here in verdicts]) >= 0.9
    assert not any("fasciculation" in here for here in verdicts)


@pytest.mark.parametrize("seed", range(3))
def test_potentials_are_counted_at_512_hz(seed):
    verdicts = verdicts_near(*recording(jumps=False, seed=seed))
    assert np.mean([here == ["fasciculation"] for here in verdicts]) >= 0.9


def test_a_jump_leaves_the_trace_shifted_and_a_potential_does_not():
    site = made_site("VL", [1.0, 2.0], [-1, -1], 100.0)
    time = (np.arange(201) - 100) / site.site.sampling_hz
    site.measured.snippet_uv[0] = np.where(time >= 0, 100 * np.exp(-np.maximum(time, 0) / 0.05), 0)
    site.measured.snippet_uv[1] = 100 * (time / 0.003) * np.exp(-0.5 * (time / 0.003) ** 2)
    shifted = shift_after(site) > SHIFTED
    assert shifted.tolist() == [True, False]


def clicks(*, corner_hz, seed):
    """A minute at 2 kHz with 12 clicks of a sample or two, behind an amplifier's low-pass."""
    rng = np.random.default_rng(seed)
    trace, times = np.zeros(60 * 2000), 2.5 + 4.7 * np.arange(12)
    for at in times:
        start = int(at * 2000)
        trace[start : start + rng.integers(1, 3)] += rng.choice([-1, 1]) * rng.uniform(400, 4000)
    low_pass = signal.butter(4, corner_hz, fs=2000, output="sos")
    trace = signal.sosfilt(low_pass, trace) + rng.normal(0, 4, len(trace))
    return Recording.from_array(trace[None].astype(np.float32), 2000.0, sites="VL"), times


@pytest.mark.parametrize("corner_hz", [350, 450, 500, 800])
def test_clicks_behind_the_low_pass_of_an_amplifier_are_no_potentials(corner_hz):
    passed = 0
    for seed in range(3):
        made, times = clicks(corner_hz=corner_hz, seed=seed)
        events = detect(made, Config(mains_hz="none")).events
        counted = events.peak_s[events.verdict == "fasciculation"].to_numpy()
        passed += np.sum(np.abs(times[:, None] - counted).min(axis=1, initial=np.inf) < 0.02)
    assert passed <= 3


def blunt_pops(*, rate_hz, high_pass, corner_hz, seed):
    """A minute with 14 jumps that take up to 3 ms, decay within 8-150 ms and differ in size."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(60 * rate_hz)) / rate_hz
    trace, times = np.zeros(len(time)), 2.2 + 4.0 * np.arange(14)
    for at in times:
        after = np.maximum(time - at, 0)
        rise_s, decay_s = rng.uniform(0.0005, 0.003), 0.008 * 19 ** rng.random()
        size = rng.choice([-1, 1]) * 60 * 20 ** rng.random()
        trace += size * (1 - np.exp(-after / rise_s)) * np.exp(-after / decay_s)
    low_hz, order = high_pass
    trace = signal.sosfilt(signal.butter(order, low_hz, "high", fs=rate_hz, output="sos"), trace)
    trace = signal.sosfilt(signal.butter(4, corner_hz, fs=rate_hz, output="sos"), trace)
    trace += rng.normal(0, 4, len(trace))
    return Recording.from_array(trace[None].astype(np.float32), rate_hz, sites="VL"), times


@pytest.mark.parametrize("rate_hz", [1000.0, 2000.0])
@pytest.mark.parametrize("high_pass", [(10.0, 2), (20.0, 1)])
def test_blunt_jumps_behind_an_amplifier_are_no_potentials(rate_hz, high_pass):
    passed = 0
    for seed in range(3):
        made, times = blunt_pops(rate_hz=rate_hz, high_pass=high_pass, corner_hz=350, seed=seed)
        events = detect(made, Config(mains_hz="none")).events
        counted = events.peak_s[events.verdict == "fasciculation"].to_numpy()
        passed += np.sum(np.abs(times[:, None] - counted).min(axis=1, initial=np.inf) < 0.1)
    # Of 42; those of 20 Hz and fast decay come nearest to a potential.
    assert passed <= 2


def sharp_events(wave, *, spread, unit, click, n=20):
    """A site, and what explains its events: a pop does a fifth better, with the edge of one."""
    rng = np.random.default_rng(3)
    size = 100 * np.exp(spread * rng.standard_normal(n))
    site = made_site("VL", np.arange(1.0, n + 1), unit, size)
    time = (np.arange(201) - 100) / site.site.sampling_hz
    site.measured.snippet_uv[:] = size[:, None] * wave(time) + rng.normal(0, 5, (n, 201))
    energy = site.found.score**2
    jumps = Jumps(1.22 * energy, np.full(n, 0.86), site.found.score * 0.7, np.full(n, click))
    plain = Jumps(1.1 * energy, np.full(n, 0.78), site.found.score * 0.7, np.full(n, click))
    return site, Explained(plain, jumps, muscle=energy, whole=1.4 * energy)


def called_pops(site, fit):
    return pops(site, fit, slow_shares(site).slow)


def sharp_wave(time):
    return time / 0.001 * np.exp(0.5 - 0.5 * (time / 0.001) ** 2)


def jump(time):
    return np.where(time >= 0, np.exp(-np.maximum(time, 0) / 0.02), 0.0)


@pytest.mark.parametrize("click", [True, False])
def test_a_sharp_unit_of_a_common_size_is_of_muscle(click):
    # As two units that are alike and pass for one.
    site, fit = sharp_events(sharp_wave, spread=0.33, unit=0, click=click)
    assert not called_pops(site, fit).any()


def test_clicks_of_any_size_are_pops():
    site, fit = sharp_events(sharp_wave, spread=1.0, unit=0, click=True)
    assert called_pops(site, fit).all()


def test_a_few_large_clicks_of_one_size_are_clicks_and_small_ones_may_be_a_unit():
    site, fit = sharp_events(sharp_wave, spread=0.1, unit=0, click=True, n=5)
    assert not called_pops(site, fit).any()
    large = replace(fit.filtered, edge_score=np.full(5, 150.0), energy=1.35 * fit.muscle)
    assert called_pops(site, replace(fit, filtered=large)).all()


def test_a_jump_is_slow_behind_its_edge():
    site, fit = sharp_events(jump, spread=0.3, unit=-1, click=False)
    assert called_pops(site, fit).mean() >= 0.9
    site, fit = sharp_events(sharp_wave, spread=0.3, unit=-1, click=False)
    assert not called_pops(site, fit).any()


def slow_jump_events(*, spread, decay_s, unit=0, n=12):
    """A unit that a jump explains a quarter better than muscle, with the waveform of one."""
    site, fit = sharp_events(
        lambda time: np.where(time >= 0, np.exp(-np.maximum(time, 0) / decay_s), 0.0),
        spread=spread, unit=unit, click=False, n=n,
    )  # fmt: skip
    better = replace(fit.plain, energy=1.25 * fit.muscle)
    return site, replace(fit, plain=better)


def test_a_steady_unit_is_jumps_only_where_it_is_as_slow_as_a_jump():
    site, fit = slow_jump_events(spread=0.1, decay_s=0.03)
    assert called_pops(site, fit).all()
    # Lobes as of an electrode pair far apart: slower than others, but no jump.
    time = (np.arange(201) - 100) / site.site.sampling_hz
    wave = time / 0.0035 * np.exp(0.5 - 0.5 * (time / 0.0035) ** 2)
    noise = np.random.default_rng(4).normal(0, 5, site.measured.snippet_uv.shape)
    site.measured.snippet_uv[:] = 100 * wave + noise
    assert not called_pops(site, fit).any()


def slow_wave(time):
    """Lobes 9 ms apart, as of electrodes far apart."""
    return time / 0.0047 * np.exp(0.5 - 0.5 * (time / 0.0047) ** 2)


def test_a_slow_unit_of_one_size_is_of_muscle_and_of_any_size_is_jumps():
    shares = []
    for spread in (0.1, 1.0):
        site, fit = sharp_events(slow_wave, spread=spread, unit=0, click=False, n=12)
        assert np.median(slow_shares(site).slow) > UNIT_SLOW
        # A jump explains it hardly better than muscle does.
        fit = replace(fit, plain=replace(fit.plain, energy=1.05 * fit.muscle))
        shares.append(called_pops(site, fit).mean())
    # Of any size, the smallest are hidden in noise.
    assert shares[0] == 0 and shares[1] >= 0.8


def slow_ending(time):
    """A potential that begins sharply and ends in a slow wave."""
    slow = np.where(time >= 0, np.exp(-np.maximum(time, 0) / 0.03), 0.0)
    return 0.5 * sharp_wave(time) + 0.44 * slow


def test_many_of_one_size_that_end_in_a_slow_wave_are_of_muscle_and_of_any_size_are_not():
    for spread, of_muscle in ((0.1, True), (1.0, False)):
        site, fit = sharp_events(slow_ending, spread=spread, unit=0, click=False, n=20)
        assert np.median(shift_after(site)) > UNIT_SHIFTED
        assert UNIT_SLOW < np.median(slow_shares(site).slow) < SHIFTED_SLOW
        # A jump explains it hardly better than muscle does.
        fit = replace(fit, plain=replace(fit.plain, energy=1.0 * fit.muscle))
        assert called_pops(site, fit).any() != of_muscle


def test_three_of_one_size_are_a_unit_and_three_of_any_are_not():
    site, fit = sharp_events(sharp_wave, spread=0.0, unit=0, click=True, n=3)
    site.measured.amplitude_uv[:] = [90, 100, 115]
    assert not called_pops(site, fit).any()
    # Two alike by chance, and a third.
    site.measured.amplitude_uv[:] = [90, 100, 200]
    assert called_pops(site, fit).all()


def test_clicks_of_one_score_are_of_one_size_however_noise_spreads_their_amplitudes():
    site, fit = sharp_events(sharp_wave, spread=1.0, unit=0, click=True, n=8)
    weak = replace(fit.filtered, edge_score=np.full(8, 4.0))
    fit = replace(fit, filtered=weak, plain=replace(fit.plain, energy=0.9 * fit.muscle))
    assert called_pops(site, fit).all()
    site.found.score[:] = 8 * np.linspace(0.95, 1.05, 8)
    assert not called_pops(site, fit).any()
