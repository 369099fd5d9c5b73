"""The scorer, against a brute-force twin and by its properties."""

import tracemalloc
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgdetect.scoring import match_sorted, score


def naive_matchings(truth, found, tolerance):
    """Largest number of pairs and their smallest sum of errors, by trying everything."""
    if len(truth) > len(found):
        truth, found = found, truth
    padded = list(found) + [None] * len(truth)
    best = (0, 0.0)
    for chosen in set(permutations(padded, len(truth))):
        errors = [
            abs(t - f)
            for t, f in zip(truth, chosen, strict=True)
            if f is not None and abs(t - f) <= tolerance + 1e-9
        ]
        best = max(best, (len(errors), -sum(errors)))
    return best[0], -best[1]


def small_cases(n_cases):
    rng = np.random.default_rng(7)
    for _ in range(n_cases):
        n_truth, n_found = rng.integers(0, 5, 2)
        width = rng.choice([0.02, 0.05, 0.2])
        grid = rng.choice([0.0, 0.005])  # ties and exact tolerances on the grid
        truth, found = rng.uniform(0, width, n_truth), rng.uniform(0, width, n_found)
        if grid:
            truth, found = np.round(truth / grid) * grid, np.round(found / grid) * grid
        yield truth, found


def test_equals_the_naive_twin_on_thousands_of_cases():
    for truth, found in small_cases(3000):
        result = score(truth, found)
        n_pairs, error = naive_matchings(list(truth), list(found), 0.015)
        assert result.matched == n_pairs
        assert np.abs(result.errors_s).sum() == pytest.approx(error, abs=1e-8)


def full_table_pairs(truth, found, limit):
    """Of two sorted lists, by the table of all true with all found events."""
    error = np.abs(truth[:, None] - found[None, :])
    gain = np.where(error <= limit, limit * (min(error.shape) + 1) - error, -np.inf)
    best = np.zeros((len(truth) + 1, len(found) + 1))
    for i in range(len(truth) - 1, -1, -1):
        for j in range(len(found) - 1, -1, -1):
            best[i, j] = max(best[i + 1, j], gain[i, j] + best[i + 1, j + 1], best[i, j + 1])
    pairs, i, j = [], 0, 0
    while i < len(truth) and j < len(found):
        if best[i, j] == best[i, j + 1]:
            j += 1
        elif best[i, j] == best[i + 1, j]:
            i += 1
        else:
            pairs.append([i, j])
            i, j = i + 1, j + 1
    return pairs


def test_chains_are_matched_as_by_the_full_table():
    rng, n_chains = np.random.default_rng(11), 0
    for _ in range(400):
        n_truth, n_found = rng.integers(1, 40, 2)
        step = rng.choice([0.0, 0.004, 0.012])  # of zero: all times of a cluster alike or nearly
        grid = rng.choice([1e-9, 0.003])
        truth, found = (
            np.sort(np.round((np.arange(n) * step + rng.uniform(0, 0.014, n)) / grid) * grid)
            for n in (n_truth, n_found)
        )
        merged = np.sort(np.concatenate([truth, found]))
        if np.diff(merged).max() <= 0.015:  # one cluster, so the weights of its pairs are the same
            expected = full_table_pairs(truth, found, 0.015 + 1e-9)
            assert match_sorted(truth, found, tolerance_s=0.015).tolist() == expected
            n_chains += 1
    assert n_chains > 100


def test_pairs_are_one_to_one_within_tolerance_and_everything_is_accounted_for():
    rng = np.random.default_rng(3)
    for _ in range(200):
        truth, found = rng.uniform(0, 5, 150), rng.uniform(0, 5, 170)
        result = score(truth, found)
        assert sorted([*result.pairs[:, 0], *result.missed_at]) == list(range(150))
        assert sorted([*result.pairs[:, 1], *result.extra_at]) == list(range(170))
        assert (np.abs(result.errors_s) <= 0.015 + 1e-9).all()
        np.testing.assert_allclose(
            result.errors_s, found[result.pairs[:, 1]] - truth[result.pairs[:, 0]]
        )


times = st.lists(st.floats(0, 0.2, allow_nan=False), max_size=12)


