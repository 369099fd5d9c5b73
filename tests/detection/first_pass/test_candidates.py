"""Candidates of a scan, and the clearer ones among them."""

import numpy as np

from emgdetect import Config, Recording
from emgdetect.detection.first_pass.scan import scan
from emgdetect.detection.trace import survey as first_look
from emgdetect.detection.trace.front import chunks_of

COLUMNS = ("segment", "time_s", "score", "by_channel")


def test_the_clearer_candidates_are_those_of_a_scan_that_asks_more():
    trace = np.random.default_rng(0).standard_normal((1, 40_000)).astype(np.float32)
    recording = Recording.from_array(trace, 1000.0, names=["EMG BICEPS L"])
    site = recording.sites[0]
    front, _ = first_look.survey(recording, site, Config(mains_hz="none"))
    chunks = chunks_of(recording, site, front.high_hz)
    low, high = (scan(front, chunks, threshold=least) for least in (3.5, 4.2))
    assert len(low.time_s) > len(high.time_s) > 0
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(low.above(4.2), name), getattr(high, name))
    assert low.above(3.5) is low
    assert len(low.above(99.0).time_s) == 0
    np.testing.assert_array_equal(low.above(99.0).tail_s, low.tail_s)
