"""Figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.judging import TOLERANCE_S
from benchmarks.scores import f1_difference, pooled

US, BOUND = "emgdetect", "ceiling"

HEALTHY = "healthy"
"""The phenomenon without a potential to find: only false events count."""

PUBLISHED = (
    ("SPiQE", "sensitivity 83.6 %, specificity 91.6 %, accuracy 87.9 % over candidate peaks",
     "Bashford et al. 2019, Clin Neurophysiol 130:1083-1090"),
    ("AVID", "10.7-49.5 s of computing per 30-minute recording, by exclusion rule",
     "Bashford et al. 2020, Clin Neurophysiol 131:265-273"),
)  # fmt: skip
"""Closed systems: figures their authors measured on their own data."""


COMPARED = (
    "The best rival of a phenomenon is the one that did best on these very recordings, which is "
    "kind to the rivals: nobody could have known which to take. The difference is paired by "
    "recording site; `level` means that its interval holds zero. With four sites or fewer it is "
    "coarse."
)


MOVED = (
    "`emgdetect N/min` asks for N false alarms per minute of noise; a rival's number in brackets "
    "is the place of its setting among those tried (below), none the one that is used. Compare "
    "recall at like `false/min`."
)


def markdown(table: pd.DataFrame) -> str:
    """A table of strings in Markdown."""
    head = "| " + " | ".join(str(c) for c in table.columns) + " |"
    rule = "|" + "|".join("---" for _ in table.columns) + "|"
    rows = ["| " + " | ".join(str(v) for v in row) + " |" for row in table.itertuples(index=False)]
    return "\n".join([head, rule, *rows])


def number(value: float, digits: int = 2) -> str:
    """A figure, or a dash where there is none."""
    return "–" if not np.isfinite(value) else f"{value:.{digits}f}"


def at_tolerance(scores: pd.DataFrame, tolerance_s: float = TOLERANCE_S) -> pd.DataFrame:
    """Rows of the long table at one tolerance."""
    return scores[np.isclose(scores["tolerance_s"], tolerance_s)]


def best_rivals(figures: pd.DataFrame) -> pd.DataFrame:
    """The rival with the best F1 of each phenomenon; none where nothing is owed."""
    others = figures[~figures["detector"].isin([US, BOUND]) & figures["f1"].notna()]
    return others.loc[others.groupby("phenomenon", sort=False)["f1"].idxmax()]


def main_table(figures: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Each phenomenon: the ceiling, this detector, its share of the ceiling and the best rival.

    Parameters
    ----------
    figures : DataFrame
        Pooled by phenomenon and detector.
    rows : DataFrame
        The long table they come from, of one tolerance, for the paired differences.
    """
    best = best_rivals(figures).set_index("phenomenon")
    cells = figures.set_index(["phenomenon", "detector"])
    lines = []
    for name in figures["phenomenon"].unique():
        if (name, US) not in cells.index:
            continue
        us = cells.loc[(name, US)]
        bound = cells.loc[(name, BOUND), "f1"] if (name, BOUND) in cells.index else np.nan
        row = {"phenomenon": name, "ceiling": number(bound, 3), US: _interval(us),
               "share of ceiling": number(us["f1"] / bound, 3),
               "false/min": number(us["extra_per_min"])}  # fmt: skip
        if name in best.index:
            rival = best.loc[name]
            row |= {"best rival": f"{rival['detector']} {_interval(rival)}",
                    "its false/min": number(rival["extra_per_min"])}  # fmt: skip
            gap = against(rows[rows["phenomenon"] == name], str(rival["detector"]))
            row |= {"difference": _signed(*gap),
                    "emgdetect is": standing(*gap[1:])}  # fmt: skip
        lines.append(row)
    return pd.DataFrame(lines).fillna("–")


