"""Brief contractions told by many potentials at once, not by doublets, short runs or chance."""

import numpy as np
import pytest

from emgdetect.detection.firing.together import in_rhythm, together

BRIEF = 60 + np.array([0.0, 0.12, 0.21, 0.30, 0.45, 0.54, 0.75, 0.76])
"""A contraction of less than a second, of which two discharges overlap."""


def marked(times, seconds=180.0, recorded_s=((0.0, 180.0),)):
    order = np.argsort(times, kind="stable")
    out = np.empty(len(times), dtype=bool)
    out[order] = together(
        np.asarray(times)[order], seconds=seconds, recorded_s=np.array(recorded_s)
    )
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


@pytest.mark.parametrize("gap_s", [6000.0, 1e9])
def test_a_gap_is_no_silence_to_tell_clusters_by(gap_s):
    many = 60 + 0.08 * np.arange(12)
    early = np.concatenate([many, np.arange(3.0, 57.0), np.arange(63.0, 89.0)])
    late = np.arange(91.0, 178.0)
    whole = marked(np.concatenate([early, late]))
    apart = marked(np.concatenate([early, late + gap_s]),
                   recorded_s=((0.0, 90.0), (90.0 + gap_s, 180.0 + gap_s)))  # fmt: skip
    assert whole[:12].all()
    np.testing.assert_array_equal(apart, whole)


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


def tremor(seed=0):
    """Thirty bursts at 6 Hz, of one to three potentials."""
    rng = np.random.default_rng(seed)
    at_s = 60 + (np.arange(30) + rng.normal(0, 0.06, 30)) / 6
    return np.sort(np.concatenate([at_s, at_s[::2] + 0.02, at_s[::3] + 0.035]))


def test_bursts_in_the_rhythm_of_a_tremor_are_told_from_potentials_elsewhere():
    away = np.array([5.0, 20.0, 40.0, 90.0, 120.0, 150.0])
    times = np.sort(np.concatenate([tremor(), away]))
    np.testing.assert_array_equal(in_rhythm(times, seconds=180.0), ~np.isin(times, away))
    assert in_rhythm(np.zeros(0), seconds=180.0).shape == (0,)


def test_as_many_at_random_or_in_a_busy_muscle_are_no_tremor():
    random = np.sort(np.random.default_rng(1).uniform(60, 65, 30))
    assert not in_rhythm(random, seconds=180.0).any()
    # A muscle that fires as often all the time is no more regular where it seems so.
    busy = np.random.default_rng(2).uniform(0, 180, 1500)
    assert not in_rhythm(np.sort(np.concatenate([tremor(), busy])), seconds=180.0).any()
