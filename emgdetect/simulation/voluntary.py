"""Muscles that are not quite relaxed: contractions, tonic trains and tremor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgdetect.simulation.firing import renewal
from emgdetect.simulation.model import Discharges, Floats, Rng, Unit, discharges, joined

if TYPE_CHECKING:
    from emgdetect.simulation.scenarios import Contractions, Trains, Tremor

TAIL_S = 0.03
"""A span ends this long after its last discharge, when the potential is over."""


@dataclass(frozen=True)
class Span:
    """A stretch of time that is no rest; `unit` 0 concerns the whole site."""

    start_s: float
    stop_s: float
    kind: str
    unit: int = 0


@dataclass(frozen=True)
class Activity:
    """Discharges that are no fasciculations, and the spans they fill."""

    discharges: Discharges
    spans: tuple[Span, ...]


def windows(rng: Rng, *, per_min: float, length_s: tuple[float, float], duration_s: float,
            apart_s: float = 3.0) -> list[tuple[float, float]]:  # fmt: skip
    """Windows at random times that keep a distance from each other, sorted."""
    chosen: list[tuple[float, float]] = []
    for _ in range(rng.poisson(per_min * duration_s / 60)):
        length = min(float(np.exp(rng.uniform(*np.log(length_s)))), duration_s / 3)
        start = rng.uniform(0.5, max(duration_s - length - 0.5, 0.6))
        stop = start + length
        if all(stop + apart_s < a or start - apart_s > b for a, b in chosen):
            chosen.append((start, stop))
    return sorted(chosen)


def contraction(rng: Rng, units: tuple[Unit, ...], *, start_s: float, stop_s: float, level: float
                ) -> Discharges:  # fmt: skip
    """Discharges of a ramp up, hold and ramp down; small units are recruited first.

    Thresholds are exponentially distributed over the pool (Fuglevand, Winter & Patla 1993, J
    Neurophysiol 70:2470–2488); a unit fires from 6–8 Hz upwards with the drive above its threshold.
    """
    thresholds = np.exp(np.linspace(np.log(0.005), np.log(0.7), len(units)))
    ramp = min(rng.uniform(0.3, 1.5), (stop_s - start_s) / 3)
    found = []
    for unit, threshold in zip(units, thresholds, strict=True):
        share = threshold / level
        if share >= 1:
            break
        on, off = start_s + share * ramp, stop_s - share * ramp
        rate = rng.uniform(6, 8) + min(30 * (level - threshold), 18)
        times = renewal(
            rng, rate_hz=rate, variation=rng.uniform(0.12, 0.25), start_s=on, stop_s=off
        )
        found.append(discharges(times, unit.number, "contraction", "voluntary"))
    return joined(found)


def contractions(rng: Rng, plan: Contractions, units: tuple[Unit, ...],
                 times_s: list[tuple[float, float]]) -> Activity:  # fmt: skip
    """Contractions of a site in these windows, each at its own level."""
    found, spans = [], []
    for start_s, stop_s in times_s:
        level = float(np.exp(rng.uniform(*np.log(plan.level))))
        one = contraction(rng, units, start_s=start_s, stop_s=stop_s, level=level)
        if len(one):
            found.append(one)
            spans.append(Span(one.times_s[0], one.times_s[-1] + TAIL_S, "contraction"))
    return Activity(joined(found), tuple(spans))


def trains(rng: Rng, plan: Trains, units: tuple[Unit, ...], extra: tuple[Unit, ...],
           duration_s: float) -> Activity:  # fmt: skip
    """Tonic trains of the site's own units or of such that do nothing else."""
    found, spans = [], []
    for start_s, stop_s in windows(rng, per_min=rng.uniform(*plan.per_min), duration_s=duration_s,
                                   length_s=plan.length_s):  # fmt: skip
        pools = [units if rng.random() < plan.own and units else extra for _ in range(2)]
        chosen = {u.number: u for u in (pool[int(rng.integers(len(pool)))] for pool in pools)}
        n_firing = 2 if rng.random() < plan.second else 1
        for number in list(chosen)[:n_firing]:
            times = renewal(rng, rate_hz=rng.uniform(*plan.rate_hz), start_s=start_s,
                            stop_s=stop_s, variation=rng.uniform(*plan.variation))  # fmt: skip
            found.append(discharges(times, number, "train", "tonic"))
            spans.append(Span(times[0], times[-1] + TAIL_S, "train", number))
    return Activity(joined(found), tuple(spans))


def tremor(rng: Rng, plan: Tremor, units: tuple[Unit, ...], duration_s: float) -> Activity:
    """Synchronous bursts of several units, each unit 1–2 times per burst."""
    found, spans = [], []
    for start_s, stop_s in windows(rng, per_min=rng.uniform(*plan.per_min), duration_s=duration_s,
                                   length_s=plan.length_s):  # fmt: skip
        bursts = renewal(rng, rate_hz=rng.uniform(*plan.rate_hz), variation=0.06,
                         start_s=start_s, stop_s=stop_s)  # fmt: skip
        one = joined([_burst(rng, units, time) for time in bursts])
        if len(one):
            found.append(one)
            spans.append(Span(one.times_s[0], one.times_s[-1] + TAIL_S, "tremor"))
    return Activity(joined(found), tuple(spans))


def _burst(rng: Rng, units: tuple[Unit, ...], time_s: float) -> Discharges:
    width_s = rng.uniform(0.010, 0.022)
    found = []
    for unit in units:
        n = int(rng.choice([0, 1, 2], p=[0.25, 0.55, 0.2]))
        at = time_s + width_s * rng.standard_normal() + np.arange(n) * rng.uniform(0.02, 0.04)
        found.append(discharges(np.asarray(at, dtype=np.float64), unit.number, "tremor", "burst"))
    return joined(found)


def inside(
    times_s: Floats, spans: list[tuple[float, float]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which times lie in any of the spans."""
    hit = np.zeros(len(times_s), dtype=bool)
    for start, stop in spans:
        hit |= (times_s >= start) & (times_s < stop)
    return hit
