"""One blow that shakes the cables of two sites; potentials of two muscles at one moment."""

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.verdicts.shaken import judge_shaken

RATE = 2000.0
TIMES = [10.0, 20.0, 30.0]


def ringing(phase=0.0, size=1.0):
    """A blow: 60 Hz that die out within 50 ms; 101 samples around its middle."""
    t = np.arange(-100, 101) / RATE
    return size * np.where(t > -0.02, np.exp(-(t + 0.02) / 0.02), 0) * np.sin(377 * t + phase)


def potential():
    t = np.arange(-100, 101) / RATE
    return np.diff(np.exp(-0.5 * (t / 0.002) ** 2), append=0)


def site(name, snippets, times=TIMES):
    made = made_site(name, times, -1, 60.0)
    noise = np.random.default_rng(len(name)).normal(0, 0.02, (len(times), 201))
    made.measured.snippet_uv[:] = np.stack(snippets) + noise
    return made


def verdicts(large, small, moved):
    judged = [all_counted(large).revised(np.array(moved), "motion", "a cable moved"),
              all_counted(small)]  # fmt: skip
    return judge_shaken([large, small], judged)[1].verdict.tolist()


def test_what_has_the_time_and_the_waveform_of_another_sites_movement_is_movement():
    large = site("BICEPS L", [ringing(), ringing(), ringing(1.0)])
    small = site("TIBIALIS R", [ringing(size=0.5), potential(), ringing(1.0, size=-0.5)])
    told = verdicts(large, small, [True, True, True])
    assert told == ["motion", "fasciculation", "motion"]
    # Where the other site does not move, nothing is known.
    assert verdicts(large, small, [False] * 3) == ["fasciculation"] * 3


def test_another_lobe_may_be_the_largest_but_another_moment_is_another_blow():
    wave, later = ringing(), 16
    moved = site("BICEPS L", [wave] * 3)
    lobe = site("TIBIALIS R", [np.roll(wave, later)] * 3, np.array(TIMES) - later / RATE)
    assert verdicts(moved, lobe, [True] * 3) == ["motion"] * 3
    apart = site("TIBIALIS R", [wave] * 3, np.array(TIMES) + 0.012)
    assert verdicts(moved, apart, [True] * 3) == ["fasciculation"] * 3


def test_sites_of_other_rates_and_sites_without_potentials_are_not_compared():
    moved, other = site("BICEPS L", [ringing()] * 3), site("TIBIALIS R", [ringing()] * 3)
    other.site.sampling_hz = 1000.0
    assert verdicts(moved, other, [True] * 3) == ["fasciculation"] * 3
    none = made_site("TIBIALIS R", [], [], [])
    assert verdicts(moved, none, [True] * 3) == []
