"""Brief contractions told by many potentials at once, not by doublets, short runs or chance."""

import numpy as np
import pytest

from emgdetect.detection.together import at_work, together

BRIEF = 60 + np.array([0.0, 0.12, 0.21, 0.30, 0.45, 0.54, 0.75, 0.76])
"""A contraction of less than a second, of which two discharges overlap."""


def marked(times, seconds=180.0):
    order = np.argsort(times, kind="stable")
    out = np.empty(len(times), dtype=bool)
    out[order] = together(np.asarray(times)[order], seconds=seconds)
    return out


def test_a_brief_contraction_is_told_from_potentials_elsewhere():
    away = np.array([5.0, 70.0, 120.0])
    found = marked(np.concatenate([BRIEF, away]))
    assert found.tolist() == [True] * 8 + [False] * 3


def test_what_is_slower_than_a_train_on_average_is_none():
    faster, slower = (60 + interval_s * np.arange(6) for interval_s in (0.24, 0.26))
    assert marked(faster).all()
    assert not marked(slower).any()


def test_pairs_and_a_short_run_are_none():
    pairs = (60 + np.array([0.0, 0.2, 0.5, 0.7, 0.9])[:, None] + np.array([0.0, 0.03])).ravel()
    assert not marked(pairs).any()
    assert marked(np.append(pairs, 61.1)).all()


def test_in_a_busy_muscle_as_many_are_chance():
    busy = np.random.default_rng(3).uniform(0, 180, 720)
    every = marked(np.concatenate([BRIEF, busy]))
    assert not every.any()


def test_where_potentials_come_in_clusters_one_more_is_none():
    clusters = np.sort((20.0 * np.arange(8)[:, None] + np.linspace(0, 1.2, 5)).ravel())
    alone, among = np.array([5.0, 70.0, 120.0]), np.concatenate([BRIEF + 6, clusters])
    assert marked(np.concatenate([BRIEF + 6, alone]))[:8].all()
    assert not marked(among).any()


def test_seconds_of_rest_tell_too_little():
    slower = 1 + 2.2 * (BRIEF[:6] - 60)
    assert marked(slower).all()
    assert not marked(slower, seconds=3.0).any()


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_are_none(n):
    assert marked(BRIEF[:n]).tolist() == [False] * n


def test_chance_alone_is_hardly_ever_taken_for_a_contraction():
    rng = np.random.default_rng(5)
    share = [marked(rng.uniform(0, 180, 180)).mean() for _ in range(100)]
    assert np.mean(share) < 0.001


BUSY = np.array([[50.0, 54.0], [90.0, 92.0]])
"""Trains, 8 s with what lies beside them, of 180 s."""
REST = np.array([[0.0, 180.0]])


def test_potentials_beside_trains_alone_are_weak_discharges():
    beside = np.array([50.5, 52.0, 91.0])
    assert at_work(beside, BUSY, REST).all()
    assert at_work(np.append(beside, 150.0), BUSY, REST).tolist() == [True] * 3 + [False]


def test_a_cluster_counts_once_and_may_fall_there_by_chance():
    assert not at_work(np.array([50.5, 50.6, 51.0]), BUSY, REST).any()


def test_who_fasciculates_all_along_does_so_during_trains():
    every = np.sort(np.concatenate([np.arange(1.0, 180.0, 2.5), [50.7, 90.3]]))
    assert not at_work(every, BUSY, REST).any()


def test_chance_marks_one_recording_in_fifty_at_most():
    rng = np.random.default_rng(6)
    marked = [at_work(np.sort(rng.uniform(0, 180, n)), BUSY, REST).any()
              for n in rng.integers(1, 60, 500)]  # fmt: skip
    assert np.mean(marked) <= 0.02


def test_time_that_is_not_analysed_is_no_rest():
    beside = np.array([50.5, 52.0, 91.0])
    assert not at_work(beside, BUSY, np.array([[49.5, 54.5], [89.5, 92.5], [93, 94]])).any()


def test_nothing_is_at_work_where_nothing_is_or_all_is():
    none = np.zeros(0)
    assert not len(at_work(none, BUSY, REST))
    assert not at_work(np.array([3.0]), np.zeros((0, 2)), REST).any()
    assert not at_work(np.array([3.0]), np.array([[0.0, 180.0]]), REST).any()
