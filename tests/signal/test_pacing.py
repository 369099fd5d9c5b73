"""Which of several candidates are beats: those in rhythm."""

import numpy as np
import pytest

from emgdetect.signal.pacing import STEADY, in_rhythm, rhythm_of


def heart(seed, *, n=150, variation=0.04):
    rng = np.random.default_rng(seed)
    return 0.4 + np.cumsum(0.85 * (1 + variation * rng.standard_normal(n)))


def chosen(at_s, weight, beats_s):
    return in_rhythm(np.asarray(at_s), np.asarray(weight), np.asarray(beats_s))


@pytest.mark.parametrize(("variation", "least"), [(0, 1), (0.02, 0.9), (0.06, 0.85), (0.1, 0.7)])
def test_a_larger_wave_near_a_beat_gives_way_to_the_beat_in_rhythm(variation, least):
    beats = heart(1, variation=variation)
    rng = np.random.default_rng(2)
    hidden = np.arange(3, len(beats) - 3, 7)
    larger = beats[hidden] + rng.choice([-1, 1], len(hidden)) * rng.uniform(0.15, 0.24, len(hidden))
    weight = np.ones(len(beats))
    weight[hidden] = 0.7
    at = np.concatenate([beats, larger])
    order = np.argsort(at)
    known = np.sort(np.concatenate([np.delete(beats, hidden), larger]))
    kept = at[order][chosen(at[order], np.append(weight, np.ones(len(larger)))[order], known)]
    met = np.isin(beats[hidden], kept)
    assert met.mean() >= least
    assert np.isin(np.delete(beats, hidden), kept).all()


def test_an_early_beat_of_the_usual_shape_stays():
    beats = heart(3)
    beats[60] -= 0.3
    np.testing.assert_array_equal(chosen(beats, np.ones(len(beats)), beats), np.arange(len(beats)))


def test_beats_after_a_long_pause_are_kept():
    beats = heart(4)
    beats[70:] += 20.0
    np.testing.assert_array_equal(chosen(beats, np.ones(len(beats)), beats), np.arange(len(beats)))


def test_weak_candidates_between_beats_are_left_out():
    beats = heart(5)
    at = np.sort(np.concatenate([beats, beats + 0.4]))
    weight = np.where(np.isin(at, beats), 1.0, 0.4)
    kept = at[chosen(at, weight, beats)]
    np.testing.assert_array_equal(kept, beats)


def test_two_candidates_are_never_nearer_than_the_refractory_time():
    rng = np.random.default_rng(6)
    at = np.sort(rng.uniform(0, 60, 400))
    kept = at[chosen(at, rng.uniform(0.3, 1, 400), heart(7))]
    assert len(kept) > 40
    assert np.diff(kept).min() >= 0.25


def test_no_candidates_give_none():
    assert len(chosen([], [], heart(8))) == 0


def test_the_spread_tells_sinus_rhythm_from_atrial_fibrillation():
    assert rhythm_of(heart(9, variation=0.05))[1] < STEADY
    assert rhythm_of(heart(9, variation=0.25))[1] > STEADY
    assert rhythm_of(heart(9, variation=0.0))[1] == pytest.approx(0.03)
