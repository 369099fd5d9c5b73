"""What is in these files, and what would be analysed: `emgdetect check` without detecting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect.findings import EdfError, Finding, finding
from emgdetect.readers import inspect_recording
from emgdetect.readers.examine import require_emg
from emgdetect.readers.text import clean_text
from emgdetect.recording import Channel, Recording, Segment

if TYPE_CHECKING:
    from emgdetect.readers.tables import SiteTable

MANY = 8
"""Alike channels from this number on are printed as one line."""


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """What one file holds.

    Attributes
    ----------
    path : Path
    refused : bool
        Whether `emgdetect run` would refuse it.
    format : str
        Empty if it could not be read at all.
    kind : str
        ``surface`` or ``needle``.
    start : datetime or None
    recorded_s : float
        Sum of the segments.
    segments : tuple of Segment
    channels : tuple of Channel
    n_notes : int
        Annotations stored in the file.
    findings : tuple of Finding
        The reason for a refusal is the first.
    """

    path: Path
    refused: bool
    format: str = ""
    kind: str = "surface"
    start: datetime | None = None
    recorded_s: float = 0.0
    segments: tuple[Segment, ...] = ()
    channels: tuple[Channel, ...] = ()
    n_notes: int = 0
    findings: tuple[Finding, ...] = ()


def check_file(
    path: Path | str,
    *,
    sites: Path | str | SiteTable | None = None,
    assume_unit: str | None = None,
) -> FileCheck:
    """Look into one file; a file that cannot be read is an answer, not an error.

    Parameters
    ----------
    path, sites, assume_unit
        As for `emgdetect.read_recording`.
    """
    path = Path(path)
    try:
        recording = inspect_recording(path, sites=sites, assume_unit=assume_unit)
    except EdfError as error:
        return FileCheck(path=path, refused=True, findings=(_as_finding(error),))
    try:
        require_emg(recording)
    except EdfError as error:
        return _described(path, recording, (_as_finding(error),))
    return _described(path, recording, ())


def _as_finding(error: EdfError) -> Finding:
    return Finding(
        code=error.code, severity="fatal", message=error.message, hint=error.hint,
        offset=error.offset,
    )  # fmt: skip


def _described(path: Path, recording: Recording, refusal: tuple[Finding, ...]) -> FileCheck:
    return FileCheck(
        path=path, refused=bool(refusal), format=str(recording.details.get("format", "")),
        kind=recording.kind, start=recording.start, recorded_s=recording.recorded_s,
        segments=recording.segments, channels=recording.channels, n_notes=len(recording.notes),
        findings=(*refusal, *recording.findings, *_remarks(recording)),
    )  # fmt: skip


def _remarks(recording: Recording) -> list[Finding]:
    """What the analysis would add on its own."""
    return [finding("needle-recording")] if recording.kind == "needle" else []


def to_json(check: FileCheck) -> dict[str, Any]:
    """The check as JSON-able values: None for unknown numbers and texts."""
    channels = [
        {**{key: _plain(value) for key, value in asdict(channel).items()},
         "analysed": channel.analysed}
        for channel in check.channels
    ]  # fmt: skip
    return {
        "path": str(check.path),
        "refused": check.refused,
        "format": check.format or None,
        "kind": check.kind,
        "start": check.start.isoformat() if check.start else None,
        "recorded_s": check.recorded_s,
        "segments": [asdict(segment) for segment in check.segments],
        "channels": channels,
        "n_annotations": check.n_notes,
        "findings": [asdict(found) for found in check.findings],
    }


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if value == "" else value


def render_text(check: FileCheck) -> str:
    """The check for people: what it is, its channels, then the findings with the way out."""
    lines = [f"{clean_text(str(check.path), limit=500)}: {_verdict(check)}"]
    if check.format:
        lines += [f"  {line}" for line in (_summary(check), *_segment_lines(check))]
    lines += _table([_channel_cells(group) for group in _groups(check.channels)])
    lines += [line for group in _alike(check.findings) for line in _finding_lines(group)]
    return "\n".join(lines)


def _verdict(check: FileCheck) -> str:
    if check.refused:
        return "would be refused"
    sites = dict.fromkeys(channel.site for channel in check.channels if channel.analysed)
    return f"would be analysed at {_count(len(sites), 'site')}"


def _summary(check: FileCheck) -> str:
    start = check.start.isoformat(sep=" ", timespec="seconds") if check.start else "unknown"
    return (
        f"{check.format}, {check.kind}, start {start}, {_duration(check.recorded_s)} recorded, "
        f"{_count(len(check.channels), 'channel')}, {_count(check.n_notes, 'annotation')}"
    )


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.4g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def _segment_lines(check: FileCheck) -> list[str]:
    """One line per segment where there is more than one, the first ones only."""
    if len(check.segments) < 2:
        return []
    lines = [f"{len(check.segments)} segments"]
    for segment in check.segments[:MANY]:
        lines.append(f"  {segment.start_s:.3f} s to {segment.stop_s:.3f} s")
    hidden = len(check.segments) - MANY
    return [*lines, f"  and {hidden} more"] if hidden > 0 else lines


def _groups(channels: Sequence[Channel]) -> list[list[Channel]]:
    """Channels to print together: many neighbours of one site, else each alone."""
    runs: list[list[Channel]] = []
    for channel in channels:
        if runs and _likeness(runs[-1][0]) == _likeness(channel):
            runs[-1].append(channel)
        else:
            runs.append([channel])
    return [
        part for run in runs for part in ([run] if len(run) >= MANY else [[c] for c in run])
    ]  # fmt: skip


def _likeness(channel: Channel) -> tuple[object, ...]:
    why = "" if channel.analysed else channel.skip.replace(channel.name, "")
    return channel.kind, channel.site, channel.sampling_hz, channel.unit, why


def _channel_cells(group: Sequence[Channel]) -> list[str]:
    first, last = group[0], group[-1]
    name = first.name if first is last else f"{first.name} … {last.name} ({len(group)})"
    return [
        name, first.kind, f"{first.sampling_hz:.6g} Hz", first.unit or "-", _range(group),
        f"site {first.site}" if first.analysed else f"not analysed: {first.skip}",
    ]  # fmt: skip


def _range(group: Sequence[Channel]) -> str:
    lows = [channel.low_uv for channel in group if math.isfinite(channel.low_uv)]
    highs = [channel.high_uv for channel in group if math.isfinite(channel.high_uv)]
    if not lows or not highs:
        return "-"
    unit = " uV" if group[0].kind in ("EMG", "ECG", "EEG", "EOG") else ""
    return f"{min(lows):.6g} to {max(highs):.6g}{unit}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns, indented."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  " + "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one code and severity together, in order of the first."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for found in findings:
        groups.setdefault((found.code, found.severity), []).append(found)
    return list(groups.values())


def _finding_lines(group: Sequence[Finding]) -> list[str]:
    first = group[0]
    times = f" ({len(group)} times)" if len(group) > 1 else ""
    at = f" [byte {first.offset}]" if first.offset is not None else ""
    lines = [f"  {first.severity}: {first.message}{times}{at} ({first.code})"]
    return [*lines, f"    {first.hint}"] if first.hint and first.hint != "Nothing to do." else lines
