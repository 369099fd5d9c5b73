"""Accuracy of the detector on simulated and real recordings, against the ceiling and the bars.

    python -m benchmarks.accuracy                              all phenomena, reporting seeds, CSV
    python -m benchmarks.accuracy --tuning --scenario heart --seeds 3 --events
    python -m benchmarks.accuracy --real                       only the real recordings

Everything that a number of `emgdetect.config` was chosen on uses `--tuning`. What is owed and what
counts as extra stands in `benchmarks/judging.py`, the ceiling in `benchmarks/ceiling.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import emgdetect as emg
from benchmarks.ceiling import Ceiling, ceiling
from benchmarks.judging import TOLERANCE_S
from benchmarks.outcome import Outcome, outcome, total
from benchmarks.plans import REPORTING, TUNING, Seeds, recording
from benchmarks.real import data_folder, report

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "accuracy.csv"

BARS = {
    "clean": 0.99, "weak": 0.97, "fluctuating": 0.97, "mains": 0.985, "heart": 0.98,
    "atrial_fibrillation": 0.975, "contractions": 0.99, "tonic_trains": 0.93, "tremor": 0.96,
    "slow_rhythmic": 0.975, "movement": 0.98, "busy": 0.985, "pairs": 0.98, "crosstalk": 0.96,
    "low_rate": 0.99, "all_at_once": 0.94,
}  # fmt: skip
"""Least F1 as a share of the ceiling's, by phenomenon."""

