"""Potentials of both body sides that come together, and strong mains nobody looked beside."""

import numpy as np
import pandas as pd

from emgdetect.detection.bodymap import side_of
from emgdetect.stats.strong_mains import strong_mains
from emgdetect.stats.together import twitches_together

SITES = ("FDI L", "APB L", "FDI R", "TIBIALIS R")
SIDES = {site: side_of(site) for site in SITES}


def events(*, twitches, sites=SITES, seed=0):
    """Potentials at random, and at each of some moments one at most sites."""
    rng = np.random.default_rng(seed)
    moments = rng.uniform(5, 175, twitches)
    rows = []
    for site in sites:
        alone = rng.uniform(0, 180, 60)
        shared = moments[rng.random(twitches) < 0.8] + rng.normal(0, 0.005)
        rows += [(site, t, "fasciculation") for t in (*alone, *shared)]
        rows += [(site, t, "train") for t in rng.uniform(0, 180, 30)]
    return pd.DataFrame(rows, columns=["site", "peak_s", "verdict"]).sort_values("peak_s")


def test_twitches_of_both_sides_are_told_once_for_all_sites():
    (told,) = twitches_together(events(twitches=40), SIDES)
    assert told.code == "twitches-together"
    assert "at 3 sites or more of both body sides" in told.message
    assert "rather than fasciculations of single units" in told.message


def test_independent_muscles_few_moments_and_unknown_sides_are_not():
    assert twitches_together(events(twitches=0), SIDES) == []
    assert twitches_together(events(twitches=4), SIDES) == []
    assert twitches_together(events(twitches=40), dict.fromkeys(SITES, "")) == []
    assert twitches_together(events(twitches=40, sites=SITES[1:3]), SIDES) == []
    assert twitches_together(events(twitches=0).iloc[:0], SIDES) == []


def test_two_sites_of_one_signal_are_no_twitches_of_both_sides():
    found = events(twitches=0)
    twin = found[found.site == "FDI L"].assign(site="APB L")
    found = pd.concat([found[found.site != "APB L"], twin]).sort_values("peak_s")
    assert twitches_together(found, SIDES) == []


def test_strong_mains_is_told_where_it_is_not_known_what_could_be_seen():
    summary = pd.DataFrame({
        "site": ["A", "B", "C", "D"],
        "analysed_s": [60.0, 60.0, 60.0, 0.0],
        "mains_share": [0.9, 0.9, 0.1, 0.9],
        "detectable_uv": [np.nan, 12.0, np.nan, np.nan],
    })  # fmt: skip
    told = strong_mains(summary)
    assert [f.message.split(":")[0] for f in told] == ["A"]
    assert "90%" in told[0].message
