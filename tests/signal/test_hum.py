"""Mains: found wherever it lies, and taken out without touching the potentials."""

import numpy as np
import pytest

from emgdetect.signal import filters, hum
from emgdetect.signal import mains as lines

RATE = 2000.0
SECONDS = 16


def wave():
    """A biphasic potential of 12 ms, peak to peak 100 µV."""
    t = (np.arange(121) - 60) / RATE
    shape = -t / 2e-3 * np.exp(-0.5 * (t / 2e-3) ** 2) + 0.2 * np.exp(
        -0.5 * ((t - 5e-3) / 2e-3) ** 2
    )
    return 100.0 * shape / np.ptp(shape)


def potentials(times_s, n):
    trace = np.zeros(n)
    for time in times_s:
        at = round(time * RATE)
        trace[at - 60 : at + 61] += wave()
    return trace


def mains(n, frequency_hz, harmonics, *, wander, seed):
    """A sum of harmonics whose common amplitude wanders slowly by up to `wander`."""
    rng = np.random.default_rng(seed)
    t = np.arange(n) / RATE
    knots = rng.uniform(1 - wander, 1 + wander, n // 4000 + 2)
    envelope = np.interp(t, 2.0 * np.arange(len(knots)), knots)
    return envelope * sum(
        size * np.sin(2 * np.pi * k * frequency_hz * t + rng.uniform(0, 6))
        for k, size in harmonics.items()
    )


def removed(trace, nominal_hz):
    """The trace without mains, as the detection removes it: lines found, then regression."""
    centred = trace - np.median(trace)
    windows = centred[: len(trace) // 8000 * 8000].reshape(-1, 8000)
    frequency, harmonics, _ = lines.mains_lines(windows, RATE, nominal_hz=nominal_hz)
    block = centred[None].astype(np.float32)
    return hum.remove_hum(block, RATE, frequency_hz=frequency, harmonics=harmonics)[0]


def mild(trace):
    return filters.filter_zero_phase(np.asarray(trace)[None], RATE, low_hz=10, high_hz=900)[0]


CASES = [
    (50.0, 50.0, {1: 80.0, 3: 20.0}, 0.0),
    (50.0, 49.5, {1: 80.0, 2: 20.0, 3: 30.0}, 0.2),
    (50.0, 50.5, {1: 40.0, 5: 20.0}, 0.2),
    (60.0, 60.4, {1: 80.0, 2: 40.0}, 0.2),
    (60.0, 59.6, {1: 200.0, 3: 60.0, 7: 20.0}, 0.1),
]


@pytest.mark.parametrize(("nominal_hz", "frequency_hz", "harmonics", "wander"), CASES)
def test_potentials_keep_their_waveform_and_nothing_rings(
    nominal_hz, frequency_hz, harmonics, wander
):
    n = int(SECONDS * RATE)
    rng = np.random.default_rng(61)
    times = np.arange(1.5, SECONDS - 1.5, 0.37) + rng.uniform(0, 0.15, 36)
    noise = 5.0 * rng.standard_normal(n)
    clean = potentials(times, n) + noise
    hummed = clean + mains(n, frequency_hz, harmonics, wander=wander, seed=62)
    before, after = mild(clean), mild(removed(hummed, nominal_hz))
    rest, level = after - before, np.std(mild(noise))
    around = np.array([round(t * RATE) for t in times])[:, None] + np.arange(-60, 61)
    # Amplitude: at the scale that fits best, the potentials lose (and gain) less than 2 %.
    shape = mild(potentials([1.0], int(2 * RATE)))[int(RATE) - 60 : int(RATE) + 61]
    assert abs(np.mean(rest[around] @ shape) / (shape @ shape)) < 0.02
    # Waveform: what changed is small against the noise, at the potentials, beside them, anywhere.
    for place in (around, around + 150, slice(int(RATE), -int(RATE))):
        assert np.sqrt(np.mean(rest[place] ** 2)) < 0.3 * level
    # Ringing would repeat: averaged over the potentials, next to nothing is left beside them.
    beside = rest[around + 150].mean(axis=0)
    assert np.abs(beside).max() < 0.2 * level


@pytest.mark.parametrize("offset_hz", [-0.5, -0.23, 0.0, 0.31, 0.5])
@pytest.mark.parametrize("nominal_hz", [50.0, 60.0])
def test_the_frequency_is_found(nominal_hz, offset_hz):
    n = 12 * 8000
    noise = np.random.default_rng(63).standard_normal(n)
    tone = mains(n, nominal_hz + offset_hz, {1: 3.0, 3: 1.0}, wander=0.1, seed=64)
    windows = (noise + tone).reshape(-1, 8000)
    frequency, harmonics, share = lines.mains_lines(windows, RATE, nominal_hz=nominal_hz)
    assert frequency == pytest.approx(nominal_hz + offset_hz, abs=0.03)
    assert {1, 3} <= set(harmonics)
    assert 0.5 < share < 1.0


def test_no_line_is_seen_in_noise_and_nothing_is_removed():
    windows = np.random.default_rng(65).standard_normal((12, 8000))
    frequency, harmonics, share = lines.mains_lines(windows, RATE, nominal_hz=50.0)
    assert harmonics == ()
    assert share == 0.0
    block = windows[:2].astype(np.float32)
    out = hum.remove_hum(block, RATE, frequency_hz=frequency, harmonics=harmonics)
    np.testing.assert_array_equal(out, block)


def test_a_unit_firing_at_fifty_per_second_for_a_moment_is_no_mains():
    n = 12 * 8000
    rng = np.random.default_rng(66)
    trace = 5.0 * rng.standard_normal(n) + potentials(np.arange(3.0, 5.0, 0.02), n)
    _, harmonics, _ = lines.mains_lines(trace.reshape(-1, 8000), RATE, nominal_hz=50.0)
    assert harmonics == ()


@pytest.mark.parametrize("n", [0, 1, 7, 8, 50, 999])
def test_short_and_silent_blocks(n):
    block = np.zeros((2, n), dtype=np.float32)
    out = hum.remove_hum(block, RATE, frequency_hz=50.0, harmonics=(1, 2))
    np.testing.assert_array_equal(out, block)


def test_removal_is_per_channel_and_leaves_its_input_alone():
    n = int(4 * RATE)
    rng = np.random.default_rng(67)
    tone = mains(n, 50.2, {1: 50.0}, wander=0.1, seed=68)
    block = (rng.standard_normal((2, n)) + np.array([[1.0], [0.1]]) * tone).astype(np.float32)
    before = block.copy()
    out = hum.remove_hum(block, RATE, frequency_hz=50.2, harmonics=(1,))
    np.testing.assert_array_equal(block, before)
    inner = slice(2000, -2000)
    assert np.all(np.std(out[:, inner], axis=1) < 1.15)
    gained = hum.remove_hum(3 * block, RATE, frequency_hz=50.2, harmonics=(1,))
    np.testing.assert_allclose(gained, 3 * out, rtol=1e-3, atol=0.02)


@pytest.mark.parametrize("seconds", [0.7, 1.3, 4.0, 4.01])
def test_mains_is_gone_up_to_the_first_and_last_sample(seconds):
    n = int(seconds * RATE)
    tone = mains(n, 50.0, {1: 80.0, 3: 20.0}, wander=0.0, seed=69)
    noise = np.random.default_rng(70).standard_normal((1, n))
    out = hum.remove_hum(noise + tone, RATE, frequency_hz=50.0, harmonics=(1, 3))[0]
    for end in (out[:100], out[-100:]):
        assert np.std(end) < 1.5
    assert np.std(out) < 1.1


def test_what_was_fitted_once_can_be_taken_out_again():
    n = int(4.3 * RATE)
    tone = mains(n, 50.0, {1: 30.0, 2: 8.0}, wander=0.1, seed=71)
    block = (np.random.default_rng(72).standard_normal((3, n)) + tone).astype(np.float32)
    first, again = block.copy(), block.copy()
    terms = hum.fit_hum(first, RATE, frequency_hz=50.0, harmonics=(1, 2))
    hum.subtract_hum(again, RATE, hum.Hum(50.0, terms), (1, 2))
    np.testing.assert_allclose(again, first, atol=1e-4)
    with pytest.raises(ValueError, match="not kept"):
        hum.subtract_hum(again, RATE, hum.Hum(50.0, None), (1, 2))


@pytest.mark.parametrize("jump_uv", [300.0, 3000.0])
def test_no_mains_is_left_around_a_jump_of_the_baseline(jump_uv):
    n = int(SECONDS * RATE)
    t = np.arange(n) / RATE
    noise = 5.0 * np.random.default_rng(73).standard_normal(n)
    tone = mains(n, 60.3, {1: 40.0, 2: 10.0, 3: 10.0}, wander=0.1, seed=74)
    at, late = int(8.2 * RATE), np.maximum(t - 8.2, 0)
    jump = np.where(late > 0, jump_uv * np.exp(-late / 1.0), 0.0)
    block = (noise + jump + np.array([[0.0], [1.0]]) * tone).astype(np.float32)
    out = hum.remove_hum(block, RATE, frequency_hz=60.3, harmonics=(1, 2, 3))
    without, after = (filters.filter_zero_phase(x[None], RATE, low_hz=25, high_hz=900)[0]
                      for x in (noise + jump, out[1]))  # fmt: skip
    # Half a second to either side, but for the jump itself.
    for place in (slice(at - 1000, at - 100), slice(at + 100, at + 1000)):
        rest = after[place] - without[place]
        assert np.sqrt(np.mean(rest**2)) < 0.15 * np.std(noise)


def railway(n, frequency_hz=16.7, sizes=None, *, seed=70):
    """Railway current whose amplitude and frequency wander."""
    sizes = {1: 20.0, 2: 2.0, 3: 6.0, 5: 3.0, 7: 1.5} if sizes is None else sizes
    return mains(n, frequency_hz, sizes, wander=0.1, seed=seed)


@pytest.mark.parametrize("frequency_hz", [16.6, 50 / 3, 16.75])
@pytest.mark.parametrize("mains_uv", [0.0, 3.0])
def test_railway_current_is_found_beside_mains_and_taken_out(frequency_hz, mains_uv):
    n = 12 * 8000
    noise = np.random.default_rng(71).standard_normal(n).astype(np.float32)
    tones = railway(n, frequency_hz) + mains(
        n, 50.0, {1: mains_uv, 5: mains_uv / 4}, wander=0.1, seed=72
    )
    windows = (noise + tones).reshape(-1, 8000)
    own, own_lines, _ = lines.mains_lines(windows, RATE, nominal_hz=50.0)
    rail_hz, rail, share = lines.rail_lines(windows, RATE)
    assert rail_hz == pytest.approx(frequency_hz, abs=0.03)
    assert {1, 2, 3, 5, 7} <= set(rail)
    assert share > 0.8
    base, harmonics = lines.with_rail(own, own_lines, rail_hz, rail)
    assert base == pytest.approx(50, abs=0.3)
    at = np.sort(base * np.array(harmonics))
    assert np.diff(at).min() > 10
    out = hum.remove_hum((noise + tones)[None], RATE, frequency_hz=base, harmonics=harmonics)[0]
    # What the sinusoids of six lines hold of the noise goes with them.
    assert np.std((out - noise)[4000:-4000]) < 0.3


def test_what_is_no_railway_current():
    n = 12 * 8000
    rng = np.random.default_rng(73)
    noise = rng.standard_normal(n)
    unit = potentials(np.cumsum(rng.normal(0.06, 0.004, 380)), n)
    clock = potentials(np.arange(1.0, 23.0, 0.18), n)
    t = np.arange(n) / RATE
    fifty = mains(n, 50.0, {1: 20.0, 3: 5.0}, wander=0.1, seed=74)
    tremor = noise * (1 + np.sin(2 * np.pi * 5.57 * t))
    beside = 20 * np.sin(2 * np.pi * 17.2 * t)
    cases = (noise, noise + fifty, noise + unit, noise + clock, tremor,
             noise + beside)  # fmt: skip
    for trace in cases:
        assert lines.rail_lines(trace.reshape(-1, 8000), RATE) == (lines.RAIL_HZ, (), 0.0)
    assert lines.with_rail(50.1, (1, 3), lines.RAIL_HZ, ()) == (50.1, (1, 3))
