"""The recordings of the benchmark: which phenomena, which seeds, how long.

Settings (ours and the rivals') are chosen on tuning seeds, figures are reported on reporting
seeds, as `benchmarks/plans.py` divides them; no seed is in both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import rest, semisynthetic, sources
from benchmarks.plans import REPORTING, TUNING, plan
from emgdetect import datasets
from emgdetect.simulation import SCENARIOS, Simulated, simulate

TUNING_SEEDS = tuple(TUNING.take(2))
REPORTING_SEEDS = tuple(REPORTING.take(2))
QUICK_SEEDS = (REPORTING.last,)

PHENOMENA = tuple(name for name in SCENARIOS if name not in ("quiet", "grid64"))
"""Simulated phenomena, in the order of the tables."""

MEASURED = ("measured_ladder", "measured_groups", "measured_grid64", "real_rest")
"""Semi-synthetic phenomena."""

LONGER = {"tonic_trains": 2.0}
"""Phenomena that need a longer recording to show at all: trains are rare."""

QUICK = ("clean", "weak", "heart", "tonic_trains", "all_at_once", "healthy")


@dataclass(frozen=True)
class Case:
    """One recording with a truth, made when asked for.

    Attributes
    ----------
    phenomenon : str
    recording : str
        Name, unique within the benchmark.
    make : callable
    length_s : float
        NaN where the rest it is made of decides that.
    """

    phenomenon: str
    recording: str
    make: Callable[[], Simulated]
    length_s: float = math.nan


def simulated_cases(
    seeds: tuple[int, ...],
    *,
    phenomena: tuple[str, ...] = PHENOMENA,
    duration_s: float = 60.0,
    n_sites: int = 4,
) -> list[Case]:
    """Recordings of the simulator: each phenomenon with each seed, tuning or reporting."""

    def case(name: str, seed: int) -> Case:
        length_s = duration_s * LONGER.get(name, 1.0)

        def make() -> Simulated:
            scenario = plan(name, seed, TUNING if seed <= TUNING.last else REPORTING)
            scenario = replace(scenario, sites=scenario.sites[:n_sites])
            return simulate(duration_s=length_s, seed=seed, scenario=scenario)

        return Case(name, f"{name}-{seed}", make, length_s)

    return [case(name, seed) for name in phenomena for seed in seeds]


def quick_cases() -> list[Case]:
    """The recordings of the quick run and of the ratchet."""
    return simulated_cases(QUICK_SEEDS, phenomena=QUICK, duration_s=45, n_sites=3)


def measured_cases(
    seeds: tuple[int, ...], *, duration_s: float = 60.0, progress: bool = False
) -> list[Case]:
    """Semi-synthetic recordings; needs the datasets `openhdemg_vl`, `plux_bsnb`, `uci_lower_limb`.

    Raises
    ------
    emgdetect.datasets.DownloadError
        If a dataset cannot be had.
    """
    folders = {
        name: datasets.get(name, progress=progress)
        for name in ("openhdemg_vl", "plux_bsnb", "uci_lower_limb")
    }
    cases = []
    for seed in seeds:
        for name, pattern in (
            ("measured_ladder", semisynthetic.LADDER),
            ("measured_groups", semisynthetic.GROUPS),
        ):
            make = _bipolar(folders, name, pattern, seed, duration_s)
            cases.append(Case(name, f"{name}-{seed}", make, duration_s))
        name = "measured_grid64"
        cases.append(Case(name, f"{name}-{seed}", _grid(folders, seed, duration_s), duration_s))
        for source in rest.QUIET:
            label = f"real_rest-{source.name}-{seed}"
            cases.append(Case("real_rest", label, _on_rest(folders, source, seed)))
    order = {name: i for i, name in enumerate(MEASURED)}
    return sorted(cases, key=lambda case: order[case.phenomenon])


@cache
def _potentials(folder: Path) -> tuple[semisynthetic.Floats, float]:
    """The measured potentials and their rate; averaged once per run."""
    source = sources.vastus_lateralis(folder)
    return semisynthetic.measured_potentials(source), source.sampling_hz


def _bipolar(
    folders: dict[str, Path],
    name: str,
    pattern: semisynthetic.Pattern,
    seed: int,
    duration_s: float,
) -> Callable[[], Simulated]:
    def make() -> Simulated:
        waves, hz = _potentials(folders["openhdemg_vl"])
        rng = np.random.default_rng([seed, 1])
        rests = {
            site: semisynthetic.simulated_rest(
                rng, 1, round(duration_s * hz), sampling_hz=hz, rms_uv=rng.uniform(1.5, 4)
            )
            for site in ("BICEPS L", "BICEPS R", "TIBIALIS L", "TIBIALIS R")
        }
        return semisynthetic.compose(
            rests, semisynthetic.bipolar(waves), pattern, sampling_hz=hz, seed=seed, name=name
        )

    return make


def _grid(folders: dict[str, Path], seed: int, duration_s: float) -> Callable[[], Simulated]:
    def make() -> Simulated:
        waves, hz = _potentials(folders["openhdemg_vl"])
        quiet = semisynthetic.simulated_rest(
            np.random.default_rng([seed, 2]), waves.shape[1], round(duration_s * hz),
            sampling_hz=hz, rms_uv=5.0,
        )  # fmt: skip
        return semisynthetic.compose(
            {"VASTUS LATERALIS R": quiet}, waves, semisynthetic.LADDER, sampling_hz=hz,
            seed=seed, name="measured_grid64", shared=semisynthetic.SHARED,
        )  # fmt: skip

    return make


def _on_rest(folders: dict[str, Path], source: rest.Quiet, seed: int) -> Callable[[], Simulated]:
    def make() -> Simulated:
        waves, hz = _potentials(folders["openhdemg_vl"])
        signal, rest_hz = source.read(folders[source.dataset])
        quiet = rest.real_rest(signal, rest_hz, limit_uv=source.limit_uv)
        return semisynthetic.compose(
            {source.name.upper(): quiet},
            semisynthetic.resampled(semisynthetic.bipolar(waves), hz, rest_hz),
            semisynthetic.REAL, sampling_hz=rest_hz, seed=seed, name="real_rest",
        )  # fmt: skip

    return make
