"""From what a file says of its channels to typed, scaled and named channels.

Every reader describes its channels as `Draft`s in the file's own units; `finish_channels` does the
rest in one place, so that all formats keep the same guarantees.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emgdetect.findings import Finding, finding
from emgdetect.readers.labels import is_envelope, kind_of, unique_names
from emgdetect.readers.sidecar import Surroundings
from emgdetect.readers.sites import name_sites
from emgdetect.readers.tables import Row, SiteTable
from emgdetect.readers.text import clean_text
from emgdetect.readers.units import is_standard, uv_per_unit
from emgdetect.recording import Channel, ChannelKind

MIN_SAMPLING_HZ = 400.0
"""Slowest surface EMG believed (readers.md, point 6): potentials of 3 ms need 200 Hz of band."""

MAX_SAMPLING_HZ = 200_000.0
"""Fastest EMG believed, several times the rate of needle EMG; beyond it the header is wrong."""


MARKED_BAD = "Marked bad in the site table."
"""Why a channel is not analysed that a table calls bad."""

MARKED_BAD_IN_FILE = "Marked bad in the recording itself."
"""Why a channel is not analysed that is among the bads of MNE's info."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A channel as the file describes it.

    Attributes
    ----------
    label, unit, prefilter, transducer : str
        As decoded from the file.
    sampling_hz : float
    low, high, resolution : float
        Rails and digital step in the file's unit; NaN if unknown.
    kind : str or None
        Type the format itself gives, where it has one.
    fault : str
        Why it cannot be used, as a sentence; empty if it can.
    """

    label: str
    unit: str
    sampling_hz: float
    prefilter: str = ""
    transducer: str = ""
    low: float = math.nan
    high: float = math.nan
    resolution: float = math.nan
    kind: ChannelKind | None = None
    fault: str = ""


@dataclass(frozen=True)
class Finished:
    """Channels, the factor from each one's own unit to µV (1 if none), and what was noticed."""

    channels: tuple[Channel, ...]
    uv_per_unit: tuple[float, ...]
    findings: tuple[Finding, ...]


def finish_channels(drafts: Sequence[Draft], surroundings: Surroundings) -> Finished:
    """Name, type and scale channels and assign them to sites.

    Parameters
    ----------
    drafts : sequence of Draft
    surroundings : Surroundings
        What the caller or a side-car says; without a table the labels decide. The units of a
        side-car do not count, those of the caller's table stand in for missing ones.
    """
    table = surroundings.table
    names, findings = _names(drafts)
    rows = [_row(table, name, draft) for name, draft in zip(names, drafts, strict=True)]
    channels, factors = [], []
    for name, draft, row in zip(names, drafts, rows, strict=True):
        said = "" if surroundings.from_bids or row is None else row.unit
        assumed = surroundings.assume_unit or said
        channel, factor, found = _finish(name, draft, row, assumed)
        channels.append(channel)
        factors.append(factor)
        findings += found
    sited, site_findings = name_sites(channels, rows, from_table=table is not None)
    findings += site_findings + _unknown_rows(table, names, drafts)
    return Finished(tuple(sited), tuple(factors), tuple(findings))


def _names(drafts: Sequence[Draft]) -> tuple[list[str], list[Finding]]:
    """Safe, unique names, and what had to be done for them."""
    findings = []
    safe = []
    for position, draft in enumerate(drafts, start=1):
        name = clean_text(draft.label)
        if not name:
            name = f"channel {position}"
            findings.append(finding("label-empty", f"Channel {position} has no label.",
                                    channel=name))  # fmt: skip
        elif name != draft.label:
            findings.append(finding("label-unsafe", f"A label was changed to {name!r}.",
                                    channel=name))  # fmt: skip
        safe.append(name)
    names = unique_names(safe)
    counts = Counter(safe)
    for name in dict.fromkeys(label for label, given in zip(safe, names, strict=True)
                              if label != given):  # fmt: skip
        message = f"{counts[name]} channels are labelled {name!r}."
        findings.append(finding("label-duplicate", message, channel=name))
    return names, findings


def _row(table: SiteTable | None, name: str, draft: Draft) -> Row | None:
    if table is None:
        return None
    return table.rows.get(name) or table.rows.get(draft.label)


def _unknown_rows(
    table: SiteTable | None, names: Sequence[str], drafts: Sequence[Draft]
) -> list[Finding]:
    if table is None:
        return []
    unknown = set(table.rows) - set(names) - {draft.label for draft in drafts}
    if not unknown:
        return []
    listed = ", ".join(repr(clean_text(name)) for name in sorted(unknown)[:5])
    return [finding("site-table-unknown", f"{len(unknown)} names without a channel: {listed}.")]


