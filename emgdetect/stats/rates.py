"""Rate of a site in time: with its interval and flag, by minute, its trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.signal.spans import complement
from emgdetect.stats.exposure import analysed_before_s, bin_exposure_s, inside, total_s
from emgdetect.stats.intervals import Dispersion, dispersion, rate_interval

if TYPE_CHECKING:
    import pandas as pd

SHORT_S = 60.0
"""Below this analysed time a rate is flagged: potentials may take 70-90 s to appear (field.md)."""

LEAST_S = 5.0
"""Below this analysed time there is no rate: a single potential would read as more than 12 per
minute, four times what tibialis anterior never exceeded in 50 healthy people (field.md), with an
interval from 0.3 to 67. Count and time stand all the same. Set by judgement; not measured."""

ENOUGH = 20.0
"""Clusters and correlation times from which the interval covers (benchmarks/coverage.py)."""

DOUBT = 0.12
"""Probability that the time holds too few correlation times from which a rate is flagged: of steady
rates fewer than 1 in 20 are then flagged for nothing, of slowly modulated ones in too short a time
many (benchmarks/coverage.py)."""

TREND_P = 0.01
"""A drift as improbable as this in a stationary process is flagged. Set by judgement; not
measured."""


@dataclass(frozen=True)
class Trend:
    """Drift of a rate.

    Attributes
    ----------
    ratio : float
        Expected rate at the end of the last span over that at the start of the first one.
    p : float
        Probability of a drift at least as strong in a stationary process.
    """

    ratio: float
    p: float


@dataclass(frozen=True)
class Rate:
    """A rate per minute with what belongs beside it.

    Attributes
    ----------
    n_events : int
    analysed_s : float
    per_min, low, high : float
        Rate and 95 % interval of the long-run rate; NaN if less than `LEAST_S` was analysed.
    flag : str
        ``short``, ``trend``, ``few_clusters`` or empty.
    dispersion : Dispersion
    n_clusters : float
        Clusters the count is worth.
    trend : Trend
    """

    n_events: int
    analysed_s: float
    per_min: float
    low: float
    high: float
    flag: str
    dispersion: Dispersion
    n_clusters: float
    trend: Trend


def rate(time_s: ArrayLike, spans: ArrayLike) -> Rate:
    """Rate of events in analysed time.

    Parameters
    ----------
    time_s : array_like, shape (n,)
        Event times in s, in any order; those outside the spans do not count.
    spans : array_like, shape (n_spans, 2)
        Analysed spans in s.

    Returns
    -------
    Rate
        NaN for the rate and its interval, and flag ``short``, if less than `LEAST_S` was analysed.
    """
    times, analysed = inside(time_s, spans), total_s(spans)
    spread, nan = dispersion(times, spans), float("nan")
    enough = analysed >= LEAST_S
    low, high = rate_interval(len(times), analysed, spread=spread) if enough else (nan, nan)
    drift = trend(times, spans)
    n_clusters = spread.n_clusters(len(times))
    flag = rate_flag(analysed, n_clusters, spread, drift)
    per_min = per_minute(len(times), analysed)
    return Rate(len(times), analysed, per_min, low, high, flag, spread, n_clusters, drift)


def per_minute(n: float, analysed_s: float) -> float:
    """A count as a rate per minute; NaN if less than `LEAST_S` was analysed."""
    return n * 60 / analysed_s if analysed_s >= LEAST_S else float("nan")


def rate_flag(analysed_s: float, n_clusters: float, spread: Dispersion, drift: Trend) -> str:
    """Why an interval may not hold; the first that applies of short, trend, few_clusters."""
    if analysed_s < SHORT_S:
        return "short"
    if drift.p < TREND_P:
        return "trend"
    if n_clusters < ENOUGH or spread.share_beyond(analysed_s / ENOUGH) > DOUBT:
        return "few_clusters"
    return ""


def trend(time_s: ArrayLike, spans: ArrayLike) -> Trend:
    """Log-linear drift of a rate over the recording.

    The ratio is the maximum-likelihood fit of a Poisson process of rate exp(a + b t); the p-value
    comes from its score, sum(t - mean analysed time) (as for a Poisson process), whose variance is
    multiplied by the dispersion that is left on a clock on which the drift is even, averaged over
    what the data leave possible of it.

    Parameters
    ----------
    time_s : array_like, shape (n,)
    spans : array_like, shape (n_spans, 2)

    Returns
    -------
    Trend
        NaN with fewer than 3 events, where no drift can be told.
    """
    from scipy.special import stdtr

    times, total = inside(time_s, spans), total_s(spans)
    if len(times) < 3:
        return Trend(float("nan"), float("nan"))
    start, stop = np.asarray(spans, dtype=np.float64).ravel()[[0, -1]]
    edges = np.linspace(start, stop, 1001)
    position = np.linspace(-0.5, 0.5, 1001)[:-1] + 0.0005
    weight = bin_exposure_s(edges, spans) / total
    mean = float(weight @ position)
    variance = float(weight @ (position - mean) ** 2)
    shift = float(np.mean((times - start) / (stop - start))) - 0.5
    slope = _tilt(position, weight, shift)
    passed = np.concatenate([[0.0], np.cumsum(weight * np.exp(slope * position))])
    evened = np.interp(times, edges, passed * total / passed[-1])
    spread = dispersion(evened, [(0.0, total)])
    z = abs(shift - mean) * np.sqrt(len(times) / (variance * spread.ratios))
    # how much a few clusters vary is not well known; how much single events do is
    clusters = np.maximum(2 * len(times) / (1 + spread.ratios) - 2, 1)
    freedom = clusters / np.maximum(1 - 1 / spread.ratios, 1e-6)
    return Trend(float(np.exp(slope)), float(spread.weights @ (2 * stdtr(freedom, -z))))


def _tilt(position: NDArray[Any], weight: NDArray[Any], mean: float) -> float:
    """Slope b for which the mean of `position` under weight * exp(b * position) is `mean`."""
    from scipy.optimize import brentq

    def excess(slope: float) -> float:
        tilted = weight * np.exp(slope * position)
        return float(tilted @ position / np.sum(tilted)) - mean

    limit = 50.0
    if excess(limit) < 0 or excess(-limit) > 0:
        return float(np.copysign(limit, mean))
    return float(brentq(excess, -limit, limit))


def minutes(
    time_s: ArrayLike, spans: ArrayLike, *, width_s: float = 60.0, gaps: ArrayLike = ()
) -> pd.DataFrame:
    """Rate in each minute of the recording.

    Parameters
    ----------
    time_s : array_like, shape (n,)
    spans : array_like, shape (n_spans, 2)
    width_s : float
        Length of a bin.
    gaps : array_like, shape (n_gaps, 2)
        Time in which nothing was recorded.

    Returns
    -------
    DataFrame
        Columns `start_s`, `analysed_s`, `n` (NaN where nothing was analysed), `rate_per_min` (NaN
        where less than `LEAST_S` was analysed), one row per minute of the clock up to the last
        analysed one, those that lie in a gap left out; no rows without analysed time.
    """
    import pandas as pd

    array = np.asarray(spans, dtype=np.float64).reshape(-1, 2)
    n_bins = int(np.ceil(array[-1, 1] / width_s)) if len(array) else 0
    number = _recorded_bins(n_bins, np.asarray(gaps, dtype=np.float64).reshape(-1, 2) / width_s)
    starts, stops = number * width_s, (number + 1) * width_s
    exposure = analysed_before_s(stops, array) - analysed_before_s(starts, array)
    times = inside(time_s, array)
    # What ends with its span at the end of a bin belongs to that bin if the next has no such time.
    followed = np.append((np.diff(number) == 1) & (exposure[1:] > 0), False)[: len(number)]
    ends = np.where(followed, stops, np.nextafter(stops, np.inf))
    counts = np.searchsorted(times, ends) - np.searchsorted(times, starts)
    per_min = [per_minute(n, seconds) for n, seconds in zip(counts, exposure, strict=True)]
    return pd.DataFrame(
        {"start_s": starts, "analysed_s": exposure, "n": np.where(exposure > 0, counts, np.nan),
         "rate_per_min": np.array(per_min, dtype=np.float64)}
    )  # fmt: skip


def _recorded_bins(n_bins: int, gaps: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which of the first bins do not lie in a gap, those given in widths of a bin.

    What a gap holds is never listed: it may last for years.
    """
    slack = 1e-9  # an end of a gap is a sum of seconds, which rounds
    whole = np.stack([np.ceil(gaps[:, 0] - slack), np.floor(gaps[:, 1] + slack)], axis=1)
    kept = complement(whole, 0, n_bins).astype(np.int64)
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(*ends) for ends in kept)])
