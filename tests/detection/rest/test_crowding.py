"""Crowded time: tremor and weak contractions, not pairs, runs or busy fasciculation."""

import numpy as np
import pytest

from emgdetect.detection.rest import crowding


def packed(start, stop, rate_hz, seed):
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(start, stop, rng.poisson((stop - start) * rate_hz)))


ALL = np.array([[0.0, 600.0]])
"""One segment, longer than all that follows."""


def test_an_interference_pattern_is_crowded_within_a_quarter_of_a_second():
    for seed in range(20):
        times = packed(10, 14, 80, seed)
        spans = crowding.crowded_spans(times)
        assert len(spans) == 1
        assert np.abs(spans[0] - [10, 14]).max() < 0.25


def test_single_pairs_and_short_runs_are_not_crowded():
    starts = np.arange(1.0, 180.0, 2.7)
    for steps in ([], [0.006], [0.03], [0.02, 0.02, 0.02, 0.02]):
        runs = np.sort(np.concatenate([starts, *(starts + s for s in np.cumsum(steps))]))
        assert crowding.crowded_spans(runs).shape == (0, 2)


def test_busy_fasciculation_is_not_crowded():
    rng = np.random.default_rng(92)
    crowded = sum(
        np.ptp(crowding.crowded_spans(np.sort(rng.uniform(0, 180, 480))), axis=1).sum()
        for _ in range(40)
    )
    assert crowded / (40 * 180) < 0.01


def test_spans_are_in_order_and_apart_on_thousands_of_cases():
    rng = np.random.default_rng(93)
    for _ in range(2000):
        times = np.sort(rng.uniform(0, 6, rng.integers(0, 150)))
        spans = crowding.crowded_spans(times)
        assert spans.shape == (len(spans), 2)
        assert np.all(spans[:, 1] > spans[:, 0])
        assert np.all(spans[1:, 0] > spans[:-1, 1])
        later = crowding.crowded_spans(times + 7)
        np.testing.assert_allclose(later, spans + 7, atol=1e-6)


@pytest.mark.parametrize("rate_hz", [4.0, 5.5, 7.5])
def test_bursts_at_the_rhythm_of_a_tremor_are_tremor(rate_hz):
    rng = np.random.default_rng(94)
    beats = np.arange(5, 10, 1 / rate_hz)
    times = np.sort(np.concatenate([b + rng.uniform(0, 0.04, 5) for b in beats]))
    assert crowding.is_tremor(times, np.array([5.0, 10.0]))


def test_a_contraction_is_no_tremor_and_nothing_is_neither():
    assert not crowding.is_tremor(packed(5, 10, 90, 95), np.array([5.0, 10.0]))
    assert not crowding.is_tremor(np.zeros(0), np.array([5.0, 10.0]))
    assert crowding.crowded_spans(np.zeros(0)).shape == (0, 2)


def test_many_units_at_once_are_restless_and_two_trains_are_not():
    rng = np.random.default_rng(8)
    regular = np.sort(np.concatenate([np.arange(10, 20, 0.11), np.arange(10, 20, 0.13)]))
    two = (np.arange(len(regular)) % 2).astype(int)
    assert crowding.restless_spans(regular, two, least=8, recorded_s=ALL).shape == (0, 2)
    many = rng.integers(0, 8, len(regular))
    spans = crowding.restless_spans(regular, many, least=8, recorded_s=ALL)
    assert spans.shape == (1, 2)
    np.testing.assert_allclose(spans[0], [10.0, 20.0], atol=1.0)


