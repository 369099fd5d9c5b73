"""The figures of the benchmark."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.scores import BINS, pooled
from benchmarks.tables import BOUND, HEALTHY, US, at_tolerance, best_rivals
from emgdetect.plot.style import BLACK, BLUE, CYCLE, GREY, PALE, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = (
    "neurokit2 biosppy", "biosppy find_onsets", "biosppy lidierth", "biosppy silva",
    "spikeinterface detect_peaks", "band-pass + k MAD",
)  # fmt: skip
"""Rivals that stand for the others where all would be too many."""


def look(name: str, index: int = 0) -> dict[str, object]:
    """Colour and width of a detector's line."""
    if name == US:
        return {"color": BLUE, "lw": 2.2, "marker": "o", "ms": 5, "zorder": 5}
    if name == BOUND:
        return {"color": BLACK, "lw": 1.4, "ls": "--", "marker": "", "zorder": 4}
    colours = [c for c in CYCLE if c != BLUE]
    style = {"lw": 1.0, "marker": "^sDvP<>"[index % 7], "ms": 3.5, "zorder": 3}
    return style | {"color": colours[index % len(colours)]}


def plain(value: float, _: object = None) -> str:
    """A tick as people write it: 0.1 and 10, not powers of ten."""
    return f"{value:g}"


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def recall_by_amplitude(bins: pd.DataFrame) -> Figure:
    """Share of the potentials found, by amplitude, for all detectors."""
    figure, axes = _figure(7.5, 4.4)
    bins = at_tolerance(bins)
    sums = bins.groupby(["detector", "amplitude_low"], sort=False)[["matched", "missed"]].sum()
    recall = sums["matched"] / sums.sum(axis=1)
    rivals = [d for d in bins["detector"].unique() if d not in (US, BOUND)]
    for name in (BOUND, US, *rivals):
        if name not in recall.index.get_level_values(0):
            continue
        part = recall[name].sort_index()
        style = look(name, SHOWN.index(name) if name in SHOWN else 0)
        if name in rivals and name not in SHOWN:
            style |= {"color": PALE, "marker": "", "zorder": 1}
        label = name if name in (US, BOUND, *SHOWN) else None
        axes.plot(np.arange(len(part)), part.to_numpy(), label=label, **style)
    lows = BINS[:-1]
    ends = [f"{a:g}–{b:g}" for a, b in pairwise(lows)] + [f"over {lows[-1]:g}"]
    axes.set_xticks(range(len(lows)), ends)
    axes.plot([], [], color=PALE, label="other rivals")
    axes.set(xlabel="peak-to-peak amplitude over local noise RMS", ylim=(-0.02, 1.02))
    axes.set(ylabel="share of potentials found", title="Recall by amplitude, all phenomena")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def f1_by_phenomenon(scores: pd.DataFrame) -> Figure:
    """F1 of this detector, the ceiling and all rivals, one line per phenomenon."""
    figures = pooled(at_tolerance(scores), ["phenomenon", "detector"])
    figures = figures[figures["f1"].notna() & (figures["phenomenon"] != HEALTHY)]
    names = list(figures["phenomenon"].unique())
    figure, axes = _figure(7.5, 0.28 * len(names) + 1.2)
    row = {name: len(names) - i for i, name in enumerate(names)}
    others = figures[~figures["detector"].isin([US, BOUND])]
    axes.plot(others["f1"], others["phenomenon"].map(row), "|", color=GREY, ms=6, alpha=0.6,
              label="rivals")  # fmt: skip
    best = best_rivals(figures)
    axes.hlines(best["phenomenon"].map(row), best["f1_low"], best["f1_high"], color=RED, lw=1.5)
    axes.plot(best["f1"], best["phenomenon"].map(row), "D", color=RED, ms=4, label="best rival")
    us = figures[figures["detector"] == US]
    axes.hlines(us["phenomenon"].map(row), us["f1_low"], us["f1_high"], color=BLUE, lw=2)
    axes.plot(us["f1"], us["phenomenon"].map(row), "o", color=BLUE, ms=6, label=US)
    bound = figures[figures["detector"] == BOUND]
    axes.plot(
        bound["f1"], bound["phenomenon"].map(row), "|", color=BLACK, ms=13, mew=2, label=BOUND
    )
    axes.set_yticks(list(row.values()), [name.replace("_", " ") for name in row])
    axes.set(xlabel="F1 (±15 ms, one to one)", xlim=(-0.02, 1.02))
    axes.grid(axis="x", color=PALE, lw=0.5)
    axes.legend(frameon=False, fontsize=8, ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0))
    return figure


