"""Where the margins of a contraction end: at the last moment of rest before it, the first after it.

A cell of a quarter of a second is too coarse for that: a fasciculation a tenth of a second before a
contraction would be lost, and first discharges beyond the margin would be counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trace.cells import CELL_S

Floats = NDArray[np.floating[Any]]

CALM_PARTS = 2
"""Parts of a cell (50 ms) without a discharge in a row that are rest. Chosen on tuning seeds 1001
to 1011 of contractions, a hold-out simulator (hold-out 10, seeds 0 to 3) and real contractions put
beside real rest (hold-out 11, seeds 0 to 5): with margins by whole cells 276, 108 and 76 potentials
are missed and 63, 69 and 329 events false; with 1 part 265, 106, 69 and 62, 68, 316; with 2 271,
106, 70 and 61, 66, 303."""
CALM = 1.7
"""Largest score of a part, in units of that usual beside the contraction, up to which it holds no
discharge. With 2.0, 271 and 63 of the above on the tuning seeds."""
BESIDE_S = 1.0
"""Seconds beside the contraction that tell what is usual. Set by judgement; not measured."""
BESIDE_QUANTILE = 0.3
"""Quantile of the parts there that is called usual: fasciculations fill some of them. Set by
judgement; not measured."""
LEAST_PARTS = 4
"""Parts beside it from which that can be told. Set by judgement; not measured."""


def at_rest(cell_s: Floats, crest: Floats, spans: Floats, margin_s: float) -> Floats:
    """Beginnings and ends of spans of contraction that lie in rest.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    crest : ndarray, shape (n_cells, n_parts)
        As `scan.Scan.crest`.
    spans : ndarray, shape (n_spans, 2)
        In seconds, from cell to cell, with a margin on both sides.
    margin_s : float

    Returns
    -------
    ndarray, shape (n_parts, 2)
        Each begins or ends where a span does, and reaches into its outermost cell at most.
    """
    parts = np.linspace(cell_s[:, 0], cell_s[:, 1], crest.shape[1] + 1, axis=1)
    start_s, stop_s, crests = parts[:, :-1].ravel(), parts[:, 1:].ravel(), crest.ravel()
    found = []
    for start, stop in spans:
        depth = min(margin_s + CELL_S, (stop - start) / 2)
        found.append((start, _rest_until(stop_s, crests, start, depth)))
        found.append((-_rest_until(-start_s[::-1], crests[::-1], -stop, depth), stop))
    seconds = np.array(found).reshape(-1, 2)
    return seconds[seconds[:, 1] > seconds[:, 0]]


def _rest_until(stop_s: Floats, crests: Floats, start: float, depth: float) -> float:
    """Until when there is rest from the start of a span on; the start itself if nothing tells."""
    outer, first, last = np.searchsorted(stop_s, start + np.array([-BESIDE_S, 0, depth]) + 1e-6)
    if first - outer < LEAST_PARTS:
        return start
    usual = np.quantile(crests[outer:first], BESIDE_QUANTILE)
    calm = (crests[first:last] <= CALM * usual).astype(float)
    gaps = np.flatnonzero(np.convolve(calm, np.ones(CALM_PARTS), "valid") == CALM_PARTS)
    return float(stop_s[first + gaps[-1] + CALM_PARTS - 1]) if len(gaps) else start
