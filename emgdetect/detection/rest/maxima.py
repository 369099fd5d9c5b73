"""Maxima of a site's score, weak ones included: which of them may be those of many units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection import trains
from emgdetect.detection.firing.clocked import clocked
from emgdetect.detection.first_pass.thresholds import distance_to

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

SAME_S = 0.02
"""Seconds around a discharge within which a maximum is its own. Set by judgement; not measured."""
BEAT_S = 0.050
"""Half of a QRS (issue 3 speaks of potentials within 50 ms of a beat)."""


def is_free(
    maxima_s: Floats, found_s: Floats, template: NDArray[np.int64], beats_s: Floats
) -> Bools:
    """Which maxima of a site's score may be those of many units at once.

    Discharges of units that fire regularly on their own are left out: one or two tonic units are
    no tremor, and are judged by their own timing. Maxima near heart beats are left out as well: at
    50 to 150 beats a minute harmonics of what is left of them lie at the rhythms of tremor, as do
    those of the pulses of an apparatus.

    Parameters
    ----------
    maxima_s : ndarray, shape (n_maxima,)
        Sorted times of local maxima.
    found_s : ndarray, shape (n_found,)
        Sorted times of potentials.
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    beats_s : ndarray, shape (n_beats,)
        Sorted times of heart beats that the site sees.

    Returns
    -------
    ndarray of bool, shape (n_maxima,)
    """
    free = away_from(maxima_s, tonic_discharges(found_s, template))
    free &= away_from(maxima_s, found_s[clocked(found_s)])
    return np.asarray(free & away_from_beats(maxima_s, beats_s))


def away_from(maxima_s: Floats, discharge_s: Floats) -> Bools:
    """Which maxima are none of some sorted discharges."""
    return np.asarray(distance_to(maxima_s, discharge_s) > SAME_S)


def away_from_beats(maxima_s: Floats, beats_s: Floats) -> Bools:
    """Which maxima lie beside no heart beat."""
    return np.asarray(distance_to(maxima_s, beats_s) > BEAT_S)


def tonic_discharges(found_s: Floats, template: NDArray[np.int64]) -> Floats:
    """Sorted times of discharges within trains of their own unit."""
    tonic = np.zeros(len(found_s), dtype=bool)
    for unit in np.unique(template[template >= 0]):
        own = np.flatnonzero(template == unit)
        tonic[own] = trains.near_train(found_s[own], trains.train_spans(found_s[own]))
    return found_s[tonic]
