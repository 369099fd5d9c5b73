"""Bursts whose discharges bear several numbers, and what is none: short runs, busy muscles."""

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detection.firing.grouped import grouped

SECONDS = 180.0


def told(*parts, sizes=None):
    times = np.sort(np.concatenate(parts))
    size = np.full(len(times), 50.0) if sizes is None else np.asarray(sizes, dtype=float)
    return grouped(times, size, seconds=SECONDS)


def run(start_s, n, interval_s=0.026):
    return start_s + interval_s * np.arange(n)


def test_seven_of_like_size_in_a_row_are_a_burst_and_six_may_be_a_short_run_and_another_unit():
    assert told(run(10, 7)).all()
    assert not told(run(10, 6)).any()
    assert not told(run(10, 7, interval_s=0.060)).any()


def test_what_lies_alone_and_what_is_larger_stays():
    sizes = np.r_[50.0, np.full(4, 50.0), 150.0, np.full(4, 50.0), 20.0, 50.0]
    found = told([5.0], run(10, 10), [40.0], sizes=sizes)
    assert found.tolist() == [False, *[True] * 4, False, *[True] * 4, False, False]


def test_sizes_of_many_units_are_no_burst():
    sizes = 50.0 * np.array([0.3, 1.0, 3.0, 0.3, 1.0, 3.0, 0.3])
    assert not told(run(10, 7), sizes=sizes).any()


def test_a_discharge_that_is_missing_breaks_no_burst_where_others_are_known():
    broken = np.delete(run(60, 12, interval_s=0.045), [3, 7])
    assert not told(broken).any()
    assert told(run(10, 12), broken).sum() == 12
    assert told(run(10, 12), run(20, 12), broken).all()


@pytest.mark.parametrize("seed", range(20))
def test_a_busy_muscle_has_none(seed):
    rng = np.random.default_rng(seed)
    times = np.cumsum(0.004 + rng.exponential(60 / 160, 480))
    sizes = 50 * np.exp(rng.normal(0, 0.5, len(times)))
    assert not grouped(times, sizes, seconds=times[-1]).any()


@pytest.mark.parametrize("seed", range(5))
def test_potentials_of_one_size_that_are_as_dense_everywhere_are_none(seed):
    times = np.cumsum(np.random.default_rng(seed).exponential(1 / 8, 1000))
    assert not grouped(times, np.full(1000, 50.0), seconds=times[-1]).any()


def test_potentials_without_size_or_of_one_moment_raise_no_warning():
    assert not told(run(10, 8), sizes=np.zeros(8)).any()
    assert not told(run(10, 8), sizes=[0.0] * 5 + [50.0] * 3).any()
    told(np.full(7, 10.0))


def test_nothing_is_nothing():
    assert grouped(np.zeros(0), np.zeros(0), seconds=SECONDS).shape == (0,)


@pytest.mark.parametrize("interval_ms", [22, 28, 38])
def test_myokymic_bursts_of_one_unit_are_not_counted_and_its_single_potentials_are(interval_ms):
    rng, rate, seconds = np.random.default_rng(interval_ms), 2000.0, 60.0
    signal = rng.normal(0, 3.0, round(rate * seconds))
    u = (np.arange(41) - 20) / rate / 0.0025
    wave = 60 * (1 - u**2) * np.exp(-(u**2) / 2)
    starts = np.arange(3.0, seconds - 3, 4.0)
    bursts = [start + np.cumsum(rng.normal(interval_ms, 2, 12)) / 1000 for start in starts]
    alone = starts + 2.0
    for time in np.concatenate([*bursts, alone]):
        at = round(time * rate)
        signal[at - 20 : at + 21] += rng.normal(1, 0.05) * wave
    recording = emg.Recording.from_array(signal[None], rate, names=["BICEPS L"])
    events = emg.detect(recording).events
    counted = events.loc[events["verdict"] == "fasciculation", "peak_s"].to_numpy()
    assert all(np.abs(counted - time).min() < 0.005 for time in alone)
    assert len(counted) <= len(alone) + 0.05 * 12 * len(starts)
