"""Rates under the three exclusion levels: what a run at each level counts, whichever is asked."""

import pandas as pd
import pytest
from made_analysis import SITES

import emgdetect as emg

LEVELS = ("lenient", "default", "strict")
COLUMNS = [name for level in LEVELS for name in (f"rate_{level}_per_min", f"analysed_{level}_s")]
SAME = ["site", "channel", "peak_s", "amplitude_uv", "score", "threshold", "noise_uv"]


@pytest.fixture(scope="module")
def by_level():
    """One recording with contractions at both sites, under each level."""
    recording = emg.simulate(
        duration_s=40, seed=414, scenario="contractions", sites=SITES
    ).recording
    return {level: emg.detect(recording, emg.Config(exclusion=level)) for level in LEVELS}


def counts_of(detections):
    return [dict(fact.counts_by_level) for fact in detections.facts]


def test_the_columns_of_the_levels_are_the_same_whichever_is_asked_for(by_level):
    for level in LEVELS:
        pd.testing.assert_frame_equal(
            by_level[level].summary[COLUMNS], by_level["default"].summary[COLUMNS],
            check_exact=True,
        )  # fmt: skip
        assert counts_of(by_level[level]) == counts_of(by_level["default"])


def test_the_rate_of_a_level_is_what_a_run_at_that_level_counts(by_level):
    for level, found in by_level.items():
        summary = found.summary
        assert list(summary[f"rate_{level}_per_min"]) == list(summary["rate_per_min"])
        assert list(summary[f"analysed_{level}_s"]) == list(summary["analysed_s"])
        for fact, row in zip(by_level["default"].facts, summary.itertuples(), strict=True):
            assert fact.counts_by_level[level] == (row.n_fasciculations, row.analysed_s)
            counted = found.fasciculations[found.fasciculations["site"] == fact.site]
            assert fact.counts_by_level[level][0] == len(counted)


def test_a_level_that_excludes_less_analyses_and_counts_more(by_level):
    for counts in counts_of(by_level["default"]):
        n, seconds = zip(*(counts[level] for level in LEVELS), strict=True)
        assert n[0] >= n[1] >= n[2] > 0
        assert seconds[0] > seconds[1] > seconds[2] > 0
    # In the time that only the lenient level analyses there are potentials, too.
    n_lenient, n_default, n_strict = (
        sum(counts[level][0] for counts in counts_of(by_level["default"])) for level in LEVELS
    )
    assert n_lenient > n_default > n_strict


def test_potentials_are_the_same_under_all_levels(by_level):
    """A level chooses among them; it neither finds nor measures any anew."""
    for less, more in (("strict", "default"), ("default", "lenient")):
        few, many = by_level[less].events[SAME], by_level[more].events[SAME]
        assert len(few) < len(many)
        assert len(few.merge(many, on=SAME, how="inner")) == len(few)


def test_nothing_is_listed_in_time_that_the_level_excludes(by_level):
    for found in by_level.values():
        for site in SITES:
            at_s = found.events.loc[found.events["site"] == site, "peak_s"].to_numpy()
            spans = found.excluded[found.excluded["site"] == site]
            for start, duration in zip(spans["onset"], spans["duration"], strict=True):
                # A peak may lie some samples beside the moment at which its potential was found.
                inside = (at_s > start + 0.05) & (at_s < start + duration - 0.05)
                assert not inside.any()
