"""Maps of numbers: sites by recordings, sites by sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.plot.overview import choose_sites
from emgdetect.plot.style import (
    GREY,
    PALE,
    house_style,
    luminance,
    new_figure,
    say_instead,
    shorten,
)
from emgdetect.plot.traces import analysed_spans
from emgdetect.stats.synchrony import synchrony

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording

N_CELLS_WITH_NUMBERS = 400
"""Up to so many cells, each number is written in."""

N_SYNCHRONY = 32
"""Sites compared with each other, at most: those with most counted potentials."""


def plot_batch(summary: pd.DataFrame) -> Figure:
    """Rates of many recordings: sites by recordings.

    Parameters
    ----------
    summary : DataFrame
        The joint summary: columns `recording`, `site`, `rate_per_min`.

    Returns
    -------
    Figure
        A map with one cell per site and recording, on a square-root colour scale; crossed where a
        site was not recorded or too little of it was analysed for a rate. Rates are written in
        where there is room, in brackets where less than a minute was analysed (`rate_flag` is
        ``short``).
    """
    with house_style():
        if summary.empty:
            figure = new_figure(9.0, 2.0)
            say_instead(figure, "No recording has been summarised yet.")
            return figure
        cells = summary.pivot_table(
            index="site", columns="recording", values="rate_per_min", aggfunc="first", sort=False,
            dropna=False,
        ).astype(float)  # fmt: skip
        n_rows, n_columns = cells.shape
        figure = new_figure(min(3.2 + 0.42 * n_columns, 14), min(2.2 + 0.28 * n_rows, 24) + 0.3)
        axes = figure.subplots()
        draw_map(
            axes,
            cells.to_numpy(),
            "fasciculations per analysed\nminute (square-root scale)",
            power=0.5,
        )
        name_edges(axes, list(cells.columns), list(cells.index))
        unsure = _is_short(summary, cells)
        keys = ["×: not recorded, or too little analysed"] if cells.isna().to_numpy().any() else []
        if cells.size <= N_CELLS_WITH_NUMBERS and n_columns <= 26:
            write_cells(axes, cells.to_numpy(), "{:.3g}", unsure=unsure)
            keys += ["(…): under a minute analysed"] if unsure.any() else []
        explain(axes, keys)
    return figure


def _is_short(summary: pd.DataFrame, cells: pd.DataFrame) -> NDArray[np.bool_]:
    """Which cells rest on less than a minute; none where the summary does not tell."""
    if "rate_flag" not in summary:
        return np.zeros(cells.shape, dtype=bool)
    short = summary.assign(short=summary["rate_flag"].eq("short").fillna(False).astype(bool))
    flags = short.pivot_table(index="site", columns="recording", values="short", aggfunc="first")
    return flags.reindex(index=cells.index, columns=cells.columns).eq(True).to_numpy(bool)


def plot_synchrony(recording: Recording, found: Detections) -> Figure:
    """How often potentials of one site coincide with those of another, beyond chance.

    Parameters
    ----------
    recording : Recording
    found : Detections

    Returns
    -------
    Figure
        Share (in %) of the counted potentials of the row's site that lie within 10 ms of one of the
        column's site, less the share expected by chance (`emgdetect.stats.synchrony`); crossed
        where a site has none. A sentence where there are fewer than two sites.
    """
    sites = choose_sites(recording, None)
    counted = found.fasciculations.sort_values("peak_s")
    times = {s.name: counted.loc[counted["site"] == s.name, "peak_s"].to_numpy() for s in sites}
    names = sorted(times, key=lambda n: -len(times[n]))[:N_SYNCHRONY]
    names = [site.name for site in sites if site.name in names]
    n = len(names)
    with house_style():
        if n < 2:
            figure = new_figure(6.0, 1.6)
            say_instead(figure, "Synchrony needs two sites or more.")
            return figure
        spans = {name: analysed_spans(recording, found.excluded, name) for name in names}
        excess = np.full((n, n), np.nan)
        for i, j in np.ndindex(n, n):
            if i != j:
                a, b = names[i], names[j]
                both = synchrony(times[a], spans[a], times[b], spans[b])
                excess[i, j] = 100 * (both.share - both.chance)
        off = ~np.eye(n, dtype=bool)
        if np.isnan(excess[off]).all():
            figure = new_figure(6.0, 1.6)
            say_instead(figure, "No two sites have counted potentials to compare.")
            return figure
        figure = new_figure(min(4.2 + 0.5 * n, 13), min(2.2 + 0.36 * n, 13))
        axes = figure.subplots()
        draw_map(axes, np.maximum(excess, 0), "coincident\nbeyond chance (%)", top=100.0)
        name_edges(axes, names, names)
        write_cells(axes, np.maximum(excess, 0), "{:.0f}")
        explain(axes, ["×: none counted at one of the two"] * bool(np.isnan(excess[off]).any()))
        axes.set_ylabel("share of this site's potentials …")
        axes.set_xlabel("… that coincide (±10 ms) with this site's")
    return figure


def explain(axes: Axes, keys: list[str]) -> None:
    """Say above a map what its signs mean."""
    axes.set_title("\n".join(keys), fontsize=7, color=GREY)


def name_edges(axes: Axes, columns: list[str], rows: list[str]) -> None:
    """Names along both edges of a map; every n-th where there are too many to read."""
    every = max(1, len(columns) // 60 + 1)
    shown = np.arange(0, len(columns), every)
    axes.set_xticks(shown, [shorten(str(columns[i]), 32) for i in shown], rotation=90)
    every = max(1, len(rows) // 90 + 1)
    shown = np.arange(0, len(rows), every)
    axes.set_yticks(shown, [shorten(str(rows[i]), 24) for i in shown])


def draw_map(
    axes: Axes, values: NDArray[Any], label: str, *, power: float = 1.0, top: float = 0.0
) -> None:
    """A map with a colour bar from 0 to `top`, or to the largest value.

    Missing cells are grey and crossed; on the diagonal of sites with themselves, too.
    """
    from matplotlib.colors import PowerNorm

    top = top or (float(np.nanmax(values)) if np.isfinite(values).any() else 0.0) or 1.0
    norm = PowerNorm(power, vmin=0, vmax=top)
    # Light for little: most cells hold little, and paper is white
    image = axes.imshow(values, cmap="Blues", norm=norm, aspect="auto", interpolation="nearest")
    axes.set_facecolor(PALE)
    missing = np.argwhere(~np.isfinite(values))
    axes.plot(missing[:, 1], missing[:, 0], "x", color=GREY, ms=4, mew=0.6)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    figure = axes.get_figure()
    if figure is not None:
        figure.colorbar(image, ax=axes, label=label, shrink=0.9, pad=0.01)


def write_cells(
    axes: Axes, values: NDArray[Any], form: str, *, unsure: NDArray[np.bool_] | None = None
) -> None:
    """Write each number into its cell, light on dark and dark on light; in brackets if unsure."""
    image = axes.images[0]
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if luminance(image.to_rgba(value)) < 0.18 else "black"
            text = form.format(value)
            if unsure is not None and unsure[row, column]:
                text = f"({text})"
            axes.text(column, row, text, ha="center", va="center", fontsize=6.5,
                      color=colour)  # fmt: skip
