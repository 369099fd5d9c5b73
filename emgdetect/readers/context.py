"""What the side-cars and the names around a recording add to it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emgdetect.findings import Finding, finding
from emgdetect.readers.labels import is_needle
from emgdetect.readers.sidecar import Surroundings
from emgdetect.readers.text import clean_text
from emgdetect.recording import Recording

_NEEDLE_FACTS = ("ElectrodeType", "RecordingType", "EMGPlacementSchemeDescription")
_KEPT_FACTS = {
    "EMGReference": "reference",
    "EMGGround": "ground",
    "EMGPlacementScheme": "placement",
    "InterelectrodeDistance": "spacing_mm",
    "PowerLineFrequency": "mains_hz",
    "SamplingFrequency": "sidecar_sampling_hz",
    "SoftwareFilters": "software_filters",
    "HardwareFilters": "hardware_filters",
    "TaskName": "task",
}
"""BIDS-EMG fields that travel with the results, and their names in `Recording.details`."""


def with_surroundings(recording: Recording, surroundings: Surroundings) -> Recording:
    """The recording with its kind, the montage where known, and conflicts with the side-car."""
    facts = surroundings.facts
    findings = [*surroundings.findings, *_rate_conflict(recording, facts)]
    needle = recording.kind == "needle" or _needle(recording, facts)
    details = {**recording.details, **_kept(facts)}
    spacing = details.get("spacing_mm")
    known = spacing if isinstance(spacing, (int, float)) else math.nan
    channels = tuple(
        replace(channel, spacing_mm=known)
        if channel.analysed and math.isnan(channel.spacing_mm) else channel
        for channel in recording.channels
    )  # fmt: skip
    return replace(
        recording, channels=channels, kind="needle" if needle else "surface", details=details,
        findings=(*recording.findings, *findings),
    )  # fmt: skip


def _needle(recording: Recording, facts: Mapping[str, Any]) -> bool:
    """Whether labels, side-car or the file's name speak of a needle."""
    texts = [channel.name for channel in recording.channels if channel.analysed]
    texts += [str(facts[key]) for key in _NEEDLE_FACTS if key in facts]
    return any(map(is_needle, [recording.name, *texts]))


def _kept(facts: Mapping[str, Any]) -> dict[str, object]:
    """Side-car facts for the provenance, texts made safe, ``n/a`` left out."""
    kept: dict[str, object] = {}
    for field, name in _KEPT_FACTS.items():
        value = facts.get(field)
        if isinstance(value, str):
            value = clean_text(value, limit=200)
        elif isinstance(value, (int, float)):
            value = value if math.isfinite(value) else None
        else:
            value = clean_text(json.dumps(value), limit=500) if value else None
        if value is not None and value != "n/a":
            kept[name] = value
    return kept


def _rate_conflict(recording: Recording, facts: Mapping[str, Any]) -> list[Finding]:
    said = facts.get("SamplingFrequency")
    rates = {channel.sampling_hz for channel in recording.channels if channel.analysed}
    if not isinstance(said, (int, float)) or not rates or said in rates:
        return []
    header = ", ".join(f"{rate:g}" for rate in sorted(rates))
    return [finding("rate-conflict", f"The side-car says {said:g} Hz, the header {header} Hz.")]
