"""What sites far apart see at the same moment, again and again: an apparatus, no muscle.

The pulses of an infusion pump or a stimulator, and jumps of a common reference, reach the
electrodes of both arms at once, to the sample. Potentials of two muscles may be locked, too, but
nerves of different length and their synapses let them jitter by more than a millisecond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.bodymap import may_share_crosstalk
from emgdetect.detection.shape.artefacts import beside
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.coincidence import Bools, Floats, at_once
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.detection.verdicts.pulses import IN_STEP

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
    """Mark at each site what sites far from it see at the same moment."""
    free = [(own.verdict != "ecg") & (own.why != IN_STEP) for own in judged]
    times = [np.sort(s.measured.peak_s[own]) for s, own in zip(signals, free, strict=True)]
    out = []
    for i, (signal, own) in enumerate(zip(signals, judged, strict=True)):
        shared = np.zeros(len(signal.found.time_s), dtype=bool)
        for j, other in enumerate(signals):
            if i != j and not may_share_crosstalk(signal.site.name, other.site.name):
                shared[free[i]] |= at_once(signal.measured.peak_s[free[i]], times[j])
        whole = with_units(shared, signal.found.time_s, signal.found.template)
        out.append(own.revised(whole, "motion", "again and again at sites far apart at once"))
    return out


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
