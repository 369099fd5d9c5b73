"""How fast is the whole command, against the floor: reading with edfio and one SciPy band-pass.

``python -m benchmarks.speed`` measures both in one run on a grid of 64 channels × 2048 Hz × 30 min
and prints seconds, ns per sample and the stages' shares; ``--growth`` adds other lengths and fewer
channels and writes `results/speed.csv`, `results/stages.csv` and what `benchmarks.growth` makes of
them (some 4 min on 2 cores at rest). Seconds on the wall need a machine that is at rest; processor
seconds and the load when a command began stand beside them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.growth import AVID_S, RESULTS, write_growth
from benchmarks.large import write_large

GROWTH = ((1, 64), (5, 64), (30, 64), (30, 4), (30, 1), (120, 4))
"""Minutes and channels."""

OUTSIDE = ("open", "write", "report")
"""Stages that are no part of ``detect``."""

FLOOR = """
import sys, edfio
from scipy.signal import butter, sosfiltfilt
edf = edfio.read_edf(sys.argv[1])
for signal in edf.signals:
    sos = butter(4, (25, 500), "bandpass", fs=signal.sampling_frequency, output="sos")
    sosfiltfilt(sos, signal.data)
"""


@dataclass(frozen=True)
class Measured:
    """One command on one recording.

    Attributes
    ----------
    what : str
        ``floor`` or ``emgdetect``.
    minutes, channels, samples
        Of the recording.
    seconds, cpu_seconds : float
        By the clock on the wall, and of all processes together.
    peak_mb : float
        Largest resident memory of any of its processes.
    load : float
        Of the machine over the minute before.
    """

    what: str
    minutes: float
    channels: int
    samples: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    load: float

    @property
    def ns_per_sample(self) -> float:
        """Nanoseconds on the wall per sample."""
        return self.seconds / self.samples * 1e9


@dataclass(frozen=True)
class Stage:
    """Seconds on the wall of one stage of the command, and its share of the whole."""

    minutes: float
    channels: int
    stage: str
    seconds: float
    ns_per_sample: float
    share: float


def measure(what: str, command: list[str], *, minutes: float, channels: int, hz: int) -> Measured:
    """Run a command and measure it with all its children.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    load = os.getloadavg()[0]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{what} ended with exit status {process.returncode}")
    samples = round(minutes * 60 * hz) * channels
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(what, minutes, channels, samples, seconds, cpu, usage.ru_maxrss / 1024, load)


def compare(
    folder: Path, *, minutes: float, channels: int, hz: int
) -> tuple[Measured, Measured, dict[str, float]]:
    """Floor, command, and the seconds of the command's stages, on one recording."""
    name = f"grid_{minutes:g}min_{channels}ch"
    path = write_large(folder / f"{name}.edf", minutes=minutes, n_channels=channels, sampling_hz=hz)
    _read_through(path)
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    floor = [sys.executable, "-c", FLOOR, os.fspath(path)]
    ours = [sys.executable, "-m", "emgdetect", "run", os.fspath(path), "--out", os.fspath(out),
            "--no-report", "--no-recovery"]  # fmt: skip
    size = {"minutes": minutes, "channels": channels, "hz": hz}
    first = measure("floor", floor, **size)  # type: ignore[arg-type]
    second = measure("emgdetect", ours, **size)  # type: ignore[arg-type]
    stages = json.loads((out / name / "run.json").read_text("utf-8"))["seconds"]
    return first, second, stages


def _read_through(path: Path) -> None:
    """Read a file once, so that both commands find it in the page cache as far as it fits."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def stages_of(ours: Measured, told: dict[str, float]) -> list[Stage]:
    """Stages of a run as `run.json` tells them, and what lies outside of them."""
    inside = {name: seconds for name, seconds in told.items() if name != "detect"}
    between = told.get("detect", 0.0) - sum(
        seconds for name, seconds in inside.items() if name not in OUTSIDE
    )
    inside["judge, summarise"] = between
    inside["start, end"] = ours.seconds - sum(inside.values())
    return [
        Stage(ours.minutes, ours.channels, name, seconds, seconds / ours.samples * 1e9,
              seconds / ours.seconds)
        for name, seconds in inside.items()
    ]  # fmt: skip


def show(floor: Measured, ours: Measured, stages: Sequence[Stage]) -> None:
    """Print a comparison."""
    print(f"\n{ours.channels} channels, {ours.minutes:g} min, {ours.samples / 1e6:.0f} M samples")
    for row in (floor, ours):
        print(
            f"  {row.what:<10} {row.seconds:8.2f} s  {row.ns_per_sample:7.1f} ns/sample"
            f"  {row.cpu_seconds:8.2f} s of processors  {row.peak_mb:6.0f} MB  load {row.load:.1f}"
        )
    print(f"  emgdetect / floor: {ours.seconds / floor.seconds:.2f} by the clock,"
          f" {ours.cpu_seconds / floor.cpu_seconds:.2f} of processors")  # fmt: skip
    for stage in stages:
        print(f"    {stage.stage:<16} {stage.seconds:8.2f} s  {stage.ns_per_sample:7.1f} ns/sample"
              f"  {stage.share:4.0%}")  # fmt: skip


def main() -> None:
    """Entry point of ``python -m benchmarks.speed``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--hz", type=int, default=2048)
    parser.add_argument("--growth", action="store_true", help="other lengths and channels, too")
    parser.add_argument("--folder", type=Path, help="where the recordings are kept")
    given = parser.parse_args()
    sizes = GROWTH if given.growth else ((given.minutes, given.channels),)
    print(f"cores: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}")
    rows: list[Measured] = []
    stages: list[Stage] = []
    with tempfile.TemporaryDirectory() as temporary:
        for minutes, channels in sizes:
            folder = given.folder or Path(temporary)
            floor, ours, told = compare(folder, minutes=minutes, channels=channels, hz=given.hz)
            stages += stages_of(ours, told)
            rows += [floor, ours]
            show(floor, ours, [s for s in stages if (s.minutes, s.channels) == (minutes, channels)])
    print(f"\nAVID, published, by others on other machines: {AVID_S[0]} to {AVID_S[1]} s"
          " per 30-minute recording")  # fmt: skip
    if given.growth:
        write("speed", rows)
        write("stages", stages)
        write_growth()


def write(name: str, rows: Sequence[Measured] | Sequence[Stage]) -> None:
    """Write a table into `results`."""
    with (RESULTS / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(asdict(rows[0])), lineterminator="\n")
        table.writeheader()
        table.writerows({key: _cell(value) for key, value in asdict(row).items()} for row in rows)


def _cell(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value


if __name__ == "__main__":
    main()
