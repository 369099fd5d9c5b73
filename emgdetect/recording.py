"""The nouns: a recording, its channels, its segments and its sites.

Everything above reads microvolt blocks through `Recording.read`; none holds a whole file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.arguments import expect_indices, whole_number
from emgdetect.findings import Finding

ChannelKind = Literal["EMG", "ECG", "EEG", "EOG", "ACC", "TRIG", "STATUS", "MISC"]
RecordingKind = Literal["surface", "needle"]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One signal of a recording, in µV where `kind` is an electric one.

    Attributes
    ----------
    name : str
        Label, unique within the recording.
    kind : str
        BIDS-like type: ``EMG``, ``ECG``, ``EEG``, …; only ``EMG`` is analysed, ``ECG`` is used as
        evidence of the heart.
    site : str
        Muscle site it belongs to; empty if the channel is not analysed.
    sampling_hz : float
    skip : str
        Why the channel is not analysed, as a sentence; empty if it is.
    unit : str
        Physical unit as the file spells it.
    low_uv, high_uv, resolution_uv : float
        Rails of the converter, where samples are clipped, and its step in µV (NaN if unknown).
    group, row, column, reference, spacing_mm
        Electrode grid, position on it (NaN if unknown), reference and inter-electrode distance.
    """

    name: str
    sampling_hz: float
    kind: ChannelKind = "EMG"
    site: str = ""
    skip: str = ""
    unit: str = "uV"
    low_uv: float = float("nan")
    high_uv: float = float("nan")
    resolution_uv: float = float("nan")
    group: str = ""
    row: float = float("nan")
    column: float = float("nan")
    reference: str = ""
    spacing_mm: float = float("nan")
    prefilter: str = ""

    @property
    def analysed(self) -> bool:
        """Whether the channel is part of a site."""
        return self.kind == "EMG" and not self.skip and bool(self.site)


@dataclass(frozen=True)
class Segment:
    """A contiguous piece of a recording; nothing is filtered or detected across its ends.

    Attributes
    ----------
    start_s : float
        Time of its first sample since the first sample of the recording, gaps included.
    duration_s : float
    """

    start_s: float
    duration_s: float

    @property
    def stop_s(self) -> float:
        """Time just after its last sample."""
        return self.start_s + self.duration_s

    def n_samples(self, sampling_hz: float) -> int:
        """Number of samples of a channel of that rate in this segment."""
        return round(self.duration_s * sampling_hz)


@dataclass(frozen=True)
class Site:
    """One muscle on one side, or one electrode grid on it.

    Attributes
    ----------
    name : str
    channels : tuple of int
        Indices into `Recording.channels`, in file order; all share `sampling_hz`.
    sampling_hz : float
    """

    name: str
    channels: tuple[int, ...]
    sampling_hz: float


@dataclass(frozen=True)
class Note:
    """An annotation found in the file: `onset_s` and `duration_s` on the recording's time axis."""

    onset_s: float
    duration_s: float
    text: str


