"""Trains and bursts: regular firing at voluntary intervals, and what is none."""

import numpy as np
import pytest

from emgdetect.detection import trains


def regular(rate_hz, n, *, seed, variation=0.12, start=3.0):
    rng = np.random.default_rng(seed)
    steps = (1 + variation * rng.standard_normal(n - 1)) / rate_hz
    return start + np.concatenate([[0.0], np.cumsum(np.abs(steps))])


def poisson(per_min, seconds, *, seed):
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, seconds, rng.poisson(per_min * seconds / 60)))


def clusters(per_min, seconds, *, seed):
    """A Poisson process of clusters: 1 to 4 discharges 10 to 150 ms apart."""
    rng = np.random.default_rng(seed)
    starts = poisson(per_min, seconds, seed=seed + 1000)
    times = [s + np.cumsum(rng.uniform(0.01, 0.15, rng.integers(1, 5))) for s in starts]
    return np.sort(np.concatenate([np.zeros(0), *times]))


def in_train(times):
    return trains.near_train(times, trains.train_spans(times))


@pytest.mark.parametrize("rate_hz", [5.0, 6.0, 7.5, 9.0])
def test_regular_firing_of_a_unit_is_a_train(rate_hz):
    shares = []
    for seed in range(30):
        times = regular(rate_hz, 40, seed=seed)
        spans = trains.train_spans(times)
        assert len(spans)
        shares.append(in_train(times).mean())
    assert np.mean(shares) > 0.98


def test_discharges_missed_by_the_detection_do_not_break_a_train():
    shares = []
    for seed in range(30):
        times = regular(7.0, 80, seed=seed)
        seen = times[np.random.default_rng(seed).random(80) > 0.15]
        shares.append(in_train(seen).mean())
    assert np.mean(shares) > 0.95


@pytest.mark.parametrize("per_min", [5, 30, 60])
def test_chance_is_no_train(per_min):
    marked = total = 0
    for seed in range(40):
        times = poisson(per_min, 180, seed=seed)
        marked, total = marked + in_train(times).sum(), total + len(times)
    assert marked / total < 0.01


@pytest.mark.parametrize("per_min", [5, 20])
def test_clusters_are_hardly_ever_taken_for_trains(per_min):
    marked = total = 0
    for seed in range(40):
        times = clusters(per_min, 180, seed=seed)
        marked, total = marked + in_train(times).sum(), total + len(times)
    assert marked / total < 0.05


@pytest.mark.parametrize("rate_hz", [0.5, 0.9, 1.5, 2.5, 3.2])
@pytest.mark.parametrize("variation", [0.02, 0.15])
def test_a_slow_rhythmic_unit_is_counted(rate_hz, variation):
    for seed in range(5):
        assert not in_train(regular(rate_hz, 100, seed=seed, variation=variation)).any()


def test_fasciculations_of_the_same_unit_far_from_its_train_are_kept():
    train = regular(7.0, 60, seed=1, start=60.0)
    others = np.array([5.0, 12.0, 20.0, 33.0, 41.0, 50.0])
    times = np.concatenate([others, train, others + 80.0])
    marked = in_train(times)
    assert marked[6:-6].all()
    assert not marked[:6].any()
    assert not marked[-6:].any()


def test_strays_within_a_second_of_a_train_belong_to_it():
    train = regular(7.0, 60, seed=2, start=10.0)
    times = np.concatenate([[7.0, 9.3], train, [train[-1] + 0.8, train[-1] + 3.0]])
    marked = in_train(times)
    assert marked.tolist() == [False, True, *[True] * 60, True, False]


def test_verdicts_do_not_depend_on_when_the_recording_began():
    times = np.concatenate([poisson(20, 60, seed=3), regular(6.0, 40, seed=4, start=61.0)])
    moved = trains.train_spans(times + 1000.0)
    np.testing.assert_allclose(moved, trains.train_spans(times) + 1000.0, atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_too_few_discharges_are_neither_train_nor_burst(n):
    times = 1.0 + 0.15 * np.arange(n)
    assert trains.train_spans(times).shape == (0, 2)
    assert trains.in_burst(times).tolist() == [False] * n
    assert in_train(times).tolist() == [False] * n


def test_train_spans_are_in_order_inside_the_discharges_and_never_of_fewer_than_four():
    rng = np.random.default_rng(5)
    for _ in range(400):
        times = np.sort(np.round(rng.uniform(0, 12, rng.integers(0, 60)), 3))
        spans = trains.train_spans(times)
        assert spans.shape == (len(spans), 2)
        assert np.isin(spans, times).all()
        assert np.all(np.diff(spans[:, 0]) >= 0)
        for start, stop in spans:
            assert ((times >= start) & (times <= stop)).sum() >= 4


def naive_in_burst(times):
    """Six discharges or more, each less than 60 ms after the one before."""
    marked = [False] * len(times)
    for first in range(len(times)):
        last = first
        while last + 1 < len(times) and times[last + 1] - times[last] < 0.060:
            last += 1
        if last - first + 1 >= 6:
            marked[first : last + 1] = [True] * (last - first + 1)
    return marked


def test_in_burst_equals_its_twin():
    rng = np.random.default_rng(6)
    for _ in range(2000):
        steps = rng.choice([0.0, 0.01, 0.059, 0.060, 0.0601, 0.3], rng.integers(0, 25),
                           p=[0.05, 0.4, 0.3, 0.05, 0.05, 0.15])  # fmt: skip
        times = np.cumsum(np.concatenate([[0.0], steps]))
        assert trains.in_burst(times).tolist() == naive_in_burst(times.tolist())


def test_runs_equal_their_twin():
    rng = np.random.default_rng(7)
    for _ in range(2000):
        times = np.cumsum(rng.integers(0, 5, rng.integers(0, 15))).astype(float)
        found = trains.runs(times, 2.0)
        edges = [i for i in range(len(times)) if i == 0 or times[i] - times[i - 1] > 2.0]
        stops = [*edges[1:], len(times)] if edges else []
        assert found.tolist() == [[a, b] for a, b in zip(edges, stops, strict=True)]


def test_a_train_that_goes_on_beside_active_time_needs_less():
    times = 10.2 + np.cumsum(np.array([0.0, 0.25, 0.24, 0.17, 0.18, 0.25, 0.26, 0.15]))
    active = np.array([[2.0, 10.0]])
    assert not len(trains.train_spans(times))
    np.testing.assert_allclose(trains.trains_beside(times, active), [[times[0], times[-1]]])
    assert not len(trains.trains_beside(times + 2, active))
    assert not len(trains.trains_beside(times, np.zeros((0, 2))))
    assert not len(trains.trains_beside(times[:0], active))


def test_runs_too_short_for_a_train_do_not_drive_out_what_is_remembered():
    unit = regular(8.0, 30, seed=3)
    expected, before = trains.train_spans(unit), trains._remembered.cache_info()
    isolated = unit[-1] + 5.0 * np.arange(1, 3000)
    spans = trains.train_spans(np.concatenate([unit, isolated, isolated[-1:] + 0.1]))
    after = trains._remembered.cache_info()
    assert (after.misses, after.currsize) == (before.misses, before.currsize)
    np.testing.assert_array_equal(spans, expected)
