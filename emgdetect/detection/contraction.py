"""Time in which a muscle is not at rest: an interference pattern raises the whole noise floor.

Isolated potentials and even two units firing tonically hardly move a low quantile of the score;
an interference pattern does, and colours it: potentials hold more low frequencies than noise.
Noise that merely grows keeps its colour and is followed by the threshold instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal.spans import merge, spans_above

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Rule:
    """How readily time is excluded.

    Attributes
    ----------
    open_at, close_at : float
        Evidence that opens, and that bounds, a contraction.
    margin_s : float
        Added to both ends.
    """

    open_at: float
    close_at: float
    margin_s: float


RULES = {
    "lenient": Rule(3.0, 1.6, 0.0),
    "default": Rule(2.1, 1.1, 0.25),
    "strict": Rule(1.6, 0.8, 1.0),
}
LOG_LEVEL_CAP = 1.6
COLOUR_WEIGHT = 1.5
NOISE_RATIO = 30.0
QUIET_QUANTILE = 0.04
FLARE_COLOUR = 0.3
FLARE_RATIO = 1.9


def evidence(level: Floats, colour: Floats) -> Floats:
    """Evidence of an interference pattern in each cell of time.

    Parameters
    ----------
    level : ndarray, shape (n_channels, n_cells)
        Noise level of the score.
    colour : ndarray, shape (n_channels, n_cells)
        Log ratio of the level in wide filters to that in narrow ones.

    Returns
    -------
    ndarray, shape (n_cells,)
        Log of the level over the quiet level (capped: growth alone is no contraction), plus the
        weighted change of colour; median of three cells, and of the channels.
    """
    if not level.shape[1]:
        return np.zeros(0)
    quiet = quiet_level(level)
    calm = level <= 1.5 * quiet
    usual = np.array([np.median(c[m]) if m.any() else np.median(c)
                      for c, m in zip(colour, calm, strict=True)])[:, None]  # fmt: skip
    growth = np.log(np.maximum(level / np.maximum(quiet, 1e-9), 1e-3))
    change = ndimage.median_filter(colour - usual, size=(1, 7), mode="nearest")
    score = np.minimum(growth, LOG_LEVEL_CAP) + COLOUR_WEIGHT * np.where(growth > 0.5, change, 0.0)
    return np.asarray(ndimage.median_filter(np.median(score, axis=0), size=3, mode="nearest"))


def quiet_level(level: Floats) -> Floats:
    """Level of each channel at its quietest, for a second or more; shape (n_channels, 1).

    A low quantile of all cells would be no rest where a muscle contracts most of the time.
    """
    calm = ndimage.median_filter(level, size=(1, 5), mode="nearest")
    return np.asarray(np.quantile(calm, QUIET_QUANTILE, axis=1, keepdims=True))


def contraction_spans(cell_s: Floats, score: Floats, rule: Rule) -> Floats:
    """Spans of contraction in seconds; shape (n_spans, 2), in order.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    score : ndarray, shape (n_cells,)
        From `evidence`.
    rule : Rule
    """
    spans = spans_above(score, rule.open_at, rule.close_at)
    if not len(spans):
        return np.zeros((0, 2))
    seconds = np.stack([cell_s[spans[:, 0], 0], cell_s[spans[:, 1] - 1, 1]], axis=1)
    return merge(seconds + np.array([-rule.margin_s, rule.margin_s]), gap=0.5)


def noise_spans(cell_s: Floats, level: Floats) -> Floats:
    """Spans in which the noise is so much above its quiet level that nothing can be seen."""
    if not level.shape[1]:
        return np.zeros((0, 2))
    quiet = quiet_level(level)
    ratio = np.median(level / np.maximum(quiet, 1e-9), axis=0)
    loud = ndimage.median_filter(ratio, size=3, mode="nearest") > NOISE_RATIO
    return merge(cell_s[loud], gap=0.5)


def flare_spans(cell_s: Floats, level: Floats, colour: Floats) -> Floats:
    """Spans of less than a second in which noise of all frequencies flares up: a cable is touched.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    level, colour : ndarray, shape (n_channels, n_cells)

    Returns
    -------
    ndarray, shape (n_spans, 2)
    """
    if level.shape[1] < 3:
        return np.zeros((0, 2))
    around = ndimage.median_filter(level, size=(1, 13), mode="nearest")
    ratio = np.median(level / np.maximum(around, 1e-9), axis=0)
    usual = np.median(colour, axis=1, keepdims=True)
    ratio = np.where(np.median(colour - usual, axis=0) < FLARE_COLOUR, ratio, 1.0)
    spans = spans_above(ratio, FLARE_RATIO, FLARE_RATIO / 1.4)
    short = spans[:, 1] - spans[:, 0] <= 4
    spans = spans[short]
    return np.stack([cell_s[spans[:, 0], 0], cell_s[spans[:, 1] - 1, 1]], axis=1)
