"""How often the interval of the rate holds the long-run rate: `python -m benchmarks.coverage`.

Simulates counts of known long-run rate, with and without holes in the analysed time, and writes
`benchmarks/results/coverage.csv` (one row per process, rate, length and method) and `coverage.md`;
`coverage_visits.csv` has what the interval of a ratio of two recordings holds
(`benchmarks.visits`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from benchmarks.coverage_page import broken, report
from benchmarks.processes import Process, processes
from benchmarks.visits import visits_study
from emgdetect.stats.exposure import analysed_before_s, inside, total_s
from emgdetect.stats.intervals import POISSON, known_dispersion, rate_interval
from emgdetect.stats.rates import rate

Floats = NDArray[np.floating[Any]]
Interval = tuple[float, float]

RESULTS = Path(__file__).parent / "results"
RATES_PER_MIN = (1, 3, 10, 30, 60)
DURATIONS_S = (120, 300, 600, 1800)
AGAIN = 4
"""Cells that break a promise are repeated with this many times the recordings, of other seeds."""
FLAGS = ("", "few_clusters", "trend")
"""What a row may say of its interval; ``short`` needs less than a minute."""


@dataclass(frozen=True)
class Cell:
    """One process at one rate and length, with or without holes in the analysed time."""

    process: Process
    rate_per_min: float
    duration_s: float
    holes: bool

    @property
    def analysed_s(self) -> float:
        return total_s(self.spans)

    @property
    def expected(self) -> float:
        return self.rate_per_min * self.analysed_s / 60

    @property
    def n_clusters(self) -> float:
        return 2 * self.expected / (1 + self.process.dispersion(self.rate_per_min))

    @property
    def n_correlations(self) -> float:
        return self.analysed_s / max(self.process.correlation_s, 1e-9)

    @property
    def promised(self) -> bool:
        """Whether there are 20 clusters and 20 correlation times."""
        return self.n_clusters >= 20 and self.n_correlations >= 20

    @property
    def spans(self) -> Floats:
        """All of the time, or 70 % of it with a hole of 3, 9 and 24 s in every two minutes."""
        if not self.holes:
            return np.array([[0.0, self.duration_s]])
        starts = np.arange(0, self.duration_s, 120.0)[:, None]
        spans = starts[:, :, None] + np.array([[0.0, 30.0], [33.0, 60.0], [69.0, 96.0]])
        flat: Floats = spans.reshape(-1, 2)
        return flat


def cells() -> Iterator[Cell]:
    """All cells: without holes on the whole grid, with them at two lengths."""
    for process in processes():
        for duration_s in DURATIONS_S:
            for rate_per_min in RATES_PER_MIN:
                yield Cell(process, rate_per_min, duration_s, False)
                if duration_s in (600, 1800) and rate_per_min in (3, 30):
                    yield Cell(process, rate_per_min, duration_s, True)


def oracle(times: Floats, cell: Cell) -> Interval:
    """The interval of one who knows the dispersion and the correlation time."""
    ratio = cell.process.dispersion(cell.rate_per_min)
    spread = known_dispersion(ratio, cell.process.correlation_s / 2)
    return rate_interval(len(times), cell.analysed_s, spread=spread)


def exact_poisson(times: Floats, cell: Cell) -> Interval:
    """The interval that ignores clustering."""
    return rate_interval(len(times), cell.analysed_s, spread=POISSON)


def _scaled(n: int, analysed_s: float, ratio: float, freedom: float) -> Interval:
    tail = float(stats.norm.sf(stats.t.isf(0.025, freedom)))
    effective = n / ratio
    low = float(special.gammaincinv(effective, tail)) if n else 0.0
    high = float(special.gammainccinv(effective + 1, tail))
    return low * ratio * 60 / analysed_s, high * ratio * 60 / analysed_s


def blocks(times: Floats, cell: Cell) -> Interval:
    """Dispersion of the counts of 20 blocks, t quantile."""
    clock = analysed_before_s(times, cell.spans)
    counts = np.histogram(clock, 20, range=(0, cell.analysed_s))[0]
    ratio = float(np.var(counts, ddof=1) / np.mean(counts)) if len(times) else 1.0
    return _scaled(len(times), cell.analysed_s, max(ratio, 1.0), 19)


def cosines(times: Floats, cell: Cell) -> Interval:
    """Dispersion of 8 cosine-weighted counts, t quantile (Lazarus et al. 2018)."""
    clock = analysed_before_s(times, cell.spans) / cell.analysed_s
    orders = np.arange(1, 9)[:, None]
    sums = np.sqrt(2) * np.sum(np.cos(np.pi * orders * clock), axis=1)
    ratio = float(np.mean(sums**2)) / max(len(times), 1)
    return _scaled(len(times), cell.analysed_s, max(ratio, 1.0), 8)


KNOWING = "knows the dispersion"
RIVALS: dict[str, Callable[[Floats, Cell], Interval]] = {
    KNOWING: oracle,
    "exact Poisson": exact_poisson,
    "20 blocks": blocks,
    "8 cosines": cosines,
}


def study(
    cell: Cell, n_repeats: int, seed: int, *, every_method: bool = True
) -> list[dict[str, object]]:
    """Coverage and width of every method in one cell; where nothing is promised, of ours alone."""
    rng = np.random.default_rng([seed, *cell.process.name.encode(), int(cell.duration_s),
                                 int(cell.rate_per_min), int(cell.holes)])  # fmt: skip
    rivals = RIVALS if cell.promised and every_method else {KNOWING: oracle}
    intervals: dict[str, list[Interval]] = {name: [] for name in ("emgdetect", *rivals)}
    flags: list[str] = []
    for _ in range(n_repeats):
        times = inside(cell.process.events(cell.rate_per_min, cell.duration_s, rng), cell.spans)
        ours = rate(times, cell.spans)
        flags.append(ours.flag)
        intervals["emgdetect"].append((ours.low, ours.high))
        for name, method in rivals.items():
            intervals[name].append(method(times, cell))
    known_width = float(np.mean(np.diff(intervals[KNOWING], axis=1)))
    return [
        _row(cell, name, np.array(pairs), known_width, flags if name == "emgdetect" else [])
        for name, pairs in intervals.items()
    ]


def _row(
    cell: Cell, method: str, pairs: Floats, known_width: float, flags: list[str]
) -> dict[str, object]:
    truth = cell.rate_per_min
    flagged = np.array(flags)
    holds = (pairs[:, 0] <= truth) & (truth <= pairs[:, 1])
    return {
        "process": cell.process.name,
        "holes": cell.holes,
        "rate_per_min": truth,
        "duration_s": cell.duration_s,
        "analysed_s": cell.analysed_s,
        "expected_events": cell.expected,
        "clusters": round(cell.n_clusters, 1),
        "correlation_times": round(min(cell.n_correlations, 1e6), 1),
        "promised": cell.promised,
        "method": method,
        "coverage": float(np.mean(holds)),
        "missed_above": float(np.mean(pairs[:, 0] > truth)),
        "missed_below": float(np.mean(pairs[:, 1] < truth)),
        "width": float(np.mean(pairs[:, 1] - pairs[:, 0]) / known_width),
        "zero_width": int(np.sum(pairs[:, 1] <= pairs[:, 0])),
        **(_by_flag(flagged, holds) if flags else {}),
        "n_repeats": len(pairs),
    }


def _by_flag(flagged: NDArray[np.str_], holds: NDArray[np.bool_]) -> dict[str, float]:
    """How many rows have each flag, and how many of these hold the rate; NaN of none."""
    found: dict[str, float] = {}
    for flag in FLAGS:
        own, name = flagged == flag, flag or "none"
        found[f"flag_{name}"] = float(np.mean(own))
        found[f"holds_{name}"] = float(np.mean(holds[own])) if own.any() else float("nan")
    return found


def repeated(frame: pd.DataFrame, n_repeats: int, seed: int) -> pd.DataFrame:
    """The cells whose coverage breaks a promise, once more with recordings of another seed.

    Of 62 cells some break it by chance alone; what was chance does not come again.
    """
    ours = frame[(frame["method"] == "emgdetect") & frame["promised"]]
    keys = ["process", "holes", "rate_per_min", "duration_s"]
    wanted = {tuple(row) for row in ours.loc[broken(ours), keys].to_numpy().tolist()}
    rows = []
    for cell in cells():
        if (cell.process.name, cell.holes, cell.rate_per_min, cell.duration_s) in wanted:
            rows += study(cell, AGAIN * n_repeats, seed + 4001, every_method=False)
    return pd.DataFrame(rows, columns=list(frame.columns))


def main() -> None:
    """Run the study and write its results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=21, help="other seeds were used to choose")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    rows = []
    for cell in cells():
        rows += study(cell, arguments.repeats, arguments.seed)
    frame = pd.DataFrame(rows)
    again = repeated(frame, arguments.repeats, arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    frame.to_csv(arguments.out / "coverage.csv", index=False, float_format="%.4g")
    again.to_csv(arguments.out / "coverage_again.csv", index=False, float_format="%.4g")
    visits = visits_study(arguments.repeats, arguments.seed)
    visits.to_csv(arguments.out / "coverage_visits.csv", index=False, float_format="%.4g")
    (arguments.out / "coverage.md").write_text(report(frame, again, visits), encoding="utf-8")


if __name__ == "__main__":
    main()
