"""Stationary processes of events with a known long-run rate and dispersion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Floats = NDArray[np.float64]

CLUSTER_GAP_S = 0.5
CORRELATION_S = 15.0


@dataclass(frozen=True)
class Process:
    """A stationary process of known rate.

    `dispersion` is that of its count in the long run, `correlation_s` its integrated correlation
    time; both take the rate per minute.
    """

    name: str
    events: Callable[[float, float, np.random.Generator], Floats]
    dispersion: Callable[[float], float]
    correlation_s: float


def poisson(rate_per_min: float, duration_s: float, rng: np.random.Generator) -> Floats:
    """Events that know nothing of each other."""
    return np.sort(rng.uniform(0, duration_s, rng.poisson(rate_per_min * duration_s / 60)))


def clusters(mean: float) -> Callable[[float, float, np.random.Generator], Floats]:
    """Clusters of geometric size, exponential gaps of mean 0.5 s within them."""

    def events(rate_per_min: float, duration_s: float, rng: np.random.Generator) -> Floats:
        warm_s = 60.0
        n = rng.poisson(rate_per_min / mean * (duration_s + warm_s) / 60)
        if not n:
            return np.zeros(0)
        sizes = rng.geometric(1 / mean, n)
        owner = np.repeat(np.arange(n), sizes)
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        gaps = rng.exponential(CLUSTER_GAP_S, len(owner))
        gaps[first] = 0
        passed = np.cumsum(gaps)
        times = rng.uniform(-warm_s, duration_s, n)[owner] + passed - passed[first][owner]
        return np.sort(times[(times >= 0) & (times < duration_s)])

    return events


def modulated(sigma: float) -> Callable[[float, float, np.random.Generator], Floats]:
    """Poisson events whose log rate is an Ornstein-Uhlenbeck process of 15 s."""

    def events(rate_per_min: float, duration_s: float, rng: np.random.Generator) -> Floats:
        step_s = 0.5
        n, keep = round(duration_s / step_s), float(np.exp(-step_s / CORRELATION_S))
        noise = rng.standard_normal(n) * np.sqrt(1 - keep**2)
        noise[0] /= np.sqrt(1 - keep**2)
        log_rate = sigma * signal.lfilter([1.0], [1.0, -keep], noise) - sigma**2 / 2
        counts = rng.poisson(rate_per_min / 60 * step_s * np.exp(log_rate))
        starts = np.repeat(np.arange(n) * step_s, counts)
        return np.sort(starts + rng.uniform(0, step_s, len(starts)))

    return events


def _modulation_area_s(sigma: float) -> float:
    """Integral over all positive lags of the relative covariance of the modulated rate."""
    lags = np.linspace(0, 20 * CORRELATION_S, 20001)
    area = np.trapezoid(np.expm1(sigma**2 * np.exp(-lags / CORRELATION_S)), lags)
    return float(area)


def processes() -> tuple[Process, ...]:
    """The processes of the study."""
    bursts = tuple(
        Process(f"clusters of {m}", clusters(m), lambda _, m=m: 2.0 * m - 1, 2 * m * CLUSTER_GAP_S)
        for m in (3, 10)
    )
    slow = tuple(
        Process(
            f"modulated, sigma {sigma}",
            modulated(sigma),
            lambda r, sigma=sigma: 1 + 2 * r / 60 * _modulation_area_s(sigma),
            2 * _modulation_area_s(sigma) / float(np.expm1(sigma**2)),
        )
        for sigma in (0.5, 1.0)
    )
    return (Process("Poisson", poisson, lambda _: 1.0, 0.0), *bursts, *slow)
