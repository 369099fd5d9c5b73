"""Discharges that no train's number bears, amid the trains of several units."""

import numpy as np

from emgdetect.detection.firing.stragglers import beside_bouts, stragglers

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
        assert stragglers(time_s, *trains(3), seconds=180.0).tolist() == inside(time_s).tolist()


def test_as_many_as_elsewhere_are_fasciculations_and_so_is_what_a_pair_of_units_leaves():
    for seed in range(5):
        assert not stragglers(counted(2, seed=seed), *trains(3), seconds=180.0).any()
        # Two units may be one's that noise confuses: another one is counted between them.
        assert not stragglers(counted(14, seed=seed), *trains(2), seconds=180.0).any()
    busy = np.sort(RNG(1).uniform(0, 180, 360))
    assert not stragglers(busy, *trains(4), seconds=180.0).any()


def test_without_trains_or_without_others_there_are_none():
    nothing = np.zeros(0)
    assert not stragglers(counted(14), nothing, nothing.astype(int), seconds=180.0).any()
    assert stragglers(nothing, *trains(3), seconds=180.0).shape == (0,)


def before(n, n_outside=40, seed=0):
    """Counted potentials, some of them in the two seconds before 60 s, none from there to 66 s."""
    rng = RNG(seed)
    outside = rng.uniform(0, 172, n_outside)
    outside[outside > 57] += 11
    return np.sort(np.concatenate([rng.uniform(58, 60, n), outside[outside < 180]]))


NONE = np.zeros(0), np.zeros(0, dtype=int)
TREMOR = np.array([[60.0, 66.0]])


def test_more_than_a_short_run_as_a_tremor_begins_is_part_of_it():
    for seed in range(5):
        time_s = before(12, seed=seed)
        begins = (time_s >= 58) & (time_s < 60)
        found = beside_bouts(time_s, *NONE, TREMOR, seconds=174.0)
        assert found[begins].all()
        assert not found[(time_s < 57) | (time_s > 69)].any()
        # Trains of several units are a tremor, too, and what begins may also end.
        found = beside_bouts(time_s, *trains(3), np.zeros((0, 2)), seconds=180.0)
        assert found[begins].all()
        found = beside_bouts(126 - time_s[::-1], *NONE, TREMOR, seconds=174.0)
        assert found[begins[::-1]].all()


def test_a_short_run_beside_a_tremor_is_counted_and_so_is_what_is_no_more_than_elsewhere():
    for seed in range(5):
        assert not beside_bouts(before(5, 0, seed=seed), *NONE, TREMOR, seconds=174.0).any()
    busy = np.sort(RNG(1).uniform(0, 60, 240))
    assert not beside_bouts(busy, *NONE, TREMOR, seconds=60.0).any()
    assert not beside_bouts(before(12), *NONE, np.zeros((0, 2)), seconds=174.0).any()
    assert beside_bouts(NONE[0], *NONE, TREMOR, seconds=174.0).shape == (0,)
