"""Weak contractions are told by the colour of muscle, and only where a muscle mostly rests."""

import numpy as np
import pytest

from emgdetect.detection.rest import swelling, tension
from emgdetect.detection.rest.contraction import RULES

NONE = np.zeros((0, 2))


def course(*, gain=1.9, colour=0.5, active=((100, 120),), n_cells=720, seed=0):
    """Cells of 0.25 s, and swellings of a level that rises in some of them."""
    rng = np.random.default_rng(seed)
    level = np.exp(0.1 * rng.standard_normal((1, n_cells)))
    tilt = 0.2 * rng.standard_normal((1, n_cells))
    for start, stop in active:
        level[:, start:stop] *= gain
        tilt[:, start:stop] += colour
    edges = 0.25 * np.arange(n_cells + 1)
    cells = np.stack([edges[:-1], edges[1:]], axis=1)
    return cells, swelling.swellings(level, np.stack([tilt, 0.1 * tilt]))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("gain", [1.8, 2.2])
def test_a_level_that_hardly_rises_is_a_contraction_if_it_has_the_colour_of_muscle(gain, seed):
    cells, found = course(gain=gain, seed=seed)
    spans = tension.tension_spans(cells, found, NONE, RULES["default"])
    margin_s = tension.MARGIN_S + RULES["default"].margin_s
    assert spans.shape == (1, 2)
    assert np.abs(spans - [25 - margin_s, 30 + margin_s]).max() <= 0.5


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_grows_is_none(seed):
    for colour in (0.0, 0.2):
        cells, found = course(colour=colour, active=((100, 160),), seed=seed)
        assert len(tension.tension_spans(cells, found, NONE, RULES["default"])) == 0


def test_what_is_brief_or_hardly_risen_is_none():
    for given in ({"active": ((100, 102),)}, {"gain": 1.3}):
        cells, found = course(**given)
        assert len(tension.tension_spans(cells, found, NONE, RULES["default"])) == 0


def test_a_muscle_that_is_tense_most_of_the_time_tells_no_rest():
    busy = tuple((start, start + 20) for start in range(20, 700, 50))
    cells, found = course(active=busy)
    assert len(tension.tension_spans(cells, found, NONE, RULES["default"])) == 0
    cells, found = course(active=busy[::3])
    assert len(tension.tension_spans(cells, found, NONE, RULES["default"])) == len(busy[::3])


def test_what_comes_again_and_again_is_left_to_breathing():
    active = tuple((start, start + 12) for start in range(20, 700, 80))
    cells, found = course(active=active)
    assert len(tension.tension_spans(cells, found, NONE, RULES["default"])) == 0


def test_contractions_known_already_are_not_told_again():
    cells, found = course()
    assert len(tension.tension_spans(cells, found, np.array([[24.0, 31.0]]), RULES["default"])) == 0


def test_stricter_levels_exclude_what_more_lenient_ones_do():
    cells, found = course(colour=0.4)
    spans = {name: tension.tension_spans(cells, found, NONE, rule) for name, rule in RULES.items()}
    assert len(spans["lenient"]) <= len(spans["default"]) <= len(spans["strict"]) == 1


def test_of_nothing_there_is_none():
    cells, found = course(n_cells=0, active=())
    assert tension.tension_spans(cells, found, NONE, RULES["default"]).shape == (0, 2)
