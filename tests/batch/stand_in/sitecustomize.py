"""Put on the path of a run, this replaces the detector by a quick one that can be made to fail.

The batch is what is tested: a recording whose name says so kills its process, crashes it, fills the
memory, hangs, or fails once and then succeeds. All others get events from plain arithmetic.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType


def detect(recording, config):
    """Every 50th sample over 3 µV of the first second of each site, as events."""
    from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, table
    from emgdetect.detections import Detections

    _misbehave(recording.name)
    events, summary = [], []
    for site in recording.sites:
        label = recording.channels[site.channels[0]].name
        block = recording.read(site.channels, 0, 0, min(1000, int(site.sampling_hz)))
        times = [i / site.sampling_hz for i in range(0, block.shape[1], 50) if block[0, i] > 3]
        events += [
            {"onset": t, "duration": 0.01, "site": site.name, "channel": label,
             "verdict": "fasciculation", "peak_s": t + 0.005, "amplitude_uv": 20.0 + t}
            for t in times
        ]  # fmt: skip
        summary.append(
            {
                "site": site.name,
                "n_channels": len(site.channels),
                "n_fasciculations": len(times),
                "rate_per_min": 60.0 * len(times),
            }
        )
    events.sort(key=lambda row: (row["onset"], row["site"]))
    return Detections(table(events, EVENTS), table(summary, SUMMARY), table([], EXCLUDED), config)


def _misbehave(name: str) -> None:
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
        raise MemoryError
    if "fault" in name:
        raise KeyError("a fault on purpose")
    if "once" in name:
        mark = Path(os.environ["STAND_IN_MARKS"], name)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, _path=None, _target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == "emgdetect.analysis" else None

    def create_module(self, spec):
        module = ModuleType(spec.name)
        module.detect = detect
        return module

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, _Finder())
