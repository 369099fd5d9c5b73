"""Signal for the eye: stretches, envelopes and cut-outs, read in blocks whatever the length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.filters import filter_zero_phase
from emgdetect.signal.hum import mains_lines, remove_hum
from emgdetect.signal.noise import robust_rms
from emgdetect.signal.spans import complement, intersect

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording, Site

Floats = NDArray[np.floating[Any]]

N_BLOCK = 2**19
"""Samples read at once."""

MARGIN_S = 1.0
"""Read on both sides of what is shown, so that filter and hum removal have settled."""

N_WINDOWS, WINDOW_S = 12, 4.0
"""Pieces of the recording in which mains is looked for."""


@dataclass(frozen=True)
class Look:
    """How a trace is cleaned before it is shown.

    Attributes
    ----------
    low_hz : float
        Lower edge of the band: that in which amplitudes are measured.
    mains_hz : float
    harmonics : tuple of int
        Mains lines removed; none by default.
    """

    low_hz: float = 10.0
    mains_hz: float = 50.0
    harmonics: tuple[int, ...] = ()


@dataclass(frozen=True)
class Envelope:
    """Smallest and largest value in each of many bins of time, and the noise of each second.

    Attributes
    ----------
    times_s : ndarray, shape (n_bins,)
        Middle of each bin.
    low_uv, high_uv : ndarray, shape (n_bins,)
        NaN where nothing was recorded.
    noise_times_s, noise_uv : ndarray, shape (n_seconds,)
        Robust RMS of each whole second; NaN between segments.
    """

    times_s: Floats
    low_uv: Floats
    high_uv: Floats
    noise_times_s: Floats
    noise_uv: Floats


def end_s(recording: Recording) -> float:
    """Time just after the last sample; 0 for an empty recording."""
    return recording.segments[-1].stop_s if recording.segments else 0.0


def analysed_spans(recording: Recording, excluded: pd.DataFrame, site: str) -> Floats:
    """Recorded time of a site less its excluded spans, in s; shape (n_spans, 2), in order."""
    here = excluded[excluded["site"] == site]
    onset_s = here["onset"].to_numpy(float)
    lost = np.stack([onset_s, onset_s + here["duration"].to_numpy(float)], axis=1)
    recorded = np.array([(s.start_s, s.stop_s) for s in recording.segments]).reshape(-1, 2)
    if not len(recorded):
        return recorded
    return intersect(recorded, complement(lost, recorded[0, 0], recorded[-1, 1]))


def shown_channel(recording: Recording, site: Site, events: pd.DataFrame) -> int:
    """Index of the channel that stands for a site: where most potentials are strongest.

    Counted potentials decide, then any; the first channel of the site where there are none.
    """
    here = events[events["site"] == site.name]
    counted = here[here["verdict"] == "fasciculation"]
    names = [recording.channels[i].name for i in site.channels]
    for table in (counted, here):
        frequent = [name for name in table["channel"].value_counts().index if name in names]
        if frequent:
            return site.channels[names.index(frequent[0])]
    return site.channels[0]


def look_of(recording: Recording, channel: int, found: Detections) -> Look:
    """The look of a channel: band and mains removal as the analysis was told to use."""
    config = found.config
    if config.mains_hz == "none":
        return Look(config.measure_low_hz)
    rate_hz = recording.channels[channel].sampling_hz
    windows = _windows(recording, channel)
    nominal = (50.0, 60.0) if config.mains_hz == "auto" else (float(config.mains_hz),)
    found_lines = [
        mains_lines(windows, rate_hz, nominal_hz=f)
        for f in nominal
        if len(windows) and 2.2 * f < rate_hz
    ]
    if not found_lines:
        return Look(config.measure_low_hz)
    mains_hz, harmonics, _ = max(found_lines, key=lambda lines: (lines[2], len(lines[1])))
    return Look(config.measure_low_hz, mains_hz, harmonics)


def _windows(recording: Recording, channel: int) -> NDArray[np.float32]:
    """Whole windows of a channel spread over the recording; shape (0, n) if it is too short."""
    rate_hz = recording.channels[channel].sampling_hz
    n = round(WINDOW_S * rate_hz)
    places = [
        (index, start)
        for index, segment in enumerate(recording.segments)
        for start in range(0, segment.n_samples(rate_hz) - n + 1, n)
    ]
    chosen = places[:: max(1, len(places) // N_WINDOWS)][:N_WINDOWS]
    if not chosen:
        return np.zeros((0, n), dtype=np.float32)
    blocks = [recording.read((channel,), i, start, start + n)[0] for i, start in chosen]
    whole = np.nan_to_num(np.stack(blocks), posinf=0.0, neginf=0.0)
    return np.asarray(whole, dtype=np.float32)


def read_filtered(
    recording: Recording, channels: tuple[int, ...], segment: int, start: int, stop: int,
    *, look: Look,
) -> NDArray[np.float32]:  # fmt: skip
    """Samples of a segment in the mild band, as if the whole segment had been filtered.

    Parameters
    ----------
    recording : Recording
    channels : tuple of int
        Of one sampling rate.
    segment, start, stop : int
        Half-open sample range within the segment.
    look : Look

    Returns
    -------
    ndarray of float32, shape (n_channels, stop - start)
        NaN where samples are missing.
    """
    rate_hz = recording.channels[channels[0]].sampling_hz
    margin = round(MARGIN_S * rate_hz)
    n = recording.segments[segment].n_samples(rate_hz)
    first, last = max(start - margin, 0), min(stop + margin, n)
    raw = recording.read(channels, segment, first, last)
    missing = ~np.isfinite(raw)
    centre = np.median(raw, axis=1, keepdims=True) if not missing.any() else 0.0
    whole = np.where(missing, 0.0, raw) - centre
    shown = filter_zero_phase(whole, rate_hz, low_hz=look.low_hz, high_hz=0.45 * rate_hz)
    shown = remove_hum(shown, rate_hz, frequency_hz=look.mains_hz, harmonics=look.harmonics)
    shown[missing] = np.nan
    return shown[:, start - first : stop - first]


def read_stretch(
    recording: Recording, channel: int, start_s: float, stop_s: float, *, look: Look
) -> tuple[Floats, Floats]:
    """A stretch of one channel, with a NaN between segments.

    Returns
    -------
    times_s, trace_uv : ndarray, shape (n,)
        Empty where nothing was recorded.
    """
    rate_hz = recording.channels[channel].sampling_hz
    times: list[Floats] = []
    pieces: list[Floats] = []
    for index, segment in enumerate(recording.segments):
        n = segment.n_samples(rate_hz)
        first, last = (round((t - segment.start_s) * rate_hz) for t in (start_s, stop_s))
        first, last = max(first, 0), min(last, n)
        if first >= last:
            continue
        trace = read_filtered(recording, (channel,), index, first, last, look=look)[0]
        times += [segment.start_s + np.arange(first, last) / rate_hz, np.array([np.nan])]
        pieces += [trace.astype(float), np.array([np.nan])]
    if not pieces:
        return np.empty(0), np.empty(0)
    return np.concatenate(times), np.concatenate(pieces)


def envelope(recording: Recording, channel: int, *, look: Look, n_bins: int = 1600) -> Envelope:
    """The whole recording of one channel, small enough to draw; read in blocks.

    Parameters
    ----------
    recording : Recording
    channel : int
    look : Look
    n_bins : int
        Bins of time over the recording, gaps included; fewer where there are fewer samples.
    """
    rate_hz = recording.channels[channel].sampling_hz
    n_bins = max(1, min(n_bins, int(end_s(recording) * rate_hz)))
    width_s = max(end_s(recording), 1e-9) / n_bins
    low, high = np.full(n_bins, np.nan), np.full(n_bins, np.nan)
    times: list[Floats] = []
    noise: list[Floats] = []
    n_second = max(1, round(rate_hz))
    n_block = max(N_BLOCK // n_second, 1) * n_second
    for index, segment in enumerate(recording.segments):
        n = segment.n_samples(rate_hz)
        for start in range(0, n, n_block):
            stop = min(start + n_block, n)
            trace = read_filtered(recording, (channel,), index, start, stop, look=look)[0]
            begin_s = segment.start_s + start / rate_hz
            _extremes(trace, begin_s, 1 / rate_hz, width_s, low, high)
            seconds = trace[: len(trace) // n_second * n_second].reshape(-1, n_second)
            times.append(begin_s + 0.5 + np.arange(len(seconds)))
            noise.append(robust_rms(seconds))
        # Nothing is drawn across a gap.
        times.append(np.array([np.nan]))
        noise.append(np.array([np.nan]))
    none = np.empty(0)
    return Envelope(
        (np.arange(n_bins) + 0.5) * width_s, low, high,
        np.concatenate([none, *times]), np.concatenate([none, *noise]),
    )  # fmt: skip


def _extremes(
    trace: Floats, begin_s: float, step_s: float, width_s: float, low: Floats, high: Floats
) -> None:
    """Lower `low` and raise `high` by a block of samples that starts at `begin_s`."""
    bins = ((begin_s + np.arange(len(trace)) * step_s) / width_s).astype(np.int64)
    bins = np.minimum(bins, len(low) - 1)
    firsts = np.concatenate([[0], np.flatnonzero(np.diff(bins)) + 1])
    hit = bins[firsts]
    low[hit] = np.fmin(low[hit], np.fmin.reduceat(trace, firsts))
    high[hit] = np.fmax(high[hit], np.fmax.reduceat(trace, firsts))


def cut_out(
    recording: Recording, channels: tuple[int, ...], peak_s: float, *, half_s: float, look: Look
) -> tuple[Floats, Floats]:
    """Signal around one moment, on all of these channels.

    Returns
    -------
    times_s : ndarray, shape (n,)
        Relative to `peak_s`.
    block_uv : ndarray, shape (n_channels, n)
        NaN beyond the ends of the segment; all NaN if the moment lies in none.
    """
    rate_hz = recording.channels[channels[0]].sampling_hz
    half = round(half_s * rate_hz)
    block = np.full((len(channels), 2 * half + 1), np.nan)
    times = np.arange(-half, half + 1) / rate_hz
    for index, segment in enumerate(recording.segments):
        n = segment.n_samples(rate_hz)
        centre = round((peak_s - segment.start_s) * rate_hz)
        if 0 <= centre < n:
            first, last = max(centre - half, 0), min(centre + half + 1, n)
            found = read_filtered(recording, channels, index, first, last, look=look)
            block[:, first - centre + half : last - centre + half] = found
    return times, block
