"""The stretches of a recording in which potentials are injected and looked for again.

A second look at the whole recording would take longer than the first, since there is more to find.
So only a part of it is read again, one half for each of two questions, each as a recording of
several segments on the same clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emgdetect.injection.shapes import Rng
from emgdetect.recording import Recording, Samples, Segment
from emgdetect.signal.spans import intersect

Floats = NDArray[np.float64]

SHARE = 0.7
"""Part of the recording that is read again: with 10 injections per minute in it, the second look
takes less time than the first (`benchmarks.recovery`)."""

MOST_S = 1800.0
"""No more than this is read again; it holds as many injections as are made at most."""

STRETCH_S = 150.0
"""About the length of a stretch: long enough for what is judged by its surroundings. Stretches of
a recording of a few minutes are shorter, since there are two at least."""

EDGE_S = 1.0
"""Nothing is injected this near to an end that the recording itself does not have."""


@dataclass(frozen=True)
class Part:
    """Some stretches of a recording, as a recording of its own on the same clock.

    Attributes
    ----------
    recording : Recording
    inner_s : ndarray, shape (n_spans, 2)
        Where potentials may be injected.
    """

    recording: Recording
    inner_s: Floats


def halves_of(recording: Recording, rng: Rng) -> tuple[Part, Part]:
    """Stretches spread over a recording, taken in turn by either half.

    Parameters
    ----------
    recording : Recording
    rng : Generator

    Returns
    -------
    tuple of Part
        Each 35 % of the recording, at most a quarter of an hour of it.
    """
    chosen = stretches(recording.recorded_s, rng)
    return part_of(recording, chosen[::2]), part_of(recording, chosen[1::2])


def part_of(recording: Recording, chosen: Floats) -> Part:
    """Some stretches of a recording.

    Parameters
    ----------
    recording : Recording
    chosen : ndarray, shape (n_spans, 2)
        On the clock of the recorded time, in order and apart from each other.

    Returns
    -------
    Part
        Without segments where no stretch is longer than its margins.
    """
    segments: list[Segment] = []
    origins: list[tuple[int, float]] = []
    inner: list[tuple[float, float]] = []
    passed = 0.0
    for index, segment in enumerate(recording.segments):
        for start, stop in _whole_seconds(chosen - passed, segment.duration_s):
            segments.append(Segment(segment.start_s + start, stop - start))
            origins.append((index, start))
            low = start + EDGE_S * (start > 0)
            high = stop - EDGE_S * (stop < segment.duration_s)
            inner.append((segment.start_s + low, segment.start_s + high))
        passed += segment.duration_s
    rates = tuple(channel.sampling_hz for channel in recording.channels)
    samples = _Stretches(recording.samples, tuple(origins), rates)
    part = replace(recording, segments=tuple(segments), samples=samples)
    return Part(part, np.array(inner, dtype=np.float64).reshape(-1, 2))


def stretches(recorded_s: float, rng: Rng) -> Floats:
    """Where to read on the clock of the recorded time.

    Parameters
    ----------
    recorded_s : float
    rng : Generator

    Returns
    -------
    ndarray, shape (n, 2)
        In order, apart from each other; one in each of n equal slots, an even number of them.
    """
    total = min(SHARE * recorded_s, MOST_S)
    n = 2 * max(1, round(total / STRETCH_S / 2))
    slot, length = recorded_s / n, total / n
    starts = np.arange(n) * slot + rng.random(n) * (slot - length)
    spans: Floats = np.column_stack([starts, starts + length])
    return spans


def _whole_seconds(spans: Floats, duration_s: float) -> list[tuple[float, float]]:
    """What of the spans lies within a segment, cut at whole seconds or the segment's own ends.

    A cut end keeps a second off the segment's end, so that rounding to samples never leaves it.
    """
    cut = []
    for start, stop in intersect(spans, [(0.0, duration_s)]):
        low = float(np.floor(start))
        high = float(np.floor(stop)) if stop < duration_s - EDGE_S else duration_s
        if low > 0 and high == duration_s:
            high = float(np.floor(duration_s - EDGE_S))
        if high - low > 2 * EDGE_S or (low, high) == (0.0, duration_s):
            cut.append((low, high))
    return cut


@dataclass(frozen=True)
class _Stretches:
    """Samples of a recording by stretch: segment and offset in it, and the rate of each channel."""

    samples: Samples
    origins: tuple[tuple[int, float], ...]
    rates_hz: tuple[float, ...]

    def __call__(
        self, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> NDArray[np.float32]:
        index, offset_s = self.origins[segment]
        first = round(offset_s * self.rates_hz[channels[0]])
        return self.samples(channels, index, first + start, first + stop)
