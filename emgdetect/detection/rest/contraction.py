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

from emgdetect.detection.rest.swelling import Swellings
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
    to_rest : bool
        Whether the margins end where the muscle is seen to rest (`hush.at_rest`).
    """

    evidence: float
    margin_s: float
    to_rest: bool


RULES = {
    "lenient": Rule(1.8, 0.0, True),
    "default": Rule(1.0, 0.25, True),
    "strict": Rule(0.6, 1.0, False),
}
"""Evidence of a contraction and margin in seconds by exclusion level. Chosen on tuning seeds of
contractions, fluctuating and busy (benchmarks/accuracy.py): at evidence 1 all contractions were
found, and of fluctuating noise 0.3 % was excluded. Margins: set by judgement."""
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
seeds of contractions, fluctuating and healthy (benchmarks/accuracy.py), as COLOUR_CHANCE and
COLOUR_UNIT."""
DRIFT_CELLS = 24
"""Cells of 0.25 s (6 s) from which a swelling without a steep flank may be noise that drifts. Of
666 swellings that were taken for contractions in 47 recordings of two simulators 18 were so long
and gentle: 15 were noise and changed their tilt by 0.17 to 0.42, three were contraction or tremor
and changed it by 0.52 to 0.62."""
DRIFT_ERROR = (0.15, 0.06)
"""`COLOUR_ERROR` of such. With everything at once (independent simulator, seeds 6 to 9) 242
potentials are missed so and 274 without, and 97 instead of 95 % of the time is analysed; of its
healthy recordings 32 instead of 22 false ones are counted, the ten at one site whose noise grows
for two minutes, which were excluded without. To ask the same of what is left of a long swelling
when its parts are taken out would lose half of a real contraction (EMG at 1000 Hz, 16 bits)."""
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
    steep = max(_rise(growth[: start + STEEP_CELLS + 1], start),
                _rise(growth[::-1][: len(growth) - stop + STEEP_CELLS + 1],
                      len(growth) - stop)) - STEEP_FROM  # fmt: skip
    drifts = steep <= 0 and stop - start >= DRIFT_CELLS
    error = DRIFT_ERROR if drifts else COLOUR_ERROR
    coloured = colour_deviation(growth, change, start, stop, error) - COLOUR_CHANCE
    return max(coloured, 0.0) / COLOUR_UNIT + max(steep, 0.0) / STEEP_UNIT


def colour_deviation(
    growth: Floats, change: Floats, start: int, stop: int, error: tuple[float, float]
) -> float:
    """Squared deviation of a swelling's mean colour from quiet noise, in units of chance.

    Parameters
    ----------
    growth : ndarray, shape (n_cells,)
        Cells count by how much they stand above what is around the swelling.
    change : ndarray, shape (2, n_cells)
    start, stop : int
        Cells of the swelling, half-open.
    error : tuple of float
        Standard deviation of the mean tilt and hump, beside that by chance.
    """
    around = min(growth[max(0, start - 1)], growth[min(len(growth) - 1, stop)])
    weight = np.maximum(growth[start:stop] - around, 0.05)
    n = weight.sum() ** 2 / np.sum(weight**2)
    mean = np.average(change[:, start:stop], axis=1, weights=weight)
    variance = np.square(COLOUR_SPREAD) / n + np.square(error)
    return float(np.sum(mean**2 / variance))


def _rise(growth: Floats, start: int) -> float:
    """How much the level rises around the start of a swelling, for three cells or more."""
    inside = growth[start:]
    if not start or len(inside) < LASTING_CELLS:
        return 0.0
    lasting = sliding_window_view(inside, LASTING_CELLS).min(axis=1).max()
    return float(lasting - growth[max(0, start - EDGE_CELLS) : start].min())


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
