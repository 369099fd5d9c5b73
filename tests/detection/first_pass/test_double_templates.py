"""Templates that are two discharges of one other are told from units of their own."""

import numpy as np
import pytest

from emgdetect.detection.first_pass.doublets import doublets

RATE_HZ, OCCUPANCY = 2000.0, 0.5
TIME_S = (np.arange(81) - 40) / RATE_HZ


def unit(time, *, width_s=0.0015):
    return -time / width_s * np.exp(0.5 - 0.5 * (time / width_s) ** 2)


def told(lag_s, *, sizes=(1.0, 1.0), counts=(40, 6), clear=True, second=unit, seed=0):
    """Whether the second template, made of two waves, is taken for doublets of the first."""
    size = 8.0
    both = sizes[0] * unit(TIME_S + lag_s / 2) + sizes[1] * second(TIME_S - lag_s / 2)
    templates = size * np.stack([unit(TIME_S), both])[:, None, :]
    noise = np.random.default_rng(seed).standard_normal(templates.shape)
    templates += np.sqrt(OCCUPANCY) * noise / np.sqrt(np.array(counts, float))[:, None, None]
    out = doublets(templates.astype(np.float32), np.array(counts, float), rate_hz=RATE_HZ,
                   occupancy=OCCUPANCY, clear=clear)  # fmt: skip
    assert not out[0]
    return bool(out[1])


@pytest.mark.parametrize("lag_s", [0.004, 0.006, 0.008, 0.012])
def test_two_discharges_of_a_unit_are_doublets(lag_s):
    for seed in range(5):
        assert told(lag_s, seed=seed)
        assert told(lag_s, clear=False, seed=seed)


def test_those_hardly_apart_or_of_unlike_size_are_no_clear_ones():
    assert told(0.003, clear=False)
    assert not told(0.003)
    assert told(0.006, sizes=(1.25, 0.85), clear=False)
    assert not told(0.006, sizes=(1.25, 0.85))


@pytest.mark.parametrize("counts", [(40, 21), (20, 20), (12, 25)])
def test_doublets_as_frequent_as_single_discharges_are_told_beyond_doubt_only(counts):
    """A unit may fire in doublets of one interval as often as alone."""
    for lag_s in (0.006, 0.008, 0.012):
        assert told(lag_s, counts=counts)
        assert told(lag_s, counts=counts, clear=False)
        assert not told(lag_s, sizes=(1.2, 0.85), counts=counts)
    assert not told(0.004, counts=counts)


def test_what_is_of_another_waveform_is_none():
    for counts in ((40, 6), (20, 20)):
        assert not told(0.006, second=lambda time: unit(time, width_s=0.004), counts=counts)


def complex_unit(time):
    """Of 30 ms: two large waves, and one that is like neither."""
    return (unit(time + 0.010) + 0.9 * unit(time - 0.004, width_s=0.003)
            + 0.5 * np.exp(-0.5 * ((time - 0.012) / 0.002) ** 2))  # fmt: skip


@pytest.mark.parametrize("clear", [True, False])
@pytest.mark.parametrize("at_s", [-0.012, 0.009, 0.012])
@pytest.mark.parametrize("lag_s", [None, 0.005, 0.007])
def test_what_a_window_holds_of_one_discharge_or_of_two_is_no_unit(lag_s, at_s, clear):
    def held(time):
        return complex_unit(time) + (0 if lag_s is None else complex_unit(time - lag_s))

    assert _told(complex_unit(TIME_S), held(TIME_S + at_s), clear=clear)
    # As often as the unit itself, or with another wave beside, it may be another one.
    assert not _told(complex_unit(TIME_S), held(TIME_S + at_s), clear=clear, counts=(40, 30))
    beside = 0.8 * unit(TIME_S + 0.004, width_s=0.003)
    assert not _told(complex_unit(TIME_S), held(TIME_S + at_s) + beside, clear=clear)


def _told(single, asked, *, clear, counts=(40, 8)):
    """Whether the second of two templates is taken for part of the first."""
    templates = 10 * np.stack([single, asked])[:, None, :]
    noise = np.random.default_rng(1).standard_normal(templates.shape)
    templates += np.sqrt(OCCUPANCY) * noise / np.sqrt(np.array(counts, float))[:, None, None]
    return bool(doublets(templates.astype(np.float32), np.array(counts, float), rate_hz=RATE_HZ,
                         occupancy=OCCUPANCY, clear=clear)[1])  # fmt: skip


def test_of_no_templates_there_are_none():
    none = doublets(np.zeros((0, 1, 81), np.float32), np.zeros(0), rate_hz=RATE_HZ,
                    occupancy=OCCUPANCY)  # fmt: skip
    assert none.shape == (0,)
