"""What each exclusion level leaves of a site, and what is counted under it."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from emgdetect.detection.levels import LEVELS, OfLevel, SiteLevels, judged_at, parts_of
from emgdetect.detection.rest.exposure import Exposure
from emgdetect.detection.second_pass.measuring import Measured
from emgdetect.detection.second_pass.pursuit import Faint, Found
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.judging import unjudged

PEAKS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def made(rows, analysed_s, active_s=()):
    """A site of five potentials, of which each level leaves some."""
    n, whole = len(PEAKS), np.arange(len(PEAKS))
    every = SiteSignal(
        site=SimpleNamespace(name="BICEPS L"), front=None, known=None, chunks=[], level="default",
        found=Found(**dict.fromkeys(Found.__dataclass_fields__, PEAKS)), channel=whole,
        measured=Measured(*[PEAKS] * 5, whole, PEAKS, np.zeros((n, 3), np.float32)),
        beat=np.zeros(n, dtype=bool), faint=Faint(PEAKS, whole, PEAKS),
        aside=Faint(PEAKS[:0], whole[:0], PEAKS[:0]), excluded={},
        analysed_s={level: np.array([[0.0, stop]]) for level, stop in analysed_s.items()},
        active_s=np.zeros((0, 2)), swaying_s=np.zeros((0, 2)), thronged_s=np.zeros((0, 2)),
        expected_false_per_min=0.2, noise_uv=5.0, seconds={},
    )  # fmt: skip
    active = dict.fromkeys(LEVELS, np.zeros((0, 2))) | dict(active_s)
    parts = {
        level: OfLevel(whole < k, np.ones(n, dtype=bool), {"contraction": active[level]},
                       active[level])
        for level, k in rows.items()
    }  # fmt: skip
    return SiteLevels(every, parts)


@dataclass
class AllButTheLast:
    """Counts all but the last potential of a site that has more than three: it is a train's."""

    asked: list

    def __call__(self, signals):
        self.asked.append(signals[0].level)
        out = []
        for signal in signals:
            n = len(signal.found.time_s)
            out.append(unjudged(n).revised(np.arange(n) >= max(3, n - 1), "train", "regular"))
        return out


def test_each_level_is_judged_on_its_own():
    site = made({"lenient": 5, "default": 4, "strict": 3},
                {"lenient": 6.0, "default": 5.0, "strict": 4.0})  # fmt: skip
    for level, n in (("lenient", 5), ("default", 4), ("strict", 3)):
        judging = AllButTheLast([])
        signals, judged, counts = judged_at([site], level, judging, others=True)
        assert sorted(judging.asked) == sorted(LEVELS)
        assert signals[0].level == level and len(signals[0].found.time_s) == n
        np.testing.assert_array_equal(signals[0].measured.peak_s, PEAKS[:n])
        assert len(judged[0].verdict) == n
        assert counts == [{"lenient": (4, 6.0), "default": (3, 5.0), "strict": (3, 4.0)}]


def test_what_two_levels_leave_alike_is_judged_once():
    rows = {"lenient": 5, "default": 4, "strict": 4}
    analysed = {"lenient": 6.0, "default": 5.0, "strict": 5.0}
    one, other = made(rows, analysed), made(dict.fromkeys(LEVELS, 5), dict.fromkeys(LEVELS, 6.0))
    judging = AllButTheLast([])
    _, _, counts = judged_at([one, other], "default", judging, others=True)
    assert sorted(judging.asked) == ["default", "lenient"]
    assert counts[0] == {"lenient": (4, 6.0), "default": (3, 5.0), "strict": (3, 5.0)}
    assert counts[1] == dict.fromkeys(LEVELS, (4, 6.0))
    judging = AllButTheLast([])
    judged_at([other], "lenient", judging, others=True)
    assert judging.asked == ["lenient"]


def test_levels_are_not_alike_where_the_muscle_is_active_for_one_alone():
    """So it is in a needle recording, in which nothing is excluded for it."""
    site = made(dict.fromkeys(LEVELS, 5), dict.fromkeys(LEVELS, 6.0),
                {"strict": np.array([[4.0, 6.0]])})  # fmt: skip
    assert site.alike("lenient", "default") and not site.alike("default", "strict")


@pytest.mark.parametrize("level", LEVELS)
def test_a_second_look_judges_the_level_that_is_asked_for_alone(level):
    site = made({"lenient": 5, "default": 4, "strict": 3},
                {"lenient": 6.0, "default": 5.0, "strict": 4.0})  # fmt: skip
    judging = AllButTheLast([])
    _, _, counts = judged_at([site], level, judging, others=False)
    assert judging.asked == [level] and set(counts[0]) == {level}


def test_a_level_that_leaves_all_holds_no_copy():
    site = made({"lenient": 5, "default": 4, "strict": 3},
                {"lenient": 6.0, "default": 5.0, "strict": 4.0})  # fmt: skip
    assert site.at("lenient").measured is site.every.measured
    assert len(site.at("default").measured.snippet_uv) == 4


def test_a_peak_beside_the_analysed_time_of_its_potential_is_counted():
    """As in the statistics, so that the rate of a level is that of the site."""
    site = made(dict.fromkeys(LEVELS, 3), dict.fromkeys(LEVELS, 3.0))
    assert judged_at([site], "default", AllButTheLast([]), others=True)[2][0]["strict"] == (3, 3.0)


def test_no_site_is_judged_without_error():
    assert judged_at([], "default", lambda _: [], others=True) == ([], [], [])


def test_what_peaks_in_an_excluded_span_is_not_listed():
    """The middle of its shape may lie beside the span, where it was found."""
    whole, none = np.array([[0.0, 6.0]]), np.zeros((0, 2))
    site = made(dict.fromkeys(LEVELS, 5), dict.fromkeys(LEVELS, 6.0)).every
    time_s = PEAKS + np.array([0.0, 0.014, 0.0, 0.0, 0.0])
    front = SimpleNamespace(site=SimpleNamespace(sampling_hz=1000.0))
    site = replace(site, front=front, found=replace(site.found, time_s=time_s))
    clipped, gap = np.array([[1.9, 2.01], [4.5, 5.0]]), np.array([[2.9, 3.1]])
    excluded = {"clipped": clipped, "tremor": none, "gap": gap}
    analysed = np.array([[0.0, 1.9], [2.01, 4.5], [5.0, 6.0]])
    by_level = (dict.fromkeys(LEVELS, x) for x in (excluded, analysed, none))
    exposure = Exposure(*by_level, thronged=none)
    for part in parts_of(site, dict.fromkeys(LEVELS, whole), exposure).values():
        assert part.rows.tolist() == [True, False, True, True, True]
