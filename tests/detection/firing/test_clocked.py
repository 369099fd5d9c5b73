"""Pulses of an apparatus among a muscle's potentials, told by their period."""

import numpy as np
import pytest

from emgdetect.detection.firing.clocked import clocked


def among(pulses_s, rng, n=60):
    """Pulses and potentials at random, in order, and which are pulses."""
    times = np.concatenate([pulses_s, rng.uniform(0, 60, n)])
    order = np.argsort(times)
    return times[order], (np.arange(len(times)) < len(pulses_s))[order]


@pytest.mark.parametrize("seed", range(5))
def test_pulses_of_a_pacemaker_are_in_step_and_a_muscles_potentials_are_not(seed):
    rng = np.random.default_rng(seed)
    ventricle = np.arange(1, 59, 0.857)
    pulses = np.sort(np.concatenate([ventricle - 0.16, ventricle]) + rng.normal(0, 0.0005, 136))
    pulses = pulses[rng.random(len(pulses)) < 0.8]
    times, true = among(pulses, rng)
    told = clocked(times)
    assert told[true].mean() > 0.9
    # Chance puts one in twenty a period from another.
    assert told[~true].mean() < 0.12


@pytest.mark.parametrize("seed", range(5))
def test_neither_chance_nor_a_slow_unit_a_heart_or_a_train_is_in_step(seed):
    rng = np.random.default_rng(seed)
    assert not clocked(np.sort(rng.uniform(0, 180, 450))).any()
    for interval_s, spread in ((1.1, 0.1), (0.85, 0.04), (0.12, 0.1)):
        n = int(180 / interval_s)
        assert clocked(np.cumsum(rng.normal(interval_s, spread * interval_s, n))).mean() < 0.1


def test_of_few_or_no_events_none_is():
    assert clocked(np.zeros(0)).shape == (0,)
    assert not clocked(np.arange(8.0)).any()
    assert clocked(np.arange(30.0)).all()
