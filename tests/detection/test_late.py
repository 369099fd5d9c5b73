"""What follows a unit at one lag is part of it; what comes at any lag is not."""

import numpy as np

from emgdetect.detection.late import late_components


def train(lags, *, size=8.0, unit=-1):
    """Discharges of unit 0 every 2 s, each followed by something weaker."""
    first = 2.0 * np.arange(1, len(lags) + 1)
    time = np.concatenate([first, first + lags])
    order = np.argsort(time)
    template = np.concatenate([np.zeros(len(lags), int), np.full(len(lags), unit)])[order]
    score = np.concatenate([np.full(len(lags), 20.0), np.full(len(lags), size)])[order]
    return time[order], template, score


def test_a_late_component_at_one_lag_is_none_of_its_own():
    rng = np.random.default_rng(0)
    time, template, score = train(0.016 + rng.normal(0, 3e-4, 12))
    assert late_components(time, template, score).tolist() == (template < 0).tolist()
    time, template, score = train(-0.016 + rng.normal(0, 3e-4, 12), unit=1)
    assert late_components(time, template, score).tolist() == (template == 1).tolist()


def test_other_lags_and_equal_sizes_and_few_are_potentials():
    rng = np.random.default_rng(1)
    assert not late_components(*train(rng.uniform(0.009, 0.024, 12))).any()
    assert not late_components(*train(np.full(12, 0.016), size=19.0)).any()
    assert not late_components(*train(np.full(3, 0.016))).any()
    # Doublets and F responses lie outside.
    assert not late_components(*train(np.full(12, 0.006))).any()
    assert not late_components(*train(np.full(12, 0.030))).any()


def test_tails_of_a_large_potential_reach_further():
    rng = np.random.default_rng(2)
    time, template, score = train(0.034 + rng.normal(0, 3e-4, 12), size=3.0)
    assert late_components(time, template, score).tolist() == (template < 0).tolist()


def test_a_unit_found_only_beside_much_larger_ones_is_part_of_them():
    rng = np.random.default_rng(3)
    time, template, score = train(rng.uniform(0.01, 0.04, 12), size=3.0, unit=1)
    alone = np.arange(101.0, 106.0)
    time = np.concatenate([time, alone])
    template = np.concatenate([template, np.full(len(alone), 1)])
    score = np.concatenate([score, np.full(len(alone), 3.0)])
    assert late_components(time, template, score).tolist() == [*(template == 1)[:24], *[False] * 5]
    # A unit that mostly fires alone may fire beside a larger one, too.
    more = np.concatenate([time, np.arange(201.0, 230.0)])
    template = np.concatenate([template, np.full(29, 1)])
    assert not late_components(more, template, np.concatenate([score, np.full(29, 3.0)])).any()


def test_nothing_found_is_nothing():
    none = np.zeros(0)
    assert late_components(none, none.astype(int), none).shape == (0,)
