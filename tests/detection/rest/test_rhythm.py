"""Tremor, told by the rhythm of the score's maxima."""

import numpy as np
import pytest

from emgdetect.detection.rest import maxima, rhythm
from emgdetect.detection.rest.crowding import TREMOR_HZ

NONE = np.zeros(0, dtype=np.int64)
NO_BEATS = np.zeros(0)
ALL = np.array([[0.0, 1e5]])


def noise(rng, stop_s, *, per_s=20.0):
    """Times and scores of maxima of noise."""
    n = rng.poisson(per_s * stop_s)
    return np.sort(rng.uniform(0, stop_s, n)), np.sqrt(9 + rng.exponential(2.0, n))


def bursts(rng, start_s, stop_s, *, hz=5.5, spread_s=0.02, per_burst=3.0):
    """Maxima of a tremor: a few around the middle of each burst, whose rhythm wanders a little."""
    n = 2 * round((stop_s - start_s) * hz)
    middles = start_s + np.cumsum(rng.normal(1 / hz, 0.05 / hz, n))
    middles = middles[middles < stop_s]
    times = np.repeat(middles, rng.poisson(per_burst, len(middles)))
    times = times + rng.normal(0, spread_s, len(times))
    return times, rng.uniform(3.5, 7.0, len(times))


def together(*parts):
    time_s = np.concatenate([part[0] for part in parts])
    order = np.argsort(time_s)
    return time_s[order], np.concatenate([part[1] for part in parts])[order]


def spans_of(maxima_s, scores, found_s, template, beats_s, recorded_s=ALL):
    free = free_maxima(maxima_s, scores, found_s, template, beats_s)
    return rhythm.tremor_spans(*rhythm.courses(*free, beats_s, recorded_s))


def free_maxima(maxima_s, scores, found_s, template, beats_s):
    free = maxima.is_free(maxima_s, found_s, template, beats_s)
    return maxima_s[free], rhythm.weights_of(scores[free])


@pytest.mark.parametrize("hz", [4.0, 5.5, 8.0])
def test_tremor_is_found_with_its_ends_within_half_a_window(hz):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        maxima = together(noise(rng, 60.0), bursts(rng, 20.0, 32.0, hz=hz))
        spans = spans_of(*maxima, np.zeros(0), NONE, NO_BEATS)
        over = spans[(spans[:, 0] < 26) & (spans[:, 1] > 26)]
        assert np.abs(over - [20.0, 32.0]).max() <= 1.5


def test_potentials_at_random_are_no_tremor_however_many():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        large = np.sort(rng.uniform(0, 120, 320))
        maxima = together(noise(rng, 120.0), (large, rng.uniform(6, 60, len(large))))
        assert len(spans_of(*maxima, np.zeros(0), NONE, NO_BEATS)) == 0


def test_noise_is_taken_for_tremor_in_two_minutes_of_a_hundred_at_most():
    rng = np.random.default_rng(10)
    spans = [spans_of(*noise(rng, 60.0), np.zeros(0), NONE, NO_BEATS) for _ in range(200)]
    assert sum(map(len, spans)) <= 4


def test_a_tonic_unit_is_none_when_its_discharges_are_known():
    rng = np.random.default_rng(3)
    unit = 20 + np.cumsum(rng.normal(0.15, 0.02, 100))
    maxima = together(noise(rng, 60.0), (unit, np.full(len(unit), 9.0)))
    assert len(spans_of(*maxima, unit, np.zeros(len(unit), dtype=np.int64), NO_BEATS)) == 0
    assert len(spans_of(*maxima, unit, np.full(len(unit), -1), NO_BEATS)) == 1


def heart(rng, stop_s, *, beat_s, spread=0.02):
    """Times of beats, and maxima of what is left of each."""
    beats_s = np.cumsum(beat_s * (1 + spread * rng.standard_normal(round(stop_s / beat_s) - 2)))
    lag_s = rng.normal(0, 0.012, 2 * len(beats_s))
    left = np.sort(np.repeat(beats_s, 2) + np.clip(lag_s, -0.04, 0.04))
    return beats_s, (left, rng.uniform(4, 9, len(left)))


@pytest.mark.parametrize("beat_s", [0.40, 0.47, 0.67])
def test_what_is_left_of_heart_beats_is_no_tremor(beat_s):
    lost = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        beats_s, left = heart(rng, 60.0, beat_s=beat_s)
        time_s, scores = together(noise(rng, 60.0), left)
        lost += len(spans_of(time_s, scores, np.zeros(0), NONE, NO_BEATS))
        assert len(spans_of(time_s, scores, np.zeros(0), NONE, beats_s)) == 0
    assert lost >= 5


def test_a_heart_in_bigeminy_that_nobody_found_is_no_tremor():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        gap_s = np.tile([0.55, 1.2], 50)
        beats_s = np.cumsum(gap_s * rng.normal(1, 0.02, len(gap_s)))
        parts_s = np.sort(np.concatenate([beats_s - 0.03, beats_s, beats_s + 0.03]))
        maxima = together(noise(rng, 90.0, per_s=2.0), (parts_s, rng.uniform(5, 15, len(parts_s))))
        assert len(spans_of(*maxima, np.zeros(0), NONE, NO_BEATS)) == 0


def test_doublets_at_random_are_taken_for_tremor_once_in_twenty_minutes_at_most():
    spans = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        first = rng.uniform(0, 120, 160)
        large = np.sort(np.concatenate([first, first + rng.uniform(0.005, 0.02, len(first))]))
        maxima = together(noise(rng, 120.0, per_s=3.0), (large, rng.uniform(6, 60, len(large))))
        spans += list(spans_of(*maxima, np.zeros(0), NONE, NO_BEATS))
    assert len(spans) <= 4


