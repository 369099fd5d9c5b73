"""Brief contractions told by many potentials at once, not doublets, runs, one unit or chance."""

import numpy as np
import pytest

from emgdetect.detection.together import together

BRIEF = 60 + np.array([0.0, 0.12, 0.21, 0.30, 0.45, 0.54, 0.75, 0.76])
"""A contraction of less than a second, of which two discharges overlap."""
UNITS = np.array([1, 2, 1, 3, 2, -1, 1, 3])


def marked(times, units, seconds=180.0):
    order = np.argsort(times, kind="stable")
    out = np.empty(len(times), dtype=bool)
    out[order] = together(np.asarray(times)[order], np.asarray(units)[order], seconds=seconds)
    return out


def test_a_brief_contraction_of_several_units_is_told_from_potentials_elsewhere():
    away = np.array([5.0, 70.0, 120.0])
    found = marked(np.concatenate([BRIEF, away]), np.concatenate([UNITS, [1, 2, -1]]))
    assert found.tolist() == [True] * 8 + [False] * 3


def test_one_unit_is_judged_by_its_own_timing():
    assert not marked(BRIEF, np.full(8, 4)).any()
    assert not marked(BRIEF, np.array([4, 4, 4, 4, 4, 4, 4, 1])).any()


def test_pairs_and_a_short_run_are_none():
    pairs = (60 + np.array([0.0, 0.2, 0.5, 0.7, 0.9])[:, None] + np.array([0.0, 0.03])).ravel()
    assert not marked(pairs, np.tile([0, 1], 5)).any()
    assert marked(np.append(pairs, 61.1), np.tile([0, 1], 6)[:11]).all()


def test_in_a_busy_muscle_as_many_are_chance():
    busy = np.random.default_rng(3).uniform(0, 180, 720)
    units = np.random.default_rng(4).integers(0, 3, 720)
    every = marked(np.concatenate([BRIEF, busy]), np.concatenate([UNITS, units]))
    assert not every.any()


def test_where_potentials_come_in_clusters_one_more_is_none():
    clusters = np.sort((20.0 * np.arange(8)[:, None] + np.linspace(0, 1.2, 5)).ravel())
    units = np.tile([1, 2, 3, 1, 2], 8)
    alone, among = np.array([5.0, 70.0, 120.0]), np.concatenate([BRIEF + 6, clusters])
    assert marked(np.concatenate([BRIEF + 6, alone]), np.concatenate([UNITS, [1, 2, 3]]))[:8].all()
    assert not marked(among, np.concatenate([UNITS, units])).any()


def test_seconds_of_rest_tell_too_little():
    slower = 1 + 1.5 * (BRIEF[:6] - 60)
    assert marked(slower, UNITS[:6]).all()
    assert not marked(slower, UNITS[:6], seconds=3.0).any()


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_are_none(n):
    assert marked(BRIEF[:n], UNITS[:n]).tolist() == [False] * n


def test_chance_alone_is_hardly_ever_taken_for_a_contraction():
    rng = np.random.default_rng(5)
    share = [marked(rng.uniform(0, 180, 180), rng.integers(-1, 4, 180)).mean() for _ in range(100)]
    assert np.mean(share) < 0.001
