"""How far a detection is: told to whoever asked, with no effect on what is found."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

import emgdetect as emg
from emgdetect.analysis import RECOVERY_COST, _share_of_first
from emgdetect.course import UNTOLD, Course

SITES = ("BICEPS L", "TIBIALIS R")
STAGES = ("survey", "heart", "scan", "units", "pursuit", "measure")


class Listener:
    """Keeps what is told, and in which thread."""

    def __init__(self):
        self.stages, self.shares, self.threads = [], [], set()

    def __call__(self, stage, share):
        self.stages.append(stage)
        self.shares.append(share)
        self.threads.add(threading.current_thread())


@pytest.fixture(scope="module")
def recording():
    return emg.simulate(duration_s=40, seed=7, sites=SITES, rate_per_min=(30, 60)).recording


def of_sites(before=""):
    return [f"{before}{site}: {stage} ({k} of 2 sites)"
            for k, site in enumerate(SITES, 1) for stage in STAGES]  # fmt: skip


def test_every_stage_is_told_as_it_begins(recording):
    heard = Listener()
    emg.detect(recording, n_threads=2, progress=heard)
    assert heard.stages == ["heart", *of_sites(), "judging", "done"]
    assert heard.threads == {threading.current_thread()}
    assert heard.shares == sorted(set(heard.shares))
    assert (heard.shares[0], heard.shares[-1]) == (0.0, 1.0)


def test_with_the_recovery_test_it_goes_on_and_nothing_found_differs(recording):
    heard = Listener()
    told = emg.detect(recording, recovery=True, progress=heard)
    untold = emg.detect(recording, recovery=True)
    looks = [stage for look in ("recovery test 1/2: ", "recovery test 2/2: ")
             for stage in (*of_sites(look), f"{look}judging")]  # fmt: skip
    assert heard.stages == ["heart", *of_sites(), "judging", "recovery test", *looks, "done"]
    assert heard.shares == sorted(heard.shares)
    assert (heard.shares[0], heard.shares[-1]) == (0.0, 1.0)
    assert len(told.events) > 10
    assert len(told.recovery) > 4
    for table in ("events", "summary", "excluded", "recovery"):
        pd.testing.assert_frame_equal(getattr(told, table), getattr(untold, table))


def test_without_sites_it_still_comes_to_an_end():
    empty = emg.Recording((), (), lambda *_: None)
    heard = Listener()
    emg.detect(empty, progress=heard)
    assert heard.stages == ["heart", "judging", "done"]


def test_what_progress_raises_ends_the_detection(recording):
    def stop(_stage, share):
        if share > 0.1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        emg.detect(recording, progress=stop)


def test_a_long_recording_is_read_again_in_part_only(recording):
    assert _share_of_first(recording) == pytest.approx(1 / (1 + RECOVERY_COST))

    class Night:
        recorded_s = 86400.0

    assert 0.98 < _share_of_first(Night()) < 1.0


def test_parts_of_parts_lie_within_them():
    heard = Listener()
    half = Course(heard).part(0.5, 1.0, before="a: ", after=" (1)")
    half.part(0.5, 0.75, before="b: ", after=" (2)").tell("c", 0.5)
    assert (heard.stages, heard.shares) == (["a: b: c (2) (1)"], [0.8125])
    UNTOLD.part(0.0, 0.5).tell("heard by nobody", 1.0)
