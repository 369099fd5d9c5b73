"""What lies amid movement is part of it, unless its unit is known from elsewhere."""

import numpy as np

from emgdetect.detection.firing.amid import LEAST, REACH_S, amid_movement

ALL = ((0.0, 180.0),)
SWINGS = 20.0 + np.array([0.0, 0.3, 0.6])


def part_of(own_s, unit, swings_s=SWINGS, analysed_s=ALL):
    """Which of some events of one unit, or of none, are movement."""
    own_s = np.asarray(own_s)
    time_s = np.concatenate([swings_s, own_s])
    template = np.concatenate([np.full(len(swings_s), 7), np.full(len(own_s), unit)])
    moved = np.arange(len(time_s)) < len(swings_s)
    order = np.argsort(time_s, kind="stable")
    part = amid_movement(time_s[order], template[order], moved[order], ~moved[order], analysed_s)
    return part[np.argsort(order, kind="stable")][len(swings_s) :].tolist()


def test_an_event_of_no_unit_is_left_alone():
    assert part_of([20.1, 30.0], -1) == [False, False]


def test_the_reach_of_movement():
    assert part_of([20.3 + REACH_S - 0.01], 0) == [True]
    assert part_of([20.3 + REACH_S + 0.01], 0) == [False]


def test_a_unit_that_is_seen_nowhere_else_is_part_of_it():
    assert part_of([20.1, 20.4, 40.0], 0) == [True, True, False]
    assert part_of([20.1, 20.4, 40.0, 50.0, 60.0], 0) == [False] * 5


def test_one_swing_alone_is_not_enough():
    assert LEAST == 2
    assert part_of([20.1], 0, SWINGS[:1]) == [False]
    assert part_of([20.1], 0, SWINGS[:2]) == [True]
    assert part_of([20.1], 0, SWINGS[:0]) == [False]


def test_movement_itself_and_nothing_are_left_as_they_are():
    moved = np.ones(3, dtype=bool)
    assert not amid_movement(SWINGS, np.full(3, -1), moved, ~moved, ALL).any()
    nothing = np.zeros(0)
    assert not len(amid_movement(nothing, nothing.astype(int), nothing > 0, nothing > 0, ALL))


def test_where_movement_hardly_ends_it_tells_nothing():
    assert part_of([20.1], 0, analysed_s=((19.0, 26.0),)) == [False]
    assert part_of([20.1], 0, analysed_s=((19.0, 30.0),)) == [True]
