"""How high the score of a unit has to be, by how often it fires."""

import numpy as np
import pytest

from emgdetect.detection.first_pass.thresholds import template_thresholds

RATES = np.array([0.0, 0.5, 2.0, 8.0, 40.0, 400.0])


@pytest.mark.parametrize("asked", [True, False])
def test_a_unit_that_fires_often_needs_less_up_to_a_bound(asked):
    needed = template_thresholds(RATES, stretch=1.0, asked=asked)
    assert np.all(np.diff(needed) <= 0) and needed[0] > needed[2] > needed[4] == needed[5]
    assert template_thresholds(RATES, stretch=1.2, asked=asked) == pytest.approx(1.2 * needed)
    assert np.all(template_thresholds(RATES, stretch=1.0, asked=asked, last=True) < needed)
    assert template_thresholds(RATES[:0], stretch=1.0, asked=asked).shape == (0,)


@pytest.mark.parametrize("last", [True, False])
def test_where_surroundings_are_asked_for_less_is_enough(last):
    asked, unasked = (
        template_thresholds(RATES, stretch=1.0, asked=asked, last=last) for asked in (True, False)
    )
    assert np.all(asked <= unasked) and asked[-1] < unasked[-1]
