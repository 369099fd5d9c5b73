"""The heart's evidence: rhythm alone is none."""

import numpy as np
import pytest
from made_site import all_counted, made_site

from emgdetect.detection.verdicts import heart
from emgdetect.recording import Recording

SECONDS = 180.0
WHOLE = np.array([[0.0, SECONDS]])


def rhythm(per_min, variation, *, seed, start=0.3):
    rng = np.random.default_rng(seed)
    steps = 60 / per_min * np.maximum(1 + variation * rng.standard_normal(800), 0.5)
    times = start + np.cumsum(steps)
    return times[times < SECONDS - 0.2]


def with_shape(site, half_width_s):
    """The site, its potentials Gaussian deflections of that half-width."""
    t = (np.arange(201) - 100) / 2000.0
    shape = np.exp(-0.5 * (t / (half_width_s / 2.355)) ** 2)
    site.measured.snippet_uv = np.tile(shape.astype(np.float32), (len(site.found.time_s), 1))
    site.measured.width_s = np.full(len(site.found.time_s), half_width_s)
    return site


def judged(*sites):
    results = heart.judge_heart(list(sites), [all_counted(s) for s in sites], np.zeros(0))
    return [r.verdict for r in results]


def test_a_single_narrow_unit_at_a_heart_like_rhythm_is_no_heart():
    for seed in range(5):
        site = with_shape(made_site("BICEPS L", rhythm(54, 0.15, seed=seed), 0, 80.0), 0.004)
        assert np.all(judged(site)[0] == "fasciculation")


@pytest.mark.parametrize("per_min", [45, 70, 110])
def test_wide_beats_all_along_are_the_heart(per_min):
    site = with_shape(made_site("TRAPEZIUS L", rhythm(per_min, 0.04, seed=1), 0, 80.0), 0.016)
    assert np.mean(judged(site)[0] == "ecg") > 0.98


def test_the_same_rhythm_on_both_sides_of_the_body_is_the_heart():
    beats = rhythm(70, 0.04, seed=2)
    left = with_shape(made_site("BICEPS L", beats, 0, 40.0), 0.006)
    right = with_shape(made_site("BICEPS R", beats + 0.003, 0, 40.0), 0.006)
    for verdict in judged(left, right):
        assert np.mean(verdict == "ecg") > 0.95


def test_other_units_beside_the_heart_are_kept():
    beats = rhythm(70, 0.04, seed=3)
    others = np.sort(np.random.default_rng(4).uniform(1, SECONDS - 1, 60))
    sites = [
        with_shape(made_site(name, np.concatenate([beats, others + shift]),
                             [0] * len(beats) + [1] * 60, 40.0), 0.006)
        for name, shift in (("BICEPS L", 0.0), ("BICEPS R", 0.37))
    ]  # fmt: skip
    for site, verdict in zip(sites, judged(*sites), strict=True):
        assert np.mean(verdict[site.found.template == 0] == "ecg") > 0.95
        assert np.mean(verdict[site.found.template == 1] == "fasciculation") > 0.9


def test_events_that_stop_half_way_or_come_too_fast_are_no_heart():
    beats = rhythm(70, 0.04, seed=5)
    assert heart.beats_all_along(beats, WHOLE)
    assert not heart.beats_all_along(beats[beats < 90], WHOLE)
    assert not heart.beats_all_along(beats[::2][:5], WHOLE)
    assert not heart.beats_all_along(rhythm(300, 0.04, seed=6), WHOLE)
    assert not heart.beats_all_along(np.zeros(0), WHOLE)
    assert not heart.beats_all_along(beats, np.zeros((0, 2)))


def test_an_ecg_channel_tells_the_beats():
    rate, beats = 500.0, rhythm(75, 0.05, seed=7)
    t = np.arange(round(SECONDS * rate)) / rate
    trace = 5.0 * np.random.default_rng(8).standard_normal((2, len(t)))
    for beat in beats:
        near = slice(max(0, int((beat - 0.1) * rate)), int((beat + 0.1) * rate))
        trace[1, near] += 900 * np.exp(-0.5 * ((t[near] - beat) / 0.01) ** 2)
    recording = Recording.from_array(trace, rate, kinds=["EMG", "ECG"])
    found = heart.ecg_beats(recording)
    assert abs(len(found) - len(beats)) <= 2
    assert np.median(np.abs(found[heart.nearest(beats, found)] - beats)) < 0.005


def test_p_waves_at_a_steady_lag_are_of_the_heart_and_a_free_unit_is_not():
    beats = rhythm(60, 0.03, seed=9)
    rng = np.random.default_rng(10)
    p_waves = beats[::2] - 0.145 + 0.004 * rng.standard_normal(len(beats[::2]))
    free = np.sort(rng.uniform(1, SECONDS - 1, 60))
    times = np.concatenate([beats, p_waves, free])
    units = np.repeat([0, 1, 2], [len(beats), len(p_waves), len(free)])
    sizes = np.repeat([900.0, 80.0, 120.0], [len(beats), len(p_waves), len(free)])
    site = with_shape(made_site("CHEST", times, units, sizes), 0.016)
    site.measured.width_s[site.found.template == 2] = 0.004
    verdict = judged(site)[0]
    assert np.mean(verdict[site.found.template == 0] == "ecg") > 0.98
    assert np.mean(verdict[site.found.template == 1] == "ecg") > 0.95
    # Where a free unit meets a wave, the discharge is its own.
    assert np.all(verdict[site.found.template == 2] == "fasciculation")


def test_what_no_unit_explains_on_a_wave_is_of_the_heart():
    beats = rhythm(60, 0.03, seed=9)
    rng = np.random.default_rng(10)
    strays = beats[5:60:5] + 0.010
    free = np.sort(rng.uniform(1, SECONDS - 1, 60))
    times = np.concatenate([beats[61:], strays, free])
    units = np.repeat([0, -1, 2], [len(beats) - 61, len(strays), len(free)])
    site = with_shape(made_site("TRAPEZIUS L", times, units, 100.0), 0.016)
    site.measured.width_s[site.found.template != 0] = 0.004
    verdict = heart.judge_heart([site], [all_counted(site)], beats)[0].verdict
    assert np.all(verdict[site.found.template == -1] == "ecg")
    assert np.all(verdict[site.found.template == 2] == "fasciculation")


def test_sites_without_potentials_have_no_heart():
    empty = with_shape(made_site("BICEPS L", [], [], []), 0.004)
    assert [len(v) for v in judged(empty, empty)] == [0, 0]
