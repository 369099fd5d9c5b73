"""When motor units fire by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgdetect.simulation.model import Discharges, Floats, Rng, Unit, discharges, joined

if TYPE_CHECKING:
    from emgdetect.simulation.scenarios import Firing, Rhythm

REFRACTORY_S = 0.0025
"""No unit fires twice within this time; the shortest doublets are 2.5 ms apart."""


def poisson(rng: Rng, *, rate_hz: float, duration_s: float) -> Floats:
    """Times of a Poisson process, sorted; empty if none falls into the duration."""
    return np.sort(rng.uniform(0, duration_s, rng.poisson(rate_hz * duration_s)))


def clusters(
    rng: Rng, *, rate_hz: float, duration_s: float, size: float, length_s: float
) -> Floats:
    """Times of a Neyman–Scott process: Poisson clusters of Poisson size, exponentially spread."""
    starts = poisson(rng, rate_hz=rate_hz / size, duration_s=duration_s)
    sizes = rng.poisson(size, len(starts))
    times = np.repeat(starts, sizes) + rng.exponential(length_s, int(sizes.sum()))
    return np.asarray(np.sort(times[times < duration_s]))


def modulated(rng: Rng, *, rate_hz: float, duration_s: float, period_s: float) -> Floats:
    """Times of a Poisson process whose rate swings between nothing and twice the mean."""
    times = poisson(rng, rate_hz=2 * rate_hz, duration_s=duration_s)
    phase = rng.uniform(0, 2 * np.pi)
    chance = (1 + np.sin(2 * np.pi * times / period_s + phase)) / 2
    return times[rng.random(len(times)) < chance]


def renewal(rng: Rng, *, rate_hz: float, variation: float, start_s: float, stop_s: float) -> Floats:
    """Times of a unit that fires regularly; intervals are Gaussian, at least half their mean."""
    n = int((stop_s - start_s) * rate_hz * 2) + 5
    intervals = np.maximum(1 + variation * rng.standard_normal(n), 0.5) / rate_hz
    times = start_s + rng.uniform(0, 1 / rate_hz) + np.cumsum(intervals) - intervals[0]
    return np.asarray(times[times < stop_s])


def refractory(times_s: Floats) -> Floats:
    """Sorted times without those that follow a kept one within the refractory period."""
    kept: list[float] = []
    for time in np.sort(times_s):
        if not kept or time - kept[-1] >= REFRACTORY_S:
            kept.append(float(time))
    return np.array(kept)


def zipf_shares(rng: Rng, n: int, *, exponent: float = 1.0) -> Floats:
    """Shares of `n` units in all discharges, by Zipf's law in random order; they sum to 1."""
    weights = 1.0 / np.arange(1, n + 1) ** exponent
    return rng.permutation(weights / weights.sum())


def single_times(rng: Rng, plan: Firing, *, rate_hz: float, duration_s: float) -> Floats:
    """Times of one unit under its own pattern: Poisson, clustered or slowly modulated."""
    pattern = rng.random()
    if pattern < plan.clustered:
        size, length_s = rng.uniform(*plan.cluster_size), rng.uniform(*plan.cluster_s)
        return refractory(
            clusters(rng, rate_hz=rate_hz, duration_s=duration_s, size=size, length_s=length_s)
        )
    if pattern < plan.clustered + plan.modulated:
        period_s = rng.uniform(*plan.modulation_s)
        return refractory(modulated(rng, rate_hz=rate_hz, duration_s=duration_s, period_s=period_s))
    return refractory(poisson(rng, rate_hz=rate_hz, duration_s=duration_s))


def followers(rng: Rng, plan: Firing, times_s: Floats, *, response_s: tuple[float, float]
              ) -> list[tuple[str, Floats]]:  # fmt: skip
    """Second discharges: doublets, F-responses of the same unit and short runs, by pattern."""
    what = rng.random(len(times_s))
    edges = np.cumsum([plan.doublets, plan.responses, plan.runs])
    first = times_s[what < edges[0]]
    second = times_s[(what >= edges[0]) & (what < edges[1])]
    third = times_s[(what >= edges[1]) & (what < edges[2])]
    return [
        ("doublet", first + rng.uniform(0.004, 0.008, len(first))),
        ("f-response", second + rng.uniform(*response_s, len(second))),
        ("run", np.concatenate([_run(rng, time) for time in third] or [np.zeros(0)])),
    ]


def _run(rng: Rng, start_s: float) -> Floats:
    """The 1–4 further discharges of a run, 10–60 ms apart, log-uniform: at most 5 in all."""
    gaps = np.exp(rng.uniform(np.log(0.010), np.log(0.060), int(rng.integers(1, 5))))
    return start_s + np.cumsum(gaps)


def response_delay_s(site: str) -> tuple[float, float]:
    """Delay of an F-response, which depends on the length of the limb's nerve."""
    leg = any(word in site.upper() for word in ("TIB", "GASTRO", "SOL", "VAST", "RECTUS", "PERON"))
    return (0.045, 0.060) if leg else (0.025, 0.035)


def spontaneous(rng: Rng, plan: Firing, units: tuple[Unit, ...], *, site: str, duration_s: float
                ) -> Discharges:  # fmt: skip
    """All fasciculations of a site."""
    followed = 1 + plan.doublets + plan.responses + 2.5 * plan.runs
    rate_hz = rng.uniform(*plan.rate_per_min) / 60 / followed
    found = []
    for unit, share in zip(units, zipf_shares(rng, len(units)), strict=True):
        times = single_times(rng, plan, rate_hz=rate_hz * share, duration_s=duration_s)
        more = followers(rng, plan, times, response_s=response_delay_s(site))
        singles = discharges(times, unit.number, "fasciculation", "single")
        found += [singles, *(discharges(t, unit.number, "fasciculation", p) for p, t in more)]
    return joined(found)


def rhythmic(rng: Rng, plan: Rhythm, unit: Unit, *, duration_s: float) -> Discharges:
    """A unit that fires about once a second throughout."""
    times = renewal(rng, rate_hz=rng.uniform(*plan.rate_hz), start_s=0, stop_s=duration_s,
                    variation=rng.uniform(*plan.variation))  # fmt: skip
    return discharges(times, unit.number, "fasciculation", "rhythmic")
