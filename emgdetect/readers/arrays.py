"""Arrays in memory as a recording."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.arguments import expect, expect_texts, expect_word, named, number, without_mask
from emgdetect.readers.drafts import MAX_SAMPLING_HZ, MIN_SAMPLING_HZ
from emgdetect.readers.sanity import signal_findings
from emgdetect.recording import Channel, ChannelKind, Recording, RecordingKind, Segment

MAX_CHANNELS = 4096
"""Most channels of an array, as many as of a file (`edf_header.MAX_SIGNALS`): a transposed array
would have a channel per sample and never come to an end."""

GRID_CHANNELS, AT_LEAST = 256, 0.25
"""Above so many channels an array with fewer samples than this share of them is a transposed one: a
grid of 256 electrodes is passed whatever its length, and 512 channels from 128 samples on."""

UNIT = "data_uv must be in uV: multiply volts by 1e6, millivolts by 1e3."

WARNED = ("unit-implausible", "rectified", "signal-duplicate", "signal-held")
"""Findings that Python warns of, too: with them every number of a channel is wrong. Time that is
missing or has no signal is excluded and told by the detection."""

NO_ARRAY = "data_uv must be an array (n_channels, n_samples) of numbers"


def recording_from_array(
    data_uv: ArrayLike,
    sampling_hz: float,
    *,
    names: Sequence[str] | None = None,
    sites: Sequence[str] | str | None = None,
    kinds: Sequence[ChannelKind] | None = None,
    name: str = "array",
    kind: RecordingKind = "surface",
) -> Recording:
    """Wrap an array; see `emgdetect.recording.Recording.from_array`.

    Warns
    -----
    UserWarning
        If the quietest noise of a channel is none of EMG in µV, or a channel is rectified, holds
        its samples or repeats another: once for each of these, with the first such channel.
    """
    expect(name, str, "name")
    expect_word(kind, get_args(RecordingKind), "kind")
    data = _signal(data_uv)
    rate = number(sampling_hz, "sampling_hz")
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"sampling_hz must be positive and finite, got {rate}")
    channels = _channels(len(data), rate, names=names, sites=sites, kinds=kinds)
    _check_rate(rate, channels)
    segments = (Segment(0.0, data.shape[1] / rate),) if data.shape[1] else ()
    recording = Recording(channels, segments, ArraySamples(data), name=name, kind=kind)
    findings = signal_findings(recording)
    first = {found.code: found for found in reversed(findings)}
    for found in (first[code] for code in WARNED if code in first):
        # Not from a file, of which `emgdetect check` would tell: nobody may look at the findings.
        way_out = UNIT if found.code == "unit-implausible" else found.hint
        warnings.warn(f"{found.message} {way_out}", stacklevel=3)
    return replace(recording, findings=findings)


def _signal(data_uv: ArrayLike) -> NDArray[np.float32]:
    """The array as (n_channels, n_samples), if it is one of real numbers."""
    if np.iscomplexobj(data_uv):
        raise ValueError("data_uv must be real, got complex numbers")
    try:
        data = np.asarray(without_mask(data_uv), dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{NO_ARRAY}, got {named(data_uv)}: {error}") from None
    if not data.ndim:
        raise TypeError(f"{NO_ARRAY}, got {named(data_uv)}.")
    data = np.atleast_2d(data)
    if data.ndim != 2:
        raise ValueError(f"data_uv must be (n_channels, n_samples), got {data.ndim} dimensions")
    too_short = 0 < data.shape[1] < AT_LEAST * len(data)
    if len(data) > MAX_CHANNELS or (len(data) > GRID_CHANNELS and too_short):
        raise ValueError(
            f"data_uv must be (n_channels, n_samples) with at most {MAX_CHANNELS} channels and "
            f"more samples than channels, got {data.shape}; is it transposed?"
        )
    return data


def _check_rate(rate: float, channels: Sequence[Channel]) -> None:
    """Refuse what no EMG is sampled at, as the readers of files do."""
    emg = any(channel.kind == "EMG" for channel in channels)
    if emg and not MIN_SAMPLING_HZ <= rate <= MAX_SAMPLING_HZ:
        raise ValueError(f"sampling_hz must lie within {MIN_SAMPLING_HZ:g} and "
                         f"{MAX_SAMPLING_HZ:g} for EMG, got {rate:g}")  # fmt: skip


def _channels(
    n: int,
    rate: float,
    *,
    names: Sequence[str] | None,
    sites: Sequence[str] | str | None,
    kinds: Sequence[ChannelKind] | None,
) -> tuple[Channel, ...]:
    """Channels by name, each its own site unless told otherwise."""
    labels = [f"EMG{i + 1}" for i in range(n)] if names is None else expect_texts(names, "names")
    given = [sites] * n if isinstance(sites, str) else labels if sites is None else sites
    muscles = expect_texts(["" if site is None else site for site in given], "sites")
    types: list[ChannelKind] = ["EMG"] * n if kinds is None else list(kinds)
    for type_ in types:
        expect_word(type_, get_args(ChannelKind), "each of kinds")
    for what, values in (("names", labels), ("sites", muscles), ("kinds", types)):
        if len(values) != n:
            raise ValueError(f"{len(values)} {what} for {n} channels")
    if len(set(labels)) < n:
        raise ValueError("channel names must be unique")
    return tuple(
        Channel(name=label, sampling_hz=rate, kind=type_, site=site if type_ == "EMG" else "")
        for label, site, type_ in zip(labels, muscles, types, strict=True)
    )


@dataclass(frozen=True)
class ArraySamples:
    """Samples of an array in memory with a single segment.

    The array of the caller itself where it is of float32: a night of 64 channels takes tens of
    gigabytes, and a second copy would not fit. What is read is a copy.
    """

    data: NDArray[np.float32]

    def __call__(
        self,
        channels: Sequence[int],
        segment: int,  # noqa: ARG002 (there is but one)
        start: int,
        stop: int,
    ) -> NDArray[np.float32]:
        """Read a block; see `emgdetect.recording.Samples`."""
        return self.data[list(channels), start:stop]
