"""One motor unit's discharges under several numbers, told by their timing alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from made_site import all_counted, made_site

from emgdetect.detection.firing.exclusive import (
    are_two,
    keeps_clear,
    not_told_apart,
    of_one_neuron,
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
    kin = [group.tolist() for group in not_told_apart(times, template, [np.arange(3)] * 3)]
    assert kin == [[0, 1], [0, 1], [2]]


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
    made.active_s = np.zeros((0, 2))
    unit = made.found.template
    verdict = judge_timing(made, all_counted(made)).verdict
    assert set(verdict[unit < 2]) == {"train"}
    assert np.mean(verdict[unit == 2] == "fasciculation") > 0.9
