"""Choosing the rivals' settings: `python -m benchmarks.tuning` writes `results/settings.csv`.

Every setting listed with a rival is run on tuning recordings; the one with the best mean F1 over
the phenomena belongs first in its list (`benchmarks/rivals/__init__.py`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from benchmarks.cases import TUNING_SEEDS, Case, simulated_cases
from benchmarks.detectors import Detector, rival
from benchmarks.judging import TOLERANCE_S
from benchmarks.rivals import RIVALS
from benchmarks.run import Result, run_all
from benchmarks.scores import pooled, rows_of, truth_of
from emgdetect.simulation import Simulated

HERE = Path(__file__).parent

PHENOMENA = ("clean", "weak", "fluctuating")


def tuning_cases(*, grid: bool) -> list[Case]:
    """Short recordings with tuning seeds."""
    if grid:
        return simulated_cases(TUNING_SEEDS, phenomena=("grid64",), duration_s=12)
    return simulated_cases(TUNING_SEEDS[:1], phenomena=PHENOMENA, duration_s=12, n_sites=3)


def tune(cache: Path, *, only: str = "") -> pd.DataFrame:
    """F1 of every setting tried, mean over the phenomena; one row per rival and setting."""
    chosen = [index for index, entry in enumerate(RIVALS) if only in entry.name]
    tables = []
    for grid in (False, True):
        detectors = [
            rival(index, setting)
            for index in chosen
            if RIVALS[index].grid == grid
            for setting in range(len(RIVALS[index].settings))
        ]
        if detectors:
            tables.append(_tried(detectors, tuning_cases(grid=grid), cache))
    return pd.concat(tables, ignore_index=True)


def _tried(detectors: list[Detector], cases: list[Case], cache: Path) -> pd.DataFrame:
    rows: list[dict[str, object]] = []

    def take(case: Case, simulated: Simulated, results: dict[str, Result]) -> None:
        truth, recorded_s = truth_of(simulated), simulated.recording.recorded_s
        for detector in detectors:
            rows.extend(rows_of(case, truth, recorded_s, detector, results[detector.name]))

    run_all(cases, detectors, cache, take=take, limit_s=10)
    table = pd.DataFrame(rows)
    table = table[table["tolerance_s"] == TOLERANCE_S]
    return pd.DataFrame(_row(d, table[table["detector"] == d.name]) for d in detectors)


def _row(detector: Detector, rows: pd.DataFrame) -> dict[str, object]:
    """One setting: F1 of each phenomenon and their mean."""
    f1 = pooled(rows, ["phenomenon"], n_draws=1).set_index("phenomenon")["f1"]
    return {
        "detector": detector.name.split(" [")[0], "version": detector.version,
        "settings": detector.settings, "used": "[" not in detector.name,
        "mean_f1": round(float(f1.fillna(0).mean()), 3), **f1.round(3).to_dict(),
        "trouble": "; ".join(sorted(set(rows["trouble"]) - {""})),
    }  # fmt: skip


def main() -> None:
    """Try all settings and keep them, or show those of one rival."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="part of a rival's name")
    name = parser.parse_args().name
    if not any(name in entry.name for entry in RIVALS):
        parser.error(f"no rival's name holds {name!r}")
    settings = tune(HERE / ".cache", only=name)
    if name:
        print(settings.to_string())
    else:
        (HERE / "results").mkdir(exist_ok=True)
        settings.to_csv(HERE / "results" / "settings.csv", index=False)


if __name__ == "__main__":
    main()
