"""The whole recording at a glance, one row per site, and a stretch of it close up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.transforms import blended_transform_factory

from emgdetect.plot.belonging import expect_pair
from emgdetect.plot.style import (
    BLUE,
    GREY,
    REASON_LOOKS,
    VERDICT_LOOKS,
    clock,
    house_style,
    ink,
    known,
    legend_below,
    new_figure,
    reason_keys,
    say_in,
    say_instead,
    shorten,
    verdict_keys,
)
from emgdetect.plot.traces import (
    band_of,
    end_s,
    envelope,
    half_height,
    read_stretch,
    row_limit_uv,
    shown_channel,
    undisturbed_uv,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording, Site

ZOOM_S = 4.0
"""Length of the close-up under the overview."""

N_TALL = 12
"""Up to so many rows have room for numbers on their axis."""


def plot_recording(
    recording: Recording, found: Detections, *, sites: Sequence[str] | str | None = None
) -> Figure:
    """The whole recording, one row per site, and its busiest seconds close up.

    Each row shows the trace of the channel on which most potentials are strongest, in the mild band
    (smallest and largest value per pixel), with counted potentials as ticks above it, those of
    other verdicts as ticks below it, and excluded spans shaded by reason.

    Parameters
    ----------
    recording : Recording
    found : Detections
    sites : str or sequence of str, optional
        Sites to show, in this order; all by default.

    Returns
    -------
    Figure
        Not shown; with a sentence instead of axes if there is nothing to draw.

    Raises
    ------
    ValueError
        If a site is not in the recording, or `found` is of another one.
    TypeError
        If `recording` is no Recording or `found` no Detections.
    """
    expect_pair(recording, found)
    chosen = choose_sites(recording, sites)
    with house_style():
        tall = len(chosen) <= N_TALL
        row_in = 1.0 if tall else 0.34
        figure = new_figure(9.0, 3.0 + row_in * len(chosen))
        if not chosen or end_s(recording) == 0:
            say_instead(figure, "The recording holds no site to analyse.")
            return figure
        ratios = [row_in] * len(chosen) + [1.5]
        *rows, close = figure.subplots(len(ratios), height_ratios=ratios)
        listed = found.events if found.fasciculations.empty else found.fasciculations
        span_s = _busiest(listed, chosen, end_s(recording))
        for axes, site in zip(rows, chosen, strict=True):
            _row(axes, recording, found, site, tall=tall)
            axes.sharex(rows[0])
            axes.tick_params(labelbottom=axes is rows[-1])
            if site == span_s[0]:
                axes.axvspan(*span_s[1:], fill=False, ec=BLUE, lw=0.9, zorder=4, clip_on=False)
        rows[0].set_xlim(0, end_s(recording))
        none = ": no potential was found" if found.events.empty else ""
        rows[0].set_title(f"{shorten(recording.name, 60)}, whole recording{none}")
        clock(rows[-1], end_s(recording))
        _close_up(close, recording, found, *span_s)
        close.set_title(f"{close.get_title(loc='left')}, framed above", loc="left")
        legend_below(figure, _keys(found, chosen, (0, end_s(recording))))
    return figure


def plot_stretch(
    recording: Recording,
    found: Detections,
    start_s: float,
    stop_s: float,
    *,
    sites: Sequence[str] | str | None = None,
) -> Figure:
    """A stretch of the recording with every potential in it and its verdict.

    Parameters
    ----------
    recording : Recording
    found : Detections
    start_s, stop_s : float
        Stretch to show, on the recording's time axis.
    sites : str or sequence of str, optional
        Sites to show, in this order; all by default.

    Returns
    -------
    Figure
        One row per site; above each potential stands the number of its unit, where it has one and
        there is room.

    Raises
    ------
    ValueError
        If the stretch is empty or a site is not in the recording.
    """
    if not stop_s > start_s:
        raise ValueError(f"stop_s must exceed start_s, got {start_s} to {stop_s}")
    chosen = choose_sites(recording, sites)
    with house_style():
        figure = new_figure(9.0, 1.2 + (1.3 if len(chosen) <= N_TALL else 0.5) * len(chosen))
        if not chosen:
            say_instead(figure, "The recording holds no site to analyse.")
            return figure
        rows = np.atleast_1d(figure.subplots(len(chosen), sharex=True))
        for axes, site in zip(rows, chosen, strict=True):
            _close_up(axes, recording, found, site, start_s, stop_s)
            if len(chosen) > 1:
                axes.set_xlabel("")
                axes.set_title("")
        clock(rows[-1], stop_s - start_s)
        rows[0].set_title(f"{shorten(recording.name, 60)}, {start_s:.2f} to {stop_s:.2f} s")
        legend_below(figure, _keys(found, chosen, (start_s, stop_s)))
    return figure


def choose_sites(recording: Recording, names: Sequence[str] | str | None) -> list[Site]:
    """Sites of that name, or of those in that order; all of the recording's if none are named.

    Raises
    ------
    ValueError
        If a name is no site of the recording.
    """
    by_name = {site.name: site for site in recording.sites}
    names = [names] if isinstance(names, str) else names
    unknown = [name for name in names or () if name not in by_name]
    if unknown:
        raise ValueError(f"no such site: {unknown[0]!r}; the recording has {sorted(by_name)}")
    return [by_name[name] for name in names] if names is not None else list(by_name.values())


def shade_excluded(axes: Axes, excluded: pd.DataFrame, site: str) -> None:
    """Shade the spans that were not analysed at a site, by reason."""
    across = blended_transform_factory(axes.transData, axes.transAxes)
    for reason, spans in excluded[excluded["site"] == site].groupby("reason"):
        colour, hatch = REASON_LOOKS[str(reason)]
        axes.broken_barh(
            list(zip(spans["onset"], spans["duration"], strict=True)), (0, 1),
            transform=across, facecolor=colour, hatch=hatch, edgecolor=GREY, lw=0.3,
            alpha=0.55, zorder=0,
        )  # fmt: skip


def _row(axes: Axes, recording: Recording, found: Detections, site: Site, *, tall: bool) -> None:
    """One site over the whole recording."""
    channel = shown_channel(recording, site, found.events)
    shown = envelope(recording, channel, band=band_of(recording, channel, found))
    here = found.events[found.events["site"] == site.name]
    axes.fill_between(
        shown.times_s, shown.low_uv, shown.high_uv, color="0.25", lw=0.4, rasterized=True, zorder=2
    )
    shade_excluded(axes, found.excluded, site.name)
    limit_uv = row_limit_uv(shown, here, found.excluded[found.excluded["site"] == site.name])
    axes.set_ylim(-1.45 * limit_uv, 1.45 * limit_uv)
    for verdict, events in here.groupby("verdict"):
        low, high = (0.9, 1.0) if verdict == "fasciculation" else (0.0, 0.1)
        _ticks(axes, events["peak_s"].to_numpy(float), low, high, VERDICT_LOOKS[str(verdict)][0])
    if tall:
        axes.set_ylabel(f"{shorten(site.name, 16)}\n(µV)")
        return
    axes.set_yticks([])
    axes.set_ylabel(shorten(site.name, 16), rotation=0, ha="right", va="center")
    axes.annotate(
        half_height(limit_uv), (1.005, 0.5), xycoords="axes fraction", va="center", fontsize=6
    )


def _ticks(axes: Axes, times_s: NDArray[Any], low: float, high: float, colour: str) -> None:
    """Vertical ticks at these times, from `low` to `high` in shares of the axes' height."""
    lines = [[(t, low), (t, high)] for t in times_s]
    across = blended_transform_factory(axes.transData, axes.transAxes)
    axes.add_collection(
        LineCollection(lines, colors=colour, lw=0.8, transform=across, zorder=3, rasterized=True),
        autolim=False,
    )


