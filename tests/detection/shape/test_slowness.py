"""Knocks at the bed ring slower than muscle; potentials are kept, also where sites fire at once."""

import numpy as np
import pytest
from made_site import made_site

from emgdetect import Config, Recording, detect
from emgdetect.detection.shape.explaining import Explained, Jumps
from emgdetect.detection.shape.shares import Shares, slow_shares
from emgdetect.detection.shape.slowness import (
    RINGING_SHARE,
    SLOW_SHARE,
    blunt,
    echoes,
    irregular,
    moved_together,
    rest_of_waves,
    too_slow,
)

RATE = 2000.0


def ringing(time, *, hz, decay_s):
    """A damped oscillation from time 0 on."""
    after = np.maximum(time, 0)
    return np.where(time > 0, np.sin(2 * np.pi * hz * after) * np.exp(-after / decay_s), 0.0)


def biphasic(time, *, width_s):
    return time / width_s * np.exp(0.5 - 0.5 * (time / width_s) ** 2)


def long_potential(time):
    """Five phases within 30 ms, as of a reinnervated unit."""
    return np.sin(2 * np.pi * 90 * time) * np.exp(-0.5 * (time / 0.008) ** 2)


def site_of(waves, *, noise_uv=5.0, seed=0, size_uv=100.0):
    site = made_site("VL", np.arange(1.0, len(waves) + 1), -1, size_uv)
    time = (np.arange(201) - 100) / site.site.sampling_hz
    noise = np.random.default_rng(seed).normal(0, noise_uv, (len(waves), 201))
    for row, wave in zip(noise, waves, strict=True):
        row += wave(time)
    site.measured.snippet_uv[:] = noise
    return site


def shares(waves, **options):
    return slow_shares(site_of(waves, **options)).slow


@pytest.mark.parametrize("hz", [10, 15, 20, 25])
def test_what_rings_slowly_is_slow(hz):
    share = shares([lambda t: 200 * ringing(t, hz=hz, decay_s=0.05)])
    assert share[0] > SLOW_SHARE


@pytest.mark.parametrize("size_uv", [25, 50, 400])
def test_potentials_are_not_slow(size_uv):
    waves = [
        *(lambda t, w=w: size_uv * biphasic(t, width_s=w) for w in (0.001, 0.002, 0.003)),
        lambda t: size_uv * long_potential(t),
    ]
    for seed in range(5):
        assert shares(waves, seed=seed).max() < 0.5
    # Its lobes are 8 ms apart: about as slow as a potential can be.
    slowest = [lambda t: size_uv * biphasic(t, width_s=0.004)]
    assert max(shares(slowest, seed=seed)[0] for seed in range(5)) < SLOW_SHARE


def test_noise_has_no_share_and_nothing_has_none():
    assert shares([np.zeros_like] * 20).max() == 0
    assert len(shares([])) == 0
    # Nothing at all, as of an electrode that is off.
    site = made_site("VL", [1.0], -1, 100.0)
    site.measured.noise_uv[:] = 0
    assert slow_shares(site).slow.tolist() == [0]


def test_the_monopolar_channels_of_a_grid_are_not_asked():
    site, share = site_of([lambda t: 200 * ringing(t, hz=15, decay_s=0.05)]), np.array([0.9])
    assert too_slow(site, Shares(share, share)).tolist() == [True]
    assert slow_shares(site).ringing[0] > 0
    site.front.unmixing = np.eye(8)
    assert too_slow(site, Shares(share, share)).tolist() == [False]
    assert slow_shares(site).ringing.tolist() == [0]


@pytest.mark.parametrize("hz", [43, 45])
def test_what_rings_just_below_muscle_is_too_slow_where_it_is_large(hz):
    site = site_of([lambda t: 200 * ringing(t + 0.01, hz=hz, decay_s=0.06)] * 5, size_uv=250.0)
    share = slow_shares(site)
    assert share.slow.max() < SLOW_SHARE
    assert share.ringing.min() > RINGING_SHARE
    assert too_slow(site, share).all()
    site.measured.amplitude_uv[:] = 50.0
    assert not too_slow(site, share).any()


