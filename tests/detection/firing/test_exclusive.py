"""One motor unit's discharges under several numbers, told by their timing alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_site import all_counted, made_site

from emgdetect.detection.firing.exclusive import (
    are_two,
    compatible,
    keeps_clear,
    of_one_neuron,
    of_two_neurons,
)
from emgdetect.detection.verdicts.timing import judge_timing

RNG = np.random.default_rng(3)
TRAIN = 10 + np.cumsum(RNG.normal(0.11, 0.013, 200))
"""A tonic unit at 9 Hz for 22 s."""


def split(share, seed=0):
    """The train's discharges under two numbers, a share of them under the second."""
    second = np.random.default_rng(seed).random(len(TRAIN)) < share
    return TRAIN[~second], TRAIN[second]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_discharges_of_one_train_under_two_numbers_keep_clear(share):
    first, second = split(share)
    assert keeps_clear(first, second)


def test_another_unit_does_not_keep_clear():
    for seed in range(40):
        other = np.sort(np.random.default_rng(seed).uniform(TRAIN[0], TRAIN[-1], 15))
        assert not keeps_clear(TRAIN, other)
    # Nor another train beside it.
    assert not keeps_clear(TRAIN, 10 + np.cumsum(RNG.normal(0.13, 0.015, 150)))


def test_a_rare_unit_says_nothing_of_itself():
    assert not keeps_clear(TRAIN, TRAIN[50:52] + 0.055)
    assert not keeps_clear(TRAIN[:1], TRAIN)
    assert not keeps_clear(TRAIN, np.zeros(0))
    # Before, after and far from the train there is nothing to keep clear of.
    assert not keeps_clear(TRAIN, np.concatenate([np.arange(0, 9, 0.5), np.arange(40, 90, 0.5)]))


def test_every_two_of_a_group_keep_clear():
    first, second = split(0.4)
    other = np.sort(np.random.default_rng(5).uniform(10, 30, 40))
    times = np.concatenate([second, first, other, [12.0]])
    template = np.repeat([0, 1, 2, -1], [len(second), len(first), len(other), 1])
    groups = [group.tolist() for group in of_one_neuron(times, template, 4)]
    assert groups == [[0, 1], [0, 1], [2], [3]]
    assert of_one_neuron(np.zeros(0), np.zeros(0, dtype=int), 0) == []


def test_units_alike_that_fire_close_together_are_two():
    first, second = split(0.3)
    other = np.sort(np.random.default_rng(5).uniform(TRAIN[0], TRAIN[-1], 12))
    assert are_two(TRAIN, other)
    assert are_two(other, TRAIN)
    assert not are_two(first, second)
    assert not are_two(TRAIN, other[:3])
    other = np.sort(np.random.default_rng(6).uniform(TRAIN[0], TRAIN[-1], 60))
    times = np.concatenate([first, second, other])
    template = np.repeat([0, 1, 2], [len(first), len(second), len(other)])
    alone = [np.array([unit]) for unit in range(3)]
    two = of_two_neurons(times, template, alone)
    assert [others.tolist() for others in two] == [[2], [2], [0, 1]]
    # A unit of which nothing is known is of one of them at most, of the more frequent one.
    two = [*two, np.zeros(0, dtype=int)]
    assert compatible(3, np.arange(4), two, template).tolist() == [0, 1, 3]
    assert compatible(2, np.arange(4), two, template).tolist() == [2, 3]


def test_a_number_that_tells_nothing_alone_is_told_by_its_motor_unit():
    rng = np.random.default_rng(9)
    number = np.where(rng.random(len(TRAIN)) < 0.06, 1, 0)
    other = np.sort(rng.uniform(TRAIN[0], TRAIN[-1], 25))
    times, template = np.append(TRAIN, other), np.append(number, np.full(25, 2))
    alone = of_two_neurons(times, template, [np.array([0]), np.array([1]), np.array([2])])
    whole = of_two_neurons(times, template, [np.array([0, 1]), np.array([0, 1]), np.array([2])])
    assert [others.tolist() for others in alone] == [[2], [], [0]]
    assert [others.tolist() for others in whole] == [[2], [2], [0, 1]]
    assert of_two_neurons(np.zeros(0), np.zeros(0, dtype=int), []) == []


def test_a_train_is_a_train_under_numbers_of_different_waveforms():
    """Each number alone fires too irregularly here and there."""
    first, second = split(0.4, seed=2)
    alone = np.random.default_rng(7).uniform(12, 30, 12)
    times = np.concatenate([first, second, alone])
    units = np.repeat([0, 1, 2], [len(first), len(second), len(alone)])
    made = made_site("BICEPS L", times, units, np.repeat([80.0, 110.0, 50.0],
                     [len(first), len(second), len(alone)]))  # fmt: skip
    wave = np.linspace(-1, 1, 41)
    nothing = SimpleNamespace(
        time_s=np.zeros(0), template=np.zeros(0, dtype=int), score=np.zeros(0)
    )
    shapes = np.stack([wave * np.exp(-(wave**2) * 9), np.exp(-(wave**2) * 9), np.sin(9 * wave)])
    made.templates = (30 * shapes[:, None]).astype(np.float32)
    made.faint = made.aside = nothing
    made.active_s = made.thronged_s = np.zeros((0, 2))
    unit = made.found.template
    verdict = judge_timing(made, all_counted(made)).verdict
    assert set(verdict[unit < 2]) == {"train"}
    assert np.mean(verdict[unit == 2] == "fasciculation") > 0.9
