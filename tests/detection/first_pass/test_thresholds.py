"""How high a score has to be: by the noise's tail, and that of a unit by how often it fires."""

from types import SimpleNamespace

import numpy as np
import pytest

from emgdetect import Config
from emgdetect.detection.first_pass import thresholds
from emgdetect.detection.first_pass.thresholds import (
    CALM_S,
    TAIL_CAP,
    TAIL_PRIOR_MIN,
    TAIL_UNKNOWN,
    TAIL_WEIGHT,
    site_threshold,
    tail_threshold,
    template_thresholds,
)

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


LOWEST, MINUTES = 5.0, 10.0
BUDGET = Config().false_alarms_per_min


def tail_scores(minutes, *, reaches, per_min=BUDGET, n=None):
    """Maxima, in falling order, whose log rate falls in a line with the squared score.

    500 a minute exceed 3; `per_min` a minute exceed `reaches`.
    """
    rate = np.arange(1, (n or int(500 * minutes)) + 1) / minutes
    slope = np.log(500 / per_min) / (reaches**2 - 3.0**2)
    return np.sqrt(3.0**2 + np.log(500 / rate) / slope)


@pytest.mark.parametrize("minutes", [0.5, 3.0, 60.0])
@pytest.mark.parametrize("per_min", [0.01, 0.2, 5.0])
def test_the_line_of_the_tail_is_drawn_on(minutes, per_min):
    scores = tail_scores(minutes, reaches=5.5, per_min=per_min)
    assert tail_threshold(scores, minutes, per_min=per_min) == pytest.approx(5.5)


def test_potentials_beyond_the_tail_and_what_is_common_do_not_bend_it():
    scores = tail_scores(10.0, reaches=5.5)
    scores[:20] += 20.0  # two a minute: fewer than those the line is drawn through
    scores[4500:] -= 0.5
    assert tail_threshold(scores, 10.0, per_min=BUDGET) == pytest.approx(5.5)


def test_a_tail_of_too_few_maxima_is_not_known():
    assert np.isnan(tail_threshold(np.zeros(0), 10.0, per_min=BUDGET))
    assert np.isnan(tail_threshold(tail_scores(0.1, reaches=5.5), 0.1, per_min=BUDGET))
    few = tail_scores(10.0, reaches=5.5, n=999)  # four for each of the rarest would be 1000
    assert np.isnan(tail_threshold(few, 10.0, per_min=BUDGET))
    enough = tail_scores(10.0, reaches=5.5, n=1000)
    assert tail_threshold(enough, 10.0, per_min=BUDGET) == pytest.approx(5.5)


@pytest.fixture
def gaussian(monkeypatch):
    """A Gaussian threshold that needs no front."""
    monkeypatch.setattr(thresholds, "gaussian_threshold", lambda *_: LOWEST)


def scan_of(scores, *, minutes=MINUTES, candidates=()):
    """Maxima spread over the time, none of them beside a whole second."""
    at = (np.arange(len(scores)) * 0.61803398875) % 1
    seconds = np.floor(at * minutes * 60) + 0.1 + 0.8 * (at * minutes * 60 % 1)
    return SimpleNamespace(
        time_s=np.asarray(candidates, float), tail_s=seconds, tail_score=np.array(scores)
    )


def threshold_of(first, *, minutes=MINUTES, known_s=None):
    return site_threshold(None, first, Config(), np.array([[0.0, minutes * 60]]), known_s)


@pytest.mark.usefixtures("gaussian")
@pytest.mark.parametrize(("reaches", "factor"), [
    (4.5, 1.0), (5.0, 1.0), (5.5, 1 + TAIL_WEIGHT * 0.1), (6.0, 1 + TAIL_WEIGHT * 0.2),
    (9.0, TAIL_CAP),
])  # fmt: skip
def test_the_threshold_rises_with_the_tail_up_to_a_cap(reaches, factor):
    found = threshold_of(scan_of(tail_scores(MINUTES, reaches=reaches)))
    assert found == pytest.approx(factor * LOWEST, rel=1e-4)


@pytest.mark.usefixtures("gaussian")
def test_where_the_tail_is_not_known_the_usual_one_counts():
    assert threshold_of(scan_of([])) == LOWEST * TAIL_UNKNOWN
    minutes = TAIL_PRIOR_MIN  # and there it counts for half
    scan = scan_of(tail_scores(minutes, reaches=5.0), minutes=minutes)
    found = threshold_of(scan, minutes=minutes)
    assert found == pytest.approx(LOWEST * (1 + TAIL_UNKNOWN) / 2, rel=1e-4)


@pytest.mark.usefixtures("gaussian")
def test_what_is_beside_potentials_or_not_analysed_is_no_tail():
    scores = tail_scores(MINUTES, reaches=5.5)
    plain = threshold_of(scan_of(scores))
    potentials = np.arange(1.0, 600.0, 3.0)
    first = scan_of(scores, candidates=potentials)
    first.tail_s = np.concatenate([first.tail_s, potentials + 0.9 * CALM_S, [601.0] * 300])
    first.tail_score = np.concatenate([scores, np.full(len(potentials), 12.0), [9.0] * 300])
    assert threshold_of(first) == pytest.approx(plain, rel=0.002)  # two percent of the time less
    first.time_s = potentials[:0]
    assert threshold_of(first, known_s=potentials) == pytest.approx(plain, rel=0.002)
    assert threshold_of(first) > 1.02 * plain
