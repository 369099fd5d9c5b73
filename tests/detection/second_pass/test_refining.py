"""Units are learnt again from all the discharges that are found with them."""

from dataclasses import replace

import numpy as np
import pytest

from emgdetect import Config, Recording
from emgdetect.detection.first_pass.units import Units
from emgdetect.detection.second_pass import refining
from emgdetect.detection.second_pass.refining import (
    LEAST_BELOW,
    frequent,
    refined,
    unselected,
    without_noise,
)
from emgdetect.detection.trace.cutting import View, cut_candidates
from emgdetect.detection.trace.front import chunks_of
from emgdetect.detection.trace.survey import survey

RATE = 2000.0
SECONDS = 120
NOISE_UV = 5.0
TIMES_S = np.arange(0.7, SECONDS - 1, 1.37)
HALF_S = 0.016


def wave():
    t = np.arange(-24, 25) / RATE
    return np.exp(-((t / 0.0022) ** 2)) - 0.8 * np.exp(-(((t - 0.004) / 0.003) ** 2))


def looked_at(trace):
    recording = Recording.from_array(trace.astype(np.float32), RATE, sites="VL")
    front, _ = survey(recording, recording.sites[0], Config(mains_hz="none"))
    return front, chunks_of(recording, recording.sites[0], front.high_hz)


@pytest.fixture(scope="module")
def site():
    """A weak unit that fires 87 times, and how the site is looked at."""
    trace = np.random.default_rng(4).normal(0, NOISE_UV, (1, round(SECONDS * RATE)))
    for at in np.rint(TIMES_S * RATE).astype(int):
        trace[0, at - 24 : at + 25] += 19.0 * wave()
    return looked_at(trace)


def units_of(site, times_s):
    """A unit whose waveform is the average of what lies at some times."""
    front, chunks = site
    pieces = cut_candidates(front, chunks, times_s, view=View((0,)), reach_s=HALF_S, n_threads=1)
    count = np.array([float(len(times_s))])
    return Units(pieces.mean(axis=0)[None], count, np.array([6.0]), np.array([0.8]))


def again(site, units, analysed_s=(0.0, SECONDS), n_threads=1, stretch=1.0):
    front, chunks = site
    found, _ = refined(
        front, chunks, View((0,)), units, np.array([analysed_s]), threshold=5.2,
        lowest=5.2 / stretch, eased=lambda *_: 5.2, n_threads=n_threads,
    )  # fmt: skip
    return found


def likeness(a, b):
    return float(np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2)))


def test_a_unit_known_from_four_discharges_is_learnt_from_most_of_them(site):
    few = units_of(site, TIMES_S[:4])
    truth = units_of(site, TIMES_S).templates[0]
    better = again(site, few)
    assert 0.75 * len(TIMES_S) <= better.counts[0] <= 1.1 * len(TIMES_S)
    assert likeness(better.templates[0], truth) > 0.98 > likeness(few.templates[0], truth)
    assert better.scores[0] == few.scores[0]


def test_counts_are_those_of_the_analysed_time(site):
    half = again(site, units_of(site, TIMES_S[:8]), analysed_s=(0.0, SECONDS / 2))
    assert half.counts[0] <= 0.55 * len(TIMES_S)


def test_what_noise_made_alike_does_not_swell(monkeypatch):
    """Without the guard such an average gathers noise for its own."""
    rng = np.random.default_rng(0)
    site = looked_at(rng.normal(0, NOISE_UV, (1, round(SECONDS * RATE))))
    made = units_of(site, np.sort(rng.uniform(1, SECONDS - 1, 3)))
    size = np.float32(4.4 / np.sqrt(np.sum(made.templates**2)))
    noise = Units(made.templates * size, made.counts, made.scores, made.likeness)
    most = refining.MOST_GROWTH * noise.counts[0]
    assert again(site, noise, stretch=0.85).counts[0] <= most
    monkeypatch.setattr(refining, "BARELY", 0.0)
    assert again(site, noise, stretch=0.85).counts[0] > most


def test_a_clear_unit_stays_as_it_was(site):
    unit = units_of(site, TIMES_S[:4])
    size = np.float32(1.01 * refining.CLEAR_SIZE / np.sqrt(np.sum(unit.templates**2)))
    clear = Units(unit.templates * size, unit.counts, unit.scores, unit.likeness)
    np.testing.assert_array_equal(again(site, clear).templates, clear.templates)


