"""Edges of tremor lie where many candidates become few."""

import numpy as np
import pytest

from emgdetect.detection.rest.edges import sharpened

RECORDED = np.array([[0.0, 60.0]])


def candidates(start, stop, seed):
    """Bursts of two at 5 Hz from `start` to `stop`, and one candidate in 5 s elsewhere."""
    rng = np.random.default_rng(seed)
    bursts = np.arange(start, stop, 0.2)
    inside = np.concatenate([bursts, bursts + 0.02])
    around = rng.uniform(0, 60, 12)
    around = around[(around < start) | (around > stop)]
    return np.sort(np.concatenate([inside, around]))


@pytest.mark.parametrize("rough", [[20.0, 40.0], [18.8, 41.2], [21.1, 38.9]])
def test_edges_are_found_to_a_tenth_of_a_second_for_the_most_part(rough):
    errors = []
    for seed in range(10):
        spans = sharpened(np.array([rough]), candidates(20, 40, seed), RECORDED)
        assert spans.shape == (1, 2)
        errors += np.abs(spans[0] - [20, 40]).tolist()
    assert np.median(errors) < 0.25
    assert np.max(errors) < 1.0


def test_a_span_with_as_little_inside_as_outside_is_left_alone():
    times = np.arange(0.0, 60.0, 0.7)
    np.testing.assert_array_equal(sharpened(np.array([[20.0, 40.0]]), times, RECORDED), [[20, 40]])


def test_without_spans_or_candidates_nothing_moves():
    none = np.zeros((0, 2))
    assert sharpened(none, np.array([1.0]), RECORDED).shape == (0, 2)
    np.testing.assert_array_equal(
        sharpened(np.array([[1.0, 2.0]]), np.zeros(0), RECORDED), [[1, 2]]
    )
