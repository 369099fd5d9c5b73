"""The margins of a contraction end where the muscle is seen to rest."""

import numpy as np
import pytest

from emgdetect.detection.rest import hush
from emgdetect.detection.trace.cells import PARTS, crests_of

CELLS = np.stack([np.arange(60), np.arange(1, 61)], axis=1) / 4
SPANS = np.array([[4.75, 10.25]])
MARGIN_S = 0.25


def crests(*active: tuple[float, float], height: float = 10.0) -> np.ndarray:
    """Of 15 s of rest with discharges in some spans."""
    centre_s = (np.arange(60 * PARTS) + 0.5) / 4 / PARTS
    level = np.random.default_rng(4).uniform(2.0, 3.2, 60 * PARTS)
    for start, stop in active:
        level[(centre_s > start) & (centre_s < stop)] = height
    return level.reshape(60, PARTS)


@pytest.mark.parametrize("start_s", [4.85, 4.95, 5.0, 5.1, 5.2])
def test_a_margin_ends_at_the_first_discharge_and_begins_at_the_last(start_s):
    spare = hush.at_rest(CELLS, crests((start_s, 15.0 - start_s)), SPANS, MARGIN_S)
    np.testing.assert_allclose(spare, [[4.75, start_s], [15.0 - start_s, 10.25]], atol=0.026)


def test_a_potential_apart_from_the_contraction_lies_in_rest():
    """The last of them ends 75 ms before it, that after it 25 ms behind it."""
    crest = crests((5.0, 10.0), (4.9, 4.925), (10.025, 10.05))
    before, after = hush.at_rest(CELLS, crest, SPANS, MARGIN_S)
    np.testing.assert_allclose(before, [4.75, 5.0])
    np.testing.assert_allclose(after, [10.05, 10.25])


def test_no_rest_is_seen_where_discharges_reach_beyond_the_margin():
    assert hush.at_rest(CELLS, crests((4.5, 10.5)), SPANS, MARGIN_S).shape == (0, 2)


def test_rest_is_what_is_usual_beside_it():
    """Of louder noise beside a contraction the crests are higher, and nothing tells at the ends."""
    loud = 3.0 * crests((4.0, 11.0), height=4.0)
    loud[20:40] = 40.0
    spare = hush.at_rest(CELLS, loud, SPANS, MARGIN_S)
    np.testing.assert_allclose(spare, [[4.75, 5.0], [10.0, 10.25]])
    whole = np.array([[0.0, 15.0]])
    assert hush.at_rest(CELLS, crests(), whole, MARGIN_S).shape == (0, 2)
    assert hush.at_rest(CELLS, crests(), whole[:0], MARGIN_S).shape == (0, 2)


def test_what_rests_reaches_into_the_outermost_cell_at_most():
    spare = hush.at_rest(CELLS, crests(), SPANS, MARGIN_S)
    np.testing.assert_allclose(spare, [[4.75, 5.25], [9.75, 10.25]])
    short = hush.at_rest(CELLS, crests(), np.array([[4.75, 5.25]]), MARGIN_S)
    np.testing.assert_allclose(short, [[4.75, 5.0], [5.0, 5.25]])


def test_crests_are_the_largest_scores_of_each_part():
    score = np.random.default_rng(1).uniform(size=(3, 1040)).astype(np.float32)
    crest = crests_of(score, 500, 2)
    assert crest.shape == (2, PARTS)
    first = np.median(score[:, :500].reshape(3, PARTS, 50).max(axis=2), axis=0)
    last = np.median(score[:, 500:].reshape(3, PARTS, 54).max(axis=2), axis=0)
    np.testing.assert_array_equal(crest, [first, last])
