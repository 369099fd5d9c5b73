"""Weak bursts of several units, and weak units that know nothing of each other."""

import numpy as np
import pytest

from emgdetect.detection.firing.flocks import flocks


def in_order(times_s, unit):
    order = np.argsort(times_s, kind="stable")
    return times_s[order], unit[order]


def breathing(rng, n=5):
    """Bursts of a second every four, each with some potentials of six units."""
    starts = np.arange(2, 178, 4.0) + rng.normal(0, 0.3, 44)
    times = (starts[:, None] + rng.uniform(0, 0.9, (44, n))).ravel()
    return in_order(times, rng.integers(0, 6, len(times)))


@pytest.mark.parametrize("seed", range(5))
def test_bursts_of_several_weak_units_are_told(seed):
    assert flocks(*breathing(np.random.default_rng(seed))).mean() > 0.75


@pytest.mark.parametrize("seed", range(5))
def test_units_that_know_nothing_of_each_other_are_not(seed):
    rng = np.random.default_rng(seed)
    assert not flocks(*in_order(rng.uniform(0, 180, 300), rng.integers(0, 6, 300))).any()
    # Nor clusters of each unit alone, nor a rate that drifts.
    starts = rng.uniform(0, 175, 40)
    times = (starts[:, None] + rng.uniform(0, 1.2, (40, 3))).ravel()
    assert not flocks(*in_order(times, np.repeat(rng.integers(0, 6, 40), 3))).any()
    drifting = np.sqrt(rng.uniform(0, 1, 300)) * 180
    assert not flocks(*in_order(drifting, rng.integers(0, 6, 300))).any()


def test_of_few_or_none_nothing_is_said():
    assert flocks(np.zeros(0), np.zeros(0, dtype=int)).shape == (0,)
    assert not flocks(np.array([1.0, 1.1, 1.3]), np.array([0, 1, 2])).any()
    assert not flocks(*(part[:12] for part in breathing(np.random.default_rng(0)))).any()