def _busiest(listed: pd.DataFrame, sites: list[Site], total_s: float) -> tuple[Site, float, float]:
    """Site and stretch with the most of these potentials; the beginning where there are none."""
    length_s = min(ZOOM_S, total_s)
    best, best_site, best_start_s = 0, sites[0], 0.0
    for site in sites:
        times = np.sort(listed.loc[listed["site"] == site.name, "peak_s"].to_numpy(float))
        if not len(times):
            continue
        n_within = np.searchsorted(times, times + 0.8 * length_s) - np.arange(len(times))
        if n_within.max() > best:
            best, best_site = int(n_within.max()), site
            best_start_s = float(times[n_within.argmax()]) - 0.1 * length_s
    start_s = min(max(best_start_s, 0.0), total_s - length_s)
    return best_site, start_s, start_s + length_s


def _close_up(
    axes: Axes, recording: Recording, found: Detections, site: Site, start_s: float, stop_s: float
) -> None:
    """The trace of a site between two moments, potentials coloured by verdict."""
    channel = shown_channel(recording, site, found.events)
    band = band_of(recording, channel, found)
    times, trace = read_stretch(recording, channel, start_s, stop_s, band=band)
    axes.plot(times, trace, color="0.25", lw=0.6, rasterized=True)
    shade_excluded(axes, found.excluded, site.name)
    axes.set_xlim(start_s, stop_s)
    axes.set_ylabel(f"{shorten(site.name, 16)}\n(µV)")
    inside = found.events["peak_s"].between(start_s, stop_s) & (found.events["site"] == site.name)
    if limit_uv := undisturbed_uv(times, trace, found.events[inside]):
        axes.set_ylim(-limit_uv, limit_uv)
    _mark_events(axes, found.events[inside], times, trace)
    if not len(times):
        say_in(axes, "nothing was recorded here")
    clock(axes, stop_s - start_s)
    name = shorten(recording.channels[channel].name, 30)
    axes.set_title(f"close-up of {shorten(site.name, 30)}, channel {name} (numbers: units)")


