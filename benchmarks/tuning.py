"""Choosing the rivals' settings: `python -m benchmarks.tuning` writes `results/settings.csv`.

Every setting listed with a rival is run on tuning recordings; the one with the best mean F1 over
the phenomena belongs first in its list (`benchmarks/rivals/__init__.py`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from benchmarks.cases import TUNING_SEEDS, Case, simulated_cases
from benchmarks.detectors import rival
from benchmarks.judging import TOLERANCE_S
from benchmarks.rivals import RIVALS
from benchmarks.run import Result, run_all
from benchmarks.scores import pooled, rows_of
from emgdetect.simulation import Simulated

HERE = Path(__file__).parent

PHENOMENA = ("clean", "weak", "fluctuating", "heart", "contractions", "movement", "busy")


def tuning_cases(*, grid: bool) -> list[Case]:
    """Short recordings with tuning seeds."""
    if grid:
        return simulated_cases(TUNING_SEEDS, phenomena=("grid64",), duration_s=30)
    return simulated_cases(TUNING_SEEDS[:1], phenomena=PHENOMENA, duration_s=60, n_sites=2)


def tune(cache: Path, *, only: str = "") -> pd.DataFrame:
    """F1 of every setting tried, mean over the phenomena; one row per rival and setting."""
    out = []
    for index, entry in enumerate(RIVALS):
        if only not in entry.name:
            continue
        for setting in range(len(entry.settings)):
            out.append(_try(index, setting, cache))
            print(out[-1], file=sys.stderr, flush=True)
    return pd.DataFrame(out)


def _try(index: int, setting: int, cache: Path) -> dict[str, object]:
    detector = rival(index, setting)
    rows: list[dict[str, object]] = []

    def take(case: Case, simulated: Simulated, results: dict[str, Result]) -> None:
        rows.extend(rows_of(case, simulated, detector, results[detector.name]))

    cases = tuning_cases(grid=RIVALS[index].grid)
    run_all(cases, [detector], cache, take=take, limit_s=30, quiet=True)
    table = pd.DataFrame(rows)
    table = table[table["tolerance_s"] == TOLERANCE_S]
    figures = pooled(table, ["phenomenon"], n_draws=1)
    failed = sorted(set(table["trouble"]) - {""})
    return {
        "detector": detector.name, "version": detector.version, "settings": detector.settings,
        "used": setting == 0, "mean_f1": round(float(figures["f1"].fillna(0).mean()), 3),
        **{str(r.phenomenon): round(float(r.f1), 3) for r in figures.itertuples()},
        "trouble": "; ".join(failed),
    }  # fmt: skip


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    settings = tune(HERE / ".cache", only=name)
    if not name:
        settings.to_csv(HERE / "results" / "settings.csv", index=False)