OTHERS = ("measured", "grid64", "healthy", "quiet")
"""Phenomena with a bar of another kind, or none: potentials measured on a real recording, a grid,
no fasciculations with and without disturbances."""


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; see the module."""
    options = _parser().parse_args(arguments)
    seeds = TUNING if options.tuning else REPORTING
    names = options.scenario or ([] if options.real else [*BARS, *OTHERS])
    config = emg.Config(**dict(_setting(text) for text in options.set))
    if data_folder() is None:
        names = [name for name in names if name != "measured"]
    rows: list[dict[str, object]] = []
    for name in names:
        rows += _phenomenon(name, seeds, options, config)
    if options.real or not options.scenario:
        rows += report(config)
    if options.csv or not (options.tuning or options.scenario or options.real):
        _write(rows, options.csv or RESULTS)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tuning", action="store_true", help="seeds 1000–1999")
    parser.add_argument("--scenario", nargs="+", choices=[*BARS, *OTHERS], metavar="NAME",
                        help=f"only these: {', '.join([*BARS, *OTHERS])}")  # fmt: skip
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=float, default=180.0, help="length of each recording")
    parser.add_argument("--events", action="store_true", help="list every missed and extra event")
    parser.add_argument("--no-ceiling", action="store_true")
    parser.add_argument("--real", action="store_true", help="only the real recordings")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="configuration")
    parser.add_argument("--csv", type=Path, help=f"where to write; the full run: {RESULTS.name}")
    return parser


def _setting(text: str) -> tuple[str, object]:
    key, value = text.split("=", 1)
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def _phenomenon(name: str, seeds: Seeds, options: argparse.Namespace, config: emg.Config
                ) -> list[dict[str, object]]:  # fmt: skip
    """Run, print and tabulate one phenomenon."""
    one = partial(_one, name=name, seeds=seeds, duration_s=options.seconds, config=config,
                  lines=options.events, with_ceiling=not options.no_ceiling)  # fmt: skip
    chosen = seeds.take(options.seeds)
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            pairs = list(pool.map(one, chosen))
    else:
        pairs = [one(seed) for seed in chosen]
    print(_line(name, total([o for o, _ in pairs]), [c for _, c in pairs if c]), flush=True)
    rows = []
    for seed, (result, best) in zip(chosen, pairs, strict=True):
        for line in result.lines:
            print(line)
        rows += _rows(name, seed, seeds, result, best)
    return rows


def _one(seed: int, *, name: str, seeds: Seeds, duration_s: float, config: emg.Config, lines: bool,
         with_ceiling: bool) -> tuple[Outcome, Ceiling | None]:  # fmt: skip
    simulated = recording(name, seed, seeds, duration_s=duration_s)
    start = time.perf_counter()
    found = emg.detect(simulated.recording, config)
    result = outcome(simulated, found, seconds=time.perf_counter() - start, lines=lines)
    if not with_ceiling or simulated.fasciculations.empty:
        return result, None
    cache = _cache_file(name, seed, duration_s)
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(asdict(ceiling(simulated))), encoding="utf-8")
    return result, Ceiling(**json.loads(cache.read_text(encoding="utf-8")))


def _cache_file(name: str, seed: int, duration_s: float) -> Path:
    """Where the ceiling of a recording is kept; another simulator makes another name."""
    code = hashlib.sha256()
    for path in sorted([
        *Path(emg.__file__).parent.glob("simulation/*.py"), HERE / "ceiling.py",
        HERE / "judging.py", HERE / "plans.py",
    ]):  # fmt: skip
        code.update(path.read_bytes())
    root = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "emgdetect-benchmarks"
    return root / f"ceiling-{code.hexdigest()[:16]}-{name}-{seed}-{duration_s:g}.json"


def _line(name: str, result: Outcome, ceilings: list[Ceiling]) -> str:
    """One phenomenon in words and numbers."""
    found, owed = result.matched + result.extra, result.matched + result.missed
    parts = [f"{name:19s}"]
    if owed:
        parts.append(f"F1 {result.f1:.3f}  R {result.matched / owed:.3f}  "
                     f"P {result.matched / max(found, 1):.3f}")  # fmt: skip
    if ceilings and owed:
        parts.append(_against(name, result, ceilings))
    parts += _other_bars(name, result)
    parts.append(f"owed {owed} missed {result.missed} extra {result.extra}")
    per_min = result.extra / max(result.analysed_min, 1e-9)
    promised = result.expected_false / max(result.analysed_min, 1e-9)
    parts.append(f"false {per_min:.2f}/min (promised {promised:.2f})")
    kept = result.kept_min / max(result.analysable_min, 1e-9)
    parts.append(f"rest kept {kept:.3f}")
    if len(result.errors_s):
        parts.append(f"|dt| {1e3 * np.median(np.abs(result.errors_s)):.2f} ms")
    if near := result.beat_matched + result.beat_missed:
        parts.append(f"near beats {result.beat_matched / near:.3f} of {near}")
    if np.isfinite(result.rand_index):
        parts.append(f"units ARI {result.rand_index:.2f}")
    parts.append(f"{result.seconds:.1f} s")
    why = [f"{n} {what}" for what, n in result.missed_why.most_common(6)]
    more = [f"{n} {what}" for what, n in result.extra_why.most_common(6)]
    return "  ".join(parts) + f"\n{'':19s}  missed: {', '.join(why)}; extra: {', '.join(more)}"


def _against(name: str, result: Outcome, ceilings: list[Ceiling]) -> str:
    best = total([Outcome(c.matched, c.missed, c.extra, np.zeros(0)) for c in ceilings]).f1
    share = result.f1 / best
    text = f"ceiling {best:.3f}  share {share:.3f}"
    if name in BARS:
        text += f" (bar {BARS[name]:.3f} {'ok' if share >= BARS[name] else 'NOT REACHED'})"
    return text


def _other_bars(name: str, result: Outcome) -> list[str]:
    """Bars that are no share of the ceiling."""
    minutes = max(result.analysed_min, 1e-9)
    near = result.beat_matched + result.beat_missed
    checks = {
        "grid64": [("F1", result.f1 >= 0.97, "0.97"), ("ARI", result.rand_index >= 0.9, "0.9")],
        "healthy": [
            ("false/min", result.extra / minutes <= 0.5, "0.5"),
            ("rest kept", result.kept_min >= 0.85 * result.analysable_min, "0.85"),
        ],
        "heart": [("near beats", result.beat_matched >= 0.8 * near, "0.80")],
    }
    return [f"({what} bar {bar} {'ok' if ok else 'NOT REACHED'})"
            for what, ok, bar in checks.get(name, [])]  # fmt: skip


def _rows(name: str, seed: int, seeds: Seeds, result: Outcome, best: Ceiling | None
          ) -> list[dict[str, object]]:  # fmt: skip
    """Rows of the long table: this detector and the ceiling."""
    common = {
        "version": emg.__version__, "set": seeds.name, "phenomenon": name,
        "recording": f"{name}-{seed}", "seed": seed, "tolerance_s": TOLERANCE_S,
    }  # fmt: skip
    errors = np.abs(result.errors_s)
    own = {
        **common, "detector": "emgdetect", "matched": result.matched, "missed": result.missed,
        "extra": result.extra, "minutes": round(result.analysed_min, 4),
        "rest_min": round(result.analysable_min, 4), "rest_kept_min": round(result.kept_min, 4),
        "expected_false": round(result.expected_false, 4),
        "beat_matched": result.beat_matched, "beat_missed": result.beat_missed,
        "median_error_ms": round(1e3 * float(np.median(errors)), 4) if len(errors) else np.nan,
        "rand_index": result.rand_index, "seconds": round(result.seconds, 2),
    }  # fmt: skip
    if best is None:
        return [own]
    return [own, {
        **common, "detector": "ceiling", "matched": best.matched, "missed": best.missed,
        "extra": best.extra, "minutes": round(result.recorded_min, 4),
    }]  # fmt: skip


def _write(rows: list[dict[str, object]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\n")
    print(f"{len(rows)} rows in {path.name}")


if __name__ == "__main__":
    sys.exit(main())
