"""What the annotations of an MNE Raw mark: borders, spans without acquisition, and bad spans."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import Finding, finding
from emgdetect.readers.text import clean_text
from emgdetect.recording import Note

if TYPE_CHECKING:
    import mne

_BORDERS = ("boundary", "edge boundary", "bad boundary", "new segment")
"""Descriptions that mark where pieces were joined (MNE, EEGLAB, BrainVision)."""

_LOST = ("bad_acq_skip", "bad acq_skip")
"""Descriptions of spans in which nothing was acquired."""

_BAD = "bad"
"""How the description of a span begins that MNE leaves out of its own analyses, in either case."""


@dataclass(frozen=True)
class Mark:
    """An annotation: onset since the first sample, and the channels it is of (none: all)."""

    onset_s: float
    duration_s: float
    text: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Bad:
    """Samples of a Raw that are annotated as bad.

    Attributes
    ----------
    start, stop : int
    channels : frozenset of int
        Indices; none if all channels are bad there.
    """

    start: int
    stop: int
    channels: frozenset[int]

    def hide(self, block: NDArray[np.float32], channels: Sequence[int], first: int) -> None:
        """Make a block missing, in place, where it is bad; `first` is its first sample."""
        a, b = max(self.start - first, 0), self.stop - first
        if b <= a:
            return
        for row, index in enumerate(channels):
            if not self.channels or index in self.channels:
                block[row, a:b] = np.nan


def marks_of(raw: mne.io.BaseRaw) -> list[Mark]:
    """The annotations whose times are known."""
    origin, marks = float(raw.first_time), raw.annotations
    return [
        Mark(float(onset) - origin, float(duration), str(text), tuple(map(str, names)))
        for onset, duration, text, names in zip(
            marks.onset, marks.duration, marks.description, marks.ch_names, strict=True
        )
        if math.isfinite(onset) and math.isfinite(duration)
    ]


def notes_of(raw: mne.io.BaseRaw) -> tuple[Note, ...]:
    """The annotations as notes."""
    return tuple(
        Note(mark.onset_s, mark.duration_s, clean_text(mark.text, limit=1000))
        for mark in marks_of(raw)
    )


def ranges_of(raw: mne.io.BaseRaw) -> list[tuple[int, int]]:
    """Contiguous sample ranges between boundaries, spans without acquisition left out."""
    n = len(raw.times)
    kept = np.ones(n + 1, bool)
    kept[n] = False
    borders = {0}
    for mark in marks_of(raw):
        first, stop = _samples(raw, mark)
        if mark.text.casefold().startswith(_BORDERS):
            borders.add(first)
        if mark.text.casefold().startswith(_LOST):
            kept[first:stop] = False
    turns = np.flatnonzero(np.diff(kept.astype(np.int8))) + 1
    edges = sorted({*borders, *map(int, turns), n})
    return [(a, b) for a, b in itertools.pairwise(edges) if kept[a] and b > a]


def bad_spans(raw: mne.io.BaseRaw) -> tuple[Bad, ...]:
    """Spans annotated as bad, in order; those without acquisition or length are none."""
    found = []
    for mark in marks_of(raw):
        text = mark.text.casefold()
        start, stop = _samples(raw, mark)
        if text.startswith(_BAD) and not text.startswith(_LOST) and stop > start:
            channels = frozenset(raw.ch_names.index(n) for n in mark.channels if n in raw.ch_names)
            found.append(Bad(start, stop, channels))
    return tuple(sorted(found, key=lambda span: (span.start, span.stop)))


def said_of(bad: Sequence[Bad], sampling_hz: float) -> list[Finding]:
    """What to say of spans that are annotated as bad; nothing if there are none."""
    if not bad:
        return []
    total_s = sum(span.stop - span.start for span in bad) / sampling_hz
    n = f"{len(bad)} span{'s are' if len(bad) > 1 else ' is'}"
    return [finding("marked-bad", f"{n} annotated as bad, {total_s:.4g} s in all.")]


def _samples(raw: mne.io.BaseRaw, mark: Mark) -> tuple[int, int]:
    """First sample of a mark and that after its last, within the recording."""
    rate, n = float(raw.info["sfreq"]), len(raw.times)
    start, stop = (round(at * rate) for at in (mark.onset_s, mark.onset_s + mark.duration_s))
    return min(max(start, 0), n), min(max(stop, 0), n)
