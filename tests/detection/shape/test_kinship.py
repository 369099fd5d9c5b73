"""What repeats the waveform of its unit is kept; a jump, a knock or noise that bears its number
is not."""

import numpy as np
import pytest
from made_site import all_counted, made_site

from emgdetect.detection.shape.kinship import FEW_LEAST, LEAST, SHARE, SLOW_LEAST, kin, kin_of_any
from emgdetect.detection.shape.shares import slow_shares
from emgdetect.detection.shape.slowness import SLOW_SHARE
from emgdetect.detection.verdicts.judging import judge_slowness

NOISE_UV = 5.0
TIME_S = (np.arange(201) - 100) / 2000.0


def slow_potential(time):
    """Lobes 10 ms apart: nearly three quarters of its energy lie below 45 Hz."""
    return -time / 0.0049 * np.exp(0.5 - 0.5 * (time / 0.0049) ** 2)


def sharp_potential(time):
    return -time / 0.0008 * np.exp(0.5 - 0.5 * (time / 0.0008) ** 2)


def jump(time):
    return np.where(time > 0, np.exp(-time / 0.03), 0.0)


def knock(time):
    after = np.maximum(time + 0.01, 0)
    return np.sin(2 * np.pi * 25 * after) * np.exp(-after / 0.04)


def site_of(waves, *, size_uv=60.0, template=0, seed=0):
    """One potential a second, each with noise of its own."""
    site = made_site("VL", np.arange(1.0, len(waves) + 1), template, size_uv)
    noise = np.random.default_rng(seed).normal(0, NOISE_UV, (len(waves), len(TIME_S)))
    for row, wave in zip(noise, waves, strict=True):
        row += size_uv * wave(TIME_S)
    site.measured.snippet_uv[:] = noise
    return site


def accused_last(n, n_accused):
    accused = np.arange(n) >= n - n_accused
    return accused, ~accused


@pytest.mark.parametrize("wave", [slow_potential, sharp_potential])
@pytest.mark.parametrize("size_uv", [30.0, 60.0, 600.0])
def test_a_member_like_the_others_is_kept(wave, size_uv):
    for seed in range(5):
        site = site_of([wave] * 12, size_uv=size_uv, seed=seed)
        accused, free = accused_last(12, 3)
        np.testing.assert_array_equal(kin(site, accused, free), accused)


@pytest.mark.parametrize("wave", [jump, knock, np.zeros_like, lambda t: -slow_potential(t)])
def test_what_only_bears_its_number_is_not(wave):
    for seed in range(5):
        site = site_of([slow_potential] * 9 + [wave] * 3, seed=seed)
        assert not kin(site, *accused_last(12, 3)).any()


def test_a_wave_of_another_size_than_its_score_says_is_not():
    site = site_of([slow_potential] * 11 + [lambda t: 3 * slow_potential(t)])
    assert not kin(site, *accused_last(12, 1)).any()
    # Of a larger discharge both are larger.
    site.found.scale[-1] = 3.0
    assert kin(site, *accused_last(12, 1)).tolist() == [False] * 11 + [True]


def test_a_member_of_another_size_than_its_score_says_is_not_kept_as_kin_of_any_either():
    site = site_of([slow_potential] * 12)
    site.found.scale[-1] = 0.5
    accused, free = accused_last(12, 1)
    assert not kin(site, accused, free).any()
    assert not kin_of_any(site, accused, free).any()


def test_a_little_known_unit_keeps_none():
    few = site_of([slow_potential] * LEAST)
    assert not kin(few, *accused_last(LEAST, 1)).any()
    most = site_of([slow_potential] * 20)
    assert not kin(most, *accused_last(20, round(20 * (1 - SHARE)) + 1)).any()
    none = site_of([slow_potential] * 12, template=-1)
    assert not kin(none, *accused_last(12, 3)).any()


def test_one_odd_member_of_four_makes_no_unit_unknown():
    waves = [slow_potential] * 3 + [lambda t: slow_potential(t) + np.cos(24 * np.pi * t)]
    for seed in range(5):
        site = site_of(waves + [slow_potential] * 3, size_uv=100.0, seed=seed)
        assert kin(site, *accused_last(7, 3)).sum() == 3


def test_electrodes_are_not_taken_for_one_another():
    site = site_of([slow_potential] * 12)
    site.channel[-1] = 1
    assert not kin(site, *accused_last(12, 1)).any()


def biphasic(time):
    return -time / 0.0025 * np.exp(0.5 - 0.5 * (time / 0.0025) ** 2)


def test_a_member_on_a_slow_wave_is_told_above_it():
    def on_wave(time):
        return biphasic(time) + 1.5 * np.cos(2 * np.pi * 12 * time)

    for seed in range(5):
        site = site_of([biphasic] * 9 + [on_wave] * 3, size_uv=200.0, seed=seed)
        accused, free = accused_last(12, 3)
        assert not kin(site, accused, free).any()
        np.testing.assert_array_equal(kin(site, accused, free, on_wave=True), accused)
        # The wave alone, or with a jump on it.
        for other in (knock, lambda time: jump(time) + 1.5 * np.cos(2 * np.pi * 12 * time)):
            waves = site_of([biphasic] * 9 + [other] * 3, size_uv=200.0, seed=seed)
            assert not kin(waves, accused, free, on_wave=True).any()


