"""Time in which noise drowns everything, or flares up for less than a second."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.detection.rest.swelling import quiet_level
from emgdetect.signal.medians import in_parts
from emgdetect.signal.spans import merge, spans_above

Floats = NDArray[np.floating[Any]]

NOISE_RATIO = 30.0
"""Level over the quiet level from which nothing can be seen; simulated noise drifts by a factor of
5 at most. Set by judgement; not measured."""
FLARE_COLOUR = 0.3
"""Change of colour (log ratio) below which a flare has all frequencies: a cable. Set by judgement;
not measured."""
FLARE_RATIO = 1.9
"""Level over the median of 13 cells around that makes a flare. Set by judgement; not measured."""


def noise_spans(cell_s: Floats, level: Floats) -> Floats:
    """Spans in which the noise is so much above its quiet level that nothing can be seen."""
    if not level.shape[1]:
        return np.zeros((0, 2))
    quiet = np.maximum(quiet_level(level), 1e-9)
    ratio = in_parts(lambda part: np.median(part / quiet, axis=0), level)
    loud = ndimage.median_filter(ratio, size=3, mode="nearest") > NOISE_RATIO
    return merge(cell_s[loud], gap=0.5)


def flare_spans(cell_s: Floats, level: Floats, colour: Floats) -> Floats:
    """Spans of less than a second in which noise of all frequencies flares up: a cable is touched.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    level : ndarray, shape (n_channels, n_cells)
    colour : ndarray, shape (2, n_channels, n_cells)

    Returns
    -------
    ndarray, shape (n_spans, 2)
    """
    if level.shape[1] < 3:
        return np.zeros((0, 2))
    over = np.empty_like(level)
    for row, out in zip(level, over, strict=True):
        around = ndimage.median_filter(row, size=13, mode="nearest")
        np.divide(row, np.maximum(around, 1e-9), out=out)
    ratio = in_parts(lambda part: np.median(part, axis=0), over)
    usual = np.array([np.median(row, keepdims=True) for row in colour[0]])
    tilt = in_parts(lambda part: np.median(part - usual, axis=0), colour[0])
    ratio = np.where(tilt < FLARE_COLOUR, ratio, 1.0)
    spans = spans_above(ratio, FLARE_RATIO, FLARE_RATIO / 1.4)
    short = spans[:, 1] - spans[:, 0] <= 4
    spans = spans[short]
    return np.stack([cell_s[spans[:, 0], 0], cell_s[spans[:, 1] - 1, 1]], axis=1)
