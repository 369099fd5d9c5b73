"""Interval of the long-run rate of a stationary process whose events cluster.

A count of a Poisson process varies by its mean; that of clustering events by its mean times a
dispersion. The dispersion is the spectrum of the counts at frequency zero over their mean. It is
not read off, but every dispersion and correlation time is weighed by how well its spectrum explains
the periodogram (Whittle's likelihood), and the interval is the mixture over all of them. So nothing
switches, and what the data cannot tell widens the interval as a t quantile would.
The constants below were chosen by simulation on seeds of their own (benchmarks/coverage.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.stats.exposure import analysed_before_s, inside, total_s

Floats = NDArray[np.floating[Any]]

BIN_S = 0.25
"""Width of the bins in which events are counted; far below the correlation times that matter."""

RATIOS = np.exp(np.linspace(0.0, np.log(256.0), 29))
"""Dispersions that are weighed; the first is Poisson. Chosen with the other constants here by
simulation (benchmarks/coverage.py)."""

N_CORRELATIONS = 12
"""Correlation times that are weighed, from 0.2 s to a 20th of the analysed time. Chosen with the
other constants here by simulation (benchmarks/coverage.py)."""

POISSON_SHARE = 0.34
"""Weight of no clustering before the data are seen. Chosen with the other constants here by
simulation (benchmarks/coverage.py)."""

RATIO_TILT, CORRELATION_TILT = 0.1, 0.6
"""Before the data are seen, weights fall with the 0.1th power of the dispersion, and the longest
correlation time weighs exp(0.6) times as much as the shortest. Chosen with the other constants here
by simulation (benchmarks/coverage.py)."""

UNEVEN_CLUSTERS, UNEVEN_TIME = 2.0, 6.0
"""How uneven clustering is: what one recording shows of it is that of its process times a factor of
mean 1. Its squared variation is 2 over the clusters of the recording, which is that of clusters of
geometric size, and as far as the clustering is a modulation 6 times the correlation time over the
length: high rates are rare and last. The 6 was chosen with the other constants here by simulation
(benchmarks/coverage.py)."""

FEWEST_CLUSTERS = 5.0
"""Dispersions that would leave fewer independent clusters than this are not weighed, so that one
burst reads as several clusters: of 10 events within 0.5 s of 3 minutes as 7. Such a rate is flagged
``few_clusters``, and its interval holds less often than 95 % (benchmarks/results/coverage.md). With
1 instead, of clusters of ten at 3/min for 2 minutes 0.35 instead of 0.25 of the intervals held, and
those of steady rates of few events were 6 to 18 % wider (200 recordings each). Chosen as above."""

MODULATION_S = 4.5
"""Correlation time at which half of the clustering is a modulation of the rate, and of shorter ones
ever less: a modulation grows with the rate, bursts of discharges do not. Chosen with the other
constants here by simulation (benchmarks/coverage.py)."""

GROWTH_HIGH, GROWTH_LOW = 0.95, 0.4
"""Powers of the rate with which a modulation grows, above and below the rate observed; from 1 on
there may be no upper limit. Chosen with the other constants here by simulation
(benchmarks/coverage.py)."""

SHIFT_HIGH, SHIFT_LOW = 0.4, 0.5
"""Where the limits of many events stand between those of the exact interval (0) and those that
count the observed number as half a chance (mid-P: 0.5), in events. Chosen with the other constants
here by simulation (benchmarks/coverage.py)."""

MAX_ORDINATES = 1000
"""Ordinates used at most, the lowest ones; bounds time and memory on recordings of a night."""


@dataclass(frozen=True)
class Dispersion:
    """How much more a count varies than that of a Poisson process: what the data leave possible.

    Attributes
    ----------
    ratios : ndarray, shape (n_ratios,)
        Variance over mean of the count of a long stretch; at least 1.
    correlations_s : ndarray, shape (n_correlations,)
        Correlation times of the clustering.
    joint : ndarray, shape (n_ratios, n_correlations)
        Weight of each pair; they sum to 1.
    """

    ratios: Floats
    correlations_s: Floats
    joint: Floats

    @property
    def weights(self) -> Floats:
        """Weight of each ratio, shape (n_ratios,)."""
        sums: Floats = np.sum(self.joint, axis=1)
        return sums

    @property
    def ratio(self) -> float:
        """Mean dispersion."""
        return 1 + float(self.weights @ (self.ratios - 1))

    @property
    def correlation_s(self) -> float:
        """Integrated correlation time of the counts beyond Poisson.

        Time that is worth one independent observation of the rate; 0 without clustering.
        """
        return float(np.sum(self.joint * self._integrated_s))

    def share_beyond(self, limit_s: float) -> float:
        """Probability of an integrated correlation time of more than `limit_s`."""
        return float(np.sum(self.joint[self._integrated_s > limit_s]))

    @property
    def _integrated_s(self) -> Floats:
        times: Floats = 2 * self.correlations_s * (1 - 1 / self.ratios[:, None])
        return times

    def n_clusters(self, n_events: int) -> float:
        """Clusters that a count is worth: 2 n / (1 + dispersion), exact for geometric sizes."""
        return float(self.weights @ (2 * n_events / (1 + self.ratios)))


def known_dispersion(ratio: float, correlation_s: float = 0.0) -> Dispersion:
    """A dispersion that is known for sure."""
    return Dispersion(np.array([ratio]), np.array([correlation_s]), np.ones((1, 1)))


POISSON = known_dispersion(1.0)
"""No clustering: the counts of a Poisson process have a dispersion of 1."""


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
    shown = _likelihood(power, total, correlations)
    weights = _as_process(shown, len(times), correlations, total) * _prior(len(times))
    return Dispersion(RATIOS, correlations, weights / np.sum(weights))


def _periodogram(times: Floats, total: float) -> Floats:
    """Periodogram of the counts over their mean at the lowest frequencies; 1 if Poisson."""
    n_bins = round(total / BIN_S)
    counts = np.histogram(times, n_bins, range=(0.0, total))[0]
    power = np.abs(np.fft.rfft(counts - len(times) / n_bins)[1:]) ** 2 / len(times)
    # as many ordinates as events, since these hold no more; and those below 1 Hz
    n_used = min(max(15, len(times)), max(15, round(total)), MAX_ORDINATES, len(power))
    used: Floats = power[:n_used]
    return used


def _likelihood(power: Floats, total: float, correlations: Floats) -> Floats:
    """Likelihood of each ratio and correlation time, shape (n_ratios, n_correlations)."""
    inverse, log_sum = _spectra(total, tuple(correlations.tolist()))
    support = -log_sum[:, :, len(power) - 1] - inverse[:, :, : len(power)] @ power
    likelihood: Floats = np.exp(support - np.max(support))
    return likelihood


@lru_cache(maxsize=4)
def _spectra(total: float, correlations: tuple[float, ...]) -> tuple[Floats, Floats]:
    """One over each spectrum, and its logarithm summed up to each ordinate.

    Kept, since the sites and units of one recording share their analysed time.

    Returns
    -------
    inverse, log_sum : ndarray, shape (n_ratios, n_correlations, n_ordinates)
    """
    n_ordinates = min(max(15, round(total)), MAX_ORDINATES)
    frequency = np.arange(1, n_ordinates + 1) / total
    low_pass = 1 / (1 + (2 * np.pi * frequency * np.array(correlations)[:, None]) ** 2)
    spectrum = 1 + (RATIOS[:, None, None] - 1) * low_pass
    return 1 / spectrum, np.cumsum(np.log(spectrum), axis=2)


def _as_process(shown: Floats, n_events: int, correlations: Floats, total: float) -> Floats:
    """From the likelihood of the clustering shown to that of the process behind it.

    Few or uneven clusters show more or less clustering than their process has: a log-normal factor
    of mean 1 (`UNEVEN_CLUSTERS`). A process without clustering shows none.

    Parameters
    ----------
    shown : ndarray, shape (n_ratios, n_correlations)
    n_events : int
    correlations : ndarray, shape (n_correlations,)
    total : float
        Analysed time.
    """
    n_clusters = 2 * n_events / (1 + RATIOS)
    slow = UNEVEN_TIME * _modulated(correlations) * correlations / total
    variation = UNEVEN_CLUSTERS / n_clusters[:, None] + slow
    # of the whole dispersion only what exceeds Poisson is uneven
    width = np.sqrt(np.log1p(variation)) * (1 - 1 / RATIOS[:, None])
    width = np.maximum(width, 0.02)[:, None, :]
    log_ratio = np.log(RATIOS)
    distance = log_ratio[None, :, None] - (log_ratio[:, None, None] - width**2 / 2)
    kernel = np.exp(-((distance / width) ** 2) / 2) + 1e-300
    kernel /= np.sum(kernel, axis=1, keepdims=True)
    kernel[0] = 0.0
    kernel[0, 0] = 1.0
    mixed: Floats = np.einsum("pst,st->pt", kernel, shown)
    return mixed


def _modulated(correlations: Floats) -> Floats:
    """Share of the clustering that is a modulation of the rate, by correlation time in s."""
    share: Floats = correlations**2 / (correlations**2 + MODULATION_S**2)
    return share


def _prior(n_events: int) -> Floats:
    """Weight of each ratio and correlation time before the data are seen."""
    ratio = RATIOS**-RATIO_TILT
    ratio *= (1 - POISSON_SHARE) / np.sum(ratio[1:])
    ratio[0] = POISSON_SHARE
    ratio[1:][RATIOS[1:] * FEWEST_CLUSTERS > n_events] = 0.0
    weights: Floats = ratio[:, None] * np.exp(CORRELATION_TILT * np.linspace(0, 1, N_CORRELATIONS))
    return weights


def rate_interval(
    n_events: float, analysed_s: float, *, spread: Dispersion = POISSON
) -> tuple[float, float]:
    """95 % interval of a long-run rate per minute.

    For one dispersion F the mean count m has the limits of a gamma distribution of shape n / F
    scaled by F, which for F = 1 and few events are those of the exact Poisson interval (Garwood
    1936). Towards many events they go towards the mid-P limits. F itself depends on m as far as
    the clustering is a modulation of the rate: a stretch of low rate also shows less of it.

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
    keep = spread.joint > 1e-6
    weights = spread.joint[keep] / np.sum(spread.joint[keep])
    excess = np.broadcast_to(spread.ratios[:, None] - 1, spread.joint.shape)[keep]
    modulated = np.broadcast_to(_modulated(spread.correlations_s), spread.joint.shape)[keep]
    many = n_events / (n_events + 4)

    def below(mean: float) -> float:
        f = 1 + excess * (mean / max(n_events, 1)) ** (GROWTH_LOW * modulated)
        return float(weights @ special.gammainc(n_events / f + SHIFT_LOW * many, mean / f)) - 0.025

    def above(mean: float) -> float:
        f = 1 + excess * (mean / max(n_events, 1)) ** (GROWTH_HIGH * modulated)
        shape = n_events / f + 1 - SHIFT_HIGH * many
        return 0.025 - float(weights @ special.gammaincc(shape, mean / f))

    low = _root(below, 0.0, float(n_events)) if n_events else 0.0
    high = _root(above, float(n_events), 4.0 * n_events + 10)
    return low * 60 / analysed_s, high * 60 / analysed_s


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises crosses zero, the upper bound being moved up as needed."""
    from scipy.optimize import brentq

    while function(high) < 0:
        high *= 2
    return float(brentq(function, low, high, xtol=1e-9 * max(high, 1.0)))
