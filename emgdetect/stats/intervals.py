"""Interval of the long-run rate of a stationary process whose events cluster.

A count of a Poisson process varies by its mean; that of clustering events by its mean times a
dispersion. The dispersion is the spectrum of the counts at frequency zero over their mean. It is
not read off, but every dispersion and correlation time is weighed by how well its spectrum explains
the periodogram (Whittle's likelihood), and the interval is the mixture over all of them. So nothing
switches, and what the data cannot tell widens the interval as a t quantile would.
The constants below were chosen by simulation: benchmarks/coverage.py, with its rivals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.stats.exposure import analysed_before_s, inside, total_s

Floats = NDArray[np.floating[Any]]

BIN_S = 0.25
"""Width of the bins in which events are counted; far below the correlation times that matter."""

RATIOS = np.exp(np.linspace(0.0, np.log(256.0), 29))
"""Dispersions that are weighed; the first is Poisson."""

N_CORRELATIONS = 12
"""Correlation times that are weighed, from 0.2 s to a 20th of the analysed time."""

POISSON_SHARE = 0.2
"""Weight of no clustering before the data are seen."""

INFORMATION = 0.6
"""Share of its nominal information that a periodogram ordinate counts for: clusters are few and
uneven, so that ordinates are more variable than those of a Gaussian series."""

FEWEST_CLUSTERS = 5.0
"""Dispersions that would leave fewer independent clusters than this are not weighed."""

MAX_ORDINATES = 1000
"""Ordinates used at most, the lowest ones; bounds time and memory on recordings of a night."""


@dataclass(frozen=True)
class Dispersion:
    """How much more a count varies than that of a Poisson process: what the data leave possible.

    Attributes
    ----------
    ratios : ndarray, shape (n,)
        Variance over mean of the count of a long stretch; at least 1.
    weights : ndarray, shape (n,)
        Weight of each ratio; they sum to 1.
    correlation_s : float
        Integrated correlation time of the counts beyond Poisson: time that is worth one
        independent observation of the rate; 0 without clustering.
    """

    ratios: Floats
    weights: Floats
    correlation_s: float

    @property
    def ratio(self) -> float:
        """Mean dispersion."""
        return float(self.weights @ self.ratios)

    def n_clusters(self, n_events: int) -> float:
        """Clusters that a count is worth: 2 n / (1 + dispersion), exact for geometric sizes."""
        return float(self.weights @ (2 * n_events / (1 + self.ratios)))


POISSON = Dispersion(np.ones(1), np.ones(1), 0.0)
"""No clustering."""


def dispersion(time_s: ArrayLike, spans: ArrayLike) -> Dispersion:
    """Dispersion of the count of events in analysed time.

    Holes in the analysed time are closed up, since what happened in them is not known.

    Parameters
    ----------
    time_s : array_like, shape (n,)
        Event times in s; those outside the spans do not count.
    spans : array_like, shape (n_spans, 2)
        Analysed spans in s.

    Returns
    -------
    Dispersion
        `POISSON` with fewer than 2 events or less than 16 bins, where nothing can be told.
    """
    times, total = inside(time_s, spans), total_s(spans)
    if len(times) < 2 or total < 16 * BIN_S:
        return POISSON
    power = _periodogram(analysed_before_s(times, spans), total)
    correlations = np.geomspace(0.2, max(total / 20, 0.4), N_CORRELATIONS)
    weights = _weights(power, total, correlations, len(times))
    excess = 2 * correlations * (1 - 1 / RATIOS[:, None])
    return Dispersion(RATIOS, np.sum(weights, axis=1), float(np.sum(weights * excess)))


def _periodogram(times: Floats, total: float) -> Floats:
    """Periodogram of the counts over their mean at the lowest frequencies; 1 if Poisson."""
    n_bins = round(total / BIN_S)
    counts = np.histogram(times, n_bins, range=(0.0, total))[0]
    power = np.abs(np.fft.rfft(counts - len(times) / n_bins)[1:]) ** 2 / len(times)
    # as many ordinates as events, since these hold no more; and those below 1 Hz
    n_used = min(max(15, len(times)), max(15, round(total)), MAX_ORDINATES, len(power))
    used: Floats = power[:n_used]
    return used


def _weights(power: Floats, total: float, correlations: Floats, n_events: int) -> Floats:
    """Weight of each ratio and correlation time, shape (n_ratios, n_correlations)."""
    frequency = np.arange(1, len(power) + 1) / total
    low_pass = 1 / (1 + (2 * np.pi * frequency * correlations[:, None]) ** 2)
    spectrum = 1 + (RATIOS[:, None, None] - 1) * low_pass
    support = -np.sum(np.log(spectrum) + power / spectrum, axis=2) * INFORMATION
    prior = np.full(len(RATIOS), (1 - POISSON_SHARE) / (len(RATIOS) - 1))
    prior[0] = POISSON_SHARE
    prior[1:][RATIOS[1:] * FEWEST_CLUSTERS > n_events] = 0.0
    weights: Floats = np.exp(support - np.max(support)) * prior[:, None]
    normalised: Floats = weights / np.sum(weights)
    return normalised


def rate_interval(
    n_events: float, analysed_s: float, *, spread: Dispersion = POISSON
) -> tuple[float, float]:
    """95 % interval of a long-run rate per minute.

    For one dispersion F the mean count m has the limits of a gamma distribution of shape n / F
    scaled by F, which for F = 1 and few events are those of the exact Poisson interval (Garwood
    1936). Towards many events the lower one goes to the mid-P limit and the upper one part of the
    way, and F grows with the root of m / n, since a stretch of low rate also shows less of the
    clustering: the misses on both sides are then about as many.

    Parameters
    ----------
    n_events : float
        A whole number, unless it stands for weighted events.
    analysed_s : float
        Seconds in which they were counted.
    spread : Dispersion

    Returns
    -------
    low, high : float
        Per minute; NaN if nothing was analysed; low is 0 and high is positive without events.
    """
    from scipy import special

    if analysed_s <= 0:
        return float("nan"), float("nan")
    keep = spread.weights > 1e-6
    ratios, weights = spread.ratios[keep], spread.weights[keep] / np.sum(spread.weights[keep])
    many = n_events / (n_events + 4)

    def below(mean: float) -> float:
        f = 1 + (ratios - 1) * np.sqrt(mean / max(n_events, 1))
        return float(weights @ special.gammainc(n_events / f + 0.5 * many, mean / f)) - 0.025

    def above(mean: float) -> float:
        f = 1 + (ratios - 1) * np.sqrt(mean / max(n_events, 1))
        return 0.025 - float(weights @ special.gammaincc(n_events / f + 1 - 0.2 * many, mean / f))

    low = _root(below, 0.0, float(n_events)) if n_events else 0.0
    high = _root(above, float(n_events), 4.0 * n_events + 10)
    return low * 60 / analysed_s, high * 60 / analysed_s


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises crosses zero, the upper bound being moved up as needed."""
    from scipy.optimize import brentq

    while function(high) < 0:
        high *= 2
    return float(brentq(function, low, high, xtol=1e-9 * max(high, 1.0)))
