"""Rate ratios of simulated studies with a known effect: `python -m benchmarks.comparison`.

Writes `benchmarks/results/comparison.md`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.coverage import RESULTS
from benchmarks.coverage_page import table
from emgdetect.stats.compare import choose_method
from emgdetect.stats.comparing.gee import gee_ratio
from emgdetect.stats.comparing.permuting import Sessions, permutation_ratio

DESIGNS = ((1, 8), (1, 16), (4, 5), (12, 3), (20, 3), (40, 2))
"""Persons and sessions of each."""
AGAIN = 5
"""Rows of low coverage are repeated with this many times the studies, of other seeds."""


def draw(
    rng: np.random.Generator, n_persons: int, n_each: int, *, ratio: float, spread: float,
    rate_per_min: float, levels: int,
) -> Sessions:  # fmt: skip
    """Counts with persons' own rates, over-dispersion `spread` and, for one person, a trend."""
    shape = (n_persons, n_each)
    values = rng.integers(0, levels, shape).astype(float)
    minutes = rng.uniform(2, 10, shape)
    order = np.tile(np.arange(n_each, dtype=float), (n_persons, 1))
    own = rate_per_min * rng.lognormal(0, 0.7, (n_persons, 1))
    mean = own * minutes * ratio**values * np.exp((n_persons == 1) * order / n_each)
    counts = rng.poisson(mean * rng.gamma(1 / spread, spread, shape)).astype(float)
    persons = np.repeat(np.arange(n_persons), n_each)
    return Sessions(counts.ravel(), minutes.ravel(), values.ravel(), order.ravel(), persons)


def study(n_repeats: int) -> pd.DataFrame:
    """Coverage, false alarms, power and bias per design."""
    rows = []
    for n_persons, n_each in DESIGNS:
        for levels in (2, 4):
            for rate_per_min, spread in ((2.0, 0.2), (20.0, 0.4)):
                for ratio in (1.0, 1.6):
                    rows.append(
                        _cell(n_repeats, n_persons, n_each, ratio=ratio, spread=spread,
                              rate_per_min=rate_per_min, levels=levels)
                    )  # fmt: skip
    return pd.DataFrame(rows)


def _cell(
    n_repeats: int, n_persons: int, n_each: int, *, ratio: float, spread: float,
    rate_per_min: float, levels: int, seeds: tuple[int, ...] = (),
) -> dict[str, object]:  # fmt: skip
    cell = [n_persons, n_each, levels, int(rate_per_min), int(10 * ratio)]
    rng = np.random.default_rng([*cell, *seeds])
    results, refused, method = [], 0, ""
    for _ in range(n_repeats):
        sessions = draw(rng, n_persons, n_each, ratio=ratio, spread=spread,
                        rate_per_min=rate_per_min, levels=levels)  # fmt: skip
        method, message = choose_method(sessions)
        if message:
            refused += 1
            continue
        results.append(gee_ratio(sessions) if method == "gee" else permutation_ratio(sessions))
    covers = [r.low <= ratio <= r.high for r in results]
    return {
        "method": method, "persons": n_persons, "sessions each": n_each, "levels": levels,
        "rate_per_min": rate_per_min, "gamma spread": spread, "true ratio": ratio,
        "covers": float(np.mean(covers)), "p < 0.05": float(np.mean([r.p < 0.05 for r in results])),
        "median ratio": float(np.median([r.ratio for r in results])),
        "open": float(np.mean([r.low == 0 or np.isinf(r.high) for r in results])),
        "refused": refused / n_repeats,
    }  # fmt: skip


def repeated(rows: pd.DataFrame, n_repeats: int) -> pd.DataFrame:
    """Rows once more with more studies of other seeds: what was chance does not come again."""
    cells = [
        _cell(AGAIN * n_repeats, int(row["persons"]), int(row["sessions each"]),
              ratio=row["true ratio"], spread=row["gamma spread"],
              rate_per_min=row["rate_per_min"], levels=int(row["levels"]), seeds=(1,))
        for _, row in rows.iterrows()
    ]  # fmt: skip
    return pd.DataFrame(cells)


def _low(frame: pd.DataFrame, least: float) -> str:
    """Rows whose coverage lies below what chance leaves of 0.95."""
    rows = frame[frame["covers"] < least]
    said = [
        f"{row['method']}, {row['persons']} x {row['sessions each']}, {row['levels']} levels, "
        f"{row['rate_per_min']:g}/min, ratio {row['true ratio']:g} ({row['covers']:.3f})"
        for _, row in rows.iterrows()
    ]
    return f"{len(said)} of {len(frame)} rows cover less than {least:.3f}" + (
        f": {'; '.join(said)}" if said else ""
    )


def main() -> None:
    """Run the study and write its results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    frame = study(given.repeats)
    effect = frame["true ratio"] != 1
    error = np.sqrt(0.95 * 0.05 / given.repeats)
    low = frame[frame["covers"] < 0.95 - 2 * error]
    text = "\n".join(
        [
            "# Rate ratios between sessions: studies with a known effect",
            "",
            f"`python -m benchmarks.comparison`, {given.repeats} simulated studies per row; the "
            f"standard error of a coverage of 0.95 is {error:.3f}. Persons differ in rate "
            "(log-normal, sigma 0.7), sessions by gamma noise; one person's rate also rises e-fold "
            "over the sessions. `covers`: the 95 % interval holds the true ratio; `open`: it "
            "reaches 0 or infinity, too few sessions to bound it; `refused`: a message instead of "
            "a number.",
            "",
            f"Mean coverage {frame['covers'].mean():.3f} (lowest {frame['covers'].min():.3f}); "
            f"without an effect p < 0.05 in {frame.loc[~effect, 'p < 0.05'].mean():.3f} of the "
            f"studies (highest {frame.loc[~effect, 'p < 0.05'].max():.3f}).",
            "",
            f"Not reached: {_low(frame, 0.95 - 2 * error)}.",
            "",
            table(frame),
            "",
            f"## The rows not reached, repeated with {AGAIN * given.repeats} other studies",
            "",
            "By chance alone 1 in 44 rows lies two standard errors low; this tells chance from "
            f"bias. The standard error is {error / np.sqrt(AGAIN):.3f}.",
            "",
            table(repeated(low, given.repeats)) if len(low) else "None.",
            "",
        ]
    )
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "comparison.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
