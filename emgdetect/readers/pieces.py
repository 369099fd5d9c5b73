"""Which parts of a recording a quick look at its signal reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgdetect.recording import Recording

N_PIECES = 8
PIECE_S = 2.0
"""Pieces looked at, spread evenly over the recording, and their length."""


@dataclass(frozen=True)
class Span:
    """A piece of a segment, in samples."""

    segment: int
    start: int
    stop: int


def channels_by_rate(recording: Recording) -> list[tuple[list[int], float]]:
    """Analysed channels by sampling rate."""
    groups: dict[float, list[int]] = {}
    for index, channel in enumerate(recording.channels):
        if channel.analysed:
            groups.setdefault(channel.sampling_hz, []).append(index)
    return [(channels, rate) for rate, channels in groups.items()]


def spread_spans(recording: Recording, rate: float) -> list[Span]:
    """Pieces spread evenly over the recorded time, each within one segment."""
    sizes = [segment.n_samples(rate) for segment in recording.segments]
    total, length = sum(sizes), round(PIECE_S * rate)
    if total <= N_PIECES * length:
        whole = [Span(k, 0, min(n, 2 * N_PIECES * length)) for k, n in enumerate(sizes)]
        return whole[: 4 * N_PIECES]
    ends = np.cumsum(sizes)
    spans = []
    for at in np.linspace(0, total - length, N_PIECES).astype(int):
        segment = int(np.searchsorted(ends, at, side="right"))
        start = int(at - (ends[segment] - sizes[segment]))
        spans.append(Span(segment, start, min(start + length, sizes[segment])))
    return spans
