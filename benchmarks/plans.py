"""Which simulated recordings are for choosing numbers and which for reporting them.

Tuning and reporting never share a seed, and the scenario's own parameters are jittered by each
recording's seed, more widely for reporting: what was chosen on the one must hold on the other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from emgdetect.simulation import SCENARIOS, Scenario, Simulated, simulate

Rng = np.random.Generator


@dataclass(frozen=True)
class Seeds:
    """A set of recordings.

    Attributes
    ----------
    name : str
    first, last : int
        Seeds, both included.
    spread : float
        Scenario parameters are multiplied by up to 1 + spread or divided by as much.
    """

    name: str
    first: int
    last: int
    spread: float

    def take(self, n: int) -> range:
        """The first `n` seeds."""
        if not 0 < n <= self.last - self.first + 1:
            raise ValueError(f"there are {self.last - self.first + 1} {self.name} seeds, not {n}")
        return range(self.first, self.first + n)


TUNING = Seeds("tuning", 1000, 1999, 0.10)
REPORTING = Seeds("reporting", 2000, 2999, 0.30)

SCALED = {
    "snr_median", "tail", "modulation_s", "cluster_s", "over_noise", "extrasystoles", "per_min",
    "length_s", "level", "variation", "pops_per_min", "swings_per_min", "cable_per_min",
    "amplitude", "group_amplitude", "jiggle_s", "blocking", "share",
}  # fmt: skip
"""Parameters that are jittered; those that define a phenomenon (rates, ranges, delays) are not."""

KEPT = {"heart", "snr_range"}
"""Left alone altogether: the heart's rate range is that of the phenomenon."""


def jittered(value: Any, rng: Rng, spread: float) -> Any:
    """A scenario, or a part of one, with its numbers multiplied by random factors."""
    changes: dict[str, Any] = {}
    for field in fields(value):
        now = getattr(value, field.name)
        if field.name in KEPT:
            continue
        if is_dataclass(now) and field.name != "electrodes":
            changes[field.name] = jittered(now, rng, spread)
        elif field.name in SCALED:
            factor = float(np.exp(rng.uniform(-1, 1) * np.log1p(spread)))
            changes[field.name] = (
                tuple(n * factor for n in now) if isinstance(now, tuple) else now * factor
            )
    return replace(value, **changes)


def plan(scenario: str, seed: int, seeds: Seeds) -> Scenario:
    """The scenario as it is for one seed of a set."""
    if not seeds.first <= seed <= seeds.last:
        raise ValueError(f"seed {seed} is none of the {seeds.name} seeds")
    rng = np.random.default_rng([seed, seeds.first])
    return jittered(_scenario(scenario), rng, seeds.spread)


def _scenario(name: str) -> Scenario:
    if name != "measured":
        return SCENARIOS[name]
    from benchmarks.measured import measured_scenario

    if (found := measured_scenario()) is None:
        raise FileNotFoundError("measured potentials need the dataset openhdemg_vl")
    return found


def recording(scenario: str, seed: int, seeds: Seeds, *, duration_s: float = 180.0) -> Simulated:
    """One simulated recording of a set."""
    return simulate(duration_s=duration_s, seed=seed, scenario=plan(scenario, seed, seeds))
