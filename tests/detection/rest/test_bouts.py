"""Weak bouts that come again and again, and what looks like half of them."""

import numpy as np
import pytest

from emgdetect.detection.rest.bouts import Sized, bouts
from emgdetect.signal.spans import covers, total

CELL_S = np.stack([np.arange(720), np.arange(1, 721)], axis=1) * 0.25
ALL_S = np.array([[0.0, 180.0]])
STARTS_S = np.arange(2.0, 176.0, 4.0)
SPANS_S = np.stack([STARTS_S, STARTS_S + 1.25], axis=1)


def level_of(rng, spans_s, by=1.3):
    level = np.exp(rng.normal(0, 0.08, len(CELL_S)))
    level[covers(spans_s, CELL_S.mean(axis=1))] *= by
    return level


def potentials(time_s, unit, weak=True):
    order = np.argsort(time_s)
    return Sized(time_s[order], unit[order], np.full(len(order), 0.5 if weak else 2.0))


def amid(rng, n=4):
    """Potentials of six units within each bout."""
    time_s = (STARTS_S[:, None] + rng.uniform(0, 1.25, (len(STARTS_S), n))).ravel()
    return potentials(time_s, rng.integers(0, 6, len(time_s)))


@pytest.mark.parametrize("seed", range(5))
def test_bouts_are_told_and_the_time_between_is_kept(seed):
    rng = np.random.default_rng(seed)
    found = bouts(CELL_S, level_of(rng, SPANS_S), ALL_S, amid(rng))
    centre = CELL_S.mean(axis=1)
    inside, told = covers(SPANS_S, centre), covers(found, centre)
    assert told[inside].mean() > 0.7
    assert told[~inside].mean() < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_units_that_come_together_over_steady_noise_are_counted(seed):
    rng = np.random.default_rng(seed)
    assert not len(bouts(CELL_S, level_of(rng, SPANS_S, by=1.0), ALL_S, amid(rng)))


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_fluctuates_under_units_that_know_nothing_of_each_other_is_rest(seed):
    rng = np.random.default_rng(seed)
    apart = potentials(rng.uniform(0, 180, 200), rng.integers(0, 6, 200))
    assert not len(bouts(CELL_S, level_of(rng, SPANS_S), ALL_S, apart))
    # Nor clusters of one unit each.
    own = np.repeat(rng.integers(0, 6, len(STARTS_S)), 4)
    clusters = potentials(amid(rng).time_s, own)
    assert not len(bouts(CELL_S, level_of(rng, SPANS_S), ALL_S, clusters))


@pytest.mark.parametrize("seed", range(5))
def test_potentials_that_only_louder_noise_makes_weak_are_no_company(seed):
    rng = np.random.default_rng(seed)
    level = level_of(rng, SPANS_S, by=2.0)
    time_s, unit = np.sort(rng.uniform(0, 180, 400)), rng.integers(0, 6, 400)
    # All of one size; a score is that over the noise.
    size = np.where(covers(SPANS_S, time_s), 1.4 / 2.0, 1.4)
    assert not len(bouts(CELL_S, level, ALL_S, Sized(time_s, unit, size)))


def test_clear_potentials_tell_no_weak_bouts():
    rng = np.random.default_rng(0)
    weak = amid(rng)
    clear = potentials(weak.time_s, weak.unit, weak=False)
    assert not len(bouts(CELL_S, level_of(rng, SPANS_S), ALL_S, clear))


def test_a_large_potential_between_two_bouts_is_kept_though_its_cell_is_louder():
    rng = np.random.default_rng(1)
    weak, level = amid(rng), level_of(rng, SPANS_S)
    lone = np.array([61.0 - 0.125, 101.0 - 0.125])
    level[np.searchsorted(CELL_S[:, 0], lone) - 1] = 1.8
    level[np.searchsorted(CELL_S[:, 0], lone) - 2] = level[np.searchsorted(CELL_S[:, 0], lone)] = 1
    time_s = np.concatenate([weak.time_s, lone])
    order = np.argsort(time_s)
    every = Sized(time_s[order], np.append(weak.unit, [6, 6])[order],
                  np.where(order < len(weak.unit), 0.5, 2.0))  # fmt: skip
    found = bouts(CELL_S, level, ALL_S, every)
    assert len(found)
    assert not covers(found, lone).any()


def test_excluded_time_tells_nothing():
    rng = np.random.default_rng(2)
    rest_s = np.stack([STARTS_S + 1.25, STARTS_S + 4.0], axis=1)
    assert not len(bouts(CELL_S, level_of(rng, SPANS_S), rest_s, amid(rng)))


def test_nothing_is_said_of_few_or_none():
    rng = np.random.default_rng(3)
    level = level_of(rng, SPANS_S)
    nothing = potentials(np.zeros(0), np.zeros(0, dtype=int))
    assert bouts(CELL_S, level, ALL_S, nothing).shape == (0, 2)
    assert total(bouts(CELL_S, level, ALL_S, potentials(np.array([2.1, 2.4]), np.arange(2)))) == 0
    assert bouts(CELL_S[:0], level[:0], ALL_S[:0], amid(rng)).shape == (0, 2)