@given(times, times, st.floats(0, 0.05))
@settings(max_examples=200, deadline=None)
def test_symmetry_shift_and_order_do_not_matter(truth, found, tolerance):
    result = score(truth, found, tolerance_s=tolerance)
    assert score(found, truth, tolerance_s=tolerance).matched == result.matched
    assert score(truth[::-1], found[::-1], tolerance_s=tolerance).matched == result.matched
    assert result.matched <= min(len(truth), len(found))


@given(times, times)
@settings(max_examples=100, deadline=None)
def test_a_wider_tolerance_never_matches_less(truth, found):
    counts = [score(truth, found, tolerance_s=t).matched for t in (0, 0.001, 0.015, 0.1, 1)]
    assert counts == sorted(counts)
    assert counts[-1] == min(len(truth), len(found))


def test_three_reports_of_one_event_have_precision_of_a_third():
    result = score([1.0], [0.999, 1.0, 1.001])
    assert (result.matched, result.missed, result.extra) == (1, 0, 2)
    assert result.precision == pytest.approx(1 / 3)
    assert result.recall == 1
    assert result.pairs.tolist() == [[0, 1]]


def test_a_chain_that_the_nearest_neighbour_would_get_wrong():
    assert score([0.0, 0.012], [0.010, 0.026]).matched == 2


def test_the_nearer_of_two_candidates_is_taken():
    assert score([0.0, 0.012], [0.012]).pairs.tolist() == [[1, 0]]


def test_a_difference_of_exactly_the_tolerance_counts():
    truth = np.arange(1, 1000) * 0.7
    assert score(truth, truth + 0.015).missed == 0
    assert score(truth, truth + 0.01501).matched == 0


def test_unsorted_times_keep_their_own_indices():
    result = score([5.0, 1.0, 3.0], [3.001, 9.0, 5.0])
    assert sorted(map(tuple, result.pairs)) == [(0, 2), (2, 0)]
    assert result.missed_at.tolist() == [1]
    assert result.extra_at.tolist() == [1]


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [([], [], (np.nan, np.nan, np.nan)), ([1.0], [], (np.nan, 0, 0)), ([], [1.0], (0, np.nan, 0))],
)
def test_nothing_to_find_or_nothing_found_is_no_error(truth, found, expected):
    result = score(truth, found)
    np.testing.assert_equal((result.precision, result.recall, result.f1), expected)
    assert result.pairs.shape == (0, 2)


def test_long_lists_are_quick_and_right():
    truth = np.arange(100_000) * 0.5
    found = truth[::2] + 0.01
    result = score(truth, found)
    assert (result.matched, result.missed, result.extra) == (50_000, 50_000, 0)
    assert result.f1 == pytest.approx(2 / 3)


def test_one_large_cluster():
    rng = np.random.default_rng(0)
    result = score(rng.uniform(0, 1, 400), rng.uniform(0, 1, 300), tolerance_s=2)
    assert result.matched == 300


def test_a_chain_of_a_burst_that_lasts_for_minutes_takes_little_memory():
    truth = np.arange(20_000) * 0.012
    found = truth + np.random.default_rng(5).uniform(-0.004, 0.004, len(truth))
    tracemalloc.start()
    try:
        result = score(truth, found)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.matched == len(truth)
    assert peak < 50e6  # a table of all with all takes 3.2 GB


def test_two_days_are_the_longest_time_believed():
    longest = [48 * 3600.0]
    assert score(longest, longest).matched == 1


@pytest.mark.parametrize(
    ("truth", "found", "options", "message"),
    [
        ([np.nan], [1.0], {}, "truth_s must be finite"),
        ([1.0], [np.inf], {}, "found_s must be finite"),
        (np.ma.masked_array([1, 2], [0, 1]), [1.0], {}, "truth_s must be finite, got 1"),
        ([[1.0]], [1.0], {}, "one-dimensional"),
        (1.0, [1.0], {}, "one-dimensional"),
        (["a"], [1.0], {}, "one-dimensional"),
        ([1.0], [360_000], {}, "sample counts"),
        ([48 * 3600.001], [1.0], {}, "sample counts"),
        ([1.0], [1.0], {"tolerance_s": -1}, "tolerance_s"),
        ([1.0], [1.0], {"tolerance_s": np.nan}, "tolerance_s"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(truth, found, options, message):
    with pytest.raises(ValueError, match=message):
        score(truth, found, **options)
