"""Clicks that are no unit's: a sample or two behind an amplifier, too weak to stand out as pops.

A weak click is explained by a muscle-like shape nearly as well; its edge, though, is whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.explaining import Explained
from emgdetect.detection.pops import SLOW_HZ, UNIT_LEAST
from emgdetect.detection.site import SiteSignal

Bools = NDArray[np.bool_]

EDGE = (0.75, 1.25)
"""Range of the share of a click's own high frequencies that it holds. Chosen, as the next two, on
65 recordings of two simulators (movement, healthy, all at once, busy, pairs, clean and more): 16 of
575 counted false ones are called pops by it, and none of 26798 potentials; 2 are with a score of
4.5."""
EDGE_SCORE = 5.0
"""What those hold at least, in units of noise."""
WHOLE = 0.75
"""Share of its energy beyond noise that a click has to explain, and more than a muscle-like
shape."""


def weak_clicks(signal: SiteSignal, fit: Explained) -> Bools:
    """Potentials of no unit, or of a unit of two, that have the edge of a click.

    Parameters
    ----------
    signal : SiteSignal
    fit : Explained

    Returns
    -------
    ndarray of bool, shape (n_found,)
        None where a recording holds too little of that edge.
    """
    template, jumps = signal.found.template, fit.filtered
    if signal.front.high_hz < SLOW_HZ:
        return np.zeros(len(template), dtype=bool)
    counts = np.bincount(template + 1, minlength=2)
    counts[0] = 1
    few = counts[template + 1] < UNIT_LEAST
    edged = (jumps.edge > EDGE[0]) & (jumps.edge < EDGE[1]) & (jumps.edge_score > EDGE_SCORE)
    better = jumps.energy > np.maximum(fit.muscle, WHOLE * fit.whole)
    return np.asarray(few & jumps.click & edged & better)
