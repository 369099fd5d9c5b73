"""Overlapping discharges are kept where their units' waveforms together explain what is there."""

import numpy as np
import pytest
from made_site import made_site
from made_waves import N_ALONE, NOISE_UV, SIZE_UV, TIME_S, jump, potential

from emgdetect.detection.shape.composed import MOST, composed, doubled


def site_of(lag_s, *, first=potential, second=potential, n_more=0, units=0, seed=0):
    """A unit's lone discharges, then two events some milliseconds apart, which are accused."""
    last = N_ALONE + 1.0
    extra = last + 0.010 + 0.003 * np.arange(n_more)
    times = np.concatenate([np.arange(1.0, last), [last, last + lag_s], extra])
    site = made_site("VL", times, units, SIZE_UV)
    waves = np.random.default_rng(seed).normal(0, NOISE_UV, (len(times), len(TIME_S)))
    for row, at in zip(waves, times, strict=True):
        if at < last:
            row += SIZE_UV * potential(TIME_S)
        else:
            row += SIZE_UV * (first(TIME_S + at - last) + second(TIME_S + at - last - lag_s))
    site.measured.snippet_uv[:] = waves
    return site, times >= last


def kept(site, accused):
    out = composed(site, accused, ~accused)
    assert not out[~accused].any()
    return out[accused].tolist()


@pytest.mark.parametrize("lag_s", [0.004, 0.007, 0.012])
def test_both_discharges_of_a_doublet_are_kept(lag_s):
    for seed in range(5):
        assert kept(*site_of(lag_s, seed=seed)) == [True, True]


@pytest.mark.parametrize("lag_s", [0.004, 0.007, 0.012])
def test_a_jump_beside_a_discharge_is_not(lag_s):
    for seed in range(5):
        assert kept(*site_of(lag_s, second=jump, seed=seed)) == [False, False]
        assert kept(*site_of(lag_s, first=jump, second=jump, seed=seed)) == [False, False]


def test_discharges_of_another_size_than_their_score_says_are_not():
    site, accused = site_of(0.007)
    site.found.scale[accused] = 0.4
    assert kept(site, accused) == [False, False]


def test_nothing_is_kept_beside_what_no_unit_explains_or_of_a_unit_hardly_known():
    site, accused = site_of(0.007)
    site.found.template[-1] = -1
    assert kept(site, accused) == [False, False]
    site, accused = site_of(0.007)
    accused[3:] = True
    assert not any(kept(site, accused))


def test_a_lone_potential_and_one_in_a_crowd_are_not_asked():
    assert kept(*site_of(1.0)) == [False, False]
    site, accused = site_of(0.007, n_more=MOST - 1)
    assert not any(kept(site, accused))


def one_event(lag_s, *, second=potential, ratio=1.0, number=0, seed=0):
    """A unit's lone discharges, then one event of two waves, which is accused."""
    site = made_site("VL", np.arange(N_ALONE + 1.0), 0, SIZE_UV)
    site.found.template[-1] = number
    waves = np.random.default_rng(seed).normal(0, NOISE_UV, (N_ALONE + 1, len(TIME_S)))
    waves[:-1] += SIZE_UV * potential(TIME_S)
    waves[-1] += SIZE_UV * (potential(TIME_S + lag_s / 2) + ratio * second(TIME_S - lag_s / 2))
    site.measured.snippet_uv[:] = waves
    return site, np.arange(N_ALONE + 1) == N_ALONE


@pytest.mark.parametrize("number", [-1, 0, 1])
@pytest.mark.parametrize("lag_s", [0.004, 0.007, 0.011])
def test_a_doublet_that_is_one_event_is_kept_whatever_its_number(lag_s, number):
    for seed in range(5):
        site, accused = one_event(lag_s, number=number, ratio=0.85, seed=seed)
        np.testing.assert_array_equal(doubled(site, accused, ~accused), accused)


def test_a_jump_beside_a_discharge_and_two_of_unlike_size_are_no_doublet():
    for seed in range(5):
        for odd in ({"second": jump}, {"ratio": 0.4}, {"ratio": -1.0}, {"ratio": 0.0}):
            site, accused = one_event(0.007, **odd, seed=seed)
            assert not doubled(site, accused, ~accused).any()


def test_of_nothing_no_doublet_is_kept():
    nothing = np.zeros(0, dtype=bool)
    assert doubled(made_site("VL", [], 0, []), nothing, nothing).shape == (0,)
