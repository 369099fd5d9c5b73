"""The table of `results/sensitivity.csv` for people, and the figures that the package ships.

    python -m benchmarks.sensitivity_page

drops rows of constants that there are no more from the table, and writes
`results/sensitivity.md`, `emgdetect/sensitivity.tsv`, and with that `emgdetect/NUMBERS.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from benchmarks.changing import FACTORS, Change
from benchmarks.sensitivity import EXACT, NO_POTENTIALS, PIECES, RESULTS, SETTINGS, changes
from emgdetect.numbers import PACKAGE, SENSITIVITY, Constant, numbers, numbers_page

ERRORS = 2.0
"""Standard errors by which a change has to improve F1 to be named."""

HEAD = """# What each number of the detector does

`python -m benchmarks.sensitivity` changes one constant at a time to 0.8 and to 1.25 times its value, runs the detector on
{n} simulated recordings and judges its events as `benchmarks/judging.py` does. Written by
`python -m benchmarks.sensitivity_page` from [`sensitivity.csv`](sensitivity.csv): version {version}, {rows} changes of
{constants} constants, {hours} of processor time.

**Of which state.** The rows were measured in {states} of the detector's code:
{code}. The detector has changed since: a row
tells what its constant did then, against the detector of that state, and the table of recordings below is of the last of them.
Constants that there are no more have no row.

