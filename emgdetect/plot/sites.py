"""Sites side by side: rates with intervals, time, amplitudes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.arguments import expect
from emgdetect.cautions import cautions
from emgdetect.columns import REASONS
from emgdetect.detections import Detections
from emgdetect.plot.style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    REASON_LOOKS,
    RED,
    SKY,
    house_style,
    legend_below,
    new_figure,
    plain_log,
    say_in,
    say_instead,
    shorten,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


def plot_summary(found: Detections) -> Figure:
    """All sites of a recording side by side.

    Parameters
    ----------
    found : Detections

    Returns
    -------
    Figure
        One row per site: rate with its 95 % interval and the rates under the lenient and strict
        exclusion levels; analysed and excluded minutes by reason; median and quartiles of the
        amplitudes with the amplitude that nine in ten injected potentials need to be found. In
        the order of the summary; a sentence instead of axes if it has no rows.

    Raises
    ------
    TypeError
        If `found` is no Detections.
    """
    expect(found, Detections, "found")
    summary = found.summary
    n = len(summary)
    with house_style():
        figure = new_figure(9.0, 1.5 + 0.3 * max(n, 2))
        if not n:
            say_instead(figure, "The recording holds no site to analyse.")
            return figure
        rate, time, amplitude = figure.subplots(1, 3, sharey=True, width_ratios=[1.3, 1, 1])
        _rates(rate, summary, _doubtful(found))
        _times(time, summary)
        _amplitudes(amplitude, summary)
        rate.set_yticks(np.arange(n), [shorten(str(s), 22) for s in summary["site"]])
        rate.set_ylim(n - 0.4, -0.6)
        keys = [*rate.get_legend_handles_labels()[0], *time.get_legend_handles_labels()[0]]
        legend_below(figure, [*keys, *amplitude.get_legend_handles_labels()[0]], 5)
    return figure


def numbers(table: pd.DataFrame, column: str) -> NDArray[Any]:
    """A column as floats; NaN where a value, or the whole column, is missing."""
    if column not in table:
        return np.full(len(table), np.nan)
    return np.asarray(table[column].to_numpy(dtype=float, na_value=np.nan))


def _doubtful(found: Detections) -> NDArray[np.bool_]:
    """Sites of whose rate the table says something: by its flag, or by a warning."""
    sites = found.summary["site"].tolist()
    warned = cautions(((f.code, f.message) for f in found.findings), sites)
    told = [bool(warned[site] or warned[""]) for site in sites]
    return np.asarray(~found.summary["rate_flag"].isna().to_numpy() | np.array(told, dtype=bool))


def _rates(axes: Axes, summary: pd.DataFrame, flagged: NDArray[np.bool_]) -> None:
    """Rates with intervals on a square-root axis, which holds 0 and 160 alike."""
    from matplotlib.ticker import FuncFormatter

    rows = np.arange(len(summary))
    rate, low, high = (numbers(summary, c) for c in ("rate_per_min", "rate_low", "rate_high"))
    axes.hlines(rows, low, high, color=BLUE, lw=1.4, label="95 % interval")
    axes.plot(rate, rows, "o", color=BLUE, ms=4.5, label="rate")
    if flagged.any():
        axes.plot(
            rate[flagged], rows[flagged], "o", color=BLUE, ms=4.5, mfc="white", zorder=3,
            label="rate with a caution (see table)",
        )  # fmt: skip
    for level, marker in (("lenient", "4"), ("strict", "3")):
        values = numbers(summary, f"rate_{level}_per_min")
        axes.plot(
            values, rows - 0.22, marker, color=BLACK, ms=6, clip_on=False,
            label=f"rate, {level} exclusion",
        )  # fmt: skip
    analysed = np.nan_to_num(numbers(summary, "analysed_s"))
    for row in rows[np.isnan(rate)]:
        why = "too short for a rate" if analysed[row] else "nothing analysed"
        axes.text(0.02, row, why, color=GREY, va="center", fontsize=7,
                  transform=axes.get_yaxis_transform(),
                  bbox={"facecolor": "white", "linewidth": 0, "pad": 1})  # fmt: skip
    # A mark beyond the axes would take the place of everything else.
    others = [numbers(summary, f"rate_{level}_per_min") for level in ("lenient", "strict")]
    top = np.nanmax(np.concatenate([rate, high, *others, [1.0]]))
    axes.set_xscale("function", functions=(_root, np.square))
    axes.set_xlim(0, 1.08 * top)
    axes.set_xticks(_root_ticks(1.08 * top))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.grid(axis="y", color=PALE, lw=0.5)
    axes.set_axisbelow(True)
    axes.set_title("fasciculations")
    axes.set_xlabel("per analysed minute")


def _root(values: Any) -> Any:
    return np.sqrt(np.maximum(values, 0))


def _root_ticks(top: float) -> list[float]:
    """Round numbers from 0 to `top` that keep clear of each other on a square-root axis."""
    ticks = [0.0]
    for tick in (0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 100, 200, 300, 500, 1000, 2000, 5000):
        if tick <= top and np.sqrt(tick) - np.sqrt(ticks[-1]) > 0.12 * np.sqrt(top):
            ticks.append(tick)
    return ticks


def _times(axes: Axes, summary: pd.DataFrame) -> None:
    """Analysed and excluded minutes, stacked."""
    rows = np.arange(len(summary))
    left = np.nan_to_num(numbers(summary, "analysed_s")) / 60
    axes.barh(rows, left, 0.6, color=SKY, ec=GREY, lw=0.4, label="analysed")
    for reason in REASONS:
        minutes = np.nan_to_num(numbers(summary, f"excluded_{reason}_s")) / 60
        if minutes.any():
            colour, hatch = REASON_LOOKS[reason]
            axes.barh(
                rows, minutes, 0.6, left, color=colour, hatch=hatch, ec=GREY, lw=0.4,
                label=f"excluded: {reason}",
            )  # fmt: skip
            left = left + minutes
    axes.set_xlim(0, max(1.05 * left.max(), 1e-3))
    axes.tick_params(axis="y", left=False)
    axes.set_title("time")
    axes.set_xlabel("minutes")


def _amplitudes(axes: Axes, summary: pd.DataFrame) -> None:
    """Quartiles of the amplitudes and what could have been seen."""
    rows = np.arange(len(summary))
    median, low, high, limit = (
        numbers(summary, c)
        for c in ("amplitude_median_uv", "amplitude_q1_uv", "amplitude_q3_uv", "detectable_uv")
    )
    axes.hlines(rows, low, high, color=BLUE, lw=4, alpha=0.45, label="middle half of amplitudes")
    axes.plot(median, rows, "|", color=BLUE, ms=9, mew=1.6, label="median amplitude")
    axes.plot(limit, rows, "D", color=RED, ms=4, mfc="none", label="9 in 10 found from here on")
    values = np.concatenate([median, low, high, limit])
    plain_log(axes.xaxis, values)
    if not np.isfinite(values).any():
        say_in(axes, "none known")
        axes.set_xticks([])
    axes.tick_params(axis="y", left=False)
    axes.set_title("amplitude")
    axes.set_xlabel("peak to peak (µV)")
