"""Interval of the long-run rate of a process whose events cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emgdetect.stats.exposure import bin_exposure_s, inside, total_s

N_BLOCKS = 20


@dataclass(frozen=True)
class Dispersion:
    """How much more a count varies than that of a Poisson process.

    Attributes
    ----------
    ratio : float
        Variance over mean of the count of a long stretch; at least 1.
    freedom : float
        Degrees of freedom of that estimate.
    correlation_s : float
        How long an excess of events lasts.
    """

    ratio: float
    freedom: float
    correlation_s: float


def dispersion(time_s: ArrayLike, spans: ArrayLike) -> Dispersion:
    """Dispersion of the counts from blocks of analysed time."""
    times, total = inside(time_s, spans), total_s(spans)
    if len(times) < 2 or total <= 0:
        return Dispersion(1.0, float(N_BLOCKS - 1), 0.0)
    array = np.asarray(spans, dtype=np.float64)
    edges = np.linspace(array[0, 0], array[-1, 1], N_BLOCKS + 1)
    counts, exposure = np.histogram(times, edges)[0], bin_exposure_s(edges, spans)
    used = exposure > 0
    expected = exposure[used] * len(times) / total
    freedom = max(int(np.sum(used)) - 1, 1)
    ratio = float(np.sum((counts[used] - expected) ** 2 / expected)) / freedom
    return Dispersion(max(ratio, 1.0), float(freedom), 0.0)


def rate_interval(
    n_events: int, analysed_s: float, *, ratio: float = 1.0, freedom: float = np.inf
) -> tuple[float, float]:
    """95 % interval of a rate per minute, exact Poisson where the dispersion is 1 and known.

    Parameters
    ----------
    n_events : int
    analysed_s : float
        Seconds in which they were counted.
    ratio, freedom : float
        Dispersion and its degrees of freedom.

    Returns
    -------
    low, high : float
        Per minute; NaN if nothing was analysed; low is 0 and high is positive without events.
    """
    from scipy import stats

    if analysed_s <= 0:
        return float("nan"), float("nan")
    tail = float(stats.norm.sf(stats.t.isf(0.025, freedom)))
    effective = n_events / ratio
    low = float(stats.gamma.ppf(tail, effective)) if n_events else 0.0
    high = float(stats.gamma.isf(tail, effective + 1))
    scale = ratio * 60.0 / analysed_s
    return low * scale, high * scale