def test_a_wide_wave_that_hardly_reaches_the_band_is_too_slow_however_sharp_its_edge():
    none = Shares(np.zeros(1), np.zeros(1))
    for size_uv, width_s, slow in ((200, 0.02, True), (200, 0.008, False), (100, 0.02, False)):
        site = made_site("VL", [1.0], -1, size_uv, width_s=width_s)
        site.found.score[:] = 6.0
        assert too_slow(site, none).tolist() == [slow]
        # A cable of a grid moves, too.
        site.front.unmixing = np.eye(8)
        assert too_slow(site, none).tolist() == [slow]


def test_the_longest_potentials_do_not_ring():
    long = [long_potential, lambda t: biphasic(t, width_s=0.004)]
    for seed in range(5):
        share = slow_shares(site_of([lambda t, w=w: 400 * w(t) for w in long], seed=seed))
        assert share.ringing.max() < RINGING_SHARE


def test_at_a_needle_nothing_is_slow_or_rings():
    site = site_of([lambda t: 200 * ringing(t + 0.01, hz=40, decay_s=0.06)])
    assert min(slow_shares(site).slow[0], slow_shares(site).ringing[0]) > 0
    site.front.recording.kind = "needle"
    share = slow_shares(site)
    assert (share.slow.tolist(), share.ringing.tolist()) == ([0], [0])


def test_three_slow_sites_at_once_are_moved_two_or_fast_ones_are_not():
    time_s = [np.array([1.0, 5.0]), np.array([1.01, 9.0]), np.array([0.99])]
    slow = [np.array([0.6, 0.6]), np.array([0.45, 0.6]), np.array([0.6])]
    rings = [np.full(len(times), 0.8) for times in time_s]
    marked = moved_together(time_s, slow, rings)
    assert [m.tolist() for m in marked] == [[True, False], [False, False], [True]]
    fast = [np.full(len(times), 0.3) for times in time_s]
    assert not any(m.any() for m in moved_together(time_s, fast, rings))
    assert not any(m.any() for m in moved_together(time_s[:2], slow[:2], rings[:2]))
    assert moved_together([], [], []) == []
    assert moved_together([np.zeros(0)] * 2, [np.zeros(0)] * 2, [np.zeros(0)] * 2)[0].size == 0


def test_what_rings_beside_one_other_site_that_moves_is_moved():
    time_s = [np.array([1.0, 5.0]), np.array([1.01, 9.0])]
    rings = [np.array([0.9, 0.9]), np.array([0.8, 0.9])]
    marked = moved_together(time_s, [np.array([0.4, 0.4]), np.array([0.6, 0.6])], rings)
    assert [m.tolist() for m in marked] == [[True, False], [False, False]]
    marked = moved_together(time_s, [np.array([0.4, 0.4]), np.array([0.45, 0.6])], rings)
    assert not any(m.any() for m in marked)


def rest(time_s, template, share, moved):
    moved = np.array(moved, dtype=bool)
    found = rest_of_waves(np.array(time_s), np.array(template), np.array(share), moved, ~moved)
    return found.tolist()


def test_what_swings_on_beside_a_slow_wave_is_its_rest_and_a_unit_is_kept():
    assert rest([1.0, 1.04], [-1, -1], [0.9, 0.5], [True, False]) == [False, True]
    assert rest([1.0, 1.04], [-1, -1], [0.9, 0.3], [True, False]) == [False, False]
    assert rest([1.0, 1.1], [-1, -1], [0.9, 0.5], [True, False]) == [False, False]
    # Beside a click, which is not slow.
    assert rest([1.0, 1.04], [-1, -1], [0.1, 0.5], [True, False]) == [False, False]
    times, units = [1.0, 1.04, 3.0, 5.0, 7.0], [-1, 0, 0, 0, 0]
    assert not any(rest(times, units, [0.9, 0.5, 0.1, 0.1, 0.1], [True] + [False] * 4))
    # A unit of slow waves has no muscle in it.
    assert rest([1.0, 3.0, 5.0], [0, 0, 0], [0.9, 0.5, 0.2], [True, False, False])[0] is False
    assert rest([1.0, 3.0], [0, 0], [0.9, 0.5], [True, False]) == [False, True]
    assert rest_of_waves(*(np.zeros(0, dtype=t) for t in (float, int, float, bool, bool))).size == 0


def jump_of(site, *, jump, muscle):
    """What explains a site's events: shares of their energy."""
    whole = site.found.score**2
    n = len(whole)
    pop = Jumps(jump * whole, np.full(n, 0.3), np.full(n, 5.0), np.zeros(n, dtype=bool))
    return Explained(pop, pop, muscle=muscle * whole, whole=whole)


