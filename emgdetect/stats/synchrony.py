"""Coincidence of potentials at two sites beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emgdetect.stats.exposure import as_spans, inside, total_s

WINDOW_S = 0.010
"""Coincident potentials lie within this of each other (field.md: cross-talk, +-10 ms)."""

SHIFTS_S = np.concatenate([np.arange(-20, -1), np.arange(2, 21)]) * 0.1
"""Shifts that destroy coincidence but keep slower changes of both rates."""


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
        Mean share after shifting B by 0.2 to 2 s either way.
    p : float
        Probability of at least that many coincidences by chance (binomial); NaN without any.
    """

    n: int
    share: float
    chance: float
    p: float


def synchrony(
    time_a_s: ArrayLike, spans_a: ArrayLike, time_b_s: ArrayLike, spans_b: ArrayLike
) -> Synchrony:
    """Share of A's potentials that coincide with one of B, beside what chance gives.

    Chance is measured by shifting B by 0.2 to 2 s either way, so that slow changes common to both
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
    from scipy import stats

    common = common_spans(spans_a, spans_b)
    a, b = inside(time_a_s, common), inside(time_b_s, common)
    if not len(a) or total_s(common) <= 0:
        return Synchrony(len(a), float("nan"), float("nan"), float("nan"))
    hits = _n_coincident(a, b)
    shifted = [_n_coincident(a, b + shift) for shift in SHIFTS_S]
    # half a hit more, so that a chance of exactly zero is never claimed from finite shifts
    chance = (sum(shifted) + 0.5) / (len(SHIFTS_S) * len(a))
    p = float(stats.binom.sf(hits - 1, len(a), min(chance, 1.0)))
    return Synchrony(len(a), hits / len(a), sum(shifted) / (len(SHIFTS_S) * len(a)), p)


def common_spans(spans_a: ArrayLike, spans_b: ArrayLike) -> np.ndarray:
    """Time that lies in both sets of spans.

    Returns
    -------
    ndarray of float, shape (n_spans, 2)
    """
    a, b = as_spans(spans_a), as_spans(spans_b)
    pieces = [
        (max(low, start), min(high, stop))
        for low, high in a
        for start, stop in b[(b[:, 1] > low) & (b[:, 0] < high)]
    ]
    return np.asarray(pieces, dtype=np.float64).reshape(-1, 2)


def _n_coincident(a: np.ndarray, b: np.ndarray) -> int:
    """Number of `a` with some `b` within the window; both sorted."""
    first = np.searchsorted(b, a - WINDOW_S, side="left")
    last = np.searchsorted(b, a + WINDOW_S, side="right")
    return int(np.sum(last > first))
