"""Finds fasciculations in surface EMG.

Public names load lazily, so that `import emgdetect` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from emgdetect._version import __version__

if TYPE_CHECKING:
    from emgdetect.analysis import detect as detect
    from emgdetect.config import Config as Config
    from emgdetect.detections import Detections as Detections
    from emgdetect.findings import EdfError as EdfError
    from emgdetect.plot import plot_comparison as plot_comparison
    from emgdetect.plot import plot_recording as plot_recording
    from emgdetect.plot import plot_summary as plot_summary
    from emgdetect.plot import plot_units as plot_units
    from emgdetect.readers import read_recording as read_recording
    from emgdetect.recording import Recording as Recording
    from emgdetect.scoring import score as score
    from emgdetect.simulation import simulate as simulate
    from emgdetect.stats.compare import compare_folder as compare_folder
    from emgdetect.stats.pairing import compare_recordings as compare_recordings

_HOMES = {
    "Config": "config",
    "Detections": "detections",
    "EdfError": "findings",
    "Recording": "recording",
    "compare_folder": "stats.compare",
    "compare_recordings": "stats.pairing",
    "detect": "analysis",
    "plot_comparison": "plot",
    "plot_recording": "plot",
    "plot_summary": "plot",
    "plot_units": "plot",
    "read_recording": "readers",
    "score": "scoring",
    "simulate": "simulation",
}
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 (the names are strings, the linter cannot see it)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
