"""What the threshold lets through and what it misses: score tails and recovery curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.plot.sites import numbers
from emgdetect.plot.style import (
    BLACK,
    BLUE,
    GREY,
    RED,
    house_style,
    legend_below,
    new_figure,
    plain_log,
    say_in,
    say_instead,
    shorten,
)
from emgdetect.stats.recovered import fitted, met_template

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from emgdetect.detections import Detections

N_SITES = 12
"""Sites shown, at most."""

N_COLUMNS = 4

BEYOND = "beyond the largest added"
"""Said of an interval that ends there."""

N_BINS = 7
"""Bins of a recovery curve, at most: of 100 injections each holds 14."""


def plot_score(found: Detections) -> Figure:
    """How far the potentials of each site stand above the noise and its threshold.

    Parameters
    ----------
    found : Detections

    Returns
    -------
    Figure
        One panel per site (the first 12): potentials per analysed minute whose matched-filter score
        reaches a value, all of them and the counted ones; the threshold; and the noise model, which
        crosses it at the false alarms expected and falls as Gaussian noise does (Rice 1944).
    """
    summary = found.summary.head(N_SITES)
    return _panels(summary, "No site was analysed.", lambda axes, row: _score(axes, row, found))


def plot_recovery(found: Detections) -> Figure:
    """Which share of potentials would have been found, by amplitude.

    Parameters
    ----------
    found : Detections
        With `recovery`.

    Returns
    -------
    Figure
        One panel per site (the first 12): share of injected potentials found again, in bins of
        amplitude with 95 % intervals (Wilson 1927); the fitted curve; and where it reaches 90 %,
        with the interval, an arrow where that is open. A sentence where nothing was injected.
    """
    injected = found.recovery
    if injected is None or injected.empty:
        why = "was not run" if injected is None else "found no room for potentials to inject"
        with house_style():
            figure = new_figure(6.0, 1.6)
            say_instead(figure, f"Injection and recovery {why}.")
        return figure
    summary = found.summary.head(N_SITES)
    return _panels(summary, "No site.", lambda axes, row: _recovery(axes, row, injected))


def _panels(summary: pd.DataFrame, none: str, draw: Any) -> Figure:
    """One panel per row of a summary, `draw(axes, row)` in each."""
    rows = summary.to_dict("records")
    n_columns = max(1, min(N_COLUMNS, len(rows)))
    n_rows = max(1, -(-len(rows) // n_columns))
    with house_style():
        figure = new_figure(max(2.35 * n_columns, 4.6), 2.2 * n_rows + 0.4)
        if not rows:
            say_instead(figure, none)
            return figure
        panels: Any = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for axes, row in zip(panels, rows, strict=False):
            draw(axes, row)
            axes.set_title(shorten(str(row["site"]), 24))
        for axes in panels[len(rows) :]:
            axes.set_axis_off()
        for axes in panels[: len(rows)]:
            if axes.get_subplotspec().colspan.start:
                axes.set_ylabel("")
        legend_below(figure, _keys(panels[: len(rows)]), 6 if n_columns > 2 else 2)
    return figure


def _keys(panels: Any) -> list[Any]:
    """One legend entry for each label that any of the panels has."""
    entries: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return list(entries.values())


def _score(axes: Axes, row: dict[Any, Any], found: Detections) -> None:
    """Survival curves of the scores of a site, with threshold and noise model."""
    minutes, threshold = row["analysed_s"] / 60, row["threshold"]
    here = found.events[found.events["site"] == row["site"]]
    counted = here[here["verdict"] == "fasciculation"]
    lowest = 0.5 / minutes if minutes > 0 else 0.5
    ends = [threshold, 4 * threshold]
    for table, colour, label in ((here, GREY, "all listed"), (counted, BLUE, "counted")):
        scores = np.sort(numbers(table, "score"))
        scores = scores[np.isfinite(scores)]
        if len(scores) and minutes > 0:
            # From the threshold on, where all of them lie, down to none above the largest
            first, last = min(float(scores[0]), threshold), float(scores[-1])
            reached = np.array([len(scores), *range(len(scores), 0, -1), 0.0]) / minutes
            reached[-1] = 0.5 * lowest
            axes.step([first, *scores, last], reached, color=colour, label=label)
            ends.append(last)
    grid = np.linspace(0.6 * threshold, 1.6 * threshold, 60)
    model = row["expected_false_per_min"] * np.exp((threshold**2 - grid**2) / 2)
    axes.plot(grid, model, color=BLACK, lw=0.9, ls="--", label="noise model")
    axes.axvline(threshold, color=RED, lw=0.9, label="threshold")
    top = max(10.0, 60.0 if minutes <= 0 else 1.5 * len(here) / minutes)
    finite = [end for end in ends if np.isfinite(end)] or [5.0, 20.0]
    plain_log(axes.xaxis, [0.75 * min(finite), *finite], widest=1.1)
    plain_log(axes.yaxis, [lowest, top], widest=1.0)
    if here.empty:
        say_in(axes, "no potentials")
    axes.set_xlabel("score (× noise)")
    axes.set_ylabel("at or above it\n(1/min)")


def _recovery(axes: Axes, row: dict[Any, Any], injected: pd.DataFrame) -> None:
    """Share found again by amplitude, with the fitted curve and its 90 % point."""
    whole = injected[injected["site"] == row["site"]]
    own = whole[~met_template(whole)]
    amplitudes = own["amplitude_uv"].to_numpy(float)
    recovered = own["recovered"].to_numpy(bool)
    axes.set_ylim(-0.04, 1.04)
    axes.set_ylabel("share found again")
    axes.set_xlabel("peak to peak (µV)")
    plain_log(axes.xaxis, amplitudes)
    if not len(own):
        say_in(axes, "none injected")
        return
    middle, share, low, high = np.transpose(binned(amplitudes, recovered))
    axes.vlines(middle, low, high, color=GREY, lw=1, label="95 % interval")
    axes.plot(middle, share, "o", color=BLACK, ms=3.5, label="share found again")
    recovery = fitted(whole)
    if recovery is None:
        return
    curve = recovery.unseen
    grid = np.geomspace(*axes.get_xlim(), 100)
    axes.plot(grid, curve.fitted(grid), color=BLUE, lw=1.3, label="fitted curve")
    axes.axhline(0.9, color=GREY, lw=0.6, ls=":")
    point, left, right = curve.reaching(0.9)
    if np.isfinite(point):
        edge = axes.get_xlim()[1]
        axes.plot([left, min(right, edge)], [0.9, 0.9], color=RED, lw=1.6, solid_capstyle="butt")
        if np.isinf(right):
            axes.plot(edge, 0.9, ">", color=RED, ms=4, clip_on=False, label=BEYOND)
        axes.plot(point, 0.9, "D", color=RED, ms=4, mfc="white", label="90 % found (95 % interval)")


def binned(
    amplitude_uv: NDArray[Any], recovered: NDArray[np.bool_]
) -> list[tuple[float, float, float, float]]:
    """Share found in at most `N_BINS` bins of equally many injections.

    Returns
    -------
    list of (float, float, float, float)
        Geometric mean of the amplitudes, share, and its 95 % interval after Wilson; in order of
        amplitude, none empty.
    """
    order = np.argsort(amplitude_uv, kind="stable")
    bins = []
    for part in np.array_split(order, min(N_BINS, len(order))):
        n, share = len(part), float(np.mean(recovered[part]))
        z2 = 1.96**2
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = 1.96 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        centre = float(np.exp(np.mean(np.log(amplitude_uv[part]))))
        bins.append((centre, share, float(middle - half), float(middle + half)))
    return bins
