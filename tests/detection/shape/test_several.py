"""Discharges that overlap are kept where known units' waveforms add up to all there is."""

import numpy as np
import pytest
from made_site import made_site
from made_waves import N_ALONE, NOISE_UV, SIZE_UV, TIME_S, jump, potential

from emgdetect.detection.shape.several import several


def broad(time):
    return (1 - (time / 0.003) ** 2) * np.exp(-0.5 * (time / 0.003) ** 2)


def swing(time):
    return np.sin(2 * np.pi * 25 * time) * np.exp(-0.5 * (time / 0.02) ** 2)


def site_of(waves_at, *, numbers=(-1,), more_s=(), seed=0):
    """Lone discharges of two units, then some waves around an event that is accused, and perhaps
    counted events some seconds after it."""
    alone = 2 * N_ALONE
    times = np.concatenate([np.arange(1.0, alone + 1), [100.0], 100.0 + np.asarray(more_s)])
    units = [*np.tile([0, 1], N_ALONE), *numbers, *np.zeros(len(more_s), int)]
    site = made_site("VL", times, units, SIZE_UV)
    rows = np.random.default_rng(seed).normal(0, NOISE_UV, (len(times), len(TIME_S)))
    for k in range(alone):
        rows[k] += SIZE_UV * (potential, broad)[k % 2](TIME_S)
    for wave, ratio, at_s in waves_at:
        rows[alone] += ratio * SIZE_UV * wave(TIME_S - at_s)
    site.measured.snippet_uv[:] = rows
    return site, np.arange(len(times)) == alone


def is_kept(site, accused):
    kept = several(site, accused, ~accused)
    assert not kept[~accused].any()
    return bool(kept[accused][0])


@pytest.mark.parametrize("number", [-1, 0, 2])
@pytest.mark.parametrize("others", [
    [(broad, 1.0, 0.008)], [(broad, 0.9, -0.012)], [(potential, 1.1, 0.030)],
    [(broad, 1.0, -0.010), (potential, 1.0, 0.020)],
])  # fmt: skip
def test_discharges_of_known_units_are_kept_whatever_number_they_have(others, number):
    for seed in range(5):
        assert is_kept(*site_of([(potential, 1.0, 0.0), *others], numbers=(number,), seed=seed))


@pytest.mark.parametrize("wave", [jump, swing])
def test_a_jump_or_a_swing_beside_a_discharge_is_not(wave):
    for seed in range(5):
        assert not is_kept(*site_of([(potential, 1.0, 0.0), (wave, 1.5, 0.010)], seed=seed))
        assert not is_kept(*site_of([(wave, 1.5, 0.0), (wave, 1.5, 0.012)], seed=seed))


def test_a_single_discharge_and_more_than_three_are_not_asked():
    assert not is_kept(*site_of([(potential, 1.0, 0.0)]))
    many = [(potential, 1.0, 0.009 * k) for k in range(-2, 3)]
    assert not is_kept(*site_of(many))


def test_what_lies_far_from_the_event_or_is_counted_already_does_not_keep_it():
    far = [(potential, 1.0, -0.014), (potential, 1.0, 0.014)]
    assert not is_kept(*site_of(far))
    both = [(potential, 1.0, 0.0), (broad, 1.0, 0.020)]
    assert is_kept(*site_of(both, more_s=[0.020]))
    assert not is_kept(*site_of(both, more_s=[0.004]))


def test_without_a_known_unit_nothing_is_kept():
    site, accused = site_of([(potential, 1.0, 0.0), (broad, 1.0, 0.008)])
    assert not several(site, np.ones_like(accused), np.zeros_like(accused)).any()
    nothing = np.zeros(0, dtype=bool)
    assert several(made_site("VL", [], 0, []), nothing, nothing).shape == (0,)
