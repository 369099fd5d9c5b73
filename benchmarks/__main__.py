"""How good is it, and who says so: `python -m benchmarks`.

python -m benchmarks             everything; what is known and unchanged is not computed again
python -m benchmarks --quick     a few phenomena, short recordings, the quick detectors
python -m benchmarks --detectors NAME... --keep
                                 these measured, the rows of all others as the tables have them
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks import cases, cost, figures, keeping, tables
from benchmarks.cases import Case
from benchmarks.detectors import Detector, ceiling, ours, rivals
from benchmarks.keeping import KeepError, Kept
from benchmarks.run import LIMIT_S_PER_MIN, Result, run_all
from benchmarks.scores import ROW, amplitude_rows, pooled, rows_of, truth_of
from emgdetect.datasets import DownloadError
from emgdetect.simulation import Simulated

HERE = Path(__file__).parent
RESULTS = HERE / "results"
CACHE = HERE / ".cache"

QUICK_RIVALS = (
    "biosppy find_onsets", "biosppy lidierth", "spikeinterface detect_peaks", "band-pass + k MAD",
    "Teager-Kaiser",
)  # fmt: skip
"""Rivals quick enough for the quick run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; see the module."""
    options = _parser().parse_args(arguments)
    begun = time.perf_counter()
    every = _detectors(options.quick)
    chosen = [d for d in every if not options.detectors or d.name in options.detectors]
    if unknown := set(options.detectors).difference(d.name for d in every):
        print(f"no such detector: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if options.keep and (options.quick or not options.detectors):
        print("--keep goes with --detectors, and not with --quick", file=sys.stderr)
        return 2
    asked = _cases(options)
    names, known = [d.name for d in chosen], None
    try:
        if options.keep:
            known = keeping.kept(options.out, asked, [d.name for d in every], names)
        scores, bins = measure(asked, chosen, options.cache, seconds=options.seconds)
        if known:
            scores = known.joined("scores.csv", scores)
            if known.missing:
                print(f"without {', '.join(known.missing)}: not in the tables", file=sys.stderr)
    except KeepError as error:
        print(error, file=sys.stderr)
        return 2
    if known or not options.detectors:
        _write(options, scores, bins, known)
    print(tables.markdown(_short(scores)))
    print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="under two minutes")
    parser.add_argument(
        "--detectors", nargs="+", default=[], metavar="NAME",
        help="only these; prints, and keeps what it finds for the next full run",
    )  # fmt: skip
    parser.add_argument(
        "--keep", action="store_true",
        help="with --detectors: writes all tables and figures, with the rows of all other "
        "detectors as the tables in --out have them",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="reporting seeds")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each recording")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument(
        "--cache", type=Path, default=CACHE,
        help="folder of what is known, kept for the next run: benchmarks/.cache in the checkout by "
        "default, not under version control; may be deleted",
    )  # fmt: skip
    return parser


def _detectors(quick: bool) -> list[Detector]:
    others = rivals()
    if quick:
        others = [detector for detector in others if detector.name in QUICK_RIVALS]
    return [ours(), ceiling(), *others]


def _cases(options: argparse.Namespace) -> list[Case]:
    """The recordings; the semi-synthetic ones are left out, with a word, where data are missing."""
    if options.quick:
        return cases.quick_cases()
    seeds = tuple(cases.REPORTING.take(options.seeds))
    chosen = cases.simulated_cases(seeds, duration_s=options.seconds)
    try:
        return chosen + cases.measured_cases(seeds, duration_s=options.seconds, progress=True)
    except DownloadError as error:
        print(f"without the semi-synthetic recordings: {error}", file=sys.stderr)
        return chosen


def measure(
    chosen: Sequence[Case], detectors: Sequence[Detector], cache: Path, *, seconds: float = 60.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the detectors on recordings of some length: the long table, and that by amplitude."""
    rows: list[dict[str, object]] = []
    bins: list[dict[str, object]] = []

    def take(case: Case, simulated: Simulated, results: dict[str, Result]) -> None:
        truth, recorded_s = truth_of(simulated), simulated.recording.recorded_s
        for detector in detectors:
            result = results[detector.name]
            rows.extend(rows_of(case, truth, recorded_s, detector, result))
            if not result.trouble:
                bins.extend(amplitude_rows(case, truth, detector, result))

    run_all(chosen, detectors, cache, take=take, limit_s=LIMIT_S_PER_MIN * max(seconds / 60, 1))
    return pd.DataFrame(rows, columns=list(ROW)), pd.DataFrame(bins)


def _write(
    options: argparse.Namespace, scores: pd.DataFrame, bins: pd.DataFrame, known: Kept | None
) -> None:
    """The long table; of the full run also thresholds, cost, tables and figures.

    Parameters
    ----------
    options : Namespace
    scores, bins : DataFrame
        The long table, with all that is kept of an earlier run, and that by amplitude.
    known : Kept or None
        The earlier run.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    if options.quick:
        table(scores, options.out / "quick.csv")
        return
    only = known.measured if known else None
    budget = cost.budgets(options.cache, duration_s=options.seconds, only=only)
    timing = cost.timing(options.cache, only=only)
    if known:
        bins = known.joined("amplitudes.csv", bins)
        budget, timing = known.joined("budget.csv", budget), known.joined("timing.csv", timing)
    table(scores, options.out / "scores.csv")
    table(bins, options.out / "amplitudes.csv")
    by = ["phenomenon", "detector", "tolerance_s"]
    table(pooled(scores, by).round(4), options.out / "figures.csv")
    table(budget, options.out / "budget.csv")
    table(timing, options.out / "timing.csv")
    tried = RESULTS / "settings.csv"
    settings = pd.read_csv(tried) if tried.exists() else None
    tables.write(tables.report(scores, bins, settings, budget), options.out / "tables.md")
    figures.save(figures.recall_by_amplitude(bins), options.out / "recall_by_amplitude.png")
    figures.save(figures.f1_by_phenomenon(scores), options.out / "f1_by_phenomenon.png")
    figures.save(figures.over_budget(budget), options.out / "budget.png")
    figures.save(figures.rate_agreement(scores), options.out / "rate_agreement.png")
    figures.save(figures.cost(timing), options.out / "cost.png")


def _short(scores: pd.DataFrame) -> pd.DataFrame:
    """F1 of every detector by phenomenon, for the terminal."""
    rows = tables.at_tolerance(scores)
    return tables.matrix(pooled(rows, ["phenomenon", "detector"], n_draws=1), "f1")


def table(rows: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, atomically."""
    tables.write(rows.to_csv(index=False, lineterminator="\n"), path)


if __name__ == "__main__":
    sys.exit(main())
