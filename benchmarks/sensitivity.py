"""What each number of the detector does: every constant at 0.8 and 1.25 times its value.

    python -m benchmarks.sensitivity                      all that is not in the table yet
    python -m benchmarks.sensitivity --only detection.trains.MISSED --csv other.csv --shift 20
    python -m benchmarks.sensitivity_page                 the page, and the table in the package

One constant at a time is changed (`benchmarks/changing.py`), the detector runs on a fixed set of
simulated tuning recordings, and its events are judged as everywhere (`benchmarks/judging.py`).
Each change is a row that is written at once, so an interrupted study goes on where it stopped: a
change of a constant is left out if the table has it for this version and this value.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.changing import FACTORS, Change, changes_of, scaled
from benchmarks.sensitivity_worker import Count, Piece, counts, prepare
from emgdetect._version import __version__
from emgdetect.numbers import DECIDING, PACKAGE, numbers

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "sensitivity.csv"

SETTINGS = ("detect_low_hz", "detect_high_hz", "measure_low_hz", "false_alarms_per_min")
"""Settings of `emgdetect.config` that are numbers by default."""

EXACT = {
    ("signal.noise", "GAUSSIAN_QUANTILE"),
    ("detection.second_pass.surroundings", "HALF_NORMAL"),
}
"""Quantiles of the normal distribution, which nobody chose."""

PIECES = (
    Piece("clean", 1903, 30, 2),
    Piece("weak", 1905, 30, 2),
    Piece("heart", 1900, 40, 2),
    Piece("contractions", 1909, 40, 2),
    Piece("tonic_trains", 1909, 50, 2),
    Piece("movement", 1906, 30, 2),
    Piece("pairs", 1906, 30, 2),
    Piece("crosstalk", 1903, 30, 2),
    Piece("all_at_once", 1910, 50, 2),
    Piece("grid64", 1909, 16, 1, n_channels=16),
    Piece("healthy", 1904, 40, 3),
    Piece("quiet", 1911, 30, 3),
)
"""The set: tuning seeds, but none of the first ones, on which numbers were chosen. Among 1900-1911
they were taken by their truth alone: what a recording is named for has to occur in it."""

NO_POTENTIALS = ("healthy", "quiet")
"""Scenarios without fasciculations: whatever is counted there is false."""

Floats = NDArray[np.float64]
Row = dict[str, object]


def main(arguments: list[str] | None = None) -> int:
    """Measure what is not in the table yet; see the module."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.shift and options.csv == RESULTS:
        parser.error("other recordings need a table of their own: --csv")
    wanted = [c for c in changes() if not options.only or f"{c.module}.{c.name}" in options.only]
    known = done(options.csv)
    wanted = [c for c in wanted if key(c) not in known]
    if not wanted:
        return 0
    pieces = tuple(replace(piece, seed=piece.seed + options.shift) for piece in PIECES)
    for at, row in enumerate(study(wanted, pieces)):
        _append(options.csv, row)
        effect = row["state"] or f"F1 {row['f1_change']:+.4f}, {row['differ']} recordings differ"
        print(f"{at}/{len(wanted)} {row['module']}.{row['name']} × {row['factor']}: {effect}",
              file=sys.stderr, flush=True)  # fmt: skip
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sensitivity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="MODULE.NAME")
    parser.add_argument("--shift", type=int, default=0, metavar="N", help="added to every seed")
    parser.add_argument("--csv", type=Path, default=RESULTS)
    return parser


def changes() -> list[Change]:
    """All changes of the study; first settings, then numbers that were set by judgement."""
    found = [(False, change) for change in _settings()]
    for number in numbers():
        exact = (number.module, number.name) in EXACT
        if number.module.split(".")[0] in DECIDING and not exact:
            path = PACKAGE.joinpath(*number.module.split(".")).with_suffix(".py")
            of_it = changes_of(path, number.module, number.name, number.value)
            found += [("judgement" not in number.text, change) for change in of_it]
    return [change for _, change in sorted(found, key=lambda pair: pair[0])]


def _settings() -> Iterator[Change]:
    """Changes of what a person may set."""
    from emgdetect.config import Config

    for name in SETTINGS:
        value = Config.model_fields[name].default
        for factor in FACTORS:
            yield Change("config", name, str(value), factor, str(scaled(value, factor)))


def key(change: Change) -> tuple[str, str, str, str, str]:
    """What a row is known by: the same change of the same value in the same version."""
    return __version__, change.module, change.name, change.value, f"{change.factor:g}"