def _kind(draft: Draft, row: Row | None) -> ChannelKind:
    """Kind by the table, then by the label, then by the format."""
    if row is not None and row.kind is not None:
        return row.kind
    if row is not None and row.muscle:
        return "EMG"
    named = kind_of(draft.label, transducer=draft.transducer)
    if draft.kind in (None, "MISC") or named in ("EMG", "ECG"):
        return named
    return draft.kind


def _finish(
    name: str, draft: Draft, row: Row | None, assumed: str
) -> tuple[Channel, float, list[Finding]]:
    """One channel with its kind, its µV and the reason why it is not analysed, if any."""
    kind = _kind(draft, row)
    factor, skip, findings = _scale(name, draft, kind, assumed)
    if row is not None and row.unit and uv_per_unit(row.unit) != uv_per_unit(draft.unit):
        findings += _conflict(name, draft, row)
    if kind == "EMG" and draft.kind not in (None, "MISC", "EMG"):
        message = f"The file types {name!r} as {draft.kind}."
        findings.append(finding("kind-overridden", message, channel=name))
    skip = draft.fault or skip
    found: list[Finding] = []
    if kind == "EMG" and not skip:
        skip, found = _unfit(name, draft)
    if row is not None and row.bad:
        skip = MARKED_BAD
    rails = sorted((draft.low * factor, draft.high * factor))
    channel = Channel(
        name=name, kind=kind, sampling_hz=draft.sampling_hz, skip=skip,
        unit=clean_text(draft.unit), low_uv=rails[0], high_uv=rails[1],
        resolution_uv=abs(draft.resolution) * factor, prefilter=clean_text(draft.prefilter),
    )  # fmt: skip
    return _placed(channel, row), factor, findings + found


def _placed(channel: Channel, row: Row | None) -> Channel:
    """The channel with its electrode's place, where the table knows it."""
    if row is None:
        return channel
    return replace(
        channel, group=row.group, row=row.row, column=row.column, reference=row.reference,
        spacing_mm=row.spacing_mm,
    )  # fmt: skip


def _scale(
    name: str, draft: Draft, kind: ChannelKind, assumed: str
) -> tuple[float, str, list[Finding]]:
    """Microvolts per unit, why there are none, and what was noticed."""
    factor = uv_per_unit(draft.unit)
    unit = clean_text(draft.unit)
    if factor is not None:
        if is_standard(draft.unit) or kind != "EMG":
            return factor, "", []
        message = f"The unit of {name!r} is written {unit!r}."
        return factor, "", [finding("unit-spelling", message, channel=name)]
    if kind != "EMG":
        return 1.0, "", []
    factor = uv_per_unit(assumed)
    if factor is not None:
        message = f"{_unit_given(name, unit)}; {assumed} was assumed."
        return factor, "", [finding("unit-assumed", message, channel=name)]
    message = unit_missing(name, unit)
    return 1.0, message, [finding("unit-unknown", message, channel=name)]


def unit_missing(name: str, unit: str) -> str:
    """Why a channel of EMG is not analysed whose unit is missing or no voltage."""
    return f"{_unit_given(name, unit)}, so its amplitudes are unknown."


def _unit_given(name: str, unit: str) -> str:
    return f"{name!r} has {f'the unit {unit!r}' if unit else 'no unit'}"


def _conflict(name: str, draft: Draft, row: Row) -> list[Finding]:
    if uv_per_unit(draft.unit) is None:
        return []
    message = f"{name!r}: the table says {clean_text(row.unit)!r}, the header {draft.unit!r}."
    return [finding("unit-conflict", message, channel=name)]


def _unfit(name: str, draft: Draft) -> tuple[str, list[Finding]]:
    """Why a channel called EMG is no raw surface EMG, if so."""
    if draft.sampling_hz < MIN_SAMPLING_HZ:
        message = f"{name!r} is sampled at {draft.sampling_hz:g} Hz, below {MIN_SAMPLING_HZ:g} Hz."
        return message, [finding("rate-too-low", message, channel=name)]
    if draft.sampling_hz > MAX_SAMPLING_HZ:
        message = f"{name!r} is sampled at {draft.sampling_hz:g} Hz."
        return message, [finding("rate-too-high", message, channel=name)]
    if is_envelope(draft.label, draft.prefilter, draft.transducer):
        message = f"{name!r} is rectified or an envelope, by its own description."
        return message, [finding("rectified", message, channel=name)]
    return "", []
