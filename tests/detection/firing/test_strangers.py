"""Strangers in a train: potentials of its number that its rhythm has no place for."""

import numpy as np
import pytest

from emgdetect.detection.firing.strangers import strange_units, strangers

PERIOD_S = 0.14
ALIKE = [np.array([0, 1]), np.array([0, 1]), np.array([2])]


def train(n, *, seed, variation=0.1, start=5.0, period_s=PERIOD_S):
    rng = np.random.default_rng(seed)
    return start + np.cumsum(period_s * np.clip(1 + variation * rng.standard_normal(n), 0.6, 1.5))


def named(discharges, others, *, template=0, size=1.0, per_s=1.0):
    """Which discharges and which others are named."""
    time_s = np.concatenate([discharges, others])
    numbers = np.concatenate([np.zeros(len(discharges)), np.full(len(others), template)])
    noise = np.random.default_rng(9).standard_normal(len(time_s))
    score = np.where(np.arange(len(time_s)) < len(discharges), 12.0, 12.0 * size) + noise
    order = np.argsort(time_s)
    found = np.zeros(len(time_s), dtype=bool)
    found[order] = strangers(time_s[order], numbers[order].astype(np.int64), score[order],
                             np.ones(len(time_s), dtype=bool), ALIKE, per_s=per_s)  # fmt: skip
    return found[: len(discharges)], found[len(discharges) :]


def between(discharges, *, share=0.4):
    """A moment in every fifteenth interval."""
    at = np.arange(20, len(discharges) - 20, 15)
    return discharges[at] + share * np.diff(discharges)[at]


@pytest.mark.parametrize("template", [0, 1])
def test_what_falls_between_two_discharges_is_named(template):
    own = train(200, seed=1)
    members, others = named(own, between(own), template=template)
    assert others.mean() > 0.7
    assert members.sum() <= 1


def test_size_tells_two_apart_that_fit_as_well():
    own = train(200, seed=2, variation=0.15)
    close = between(own, share=0.15)
    members, others = named(own, close, size=2.5)
    assert others.mean() > 0.7 and not members.any()


def test_a_train_alone_has_no_strangers():
    for seed in range(5):
        members, _ = named(train(300, seed=seed, variation=0.15), np.zeros(0))
        assert not members.any()


def test_two_trains_of_one_number_are_no_strangers_to_each_other():
    members, others = named(train(200, seed=3), train(200, seed=4, period_s=0.117))
    assert (members.sum() + others.sum()) <= 2


def test_another_units_number_is_not_asked():
    own = train(200, seed=5)
    members, others = named(own, between(own), template=2)
    assert not members.any() and not others.any()


def test_doublets_are_one_units():
    own = train(200, seed=6)
    members, others = named(own, own[20:180:15] + 0.006)
    assert not members.any() and not others.any()


def test_where_nobody_fires_outside_trains_nobody_does_within():
    own = train(200, seed=7)
    members, others = named(own, between(own), per_s=0.0)
    assert not members.any() and not others.any()


def strange(own, extra, elsewhere, *, tonic=False):
    """Which potentials of another number within a train are named; 30 s of 180 are trains."""
    time_s = np.concatenate([own, extra, elsewhere])
    template = np.repeat([0, 1, 1], [len(own), len(extra), len(elsewhere)])
    train = np.repeat([True, True, False], [len(own), len(extra), len(elsewhere)])
    order = np.argsort(time_s)
    regular_own = np.where(template == 1, tonic, True)
    found = np.zeros(len(time_s), dtype=bool)
    found[order] = strange_units(time_s[order], template[order], train[order],
                                 (train & regular_own)[order], ~train[order],
                                 within_s=30.0, outside_s=150.0)  # fmt: skip
    assert not found[template == 0].any() and not found[~train].any()
    return found[len(own) : len(own) + len(extra)]


ELSEWHERE = np.arange(45.0, 175.0, 3.0)


def test_a_unit_that_fires_as_often_elsewhere_is_no_trains():
    own = train(200, seed=8)
    extra = between(own, share=0.5)[:6]
    assert strange(own, extra, ELSEWHERE).mean() > 0.8
    # One that hardly fires elsewhere is the train's under another number, and so is a tonic one.
    assert not strange(own, extra, ELSEWHERE[:3]).any()
    assert not strange(own, extra, ELSEWHERE, tonic=True).any()


def test_where_a_train_misses_a_discharge_it_is_the_trains():
    own = train(200, seed=8)
    missing = np.arange(20, 180, 25)
    assert not strange(np.delete(own, missing), own[missing], ELSEWHERE).any()


def test_nothing_has_no_strangers():
    assert strange(np.zeros(0), np.zeros(0), np.zeros(0)).shape == (0,)
    members, others = named(np.zeros(0), np.zeros(0))
    assert members.shape == others.shape == (0,)
