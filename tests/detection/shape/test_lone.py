"""What one electrode alone sees, and what several see, beyond noise."""

import numpy as np
import pytest

from emgdetect.detection.shape.lone import lone, widely_seen


def seen(largest, others, *, n_channels=64, noise=4.3):
    """Scores of a candidate: the largest, some others, and noise."""
    row = np.full(n_channels, noise, dtype=np.float32)
    row[5] = largest
    row[6 : 6 + len(others)] = others
    return row[None]


@pytest.mark.parametrize("largest", [13.0, 16.6, 60.0])
def test_a_pop_is_alone_however_near_noise_comes_to_a_share_of_it(largest):
    assert lone(seen(largest, [])).tolist() == [True]
    assert widely_seen(seen(largest, []), share=0.25, least=3).tolist() == [False]


@pytest.mark.parametrize("largest", [13.0, 16.6, 60.0])
def test_a_potential_that_neighbours_see_at_half_its_size_is_not(largest):
    assert lone(seen(largest, [largest / 2] * 3)).tolist() == [False]
    assert widely_seen(seen(largest, [largest / 2] * 3), share=0.25, least=3).tolist() == [True]


def test_what_is_weak_is_no_pop_for_being_alone():
    assert lone(seen(9.0, [])).tolist() == [False]


def test_of_one_channel_and_of_no_candidates_nothing_is_alone():
    assert lone(np.full((2, 1), 40.0, dtype=np.float32)).tolist() == [False, False]
    assert lone(np.zeros((0, 64), dtype=np.float32)).shape == (0,)
    assert widely_seen(np.zeros((0, 64), dtype=np.float32), share=0.25, least=3).shape == (0,)