**How to read it.** `F1` is the change of the event F1 pooled over the recordings with potentials, `false` that of the
false events per analysed minute on {quiet}; after ± stands the standard error over recordings, paired (the
jackknife's). "None" means that every table came out the same: the number is not critical here, or guards a case that
these recordings do not hold. "±0" means that tables changed, but neither figure. One potential more or less is {step} of
F1, so a change that small is one event. The recordings are few and short ({minutes} site minutes, {owed} potentials
owed), and of several hundred changes some exceed two standard errors by chance: **a row here is a reason to look, not
to choose**. A number is changed as a whole: all parts of a tuple or of a mapping together, indices, keys and, beside
floats, integers left alone; an integer is rounded and moves by one at least.

Tuning recordings, from which no figure of accuracy is reported; not the first seeds, on which numbers were chosen:

| recording | seed | sites × seconds | matched | missed | false | analysed min |
|---|---|---|---|---|---|---|
"""  # noqa: E501


@dataclass(frozen=True)
class Studied(Constant):
    """Both changes of one constant; None where one was not measured."""

    rows: tuple[pd.Series | None, ...]

    @property
    def influence(self) -> tuple[float, float, int]:
        """Largest change of F1, of false events per minute, and of recordings, for sorting."""
        whole = [r for r in self.rows if r is not None and not r["state"]]
        if not whole:
            return 0.0, 0.0, 0
        return tuple(
            max(abs(r[c]) for r in whole) for c in ("f1_change", "false_per_min_change", "differ")
        )

    @property
    def whole(self) -> bool:
        """Whether both changes were measured."""
        return all(row is not None for row in self.rows)

    @property
    def unmoved(self) -> bool:
        """Whether both changes left every table as it was."""
        return all(r is not None and not r["state"] and r["differ"] == 0 for r in self.rows)

    @property
    def failed(self) -> bool:
        """Whether the detector failed with one of the changes."""
        return any(r is not None and bool(r["state"]) for r in self.rows)


def main() -> int:
    """Write the page and the shipped table; see the module."""
    table = read()
    kept = present(table)
    if len(kept) < len(table):
        keep_rows(kept.index)
        print(f"{len(table) - len(kept)} rows were of constants that there are no more")
    table = read()
    RESULTS.with_suffix(".md").write_text(page(table), encoding="utf-8")
    SENSITIVITY.write_text(shipped(table), encoding="utf-8")
    (PACKAGE / "NUMBERS.md").write_text(numbers_page(), encoding="utf-8")
    waiting = unmeasured(constants(table))
    print(f"{len(waiting)} constants are not measured at their present value")
    return 0


def read() -> pd.DataFrame:
    """The long table; texts are texts, figures are NaN where the detector failed."""
    texts = dict.fromkeys(("module", "name", "value", "factor", "changed", "state", "counts"), str)
    table = pd.read_csv(RESULTS, dtype=texts)
    return table.fillna(dict.fromkeys(texts, ""))


def present(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of settings and constants that there are, and those of the detector unchanged."""
    known = {(n.module, n.name) for n in numbers()} | {("config", n) for n in SETTINGS} | {("", "")}
    names = zip(table["module"], table["name"], strict=True)
    return table[[each in known for each in names]]


def keep_rows(rows: Iterable[int]) -> None:
    """Keep these rows of the table, to the letter."""
    header, *lines = RESULTS.read_text(encoding="utf-8").splitlines(keepends=True)
    RESULTS.write_text("".join([header, *(lines[row] for row in rows)]), encoding="utf-8")


def constants(table: pd.DataFrame) -> list[Studied]:
    """What was measured, constant by constant, in the order of the table."""
    found = []
    names = table[table["name"] != ""].groupby(["module", "name", "value"], sort=False)
    for (module, name, value), rows in names:
        by_factor = {float(row["factor"]): row for _, row in rows.iterrows()}
        both = tuple(by_factor.get(factor) for factor in FACTORS)
        found.append(Studied(str(module), str(name), str(value), both))
    return found


def shipped(table: pd.DataFrame) -> str:
    """The table that the package ships: each constant, its value then, and what changes do."""
    lines = ["module\tname\tvalue\tsensitivity"]
    lines += [f"{c.module}\t{c.name}\t{c.value}\t{phrase(c)}" for c in constants(table) if c.whole]
    return "\n".join(lines) + "\n"


def phrase(constant: Studied) -> str:
    """Both changes in one line."""
    if constant.unmoved:
        return "no effect on this set"
    both = zip(FACTORS, constant.rows, strict=True)
    return "; ".join(f"{factor:g} ×: {effect(row)}" for factor, row in both)


def effect(row: pd.Series | None) -> str:
    """What one change does, in a few words."""
    if row is None:
        return "not measured"
    if row["state"]:
        return "fails"
    if row["differ"] == 0:
        return "none"
    parts = []
    if row["f1_change"]:
        parts.append(f"F1 {signed(row['f1_change'], 4)} ± {row['f1_error']:.4f}")
    if row["false_per_min_change"] and round(abs(row["false_per_min_change"]), 2):
        change, error = row["false_per_min_change"], row["false_per_min_error"]
        parts.append(f"false {signed(change, 2)} ± {error:.2f} per min")
    return ", ".join(parts) or "±0"


def signed(value: float, digits: int) -> str:
    """A change with its sign, minus as a minus."""
    return f"{value:+.{digits}f}".replace("-", "−")


def improves(row: pd.Series | None) -> bool:
    """Whether a change is better by more than chance, and not at the cost of false events."""
    if row is None or row["state"]:
        return False
    better = row["f1_change"] > 0 and row["f1_change"] > ERRORS * row["f1_error"]
    return bool(better and row["false_per_min_change"] <= 0)


def page(table: pd.DataFrame) -> str:
    """The whole page."""
    measured = constants(table)
    moved = [c for c in measured if not c.unmoved]
    moved.sort(key=lambda c: c.influence, reverse=True)
    lines = [_head(table, len(measured)), *_set(table), "", "## Better by more than two errors", ""]
    lines += _better(moved)
    lines += [
        "",
        "## By influence",
        "",
        "| constant | value | 0.8 × | 1.25 × |",
        "|---|---|---|---|",
    ]
    for c in moved:
        cells = [f"`{c.module}.{c.name}`", f"`{c.value}`", *(effect(r) for r in c.rows)]
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    lines += ["", "## No effect on this set", ""]
    lines += _listed([(c.module, c.name) for c in measured if c.unmoved])
    lines += ["", "## The detector fails", ""]
    lines += _failures([c for c in measured if c.failed])
    lines += ["", "## Left out", "", _left_out()]
    return "\n".join(lines) + "\n"


def _head(table: pd.DataFrame, n_constants: int) -> str:
    base = table[table["name"] == ""].iloc[-1]
    counts = _counts(base)
    owed = sum(c[0] + c[1] for c in counts)
    found = sum(c[0] + c[2] for c in counts)
    changed = table[table["name"] != ""]
    codes = changed["code"].value_counts(sort=False)
    return HEAD.format(
        n=len(PIECES),
        version=", ".join(sorted(set(table["version"]))),
        rows=len(changed),
        constants=n_constants,
        hours=f"{changed['seconds'].sum() / 60:.0f} min",
        states="one state" if len(codes) == 1 else f"{len(codes)} states",
        code=", ".join(f"`{code}` ({n} changes)" for code, n in codes.items()),
        quiet=" and ".join(f"`{name}`" for name in NO_POTENTIALS),
        step=f"{1 / (owed + found):.4f} to {2 / (owed + found):.4f}",
        minutes=f"{sum(p.n_sites * p.seconds for p in PIECES) / 60:.0f}",
        owed=f"{owed:.0f}",
    ).rstrip("\n")


def _counts(row: pd.Series) -> list[tuple[float, ...]]:
    """Matched, missed, false and minutes of each recording."""
    return [tuple(float(n) for n in part.split("/")) for part in str(row["counts"]).split()]


def _set(table: pd.DataFrame) -> Iterator[str]:
    """Rows of the recordings, with what the detector does on them in its latest state."""
    base = table[table["name"] == ""].iloc[-1]
    for piece, (matched, missed, extra, minutes) in zip(PIECES, _counts(base), strict=True):
        name = piece.scenario + (f", {piece.n_channels} channels" if piece.n_channels else "")
        yield (f"| {name} | {piece.seed} | {piece.n_sites} × {piece.seconds:g} | {matched:.0f} | "
               f"{missed:.0f} | {extra:.0f} | {minutes:.2f} |")  # fmt: skip


def _better(moved: list[Studied]) -> list[str]:
    """Changes that improve F1 by more than two standard errors without more false events."""
    found = [
        f"- `{c.module}.{c.name}` {c.value} → {row['changed']} ({factor:g} ×): {effect(row)}, "
        f"{row['matched_change']:+.0f} matched, {row['extra_change']:+.0f} false"
        for c in moved
        for factor, row in zip(FACTORS, c.rows, strict=True)
        if row is not None and improves(row)
    ]
    return found or ["None."]


def _failures(failed: list[Studied]) -> list[str]:
    """What the detector says where a changed number breaks it."""
    found = [
        f"- `{c.module}.{c.name}` {c.value} → {row['changed']}: {row['state']}"
        for c in failed
        for row in c.rows
        if row is not None and row["state"]
    ]
    return found or ["With none of the changes."]


def _left_out() -> str:
    exact = ", ".join(f"`{module}.{name}`" for module, name in sorted(EXACT))
    return (
        f"{exact} follow from the normal distribution and were not changed, nor were names that "
        "only repeat another constant, and numbers of statistics and of injection, which decide "
        "about no potential (`benchmarks/coverage.py`, `benchmarks/recovery.py`). Numbers that the "
        "study has not come to yet, that have changed since or are newer than this table have a "
        "dash in `emgdetect/NUMBERS.md`."
    )


def unmeasured(measured: list[Studied]) -> list[tuple[str, str]]:
    """Constants of the present code that lack a row at their present value."""
    whole = {(c.module, c.name, c.value) for c in measured if c.whole}
    missing = dict.fromkeys((c.module, c.name) for c in changes() if _known(c) not in whole)
    return list(missing)


def _known(change: Change) -> tuple[str, str, str]:
    return change.module, change.name, change.value


def _listed(names: list[tuple[str, str]]) -> list[str]:
    """Names by module, one line each."""
    by_module: dict[str, list[str]] = {}
    for module, name in names:
        by_module.setdefault(module, []).append(f"`{name}`")
    lines = [f"- {module}: {', '.join(own)}" for module, own in by_module.items()]
    return lines or ["- none"]


if __name__ == "__main__":
    sys.exit(main())
