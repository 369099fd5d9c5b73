"""Pulses of a clock that several sites see; potentials beside them, and units that keep no time."""

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.verdicts.pulses import IN_STEP, judge_pulses, known_pulses, on_pulses

RNG = np.random.default_rng
NO_UNIT = np.full(3, -1)


def spikes(seed=0):
    """Of both chambers for three minutes; sensed beats set the clock anew."""
    rng = RNG(seed)
    steps = np.where(rng.random(200) < 0.8, 0.857, rng.uniform(0.7, 0.84, 200))
    atrium = 2 + np.cumsum(steps)
    atrium = atrium[atrium < 178]
    return np.sort(np.concatenate([atrium, atrium + 0.16]))


def seen(name, pulses, seed, *, share=0.8, own=30, unit=0, lobe_s=0.0):
    """A site that sees some pulses as one unit, half of them later by a lobe, and a unit 1."""
    rng = RNG(seed)
    at_s = pulses[rng.random(len(pulses)) < share]
    at_s = at_s + lobe_s * (rng.random(len(at_s)) < 0.5)
    fired = rng.uniform(0, 180, own)
    fired = fired[np.abs(fired[:, None] - pulses).min(axis=1) > 0.005]
    units = [unit] * len(at_s) + [1] * len(fired)
    return made_site(name, np.concatenate([at_s, fired]), units, 60.0)


def verdicts(sites):
    return judge_pulses(sites, [all_counted(site) for site in sites])


def test_pulses_that_neighbours_see_in_step_with_a_clock_are_no_muscle_and_potentials_stay():
    sites = [seen(name, spikes(), i) for i, name in enumerate(("BICEPS L", "DELTOID L"))]
    for site, own in zip(sites, verdicts(sites), strict=True):
        pulse = site.found.template == 0
        assert np.all(own.verdict[pulse] == "motion")
        assert set(own.why[pulse]) == {IN_STEP}
        assert np.all(own.verdict[~pulse] == "fasciculation")


def test_a_site_that_sees_few_or_later_lobes_of_them_is_told_by_the_others():
    sites = [seen(name, spikes(), i) for i, name in enumerate(("BICEPS L", "DELTOID L"))]
    late = seen("BICEPS R", spikes(), 7, lobe_s=0.0015)
    rare = seen("FDI R", spikes(), 8, share=0.1)
    for site, own in zip((late, rare), verdicts([*sites, late, rare])[2:], strict=True):
        pulse = site.found.template == 0
        assert np.all(own.verdict[pulse] == "motion")
        assert np.all(own.verdict[~pulse] == "fasciculation")


def test_of_a_unit_that_holds_both_pulses_alone_go_and_one_coincidence_is_none():
    known, no_clock = np.arange(1.0, 61.0), np.zeros(80, dtype=bool)
    off = 0.5 + np.arange(20.0)
    times, template = np.concatenate([known[:30], off]), np.zeros(50, dtype=int)
    assert np.array_equal(on_pulses(times, template, no_clock[:50], known), np.arange(50) < 30)
    # Others of it that keep the time of the clock go as well.
    clock = np.arange(50) >= 45
    pulse = on_pulses(times, template, clock, known)
    assert np.array_equal(pulse, clock | (np.arange(50) < 30))
    # What lies off pulses in a unit of nearly only pulses is one that no other site saw.
    assert on_pulses(np.append(known, 70.5), np.zeros(61, dtype=int), no_clock[:61], known).all()
    # A unit that fires elsewhere keeps what meets a pulse; what is of no unit goes.
    times, template = np.append(off, known[:3] + 0.001), np.zeros(23, dtype=int)
    assert not on_pulses(times, template, no_clock[:23], known).any()
    alone = on_pulses(times, np.append(template[:20], NO_UNIT), no_clock[:23], known)
    assert np.array_equal(np.flatnonzero(alone), [20, 21, 22])


def test_a_clock_that_one_site_alone_sees_and_units_without_one_are_kept():
    pulses = spikes()
    random = np.sort(RNG(3).uniform(0, 180, 150))
    alone = [seen("BICEPS L", pulses, 0), seen("DELTOID L", random, 1)]
    assert all(np.all(own.verdict == "fasciculation") for own in verdicts(alone))
    # One slow unit that two sites see at once: its intervals are no clock's.
    slow = np.cumsum(RNG(4).normal(1.1, 0.11, 150))
    both = [seen(name, slow, i) for i, name in enumerate(("BICEPS L", "TRICEPS L"))]
    assert all(np.all(own.verdict == "fasciculation") for own in verdicts(both))


def test_nothing_to_ask_is_no_pulse():
    nothing = np.zeros(0)
    template, clock = nothing.astype(int), nothing.astype(bool)
    assert known_pulses([], [], []) == []
    assert known_pulses([nothing], [template], [clock])[0].shape == (0,)
    assert on_pulses(nothing, template, clock, np.arange(9.0)).shape == (0,)
    assert not on_pulses(np.arange(3.0), NO_UNIT, np.zeros(3, dtype=bool), nothing).any()