class Samples(Protocol):
    """Source of signal: `(channel indices, segment index, start, stop)` to a µV block.

    Returns float32 of shape (n_channels, stop - start); missing samples are NaN. The channels of
    one call share a sampling rate; `start` and `stop` lie within the segment.
    """

    def __call__(
        self, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> NDArray[np.float32]: ...


@dataclass(frozen=True, eq=False)
class Recording:
    """Channels, segments and a way to read them; immutable, equal to itself only.

    Attributes
    ----------
    channels : tuple of Channel
        All signals of the file, analysed or not, with unique names.
    segments : tuple of Segment
        In order of time, not overlapping.
    samples : Samples
        Reads a block; use `read`, which checks its arguments.
    name : str
        Stem of the file, or whatever the caller says.
    path : Path or None
    start : datetime or None
        Wall-clock time of the first sample, where known.
    kind : {"surface", "needle"}
    findings : tuple of Finding
        What was noticed or repaired while reading.
    notes : tuple of Note
        Annotations stored in the file.
    details : mapping
        Further provenance for `run.json` (format, montage, …); values are JSON-able.
    """

    channels: tuple[Channel, ...]
    segments: tuple[Segment, ...]
    samples: Samples = field(repr=False)
    name: str = "recording"
    path: Path | None = None
    start: datetime | None = None
    kind: RecordingKind = "surface"
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def recorded_s(self) -> float:
        """Seconds recorded: the sum of the segments, gaps not included."""
        return float(sum(segment.duration_s for segment in self.segments))

    @property
    def spans_s(self) -> NDArray[np.float64]:
        """Start and stop of each segment: all time but the gaps; shape (n_segments, 2)."""
        return np.array([(s.start_s, s.stop_s) for s in self.segments], float).reshape(-1, 2)

    def __repr__(self) -> str:
        """A line; a recording of 64 channels would fill pages. Nothing in it steers a terminal."""
        n = len(self.channels)
        name = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in self.name)
        return f"<Recording | {name}: {n} channel{'s' * (n != 1)}, {self.recorded_s:.6g} s>"

    def _repr_html_(self) -> str:
        """A card for notebooks: what was recorded and what would be analysed; no patient data."""
        from emgdetect.cards import recording_card

        return recording_card(self)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Sites to analyse, in the order in which their first channel stands in the file.

        Raises
        ------
        ValueError
            If channels of a site differ in rate.
        """
        members: dict[str, list[int]] = {}
        for index, channel in enumerate(self.channels):
            if channel.analysed:
                members.setdefault(channel.site, []).append(index)
        for name, indices in members.items():
            rates = {self.channels[index].sampling_hz for index in indices}
            if len(rates) > 1:
                raise ValueError(f"site {name!r} mixes sampling rates: {sorted(rates)} Hz")
        return tuple(
            Site(name, tuple(indices), self.channels[indices[0]].sampling_hz)
            for name, indices in members.items()
        )

    def read(
        self, channels: Sequence[int], segment: int, start: int = 0, stop: int | None = None
    ) -> NDArray[np.float32]:
        """Read a block of signal in µV.

        Parameters
        ----------
        channels : sequence of int
            Indices of channels that share one sampling rate.
        segment : int
            Index of the segment.
        start, stop : int
            Half-open sample range within the segment; `stop=None` reads to its end.

        Returns
        -------
        ndarray of float32, shape (n_channels, stop - start)
            Missing samples are NaN. A new array that the caller may change.

        Raises
        ------
        ValueError, TypeError
            If there is no such channel, segment or range, or the channels differ in rate.
        """
        expect_indices(channels, len(self.channels), "channel")
        expect_indices([segment], len(self.segments), "segment")
        rates = {self.channels[index].sampling_hz for index in channels}
        if len(rates) != 1:
            raise ValueError(f"channels read together must share one rate, got {sorted(rates)} Hz")
        n = self.segments[segment].n_samples(rates.pop())
        stop = n if stop is None else whole_number(stop, "stop")
        if not 0 <= whole_number(start, "start") <= stop <= n:
            raise ValueError(f"samples {start}:{stop} outside segment {segment} (0:{n})")
        return self.samples(channels, segment, start, stop)

    @classmethod
    def from_array(
        cls, data_uv: ArrayLike, sampling_hz: float, *, names: Sequence[str] | None = None,
        sites: Sequence[str] | str | None = None, kinds: Sequence[ChannelKind] | None = None,
        name: str = "array", kind: RecordingKind = "surface",
    ) -> Recording:  # fmt: skip
        """Wrap an array that is in memory.

        Parameters
        ----------
        data_uv : array_like, shape (n_channels, n_samples) or (n_samples,)
            Signal in µV; NaN or masked where missing. Of float32 it is shared, not copied: leave it
            as it is.
        sampling_hz : float
        names, kinds : sequence of str, optional
            Of the channels; by default ``EMG1``, ``EMG2``, …, and ``EMG``.
        sites : sequence of str or str, optional
            Site of each channel, or one for all; by default each channel is its own site.
        name : str
        kind : {"surface", "needle"}

        Returns
        -------
        Recording
            With one segment that spans the array.

        Raises
        ------
        ValueError
            If shapes disagree, names repeat, a kind is unknown, the numbers are complex, there are
            more than 4096 channels or far more than samples (as of a transposed array), or the
            rate is not positive and finite or, with EMG, not within 400 and 200,000 Hz.
        TypeError
            If `data_uv` is no array of numbers, `sampling_hz` no number, or a name or site no text.

        Warns
        -----
        UserWarning
            Of channels that are no raw EMG in µV; they are kept, and told of in `findings`.
        """
        from emgdetect.readers.arrays import recording_from_array

        return recording_from_array(
            data_uv, sampling_hz, names=names, sites=sites, kinds=kinds, name=name, kind=kind
        )

    @classmethod
    def from_mne(cls, raw: Any, **options: Any) -> Recording:
        """Wrap an MNE Raw; options and errors: `emgdetect.readers.mne.recording_from_mne`."""
        from emgdetect.readers.mne import recording_from_mne

        return recording_from_mne(raw, **options)
