"""When motor units fire."""

from __future__ import annotations

import numpy as np

from emgdetect.simulation.model import Floats, Rng


def poisson(rng: Rng, *, rate_hz: float, duration_s: float) -> Floats:
    """Times of a Poisson process, sorted; empty if none falls into the duration."""
    return np.sort(rng.uniform(0, duration_s, rng.poisson(rate_hz * duration_s)))


def refractory(times_s: Floats, *, dead_s: float = 0.0025) -> Floats:
    """Sorted times without those that follow a kept one within the refractory period."""
    kept: list[float] = []
    for time in np.sort(times_s):
        if not kept or time - kept[-1] >= dead_s:
            kept.append(float(time))
    return np.array(kept)


def zipf_shares(rng: Rng, n: int, *, exponent: float = 1.0) -> Floats:
    """Shares of `n` units in all discharges, by Zipf's law in random order; they sum to 1."""
    weights = 1.0 / np.arange(1, n + 1) ** exponent
    return rng.permutation(weights / weights.sum())
