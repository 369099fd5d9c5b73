"""How much memory the whole command needs, by length of the recording.

``python -m benchmarks.memory`` runs it on 64 channels × 2048 Hz of growing length and on a day of 4
channels × 1 kHz, watches all its processes, and writes `results/memory.csv`: some 8 min on 2 cores
at rest and 8 GB on the disk of ``--folder``; ``--full`` takes four times as long. Two figures: the
largest resident memory of any one process (its peak as the system reports it), and the largest sum
over all processes with shared pages counted once (PSS), sampled.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import psutil

from benchmarks.growth import RESULTS, write_growth
from benchmarks.large import write_large

COLUMNS = (
    "minutes",
    "channels",
    "hz",
    "options",
    "largest_process_mb",
    "all_processes_mb",
    "seconds",
)
EVERY_S = 0.1
SIZES = ((5, 64, 2048), (30, 64, 2048), (480, 64, 2048), (1440, 4, 1000))
"""Minutes, channels and Hz; the file of 8 h has 7.5 GB."""

PLAIN = ("--no-report", "--no-recovery")


def watch(command: list[str]) -> tuple[float, float, float]:
    """Run a command; largest process and sum of all, in MB, and seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    parent = psutil.Process(process.pid)
    largest = together = 0.0
    ended = 0
    while not ended:
        sizes = [_memory(member) for member in _family(parent)]
        largest = max([largest, *(rss for rss, _ in sizes)])
        together = max(together, sum(pss for _, pss in sizes))
        time.sleep(EVERY_S)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode}")
    return max(largest, usage.ru_maxrss / 1024), together, time.perf_counter() - began


def _family(parent: psutil.Process) -> list[psutil.Process]:
    try:
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _memory(process: psutil.Process) -> tuple[float, float]:
    """Resident and proportional memory of a process, in MB; 0 if it has just ended."""
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0.0, 0.0
    return full.rss / 2**20, getattr(full, "pss", full.rss) / 2**20


def measure(
    folder: Path, minutes: float, channels: int, hz: int, options: tuple[str, ...]
) -> dict[str, str]:
    """One row of the table."""
    path = folder / f"grid_{minutes:g}min_{channels}ch_{hz}hz.edf"
    write_large(path, minutes=minutes, n_channels=channels, sampling_hz=hz)
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "emgdetect", "run", os.fspath(path), "--out", os.fspath(out)]
    largest, together, seconds = watch([*command, *options])
    values = (f"{minutes:g}", channels, hz, " ".join(options), f"{largest:.0f}", f"{together:.0f}",
              f"{seconds:.1f}")  # fmt: skip
    return dict(zip(COLUMNS, map(str, values), strict=True))


def main() -> None:
    """Entry point of ``python -m benchmarks.memory``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--up-to", type=float, default=1440, help="longest recording, in minutes")
    parser.add_argument("--full", action="store_true", help="with report and recovery, too")
    parser.add_argument("--folder", type=Path, help="where the recordings are kept")
    given = parser.parse_args()
    sizes = [size for size in SIZES if size[0] <= given.up_to]
    choices = (PLAIN, ()) if given.full else (PLAIN,)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for options, size in product(choices, sizes):
            rows.append(measure(given.folder or Path(temporary), *size, options))
            print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
            write(rows)
    write_growth()


def write(rows: list[dict[str, str]]) -> None:
    """Write what was measured so far."""
    with (RESULTS / "memory.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
