"""Pulses of an apparatus at sites far apart; muscles that fire on their own."""

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.verdicts.coincidence import at_once
from emgdetect.detection.verdicts.common import BESIDE_S, judge_common
from emgdetect.detection.verdicts.pulses import IN_STEP

RNG = np.random.default_rng


def bursts(seed=0, n=20):
    """Bursts of five pulses, 20 ms apart, every 7 s."""
    starts = 5 + 7 * np.arange(n)
    return (starts[:, None] + 0.02 * np.arange(5)).ravel() + RNG(seed).normal(0, 0.0001, 5 * n)


def pair(names, shared=True):
    """Two sites: pulses as unit 0, of which each sees some, and a unit 1 of its own."""
    sites = []
    for i, name in enumerate(names):
        pulses = bursts(seed=i) if shared else np.sort(RNG(10 + i).uniform(0, 180, 100))
        seen = pulses[RNG(20 + i).random(len(pulses)) < 0.8]
        own = np.sort(RNG(30 + i).uniform(0, 180, 30))
        sites.append(made_site(name, np.concatenate([seen, own]), [0] * len(seen) + [1] * 30, 60.0))
    return sites


def verdicts(sites):
    return [j.verdict for j in judge_common(sites, [all_counted(s) for s in sites])]


def test_pulses_that_both_arms_see_are_no_muscle_and_own_units_are_kept():
    sites = pair(("BICEPS L", "BICEPS R"))
    for site, verdict in zip(sites, verdicts(sites), strict=True):
        pulse = site.found.template == 0
        assert np.all(verdict[pulse] == "motion")
        assert np.mean(verdict[~pulse] == "fasciculation") > 0.9


def test_a_pulse_without_a_number_is_one_of_its_burst():
    one, other = pair(("BICEPS L", "TIBIALIS L"))
    pulses = np.flatnonzero(one.found.template == 0)
    one.found.template[pulses[::7]] = -1
    assert np.all(verdicts([one, other])[0][pulses] == "motion")
    lone = np.abs(bursts()[None] - 100.0).min() > BESIDE_S
    assert lone  # 100 s lies far from any burst: what fires there without a number is counted.
    apart = made_site("BICEPS L", np.append(bursts(), 100.0), [0] * 100 + [-1], 60.0)
    assert verdicts([apart, other])[0][apart.found.time_s == 100.0] == ["fasciculation"]


def test_neighbours_and_independent_muscles_are_not_asked():
    for sites in (pair(("BICEPS L", "TRICEPS L")), pair(("BICEPS L", "BICEPS R"), shared=False)):
        assert all(np.all(verdict == "fasciculation") for verdict in verdicts(sites))


def test_what_a_clock_explains_is_not_asked_again():
    # Otherwise the rest of a unit that merely lies near pulses would go with them.
    sites = pair(("BICEPS L", "BICEPS R"))
    known = []
    for site in sites:
        pulse = site.found.template == 0
        site.found.template[:] = 0
        known.append(all_counted(site).revised(pulse, "motion", IN_STEP))
    for one, own in zip(known, judge_common(sites, known), strict=True):
        assert np.array_equal(one.verdict, own.verdict)


def test_a_few_coincidences_or_as_many_as_chance_gives_are_none():
    times = np.sort(RNG(1).uniform(0, 180, 60))
    assert at_once(times, times).all()
    assert not at_once(times, np.sort(np.append(times[:7] + 0.001, 179.9))).any()
    # At 40 a second any muscle meets any other.
    many = np.sort(RNG(2).uniform(0, 180, 7200))
    assert not at_once(times, many).any()
    assert at_once(np.zeros(0), times).shape == (0,)
    assert not at_once(times, np.zeros(0)).any()


def test_pulses_that_the_other_site_misses_are_the_same_unit():
    # Single pulses, of which noise hides half at the other arm.
    pulses = 2 + 1.37 * np.arange(100)
    one = made_site("BICEPS L", pulses, 0, 60.0)
    other = made_site("BICEPS R", pulses[::2], 0, 60.0)
    assert np.all(verdicts([one, other])[0] == "motion")
    # A number of few pulses, hardly any of which is met, but all within bursts.
    times = np.sort(np.concatenate([bursts(), bursts()[:30] + 0.009]))
    units = np.where(np.isin(times, bursts()), 0, 1)
    one, other = made_site("BICEPS L", times, units, 60.0), made_site("BICEPS R", bursts(), 0, 60.0)
    assert np.all(verdicts([one, other])[0] == "motion")
