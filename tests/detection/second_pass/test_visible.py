"""What is too small to be seen is not listed, however far it rises above whitened noise."""

from types import SimpleNamespace

import numpy as np

from emgdetect.detection.second_pass.listing import (
    GRID_VISIBLE,
    GRID_VISIBLE_ALONE,
    VISIBLE,
    visible,
)


def test_a_unit_is_seen_by_its_median_and_what_has_none_by_itself():
    amplitude = np.array([2.0, 4.0, 2.5, 9.0, 2.0, 4.0, 4.0]) * VISIBLE / 3
    measured = SimpleNamespace(amplitude_uv=5 * amplitude, noise_uv=np.full(7, 5.0))
    unit = np.array([0, 0, 0, -1, -1, 1, 1])
    seen = visible(measured, unit).tolist()
    assert seen == [False, False, False, True, False, True, True]


def test_a_grid_shows_what_nobody_sees_so_more_is_asked_of_it():
    alone = GRID_VISIBLE_ALONE + np.array([-0.1, 0.1])
    amplitude = np.array([GRID_VISIBLE + 0.1, GRID_VISIBLE - 0.1, *alone])
    measured = SimpleNamespace(amplitude_uv=amplitude, noise_uv=np.ones(4))
    unit = np.array([0, 1, -1, -1])
    assert visible(measured, unit, grid=True).tolist() == [True, False, False, True]
    assert visible(measured, unit).all()


def test_what_is_given_is_left_as_it_is():
    measured = SimpleNamespace(amplitude_uv=np.array([1.0, 9.0]), noise_uv=np.ones(2))
    visible(measured, np.array([0, 0]))
    assert measured.amplitude_uv.tolist() == [1.0, 9.0]
