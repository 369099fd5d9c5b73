"""How fast is the whole command, against the floor: reading with edfio and one SciPy band-pass.

``python -m benchmarks.speed`` measures both in one run on a grid of 64 channels × 2048 Hz × 30 min
and prints seconds, ns per sample and the stages' shares; ``--growth`` adds shorter recordings and
fewer channels and writes `results/speed.csv`. Wall-clock figures need a machine that is at rest;
processor seconds stand beside them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.large import write_large

RESULTS = Path(__file__).parent / "results" / "speed.csv"
GROWTH = ((1, 64), (5, 64), (30, 64), (30, 4), (30, 1), (120, 4))
"""Minutes and channels."""

AVID_S = (10.7, 49.5)
"""Published seconds per 30-minute recording, measured by others (Bashford 2020, in `field.md`)."""

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
    """

    what: str
    minutes: float
    channels: int
    samples: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def ns_per_sample(self) -> float:
        """Nanoseconds on the wall per sample."""
        return self.seconds / self.samples * 1e9


def measure(what: str, command: list[str], *, minutes: float, channels: int, hz: int) -> Measured:
    """Run a command and measure it with all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    samples = round(minutes * 60 * hz) * channels
    peak_mb = after.ru_maxrss / 1024
    return Measured(what, minutes, channels, samples, seconds, cpu, peak_mb)


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


def show(floor: Measured, ours: Measured, stages: dict[str, float]) -> None:
    """Print a comparison."""
    print(f"\n{ours.channels} channels, {ours.minutes:g} min, {ours.samples / 1e6:.0f} M samples")
    for row in (floor, ours):
        print(
            f"  {row.what:<10} {row.seconds:8.2f} s  {row.ns_per_sample:7.1f} ns/sample"
            f"  {row.cpu_seconds:8.2f} s of processors  {row.peak_mb:6.0f} MB"
        )
    print(f"  emgdetect / floor: {ours.seconds / floor.seconds:.2f} by the clock,"
          f" {ours.cpu_seconds / floor.cpu_seconds:.2f} of processors")  # fmt: skip
    inside = {name: s for name, s in stages.items() if name not in ("detect",)}
    for name, seconds in inside.items():
        print(f"    {name:<10} {seconds:8.2f} s  {seconds / ours.samples * 1e9:7.1f} ns/sample")
    print(f"    start and rest {ours.seconds - sum(inside.values()):.2f} s")


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
    with tempfile.TemporaryDirectory() as temporary:
        for minutes, channels in sizes:
            folder = given.folder or Path(temporary)
            found = compare(folder, minutes=minutes, channels=channels, hz=given.hz)
            show(*found)
            rows += found[:2]
    print(f"\nAVID, published, by others on other machines: {AVID_S[0]} to {AVID_S[1]} s"
          " per 30-minute recording")  # fmt: skip
    if given.growth:
        write(rows)


def write(rows: list[Measured]) -> None:
    """Write `results/speed.csv`."""
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(asdict(rows[0])), lineterminator="\n")
        table.writeheader()
        table.writerows({key: _cell(value) for key, value in asdict(row).items()} for row in rows)


def _cell(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value


if __name__ == "__main__":
    main()
