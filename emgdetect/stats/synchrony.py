"""Coincidence of potentials at two sites beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.signal.spans import intersect
from emgdetect.stats.exposure import Floats, Ints, as_spans, inside, span_index

WINDOW_S = 0.010
"""Coincident potentials lie within this of each other (as cross-talk, +-10 ms)."""

SHIFTS_S = np.concatenate([np.arange(-20, -1, 2), np.arange(2, 21, 2)]) * 0.1
"""Shifts that destroy coincidence but keep slower changes of both rates. Set by judgement; not
measured."""


@dataclass(frozen=True)
class Synchrony:
    """Coincidence of site A with site B.

    Attributes
    ----------
    n : int
        Potentials of A in time analysed at both.
    share : float
        Share of them within 10 ms of one of B; NaN if there are none.
    chance : float
        Mean share after shifting A by 0.2 to 2 s either way.
    p : float
        Probability of at least that many coincidences by chance; NaN if A has no potentials.
    """

    n: int
    share: float
    chance: float
    p: float


def synchrony(
    time_a_s: ArrayLike, spans_a: ArrayLike, time_b_s: ArrayLike, spans_b: ArrayLike
) -> Synchrony:
    """Share of A's potentials that coincide with one of B, beside what chance gives.

    Chance is measured by shifting A by 0.2 to 2 s either way, so that slow changes common to both
    rates are no synchrony.

    Parameters
    ----------
    time_a_s, time_b_s : array_like
        Peaks in s.
    spans_a, spans_b : array_like, shape (n_spans, 2)
        Analysed spans; only time analysed at both counts.

    Returns
    -------
    Synchrony
    """
    common = common_spans(spans_a, spans_b)
    a, b = inside(time_a_s, common), inside(time_b_s, common)
    if not len(a):
        return Synchrony(0, float("nan"), float("nan"), float("nan"))
    hits = int(np.sum(_coincident(a, b)))
    moved = a + SHIFTS_S[:, None]
    known = span_index(moved, common) >= 0
    shifted = np.sum(_coincident(moved, b) & known, axis=1)
    chance = float(np.sum(shifted)) / max(int(np.sum(known)), 1)
    return Synchrony(len(a), hits / len(a), chance, _p_at_least(hits, len(a) * chance, shifted))


def _p_at_least(hits: int, expected: float, shifted: Ints) -> float:
    """Probability of so many hits by chance: Poisson, scaled by how the shifted counts vary."""
    from scipy import special

    if not hits:
        return 1.0
    # half a hit over all shifts more, so that finite shifts never claim a chance of zero
    mean = expected + 0.5 / len(SHIFTS_S)
    ratio = max(1.0, float(np.var(shifted)) / max(float(np.mean(shifted)), 1e-9))
    return float(special.gammainc(hits / ratio, mean / ratio))


def common_spans(spans_a: ArrayLike, spans_b: ArrayLike) -> Floats:
    """Time that lies in both sets of spans.

    Returns
    -------
    ndarray of float, shape (n_spans, 2)
    """
    return np.asarray(intersect(as_spans(spans_a), as_spans(spans_b)), dtype=np.float64)


def _coincident(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Whether some `b` (sorted) lies within the window of each `a` (any shape)."""
    first = np.searchsorted(b, a - WINDOW_S, side="left")
    last = np.searchsorted(b, a + WINDOW_S, side="right")
    hit: NDArray[np.bool_] = last > first
    return hit
