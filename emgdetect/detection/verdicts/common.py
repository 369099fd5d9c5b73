"""What sites far apart see at the same moment, again and again: an apparatus, no muscle.

The pulses of an infusion pump or a stimulator, and jumps of a common reference, reach the
electrodes of both arms at once, to the sample. What keeps a clock's time need not be far apart: a
pacemaker's spikes reach all of a shoulder. Potentials of two muscles may be locked, too, but
nerves of different length and their synapses let them jitter by more than a millisecond.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.bodymap import may_share_crosstalk
from emgdetect.detection.firing.clocked import clocked
from emgdetect.detection.shape.artefacts import beside
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.crosstalk import SHIFTS_S
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.signal.spans import nearest

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

WITHIN_S = 0.0006
"""Seconds between the peaks of what two sites see at once: a sample of 2 kHz, to either side. Set
by judgement; not measured."""
LEAST = 8
"""Such events of two sites from which they have a common source. Chosen, with the next, on 24
recordings of two independent simulators: within 3 ms two sites beside a pump share 67 events, by
chance 0.5; sites of busy muscles share up to 9, by chance 5."""
CHANCE_RATIO = 5.0
"""How many times what chance gives, counted at other lags, has to be exceeded."""
BESIDE_S = 0.1
"""Seconds from such an event within which another pulse of the same burst lies: pumps step at 10 to
30 ms, and noise moves a pulse's largest deflection to another lobe. Set by judgement; not
measured."""
NEARLY_ALL = 0.8
"""Share of a unit's potentials that have to lie beside them for all to be pulses. Set by judgement;
not measured."""
MOSTLY = 0.4
"""Share of a unit's potentials that have to be among them for the rest to be the same: one site
sees a pulse that noise hides at the other. Set by judgement; not measured."""


def judge_common(signals: list[SiteSignal], judged: list[Judged]) -> list[Judged]:
    """Mark at each site what sites far from it see at once, and any other of a clock's pulses."""
    peaks = [s.measured.peak_s for s in signals]
    times = [np.sort(at_s[j.verdict != "ecg"]) for at_s, j in zip(peaks, judged, strict=True)]
    clocks = [clocked(at_s) for at_s in peaks]
    out = []
    for i, (signal, own) in enumerate(zip(signals, judged, strict=True)):
        shared, machine = np.zeros((2, len(signal.found.time_s)), dtype=bool)
        free = own.verdict != "ecg"
        for j, other in enumerate(signals):
            if i == j:
                continue
            machine[clocks[i]] |= at_once(peaks[i][clocks[i]], np.sort(peaks[j][clocks[j]]))
            if not may_share_crosstalk(signal.site.name, other.site.name):
                shared[free] |= at_once(peaks[i][free], times[j])
        machine = with_units(machine, signal.found.time_s, signal.found.template)
        own = own.revised(machine, "motion", "in step with a clock, at several sites at once")
        whole = with_units(shared, signal.found.time_s, signal.found.template)
        out.append(own.revised(whole, "motion", "again and again at sites far apart at once"))
    return out


def at_once(times_s: Floats, others_s: Floats) -> Bools:
    """Events that another site sees at the same moment, if far more do than by chance.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
    others_s : ndarray, shape (n_others,)
        Of a site far away, in order.

    Returns
    -------
    ndarray of bool, shape (n,)
        None where fewer than `LEAST` are shared.
    """
    if not len(times_s) or not len(others_s):
        return np.zeros(len(times_s), dtype=bool)

    def meets(shift_s: float) -> Bools:
        moved = times_s + shift_s
        return np.asarray(np.abs(moved - others_s[nearest(moved, others_s)]) <= WITHIN_S)

    now = meets(0.0)
    by_chance = float(np.mean([meets(shift_s).sum() for shift_s in SHIFTS_S]))
    return np.asarray(now & (now.sum() >= max(LEAST, CHANCE_RATIO * by_chance)))


def with_units(shared: Bools, times_s: Floats, template: NDArray[np.int64]) -> Bools:
    """Shared events and the rest of units of which many are, or most lie beside such.

    Parameters
    ----------
    shared : ndarray of bool, shape (n,)
    times_s : ndarray, shape (n,)
        In order.
    template : ndarray of int, shape (n,)
        -1 where no unit is known; those beside a shared event are the same.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    near = beside(times_s, shared, BESIDE_S)
    out = shared | (near & (template < 0))
    for unit in np.unique(template[near & (template >= 0)]):
        own = template == unit
        out[own] |= shared[own].mean() >= MOSTLY or near[own].mean() >= NEARLY_ALL
    return np.asarray(out)
