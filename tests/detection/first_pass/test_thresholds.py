"""How high the score of a unit has to be, by how often it fires."""

import numpy as np
import pytest

from emgdetect.detection.first_pass.thresholds import last_thresholds, template_thresholds

RATES = np.array([0.0, 0.5, 2.0, 8.0, 40.0, 400.0])


def test_a_unit_that_fires_often_needs_less_up_to_a_bound():
    needed = template_thresholds(RATES, stretch=1.0)
    assert np.all(np.diff(needed)[:-1] < 0) and needed[-1] == needed[-2]
    assert template_thresholds(RATES, stretch=1.2) == pytest.approx(1.2 * needed)
    assert np.all(template_thresholds(RATES, stretch=1.0, ease=2.0) < needed)
    assert template_thresholds(RATES[:0], stretch=1.0).shape == (0,)


def test_where_its_surroundings_will_be_asked_for_less_is_enough():
    asked, unasked = (last_thresholds(RATES, stretch=1.0, asked=asked) for asked in (True, False))
    assert np.all(asked < unasked)
    assert np.all(unasked[RATES >= 5.0] == unasked[-1])
    assert np.all(asked < template_thresholds(RATES, stretch=1.0))
