"""Which channels belong to which muscle site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from emgdetect.findings import Finding, finding
from emgdetect.readers.labels import has_number, muscle_of, unique_names
from emgdetect.readers.tables import Row
from emgdetect.recording import Channel

NOT_LISTED = "Not listed in the site table."
"""Why a channel of EMG is not analysed that a table leaves out."""

UNKNOWN = "which is unknown: the type is EMG, and the muscle goes under `target_muscle`."
"""How it ends what is said of a type that nobody knows: often it is the muscle, misplaced."""


def name_sites(
    channels: Sequence[Channel], rows: Sequence[Row | None], *, from_table: bool
) -> tuple[list[Channel], list[Finding]]:
    """Assign EMG channels that can be analysed to sites.

    The table's muscle counts where there is one; otherwise the muscle the label names, trailing
    number stripped; otherwise the channel is its own site under its own, unique name.

    Parameters
    ----------
    channels : sequence of Channel
        With unique names and final kinds.
    rows : sequence of Row or None
        What the table says of each.
    from_table : bool
        Whether there is a table: channels it does not list are then left out.

    Returns
    -------
    list of Channel
        The same channels, `site` and `skip` filled in.
    list of Finding
    """
    keys = [_site_key(channel, row, from_table)
            for channel, row in zip(channels, rows, strict=True)]  # fmt: skip
    keys = _split_groups(keys, rows)
    keys = _split_repeated(keys, channels, rows)
    sited = [_with_site(*each) for each in zip(channels, keys, rows, strict=True)]
    return _split_rates(_one_spelling(sited))


def _site_key(channel: Channel, row: Row | None, from_table: bool) -> str:
    """Site by table or label; empty if the channel is not analysed."""
    if channel.kind != "EMG" or channel.skip or (from_table and row is None):
        return ""
    if row is not None and row.muscle:
        return row.muscle
    return muscle_of(channel.name) or channel.name


def _split_groups(keys: Sequence[str], rows: Sequence[Row | None]) -> list[str]:
    """One site per group where the same muscle stands in several groups."""
    groups: dict[str, set[str]] = {}
    for key, row in zip(keys, rows, strict=True):
        if key and row is not None and row.muscle:
            groups.setdefault(key.casefold(), set()).add(row.group)
    return [
        f"{key} {row.group}".strip()
        if row is not None and len(groups.get(key.casefold(), ())) > 1 else key
        for key, row in zip(keys, rows, strict=True)
    ]  # fmt: skip


def _split_repeated(
    keys: Sequence[str], channels: Sequence[Channel], rows: Sequence[Row | None]
) -> list[str]:
    """Equal labels without a number may be two muscles (left and right): each its own site."""
    labelled = [bool(key) and (row is None or not row.muscle) and not has_number(_base(c.name))
                for key, row, c in zip(keys, rows, channels, strict=True)]  # fmt: skip
    bases = [_base(channel.name) if alone else "" for channel, alone
             in zip(channels, labelled, strict=True)]  # fmt: skip
    repeated = {base for base, count in Counter(bases).items() if base and count > 1}
    own = iter(unique_names([key for key, base in zip(keys, bases, strict=True)
                             if base in repeated]))  # fmt: skip
    return [next(own) if base in repeated else key for key, base in zip(keys, bases, strict=True)]


def _base(name: str) -> str:
    """Name without the `` (2)`` that made it unique."""
    stem, _, number = name.rpartition(" (")
    return stem if stem and number.rstrip(")").isdigit() and number.endswith(")") else name


def _with_site(channel: Channel, key: str, row: Row | None) -> Channel:
    if key or channel.skip:
        return replace(channel, site=key)
    if channel.kind == "EMG":
        return replace(channel, skip=NOT_LISTED)
    if row is not None and row.unknown_type:
        return replace(channel, skip=type_unknown(channel.name, row.unknown_type))
    named = row is not None and row.muscle
    return replace(channel, skip=typed_so(channel) if named else typed(channel.kind))


def typed(kind: str) -> str:
    """Why a channel of another kind than EMG is not analysed."""
    return f"Typed {kind}, not EMG."


def typed_so(channel: Channel) -> str:
    """Why a channel is not analysed that a table gives a muscle and a type that is not EMG."""
    return (
        f"The site table names a muscle of {channel.name!r} but types it {channel.kind}: "
        "its `type` must be EMG."
    )


def type_unknown(name: str, type_: str) -> str:
    """Why a channel is not analysed to which a table gives a type that there is not."""
    return f"The site table gives {name!r} the `type` {type_!r}, {UNKNOWN}"


def is_mistyped(channel: Channel) -> bool:
    """Whether a table keeps a channel that may be EMG from being analysed by its type alone."""
    return channel.skip == typed_so(channel) or channel.skip.endswith(UNKNOWN)


def _one_spelling(channels: Sequence[Channel]) -> list[Channel]:
    """``Biceps L`` and ``BICEPS L`` are one site, spelt as first met."""
    spelling: dict[str, str] = {}
    for channel in channels:
        spelling.setdefault(channel.site.casefold(), channel.site)
    return [replace(c, site=spelling[c.site.casefold()]) for c in channels]


def _split_rates(channels: Sequence[Channel]) -> tuple[list[Channel], list[Finding]]:
    """Channels of one site share a rate; where they do not, each rate becomes a site."""
    rates: dict[str, list[float]] = {}
    for channel in channels:
        if channel.site and channel.sampling_hz not in rates.setdefault(channel.site, []):
            rates[channel.site].append(channel.sampling_hz)
    mixed = {site: hz for site, hz in rates.items() if len(hz) > 1}
    findings = [
        finding("site-rates", f"Site {site!r} has channels at "
                f"{', '.join(f'{rate:g}' for rate in hz)} Hz; each became a site.")
        for site, hz in mixed.items()
    ]  # fmt: skip
    split = [
        replace(c, site=f"{c.site} {c.sampling_hz:g} Hz") if c.site in mixed else c
        for c in channels
    ]
    return split, findings
