"""Spans, against naive twins on thousands of hard cases and by the algebra of sets."""

import naive_kernels as naive
import numpy as np
import pytest

from emgdetect.signal import spans as kernel


def masks(n_cases):
    rng = np.random.default_rng(11)
    yield np.zeros(0, dtype=bool)
    yield np.ones(1, dtype=bool)
    yield np.zeros(1, dtype=bool)
    for _ in range(n_cases):
        yield rng.random(rng.integers(0, 30)) < rng.choice([0.0, 0.1, 0.5, 0.9, 1.0])


def span_sets(n_cases, *, seed=12):
    """Spans with whole ends in any order: empty, inverted, touching, nested, repeated."""
    rng = np.random.default_rng(seed)
    yield np.zeros((0, 2), dtype=int)
    yield np.array([[3, 3]])
    yield np.array([[5, 2], [0, 20]])
    for _ in range(n_cases):
        spans = rng.integers(0, 20, (rng.integers(0, 7), 2))
        if rng.random() < 0.7:
            spans.sort(axis=1)
        yield spans


def as_pairs(spans):
    return [tuple(span) for span in np.asarray(spans).tolist()]


def test_spans_where_equals_its_twin():
    for mask in masks(3000):
        found = kernel.spans_where(mask)
        assert found.shape == (len(found), 2)
        assert found.dtype == np.int64
        assert as_pairs(found) == naive.spans_where(mask)


def test_spans_where_takes_lists_and_sees_the_first_and_last_sample():
    assert as_pairs(kernel.spans_where([1, 0, 0, 1])) == [(0, 1), (3, 4)]
    assert kernel.spans_where([]).shape == (0, 2)


def scores(n_cases):
    rng = np.random.default_rng(13)
    yield np.zeros(0)
    yield np.full(5, np.nan)
    yield np.full(7, 2.0)
    for _ in range(n_cases):
        # Few distinct values, so that thresholds are met exactly; NaN and infinities now and then.
        score = rng.integers(0, 5, rng.integers(0, 25)).astype(rng.choice([np.float32, float]))
        score[rng.random(len(score)) < rng.choice([0.0, 0.2])] = np.nan
        score[rng.random(len(score)) < rng.choice([0.0, 0.05])] = np.inf
        yield score


def test_spans_above_equals_its_twin():
    rng = np.random.default_rng(14)
    for score in scores(4000):
        stop, start = np.sort(rng.choice([0.0, 1.0, 1.5, 2.0, 3.0, 4.0], 2))
        found = kernel.spans_above(score, start, stop)
        assert found.shape == (len(found), 2)
        assert as_pairs(found) == naive.spans_above(score, start, stop)


def test_spans_above_refuses_a_lower_start_than_stop():
    with pytest.raises(ValueError, match=r"stop must not exceed start, got 2\.0 > 1\.0"):
        kernel.spans_above(np.zeros(3), 1.0, 2.0)


def test_merge_equals_its_twin():
    rng = np.random.default_rng(15)
    for spans in span_sets(4000):
        gap = rng.choice([0.0, 0.5, 1.0, 3.0])
        found = kernel.merge(spans, gap)
        assert found.shape == (len(found), 2)
        assert as_pairs(found) == naive.merge(spans.tolist(), gap)


def test_complement_and_intersection_are_those_of_sets():
    for a, b in zip(span_sets(2500), span_sets(2500, seed=16), strict=True):
        first, second = (naive.cells_inside(s.tolist(), 0, 20) for s in (a, b))
        free = kernel.complement(a, 2, 17)
        assert naive.cells_inside(free.tolist(), 0, 20) == set(range(2, 17)) - first
        assert as_pairs(free) == naive.merge(free.tolist())
        both = kernel.intersect(a, b)
        assert both.shape == (len(both), 2)
        assert naive.cells_inside(both.tolist(), 0, 20) == first & second
        assert as_pairs(both) == naive.merge(both.tolist())


def test_covers_and_total_equal_their_twins():
    points = np.concatenate([np.arange(-1, 22), np.arange(0, 20) + 0.5, [np.inf, -np.inf, np.nan]])
    for spans in span_sets(2000, seed=17):
        merged = kernel.merge(spans)
        inside = kernel.covers(merged, points)
        assert inside.dtype == bool
        assert inside.tolist() == [naive.inside(merged.tolist(), p) for p in points]
        assert kernel.total(merged) == len(naive.cells_inside(merged.tolist(), 0, 20))
    assert kernel.covers(np.zeros((0, 2)), []).shape == (0,)


def test_elapsed_equals_the_length_of_what_lies_before():
    points = np.arange(-2, 24) / 2 + 0.25
    for spans in span_sets(500, seed=18):
        merged = kernel.merge(spans)
        before = [kernel.total(kernel.intersect(merged, [[-100.0, p]])) for p in points]
        np.testing.assert_allclose(kernel.elapsed(merged, points), before, atol=1e-12)
    assert kernel.elapsed(np.zeros((0, 2)), points).tolist() == [0.0] * len(points)


def test_points_are_told_by_runs_of_spans_and_those_outside_by_the_nearest():
    points, spans = np.array([-1.0, 0.5, 2.5, 4.9, 5.2, 11.0, 30.0]), [[0, 2], [3, 4], [6, 12]]
    assert kernel.by_run(points, spans).tolist() == [[0, 2], [2, 4], [4, 7]]
    assert kernel.by_run(points, spans, gap=1.0).tolist() == [[0, 4], [4, 7]]
    assert kernel.by_run(points, spans, gap=2.0).tolist() == [[0, 7]]
    assert kernel.by_run(points[-2:], spans).tolist() == [[0, 2]]
    assert kernel.by_run(points, np.zeros((0, 2))).tolist() == [[0, 7]]
    assert kernel.by_run(points[:0], spans).shape == (0, 2)


def test_the_best_stretch_is_that_of_the_largest_sum():
    rng = np.random.default_rng(0)
    for n in (1, 2, 7, 30):
        worth = rng.normal(-0.2, 1.0, n)
        best, low, high = kernel.best_stretch(worth)
        sums = [worth[i:j].sum() for i in range(n) for j in range(i, n + 1)]
        assert np.isclose(best, max(sums)) and np.isclose(worth[low:high].sum(), best)
    for worth in (np.zeros(0), np.array([-1.0, -2.0]), np.zeros(3)):
        assert kernel.best_stretch(worth) == (0.0, 0, 0)
