"""Time in which a muscle is not at rest: an interference pattern raises the whole noise floor.

Isolated potentials and even two units firing tonically hardly move a low quantile of the score;
an interference pattern does, and mostly colours it: potentials have another spectrum than noise.
Noise that merely grows keeps its colour and is followed by the threshold instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal.medians import in_parts
from emgdetect.signal.spans import merge, spans_where

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Rule:
    """How readily time is excluded.

    Attributes
    ----------
    evidence : float
        Evidence of a contraction that a swelling of the level has to reach.
    margin_s : float
        Added to both ends.
    rest_margin_s : float
        The same where what lies beside is at rest.
    """

    evidence: float
    margin_s: float
    rest_margin_s: float


RULES = {
    "lenient": Rule(1.8, 0.0, 0.0),
    "default": Rule(1.0, 0.25, 0.05),
    "strict": Rule(0.6, 1.0, 1.0),
}
"""Evidence of a contraction and margin in seconds by exclusion level. Chosen on tuning seeds of
contractions, fluctuating and busy (benchmarks/accuracy.py): at evidence 1 all contractions were
found, and of fluctuating noise 0.3 % was excluded. Margins: set by judgement."""
AT_REST = 0.35
"""Log of a cell's level over the quiet level (a factor of 1.4) up to which it is at rest. With 0.6,
18 of 1542 potentials added to real rest more are not excluded (benchmarks/real.py), and on 8
recordings of contractions of an independent simulator 2 more of 744 are found, and 5 discharges of
contractions are counted; with 0.5, 1 and 4."""
OPENINGS = (24, 60)
"""Cells of 0.25 s (6 and 15 s) up to which a swelling is told from its surroundings by a grey
opening. Set by judgement; not measured."""
RISEN = 0.45
"""Log of the level over its surroundings (a factor of 1.57) from which a cell swells. Set by
judgement; not measured."""
ABOVE_QUIET = (0.6, 1.4)
"""Log of the level over the quiet level (factors of 1.8 and 4.1) from which a cell swells, however
long it lasts. Set by judgement; not measured."""
LEAST_GROWTH = 1.0
"""Log of the level over the quiet level (a factor of 2.7) that a contraction reaches somewhere, so
that the muscle between two of them is kept. Set by judgement; not measured."""
EDGE_CELLS = 4
"""Cells of 0.25 s before a swelling whose lowest level its flank rises from. Set by judgement; not
measured."""
STEEP_CELLS = 6
"""Cells of 0.25 s after its start in which a steep flank has risen. Set by judgement; not
measured."""
LASTING_CELLS = 3
"""Cells of 0.25 s for which the risen level lasts; a flare of noise does not. Set by judgement; not
measured."""
COLOUR_SPREAD = (0.21, 0.12)
"""Standard deviation of tilt and hump in a cell of 0.25 s, by chance. Measured on quiet cells of
the tuning seeds (benchmarks/accuracy.py): 0.19-0.25 and 0.09-0.13."""
COLOUR_ERROR = (0.06, 0.03)
"""Standard deviation of their means by which noise that grows changes its colour. Chosen on tuning
seeds of contractions, fluctuating and healthy (benchmarks/accuracy.py), as the next two."""
COLOUR_CHANCE = 4.0
"""Squared deviation of the colour, in units of both, that is put down to chance."""
COLOUR_UNIT = 6.0
"""Squared deviation beyond that which is evidence of 1."""
STEEP_FROM = 1.05
"""Log of the rise of a flank from which it is evidence: a factor of 2.86; noise may step by a
factor of 3 (issue 3). Set by judgement; not measured."""
STEEP_UNIT = 0.4
"""Log of the rise beyond that which is evidence of 1; settled together with `RULES`, not measured
on its own."""
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


def evidence(growth: Floats, change: Floats, start: int, stop: int) -> float:
    """Evidence that a swelling is a contraction, from its colour and its steeper flank.

    Noise that drifts or steps keeps its colour, and grows threefold at once at the most; an
    interference pattern has the colour of the muscle, or rises steeply, or both.

    Parameters
    ----------
    growth : ndarray, shape (n_cells,)
    change : ndarray, shape (2, n_cells)
    start, stop : int
        Cells of the swelling, half-open.

    Returns
    -------
    float
        1 or more is a contraction by default.
    """
    inside = growth[start:stop]
    if inside.max() < LEAST_GROWTH:
        return 0.0
    around = min(growth[max(0, start - 1)], growth[min(len(growth) - 1, stop)])
    weight = np.maximum(inside - around, 0.05)
    coloured = _colour_deviation(change[:, start:stop], weight) - COLOUR_CHANCE
    steep = max(_rise(growth[: start + STEEP_CELLS + 1], start),
                _rise(growth[::-1][: len(growth) - stop + STEEP_CELLS + 1],
                      len(growth) - stop)) - STEEP_FROM  # fmt: skip
    return max(coloured, 0.0) / COLOUR_UNIT + max(steep, 0.0) / STEEP_UNIT


def _colour_deviation(change: Floats, weight: Floats) -> float:
    """Squared deviation of the mean colour of some cells from quiet noise, in units of chance."""
    n = weight.sum() ** 2 / np.sum(weight**2)
    mean = np.average(change, axis=1, weights=weight)
    variance = np.square(COLOUR_SPREAD) / n + np.square(COLOUR_ERROR)
    return float(np.sum(mean**2 / variance))


def _rise(growth: Floats, start: int) -> float:
    """How much the level rises around the start of a swelling, for three cells or more."""
    inside = growth[start:]
    if not start or len(inside) < LASTING_CELLS:
        return 0.0
    lasting = sliding_window_view(inside, LASTING_CELLS).min(axis=1).max()
    return float(lasting - growth[max(0, start - EDGE_CELLS) : start].min())


def quiet_level(level: Floats) -> Floats:
    """Level of each channel at its quietest, for a second or more; shape (n_channels, 1).

    A low quantile of all cells would be no rest where a muscle contracts most of the time.
    """
    calm = (ndimage.median_filter(row, size=5, mode="nearest") for row in level)
    return np.array([np.quantile(row, QUIET_QUANTILE, keepdims=True) for row in calm])


def contraction_spans(cell_s: Floats, found: Swellings, rule: Rule) -> Floats:
    """Spans of contraction in seconds; shape (n_spans, 2), in order.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    found : Swellings
    rule : Rule
    """
    accepted = np.zeros(len(cell_s), dtype=bool)
    # What a more lenient rule excludes, a stricter one excludes, too.
    for least in sorted((r.evidence for r in (*RULES.values(), rule)), reverse=True):
        if least >= rule.evidence:
            _accept(accepted, found, least)
    cells = spans_where(accepted)
    seconds = np.stack([cell_s[cells[:, 0], 0], cell_s[cells[:, 1] - 1, 1]], axis=1)
    return merge(seconds + np.array([-rule.margin_s, rule.margin_s]), gap=0.5)


def spare_margins(cell_s: Floats, found: Swellings, spans: Floats, rule: Rule) -> Floats:
    """Parts of the margins of spans that lie in rest, before and after them.

    The cell beside a contraction tells whether any of it is there already.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    found : Swellings
    spans : ndarray, shape (n_spans, 2)
        From `contraction_spans`, by the same rule.
    rule : Rule

    Returns
    -------
    ndarray, shape (n_spare, 2)
    """
    spare_s = rule.margin_s - rule.rest_margin_s
    if spare_s <= 0 or not len(spans):
        return np.zeros((0, 2))
    padded = np.concatenate([[np.inf], found.alone, [np.inf]])
    # The margin lies in the cell next to the first one of the contraction, and of the last.
    first = np.searchsorted(cell_s[:, 0], spans[:, 0] + rule.margin_s - 1e-6)
    last = np.searchsorted(cell_s[:, 1], spans[:, 1] - rule.margin_s - 1e-6)
    before, after = (
        padded[first] <= AT_REST,
        padded[np.minimum(last + 2, len(padded) - 1)] <= AT_REST,
    )
    return np.concatenate([
        np.stack([spans[before, 0], spans[before, 0] + spare_s], axis=1),
        np.stack([spans[after, 1] - spare_s, spans[after, 1]], axis=1),
    ])  # fmt: skip


def _accept(accepted: NDArray[np.bool_], found: Swellings, least: float) -> None:
    """Mark the cells of swellings with that evidence, in place, shortest first.

    What is left of a long swelling has to be a contraction in its own right: noise that rises
    beside a contraction is none.
    """
    for start, stop in found.cells:
        for low, high in start + spans_where(~accepted[start:stop]):
            lasting = high - low >= 2
            if lasting and evidence(found.growth, found.change, low, high) >= least:
                accepted[low:high] = True