def test_what_is_strong_and_slow_and_explained_by_no_muscle_is_blunt():
    site = made_site("VL", [1.0, 2.0, 3.0], -1, [200, 200, 60])
    share = np.array([0.68, 0.5, 0.68])
    for jump, muscle, told in ((0.25, 0.45, True), (0.9, 0.8, True), (0.5, 0.9, False)):
        marked = blunt(site, jump_of(site, jump=jump, muscle=muscle), share)
        # Not what is as fast as muscle, nor what is so weak that noise may make it slow.
        assert marked.tolist() == [told, False, False]
    site.front.unmixing = np.eye(8)
    assert not blunt(site, jump_of(site, jump=0.25, muscle=0.45), share).any()


def test_a_filter_rings_beside_a_large_wave_and_what_stands_out_of_the_noise_is_kept():
    times = [0.7, 0.93, 1.0, 1.05, 1.06, 1.2]
    site = made_site("VL", times, -1, [9, 9, 800, 9, 60, 9])
    moved = np.array(times) == 1.0
    assert np.flatnonzero(echoes(site, moved)).tolist() == [1, 3]
    assert not echoes(site, np.zeros(6, dtype=bool)).any()
    # Beside a wave no larger than many a potential, or at another electrode, it may be one.
    site.channel[2] = 1
    assert not echoes(site, moved).any()
    site.channel[:], site.measured.amplitude_uv[2] = 0, 80
    assert not echoes(site, moved).any()


def made(seed):
    """A minute at four sites: knocks that most of them hear, and potentials of one unit each."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(60 * RATE)) / RATE
    data = rng.normal(0, 4, (4, len(time)))
    knocks, potentials = 2.0 + 4.0 * np.arange(14), 4.0 + 4.0 * np.arange(14)
    for at in knocks:
        hz, decay_s = rng.uniform(10, 28), rng.uniform(0.03, 0.07)
        for row in data:
            size = 150 * np.exp(0.5 * rng.standard_normal())
            row += size * ringing(time - at - rng.uniform(0, 0.012), hz=hz, decay_s=decay_s)
    for at in potentials:
        for row, width_s in zip(data, (0.0015, 0.002, 0.0025, 0.003), strict=True):
            row += 80 * biphasic(time - at - rng.uniform(0, 0.005), width_s=width_s)
    sites = ["BICEPS L", "FDI L", "VASTUS R", "TIBIALIS R"]
    return Recording.from_array(data.astype(np.float32), RATE, sites=sites), knocks, potentials


@pytest.mark.parametrize("seed", range(4))
def test_potentials_of_four_muscles_at_once_are_counted_amid_knocks(seed):
    recording, _, potentials = made(seed)
    events = detect(recording, Config(mains_hz="none")).events
    counted = events[events.verdict == "fasciculation"]
    for _, own in counted.groupby("site"):
        peak_s = own.peak_s.to_numpy()
        assert np.sum(np.abs(potentials[:, None] - peak_s).min(axis=1) < 0.015) == 14


@pytest.mark.parametrize("seed", range(2))
def test_knocks_are_movement(seed):
    recording, knocks, _ = made(seed)
    events = detect(recording, Config(mains_hz="none")).events
    counted = events[events.verdict == "fasciculation"]
    knocked = np.abs(counted.peak_s.to_numpy()[:, None] - knocks).min(axis=1) < 0.25
    assert knocked.sum() <= 4
    moved = events[events.verdict == "motion"].peak_s.to_numpy()
    assert np.sum(np.abs(knocks[:, None] - moved).min(axis=1) < 0.25) >= 13


def test_what_many_sites_see_at_intervals_of_no_pulse_is_irregular():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        chance = np.sort(rng.uniform(0, 180, 30))
        heart = np.cumsum(rng.gamma(16, 0.8 / 16, 200))
        unit = np.zeros(30, dtype=int)
        assert irregular(chance, unit, np.ones(30, dtype=bool)).all()
        assert not irregular(heart, np.zeros(200, dtype=int), np.ones(200, dtype=bool)).any()
        # Of few nothing is known, nor of what bears no number.
        few = np.arange(30) < 8
        assert not irregular(chance, unit, few).any()
        assert not irregular(chance, unit - 1, ~few).any()