def test_a_brief_burst_with_potentials_around_it_is_not_restless():
    burst = np.arange(10.0, 10.6, 0.05)
    alone = np.sort(np.concatenate([[9.1, 11.5], burst]))
    spans = crowding.restless_spans(alone, np.full(len(alone), -1), least=8, recorded_s=ALL)
    assert spans.shape == (0, 2)
    lasting = np.concatenate([[9.1], np.arange(10.0, 13.0, 0.1), [13.8]])
    spans = crowding.restless_spans(lasting, np.full(len(lasting), -1), least=8, recorded_s=ALL)
    np.testing.assert_allclose(spans, [[10.0 - 0.06, 12.9 + 0.06]], atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_a_few_potentials_are_not_restless(n):
    times = np.arange(n) * 0.1
    assert crowding.restless_spans(times, np.full(n, -1), least=8, recorded_s=ALL).shape == (0, 2)


def test_busy_fasciculation_of_several_units_is_not_restless():
    rng = np.random.default_rng(9)
    times = np.sort(rng.uniform(0, 600, 1600))  # 160 per minute
    assert (
        len(crowding.restless_spans(times, rng.integers(0, 6, 1600), least=8, recorded_s=ALL)) <= 4
    )


@pytest.mark.parametrize("gap_s", [100.0, 1e8])
def test_a_gap_neither_takes_work_nor_joins_what_lies_on_its_sides(gap_s):
    lasting = np.arange(10.0, 13.0, 0.1)
    usual = np.arange(20.0, 60.0, 0.5)
    one = np.concatenate([[9.1], lasting, usual])
    times, recorded = np.concatenate([one, one + 60.0 + gap_s]), np.array([[0.0, 60.0]])
    both = np.concatenate([recorded, recorded + 60.0 + gap_s])
    alone = crowding.restless_spans(one, np.full(len(one), -1), least=8, recorded_s=recorded)
    spans = crowding.restless_spans(times, np.full(len(times), -1), least=8, recorded_s=both)
    expected = np.concatenate([alone, alone + 60.0 + gap_s])
    np.testing.assert_allclose(spans, expected, atol=1e-6)


RECORDED_S = np.array([[0.0, 120.0]])


def test_discharges_that_lead_to_a_contraction_belong_to_it():
    spans = np.array([[10.0, 15.0], [30.0, 32.0]])
    times = np.array(
        [9.0, 9.7, 9.8, 9.9, 12.0, 15.1, 15.2, 15.5, 29.2, 29.58, 29.72, 29.86, 40.0, 60.0]
    )
    # Units 0 and 1 fire beside contractions alone, unit 2 in between.
    units = np.array([2, 0, 0, 0, 1, 0, 0, 2, 2, 1, 1, 1, 2, 2])
    wider = crowding.with_ramps(spans, times, units, RECORDED_S)
    margin = crowding.MARGIN_S
    np.testing.assert_allclose(
        wider, [[9.7 - margin, 15.2 + margin], [29.58 - margin, 32.0]], atol=1e-9
    )


def test_a_contraction_among_no_discharges_stays_as_it_is():
    spans, none = np.array([[10.0, 15.0]]), np.zeros(0, dtype=np.int64)
    np.testing.assert_array_equal(crowding.with_ramps(spans, np.zeros(0), none, RECORDED_S), spans)
    wider = crowding.with_ramps(np.zeros((0, 2)), np.array([1.0]), none[:0], RECORDED_S)
    assert wider.shape == (0, 2)


def _beside(units_at_rest):
    """A contraction with one discharge of unit 0 beside each edge, and 60 potentials at rest."""
    rest = np.linspace(20, 119, 60)
    times = np.concatenate([[9.9, 15.1], rest])
    units = np.concatenate([[0, 0], np.resize(units_at_rest, 60)])
    return crowding.with_ramps(np.array([[10.0, 15.0]]), times, units, RECORDED_S)


def test_a_single_discharge_beside_a_contraction_may_be_a_fasciculation():
    np.testing.assert_array_equal(_beside([0]), [[10.0, 15.0]])


def test_a_single_discharge_of_a_unit_that_is_silent_at_rest_belongs_to_the_contraction():
    margin = crowding.MARGIN_S
    np.testing.assert_allclose(_beside([1, 2, 3]), [[9.9 - margin, 15.1 + margin]])


def _two_after(rest_s, n_rest=0):
    """End of a contraction's span with two discharges 0.15 and 0.35 s after it, then rest."""
    times = np.concatenate([[5.15, 5.35], 6.0 + rest_s * (np.arange(n_rest) + 0.5) / (n_rest + 1)])
    recorded = np.array([[0.0, 5.5 + rest_s]])
    unit = np.arange(len(times))
    return crowding.with_ramps(np.array([[0.0, 5.0]]), times, unit, recorded)[-1, 1]


def test_seconds_of_rest_do_not_tell_that_a_muscle_never_fasciculates():
    # A minute without a potential makes two beside the contraction its last discharges.
    assert _two_after(60.0) > 5.35
    # Three seconds do not: two fasciculations may come so close.
    assert _two_after(3.0) < 5.35


def test_the_rate_at_rest_is_that_which_was_seen_where_rest_is_long():
    assert crowding._rate(0, 170.0) == crowding.RAMP_LEAST_PER_S
    assert crowding._rate(170, 170.0) == 1.0
    assert 0.2 < crowding._rate(0, 3.0) < crowding.RAMP_PRIOR_PER_S
