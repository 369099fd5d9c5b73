"""Stretches in which the noise level stands above its surroundings, and how its colour changes.

Isolated potentials hardly move a low quantile of the score, which is what is called the level here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal.medians import in_parts
from emgdetect.signal.spans import spans_where

Floats = NDArray[np.floating[Any]]

OPENINGS = (24, 60)
"""Cells of 0.25 s (6 and 15 s) up to which a swelling is told from its surroundings by a grey
opening. Set by judgement; not measured."""
RISEN = 0.45
"""Log of the level over its surroundings (a factor of 1.57) from which a cell swells. Set by
judgement; not measured."""
ABOVE_QUIET = (0.6, 1.4)
"""Log of the level over the quiet level (factors of 1.8 and 4.1) from which a cell swells, however
long it lasts. Set by judgement; not measured."""
QUIET_QUANTILE = 0.04
"""Quantile of the cells' levels that is called quiet: holds where a muscle contracts most of the
time. Set by judgement; not measured."""
QUIET_LOG = 0.35
"""Log of the level over the quiet level (a factor of 1.4) up to which a cell tells the usual
colour. Set by judgement; not measured."""


@dataclass(frozen=True)
class Swellings:
    """Stretches of cells in which the level stands above what surrounds it.

    Attributes
    ----------
    cells : ndarray of int, shape (n, 2)
        Half-open ranges, shortest first; longer ones may hold shorter ones.
    growth : ndarray, shape (n_cells,)
        Log of the level over the quiet level.
    change : ndarray, shape (2, n_cells)
        Change of tilt and hump of the spectrum.
    alone : ndarray, shape (n_cells,)
        As `growth`, of each cell alone.
    """

    cells: NDArray[np.int64]
    growth: Floats
    change: Floats
    alone: Floats


def swellings(level: Floats, colour: Floats) -> Swellings:
    """Swellings of the noise level, above their surroundings or above rest.

    Parameters
    ----------
    level : ndarray, shape (n_channels, n_cells)
        Noise level of the score.
    colour : ndarray, shape (2, n_channels, n_cells)
        Tilt and hump of the spectrum, as `scan.Scan.colour`.

    Returns
    -------
    Swellings
        None for fewer than two cells.
    """
    alone, change = _growth(level), _colour_change(level, colour)
    growth = np.asarray(ndimage.median_filter(alone, size=3, mode="nearest"))
    n = len(growth)
    if n < 2:
        return Swellings(np.zeros((0, 2), dtype=np.int64), growth, change, alone)
    risen = [growth - ndimage.grey_opening(growth, size=min(w, n), mode="nearest") > RISEN
             for w in OPENINGS] + [growth > least for least in ABOVE_QUIET]  # fmt: skip
    spans = np.unique(np.concatenate([spans_where(mask) for mask in risen]), axis=0)
    lengths = spans[:, 1] - spans[:, 0]
    order = np.argsort(lengths, kind="stable")
    return Swellings(spans[order[lengths[order] >= 2]], growth, change, alone)


def _growth(level: Floats) -> Floats:
    """Log of the level of each cell over the quiet level, median of the channels."""
    if not level.shape[1]:
        return np.zeros(0)
    quiet = np.maximum(quiet_level(level), 1e-9)
    return np.asarray(in_parts(lambda part: np.median(_log_ratio(part, quiet), axis=0), level))


def _log_ratio(level: Floats, quiet: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(level / quiet, 1e-3)))


def _colour_change(level: Floats, colour: Floats) -> Floats:
    """Colour beyond that of quiet cells, median of the channels; shape (2, n_cells)."""
    if not level.shape[1]:
        return np.zeros((2, 0))
    quiet = np.maximum(quiet_level(level), 1e-9)
    usual = np.empty((2, len(level), 1), dtype=colour.dtype)
    for i, row in enumerate(level):
        mask = _log_ratio(row, quiet[i]) <= QUIET_LOG
        usual[:, i, 0] = [np.median(c[i][mask] if mask.any() else c[i]) for c in colour]
    return in_parts(lambda part: np.median(part - usual, axis=1), colour)


def quiet_level(level: Floats) -> Floats:
    """Level of each channel at its quietest, for a second or more; shape (n_channels, 1).

    A low quantile of all cells would be no rest where a muscle contracts most of the time.
    """
    calm = (ndimage.median_filter(row, size=5, mode="nearest") for row in level)
    return np.array([np.quantile(row, QUIET_QUANTILE, keepdims=True) for row in calm])
