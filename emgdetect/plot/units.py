"""Motor units: their potentials, when they fire, and their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from emgdetect.plot.belonging import expect_pair
from emgdetect.plot.overview import choose_sites
from emgdetect.plot.style import (
    BLACK,
    CYCLE,
    GREY,
    clock,
    house_style,
    new_figure,
    say_in,
    say_instead,
    shorten,
)
from emgdetect.plot.traces import analysed_spans, band_of, end_s
from emgdetect.recording import Recording
from emgdetect.showing import cut_out
from emgdetect.stats.measures import intervals

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording, Site

Floats = NDArray[np.floating[Any]]

HALF_S = 0.015
"""Shown on each side of the peak."""

SLACK_S = 0.006
"""Potentials are aligned within that of their peaks, by likeness."""

N_OVERLAID = 40
"""Potentials drawn per unit, at most; the average is that of those drawn."""


def plot_units(
    recording: Recording, found: Detections, *, site: str | None = None, n_max: int = 8
) -> Figure:
    """Potentials, discharges and intervals of the largest units.

    Parameters
    ----------
    recording : Recording
    found : Detections
    site : str, optional
        Site to show; the largest units of all sites by default.
    n_max : int
        Units to show, at most.

    Returns
    -------
    Figure
        One row per unit: potentials overlaid on the unit's strongest channel with their average,
        discharges over time with their amplitudes, and intervals on a logarithmic axis. Counted
        potentials of no unit have a row of their own. By site, then by unit; a sentence instead of
        axes if nothing was counted.

    Raises
    ------
    ValueError
        If there is no such site, `n_max` is below 1, or `found` is of another recording.
    TypeError
        If `recording` is no Recording or `found` no Detections.
    """
    expect_pair(recording, found)
    if n_max < 1:
        raise ValueError(f"n_max must be at least 1, got {n_max}")
    chosen = choose_sites(recording, None if site is None else [site])
    groups = _groups(found.fasciculations, chosen)
    shown = sorted(groups[:n_max], key=lambda g: (chosen.index(g[0]), g[1] or np.inf))
    with house_style():
        figure = new_figure(9.0, 0.75 + 1.25 * max(len(shown), 1))
        if not shown:
            say_instead(figure, "No potentials were counted.")
            return figure
        rows = figure.subplots(len(shown), 3, squeeze=False, width_ratios=[1, 2, 1.1])
        for i, (axes, group) in enumerate(zip(rows, shown, strict=True)):
            _row(axes, recording, found, group, CYCLE[i % len(CYCLE)])
        for axes in rows[:-1].ravel():
            axes.set_xlabel("")
            axes.tick_params(labelbottom=False)
        rows[0, 0].set_title("potentials, average")
        rows[0, 1].set_title("discharges and their amplitudes")
        rows[0, 2].set_title("intervals")
        if len(groups) > len(shown):
            more = f"The {len(shown)} largest of {len(groups)} units are shown."
            figure.supxlabel(more, fontsize=7, color=GREY)
    return figure


def _groups(
    counted: pd.DataFrame, sites: list[Site]
) -> list[tuple[Site, int | None, pd.DataFrame]]:
    """Counted potentials by site and unit, largest first; those without a unit under None."""
    groups: list[tuple[Site, int | None, pd.DataFrame]] = []
    for site in sites:
        here = counted[counted["site"] == site.name]
        for unit, events in here.groupby("unit", dropna=False):
            number = None if str(unit) in ("<NA>", "nan") else int(float(str(unit)))
            groups.append((site, number, events.sort_values("peak_s")))
    return sorted(groups, key=lambda g: (g[1] is None, -len(g[2])))


def _row(
    axes: Any, recording: Recording, found: Detections,
    group: tuple[Site, int | None, pd.DataFrame], colour: str,
) -> None:  # fmt: skip
    """The three panels of one unit."""
    site, number, events = group
    channel = str(events["channel"].value_counts().index[0])
    # Potentials of no unit are different ones: only those of this channel are large on it
    shown = events[events["channel"] == channel] if number is None else events
    _overlay(axes[0], recording, found, shown, channel, colour)
    name = "no unit" if number is None else f"unit {number}"
    label = f"{shorten(site.name, 14)}\n{name}, n = {len(events)}"
    axes[0].set_ylabel(f"{label}\n(µV)")
    _raster(axes[1], events, end_s(recording), colour)
    spans = analysed_spans(recording, found.excluded, site.name)
    _intervals(axes[2], intervals(events["peak_s"].to_numpy(float), spans), colour)


def _overlay(
    axes: Axes, recording: Recording, found: Detections, events: pd.DataFrame, channel: str,
    colour: str,
) -> None:  # fmt: skip
    """Potentials upon each other on a channel, with their average."""
    index = next(i for i, c in enumerate(recording.channels) if c.name == channel)
    peaks = events["peak_s"].to_numpy(float)
    if len(peaks) > N_OVERLAID:
        # A fixed seed: the same figure each time.
        peaks = np.random.default_rng(0).choice(peaks, N_OVERLAID, replace=False)
    band = band_of(recording, index, found)
    cuts = [cut_out(recording, (index,), p, half_s=HALF_S + SLACK_S, band=band) for p in peaks]
    rate_hz = recording.channels[index].sampling_hz
    block = aligned(np.concatenate([block for _, block in cuts]), round(SLACK_S * rate_hz))
    half = block.shape[1] // 2
    times_ms = 1000 * np.arange(-half, half + 1) / rate_hz
    axes.plot(times_ms, block.T, color=colour, lw=0.5, alpha=0.45, rasterized=True)
    seen = np.isfinite(block).any(axis=0)
    if len(block) > 1:
        axes.plot(times_ms[seen], np.nanmean(block[:, seen], axis=0), color=BLACK, lw=1.2)
    axes.set_xlim(times_ms[0], times_ms[-1])
    axes.set_xlabel("time (ms)")


def aligned(block: Floats, n_slack: int) -> Floats:
    """Rows shifted by up to `n_slack` samples to where they look most alike, cropped by as much.

    A unit's largest deflection may be now its first phase, now its second; the eye wants whole
    waveforms upon each other.

    Parameters
    ----------
    block : ndarray, shape (n, n_times + 2 * n_slack)
        NaN counts as zero for the likeness.
    n_slack : int

    Returns
    -------
    ndarray, shape (n, n_times)
    """
    windows = sliding_window_view(block, block.shape[1] - 2 * n_slack, axis=1)
    shown = windows[:, n_slack]
    for _ in range(3):
        middle = np.median(np.nan_to_num(shown), axis=0)
        best = np.argmax(np.nan_to_num(windows) @ middle, axis=1)
        shown = windows[np.arange(len(block)), best]
    return np.asarray(shown)


def _raster(axes: Axes, events: pd.DataFrame, total_s: float, colour: str) -> None:
    """Discharges as stems as high as their amplitude."""
    times, heights = events["peak_s"].to_numpy(float), events["amplitude_uv"].to_numpy(float)
    axes.vlines(times, 0, heights, color=colour, lw=0.7, rasterized=True)
    axes.set_xlim(0, total_s)
    axes.set_ylim(0, 1.08 * max(np.nanmax(heights), 1e-3))
    axes.set_ylabel("µV")
    clock(axes, total_s)


def _intervals(axes: Axes, intervals_s: Any, colour: str) -> None:
    """Histogram of the intervals on a logarithmic axis, with the 250 ms that isolation asks for."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xscale("log")
    axes.set_xlim(1e-3, 1e3)
    axes.set_xticks([1e-2, 1, 1e2])  # with seven the labels nearly touch
    axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: f"{t:g}"))
    axes.minorticks_off()
    axes.axvline(0.25, color=GREY, lw=0.8, ls=":")
    if len(intervals_s):
        edges = np.logspace(-3, 3, 37).tolist()
        axes.hist(np.clip(intervals_s, 1e-3, 1e3), edges, color=colour, zorder=2)
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.set_ylabel("count")
    else:
        say_in(axes, "none")
        axes.set_yticks([])
    axes.set_xlabel("interval (s); dotted: 250 ms")
