"""One site through time: rate, amplitudes with what could be detected, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.plot.overview import choose_sites, shade_excluded
from emgdetect.plot.style import (
    BLUE,
    GREY,
    RED,
    VERDICT_LOOKS,
    clock,
    house_style,
    ink,
    known,
    legend_below,
    new_figure,
    plain_log,
    reason_keys,
    say_in,
    say_instead,
    shorten,
    verdict_keys,
)
from emgdetect.plot.traces import analysed_spans, band_of, end_s, envelope, shown_channel
from emgdetect.showing import Band
from emgdetect.stats.rates import minutes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording

LEAST_SHARE = 0.2
"""Of a bin that must have been analysed for its rate to be shown."""

BIN_WIDTHS_S = (10, 60, 300, 600, 1800, 3600)


def plot_site(recording: Recording, found: Detections, site: str) -> Figure:
    """One site through time.

    Parameters
    ----------
    recording : Recording
    found : Detections
    site : str

    Returns
    -------
    Figure
        From above: counted potentials per analysed minute, bin by bin; amplitude of every potential
        by verdict, with the amplitude that nine in ten injected potentials need to be found (where
        injection was run); noise RMS of the channel shown. Excluded spans are shaded by reason.

    Raises
    ------
    ValueError
        If there is no such site.
    """
    chosen = choose_sites(recording, [site])[0]
    total_s = end_s(recording)
    with house_style():
        figure = new_figure(9.0, 4.8)
        if total_s == 0:
            say_instead(figure, "The recording holds no signal.")
            return figure
        rate, amplitude, noise = figure.subplots(3, sharex=True, height_ratios=[1, 1.6, 0.8])
        events = found.events[found.events["site"] == site]
        _rate(rate, events, analysed_spans(recording, found.excluded, site), total_s)
        _amplitudes(amplitude, events, _cell(found.summary, site, "detectable_uv"))
        channel = shown_channel(recording, chosen, found.events)
        _noise(noise, recording, channel, band_of(recording, channel, found))
        for axes in (rate, amplitude, noise):
            shade_excluded(axes, found.excluded, site)
        rate.set_title(f"{shorten(site, 40)}, {shorten(recording.name, 50)}")
        noise.set_xlim(0, total_s)
        clock(noise, total_s)
        reasons = found.excluded.loc[found.excluded["site"] == site, "reason"].unique()
        keys = verdict_keys(list(events["verdict"].unique())) + reason_keys(list(reasons))
        legend_below(figure, keys)
    return figure


def bin_width_s(total_s: float) -> float:
    """Width of the bins of a rate over time: some dozens of them, whatever the length."""
    return next((w for w in BIN_WIDTHS_S if total_s <= 60 * w), BIN_WIDTHS_S[-1])


def _cell(summary: pd.DataFrame, site: str, column: str) -> float:
    """A number of the summary; NaN if it is missing."""
    here = summary.loc[summary["site"] == site]
    value: Any = here[column].iloc[0] if len(here) and column in here else None
    return float(value) if known(value) else float("nan")


def _rate(axes: Axes, events: pd.DataFrame, spans: Any, total_s: float) -> None:
    """Counted potentials per analysed minute in each bin; a gap where a bin holds too little."""
    width_s = bin_width_s(total_s)
    counted = events.loc[events["verdict"] == "fasciculation", "peak_s"].to_numpy(float)
    bins = minutes(np.sort(counted), spans, width_s=width_s)
    least_s = LEAST_SHARE * min(width_s, total_s)
    enough = bins["analysed_s"] >= least_s
    shown = bins["rate_per_min"].where(enough)
    starts, widths = bins["start_s"].to_numpy(float), np.minimum(width_s, total_s)
    axes.bar(starts, shown, widths, align="edge", color=BLUE, ec="white", lw=0.4, zorder=2)
    # A bar of no height would look like one that is not there
    for start in starts[(shown == 0).to_numpy()]:
        axes.plot([start, start + widths], [0, 0], color=BLUE, lw=2.5, solid_capstyle="butt")
    if not enough.any():
        say_in(axes, "too little was analysed for bars")
    axes.set_ylim(0, max(1.0, 1.1 * np.nanmax(shown.to_numpy(float), initial=0.0)))
    axes.set_ylabel("rate\n(1/min)")
    every = f"{width_s:g} s" if width_s < 60 else f"{width_s / 60:g} min"
    none = "" if enough.all() else f"; none where under {least_s:g} s of it were analysed"
    axes.text(
        1.0, 1.02, f"bars of {every}{none}", transform=axes.transAxes, ha="right", va="bottom",
        color=GREY, fontsize=7,
    )  # fmt: skip


def _amplitudes(axes: Axes, events: pd.DataFrame, detectable_uv: float) -> None:
    """Every potential by time, amplitude and verdict."""
    n = max(len(events), 1)
    if events.empty:
        say_in(axes, "no potentials", height=0.85)
    size, alpha = (16, 0.9) if n < 300 else (7, 0.6)
    for verdict, (colour, marker) in VERDICT_LOOKS.items():
        these = events[events["verdict"] == verdict]
        if len(these):
            axes.scatter(
                these["peak_s"], these["amplitude_uv"].to_numpy(float), size, colour, marker=marker,
                alpha=alpha, lw=0.8 if marker in "xP" else 0, rasterized=True,
                zorder=3 if verdict == "fasciculation" else 2,
            )  # fmt: skip
    if np.isfinite(detectable_uv):
        axes.axhline(detectable_uv, color=RED, lw=0.9, ls="--", zorder=4)
        axes.annotate(
            f"9 in 10 found at\n{detectable_uv:.3g} µV", (1.005, detectable_uv), color=ink(RED),
            xycoords=("axes fraction", "data"), va="center", fontsize=7, annotation_clip=False,
        )  # fmt: skip
    plain_log(axes.yaxis, [*events["amplitude_uv"].to_numpy(float), detectable_uv])
    axes.set_ylabel("amplitude, peak\nto peak (µV)")


def _noise(axes: Axes, recording: Recording, channel: int, band: Band) -> None:
    """Robust RMS of the channel over time."""
    shown = envelope(recording, channel, band=band)
    level = np.where(shown.noise_uv > 0, shown.noise_uv, np.nan)
    axes.plot(shown.noise_times_s, level, color="0.25", lw=0.8, rasterized=True)
    plain_log(axes.yaxis, level)
    axes.set_ylabel("noise\nRMS (µV)")