@pytest.mark.parametrize("number", [-1, 1])
def test_a_potential_of_another_number_is_kept_by_its_waveform_and_another_wave_is_not(number):
    accused, free = accused_last(12, 2)
    for odd, kept in ((slow_potential, True), (jump, False), (lambda t: -slow_potential(t), False)):
        site = site_of([slow_potential] * 10 + [odd] * 2)
        site.found.template[-2:] = number
        np.testing.assert_array_equal(kin_of_any(site, accused, free), accused & kept)
        assert not kin(site, accused, free).any()


def test_a_number_of_which_more_are_accused_than_are_known_of_another_keeps_none():
    for n_accused in (10, 11):
        accused, free = accused_last(10 + n_accused, n_accused)
        site = site_of([slow_potential] * (10 + n_accused))
        site.found.template[-n_accused:] = 1
        assert kin_of_any(site, accused, free).any() == (n_accused <= 10)


def test_of_nothing_nothing_is_kept():
    nothing = np.zeros(0, dtype=bool)
    assert len(kin(made_site("VL", [], -1, 100.0), nothing, nothing)) == 0


def test_slow_members_of_a_unit_are_no_movement():
    """A unit near the border, of which noise takes some beyond it; a knock that bears its number
    stays movement."""
    site = site_of([slow_potential] * 20 + [knock], size_uv=40.0, seed=1)
    share = slow_shares(site)
    slow = share.slow > SLOW_SHARE
    assert 3 <= slow[:20].sum() <= 10  # Fewer than half of the unit.
    assert slow[20]
    judged = judge_slowness([site], [all_counted(site)], [share])[0]
    assert judged.verdict.tolist() == ["fasciculation"] * 20 + ["motion"]
    assert judged.why[0] == "isolated"


def test_slow_members_that_bear_another_number_are_no_movement():
    site = site_of([slow_potential] * 20, size_uv=40.0, seed=1)
    share = slow_shares(site)
    strays = np.flatnonzero(share.slow > SLOW_SHARE)[:2]
    site.found.template[strays] = 1
    judged = judge_slowness([site], [all_counted(site)], [share])[0]
    assert set(judged.verdict) == {"fasciculation"}
    site.measured.snippet_uv[strays] *= -1
    judged = judge_slowness([site], [all_counted(site)], [slow_shares(site)])[0]
    assert np.flatnonzero(judged.verdict == "motion").tolist() == strays.tolist()


def throughout(n, spread, wave=lambda time: slow_potential(time / 1.5)):
    """Verdicts on a unit all members of which are slow, with a spread of their log sizes."""
    sizes = np.exp(np.random.default_rng(3).normal(0, spread, n))
    site = site_of([lambda time, size=size: size * wave(time) for size in sizes], size_uv=80.0)
    site.found.scale[:] = sizes
    assert np.all(slow_shares(site).slow > SLOW_SHARE)
    return judge_slowness([site], [all_counted(site)], [slow_shares(site)])[0].verdict


def test_a_unit_that_is_slow_throughout_is_kept_by_its_one_waveform_and_size():
    assert set(throughout(20, 0.1)) == {"fasciculation"}
    assert set(throughout(20, 0.6)) == {"motion"}
    assert set(throughout(SLOW_LEAST - 1, 0.2)) == {"motion"}
    assert set(throughout(FEW_LEAST, 0.05)) == {"fasciculation"}
    assert set(throughout(FEW_LEAST - 1, 0.05)) == {"motion"}


@pytest.mark.parametrize("n_accused", [3, 20])
def test_two_lobes_of_one_size_are_one_unit_wherever_it_is_dated(n_accused):
    """Noise decides which of them is the peak: 39 strong potentials of a unit were movement."""
    width_s = 0.0049 * 1.5

    def dated(lobe):
        return lambda time: slow_potential((time + lobe * width_s) / 1.5)

    site = site_of([dated(lobe) for lobe in (-1, 1)] * 10, size_uv=80.0)
    if n_accused == 20:
        assert np.all(slow_shares(site).slow > SLOW_SHARE)
        judged = judge_slowness([site], [all_counted(site)], [slow_shares(site)])[0]
        assert set(judged.verdict) == {"fasciculation"}
    accused, free = accused_last(20, n_accused)
    assert kin(site, accused, free).sum() == (n_accused if free.any() else 0)


def test_what_another_site_sees_at_the_same_time_is_no_unit():
    def lain_on():
        return site_of([lambda time: slow_potential(time / 1.5)] * 20, size_uv=80.0)

    sites = [lain_on(), lain_on()]
    judged_all = judge_slowness(
        sites, [all_counted(site) for site in sites], [slow_shares(site) for site in sites]
    )
    for judged in judged_all:
        assert set(judged.verdict) == {"motion"}


def test_slow_waves_that_do_not_repeat_are_no_unit():
    rng = np.random.default_rng(4)

    def swing(time, hz, phase):
        return np.exp(-np.abs(time) / 0.03) * np.sin(2 * np.pi * hz * time + phase)

    kinds = zip(rng.uniform(10, 30, 20), rng.uniform(0, 6, 20), strict=True)
    waves = [lambda time, hz=hz, phase=phase: swing(time, hz, phase) for hz, phase in kinds]
    site = site_of(waves, size_uv=80.0)
    slow = slow_shares(site).slow > SLOW_SHARE
    assert slow.sum() > 15
    judged = judge_slowness([site], [all_counted(site)], [slow_shares(site)])[0]
    assert np.all(judged.verdict[slow] == "motion")
