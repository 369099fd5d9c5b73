"""Taking beats out of a trace: the beat goes, the potential on top of it stays."""

import numpy as np
import pytest

from emgdetect.signal.beatwaves import BeatWave, faded, subtract_beats, typical_wave

RATE = 1000.0
SECONDS = 120.0
N_BEFORE = 200


def shape(t):
    return 60.0 * (np.exp(-0.5 * (t / 0.010) ** 2) - 0.3 * np.exp(-0.5 * ((t - 0.03) / 0.01) ** 2))


def beats_and_trace(*, seed=1, noise=2.0):
    """Beats that breathe by 10 %, seen by the first of two channels; clean, and with noise."""
    rng = np.random.default_rng(seed)
    times = 0.6 + np.cumsum(0.85 * (1 + 0.04 * rng.standard_normal(400)))
    times = times[times < SECONDS - 0.6]
    t = np.arange(round(SECONDS * RATE)) / RATE
    clean = np.zeros((2, len(t)))
    for time in times:
        clean[0] += (1 + 0.1 * np.sin(1.6 * time)) * shape(t - time)
    return times, clean, (clean + noise * rng.standard_normal(clean.shape)).astype(np.float32)


def learned(times, trace):
    at = np.rint(times * RATE).astype(int)
    windows = trace[:, at[:, None] + np.arange(-N_BEFORE, 351)].transpose(1, 0, 2)
    wave = faded(*typical_wave(windows), RATE)
    return BeatWave(times, wave, N_BEFORE, RATE, np.array([2.0, 2.0]))


def test_beats_are_gone_and_a_channel_without_them_is_untouched():
    times, clean, trace = beats_and_trace()
    beats = learned(times, trace)
    left = trace.copy()
    subtract_beats(left, 0.0, beats, np.arange(2))
    np.testing.assert_array_equal(left[1], trace[1])
    assert np.ptp(clean[0]) > 60
    residue = left[0] - (trace[0] - clean[0])
    assert np.std(residue) < 0.5
    assert np.abs(residue).max() < 4.0


def test_a_potential_on_top_of_a_beat_keeps_its_size():
    times, _, trace = beats_and_trace(seed=2)
    beats, t = learned(times, trace), np.arange(trace.shape[1]) / RATE
    potential = np.zeros(len(t))
    for time in times[5::7]:
        x = (t - time - 0.012) / 0.0015
        potential += 40.0 * (1 - x**2) * np.exp(-0.5 * x**2)
    both, beat_alone = trace.copy(), trace.copy()
    both[0] += potential.astype(np.float32)
    for data in (both, beat_alone):
        subtract_beats(data, 0.0, beats, np.arange(2))
    kept = both[0] - beat_alone[0]
    at = np.rint((times[5::7] + 0.012) * RATE).astype(int)
    np.testing.assert_allclose(kept[at], potential[at], rtol=0.1)


@pytest.mark.parametrize("cut", [(10_000, 30_000), (10_011, 10_500), (0, 700)])
def test_a_part_of_the_trace_gives_the_same_as_the_whole_but_at_its_ends(cut):
    times, _, trace = beats_and_trace(seed=3)
    beats = learned(times, trace)
    whole, part = trace.copy(), trace[:, cut[0] : cut[1]].copy()
    subtract_beats(whole, 0.0, beats, np.arange(2))
    subtract_beats(part, cut[0] / RATE, beats, np.arange(2))
    assert np.abs(part - whole[:, cut[0] : cut[1]]).max() < 12.0
    inner = slice(600, -600) if cut[1] - cut[0] > 2000 else slice(0, 0)
    np.testing.assert_allclose(part[:, inner], whole[:, cut[0] : cut[1]][:, inner], atol=1.5)


def test_rows_may_be_any_channels():
    times, _, trace = beats_and_trace(seed=4)
    beats = learned(times, trace)
    both, one = trace.copy(), trace[[1, 0]].copy()
    subtract_beats(both, 0.0, beats, np.arange(2))
    subtract_beats(one, 0.0, beats, np.array([1, 0]))
    np.testing.assert_allclose(one[[1, 0]], both, atol=1e-4)


def test_noise_has_no_wave():
    windows = np.random.default_rng(6).standard_normal((150, 3, 551)).astype(np.float32)
    wave = faded(*typical_wave(windows), RATE)
    assert wave.dtype == np.float32
    assert np.abs(wave).max() < 0.25


def test_no_beats_and_no_rows_change_nothing():
    times, _, trace = beats_and_trace(seed=7)
    beats = learned(times, trace)
    far = trace[:, :500].copy()
    subtract_beats(far, 1000.0, beats, np.arange(2))
    np.testing.assert_array_equal(far, trace[:, :500])
    subtract_beats(np.zeros((0, 500), dtype=np.float32), 0.0, beats, np.zeros(0, dtype=np.int64))


def test_a_wave_that_is_hardly_there_adds_nothing_to_the_trace():
    rng = np.random.default_rng(8)
    times = np.arange(0.6, 15.0, 0.7)
    data = (4.0 * rng.standard_normal((1, 16_000))).astype(np.float32)
    wave = np.zeros((1, 551), dtype=np.float32)
    wave[0, 230:300] = 0.1 * np.hanning(70)
    left = data.copy()
    subtract_beats(left, 0.0, BeatWave(times, wave, N_BEFORE, RATE, np.array([2.0])), np.arange(1))
    assert 0 < np.abs(left - data).max() < 0.2


def test_a_contraction_makes_no_larger_beats_in_the_rest_around_it():
    times, _, trace = beats_and_trace(seed=9)
    beats = learned(times, trace)
    rng = np.random.default_rng(9)
    data = trace[:, 20_000:36_000].copy()
    data[0, 1000:15_000] += (2000.0 * rng.standard_normal(14_000)).astype(np.float32)
    left = data.copy()
    subtract_beats(left, 20.0, beats, np.arange(2))
    assert np.abs(left - data).max() < 1.4 * np.abs(beats.wave).max()


def test_a_wave_seen_beside_its_qrs_alone_is_subtracted_as_it_is():
    times = np.arange(0.6, 15.0, 0.7)
    wave = np.zeros((1, 551), dtype=np.float32)
    wave[0, 400:500] = 20.0 * np.hanning(100)
    data = np.zeros((1, 16_000), dtype=np.float32)
    at = np.rint(times * RATE).astype(int) - N_BEFORE
    for first in at:
        data[0, first : first + 551] += wave[0][: max(0, 16_000 - first)]
    subtract_beats(data, 0.0, BeatWave(times, wave, N_BEFORE, RATE, np.array([2.0])), np.arange(1))
    assert np.abs(data).max() < 0.01
