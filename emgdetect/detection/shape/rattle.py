"""A cable that rattles: clicks on top of slow waves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import unit_shares
from emgdetect.detection.shape.explaining import Explained
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.spans import covers, merge, total

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

LEAST_IN_SPAN = 2
"""Potentials in such time from which they may be clicks. Set by judgement; not measured."""
CLICK_RATIO = 0.75
"""Times as much as a muscle-like shape that a pop has to explain of a click. Chosen on recordings
of two simulators (movement, healthy and all at once), as the next: 198 of 228 clicks and other
artefacts in such time, and 11 of 37 potentials."""
CLICK_EDGE = 0.5
"""Share of a pop's own high frequencies that a click has to hold."""
BEYOND_S = 0.15
"""Seconds to either side in which clicks go with it. Set by judgement; not measured."""
OWN_LEAST = 3
"""Potentials of a unit outside such time, from which it is known by itself. Set by judgement; not
measured."""
OWN_OUTSIDE = 0.7
"""Share of a unit that lies outside, from which it fires among clicks, too. On 60 recordings of our
and two independent simulators 37 potentials and 167 clicks are called movement by what is here, 57
and 181 without the two."""


def rattles(signal: SiteSignal, fit: Explained, free: Bools, counted: Bools) -> Bools:
    """Potentials while a cable rattles: shape (n_found,).

    Among clicks no potential can be told from them, unless its unit mostly fires elsewhere.

    Parameters
    ----------
    signal : SiteSignal
    fit : Explained
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is known of yet.
    counted : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.
    """
    own = np.flatnonzero(free & like_clicks(fit))
    spans = crowded_waves(
        signal.found.time_s[own], signal.found.template[own], signal.swaying_s,
        signal.analysed_s["lenient"],
    )  # fmt: skip
    amid = free & covers(spans, signal.found.time_s)
    unit, outside = signal.found.template, counted & ~amid
    known = np.bincount(unit + 1, outside, minlength=1)[unit + 1] >= OWN_LEAST
    return np.asarray(amid & ~(known & (unit_shares(unit, outside) >= OWN_OUTSIDE)))


def like_clicks(fit: Explained) -> Bools:
    """Potentials with something of a click about them; shape (n_pieces,)."""
    jumps = fit.filtered
    return np.asarray((jumps.energy > CLICK_RATIO * fit.muscle) & (jumps.edge > CLICK_EDGE))


def crowded_waves(
    time_s: Floats, template: NDArray[np.int64], swaying_s: Floats, analysed_s: Floats
) -> Floats:
    """Spans of slow waves in which potentials crowd that are not of one unit.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In order.
    template : ndarray of int, shape (n,)
        -1 where no unit is known.
    swaying_s, analysed_s : ndarray, shape (n_spans, 2)

    Returns
    -------
    ndarray, shape (n_chosen, 2)
    """
    spans = merge(swaying_s + np.array([-BEYOND_S, BEYOND_S]))
    elsewhere_s = max(total(analysed_s) - total(spans), 1.0)
    per_s = np.sum(~covers(spans, time_s)) / elsewhere_s
    chosen = np.zeros(len(spans), dtype=bool)
    for i, (start, stop) in enumerate(spans):
        units = template[(time_s >= start) & (time_s <= stop)]
        due = per_s * (stop - start)
        alike = len(units) > 0 and 0 <= units.min() == units.max()
        chosen[i] = len(units) >= max(LEAST_IN_SPAN, due + 3 * np.sqrt(due) + 1) and not alike
    return spans[chosen]
