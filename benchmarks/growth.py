"""What the measurements of `speed` and `memory` amount to: `results/growth.md` and `growth.png`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from emgdetect.plot.style import BLACK, BLUE, GREY, RED, plain_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESULTS = Path(__file__).parent / "results"

AVID_S = (10.7, 49.5)
"""Published seconds per 30-minute recording, measured by others (Bashford et al. 2020)."""

BAR = 2.0
"""What the command may take, in times of the floor."""

BAR_MB = 1024.0


def write_growth() -> None:
    """Write text and figure from whichever of the tables are there."""
    parts = ["# Time and memory of the whole command", ""]
    speed, stages, memory = (_table(name) for name in ("speed", "stages", "memory"))
    if speed is not None:
        parts += speed_lines(speed)
    if stages is not None:
        parts += stage_lines(stages)
    if memory is not None:
        parts += memory_lines(memory)
    (RESULTS / "growth.md").write_text("\n".join(parts), encoding="utf-8")
    if speed is not None and memory is not None:
        draw(speed, memory)


def _table(name: str) -> pd.DataFrame | None:
    path = RESULTS / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=False) if path.exists() else None


def speed_lines(speed: pd.DataFrame) -> list[str]:
    """Table of times against the floor."""
    wide = speed.pivot(index=["minutes", "channels", "samples"], columns="what").reset_index()
    lines = [
        "`emgdetect run … --no-report --no-recovery` against the floor (edfio reads the file, one"
        " `sosfiltfilt` over it), measured one after the other; load is the machine's when the"
        " command began.",
        "",
        "| recording | M samples | floor s | emgdetect s | ratio | ns/sample | processor s, floor"
        " and emgdetect | load |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for _, row in wide.iterrows():
        ours, floor = row["seconds", "emgdetect"], row["seconds", "floor"]
        lines.append(
            f"| {row['minutes', '']:g} min × {row['channels', '']:g}"
            f" | {row['samples', ''] / 1e6:.1f} | {floor:.1f} | {ours:.1f} | {ours / floor:.2f}"
            f" | {ours / row['samples', ''] * 1e9:.0f} | {row['cpu_seconds', 'floor']:.1f},"
            f" {row['cpu_seconds', 'emgdetect']:.1f} | {row['load', 'emgdetect']:.1f} |"
        )
    return [
        *lines,
        f"| AVID, 30 min, **measured by others** on other machines | | | {AVID_S[0]}–{AVID_S[1]} |"
        " | | | | |",
        "",
        f"Between the shortest and the longest grid of 64 channels time grows as samples to the"
        f" power {exponent(speed):.2f}; what a command costs to start is in it.",
        "",
    ]


def exponent(speed: pd.DataFrame) -> float:
    """Power of the number of samples with which our time grows, on the grids of most channels."""
    ours = speed[(speed.what == "emgdetect") & (speed.channels == speed.channels.max())]
    first, last = ours.samples.idxmin(), ours.samples.idxmax()
    if first == last:
        return float("nan")
    ratio = ours.seconds[last] / ours.seconds[first]
    return float(np.log(ratio) / np.log(ours.samples[last] / ours.samples[first]))


def stage_lines(stages: pd.DataFrame) -> list[str]:
    """Where the time of the largest recording goes."""
    samples = stages.minutes * stages.channels
    largest = stages[samples == samples.max()]
    first = largest.iloc[0]
    lines = [
        f"Stages of {first.minutes:g} min × {first.channels} channels:",
        "",
        "| stage | s | ns/sample | share |",
        "|---|--:|--:|--:|",
    ]
    lines += [
        f"| {row.stage} | {row.seconds:.2f} | {row.ns_per_sample:.1f} | {row.share:.0%} |"
        for row in largest.itertuples()
    ]
    return [*lines, ""]


def memory_lines(memory: pd.DataFrame) -> list[str]:
    """Table of peak memory."""
    lines = [
        "Peak memory, in MB: of the largest process (resident), and of all processes together"
        " (pages they share counted once).",
        "",
        "| recording | options | largest process | all | s |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {row.minutes:g} min × {row.channels} × {row.hz} Hz | {row.options or 'with all'}"
        f" | {row.largest_process_mb} | {row.all_processes_mb} | {row.seconds} |"
        for row in memory.itertuples()
    ]
    return [*lines, ""]


def draw(speed: pd.DataFrame, memory: pd.DataFrame) -> None:
    """Time against samples and memory against length."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_time(left, speed)
    _draw_memory(right, memory)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(RESULTS / "growth.png", dpi=110)


def _draw_time(axes: Axes, speed: pd.DataFrame) -> None:
    for what, colour in (("floor", GREY), ("emgdetect", BLUE)):
        rows = speed[speed.what == what].sort_values("samples")
        grid = rows.channels == rows.channels.max()
        axes.loglog(rows.samples[grid] / 1e6, rows.seconds[grid], "o-", color=colour, label=what)
        axes.loglog(rows.samples[~grid] / 1e6, rows.seconds[~grid], "o", color=colour, mfc="none",
                    label=f"{what}, 1 or 4 channels")  # fmt: skip
    floor = speed[(speed.what == "floor") & (speed.channels == speed.channels.max())]
    floor = floor.sort_values("samples")
    axes.loglog(floor.samples / 1e6, BAR * floor.seconds, "--", color=RED, lw=1,
                label=f"{BAR:g} × floor")  # fmt: skip
    axes.set(xlabel="samples (millions)", ylabel="time (s)")
    plain_log(axes.xaxis, speed.samples / 1e6)
    plain_log(axes.yaxis, speed.seconds)


def _draw_memory(axes: Axes, memory: pd.DataFrame) -> None:
    kinds = memory.groupby(["channels", "hz", "options"], sort=False)
    for (channels, hz, options), rows in kinds:
        marker = "o-" if channels == memory.channels.max() else "s-"
        label = f"{channels} × {hz} Hz{'' if options else ', with report and recovery'}"
        axes.semilogx(rows.minutes, rows.all_processes_mb, marker, label=label,
                      color=BLUE if options else BLACK)  # fmt: skip
    axes.axhline(BAR_MB, color=RED, ls="--", lw=1)
    plain_log(axes.xaxis, memory.minutes)
    axes.set(xlabel="length (min)", ylabel="peak memory of all processes (MB)", ylim=(0, None))
