"""Rates of sessions or conditions side by side, paired where one person has several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.arguments import expect
from emgdetect.plot.style import (
    BLACK,
    BLUE,
    GREY,
    house_style,
    known,
    legend_below,
    new_figure,
    say_instead,
    shorten,
)
from emgdetect.stats.compare import Comparison

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


N_PANELS = 24
"""Sites and covariates shown, at most."""

N_COLUMNS = 4

N_TOLD = 44
"""Characters above a panel that fit its width at the size used there."""

N_LEVELS_AS_STEPS = 6
"""Numbers of so few different values are drawn as steps, with the rate of each."""


def plot_comparison(comparison: Comparison) -> Figure:
    """Rates by condition, one panel per site and covariate.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    Figure
        One dot per recording; grey lines join the recordings of one person where there are
        several persons; black bars are the rates of all time at one level; above each panel the
        rate ratio with its 95 % interval, or why there is none. The first 24 panels.

    Raises
    ------
    TypeError
        If `comparison` is no Comparison.
    """
    expect(comparison, Comparison, "comparison")
    panels = list(comparison.sessions.groupby(["site", "covariate"], sort=False))[:N_PANELS]
    n_columns = max(1, min(N_COLUMNS, len(panels)))
    n_rows = max(1, -(-len(panels) // n_columns))
    with house_style():
        figure = new_figure(max(2.6 * n_columns, 4.6), 2.5 * n_rows + 0.4)
        if not panels:
            say_instead(figure, "No recording has a value to compare by.")
            return figure
        grid: Any = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for axes, ((site, covariate), rows) in zip(grid, panels, strict=False):
            _panel(axes, rows, str(site), str(covariate))
            axes.text(0, 1.01, _result(comparison.effects, str(site), str(covariate)),
                      transform=axes.transAxes, fontsize=6.5, color=GREY, va="bottom")  # fmt: skip
        for axes in grid[len(panels) :]:
            axes.set_axis_off()
        barred = any(_has_bars(rows["value"]) for _, rows in panels)
        legend_below(figure, _keys(comparison.sessions, barred=barred))
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, site: str, covariate: str) -> None:
    values, names = _positions(rows["value"])
    rates = rows["rate_per_min"].to_numpy(float)
    levels = np.unique(values)
    if rows["person"].nunique() > 1:
        _join_persons(axes, rows, values)
    axes.plot(values, rates, "o", ms=4, mec="white", mew=0.5, color=BLUE, zorder=5, clip_on=False)
    if _has_bars(rows["value"]):
        width = 0.25 * float(np.min(np.diff(levels))) if len(levels) > 1 else 0.25
        for level in levels:
            own = rows[values == level]
            rate = float(own["n"].sum() * 60 / own["analysed_s"].sum())
            axes.plot([level - width, level + width], [rate, rate], color=BLACK, lw=1.6, zorder=4)
    if len(levels) == 1 and not names:
        axes.set(xlim=(levels[0] - 1, levels[0] + 1), xticks=levels, xticklabels=[f"{levels[0]:g}"])
    if names:
        axes.set_xticks(range(len(names)), [shorten(name, 12) for name in names])
        axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylim(0, float(np.max(rates, initial=0.0)) * 1.08 or 1.0)
    axes.set_xlabel(shorten(covariate, 28))
    axes.set_ylabel("potentials per minute")
    axes.set_title(shorten(site, 28), pad=14)


def _has_bars(values: pd.Series[Any]) -> bool:
    """Whether the rate of each level is drawn."""
    return len(np.unique(_positions(values)[0])) <= N_LEVELS_AS_STEPS


def _positions(values: pd.Series[Any]) -> tuple[Any, list[str]]:
    """Where each value stands on the axis, and the names of the places unless it is numeric."""
    import pandas as pd

    kinds = {type(value).__name__.removesuffix("_") for value in values}
    if not kinds & {"str", "bool"}:
        return pd.to_numeric(values).to_numpy(float), []
    names, places = np.unique(values.astype(str), return_inverse=True)
    return places.astype(float), [str(name) for name in names]


def _join_persons(axes: Axes, rows: pd.DataFrame, values: Any) -> None:
    """A line through the rates of each person, one point per value."""
    placed = rows.assign(place=values)
    for _, own in placed.groupby("person"):
        sums = own.groupby("place")[["n", "analysed_s"]].sum()
        if len(sums) > 1:
            rates = sums["n"] * 60 / sums["analysed_s"]
            axes.plot(sums.index, rates, color=GREY, lw=0.6, alpha=0.6, zorder=2)


def _result(effects: pd.DataFrame, site: str, covariate: str) -> str:
    """Ratio and interval of a panel's first contrast, or the message in its place."""
    own = effects[(effects["site"] == site) & (effects["covariate"] == covariate)]
    if own.empty:
        return ""
    row = own.iloc[0]
    if known(row["message"]):
        return _told(str(row["message"]))
    high = f"{row['ratio_high']:.3g}" if known(row["ratio_high"]) else "open"
    more = f" (+{len(own) - 1} more)" if len(own) > 1 else ""
    what = shorten(str(row["contrast"]), 16)
    return f"{what}: × {row['rate_ratio']:.3g} ({row['ratio_low']:.3g} to {high}){more}"


def _told(message: str) -> str:
    """A message that fits a panel; of a long one what comes before its reason, which the table has.

    Cut in its middle it could not be read.
    """
    return shorten(message if len(message) <= N_TOLD else message.partition(":")[0], N_TOLD)


def _keys(sessions: pd.DataFrame, *, barred: bool) -> list[Any]:
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], ls="", marker="o", ms=4, color=BLUE, label="a recording")]
    if barred:
        keys.append(Line2D([], [], color=BLACK, lw=1.6, label="rate of all time at one level"))
    if sessions["person"].nunique() > 1:
        keys.append(Line2D([], [], color=GREY, lw=0.8, label="recordings of one person"))
    return keys
