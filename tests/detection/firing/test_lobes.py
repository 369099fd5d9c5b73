"""Lobes of large potentials among candidates, against discharges of several units."""

import numpy as np

from emgdetect.detection.firing.lobes import lobes
from emgdetect.detection.rest.crowding import crowded_spans


def long_potentials(n, *, seed, spread_s=0.0005):
    """Three candidates for each discharge of a train at 8 Hz: onset, main deflection, end."""
    rng = np.random.default_rng(seed)
    main = 5 + np.cumsum(0.125 * (1 + 0.1 * rng.standard_normal(n)))
    time_s = np.concatenate([main + lag + spread_s * rng.standard_normal(n)
                             for lag in (-0.026, 0.0, 0.012)])  # fmt: skip
    score = np.repeat([10.0, 38.0, 18.0], n) * (1 + 0.1 * rng.standard_normal(3 * n))
    order = np.argsort(time_s)
    return time_s[order], score[order], np.repeat([True, False, True], n)[order]


def test_lobes_of_a_train_are_found_and_its_discharges_are_none():
    time_s, score, part = long_potentials(80, seed=1)
    found = lobes(time_s, score)
    assert found[part].mean() > 0.95 and not found[~part].any()
    assert len(crowded_spans(time_s)) and not len(crowded_spans(time_s[~found]))


def test_four_discharges_far_larger_than_their_lobes_are_no_crowd():
    # A short run of 50 times the noise that had been excluded as a tremor.
    main, lags = np.array([92.018, 92.324, 92.525, 92.694]), np.array([-0.021, 0.0, 0.024])
    jitter = 0.0005 * np.random.default_rng(4).standard_normal((4, 3))
    time_s = np.ravel(main[:, None] + lags + jitter)
    score = np.tile([12.0, 67.0, 7.0], 4)
    assert len(crowded_spans(time_s))
    found = lobes(time_s, score)
    assert found.tolist() == [True, False, True] * 4
    assert not len(crowded_spans(time_s[~found]))
    assert not lobes(time_s[:9], score[:9]).any()


def test_units_that_fire_together_keep_no_lag():
    rng = np.random.default_rng(2)
    bursts = np.arange(5.0, 15.0, 0.17)
    time_s = np.sort((bursts[:, None] + rng.uniform(0, 0.08, (len(bursts), 5))).ravel())
    found = lobes(time_s, np.exp(0.6 * rng.standard_normal(len(time_s))) * 10)
    assert found.mean() < 0.02
    assert len(crowded_spans(time_s[~found]))


def test_a_few_at_one_lag_may_be_chance_and_nothing_has_none():
    time_s, score, part = long_potentials(3, seed=3)
    assert not lobes(time_s, score).any()
    time_s, score, part = long_potentials(5, seed=3)
    score[part] = 20.0
    assert not lobes(time_s, score).any()
    assert lobes(np.zeros(0), np.zeros(0)).shape == (0,)
