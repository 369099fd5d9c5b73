"""Put on the path of a run, this replaces the detector by a quick one that can be made to fail.

The batch is what is tested: a recording whose name says so kills its process, crashes it, fills the
memory, hangs (in reading, if asked), or fails once and then succeeds. All others get events from
plain arithmetic.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType


def detect(recording, config, *, n_threads, recovery, progress):
    """Every 50th sample over 1 µV of the first second of each site, as events."""
    from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, table
    from emgdetect.detections import Detections

    assert n_threads >= 1
    assert recovery in (True, False)
    progress("BICEPS L: units (1 of 1 site)", 0.4)
    _misbehave(recording.name, n_threads)
    events, summary = [], []
    for site in recording.sites:
        label = recording.channels[site.channels[0]].name
        block = recording.read(site.channels, 0, 0, min(1000, int(site.sampling_hz)))
        times = [i / site.sampling_hz for i in range(0, block.shape[1], 50) if block[0, i] > 1]
        events += [
            {"onset": t, "duration": 0.01, "site": site.name, "channel": label,
             "verdict": "fasciculation", "peak_s": t + 0.005, "amplitude_uv": 20.0 + t}
            for t in times
        ]  # fmt: skip
        summary.append(
            {
                "site": site.name,
                "n_channels": len(site.channels),
                "analysed_s": 60.0,
                "n_fasciculations": len(times),
                "rate_per_min": 60.0 * len(times),
            }
        )
    events.sort(key=lambda row: (row["onset"], row["site"]))
    return Detections(
        table(events, EVENTS), table(summary, SUMMARY), table([], EXCLUDED), config,
        findings=recording.findings,
    )  # fmt: skip


def _misbehave(name: str, n_threads: int) -> None:
    slow = os.environ.get("STAND_IN_SECONDS")
    if slow:
        time.sleep(float(slow))
    if "hang" in name:
        time.sleep(600)
    if "crash" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "kill" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    if "memory" in name:
        _exhaust_memory()
    if "threads" in name:
        told = f"{n_threads}-{os.environ['OPENBLAS_NUM_THREADS']}"
        Path(os.environ["STAND_IN_MARKS"], f"{name}-{told}").touch()
    if "fault" in name:
        raise KeyError("a fault on purpose")
    if "slow" in name:
        _wait_for_interference()
    if "enospc" in name:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "fill" in name and "STAND_IN_DISK" in os.environ:
        _fill(Path(os.environ["STAND_IN_DISK"]))
    if "once" in name:
        mark = Path(os.environ["STAND_IN_MARKS"], name)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def _exhaust_memory() -> None:
    """Take more memory than this process may have."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    bytearray(16 << 30)


def _wait_for_interference() -> None:
    """Say that the reading has begun, and give the test a second to change the input."""
    out = Path(os.environ["STAND_IN_MARKS"], "out", ".work", "analyse-slow")
    (out / "began").touch()
    time.sleep(1.0)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\1" * 4096)
            file.flush()


def _kill_at_move(n: int) -> None:
    """Have the process that was started as `emgdetect` die at its n-th move of a file."""
    real, left = os.replace, [n]

    def replace(*arguments, **options):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    os.replace = replace


def _kill_at_change(n: int) -> None:
    """Have the process die right before it changes the file system for the n-th time."""
    left, changes = [n], {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}

    def watch(event, arguments):
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in changes:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def _stall(where: str) -> None:
    """Have a read of the header, or of the samples, of `stall.edf` not come back."""
    real, marks = os.pread, Path(os.environ["STAND_IN_MARKS"])

    def pread(fd, n_bytes, offset):
        stalling = (offset == 0) == (where == "header")
        if stalling and os.path.samestat(os.fstat(fd), (marks / "in" / "stall.edf").stat()):
            (marks / f"stalled-{where}").touch()
            time.sleep(600)
        return real(fd, n_bytes, offset)

    os.pread = pread


if "STAND_IN_STALL" in os.environ:
    _stall(os.environ["STAND_IN_STALL"])


if "STAND_IN_KILL_AT" in os.environ:
    _kill_at_move(int(os.environ.pop("STAND_IN_KILL_AT")))


if "STAND_IN_KILL_AT_CHANGE" in os.environ:
    _kill_at_change(int(os.environ.pop("STAND_IN_KILL_AT_CHANGE")))


def preload(*, with_report):
    """Only what the stand-in needs."""
    assert with_report in (True, False)
    importlib.import_module("emgdetect.batch.work")
    importlib.import_module("pandas")


CONTENT = {"emgdetect.analysis": detect, "emgdetect.batch.preload": preload}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, _path=None, _target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in CONTENT else None

    def create_module(self, spec):
        module = ModuleType(spec.name)
        setattr(module, CONTENT[spec.name].__name__, CONTENT[spec.name])
        return module

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, _Finder())
