"""Noise that flares up for some tens of milliseconds asks for a higher score."""

import numpy as np
import pytest

from emgdetect import Config, Recording
from emgdetect.detection.second_pass import surroundings
from emgdetect.detection.second_pass.surroundings import noise_around, stands_out
from emgdetect.detection.trace.front import chunks_of
from emgdetect.detection.trace.survey import survey

RATE = 2000.0
FLARES_S = np.arange(2.0, 58.0, 4.0)


@pytest.fixture(scope="module")
def site():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 5, (2, int(60 * RATE))).astype(np.float32)
    for time_s in FLARES_S:
        noise[1, round((time_s - 0.08) * RATE) : round((time_s + 0.08) * RATE)] *= 2.5
    recording = Recording.from_array(noise, RATE, sites="VL")
    front, _ = survey(recording, recording.sites[0], Config(mains_hz="none"))
    return front, chunks_of(recording, recording.sites[0], front.high_hz)


def channel_of(number, times):
    return np.full(len(times), number, dtype=np.int64)


def test_noise_around_is_one_in_even_noise_and_more_in_a_flare(site):
    calm_s = FLARES_S + 2.0
    calm = noise_around(*site, calm_s, channel_of(1, calm_s))
    assert np.median(calm) == pytest.approx(1.0, abs=0.1)
    assert np.all(noise_around(*site, FLARES_S, channel_of(1, FLARES_S)) > 1.5)
    other = noise_around(*site, FLARES_S, channel_of(0, FLARES_S))
    assert np.median(other) == pytest.approx(1.0, abs=0.1)


def test_what_barely_reaches_the_threshold_does_not_stand_out_of_a_flare(site):
    times = np.sort(np.concatenate([FLARES_S, FLARES_S + 2.0]))
    flare = np.isin(times, FLARES_S)
    for score, kept in ((6.0, ~flare), (4.0, np.zeros(len(times), bool)),
                        (12.0, np.ones(len(times), bool))):  # fmt: skip
        scores = np.full(len(times), score)
        out = stands_out(*site, times, channel_of(1, times), scores, scores, np.ones(len(times)),
                         np.full(len(times), -1), threshold=5.0, minutes=1.0)  # fmt: skip
        assert np.mean(out == kept) > 0.9


def test_a_known_unit_needs_less(site):
    times = FLARES_S + 2.0
    score = np.full(len(times), 4.6)
    for unit, share in ((-1, 0.0), (0, 1.0)):
        out = stands_out(*site, times, channel_of(1, times), score, score, np.ones(len(times)),
                         np.full(len(times), unit), threshold=5.0, minutes=1.0)  # fmt: skip
        assert out.mean() == pytest.approx(share, abs=0.2)


def test_of_what_resembles_a_unit_alike_the_better_visible_is_kept(site):
    times = FLARES_S + 2.0
    score = np.full(len(times), 4.2)
    kept = [
        stands_out(*site, times, channel_of(1, times), score, np.full(len(times), generic),
                   np.ones(len(times)), np.zeros(len(times), dtype=np.int64), threshold=5.0,
                   minutes=1.0).mean()
        for generic in (2.0, 5.0)
    ]  # fmt: skip
    assert kept[0] < 0.2 and kept[1] > 0.8


@pytest.mark.parametrize(
    ("score", "left", "kept"),
    [(5.2, 1.0, True), (5.2, 2.0, False), (5.2, 0.5, True), (10.0, 4.0, True)],
)
def test_a_known_unit_needs_more_where_more_is_left_around_it(site, score, left, kept):
    times = FLARES_S + 2.0
    scores, unit = np.full(len(times), score), np.zeros(len(times), dtype=np.int64)
    out = stands_out(*site, times, channel_of(1, times), scores, scores, np.full(len(times), left),
                     unit, threshold=5.0, minutes=10.0)  # fmt: skip
    assert np.all(out == kept)


def test_of_none_none_stands_out(site):
    none = np.zeros(0, dtype=np.int64)
    out = stands_out(*site, np.zeros(0), none, np.zeros(0), np.zeros(0), np.zeros(0), none,
                     threshold=5.0, minutes=1.0)  # fmt: skip
    assert out.shape == (0,)


def test_units_that_hardly_fire_have_to_stand_out_more():
    template = np.array([-1, 0, *[1] * 60, -1])
    share = surroundings.shares(template, 1.0)
    assert share[0] == share[-1] == surroundings.LONE_SHARE
    assert share[1] == surroundings.UNIT_SHARE
    assert np.unique(share[2:-1]) == pytest.approx(
        surroundings.UNIT_SHARE * 60**-surroundings.UNIT_SLOPE
    )
    assert surroundings.shares(template, 60.0)[2] == surroundings.UNIT_SHARE
    assert np.array_equal(surroundings.shares(template, 0.1), share)
    assert surroundings.shares(template[:0], 1.0).shape == (0,)
