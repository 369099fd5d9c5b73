"""Potentials picked at random, counted and rejected: what the verdicts look like."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.plot.overview import choose_sites
from emgdetect.plot.style import (
    GREY,
    VERDICT_LOOKS,
    house_style,
    ink,
    known,
    new_figure,
    printable,
    say_instead,
    shorten,
)
from emgdetect.plot.traces import band_of, half_height
from emgdetect.showing import cut_out

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording

HALF_S = 0.025
N_COLUMNS = 5


def plot_examples(
    recording: Recording, found: Detections, *, site: str | None = None, n: int = 20, seed: int = 0
) -> Figure:
    """Random counted and random rejected potentials, each with its reason.

    Parameters
    ----------
    recording : Recording
    found : Detections
    site : str, optional
        Site to draw from; all by default.
    n : int
        Potentials of each kind, at most.
    seed : int
        Another seed picks others.

    Returns
    -------
    Figure
        Counted potentials above, rejected ones below, in order of time; each panel shows 50 ms of
        the strongest channel at a scale of its own, which is written in.

    Raises
    ------
    ValueError
        If there is no such site or `n` is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    names = [s.name for s in choose_sites(recording, None if site is None else [site])]
    events = found.events[found.events["site"].isin(names)]
    counted = events["verdict"] == "fasciculation"
    parts = [_pick(events[counted], n, seed), _pick(events[~counted], n, seed)]
    heights = [0.35 + 1.25 * max(-(-len(part) // N_COLUMNS), 0.5) for part in parts]
    with house_style():
        figure = new_figure(9.0, sum(heights))
        sub_figures: Any = figure.subfigures(2, 1, height_ratios=heights)
        for part, of, sub, word in zip(
            parts, (int(counted.sum()), int((~counted).sum())), sub_figures,
            ("counted", "rejected"), strict=True,
        ):  # fmt: skip
            sub.suptitle(
                f"{len(part)} of {of} {word} potentials; 50 ms each", fontsize=9, x=0.01, ha="left"
            )
            _panels(sub, recording, found, part, named=site is None)
    return figure


def _pick(events: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    """Up to `n` rows at random, in order of time."""
    if len(events) <= n:
        return events.sort_values("peak_s")
    rows = np.random.default_rng(seed).choice(len(events), n, replace=False)
    return events.iloc[rows].sort_values("peak_s")


def _panels(
    sub: SubFigure, recording: Recording, found: Detections, part: pd.DataFrame, *, named: bool
) -> None:
    """The potentials in rows and columns; one axes holds them all, which is drawn quickly."""
    if part.empty:
        say_instead(sub, "none")
        return
    axes = sub.subplots()
    axes.set(xlim=(0, N_COLUMNS), ylim=(-(-len(part) // N_COLUMNS), 0))
    axes.set_axis_off()
    index = {channel.name: i for i, channel in enumerate(recording.channels)}
    bands = {name: band_of(recording, index[name], found) for name in part["channel"].unique()}
    for i, event in enumerate(part.to_dict("records")):
        name, peak_s = event["channel"], event["peak_s"]
        times, block = cut_out(recording, (index[name],), peak_s, half_s=HALF_S, band=bands[name])
        _panel(axes, divmod(i, N_COLUMNS), times, block[0], event, named=named)


def _panel(
    axes: Axes, place: tuple[int, int], times_s: Any, trace_uv: Any, event: dict[Any, Any],
    *, named: bool,
) -> None:  # fmt: skip
    """One trace, the part taken for the potential coloured, and what is said of it."""
    row, column = place
    colour = VERDICT_LOOKS[event["verdict"]][0]
    first_s = event["onset"] - event["peak_s"]
    part = (times_s >= first_s) & (times_s <= first_s + event["duration"])
    limit = max(float(np.nanmax(np.abs(trace_uv))) if np.isfinite(trace_uv).any() else 0, 1e-3)
    x = column + 0.48 + 0.44 * times_s / HALF_S
    y = row + 0.5 - 0.25 * trace_uv / limit
    axes.plot(x, y, color="0.35", lw=0.7)
    axes.plot(x[part], y[part], color=colour, lw=1.3)
    axes.plot(x[[0, -1]], [row + 0.5] * 2, color=GREY, lw=0.3, zorder=0)
    where = f"{shorten(event['site'], 12)}, " if named else ""
    axes.text(x[0], row + 0.03, f"{where}{event['peak_s']:.2f} s", fontsize=7, va="top")
    axes.text(x[-1], row + 0.17, half_height(limit), fontsize=6, color=GREY, va="top", ha="right")
    axes.text(x[0], row + 0.79, _words(event), fontsize=6, color=ink(colour), va="top")


def _words(event: dict[Any, Any]) -> str:
    """Verdict, unit and reason in at most two short lines."""
    unit = f", unit {event['unit']:.0f}" if known(event["unit"]) else ""
    why = printable(str(event["why"])) if known(event["why"]) else ""
    words = f"{event['verdict']}{unit}" + (f": {why}" if why and why != event["verdict"] else "")
    lines = textwrap.wrap(words, 34, max_lines=2, placeholder=" …")
    return "\n".join(lines)
