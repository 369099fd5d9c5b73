"""When a muscle is active, once its potentials are known: weak contractions, but no trains."""

import numpy as np
import pytest

from emgdetect.detection.rest import throng
from emgdetect.detection.rest.activity import Activity
from emgdetect.detection.rest.bouts import Sized
from emgdetect.detection.rest.unrest import Fired, by_candidates, by_potentials
from emgdetect.signal.spans import total

NONE = np.zeros((0, 2))
LEVELS = tuple(throng.LEAST)
RECORDED = np.array([[0.0, 180.0]])
ACTIVE = (60.0, 68.0)


def activity_of(*more, beats_s=(), grid=False):
    """Maxima of noise, one a second, and others; while they come it is a little louder."""
    rng = np.random.default_rng(0)
    tail = np.sort(np.concatenate([rng.uniform(0, 180, 180), *more]))
    edges = 0.25 * np.arange(721)
    cell_s = np.stack([edges[:-1], edges[1:]], axis=1)
    louder = (cell_s[:, 0] >= ACTIVE[0]) & (cell_s[:, 0] < ACTIVE[1])
    loudness = np.exp(0.03 * rng.standard_normal(720)) * np.where(louder, 1.2, 1.0)
    nothing = dict.fromkeys(LEVELS, NONE)
    return Activity(
        bad={}, tremor=NONE, swaying=NONE, grid=grid, contraction=nothing, spare=nothing,
        tense=nothing, time_s=np.zeros(0), tail_s=tail, tail_score=np.full(len(tail), 4.5),
        beats_s=np.array(beats_s), cell_s=cell_s, loudness=loudness,
    )  # fmt: skip


def told(activity, time_s=(), template=None):
    time_s = np.array(time_s, dtype=float)
    template = np.zeros(len(time_s), dtype=np.int64) if template is None else template
    every = Sized(time_s, template, np.full(len(time_s), 2.0))
    return by_potentials(activity, Fired(time_s, template, template, every), RECORDED)


def contraction():
    return np.random.default_rng(1).uniform(*ACTIVE, 110)


def test_maxima_of_many_units_are_a_contraction_and_no_scan_alone_tells_it():
    activity = activity_of(contraction())
    unrest = told(activity)
    for spans in (unrest.contraction["default"], unrest.thronged):
        assert spans.shape == (1, 2) and np.abs(spans - ACTIVE).max() < 0.5
    assert total(unrest.contraction["lenient"]) <= total(unrest.contraction["strict"])
    assert not len(by_candidates(activity).contraction["default"])


@pytest.mark.parametrize("numbers", [1, 3])
def test_a_train_is_no_contraction_under_one_number_or_several(numbers):
    rng = np.random.default_rng(2)
    train = ACTIVE[0] + np.cumsum(rng.normal(0.11, 0.008, 70))
    unrest = told(activity_of(train), train, rng.integers(0, numbers, len(train)))
    assert not len(unrest.contraction["default"])
    assert len(unrest.thronged) == 1


def test_beats_are_no_discharges_and_a_grid_sees_distant_units_all_the_time():
    beats = np.arange(ACTIVE[0], ACTIVE[1], 0.35)
    lobes = np.concatenate([beats - 0.04, beats, beats + 0.04])
    with_beats = told(activity_of(lobes, beats_s=beats))
    grid = told(activity_of(contraction(), grid=True))
    for unrest in (with_beats, grid):
        assert not len(unrest.contraction["default"]) and not len(unrest.thronged)
    assert len(told(activity_of(lobes)).thronged)
