"""benchmarks/batch.md quotes the committed tables, and its estimate follows from them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parents[2] / "benchmarks"
RESULTS = HERE / "results"
TEXT = " ".join((HERE / "batch.md").read_text(encoding="utf-8").split())
N_RECORDINGS, N_CORES = 100_000, 1_000
GRID_BYTES = 2 * 64 * 2048 * 30 * 60
STAGES = {
    "scan": "scan", "pursuit": "pursuit", "start and end": "start, end", "units": "units",
    "survey": "survey", "measuring": "measure", "judging": "judge", "heart": "heart",
}  # fmt: skip


def run(what: str, minutes: int, channels: int) -> pd.Series:
    """A row of the committed table of speed."""
    speed = pd.read_csv(RESULTS / "speed.csv")
    mine = (speed["what"] == what) & (speed["minutes"] == minutes) & (speed["channels"] == channels)
    assert mine.sum() == 1
    return speed[mine].iloc[0]


def test_time_and_ratio_are_those_of_the_committed_runs() -> None:
    ours, floor = run("emgdetect", 30, 64), run("floor", 30, 64)
    assert (
        f"(load {ours.load:.1f}): the whole command on 30 min of 64 channels × 2048 Hz "
        f"({ours.samples / 1e6:.0f} million samples) took {ours.seconds:.1f} s"
    ) in TEXT
    assert (
        f"band-pass) {floor.seconds:.1f} s: **{ours.seconds / floor.seconds:.2f} times by the "
        f"clock**, {ours.cpu_seconds / floor.cpu_seconds:.2f} times of processors, "
        f"{ours.peak_mb:.0f} MB at its peak"
    ) in TEXT
    few, floor = run("emgdetect", 120, 4), run("floor", 120, 4)
    said = f"2 h of 4 channels take {few.seconds:.1f} s, {few.seconds / floor.seconds:.2f} times"
    assert said in TEXT


def test_shares_of_stages_are_those_of_the_committed_run() -> None:
    stages = pd.read_csv(RESULTS / "stages.csv").query("minutes == 30 and channels == 64")
    shares = stages.set_index("stage")["share"]
    told = TEXT.split("Shares by the clock: ")[1].split(". ")[0]
    expected = [f"{name} {100 * shares[stage]:.0f} %" for name, stage in STAGES.items()]
    assert sorted(told.split(", ")) == sorted(expected)


def test_peaks_of_memory_are_those_of_the_committed_runs() -> None:
    memory = pd.read_csv(RESULTS / "memory.csv").set_index(["minutes", "channels"])
    largest, every = memory["largest_process_mb"], memory["all_processes_mb"]
    told = TEXT.split("Measured by `python -m benchmarks.memory`")[1].split("With report")[0]
    for key in memory.index:
        assert f"{largest[key]:g} " in told.replace("**", "") and f"({every[key]:g})" in told
    assert f"{100 * (largest[480, 64] / largest[5, 64] - 1):.0f} % more than for 5 min" in told
    assert f"(all together {100 * (every[480, 64] / every[5, 64] - 1):.0f} %)" in told


def test_the_estimate_follows_from_processor_seconds() -> None:
    ours = run("emgdetect", 30, 64)
    seconds = round(ours.cpu_seconds, 1)
    assert f"took {seconds} processor seconds for it" in TEXT
    assert f"{1e6 * seconds / ours.samples:.2f} µs per sample" in TEXT
    assert f"{N_RECORDINGS * seconds / 3600:.0f} core hours" in TEXT
    assert f"on 1,000 cores | {N_RECORDINGS * seconds / N_CORES / 60:.0f} minutes" in TEXT
    assert f"100,000 × {seconds} s" in TEXT
    per_core_mb = GRID_BYTES / 1e6 / seconds
    assert f"meanwhile | {N_CORES * per_core_mb / 1000:.0f} GB/s" in TEXT
    assert f"each core asks for {per_core_mb:.0f} MB/s" in TEXT
    assert f"{N_CORES / seconds:.0f} per second, 2,000 at a time" in TEXT
    assert f"{16 * N_CORES / seconds:.0f} per second | 16 files" in TEXT
    assert f"feeds some {round(5000 / per_core_mb, -1):.0f} cores" in TEXT
    hours = N_RECORDINGS * GRID_BYTES / 5e9 / 3600
    assert f"takes {hours:.1f} hours" in TEXT


def test_what_recovery_adds_is_what_was_measured() -> None:
    page = (RESULTS / "recovery.md").read_text(encoding="utf-8").split("## What it costs")[1]
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")][2:]
    ratios = [float(cells[-2]) for cells in rows]
    assert len(ratios) > 1
    assert f"recovery adds {min(ratios):.2f} to {max(ratios):.2f} of the detection" in TEXT
