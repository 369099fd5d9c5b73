"""Stretches and envelopes of a channel, read in blocks whatever the length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.showing import NOMINAL_HZ, Band, extremes_by_bin, find_mains, read_filtered
from emgdetect.signal.noise import robust_rms
from emgdetect.signal.spans import complement, intersect

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording, Site

Floats = NDArray[np.floating[Any]]

N_BLOCK = 2**19
"""Samples read at once."""

DISTURBANCES = ("motion", "clipped", "pop")
"""Verdicts of what comes from no muscle and may be of any size."""

DWARFS = 4.0
"""A disturbance so many times as tall as all else hides it, and may run out of a close-up."""

AROUND_S = 0.1
"""A disturbance lasts so much longer than the potentials found in it, on either side."""


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
    recorded = recording.spans_s
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


def band_of(recording: Recording, channel: int, found: Detections) -> Band:
    """The band a channel is shown in: that of the analysis, mains taken out as it was told to."""
    config = found.config
    if config.mains_hz == "none":
        return Band(config.measure_low_hz)
    nominal_hz = NOMINAL_HZ if config.mains_hz == "auto" else (float(config.mains_hz),)
    return find_mains(recording, channel, low_hz=config.measure_low_hz, nominal_hz=nominal_hz)


def read_stretch(
    recording: Recording, channel: int, start_s: float, stop_s: float, *, band: Band
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
        trace = read_filtered(recording, (channel,), index, first, last, band=band)[1][0]
        times += [segment.start_s + np.arange(first, last) / rate_hz, np.array([np.nan])]
        pieces += [trace.astype(float), np.array([np.nan])]
    if not pieces:
        return np.empty(0), np.empty(0)
    return np.concatenate(times), np.concatenate(pieces)


def envelope(recording: Recording, channel: int, *, band: Band, n_bins: int = 1600) -> Envelope:
    """The whole recording of one channel, small enough to draw; read in blocks.

    Parameters
    ----------
    recording : Recording
    channel : int
    band : Band
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
            trace = read_filtered(recording, (channel,), index, start, stop, band=band)[1][0]
            begin_s = segment.start_s + start / rate_hz
            bins, lowest, highest = extremes_by_bin(
                trace, begin_s, 1 / rate_hz, width_s=width_s, n_bins=n_bins
            )
            low[bins], high[bins] = np.fmin(low[bins], lowest), np.fmax(high[bins], highest)
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


def row_limit_uv(shown: Envelope, here: pd.DataFrame, excluded: pd.DataFrame) -> float:
    """Half height of a row in µV: potentials fit in, excluded time may run out of it."""
    relaxed = np.ones(len(shown.times_s), dtype=bool)
    for onset_s, duration_s in zip(excluded["onset"], excluded["duration"], strict=True):
        relaxed &= (shown.times_s < onset_s) | (shown.times_s > onset_s + duration_s)
    reach = np.fmax(np.abs(shown.low_uv), np.abs(shown.high_uv))
    chosen = reach[relaxed & np.isfinite(reach)] if relaxed.any() else reach[np.isfinite(reach)]
    usual = float(np.quantile(chosen, 0.995)) if len(chosen) else 0.0
    counted = here.loc[here["verdict"] == "fasciculation", "amplitude_uv"].to_numpy(float)
    tallest = 0.6 * float(np.quantile(counted, 0.98)) if len(counted) else 0.0
    return max(usual, min(tallest, 20 * usual), 1e-3)


def undisturbed_uv(times_s: Floats, trace_uv: Floats, events: pd.DataFrame) -> float:
    """Half height in µV at which potentials show beside a disturbance that would dwarf them.

    Parameters
    ----------
    times_s, trace_uv : ndarray, shape (n,)
    events : DataFrame
        Potentials of this stretch, of any verdict.

    Returns
    -------
    float
        0 where no disturbance is more than `DWARFS` times as tall as all the rest, or there is no
        other potential: then the whole trace may be shown.
    """
    disturbed = events["verdict"].isin(DISTURBANCES)
    rest = np.isfinite(trace_uv)
    tallest = float(np.max(np.abs(trace_uv[rest]), initial=0.0))
    for event in events[disturbed].to_dict("records"):
        start_s, stop_s = event["onset"] - AROUND_S, event["onset"] + event["duration"] + AROUND_S
        rest &= (times_s < start_s) | (times_s > stop_s)
    usual = float(np.max(np.abs(trace_uv[rest]), initial=0.0))
    return 1.1 * usual if not disturbed.all() and tallest > DWARFS * usual else 0.0


def half_height(limit_uv: float) -> str:
    """How far a row without an axis reaches, in words."""
    return f"±{limit_uv:.0f} µV" if limit_uv >= 1000 else f"±{limit_uv:.3g} µV"