def done(path: Path) -> set[tuple[str, str, str, str, str]]:
    """The changes that a table has; none where there is no table."""
    if not path.exists():
        return set()
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    columns = ("version", "module", "name", "value", "factor")
    return set(zip(*(table[column] for column in columns), strict=True))


def study(wanted: Iterable[Change], pieces: tuple[Piece, ...]) -> Iterator[Row]:
    """Rows of the table, one by one: the detector as it is, then each change.

    Raises
    ------
    RuntimeError
        If the detector fails as it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recordings.pickle"
        prepare(pieces, path)
        state, base, seconds = counts(path, None)
        if state:
            raise RuntimeError(state)
        code = code_digest()
        unchanged = Change("", "", "", 1.0, "")
        yield _row(unchanged, code, state, pieces, base, base, seconds)
        for change in wanted:
            state, now, seconds = counts(path, change)
            yield _row(change, code, state, pieces, base, now, seconds)


def _row(change: Change, code: str, state: str, pieces: tuple[Piece, ...], base: list[Count],
         now: list[Count], seconds: float) -> Row:  # fmt: skip
    """One row of the table; without figures where the detector failed."""
    row: Row = {
        "version": __version__, "code": code, "module": change.module, "name": change.name,
        "value": change.value, "factor": f"{change.factor:g}", "changed": change.changed,
        "state": state,
    }  # fmt: skip
    nothing = np.array([piece.scenario in NO_POTENTIALS for piece in pieces])
    was, became = _numbers(base), _numbers(now if now else base)
    f1_change, f1_error = paired(f1, was[~nothing], became[~nothing])
    false_change, false_error = paired(per_minute, was[nothing], became[nothing])
    moved = became.sum(axis=0) - was.sum(axis=0)
    differ = sum(a.digest != b.digest for a, b in zip(base, now, strict=True)) if now else 0
    figures: Row = {
        "differ": differ, "f1_change": round(f1_change, 5), "f1_error": round(f1_error, 5),
        "false_per_min_change": round(false_change, 4),
        "false_per_min_error": round(false_error, 4),
        "matched_change": int(moved[0]), "extra_change": int(moved[2]),
        "minutes_change": round(float(moved[3]), 3), "seconds": round(seconds, 1),
        "counts": " ".join(f"{c.matched}/{c.missed}/{c.extra}/{c.minutes:g}" for c in now),
    }  # fmt: skip
    return row | (dict.fromkeys(figures, "") if state else figures)


def _numbers(found: list[Count]) -> Floats:
    """Matched, missed, extra and minutes, shape (n_recordings, 4)."""
    rows = [(c.matched, c.missed, c.extra, c.minutes) for c in found]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def f1(rows: Floats) -> float:
    """F1 of pooled counts, shape (n_recordings, 4); 0 where there is nothing at all."""
    matched, missed, extra, _ = rows.sum(axis=0)
    return float(2 * matched / max(2 * matched + missed + extra, 1.0))


def per_minute(rows: Floats) -> float:
    """False events per analysed minute of pooled counts; 0 without analysed time."""
    _, _, extra, minutes = rows.sum(axis=0)
    return float(extra / minutes) if minutes else 0.0


def paired(figure: Callable[[Floats], float], was: Floats, became: Floats) -> tuple[float, float]:
    """Change of a pooled figure and its standard error over recordings.

    The error is the jackknife's: recordings are left out one at a time, in both alike.

    Parameters
    ----------
    figure : callable
    was, became : ndarray, shape (n_recordings, 4)

    Returns
    -------
    change, error : float
        The error is NaN below two recordings.
    """
    n = len(was)
    change = figure(became) - figure(was)
    if n < 2:
        return change, float("nan")
    kept = ~np.eye(n, dtype=bool)
    without = np.array([figure(became[k]) - figure(was[k]) for k in kept])
    return change, float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))


def code_digest() -> str:
    """Of the detector's code without its texts: the state of the sources a row belongs to."""
    code = hashlib.sha256()
    rooms = [*DECIDING, "analysis.py", "config.py", "simulation"]
    for path in sorted(p for room in rooms for p in _sources(PACKAGE / room)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        code.update(ast.dump(_Silent().visit(tree)).encode())
    return code.hexdigest()[:10]


def _sources(path: Path) -> list[Path]:
    return list(path.rglob("*.py")) if path.is_dir() else [path]


class _Silent(ast.NodeTransformer):
    """Takes texts that stand by themselves out of a module."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | ast.Pass:
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if alone else node


def _append(path: Path, row: Row) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([row]).to_csv(
        path, mode="a", header=not path.exists(), index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    sys.exit(main())