def _mark_events(
    axes: Axes, events: pd.DataFrame, times_s: NDArray[Any], trace_uv: NDArray[Any]
) -> None:
    """Colour the potentials of a trace, with marker, and with the unit's number where it fits."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
    across = blended_transform_factory(axes.transData, axes.transAxes)
    left, right = axes.get_xlim()
    last_label_s = -np.inf
    for event in events.sort_values("peak_s").to_dict("records"):
        colour, marker = VERDICT_LOOKS[event["verdict"]]
        peak_s, onset_s = event["peak_s"], event["onset"]
        part = (times_s >= onset_s) & (times_s <= onset_s + event["duration"])
        axes.plot(times_s[part], trace_uv[part], color=colour, lw=1.1, rasterized=True)
        axes.plot(peak_s, 0.86, marker, color=colour, ms=3.5, transform=across)
        if known(event["unit"]) and peak_s - last_label_s > 0.022 * (right - left):
            axes.text(
                peak_s, 0.91, f"{event['unit']:.0f}", transform=across, ha="center", va="bottom",
                fontsize=6.5, color=ink(colour), clip_on=True,
            )  # fmt: skip
            last_label_s = peak_s


def _keys(found: Detections, sites: list[Site], span_s: tuple[float, float]) -> list[Any]:
    """Legend entries of what occurs at these sites in a span of time."""
    names = {site.name for site in sites}
    events = found.events[found.events["peak_s"].between(*span_s)]
    starts, stops = found.excluded["onset"], found.excluded["onset"] + found.excluded["duration"]
    excluded = found.excluded[(starts < span_s[1]) & (stops > span_s[0])]
    verdicts = events.loc[events["site"].isin(names), "verdict"].unique()
    reasons = excluded.loc[excluded["site"].isin(names), "reason"].unique()
    return verdict_keys(list(verdicts)) + reason_keys(list(reasons))
