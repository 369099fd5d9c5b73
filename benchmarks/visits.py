"""What the interval of the ratio of two recordings holds, and what not: part of `coverage.md`.

`emgdetect.compare_recordings` compares the time that two recordings hold. From visit to visit the
long-run rate of a muscle moves, too, and two recordings say nothing of by how much.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.processes import Process, processes
from emgdetect.stats.pairing import rate_ratio
from emgdetect.stats.rates import Rate, rate

VARIATIONS = (0.0, 0.2, 0.4)
"""Coefficients of variation of the long-run rate from visit to visit; log-normal, mean 1."""
RATE_PER_MIN = 30.0
DURATIONS_S = (180.0, 600.0)
STEADY = ("Poisson", "clusters of 3")
"""Processes whose single rates are held at this rate and these lengths."""


def visits_study(n_repeats: int, seed: int) -> pd.DataFrame:
    """Coverage of the ratio of two recordings of a muscle whose mean rate is the same.

    Parameters
    ----------
    n_repeats : int
        Pairs of recordings of each kind.
    seed : int

    Returns
    -------
    DataFrame
        One row per process, length and variation between visits: how often the interval holds
        the ratio of the two visits' own long-run rates, and how often 1, that of the person.
    """
    rows = []
    for process in (process for process in processes() if process.name in STEADY):
        for duration_s in DURATIONS_S:
            for variation in VARIATIONS:
                rng = np.random.default_rng([seed, *process.name.encode(), int(duration_s)])
                held = [_pair(process, duration_s, variation, rng) for _ in range(n_repeats)]
                of_visits, of_person = np.mean(held, axis=0)
                rows.append(
                    {
                        "process": process.name, "rate_per_min": RATE_PER_MIN,
                        "duration_s": duration_s, "variation between visits": variation,
                        "holds the ratio of these visits": of_visits,
                        "holds the person's (1)": of_person, "n_repeats": n_repeats,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def _pair(
    process: Process, duration_s: float, variation: float, rng: np.random.Generator
) -> tuple[bool, bool]:
    """Whether the interval of one pair holds the ratio of its visits, and that of the person."""
    width = float(np.sqrt(np.log1p(variation**2)))
    own = RATE_PER_MIN * np.exp(width * rng.standard_normal(2) - width**2 / 2)
    first, second = (_counted(process, float(mean), duration_s, rng) for mean in own)
    _, low, high = rate_ratio(first, second)
    return low <= own[1] / own[0] <= high, low <= 1 <= high


def _counted(process: Process, per_min: float, duration_s: float, rng: np.random.Generator) -> Rate:
    return rate(process.events(per_min, duration_s, rng), [(0.0, duration_s)])
