"""Which units may be one motor unit's, by their waveforms and by their timing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection import trains
from emgdetect.detection.firing.exclusive import compatible, of_one_neuron, of_two_neurons
from emgdetect.detection.first_pass.confused import BLOCKED, VARIES, kindred
from emgdetect.detection.rest.active import RESTLESS
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.spans import merge, total

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Families:
    """Units that may bear the discharges of each unit's motor unit, itself included.

    Attributes
    ----------
    kin : list of ndarray of int
        Those that noise may take for it.
    same : list of ndarray of int
        Those that keep clear of it, as only one motor unit's discharges do.
    either : list of ndarray of int
        Both.
    every : list of ndarray of int
        And those that look like it where parts of a motor unit come late or fail.
    """

    kin: list[Ints]
    same: list[Ints]
    either: list[Ints]
    every: list[Ints]


def families(signal: SiteSignal, free: NDArray[np.bool_]) -> Families:
    """The families of a site's units.

    Parameters
    ----------
    signal : SiteSignal
    free : ndarray of bool, shape (n_found,)
        Potentials that may be discharges of trains.
    """
    time_s, template = signal.measured.peak_s[free], signal.found.template[free]
    same = of_one_neuron(time_s, template, len(signal.templates))
    restless = _seconds_in_trains(time_s, template, same) > RESTLESS * total(signal.counted_s)
    alone = [np.array([unit], dtype=np.int64) for unit in range(len(same))]
    two = of_two_neurons(time_s, template, same if restless else alone)
    kin, loose = (
        [np.setdiff1d(own, others)
         for own, others in zip(kindred(signal.templates, varies=varies), two, strict=True)]
        for varies in (VARIES, BLOCKED)
    )  # fmt: skip
    either = [np.union1d(*units) for units in zip(kin, same, strict=True)]
    every = [np.union1d(*units) for units in zip(loose, either, strict=True)]
    if restless:
        either, every = ([compatible(unit, own, two, template) for unit, own in enumerate(units)]
                         for units in (either, every))  # fmt: skip
    return Families(kin, same, either, every)


def _seconds_in_trains(time_s: Floats, template: Ints, same: list[Ints]) -> float:
    """Seconds in which any motor unit fires in a train."""
    spans = [trains.train_spans(np.sort(time_s[np.isin(template, group)]))
             for unit, group in enumerate(same) if group[0] == unit]  # fmt: skip
    return float(total(merge(np.concatenate([np.zeros((0, 2)), *spans]))))
