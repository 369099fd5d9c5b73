"""Discharges that no train's number bears, amid the trains of several units."""

import numpy as np

from emgdetect.detection.firing.stragglers import stragglers, train_bouts

RNG = np.random.default_rng


def trains(n_units, start_s=60.0, stop_s=66.0, rate_hz=6.0):
    """Discharges of regular units and the number of each, in order of time."""
    n = round((stop_s - start_s) * rate_hz)
    time_s = np.concatenate([start_s + 0.03 * k + np.arange(n) / rate_hz for k in range(n_units)])
    number = np.repeat(np.arange(n_units), n)
    order = np.argsort(time_s, kind="stable")
    return time_s[order], number[order]


def counted(n_inside, n_outside=40, seed=0):
    rng = RNG(seed)
    outside = rng.uniform(0, 177, n_outside)
    outside[outside > 59] += 12
    return np.sort(np.concatenate([rng.uniform(60, 66, n_inside), outside[outside < 180]]))


def inside(time_s):
    return (time_s >= 60) & (time_s < 66)


def test_more_than_elsewhere_amid_several_trains_are_part_of_them():
    for seed in range(5):
        time_s = counted(14, seed=seed)
        found = stragglers(time_s, train_bouts(*trains(3)), seconds=180.0)
        assert found.tolist() == inside(time_s).tolist()


def test_as_many_as_elsewhere_are_fasciculations_and_so_is_what_a_pair_of_units_leaves():
    for seed in range(5):
        assert not stragglers(counted(2, seed=seed), train_bouts(*trains(3)), seconds=180.0).any()
        # Two units may be one's that noise confuses: another one is counted between them.
        assert not stragglers(counted(14, seed=seed), train_bouts(*trains(2)), seconds=180.0).any()
    busy = np.sort(RNG(1).uniform(0, 180, 360))
    assert not stragglers(busy, train_bouts(*trains(4)), seconds=180.0).any()


def test_without_trains_or_without_others_there_are_none():
    nothing = np.zeros(0)
    assert not stragglers(
        counted(14), train_bouts(nothing, nothing.astype(int)), seconds=180.0
    ).any()
    assert stragglers(nothing, train_bouts(*trains(3)), seconds=180.0).shape == (0,)