def against(rows: pd.DataFrame, rival: str) -> tuple[float, float, float]:
    """F1 of this detector minus that of a rival on the same recording sites, with its interval."""
    done = rows[rows["trouble"].fillna("") == ""].set_index(["recording", "site"])
    counts = done[["detector", "matched", "missed", "extra"]]
    others = counts[counts["detector"] == rival].add_suffix("_other")
    pairs = counts[counts["detector"] == US].join(others, how="inner")
    ours = pairs[["matched", "missed", "extra"]].to_numpy(dtype=float)
    theirs = pairs[["matched_other", "missed_other", "extra_other"]].to_numpy(dtype=float)
    return f1_difference(ours, theirs)


def _signed(difference: float, low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return f"{difference:+.3f} (one site)"
    return f"{difference:+.3f} ({low:+.2f} to {high:+.2f})"


def standing(low: float, high: float) -> str:
    """Ahead or behind where the interval of the difference leaves out zero, level otherwise; a dash
    where there is no interval."""
    if np.isnan(low) or np.isnan(high):
        return "–"
    if low > 0:
        return "ahead"
    return "**behind**" if high < 0 else "level"


def _interval(row: pd.Series) -> str:
    return f"{number(row['f1'], 3)} ({number(row['f1_low'])}–{number(row['f1_high'])})"


def matrix(figures: pd.DataFrame, value: str, digits: int = 2) -> pd.DataFrame:
    """One figure of every detector (rows) on every phenomenon (columns)."""
    wide = figures.pivot(index="detector", columns="phenomenon", values=value)
    wide = wide.loc[figures["detector"].unique(), figures["phenomenon"].unique()]
    return wide.map(lambda x: number(x, digits)).reset_index()


def overall(scores: pd.DataFrame) -> pd.DataFrame:
    """Pooled over everything with potentials: timing, rates, cost."""
    rows = at_tolerance(scores)
    figures = pooled(rows[rows["phenomenon"] != HEALTHY], ["detector"])
    return pd.DataFrame({
        "detector": figures["detector"],
        "recall": figures["recall"].map(number), "precision": figures["precision"].map(number),
        "F1": [f"{number(f, 3)} ({number(a)}–{number(b)})" for f, a, b in
               zip(figures["f1"], figures["f1_low"], figures["f1_high"], strict=True)],
        "false/min": figures["extra_per_min"].map(number),
        "analysed": figures["analysed_share"].map(number),
        "timing error, ms": figures["error_ms"].map(number),
        "rate bias, /min (limits of agreement)": [
            f"{number(b, 1)} ({number(a, 1)} to {number(c, 1)})" for b, a, c in
            zip(figures["rate_bias"], figures["rate_low"], figures["rate_high"], strict=True)],
        "CPU s per min and site": figures["seconds_per_min"].map(number),
        "peak MB": figures["peak_mb"].map(lambda x: number(x, 0)),
    })  # fmt: skip


def tolerances(scores: pd.DataFrame, detectors: Sequence[str]) -> pd.DataFrame:
    """F1 over everything with potentials at each tolerance."""
    rows = scores[(scores["phenomenon"] != HEALTHY) & scores["detector"].isin(detectors)]
    figures = pooled(rows, ["detector", "tolerance_s"], n_draws=1)
    wide = figures.pivot(index="detector", columns="tolerance_s", values="f1").loc[list(detectors)]
    wide.columns = [f"±{1000 * t:g} ms" for t in wide.columns]
    return wide.map(lambda x: number(x, 3)).reset_index()


def amplitudes(table: pd.DataFrame) -> pd.DataFrame:
    """Recall of each detector in each amplitude bin, pooled."""
    table = at_tolerance(table)
    sums = table.groupby(["detector", "amplitude_low"], sort=False)[["matched", "missed"]].sum()
    recall = (sums["matched"] / (sums["matched"] + sums["missed"])).unstack()
    recall = recall.loc[table["detector"].unique(), sorted(recall.columns)]
    recall.columns = [f"from {low:g} ×" for low in recall.columns]
    return recall.map(number).reset_index()


def troubles(scores: pd.DataFrame) -> pd.DataFrame:
    """Recordings without a result, and why."""
    rows = at_tolerance(scores)
    failed = rows[rows["trouble"].fillna("") != ""]
    counted = failed.groupby(["detector", "trouble"], sort=False)["recording"].nunique()
    return counted.rename("recordings").reset_index()


def budgets(budget: pd.DataFrame) -> pd.DataFrame:
    """Recall and precision of each setting whose threshold was moved, by phenomenon."""
    ordered = budget.sort_values(["phenomenon", "detector", "extra_per_min"], kind="stable")
    shown = ordered[["phenomenon", "setting", "extra_per_min", "recall", "precision"]]
    shown = shown.rename(columns={"extra_per_min": "false/min"})
    return shown.map(lambda x: number(x) if isinstance(x, float) else x)


def report(
    scores: pd.DataFrame,
    bins: pd.DataFrame,
    settings: pd.DataFrame | None,
    budget: pd.DataFrame | None = None,
) -> str:
    """All tables as one Markdown page."""
    figures = pooled(at_tolerance(scores), ["phenomenon", "detector"])
    owing = figures[figures["phenomenon"] != HEALTHY]
    versions = scores.drop_duplicates("detector").set_index("detector")["version"].fillna("")
    parts = [
        "# Benchmark: the tables", "", _preface(scores), "",
        "## F1 by phenomenon", "", markdown(main_table(owing, at_tolerance(scores))), "",
        COMPARED, "",
        "## F1 of every detector", "", markdown(matrix(owing, "f1")), "",
        "## Events per analysed minute that are not true", "",
        markdown(matrix(figures, "extra_per_min", 1)), "",
        "## Pooled over all phenomena with potentials", "", markdown(overall(scores)), "",
        "## Recall by amplitude (peak to peak over local noise RMS)", "",
        markdown(amplitudes(bins)), "",
        "## F1 by tolerance", "", markdown(tolerances(scores, list(scores["detector"].unique()))),
        "", "## Without a result", "", markdown(troubles(scores)), "",
        "## Measured by others, on other data", "",
        markdown(pd.DataFrame(PUBLISHED, columns=["system", "as published", "source"])), "",
        "## Versions", "", markdown(versions.replace("", "–").rename("version").reset_index()), "",
    ]  # fmt: skip
    if budget is not None:
        parts += ["## Where the threshold moves", "", MOVED, "", markdown(budgets(budget)), ""]
    if settings is not None:
        parts += ["## Settings tried (F1 on tuning recordings)", "", markdown(_tried(settings)), ""]
    return "\n".join(parts)


def _tried(settings: pd.DataFrame) -> pd.DataFrame:
    shown = settings[["detector", "settings", "used", "mean_f1", "trouble"]].fillna("")
    return shown.assign(used=shown["used"].map({True: "yes", False: ""}))


def _preface(scores: pd.DataFrame) -> str:
    rows = at_tolerance(scores)
    one = rows[rows["detector"] == rows["detector"].iloc[0]]
    return (
        f"{one['recording'].nunique()} recordings, {len(one)} recording sites, "
        f"{one['recorded_minutes'].sum():.0f} site minutes. One-to-one matching within "
        f"±{1000 * TOLERANCE_S:g} ms unless said otherwise; intervals are 95 % bootstrap "
        "intervals over recording sites. Potentials of at least 5 × the local noise RMS outside "
        "contractions, trains and tremor are owed; other true ones are neither owed nor held "
        "against. All recordings are simulated or semi-synthetic: no open surface recording of "
        "fasciculations with marks by an expert was found. On real rest (`real_rest`) nobody can "
        "say what the rest itself contains, so what is found there beside the added potentials is "
        "a count, not an error."
    )


def write(text: str, path: Path) -> None:
    """Write a text atomically."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
