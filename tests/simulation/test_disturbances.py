"""Noise, mains, heart and movement are what they claim to be."""

import numpy as np
import pytest
from scipy.signal import welch

import emgdetect as emg
from emgdetect.simulation import disturbances, heart
from emgdetect.simulation.noise import slow_gain, tail_envelope
from emgdetect.simulation.scenarios import Heart, Mains, Movement, Noise

RNG_SEEDS = range(6)


def made(scenario, duration_s=60, seed=2, **options):
    return emg.simulate(duration_s=duration_s, seed=seed, scenario=scenario, **options)


def test_noise_is_not_white_and_a_little_heavy_tailed():
    simulated = made("quiet", 60)
    frequencies, power = welch(simulated.noise_uv, fs=2000, nperseg=4096)
    low = power[:, (frequencies > 3) & (frequencies < 8)].mean(axis=1)
    middle = power[:, (frequencies > 100) & (frequencies < 300)].mean(axis=1)
    high = power[:, frequencies > 800].mean(axis=1)
    assert (middle > 3 * high).all(), "the amplifier ends at 500 Hz"
    assert (low > middle).all(), "1/f at the low end"


def test_a_tail_envelope_makes_the_noise_heavier_but_not_louder():
    rng = np.random.default_rng(0)
    white = rng.standard_normal(200_000)
    shaped = white * tail_envelope(rng, 200_000, 2000, spread=0.3)
    assert np.mean(shaped**2) == pytest.approx(1, rel=0.05)
    assert np.mean(shaped**4) > 3.3
    assert tail_envelope(rng, 100, 2000, spread=0) == 1


def test_noise_drifts_and_steps_as_far_as_said():
    gains = [
        slow_gain(np.random.default_rng(seed), Noise(drift=5, step=1), 360_000, 2000)
        for seed in RNG_SEEDS
    ]
    spread = [g.max() / g.min() for g in gains]
    assert 2 < np.median(spread) <= 5.01
    stepped = slow_gain(np.random.default_rng(1), Noise(drift=1, step=3), 360_000, 2000)
    ratios = stepped[1:] / stepped[:-1]
    jumps = ratios[~np.isclose(ratios, 1)]
    assert len(jumps) >= 2
    np.testing.assert_allclose(np.abs(np.log(jumps)), np.log(3))


@pytest.mark.parametrize("nominal_hz", [50.0, 60.0])
def test_hum_is_near_its_frequency_and_has_harmonics(nominal_hz):
    for seed in RNG_SEEDS:
        wave = disturbances.hum(
            np.random.default_rng(seed), Mains(), nominal_hz,
            noise_uv=2.0, n_samples=60_000, sampling_hz=2000,
        )  # fmt: skip
        frequencies, power = welch(wave, fs=2000, nperseg=20_000)
        peak_hz = frequencies[np.argmax(power)]
        order = max(1, round(peak_hz / nominal_hz))
        assert abs(peak_hz / order - nominal_hz) < 0.65
        near = np.abs(frequencies - nominal_hz * np.rint(frequencies / nominal_hz)) < 5
        assert power[near].sum() > 0.99 * power.sum()
        assert 1.0 < wave.std() < 40


def beats(seed, **options):
    return heart.draw_beats(np.random.default_rng(seed), Heart(**options), duration_s=300)


def test_sinus_rhythm_is_regular_and_fibrillation_is_not():
    for seed in RNG_SEEDS:
        sinus = beats(seed, extrasystoles=(0, 0))
        wild = beats(seed, extrasystoles=(0, 0), irregular=True)
        for found, low, high in ((sinus, 0.0, 0.1), (wild, 0.15, 0.3)):
            intervals = np.diff(found.times_s)
            assert 38 < 60 / intervals.mean() < 160
            assert low <= intervals.std() / intervals.mean() < high
            assert not found.ectopic.any()


def test_extrasystoles_come_early_and_a_pause_follows():
    found = beats(0, extrasystoles=(0.1, 0.1), per_min=(60, 60))
    at = np.flatnonzero(found.ectopic[1:-1]) + 1
    assert len(at) > 10
    before = found.times_s[at] - found.times_s[at - 1]
    after = found.times_s[at + 1] - found.times_s[at]
    assert (before < 0.8 * after).all()


def test_the_heart_is_louder_in_trunk_than_arm_than_leg():
    def heights(site):
        return [heart.region_amplitude(np.random.default_rng(s), site) for s in range(30)]

    assert max(heights("TIBIALIS R")) <= 2 <= min(heights("BICEPS L"))
    assert max(heights("BICEPS L")) <= 12
    assert min(heights("DELTOID L")) >= 10


def test_beats_are_in_the_ecg_channel_where_the_truth_says():
    simulated = next(
        s for s in (made("heart", 30, seed) for seed in range(10))
        if any(c.kind == "ECG" for c in s.recording.channels)
    )  # fmt: skip
    index = [c.kind for c in simulated.recording.channels].index("ECG")
    ecg = simulated.recording.read([index], 0)[0]
    assert simulated.recording.channels[index].site == ""
    height = np.abs(ecg).max()
    for beat_s in simulated.beats_s:
        near = ecg[max(0, int((beat_s - 0.05) * 2000)) : int((beat_s + 0.05) * 2000)]
        assert np.abs(near).max() > 0.4 * height


def test_distance_to_the_nearest_beat():
    rng = np.random.default_rng(0)
    times, beats_s = rng.uniform(0, 10, 50), np.sort(rng.uniform(0, 10, 9))
    naive = np.abs(times[:, None] - beats_s).min(axis=1)
    np.testing.assert_allclose(heart.distance_to_beat_s(times, beats_s), naive)
    assert np.isinf(heart.distance_to_beat_s(times, np.zeros(0))).all()


def test_damaged_stretches_are_where_the_spans_say():
    simulated = made("movement", 180, seed=3)
    sites = [c.site for c in simulated.recording.channels]
    data = simulated.recording.read(range(len(sites)), 0)
    kinds = set()
    for span in simulated.spans.itertuples():
        piece = data[sites.index(span.site), int(span.start_s * 2000) : int(span.stop_s * 2000)]
        same = np.mean(piece == np.median(piece))
        assert same > 0.5, "all of it, unless another damage came over it"
        kinds.add(span.kind)
    assert kinds == {"clipped", "dropped", "held"}
    assert np.abs(data).max() <= 5000


def test_pops_and_swings_come_as_often_as_asked():
    options = {"noise_uv": 2.0, "n_samples": 1_200_000, "sampling_hz": 2000}
    pops = disturbances.pops(np.random.default_rng(0), per_min=6, **options)
    onsets = np.flatnonzero(np.abs(np.diff(pops)) > 10)
    n_apart = 1 + np.count_nonzero(np.diff(onsets) > 10)
    assert n_apart == pytest.approx(60, abs=25)
    nothing = disturbances.movement(
        np.random.default_rng(0),
        Movement(pops_per_min=0, swings_per_min=0, cable_per_min=0),
        **options,
    )
    assert not nothing.any()
    swings = disturbances.swings(np.random.default_rng(0), per_min=6, **options)
    frequencies, power = welch(swings, fs=2000, nperseg=2**15)
    assert power[frequencies < 10].sum() > 0.99 * power.sum()


def test_the_converter_rounds_and_saturates():
    data = np.array([0.0, 0.2, -7000.0, 7000.0], dtype=np.float32)
    np.testing.assert_allclose(disturbances.digitised(data, step_uv=0.5), [0, 0, -5000, 5000])
