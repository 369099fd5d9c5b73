"""The page of the study of coverage: promises kept and broken, in words and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd


def broken(ours: pd.DataFrame) -> pd.Series:
    """Cells in which the coverage is not what is promised."""
    many = ours["expected_events"] > 30
    return (ours["coverage"] < 0.93) | (many & (ours["coverage"] > 0.97))


_KEYS = ["process", "holes", "rate_per_min", "duration_s"]


LONG_S = 600.0
"""From this length on a modulation of half a minute shows: 20 of its correlation times."""
FEWEST_ROWS = 20
"""Rows of a flag from which their coverage is told."""


def report(frame: pd.DataFrame, again: pd.DataFrame, visits: pd.DataFrame) -> str:
    """The study in words and tables.

    Parameters
    ----------
    frame : DataFrame
        Of `benchmarks.coverage.study`.
    again : DataFrame
        The cells that were repeated.
    visits : DataFrame
        Of `benchmarks.visits.visits_study`.
    """
    ours = frame[frame["method"] == "emgdetect"]
    promised = ours[ours["promised"]]
    most = frame["n_repeats"].max()
    error = np.sqrt(0.95 * 0.05 / most)
    lines = [
        "# Coverage of the 95 % interval of the rate",
        "",
        f"`python -m benchmarks.coverage`, {most} simulated recordings per cell; the standard "
        f"error of a coverage of 0.95 is {error:.3f}. Width is the "
        "mean width over that of the interval that knows the dispersion. *Promised* cells have at "
        "least 20 clusters (2 n / (1 + dispersion)) and 20 integrated correlation times; of a log "
        "rate with an e-folding time of 15 s that is about 29 s (sigma 0.5) or 26 s (sigma 1).",
        "",
        "## What is promised, and what is not reached",
        "",
        *_reached(promised),
        "",
        *_told_again(again),
        "",
        "## What a missing flag is worth",
        "",
        *_unflagged(ours),
        "",
        table(_by_flag(ours)),
        "",
        "## Two recordings of a muscle whose rate differs from visit to visit",
        "",
        "`emg.compare_recordings` compares the time that two recordings hold. Its interval is of "
        "the ratio of their own long-run rates; where these differ from visit to visit, as a "
        "log-normal factor of the coefficient of variation shown, it does not hold the ratio of "
        "the person's rates, here 1. Studies take several recordings of each condition: "
        "`emgdetect compare`.",
        "",
        table(visits.drop(columns="n_repeats")),
        "",
        "## Promised cells, per method",
        "",
        table(_by_method(frame[frame["promised"]])),
        "",
        "## emgdetect, all promised cells",
        "",
        table(_cells(promised)),
        "",
        "## emgdetect, the other cells (how many rows say `few_clusters` is in the table)",
        "",
        table(_cells(ours[~ours["promised"]])),
        "",
    ]
    return "\n".join(lines)


def _reached(ours: pd.DataFrame) -> list[str]:
    """The promises one by one, with the cells that break them."""
    many = ours[ours["expected_events"] > 30]
    steady = ours[(ours["process"] == "Poisson") & (ours["expected_events"] >= 30)]
    flagged = steady["flag_few_clusters"] + steady["flag_trend"]
    return [
        _promise("Coverage at least 0.93", ours, "coverage", ours["coverage"] < 0.93),
        _promise("Coverage at most 0.97 above 30 expected events", many, "coverage",
                 many["coverage"] > 0.97),
        _promise("Width at most 1.3", ours, "width", ours["width"] > 1.3),
        _promise("Flagged for nothing: at most 0.05 of steady (Poisson) rates of 30 or more "
                 "expected events", steady.assign(flagged=flagged), "flagged", flagged > 0.05),
        f"- Intervals of zero width: {ours['zero_width'].sum()}.",
    ]  # fmt: skip


def _unflagged(ours: pd.DataFrame) -> list[str]:
    """Where rows without a flag do not hold what they seem to."""
    pooled = _by_flag(ours)
    slow = pooled["process"].str.startswith("modulated")
    long = pooled["duration_s"] >= LONG_S
    steady, drifting, short = (
        pooled.loc[which, "none: coverage"].min() for which in (~slow, slow & long, slow & ~long)
    )
    steady_short = pooled.loc[~slow & ~long & (pooled["process"] == "Poisson"), "none: share"]
    low = ours[(ours["flag_none"] >= 0.2) & (ours["holds_none"] < 0.9)]
    names = [
        f"{row['process']}, {row['rate_per_min']:g}/min, {row['duration_s']:g} s"
        f"{' with holes' if row['holes'] else ''} "
        f"({row['holds_none']:.2f}, {row['flag_none']:.0%} of the rows)"
        for _, row in low.sort_values("holds_none").iterrows()
    ]
    return [
        "A flag tells what a recording shows against its own interval; one that happens to show "
        "nothing has none. All rates of a process and a length together, rows without a flag hold "
        f"the rate in {steady:.3f} or more of steady and of clustering processes, in "
        f"{drifting:.3f} or more of slowly modulated ones from {LONG_S / 60:g} minutes on, and in "
        f"as few as {short:.3f} of shorter ones: there a rate that swings over half a minute can "
        "look like a steady one of another height. Cells in which at least a fifth of the rows has "
        "no flag and fewer than 0.90 of these hold the rate: "
        f"{'; '.join(names) or 'none'}.",
        "",
        f"To flag all that is shorter than {LONG_S / 60:g} minutes would flag "
        f"{steady_short.min():.0%} to {steady_short.max():.0%} more of the steady rows, whose "
        "intervals hold; so it is said here and in the description "
        "of `rate_flag` instead.",
    ]


def _by_flag(ours: pd.DataFrame) -> pd.DataFrame:
    """Share and coverage of the rows of each flag, by process and length."""
    rows = []
    for (process, duration_s), part in ours.groupby(["process", "duration_s"], sort=False):
        row: dict[str, object] = {"process": process, "duration_s": duration_s}
        for flag in ("none", "few_clusters", "trend"):
            share = part[f"flag_{flag}"] * part["n_repeats"]
            held = float((share * part[f"holds_{flag}"].fillna(0)).sum())
            enough = share.sum() >= FEWEST_ROWS
            row[f"{flag}: share"] = float(share.sum() / part["n_repeats"].sum())
            row[f"{flag}: coverage"] = held / share.sum() if enough else float("nan")
        rows.append(row)
    return pd.DataFrame(rows)


def _told_again(again: pd.DataFrame) -> list[str]:
    """Which of the broken promises of coverage were chance."""
    ours = again[again["method"] == "emgdetect"]
    if not len(ours):
        return ["No cell breaks a promise of coverage."]
    n, still = int(ours["n_repeats"].max()), ours[broken(ours)]
    error = np.sqrt(0.95 * 0.05 / n)
    said = (
        f"The cells that break a promise of coverage, repeated with {n} recordings of another "
        f"seed (standard error {error:.4f}): {len(ours) - len(still)} of {len(ours)} keep it"
    )
    knowing = again[again["method"] == "knows the dispersion"].set_index(_KEYS)["coverage"]
    names = [
        f"{row['process']}, {row['rate_per_min']:g}/min, {row['duration_s']:g} s"
        f"{' with holes' if row['holes'] else ''} ({row['coverage']:.4f}; the interval that knows "
        f"the dispersion: {knowing[tuple(row[_KEYS])]:.4f})"
        for _, row in still.iterrows()
    ]
    return [f"{said}; not {'; '.join(names)}." if names else f"{said}.", "", table(_cells(ours))]


def _promise(said: str, rows: pd.DataFrame, column: str, broken: pd.Series) -> str:
    """One promise: in how many cells it holds, and the others."""
    kept = f"- {said}: {len(rows) - broken.sum()} of {len(rows)} cells"
    others = [
        f"{row['process']}, {row['rate_per_min']:g}/min, {row['duration_s']:g} s"
        f"{' with holes' if row['holes'] else ''} ({row[column]:.3f})"
        for _, row in rows[broken].iterrows()
    ]
    return kept + (f"; not {'; '.join(others)}." if others else ".")


def _by_method(frame: pd.DataFrame) -> pd.DataFrame:
    many = frame["expected_events"] > 30
    rows = [
        {
            "method": method,
            "cells": len(part),
            "mean coverage": part["coverage"].mean(),
            "lowest": part["coverage"].min(),
            "below 0.93": int((part["coverage"] < 0.93).sum()),
            "highest above 30 events": part.loc[many, "coverage"].max(),
            "above 0.97 there": int((part.loc[many, "coverage"] > 0.97).sum()),
            "mean width": part["width"].mean(),
            "largest width": part["width"].max(),
        }
        for method, part in frame.groupby("method", sort=False)
    ]
    return pd.DataFrame(rows)


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    chosen = ["process", "holes", "rate_per_min", "duration_s", "clusters", "correlation_times",
              "coverage", "missed_above", "missed_below", "width", "flag_few_clusters",
              "flag_trend"]  # fmt: skip
    return frame[chosen]


def table(frame: pd.DataFrame) -> str:
    """A frame as Markdown."""

    def cell(value: object) -> str:
        return f"{value:.3f}" if isinstance(value, float) else str(value)

    rows = [list(frame.columns), ["---"] * len(frame.columns)]
    rows += [[cell(value) for value in row] for row in frame.itertuples(index=False)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
