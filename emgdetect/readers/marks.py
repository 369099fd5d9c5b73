"""What annotations mark, in a file as in an MNE Raw: borders, spans without acquisition, bad spans.

The convention is MNE's: how the text of an annotation begins tells, in either case of letters.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import Finding, finding
from emgdetect.recording import Recording, Samples, Segment

Floats = NDArray[np.floating[Any]]

_BORDERS = ("boundary", "edge boundary", "bad boundary", "new segment")
"""Texts that mark where pieces were joined (MNE, EEGLAB, BrainVision)."""

_LOST = ("bad_acq_skip", "bad acq_skip")
"""Texts of spans in which nothing was acquired."""

_BAD = "bad"
"""How the text of a span begins that MNE leaves out of its own analyses."""


@dataclass(frozen=True)
class Mark:
    """An annotation: onset since the first sample of the recording, duration, text, and indices of
    the channels it is of (none: all)."""

    onset_s: float
    duration_s: float
    text: str
    channels: frozenset[int] = frozenset()

    @property
    def span_s(self) -> tuple[float, float]:
        """Where it starts and where it ends."""
        return self.onset_s, self.onset_s + self.duration_s

    def begins(self, *how: str) -> bool:
        """Whether its text begins in one of these ways."""
        return self.text.casefold().startswith(how)


def with_marks(recording: Recording, marks: Iterable[Mark]) -> Recording:
    """The recording as its annotations have it.

    Parameters
    ----------
    recording : Recording
    marks : iterable of Mark
        Those whose times are no numbers mark nothing; no more do those without length, borders
        apart.

    Returns
    -------
    Recording
        Segments end at borders, spans without acquisition are gaps, bad spans are missing; findings
        say so. The same recording if nothing of that is marked.
    """
    told = [mark for mark in marks if math.isfinite(sum(mark.span_s))]
    borders = [mark.onset_s for mark in told if mark.begins(*_BORDERS)]
    long = [mark for mark in told if mark.duration_s > 0]
    lost = [mark.span_s for mark in long if mark.begins(*_LOST)]
    bad = [mark for mark in long if mark.begins(_BAD) and not mark.begins(*_LOST)]
    if not (borders or lost or bad):
        return recording
    rates = tuple(channel.sampling_hz for channel in recording.channels)
    fine_hz = max(rates, default=1.0)
    places = [place for index, segment in enumerate(recording.segments)
              for place in _places(index, segment, borders, lost, fine_hz)]  # fmt: skip
    cut = replace(recording, segments=tuple(place.segment for place in places))
    hidden = _by_channels(bad)
    samples = _Marked(recording.samples, recording.segments, tuple(places), rates, hidden)
    said = [*_gaps(places), *_said(cut.spans_s, bad)]
    return replace(cut, samples=samples, findings=(*cut.findings, *said))


@dataclass(frozen=True)
class _Place:
    """A piece of a segment: the index of that, its start since the start of that, and itself."""

    of: int
    skip_s: float
    segment: Segment


@dataclass(frozen=True, eq=False)
class _Bad:
    """Spans that are bad on the same channels (none: all), in order and apart; shape (n, 2)."""

    channels: frozenset[int]
    spans_s: Floats

    def hide(
        self, block: NDArray[np.float32], channels: Sequence[int], start: int, *, origin_s: float,
        rate_hz: float,
    ) -> None:  # fmt: skip
        """Make a block missing, in place, where it is bad.

        Parameters
        ----------
        block : ndarray, shape (n_channels, n_samples)
        channels : sequence of int
            Indices of its channels.
        start : int
            Its first sample in a segment.
        origin_s : float
            Start of that segment.
        rate_hz : float
        """
        rows = [
            k for k, index in enumerate(channels) if not self.channels or index in self.channels
        ]
        n = block.shape[1]
        near_s = origin_s + (start - 1) / rate_hz, origin_s + (start + n + 1) / rate_hz
        first = int(np.searchsorted(self.spans_s[:, 1], near_s[0]))
        last = int(np.searchsorted(self.spans_s[:, 0], near_s[1]))
        ends = np.rint((self.spans_s[first:last] - origin_s) * rate_hz).astype(np.int64) - start
        for a, b in np.clip(ends, 0, n):
            block[rows, a:b] = np.nan


@dataclass(frozen=True, eq=False)
class _Marked:
    """Samples of pieces of the segments of others, without those that are marked bad; see
    `emgdetect.recording.Samples`."""

    samples: Samples
    segments: tuple[Segment, ...]
    places: tuple[_Place, ...]
    rates: tuple[float, ...]
    bad: tuple[_Bad, ...]

    def __call__(
        self, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> NDArray[np.float32]:
        """Read a block; see `emgdetect.recording.Recording.read`."""
        place, rate_hz = self.places[segment], self.rates[channels[0]]
        own = place.segment
        # At another rate than the fastest, both may be rounded up.
        room = self.segments[place.of].n_samples(rate_hz) - own.n_samples(rate_hz)
        first = min(round(place.skip_s * rate_hz), room)
        block = self.samples(channels, place.of, first + start, first + stop)
        for bad in self.bad:
            bad.hide(block, channels, start, origin_s=own.start_s, rate_hz=rate_hz)
        return block


def _places(
    index: int, segment: Segment, borders: Sequence[float], lost: Sequence[tuple[float, float]],
    fine_hz: float,
) -> list[_Place]:  # fmt: skip
    """Pieces of a segment between borders, spans without acquisition left out, on whole samples."""
    n = segment.n_samples(fine_hz)
    at = (np.array([*borders, *itertools.chain(*lost)]) - segment.start_s) * fine_hz
    inside, gone = np.split(np.clip(np.rint(at), 0, n), [len(borders)])
    none = _merged(gone.reshape(-1, 2))
    edges = np.unique(np.concatenate([[0.0, n], inside, none.ravel()]))
    # The edges hold both ends of each span without acquisition: a piece is in one or in none.
    kept = np.searchsorted(none[:, 0], edges[:-1], side="right") == np.searchsorted(
        none[:, 1], edges[:-1], side="right"
    )
    return [
        _Place(index, a / fine_hz, Segment(segment.start_s + a / fine_hz, (b - a) / fine_hz))
        for a, b in zip(edges[:-1][kept].tolist(), edges[1:][kept].tolist(), strict=True)
    ]


def _merged(spans: Iterable[Any]) -> Floats:
    """The same spans in order, those that overlap or touch as one; shape (n, 2)."""
    joined: list[list[float]] = []
    for start, stop in sorted((float(a), float(b)) for a, b in spans if b > a):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return np.array(joined, dtype=np.float64).reshape(-1, 2)


def _by_channels(bad: Sequence[Mark]) -> tuple[_Bad, ...]:
    """Bad spans, those of the same channels together."""
    groups: dict[frozenset[int], list[tuple[float, float]]] = {}
    for mark in bad:
        groups.setdefault(mark.channels, []).append(mark.span_s)
    return tuple(_Bad(channels, _merged(spans)) for channels, spans in groups.items())


def _gaps(places: Sequence[_Place]) -> list[Finding]:
    """What to say of spans without acquisition that stand between pieces of one segment."""
    n = sum(a.of == b.of and b.segment.start_s > a.segment.stop_s + 1e-9
            for a, b in itertools.pairwise(places))  # fmt: skip
    return [finding("gap", f"{n} span{'s' * (n > 1)} in which nothing was acquired.")] if n else []


def _said(recorded_s: Floats, bad: Sequence[Mark]) -> list[Finding]:
    """What to say of spans that are annotated as bad; nothing if none lies in recorded time."""
    if not len(recorded_s) or not bad:
        return []
    passed_s = np.repeat(np.cumsum(recorded_s[:, 1] - recorded_s[:, 0]), 2)
    passed_s[::2] -= recorded_s[:, 1] - recorded_s[:, 0]
    spans = np.array([mark.span_s for mark in bad])
    own_s, all_s = (np.diff(np.interp(each, recorded_s.ravel(), passed_s))
                    for each in (spans, _merged(spans)))  # fmt: skip
    n = int(np.count_nonzero(own_s > 0))
    told = f"{n} span{'s are' if n > 1 else ' is'}"
    message = f"{told} annotated as bad, {all_s.sum():.4g} s in all."
    return [finding("marked-bad", message)] if n else []
