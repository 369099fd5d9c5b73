"""What is excluded, once potentials are known."""

import numpy as np

from emgdetect.detection.rest.exposure import Activity, time_to_analyse
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
        time_s=np.zeros(0), tail_s=np.zeros(0), tail_score=np.zeros(0), beats_s=np.zeros(0),
    )  # fmt: skip
    found = np.array([15.1, 15.18, 15.24, 40.0])
    units = np.array([0, 0, 0, 1])
    until = time_to_analyse(recording, activity, found_s=found, template=units)
    assert until.excluded["default"]["contraction"][0, 1] > 15.24
    alone = time_to_analyse(recording, activity, found_s=found[3:], template=units[3:])
    np.testing.assert_allclose(alone.excluded["default"]["contraction"], [[10.0, 15.05]])


def test_a_train_under_three_numbers_is_no_tremor_where_they_may_be_one_unit():
    rng = np.random.default_rng(3)
    train = 20 + np.cumsum(rng.normal(0.15, 0.015, 100))
    noise = np.sort(rng.uniform(0, 60, 1200))
    tail = np.sort(np.concatenate([noise, train, train + 0.03]))
    score = np.where(np.isin(tail, noise), 3.3, 9.0)
    activity = Activity(
        bad={}, tremor=NONE, swaying=NONE, grid=False, contraction=dict.fromkeys(LEVELS, NONE),
        spare=dict.fromkeys(LEVELS, NONE), time_s=np.zeros(0), tail_s=tail, tail_score=score,
        beats_s=np.zeros(0),
    )  # fmt: skip
    units, one = rng.integers(0, 3, len(train)), np.zeros(len(train), dtype=np.int64)
    apart = time_to_analyse(recording_of(60), activity, found_s=train, template=units)
    made_one = time_to_analyse(recording_of(60), activity, found_s=train, template=units, tonic=one)
    assert total(apart.excluded["default"]["tremor"]) > 5
    assert total(made_one.excluded["default"]["tremor"]) < 1


def recording_of(seconds):
    return Recording.from_array(np.zeros((1, seconds * 1000)), 1000.0, names=["EMG BICEPS L"])