@pytest.mark.parametrize("hz", [4.0, 5.5, 8.0])
def test_tremor_is_found_beside_the_heart(hz):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        beats_s, left = heart(rng, 60.0, beat_s=0.47)
        time_s, scores = together(noise(rng, 60.0), bursts(rng, 20.0, 32.0, hz=hz), left)
        spans = spans_of(time_s, scores, np.zeros(0), NONE, beats_s)
        over = spans[(spans[:, 0] < 26) & (spans[:, 1] > 26)]
        assert np.abs(over - [20.0, 32.0]).max() <= 1.5


def test_a_slow_rhythm_is_none():
    rng = np.random.default_rng(4)
    unit = np.cumsum(rng.normal(1.1, 0.16, 100))
    maxima = together(noise(rng, 110.0), (unit, np.full(len(unit), 12.0)))
    assert len(spans_of(*maxima, np.zeros(0), NONE, NO_BEATS)) == 0


def test_a_span_over_the_edge_of_a_block_is_one():
    rng = np.random.default_rng(5)
    edge = rhythm.BLOCK_S
    maxima = together(noise(rng, edge + 60), bursts(rng, edge - 20, edge + 20))
    spans = spans_of(*maxima, np.zeros(0), NONE, NO_BEATS)
    assert len(spans) == 1
    assert np.abs(spans[0] - [edge - 20, edge + 20]).max() <= 1.5


def test_power_is_that_of_a_plain_sum():
    rng = np.random.default_rng(6)
    middle_s = np.repeat(rng.uniform(0, 10, 16), 5)
    time_s, weights = np.sort(middle_s + rng.uniform(0, 0.04, 80)), rng.uniform(0.5, 25, 80)
    power = rhythm.rhythm_power(time_s, weights, np.array([5.0]), window_s=3.0,
                                beats_s=NO_BEATS)  # fmt: skip
    own = (time_s >= 3.5) & (time_s < 6.5)
    hz = np.arange(TREMOR_HZ[0], TREMOR_HZ[1], 0.5 / 3)
    plain = [abs(sum(w * np.exp(2j * np.pi * f * t) for t, w in
                     zip(time_s[own], weights[own], strict=True))) ** 2 for f in hz]  # fmt: skip
    assert power[0] == pytest.approx(max(plain) / sum(weights[own] ** 2), rel=1e-9)
    near = np.abs(time_s - time_s[own, None]) <= rhythm.TOGETHER_S
    products = np.sum(weights[own, None] * near * weights)
    expected = 2 * rhythm.TOGETHER_S * sum(weights[own]) ** 2 / 3.0
    share = rhythm.CLUSTER_SHARE * (products - expected)
    assert share > sum(weights[own] ** 2)
    assert power[1] == pytest.approx(max(plain) / share, rel=1e-9)


def test_no_maxima_hold_no_tremor():
    assert spans_of(np.zeros(0), np.zeros(0), np.zeros(0), NONE, NO_BEATS).shape == (
        0,
        2,
    )


def test_a_weak_tonic_unit_is_no_group_however_many_discharges_are_unknown():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        unit = 20 + np.cumsum(rng.normal(0.12, 0.012, 150))
        maxima = together(noise(rng, 60.0, per_s=8.0), (unit, rng.uniform(4.0, 6.5, len(unit))))
        told = *maxima, np.zeros(0), NONE, NO_BEATS
        spans = spans_of(*told)
        assert len(spans)
        assert len(rhythm.in_groups(spans, *free_maxima(*told))) == 0


@pytest.mark.parametrize("hz", [4.0, 5.5, 8.0])
def test_bursts_of_a_tremor_are_groups(hz):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        told = (
            *together(noise(rng, 60.0), bursts(rng, 20.0, 32.0, hz=hz)),
            np.zeros(0),
            NONE,
            NO_BEATS,
        )
        spans = spans_of(*told)
        kept = rhythm.in_groups(spans, *free_maxima(*told))
        assert np.any((kept[:, 0] < 26) & (kept[:, 1] > 26))


@pytest.mark.parametrize("gap_s", [100.0, 1e8])
def test_a_gap_neither_takes_work_nor_joins_what_lies_on_its_sides(gap_s):
    rng = np.random.default_rng(13)
    one = together(noise(rng, 60.0), bursts(rng, 50.0, 60.0))
    two = together(noise(rng, 60.0), bursts(rng, 0.0, 12.0))
    later = 60.0 + gap_s
    both = np.concatenate([one[0], two[0] + later]), np.concatenate([one[1], two[1]])
    recorded = np.array([[0.0, 60.0], [later, later + 60.0]])
    beats = np.sort(np.concatenate([one[0][5:50:9], two[0][5:50:9] + later]))
    spans = spans_of(*both, NO_BEATS, NONE, beats, recorded)
    near = [spans_of(*one, NO_BEATS, NONE, beats[:5], recorded[:1]),
            spans_of(*two, NO_BEATS, NONE, beats[5:] - later, recorded[:1])]  # fmt: skip
    assert [len(own) for own in near] == [1, 1]
    np.testing.assert_allclose(spans, np.concatenate([near[0], near[1] + later]), atol=1e-5)


def test_windows_go_on_across_a_gap_that_is_shorter_than_they_are():
    rng = np.random.default_rng(14)
    maxima = together(noise(rng, 60.0), bursts(rng, 20.0, 40.0))
    kept = (maxima[0] < 29.0) | (maxima[0] > 29.5)
    maxima = maxima[0][kept], maxima[1][kept]
    apart = spans_of(*maxima, NO_BEATS, NONE, NO_BEATS, np.array([[0.0, 29.0], [29.5, 60.0]]))
    np.testing.assert_array_equal(apart, spans_of(*maxima, NO_BEATS, NONE, NO_BEATS))
