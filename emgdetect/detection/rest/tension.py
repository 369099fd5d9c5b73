"""Weak contractions: the level hardly rises, but takes on the colour of muscle.

Two or three units that fire at once raise a low quantile of the score by half, as noise may on its
own, and of their discharges half are too small to be told as trains. Noise that grows keeps its
colour.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.detection.rest.contraction import DRIFT_ERROR, Rule, colour_deviation
from emgdetect.detection.rest.swelling import Swellings
from emgdetect.detection.trace.cells import CELL_S
from emgdetect.signal.spans import covers, merge, spans_where

Floats = NDArray[np.floating[Any]]

LASTING_CELLS, RISEN = 9, 0.35
"""Cells of 0.25 s (2.3 s) over whose median the level over the quiet level is told, and its log (a
factor of 1.4), from which it may be a weak contraction's, which fluctuates: so told, it lasts from
onset to end."""
LEAST_CELLS, LEAST_GROWTH = 4, 0.5
"""Cells that it lasts for at least, and log of the level (a factor of 1.6) that it reaches. Set by
judgement; not measured."""
COLOUR_UNIT = 6.0
"""Squared deviation of the colour, as of noise that drifts, that is evidence of 1. Of an
independent simulator (hold-out 10, contractions, seeds 8 to 11) 14 of 17 such swellings within true
contractions have more, and of 59 others the most has 4.5, though one, all at once, has 6.6; of 36
tuning recordings of six phenomena without contractions no swelling of four cells or more has."""
REST_SHARE = 0.3
"""Share of the time beside contractions that may be so risen: where it is more, nothing tells what
rest is. Of real rest of 8 and 13 s half and four fifths would be excluded."""
MOST_PER_MIN = 2.0
"""Such swellings a minute beyond which they are no single contractions, but those of breathing,
which `bouts` tells by their company: with 2 to 7 a minute excluded 94 instead of 37 others are
counted of one recording (hold-out 13, breath_weak, seed 3)."""
MARGIN_S = 0.6
"""Added to both ends, but for what lies in rest (`hush`): first and last discharges hardly raise
the level. If all of it stays, 83 instead of 93 others are counted in contractions of that simulator
(seeds 6 to 13; 110 without this module), but ten potentials more are missed of tremor (tuning seeds
1000 to 1005), of 2046."""


def tension_spans(cell_s: Floats, found: Swellings, contracted: Floats, rule: Rule) -> Floats:
    """Spans of weak contraction in seconds; shape (n_spans, 2), in order.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    found : Swellings
    contracted : ndarray, shape (n_contractions, 2)
        Contractions known already.
    rule : Rule
    """
    free = ~covers(contracted, cell_s.mean(axis=1))
    level = ndimage.median_filter(found.alone, LASTING_CELLS, mode="nearest")
    risen = free & (level > RISEN)
    if risen.sum() > REST_SHARE * free.sum():
        return np.zeros((0, 2))
    cells = [span for span in spans_where(risen)
             if evidence(found.growth, found.change, *span) >= rule.evidence]  # fmt: skip
    if len(cells) > MOST_PER_MIN * max(1.0, len(cell_s) * CELL_S / 60):
        return np.zeros((0, 2))
    margin_s = MARGIN_S + rule.margin_s
    spans = [(cell_s[start, 0] - margin_s, cell_s[stop - 1, 1] + margin_s) for start, stop in cells]
    return merge(np.array(spans).reshape(-1, 2))


def evidence(growth: Floats, change: Floats, start: int, stop: int) -> float:
    """Evidence that a swelling is a weak contraction, from its colour alone.

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
    if stop - start < LEAST_CELLS or growth[start:stop].max() < LEAST_GROWTH:
        return 0.0
    return colour_deviation(growth, change, start, stop, DRIFT_ERROR) / COLOUR_UNIT