def over_budget(budget: pd.DataFrame) -> Figure:
    """Recall and precision against false events per minute, as thresholds move."""
    from matplotlib.figure import Figure

    names = list(budget["phenomenon"].unique())
    figure = Figure(figsize=(2.6 * len(names) + 1.6, 5.0), layout="constrained")
    grid = figure.subplots(2, len(names), squeeze=False, sharex=True, sharey=True)
    for column, name in enumerate(names):
        for line, value in enumerate(("recall", "precision")):
            axes = grid[line, column]
            axes.spines[["top", "right"]].set_visible(False)
            for index, (detector, part) in enumerate(
                budget[budget["phenomenon"] == name].groupby("detector", sort=False)
            ):
                part = part.sort_values("extra_per_min")
                axes.plot(part["extra_per_min"] + 0.01, part[value], label=detector,
                          **look(str(detector), index))  # fmt: skip
            axes.set(xscale="log", ylim=(-0.02, 1.02))
            axes.xaxis.set_major_formatter(plain)
            axes.grid(color=PALE, lw=0.5)
            if line == 0:
                axes.set_title(name.replace("_", " "), fontsize=9)
        grid[1, column].set_xlabel("false events per analysed minute (+ 0.01)", fontsize=8)
    grid[0, 0].set_ylabel("recall")
    grid[1, 0].set_ylabel("precision")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=8, loc="outside lower center", ncols=4)
    return figure


def rate_agreement(scores: pd.DataFrame) -> Figure:
    """Found minus true rate against the true rate, per recording site, with limits of agreement."""
    from matplotlib.figure import Figure

    rows = at_tolerance(scores)
    names = [n for n in (US, "band-pass + k MAD", "biosppy find_onsets")
             if (rows["detector"] == n).any()]  # fmt: skip
    figure = Figure(figsize=(3.0 * len(names) + 0.5, 3.2), layout="constrained")
    grid = figure.subplots(1, len(names), squeeze=False, sharex=True, sharey=True)[0]
    for axes, name in zip(grid, names, strict=True):
        part = rows[(rows["detector"] == name) & (rows["minutes"] > 0)]
        true = (part["matched"] + part["missed"]) / part["recorded_minutes"]
        gap = (part["matched"] + part["extra"]) / part["minutes"] - true
        axes.plot(true, gap, "o", ms=3, alpha=0.5, color=BLUE if name == US else RED)
        for level in (gap.mean(), *(gap.mean() + s * 1.96 * gap.std() for s in (-1, 1))):
            axes.axhline(level, color=BLACK, lw=0.8, ls="-" if level == gap.mean() else "--")
        axes.set(title=name, xlabel="true rate per minute", yscale="symlog")
        axes.yaxis.set_major_formatter(plain)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0].set_ylabel("found − true rate per minute")
    return figure


def cost(timing: pd.DataFrame) -> Figure:
    """Processor time and memory against the length of the recording and the number of channels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, x, fixed in ((left, "minutes", "channels"), (right, "channels", "minutes")):
        shown = timing[timing[fixed] == timing[fixed].min()]
        for index, (name, part) in enumerate(shown.groupby("detector", sort=False)):
            part = part.sort_values(x)
            axes.plot(part[x], part["seconds"], label=name, **look(str(name), index))
        axes.set(xscale="log", yscale="log",
                 xlabel=f"{x} ({fixed}: {shown[fixed].iloc[0]:g})")  # fmt: skip
        axes.spines[["top", "right"]].set_visible(False)
        sizes = sorted(shown[x].unique())
        axes.set_xticks(sizes, [f"{size:g}" for size in sizes])
        axes.yaxis.set_major_formatter(plain)
        axes.minorticks_off()
        axes.grid(color=PALE, lw=0.5)
    left.set_ylabel("processor seconds")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=8, loc="outside lower center", ncols=3)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, atomically and without a date in it."""
    part = path.with_name(path.name + ".part")
    figure.savefig(part, format="png", dpi=130, metadata={"Software": None})
    part.replace(path)
