"""Time crowded with potentials: weak contractions and tremor that leave the noise floor alone.

A doublet, an F-response or a short run of up to five fills a fraction of a second; where three or
more potentials within a tenth of a second come again and again, several units fire together.
Chosen on the tuning seeds of `benchmarks/accuracy.py`: busy fasciculation, pairs and two units
firing tonically stay out of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.spans import merge

Floats = NDArray[np.floating[Any]]

REACH_S = 0.05
LEAST = 3
JOIN_S = 0.18
SHORTEST_S = 0.6
MARGIN_S = 0.06
BURST_GAP_S = 0.06
TREMOR_HZ = (3.5, 9.0)


def crowded_spans(time_s: Floats) -> Floats:
    """Spans in which candidates crowd for at least 0.6 s.

    Parameters
    ----------
    time_s : ndarray, shape (n_candidates,)
        Sorted.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        In order; shape (0, 2) if there are none.
    """
    around = np.searchsorted(time_s, time_s + REACH_S, side="right")
    around -= np.searchsorted(time_s, time_s - REACH_S, side="left")
    dense = time_s[around >= LEAST]
    spans = merge(np.stack([dense - JOIN_S, dense + JOIN_S], axis=1))
    inner = spans + np.array([JOIN_S, -JOIN_S])
    long = inner[:, 1] - inner[:, 0] >= SHORTEST_S
    return merge(inner[long] + np.array([-MARGIN_S, MARGIN_S]), gap=0.5)


def is_tremor(time_s: Floats, span: Floats) -> bool:
    """Whether the candidates of a span come in bursts at the rhythm of a tremor.

    Parameters
    ----------
    time_s : ndarray, shape (n_candidates,)
        Sorted.
    span : ndarray, shape (2,)
    """
    own = time_s[(time_s >= span[0]) & (time_s <= span[1])]
    starts = own[np.concatenate([[True], np.diff(own) > BURST_GAP_S])] if len(own) else own
    if len(starts) < 4:
        return False
    period = float(np.median(np.diff(starts)))
    near = np.abs(np.diff(starts) - period) < 0.35 * period
    return bool(1 / TREMOR_HZ[1] <= period <= 1 / TREMOR_HZ[0] and near.mean() >= 0.6)
