"""Two rows of one unit are never listed nearer than it can fire again."""

from types import SimpleNamespace

import numpy as np
import pytest

from emgdetect.detection.second_pass import close_by
from emgdetect.detection.second_pass.close_by import (
    alike,
    close_pairs,
    nearer_than_possible,
    set_apart,
)
from emgdetect.detection.second_pass.measuring import Measured


def rows(peak_s):
    peak_s = np.array(peak_s)
    n = len(peak_s)
    ones = np.ones(n)
    return Measured(peak_s - 0.005, 0.01 * ones, peak_s, 50 * ones, 5 * ones,
                    np.full(n, 2), 0.003 * ones, np.zeros((n, 3), np.float32))  # fmt: skip


def test_the_worse_of_two_that_cannot_be_is_left_out():
    measured = rows([1.0, 1.002, 2.0, 2.0025, 3.0, 3.002, 4.0, 4.002])
    unit = np.array([0, 0, 0, 0, 0, 1, -1, -1])
    score = np.array([9.0, 8.0, 9.0, 8.0, 9.0, 8.0, 9.0, 8.0])
    channel, every = np.zeros(8, dtype=np.int64), np.ones(8, dtype=bool)
    worse = nearer_than_possible(measured, unit, channel, score, every)
    assert np.flatnonzero(worse).tolist() == [1]
    assert not nearer_than_possible(measured, unit, np.arange(8), score, every).any()


def test_of_three_in_a_row_those_apart_stay():
    measured = rows([1.0, 1.002, 1.004])
    unit = channel = np.zeros(3, dtype=np.int64)
    score = np.array([9.0, 5.0, 8.0])
    worse = nearer_than_possible(measured, unit, channel, score, np.ones(3, dtype=bool))
    assert worse.tolist() == [False, True, False]


def test_a_doublet_is_measured_where_its_units_waveform_was_placed(monkeypatch):
    time_s = np.array([0.998, 1.998, 2.998, 3.998, 4.002])
    measured = rows([1.0, 2.0, 3.0, 4.0025, 4.004])
    asked = {}

    def measure_all(_front, _chunks, at_s, _channel, *, search_s, **_):
        asked.update(at_s=at_s, search_s=search_s)
        return rows(at_s)

    monkeypatch.setattr(close_by, "measure_all", measure_all)
    unit = channel = np.zeros(5, dtype=np.int64)
    pairs = close_pairs(measured.peak_s, unit, channel, np.ones(5, dtype=bool))
    assert pairs.tolist() == [[3, 4]]
    apart = set_apart(SimpleNamespace(), [], measured, time_s, unit, channel, pairs, low_hz=20.0)
    assert np.allclose(apart.peak_s, [1.0, 2.0, 3.0, 4.0, 4.004])
    assert (asked["search_s"] == 0).all()
    # Of a unit hardly known nothing tells where it peaks.
    few = set_apart(SimpleNamespace(), [], measured, time_s, np.array([1, 0, 0, 0, 0]), channel,
                    pairs, low_hz=20.0)  # fmt: skip
    assert few is measured


def test_two_alike_and_apart_are_two_although_measured_at_one_deflection():
    time_s = np.array([1.0, 1.004, 2.0, 2.004, 3.0, 3.003])
    score = np.array([10.0, 8.0, 10.0, 7.0, 10.0, 10.0])
    pairs = np.array([[0, 1], [2, 3], [4, 5]])
    unit = np.zeros(6, dtype=np.int64)
    assert alike(time_s, unit, score, pairs).tolist() == [True, False, False]
    assert alike(time_s, unit, score, pairs[:, ::-1]).tolist() == [True, False, False]
    assert alike(time_s, unit, score, np.zeros((0, 2), dtype=np.int64)).shape == (0,)


@pytest.mark.parametrize(("lags_s", "two"), [
    ((0.004, 0.0045, 0.005), False), ((0.004, 0.0045, 0.006), True), ((0.004, 0.0045), True),
])  # fmt: skip
def test_many_pairs_at_one_lag_are_another_units_waveform(lags_s, two):
    first = np.arange(len(lags_s), dtype=float)
    time_s = np.stack([first, first + lags_s], axis=1).ravel()
    pairs = np.arange(len(time_s)).reshape(-1, 2)
    told = alike(time_s, np.zeros(len(time_s), dtype=np.int64), np.full(len(time_s), 9.0), pairs)
    assert told.tolist() == [two] * len(lags_s)
