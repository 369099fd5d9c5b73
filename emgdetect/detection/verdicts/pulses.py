"""Pulses in step with a clock that several sites see at once: a pacemaker's, a pump's.

Two sites whose events keep a clock's time at the same moments know the pulses. Whatever lies on
one of them at any site is the same pulse: it is shorter than a potential, and reaches all of the
body at once. Potentials beside pulses are a muscle's as ever.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.clocked import clocked
from emgdetect.detection.rows import unit_shares
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.coincidence import Bools, Floats, at_once, meets
from emgdetect.detection.verdicts.judging import Judged

IN_STEP = "in step with a clock, at several sites at once"
"""Why a potential is a pulse."""
ON_S = 0.003
"""Seconds from a known pulse within which an event is that pulse. The answer of the band to a pulse
of 1 ms or less has several lobes, and noise or the QRS that follows decides which is the largest:
of 7090 peaks of spikes of a pacemaker (an independent simulator, eight recordings) 95 % lie from
0.3 ms before to 3.3 ms after the spike, in two clusters 1.3 ms apart."""
MOSTLY = 0.4
"""Share of a unit's potentials on pulses from which those are pulses: by chance two in a hundred
lie on the 140 spikes a minute of a pacemaker of both chambers. Of five scenarios with a pacemaker
or a pump (an independent simulator, two recordings each) 150 potentials are missed and 32 others
counted with this module; with a clock's own moments at two sites alone 170 and 112."""
NEARLY_ALL = 0.8
"""The same from which all are: no other site saw the rest. Where a unit holds both a muscle's and
pulses, and what a clock explains is not asked again, six potentials of the same recordings stay."""


def judge_pulses(signals: list[SiteSignal], judged: list[Judged]) -> list[Judged]:
    """Mark at each site the pulses of a clock that two sites or more keep."""
    peaks = [signal.measured.peak_s for signal in signals]
    templates = [signal.found.template for signal in signals]
    clocks = [clocked(at_s) for at_s in peaks]
    known = known_pulses(peaks, templates, clocks)
    pulses = map(on_pulses, peaks, templates, clocks, known)
    return [own.revised(own_pulses, "motion", IN_STEP)
            for own, own_pulses in zip(judged, pulses, strict=True)]  # fmt: skip


def known_pulses(
    peaks: list[Floats], templates: list[NDArray[np.int64]], clocks: list[Bools]
) -> list[Floats]:
    """Times of the pulses that two sites or more see in step with a clock.

    Parameters
    ----------
    peaks : list of ndarray, shape (n_found,)
        Of each site; they may not quite be in order.
    templates : list of ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    clocks : list of ndarray of bool, shape (n_found,)
        From `clocked`.

    Returns
    -------
    list of ndarray, shape (n_pulses,)
        What each site is told of them, in order: those seen at once, and the units of such sites
        that keep the clock's time; of its own only the first. A pulse seen at several sites is
        several of them.
    """
    times = [np.sort(at_s[clock]) for at_s, clock in zip(peaks, clocks, strict=True)]
    shared, whole = [], []
    for i, (at_s, template, clock) in enumerate(zip(peaks, templates, clocks, strict=True)):
        at_two = np.zeros(len(at_s), dtype=bool)
        for other_s in times[:i] + times[i + 1 :]:
            at_two[clock] |= at_once(at_s[clock], other_s)
        shared.append(at_s[at_two])
        more = of_units(clock, template, MOSTLY) if at_two.any() else at_two
        whole.append(at_s[at_two | more])
    return [np.sort(np.concatenate([*whole[:i], own, *whole[i + 1 :]]))
            for i, own in enumerate(shared)]  # fmt: skip


def on_pulses(times_s: Floats, template: NDArray[np.int64], clock: Bools, known_s: Floats) -> Bools:
    """Which events of a site are known pulses.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
    template : ndarray of int, shape (n,)
        Unit of each; below 0 where none is known.
    clock : ndarray of bool, shape (n,)
        From `clocked`: what no other site saw.
    known_s : ndarray, shape (n_pulses,)
        In order.

    Returns
    -------
    ndarray of bool, shape (n,)
        Events of no unit wherever they lie on one, those of units only where more do than may by
        chance. One discharge of a unit that fires elsewhere is none, wherever it lies.
    """
    on = at_once(times_s, known_s, ON_S)
    some = of_units(on, template, MOSTLY)
    pulse = some & (on | clock)
    lone = (template < 0) & meets(times_s, known_s, ON_S)
    return np.asarray(lone | pulse | of_units(pulse, template, NEARLY_ALL))


def of_units(marked: Bools, template: NDArray[np.int64], share: float) -> Bools:
    """Events of units of whose events such a share is marked; shape (n,)."""
    return np.asarray(unit_shares(template, marked) >= share)
