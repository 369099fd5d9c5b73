"""Weak clicks of no unit have a whole edge; units are judged as units."""

from dataclasses import replace

import numpy as np
from made_site import made_site

from emgdetect.detection.clicks import weak_clicks
from emgdetect.detection.explaining import Explained, Jumps


def pieces(units, **options):
    """A site, and what explains its events: a click a little better than muscle, wholly edged."""
    site = made_site("VL", np.arange(1.0, len(units) + 1), units, 45.0)
    n, muscle = len(units), site.found.score**2
    values = {"energy": 1.03 * muscle, "edge": np.full(n, 1.02), "edge_score": np.full(n, 6.0),
              "click": np.ones(n, dtype=bool)} | options  # fmt: skip
    click = Jumps(**values)
    return site, Explained(click, click, muscle=muscle, whole=1.1 * muscle)


def test_single_clicks_are_told_by_their_edge_and_units_are_not_asked():
    assert weak_clicks(*pieces([-1, -1, -1, 0, 0, 1, 1, 1])).tolist() == 5 * [True] + 3 * [False]
    assert weak_clicks(*pieces([])).size == 0


def test_what_lacks_edge_or_is_explained_by_muscle_or_decays_is_no_click():
    for less in ({"edge": np.full(2, 0.6)}, {"edge_score": np.full(2, 3.0)},
                 {"energy": np.full(2, 80.0)}, {"click": np.zeros(2, dtype=bool)}):  # fmt: skip
        assert not weak_clicks(*pieces([-1, -1], **less)).any()
    site, fit = pieces([-1, -1])
    assert not weak_clicks(site, replace(fit, whole=2 * fit.whole)).any()


def test_a_recording_below_400_hz_holds_too_little_of_an_edge():
    site, fit = pieces([-1, -1])
    site.front.high_hz = 250.0
    assert not weak_clicks(site, fit).any()
