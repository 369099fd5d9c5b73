"""A machine's pulses are told from muscle by the time they keep; they stay counted."""

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detection.verdicts.clockwork import keeping_time, period_of


def test_a_clock_is_known_with_gaps_and_other_events_between():
    rng = np.random.default_rng(0)
    ticks = np.arange(0, 60, 0.5) * (1 + 2e-5)
    ticks = ticks[rng.random(len(ticks)) < 0.7]
    ticks += rng.normal(0, 3e-4, len(ticks))
    others = rng.uniform(0, 60, 8)
    assert period_of(np.sort([*ticks, *others])) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("variation", [0.05, 0.1, 0.15])
def test_a_slow_unit_however_regular_is_no_clock(variation):
    rng = np.random.default_rng(1)
    for _ in range(20):
        steps = 1.1 * (1 + variation * rng.normal(size=100))
        assert np.isnan(period_of(np.cumsum(steps)))


def test_chance_keeps_no_time_and_few_intervals_tell_nothing():
    rng = np.random.default_rng(2)
    for n in (10, 30, 300):
        for _ in range(20):
            assert np.isnan(period_of(np.sort(rng.uniform(0, 180, n))))
    assert np.isnan(period_of(np.arange(9.0)))
    assert np.isnan(period_of(np.zeros(0)))


def test_each_unit_is_told_once():
    clock, muscle = np.arange(0, 30, 1.0), np.sort(np.random.default_rng(3).uniform(0, 30, 30))
    time = np.concatenate([clock, muscle])
    unit = np.repeat([2, 1], 30)
    order = np.argsort(time)
    (finding,) = keeping_time("BICEPS L", time[order], unit[order])
    assert finding.code == "unit-like-clock"
    assert finding.message.startswith("BICEPS L: the 30 potentials of unit 2 keep time")
    assert "1.000 s" in finding.message
    assert keeping_time("BICEPS L", time, np.zeros(60, dtype=int)) == []


def test_pulses_of_a_stimulator_are_counted_and_told():
    hz, rng = 1000, np.random.default_rng(4)
    signal = rng.normal(0, 2.0, 60 * hz)
    pulse = 60 * np.array([0.3, 1, 0.2, -0.9, -0.6, -0.2, 0.2, 0.1])
    for start in range(500, 59_500, 1000):
        signal[start : start + len(pulse)] += pulse
    recording = emg.Recording.from_array(signal[None], hz, names=["EMG"], sites=["BICEPS L"])
    found = emg.detect(recording, emg.Config())
    counted = found.events[found.events.verdict == "fasciculation"]
    assert len(counted) >= 50
    told = [f.message for f in found.findings if f.code == "unit-like-clock"]
    assert len(told) == 1
    assert "every 1.000 s" in told[0]
