"""R waves of an ECG lead: rates, extrasystoles, edges, nothing."""

import numpy as np
import pytest

from emgdetect.scoring import score
from emgdetect.signal import ecg
from emgdetect.signal.ecg import r_waves


def lead(beats_s, *, seconds, rate, seed, noise=0.02):
    """P, QRS and T of 1 mV at given times, with noise and a wandering baseline."""
    t = np.arange(round(seconds * rate)) / rate
    trace = noise * np.random.default_rng(seed).standard_normal(len(t)) + 0.3 * np.sin(0.9 * t)
    for beat in beats_s:
        for size, at, width in ((0.12, -0.16, 0.025), (1.0, 0.0, 0.010), (-0.2, 0.03, 0.010),
                                (0.25, 0.25, 0.05)):  # fmt: skip
            trace += size * np.exp(-0.5 * ((t - beat - at) / width) ** 2)
    return 1000.0 * trace


@pytest.mark.parametrize("rate", [128.0, 512.0, 2000.0])
@pytest.mark.parametrize("per_min", [42, 75, 150])
def test_every_beat_is_found_once(rate, per_min):
    rng = np.random.default_rng(81)
    beats = 0.4 + np.cumsum(60 / per_min * (1 + 0.04 * rng.standard_normal(200)))
    beats = beats[beats < 29.5]
    found = r_waves(lead(beats, seconds=30, rate=rate, seed=82), rate) / rate
    agreement = score(beats, found, tolerance_s=0.03)
    assert agreement.f1 >= 0.98
    assert np.all(np.diff(found) > 0)


def test_an_inverted_lead_and_any_gain_give_the_same_beats():
    trace = lead(np.arange(0.5, 19, 0.8), seconds=20, rate=500.0, seed=83)
    beats = r_waves(trace, 500.0)
    np.testing.assert_array_equal(r_waves(-trace, 500.0), beats)
    np.testing.assert_array_equal(r_waves(8 * trace, 500.0), beats)


def test_irregular_beats_are_found_as_well_as_regular_ones():
    rng = np.random.default_rng(84)
    beats = 0.5 + np.cumsum(rng.uniform(0.38, 1.2, 60))
    beats = beats[beats < 39.5]
    found = r_waves(lead(beats, seconds=40, rate=500.0, seed=85), 500.0) / 500.0
    assert score(beats, found, tolerance_s=0.03).f1 >= 0.97


@pytest.mark.parametrize("trace", [np.zeros(0), np.zeros(5000), np.ones(40), np.full(5000, 3.0)])
def test_nothing_and_constants_have_no_beats(trace):
    found = r_waves(trace, 500.0)
    assert found.dtype == np.int64
    assert len(found) == 0


@pytest.mark.parametrize("rate", [250.0, 512.0, 1925.925, 2000.0])
def test_a_mild_trace_keeps_time_and_size_within_its_band(rate):
    t, at = np.arange(round(20 * rate)) / rate, 10.0
    pulse = 50.0 * np.exp(-0.5 * ((t - at) / 0.012) ** 2) * np.cos(2 * np.pi * 20 * (t - at))
    mild = ecg.mild_trace(pulse + 7.0, rate)
    assert len(mild) == round(len(t) / rate * ecg.MILD_HZ)
    peak = ecg.between_samples(mild, np.array([int(np.argmax(mild))]))[0] / ecg.MILD_HZ
    assert peak == pytest.approx(at, abs=0.001)
    assert mild.max() == pytest.approx(50.0, rel=0.1)
    mains, _ = ecg.qrs_band(ecg.mild_trace(100 * np.sin(2 * np.pi * 50.3 * t), rate) + mild)
    assert int(np.argmax(np.abs(mains))) / ecg.MILD_HZ == pytest.approx(at, abs=0.008)


def test_a_qrs_is_slow_and_a_potential_is_not():
    t = np.arange(-25, 26) / ecg.MILD_HZ
    qrs = np.exp(-0.5 * (t / 0.009) ** 2) - 0.3 * np.exp(-0.5 * ((t - 0.02) / 0.009) ** 2)
    potential = (1 - (t / 0.003) ** 2) * np.exp(-0.5 * (t / 0.003) ** 2)
    assert ecg.slow_share(qrs) > 0.97
    assert ecg.slow_share(potential) < 0.7
    assert ecg.slow_share(np.zeros(51)) == 0.0


def test_each_beat_holds_one_typical_beat_and_the_time_between_none():
    rng = np.random.default_rng(91)
    bands, peaks = rng.standard_normal((2, 5000)), np.arange(100, 4900, 200)
    for peak in peaks:
        bands[:, peak - 12 : peak + 13] += 15 * np.hanning(25)
    scale, _ = ecg.beat_scale(bands, peaks)
    assert np.median(scale[peaks]) == pytest.approx(1.0, abs=0.05)
    assert np.abs(scale[peaks[:-1] + 100]).max() < 0.3


@pytest.mark.parametrize("n", [0, 1, 60])
def test_traces_too_short_for_a_beat_are_bridged(n):
    assert np.isfinite(ecg.mild_trace(np.ones(n), 500.0)).all()
