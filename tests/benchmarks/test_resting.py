"""Potentials added to real rest: what is quiet, what is owed, what a matched filter finds."""

import numpy as np
import pytest

import emgdetect as emg
from benchmarks import resting, stretches

HZ = 1000.0


def channel(courses, seed=0, hz=HZ):
    """White noise of an RMS for some seconds, of another for the next, and so on."""
    rng = np.random.default_rng(seed)
    pieces = [rms * rng.standard_normal(round(seconds * hz)) for seconds, rms in courses]
    return stretches.Real("EMG BICEPS L", np.concatenate(pieces), hz)


def test_quiet_is_less_than_twice_the_tenth_percentile_for_a_second_and_a_half():
    real = channel([(4, 2.0), (3, 30.0), (1, 2.0), (3, 30.0), (3, 2.0)])
    (first, second) = stretches.quiet_spans(real)
    np.testing.assert_allclose([first, second], [(0, 4), (11, 14)], atol=0.26)
    assert stretches.quiet_spans(channel([(10, 30.0)])) == []


def test_a_weak_contraction_may_be_quiet_and_is_no_rest():
    """A muscle that rests for less than a tenth of the time has its percentile in activity."""
    real = channel([(2, 1.5), (10, 3.0), (20, 40.0)])
    spans = stretches.quiet_spans(real)
    assert spans[0][1] > 11.5
    calm = stretches.resting_windows(real)
    # The hum filter is circular: the loud end rings into the first window.
    assert calm[1:7].all()
    assert not calm[9:].any()


def test_missing_samples_are_no_rest():
    real = channel([(4, 2.0), (4, 2.0)])
    real.signal_uv[1000:1300] = np.nan
    calm = stretches.resting_windows(real)
    assert not calm[4:6].any()
    assert calm[8:].all()


def test_owed_is_what_stands_out_of_the_noise_around_it():
    real = channel([(6, 2.0), (6, 3.0)])
    tests = [stretches.added(real, [(0.0, 12.0)], np.zeros(0), np.random.default_rng(seed))
             for seed in range(20)]  # fmt: skip
    late = np.concatenate([test.peak_s > 6.3 for test in tests])
    early = np.concatenate([test.peak_s < 5.7 for test in tests])
    ratio = np.concatenate([test.ratio for test in tests])
    # The units are as high on both sides, the noise is not.
    assert np.median(ratio[early]) / np.median(ratio[late]) == pytest.approx(1.5, rel=0.25)
    owed = np.concatenate([test.owed for test in tests])
    np.testing.assert_array_equal(owed, ratio >= 6)
    assert 0 < owed.mean() < 1


def test_potentials_lie_in_the_stretches_away_from_what_is_there():
    real, taken = channel([(20, 2.0)]), np.arange(0.5, 20, 1.0)
    test = stretches.added(real, [(2.0, 8.0), (12.0, 18.0)], taken, np.random.default_rng(1))
    assert len(test.peak_s) > 2
    assert np.all(np.diff(test.peak_s) > 0)
    inside = ((test.peak_s > 2) & (test.peak_s < 8)) | ((test.peak_s > 12) & (test.peak_s < 18))
    assert inside.all()
    # Peaks lie some milliseconds from the discharge that was kept away.
    assert np.abs(test.peak_s[:, None] - taken).min() > 0.08
    assert len(test.units) == 2


@pytest.mark.parametrize("hz", [500.0, 1000.0, 2000.0])
def test_the_ceiling_keeps_its_budget_whatever_the_rate(hz):
    """Without potentials it finds nothing at chosen moments; with large ones it finds them all."""
    real = channel([(40, 2.0)], hz=hz)
    spans = [(1.0, 39.0)]
    test = stretches.added(real, spans, np.zeros(0), np.random.default_rng(3))
    assert resting.by_ceiling(real, spans, test, 0.2)[test.ratio > 9].all()
    bare = stretches.Added(real.signal_uv, np.arange(1.5, 38.5, 0.031), np.zeros(0), np.zeros(0),
                           test.units)  # fmt: skip
    assert resting.by_ceiling(real, spans, bare, 0.2).mean() < 0.01
    # A budget that allows an alarm at every moment makes the same noise an alarm.
    assert resting.by_ceiling(real, spans, bare, 20_000.0).mean() > 0.3


def test_the_ceiling_follows_the_level_of_the_noise():
    real = channel([(20, 2.0), (20, 6.0)])
    spans = [(1.0, 39.0)]
    test = stretches.added(real, spans, np.zeros(0), np.random.default_rng(5))
    bare = stretches.Added(real.signal_uv, np.arange(21.0, 38.5, 0.031), np.zeros(0), np.zeros(0),
                           test.units)  # fmt: skip
    assert resting.by_ceiling(real, spans, bare, 0.2).mean() < 0.02


def test_recall_of_a_stretch_counts_what_became_of_each_potential():
    real = channel([(30, 2.0)])
    fate = resting.fates(real, [(1.0, 29.0)], np.zeros(0), emg.Config())
    assert len(fate.owed) >= resting.LEAST_ADDED
    assert fate.counted[fate.owed].mean() > 0.85
    assert np.all(fate.seen >= fate.counted)
    assert fate.resting.mean() > 0.95
    assert fate.ceiling[fate.owed].mean() >= fate.counted[fate.owed].mean()
