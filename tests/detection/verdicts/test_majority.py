"""What most of a unit's potentials are, the others are, too: each episode has one vote."""

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.verdicts.judging import judge_by_majority


def judged_as(times_s, accused, verdict="motion"):
    """Verdicts of one unit, some of whose potentials are accused."""
    site = made_site("TA L", times_s, 0, 50.0)
    before = all_counted(site).revised(np.asarray(accused), verdict, "moved")
    return judge_by_majority(site, before).verdict


def test_lone_potentials_go_with_the_accused_majority():
    times_s = np.arange(10) * 7.0
    assert list(judged_as(times_s, np.arange(10) < 7)) == ["motion"] * 10
    assert list(judged_as(times_s, np.arange(10) < 6)) == ["motion"] * 6 + ["fasciculation"] * 4
    assert list(judged_as(times_s, np.arange(10) < 7, "ecg")) == ["ecg"] * 10


def test_a_twitch_of_a_dozen_potentials_has_one_vote():
    twitch, alone_s = 30.0 + 0.02 * np.arange(12), np.array([60.0, 80.0, 100.0])
    verdicts = judged_as(np.concatenate([twitch, alone_s]), np.arange(15) < 12)
    assert list(verdicts) == ["motion"] * 12 + ["fasciculation"] * 3


def test_many_episodes_of_movement_take_what_is_left():
    bursts = (10.0 * np.arange(1, 8)[:, None] + 0.03 * np.arange(5)).ravel()
    times_s = np.concatenate([[1.0], bursts, [90.0]])
    accused = np.concatenate([[False], np.ones(35, dtype=bool), [False]])
    assert list(judged_as(times_s, accused)) == ["motion"] * 37
