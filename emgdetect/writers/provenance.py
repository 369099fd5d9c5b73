"""How the result came about: `run.json`."""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import math
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect._version import __version__
from emgdetect.writers.tables import write_json

if TYPE_CHECKING:
    from emgdetect.detections import Detections
    from emgdetect.findings import Finding
    from emgdetect.recording import Channel, Recording

LIBRARIES = ("numpy", "scipy", "pandas", "edfio", "mne")
_MONTAGE = ("group", "row", "column", "reference", "spacing_mm", "prefilter")


def provenance(
    recording: Recording, found: Detections, *, extra: Mapping[str, Any], with_start: bool = False
) -> dict[str, Any]:
    """Everything that tells how a result came about, as JSON-able values.

    Parameters
    ----------
    recording : Recording
    found : Detections
    extra : mapping
        What the caller adds: input, options, seconds of its own stages, fingerprint.
    with_start : bool
        Whether the date and time of the recording may be told.

    Returns
    -------
    dict
        Numbers that are not finite are ``None``.
    """
    content = {
        "emgdetect": __version__,
        **extra,
        "config": found.config.model_dump(mode="json"),
        "recording": _recording(recording, with_start=with_start),
        "findings": [_finding(finding) for finding in found.findings],
        "seconds": {**extra.get("seconds", {}), **found.seconds},
        "details": {**recording.details, **found.details},
        "software": software(),
    }
    plain: dict[str, Any] = jsonable(content)
    return plain


def write_provenance(path: Path, content: Mapping[str, Any]) -> None:
    """Write `run.json`, atomically; it is written last and so marks a complete result."""
    write_json(path, content)


@functools.cache
def software() -> dict[str, str]:
    """Versions of Python, of the libraries that compute, and the kind of machine."""
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), **versions, "platform": sys.platform}


def _recording(recording: Recording, *, with_start: bool) -> dict[str, Any]:
    start = recording.start.isoformat() if with_start and recording.start else None
    return {
        "name": recording.name,
        "kind": recording.kind,
        "start": start,
        "recorded_s": recording.recorded_s,
        "segments": [
            {"start_s": segment.start_s, "duration_s": segment.duration_s}
            for segment in recording.segments
        ],
        "sites": {
            site.name: [_channel(recording.channels[i]) for i in site.channels]
            for site in recording.sites
        },
        "not_analysed": {c.name: c.skip or c.kind for c in recording.channels if not c.analysed},
    }


def _channel(channel: Channel) -> dict[str, Any]:
    known = {name: getattr(channel, name) for name in _MONTAGE}
    montage = {name: value for name, value in known.items() if jsonable(value) not in (None, "")}
    return {
        "name": channel.name,
        "sampling_hz": channel.sampling_hz,
        "unit": channel.unit,
        **montage,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    entry = dataclasses.asdict(finding)
    return {key: value for key, value in entry.items() if value not in (None, "")}


def jsonable(value: Any) -> Any:
    """The same value in the types of JSON; numbers that are not finite become ``None``."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(entry) for key, entry in value.items()}
    if isinstance(value, str | bool | int) or value is None:
        return value
    if hasattr(value, "tolist"):
        return jsonable(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)