def test_threads_change_nothing(site):
    one, two = (again(site, units_of(site, TIMES_S[:6]), n_threads=n) for n in (1, 2))
    np.testing.assert_array_equal(one.templates, two.templates)


def test_without_units_there_are_none(site):
    none = units_of(site, TIMES_S[:2]).chosen(np.zeros(1, dtype=bool))
    assert not len(again(site, none).templates)


def test_noise_is_taken_out_of_an_average_where_it_is_all_there_is():
    rng = np.random.default_rng(2)
    average = rng.normal(0, 1, (1, 200))
    average[0, 90:110] += 20.0
    out = without_noise(average, 1.0)
    assert np.sum(out[0, :80] ** 2) < 0.3 * np.sum(average[0, :80] ** 2)
    np.testing.assert_allclose(out[0, 95:105], average[0, 95:105], rtol=0.01)


def test_an_average_without_noise_stays_as_it_is():
    average = wave()[None]
    np.testing.assert_allclose(without_noise(average, 0.0), average, atol=1e-6)


def test_some_seconds_tell_no_rate(site):
    few = units_of(site, TIMES_S[:4])
    short = again(site, few, analysed_s=(0.0, refining.LEAST_S - 1))
    np.testing.assert_array_equal(short.templates, few.templates)


@pytest.mark.parametrize("size", [4.0, 4.5, 6.0, 9.0])
def test_the_size_of_a_unit_is_told_from_the_discharges_that_noise_lifted(size):
    least = 4.4
    scores = size + np.random.default_rng(81).standard_normal(200_000)
    mean = scores[scores > least].mean()
    assert unselected(mean, least) == pytest.approx(size, abs=0.03)


def test_of_what_barely_reaches_the_threshold_a_bound_is_told():
    assert unselected(4.6, 4.4) == pytest.approx(4.4 - LEAST_BELOW)
    assert unselected(3.0, 4.4) == 3.0


def test_frequent_units_are_those_that_fire_often_and_not_in_trains():
    rng = np.random.default_rng(8)
    slow = np.cumsum(rng.normal(0.6, 0.12, 150))
    train = np.cumsum(rng.normal(0.2, 0.02, 150))
    rare = rng.uniform(0, 90, 12)
    times = np.concatenate([slow, train, rare])
    units = np.repeat([0.0, 1.0, 2.0], [150, 150, 12])
    np.testing.assert_array_equal(frequent(times, units, least=15.0), slow)
    assert not len(frequent(np.zeros(0), np.zeros(0), least=15.0))


def test_a_frequent_unit_lowers_the_threshold_that_its_own_tail_had_raised(site):
    front, chunks = site
    asked = []

    def eased(spans, known_s):
        asked.append((spans, known_s))
        return 5.0 if len(known_s) else 5.2

    given = {"threshold": 5.2, "lowest": 4.9, "n_threads": 1}
    analysed = np.array([[0.0, SECONDS]])
    few = units_of(site, TIMES_S[:6])
    _, threshold = refined(front, chunks, View((0,)), few, analysed, eased=eased, **given)
    assert threshold == pytest.approx(5.0)
    spans, known_s = max(asked, key=lambda call: len(call[1]))
    np.testing.assert_allclose(spans, analysed, atol=0.01)
    near = np.abs(known_s[:, None] - TIMES_S).min(axis=1)
    assert len(known_s) > 0.6 * len(TIMES_S) and np.mean(near < 0.004) > 0.9
    _, kept = refined(front, chunks, View((0,)), few, analysed, eased=None, **given)
    assert kept == 5.2


def test_a_unit_that_grows_with_noise_lowers_nothing():
    front, chunks = looked_at(np.random.default_rng(5).normal(0, NOISE_UV, (1, 240_000)))
    few = replace(units_of((front, chunks), TIMES_S[:3]), scores=np.array([5.0]))
    few = replace(few, templates=few.templates * 0.4)
    known = []

    def eased(_, known_s):
        known.append(len(known_s))
        return 5.2 - 0.1 * bool(len(known_s))

    grown, threshold = refined(
        front, chunks, View((0,)), few, np.array([[0.0, SECONDS]]), eased=eased, threshold=5.2,
        lowest=6.0, n_threads=1,
    )  # fmt: skip
    assert grown.counts.tolist() == [3]
    assert threshold == 5.2
    assert not any(known)
