"""Noise that flares up for some tens of milliseconds asks for a higher score."""

import numpy as np
import pytest

from emgdetect import Config, Recording
from emgdetect.detection.second_pass import surroundings
from emgdetect.detection.second_pass.pursuit import Found
from emgdetect.detection.second_pass.surroundings import noise_around, standing_out
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


def candidates(times, score, *, generic=None, left=1.0, unit=-1):
    """What the second pass found, as far as its surroundings matter."""
    n = len(times)
    scores = np.broadcast_to(np.asarray(score, dtype=float), n)
    generic = scores if generic is None else np.full(n, generic)
    return Found(
        segment=np.zeros(n, np.int64), time_s=times, template=np.broadcast_to(unit, n),
        scale=np.ones(n), score=scores, by_channel=generic[:, None].astype(np.float32),
        left=np.full(n, left), reached=np.full(n, np.inf), needed=np.ones(n),
    )  # fmt: skip


def stands_out(site, found, *, channel=1, minutes=1.0, needed=None):
    own = channel_of(channel, found.time_s)
    asked = standing_out(*site, found, own, threshold=5.0, minutes=minutes, needed=needed)
    return asked.reached >= asked.needed


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
        assert np.mean(stands_out(site, candidates(times, score)) == kept) > 0.9


def test_a_known_unit_needs_less(site):
    times = FLARES_S + 2.0
    for unit, share in ((-1, 0.0), (0, 1.0)):
        out = stands_out(site, candidates(times, 4.6, unit=unit))
        assert out.mean() == pytest.approx(share, abs=0.2)


def test_of_what_resembles_a_unit_alike_the_better_visible_is_kept(site):
    times = FLARES_S + 2.0
    kept = [
        stands_out(site, candidates(times, 4.2, generic=generic, unit=0)).mean()
        for generic in (2.0, 5.0)
    ]
    assert kept[0] < 0.2 and kept[1] > 0.8


def test_what_lies_beside_a_far_larger_potential_does_not_stand_out_by_it(site):
    times = FLARES_S + 2.0
    alone, beside = (
        stands_out(site, candidates(times, 4.0, generic=generic, left=1.7, unit=0), minutes=14.0)
        for generic in (4.8, 30.0)
    )
    assert not alone.any() and not beside.any()


@pytest.mark.parametrize(
    ("score", "left", "kept"),
    [(5.4, 1.0, True), (5.4, 2.0, False), (5.4, 0.5, True), (10.0, 4.0, True)],
)
def test_a_known_unit_needs_more_where_more_is_left_around_it(site, score, left, kept):
    found = candidates(FLARES_S + 2.0, score, left=left, unit=0)
    assert np.all(stands_out(site, found, minutes=10.0) == kept)


def test_a_potential_just_seen_counts_where_others_are_and_not_amid_noise(site):
    """Its score, unit and noise are the same; what else the site has of candidates differs."""
    times = FLARES_S[:1] + 2.0
    at = np.concatenate([times, np.linspace(5, 55, 40)])
    for other, kept in ((6.0, True), (4.2, False)):
        unit = np.array([0, *np.arange(1, 41)])
        found = candidates(at, [5.0, *[other] * 40], unit=unit)
        assert stands_out(site, found, minutes=3.0)[0] == kept


def test_a_second_detection_asks_for_what_the_first_one_did(site):
    """Whatever was added to its recording in between."""
    times = np.linspace(5, 55, 41)
    found = candidates(times, [5.0, *[6.0] * 40], unit=np.arange(41))
    own = channel_of(1, times)
    first = standing_out(*site, found, own, threshold=5.0, minutes=3.0)
    needed = surroundings.of_site(first)
    assert needed < 0.9
    alone = candidates(times[:1], 5.0, unit=0)
    assert stands_out(site, alone, minutes=3.0, needed=needed).all()
    assert not stands_out(site, alone, minutes=3.0).any()
    assert surroundings.of_site(candidates(times, 6.0)) is None


def test_what_is_clear_is_not_asked_but_where_its_surroundings_are_bad_others_are(site):
    clear = FLARES_S + 2.0
    times = np.append(1.0, clear)
    needed = []
    for left in (1.0, 6.0):
        found = candidates(times, [5.0, *[10.5] * len(clear)], generic=5.0, left=left, unit=0)
        asked = standing_out(*site, found, channel_of(1, times), threshold=5.0, minutes=3.0)
        assert np.all(asked.reached[1:] == np.inf) and np.isfinite(asked.reached[0])
        needed.append(asked.needed[0])
    assert needed[0] <= 1.0 < needed[1]


def test_the_site_asks_for_less_with_each_likely_and_for_more_with_each_doubtful_candidate():
    likely, doubtful, far = 1.2, 0.8, [3.0, 0.3]
    needed = [
        surroundings.needed_at_site(np.array([likely] * n + [doubtful] * m + far), 3.0)
        for n, m in ((0, 0), (1, 0), (9, 0), (9, 1), (9, 9))
    ]
    assert needed[0] == 1.0
    assert needed[0] > needed[1] > needed[2] < needed[3] < needed[4] < 1.0
    assert surroundings.needed_at_site(np.zeros(0), 0.1) == 1.0
    assert surroundings.needed_at_site(np.full(9, likely), 0.2) == pytest.approx(
        surroundings.needed_at_site(np.full(9, likely), 1.0)
    )


def test_fewer_likely_candidates_than_it_seemed_make_all_need_more():
    assert surroundings.needed_more(30, 30, 3.0) == 1.0
    assert surroundings.needed_more(30, 0, 3.0) > surroundings.needed_more(30, 15, 3.0) > 1.0
    # Between what it would be had no doubtful one gone, and had as large a share of them.
    none, alike, all_of_them = (
        surroundings.needed_at_site(np.repeat([1.2, 0.8], counts), 3.0)
        for counts in ((17, 39), (17, 17), (39, 39))
    )
    more = surroundings.needed_more(39, 17, 3.0)
    assert alike / all_of_them < more < none / all_of_them


def test_of_none_none_stands_out(site):
    none = np.zeros(0, dtype=np.int64)
    assert stands_out(site, candidates(np.zeros(0), none)).shape == (0,)


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
