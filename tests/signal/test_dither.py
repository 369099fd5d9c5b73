"""Dither: the same for the same samples, whatever stretch they are drawn in."""

import numpy as np

from emgdetect.signal.dither import BLOCK_SAMPLES, dither


def test_any_stretch_is_a_part_of_the_whole():
    whole = dither((3, 1), 0, 3 * BLOCK_SAMPLES)
    for start, stop in ((0, 10), (5, BLOCK_SAMPLES + 7), (2 * BLOCK_SAMPLES, 3 * BLOCK_SAMPLES)):
        np.testing.assert_array_equal(dither((3, 1), start, stop), whole[start:stop])
    assert len(dither((3, 1), 7, 7)) == 0


def test_it_has_the_size_of_a_rounding_error():
    noise = dither((0, 0), 0, 200_000)
    assert np.abs(noise).max() <= 0.5
    assert abs(noise.std() * np.sqrt(12) - 1) < 0.01
    assert abs(noise.mean()) < 0.005


def test_channels_have_a_noise_of_their_own():
    one, two = dither((1, 0), 0, 50_000), dither((2, 0), 0, 50_000)
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.02
