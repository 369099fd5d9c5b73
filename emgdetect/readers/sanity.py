"""Does the signal of the EMG channels look like raw EMG? A quick look at pieces of each.

What makes the answer wrong (a channel that never changes, a rectified one, the same signal twice)
takes the channel out; the rest is said. Time that is flat or clipped in part is the matter of the
detection, which reads everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import Finding, finding, summarise
from emgdetect.readers.drafts import MIN_SAMPLING_HZ
from emgdetect.readers.holding import held_message, true_share
from emgdetect.readers.pieces import PIECE_S, channels_by_rate, spread_spans
from emgdetect.recording import Recording

NOISE_UV = (0.1, 500.0)
"""Rest noise believed: 0.5-100 µV (readers.md, point 4) with a margin of 5, so that a unit wrong by
1000 is noticed whatever the electrode."""

RAIL_SHARE = 0.01
"""Share of samples at a limit of the converter from which it is said."""

UNIT = "unit-implausible"
"""Code of a unit that may be wrong."""

MIN_VALUES = 20
"""Distinct values a piece needs before its shape says anything."""

Block = NDArray[np.float32]


def check_signal(recording: Recording) -> Recording:
    """The recording with findings on its signal, and without channels that cannot be right.

    Raises
    ------
    EdfError
        If the samples cannot be read.
    """
    findings: list[Finding] = []
    skips: dict[int, str] = {}
    for channels, pieces, _ in _read(recording):
        found, skipped = _examined(recording, channels, pieces)
        findings += found
        skips |= skipped
    return _without(recording, skips, findings)


def signal_findings(recording: Recording) -> tuple[Finding, ...]:
    """What `check_signal` finds, no channel left out; many alike are summarised.

    For signal whose caller chose the channels and that says nothing of its unit, as an array does:
    its noise is looked at in shorter pieces than those of `check_signal`.
    """
    units: list[Finding] = []
    found: list[Finding] = []
    for channels, pieces, rate in _read(recording):
        step = round(PIECE_S * rate)  # short ones, as a step of the baseline is no noise
        short = [piece[:, at : at + step]
                 for piece in pieces for at in range(0, piece.shape[1], step)]  # fmt: skip
        for row, index in enumerate(channels):
            units += _unit_findings(recording.channels[index].name, [piece[row] for piece in short])
        found += [f for f in _examined(recording, channels, pieces)[0] if f.code != UNIT]
    # What is fatal leaves a channel out of a file; here it stays.
    kept = [replace(f, severity="warning") if f.severity == "fatal" else f for f in found]
    return (*summarise(units), *summarise(kept))


def never_changes(name: str) -> str:
    """Why a channel of one value throughout is not analysed."""
    return f"{name!r} never changes."


def all_missing(name: str) -> str:
    """Why a channel without a single sample to use is not analysed."""
    return f"{name!r} has no sample to use: all are missing or marked bad."


def _read(recording: Recording) -> Iterator[tuple[list[int], list[Block], float]]:
    """Channels of one rate, the pieces of them that are looked at, and that rate; if there are any.

    One rate after the other, each piece read once: those of a grid take megabytes.
    """
    for channels, rate in channels_by_rate(recording):
        pieces = [recording.read(channels, s.segment, s.start, s.stop)
                  for s in spread_spans(recording, rate)]  # fmt: skip
        if pieces := [piece for piece in pieces if piece.shape[1]]:
            yield channels, pieces, rate


def _examined(
    recording: Recording, channels: Sequence[int], pieces: Sequence[Block]
) -> tuple[list[Finding], dict[int, str]]:
    """Findings on the signal of channels of one rate, and why which of them cannot be right."""
    skips: dict[int, str] = {}
    findings: list[Finding] = []
    still = [row for row in range(len(channels)) if _is_still(pieces, row)]
    dead = _never_change(recording, [channels[row] for row in still])
    for row, index in enumerate(channels):
        found, skip = _look(recording, index, [p[row] for p in pieces], dead=index in dead)
        findings += found
        if skip:
            skips[index] = skip
    kept = [row for row, index in enumerate(channels) if index not in skips]
    repeats = _repeats(pieces, kept)
    findings += [_repeat_finding(recording, channels[a], channels[b]) for a, b in repeats]
    skips |= {channels[b]: _repeat_text(recording, channels[a]) for a, b in repeats}
    return findings, skips


def _look(
    recording: Recording, index: int, pieces: Sequence[Block], *, dead: bool
) -> tuple[list[Finding], str]:
    """Findings on one channel, and why it cannot be analysed, if so."""
    channel = recording.channels[index]
    name = channel.name
    joined = np.concatenate(pieces)
    values = joined[np.isfinite(joined)]
    findings = []
    if len(values) < len(joined):
        findings.append(finding("missing-samples", f"{name!r} has missing samples.", channel=name))
    if dead:
        message = never_changes(name) if len(values) else all_missing(name)
        return [finding("signal-constant", message, channel=name)], message
    if len(values) < MIN_VALUES or np.ptp(values) == 0:
        return findings, ""
    if _is_one_sided(values):
        message = f"{name!r} is rectified or an envelope: its values lie on one side of zero."
        return [*findings, finding("rectified", message, channel=name)], message
    share = true_share(pieces)
    if share < 1:
        message = held_message(name, share, channel.sampling_hz)
        findings.append(finding("signal-held", message, channel=name))
        if channel.sampling_hz * share < MIN_SAMPLING_HZ:
            return findings, message
    return findings + _level(recording, index, values, pieces), ""


def _level(
    recording: Recording, index: int, values: Block, pieces: Sequence[Block]
) -> list[Finding]:
    """Findings on the size of the signal: noise, rails, range."""
    channel = recording.channels[index]
    findings = _unit_findings(channel.name, pieces)
    half = 0.5 * channel.resolution_uv if np.isfinite(channel.resolution_uv) else 0.0
    railed = np.mean((values <= channel.low_uv + half) | (values >= channel.high_uv - half))
    if railed >= RAIL_SHARE:
        message = f"{100 * railed:.2g} % of {channel.name!r} lie at the limits of the converter."
        findings.append(finding("signal-rails", message, channel=channel.name))
    slack = half + 1e-5 * max(abs(channel.low_uv), abs(channel.high_uv), 1.0)
    if np.any((values < channel.low_uv - slack) | (values > channel.high_uv + slack)):
        message = f"{channel.name!r} has samples outside the range of its header."
        findings.append(finding("signal-range", message, channel=channel.name))
    return findings


def _is_still(pieces: Sequence[Block], row: int) -> bool:
    """Whether a channel has at most one value in all pieces, missing samples aside."""
    values = np.concatenate([piece[row] for piece in pieces])
    values = values[np.isfinite(values)]
    return not len(values) or bool(np.ptp(values) == 0)


def _never_change(recording: Recording, channels: Sequence[int]) -> set[int]:
    """Those of some channels of one rate that have at most one value from start to end."""
    alive: set[int] = set()
    seen: dict[int, float] = {}
    for block in _blocks(recording, channels) if channels else ():
        for index, values in zip(channels, block, strict=True):
            finite = values[np.isfinite(values)]
            if index in alive or not len(finite):
                continue
            first = seen.setdefault(index, float(finite[0]))
            if np.any(finite != np.float32(first)):
                alive.add(index)
        if len(alive) == len(channels):
            break
    return set(channels) - alive


def _blocks(recording: Recording, channels: Sequence[int]) -> Iterator[Block]:
    """All samples of some channels of one rate, a minute at a time."""
    rate = recording.channels[channels[0]].sampling_hz
    step = max(1, round(60 * rate))
    for number, segment in enumerate(recording.segments):
        n = segment.n_samples(rate)
        for start in range(0, n, step):
            yield recording.read(channels, number, start, min(start + step, n))


def _is_one_sided(values: Block) -> bool:
    """Whether a signal is rectified: never crosses zero though it comes close to it, and skewed.

    Raw EMG on a large offset does not cross zero either, but its mean is many deviations away.
    """
    if len(np.unique(values[:5000])) < MIN_VALUES:
        return False
    low, high = float(values.min()), float(values.max())
    if low < 0 < high:
        return False
    size = np.abs(values.astype(np.float64))
    mean, deviation = float(size.mean()), float(size.std())
    skew = float(np.mean(((size - mean) / deviation) ** 3))
    return mean < 4 * deviation and skew > 0.5


def _unit_findings(name: str, pieces: Sequence[Block]) -> list[Finding]:
    """A finding if the noise of a channel at its quietest is not that of EMG in µV."""
    noise_uv = _rest_noise(pieces)
    if not noise_uv or NOISE_UV[0] <= noise_uv <= NOISE_UV[1]:
        return []
    message = f"The quietest noise of {name!r} is {noise_uv:.2g} uV RMS."
    return [finding(UNIT, message, channel=name)]


def _rest_noise(pieces: Sequence[Block]) -> float:
    """Smallest robust noise RMS of the pieces in µV; 0 if none has enough values."""
    levels = []
    for piece in pieces:
        finite = piece[np.isfinite(piece)].astype(np.float64)
        if len(finite) < MIN_VALUES:
            continue
        level = 1.4826 * float(np.median(np.abs(finite - np.median(finite))))
        levels.append(level or float(finite.std()))
    return min((level for level in levels if level), default=0.0)


def _repeats(pieces: Sequence[Block], rows: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of rows (first, later) that hold the same signal."""
    first: dict[bytes, int] = {}
    pairs = []
    for row in rows:
        signal = np.concatenate([piece[row] for piece in pieces])
        if len(np.unique(signal[:5000])) < MIN_VALUES:
            continue
        earlier = first.setdefault(hashlib.blake2b(signal.tobytes()).digest(), row)
        if earlier != row:
            pairs.append((earlier, row))
    return pairs


def _repeat_text(recording: Recording, first: int) -> str:
    return f"The same signal as {recording.channels[first].name!r}."


def _repeat_finding(recording: Recording, first: int, later: int) -> Finding:
    name = recording.channels[later].name
    message = f"{name!r} carries the same signal as {recording.channels[first].name!r}."
    return finding("signal-duplicate", message, channel=name)


def _without(recording: Recording, skips: dict[int, str], findings: Sequence[Finding]) -> Recording:
    channels = tuple(
        replace(channel, site="", skip=skips[index]) if index in skips else channel
        for index, channel in enumerate(recording.channels)
    )
    return replace(recording, channels=channels, findings=(*recording.findings, *findings))
