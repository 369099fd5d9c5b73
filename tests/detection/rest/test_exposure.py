"""What is excluded, once potentials are known."""

import numpy as np

from emgdetect.detection.rest import crowding
from emgdetect.detection.rest.activity import Activity, _without_lobes
from emgdetect.detection.rest.bouts import Sized
from emgdetect.detection.rest.exposure import time_to_analyse
from emgdetect.detection.rest.unrest import Fired
from emgdetect.recording import Recording
from emgdetect.signal.spans import total

NONE = np.zeros((0, 2))
LEVELS = ("lenient", "default", "strict")


def test_discharges_in_the_spared_margin_of_a_contraction_belong_to_it():
    recording = Recording.from_array(np.zeros((1, 60_000)), 1000.0, names=["EMG BICEPS L"])
    activity = Activity(
        bad={}, tremor=NONE, swaying=NONE, grid=False,
        contraction=dict.fromkeys(LEVELS, np.array([[10.0, 15.25]])),
        spare=dict.fromkeys(LEVELS, np.array([[15.05, 15.25]])),
        tense=dict.fromkeys(LEVELS, NONE),
        time_s=np.zeros(0), tail_s=np.zeros(0), tail_score=np.zeros(0), beats_s=np.zeros(0),
        cell_s=NONE, loudness=np.zeros(0),
    )  # fmt: skip
    found = np.array([15.1, 15.18, 15.24, 40.0])
    units = np.array([0, 0, 0, 1])
    until = time_to_analyse(recording, activity, fired(found, units))
    assert until.excluded["default"]["contraction"][0, 1] > 15.24
    alone = time_to_analyse(recording, activity, fired(found[3:], units[3:]))
    np.testing.assert_allclose(alone.excluded["default"]["contraction"], [[10.0, 15.05]])


def test_a_train_under_three_numbers_is_no_tremor_where_they_may_be_one_unit():
    rng = np.random.default_rng(3)
    train = 20 + np.cumsum(rng.normal(0.15, 0.015, 100))
    noise = np.sort(rng.uniform(0, 60, 1200))
    tail = np.sort(np.concatenate([noise, train, train + 0.03]))
    score = np.where(np.isin(tail, noise), 3.3, 9.0)
    activity = Activity(
        bad={}, tremor=NONE, swaying=NONE, grid=False, contraction=dict.fromkeys(LEVELS, NONE),
        spare=dict.fromkeys(LEVELS, NONE), tense=dict.fromkeys(LEVELS, NONE), time_s=np.zeros(0),
        tail_s=tail, tail_score=score, beats_s=np.zeros(0), cell_s=NONE, loudness=np.zeros(0),
    )  # fmt: skip
    units, one = rng.integers(0, 3, len(train)), np.zeros(len(train), dtype=np.int64)
    apart = time_to_analyse(recording_of(60), activity, fired(train, units))
    made_one = time_to_analyse(recording_of(60), activity, fired(train, units, one))
    assert total(apart.excluded["default"]["tremor"]) > 5
    assert total(made_one.excluded["default"]["tremor"]) < 1


def fired(time_s, template, tonic=None):
    every = Sized(time_s, template, np.ones(len(time_s)))
    return Fired(time_s, template, template if tonic is None else tonic, every)


def recording_of(seconds):
    return Recording.from_array(np.zeros((1, seconds * 1000)), 1000.0, names=["EMG BICEPS L"])


def test_a_few_discharges_with_lobes_that_all_of_a_recording_shows_are_no_crowd():
    # Seven of two units of 25 to 42 times the noise, with a lobe or two each, were a tremor.
    rows = np.array([
        (131.557, 41.9), (131.580, 13.9), (131.603, 42.0), (131.617, 15.3), (131.629, 8.6),
        (131.696, 37.7), (131.711, 14.0), (131.874, 36.7), (131.890, 13.6), (131.931, 33.1),
        (131.946, 10.5), (132.135, 24.8), (132.147, 23.9), (132.160, 8.3),
    ])  # fmt: skip
    span = crowding.crowded_spans(rows[:, 0])
    assert len(span) == 1 and len(_without_lobes(*rows.T, span)) == 1
    alone = np.arange(10.0, 100.0, 3.0)
    lobed = [np.stack([alone + lag, np.full(30, size)], axis=1)
             for lag, size in ((0.0, 38.0), (0.015, 13.0), (0.024, 8.0))]  # fmt: skip
    more = np.concatenate([*lobed, rows])
    more = more[np.argsort(more[:, 0])]
    assert not len(_without_lobes(*more.T, span))


def test_discharges_of_many_units_keep_no_lag_and_crowd_on():
    rng = np.random.default_rng(2)
    time_s, score = np.sort(20 + rng.uniform(0, 2, 90)), rng.uniform(5, 40, 90)
    crowded = crowding.crowded_spans(time_s)
    assert total(_without_lobes(time_s, score, crowded)) > 1.5
    assert not len(_without_lobes(time_s, score, crowded[:0]))
