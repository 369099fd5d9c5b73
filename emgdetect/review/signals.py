"""The piece of signal that the page shows: read, filtered, strongest channels, decimated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording, Site
from emgdetect.showing import MARGIN_S, Band, medians, read_filtered
from emgdetect.signal.noise import robust_rms

NEAR_S = 0.015
"""Around the peak of a potential, which lasts 3-40 ms (field.md): where channels are compared."""
NOISE_S = 1.0
"""On either side of a potential: where its channel's noise is measured."""

Block = NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """Signal to draw.

    Attributes
    ----------
    start_s, step_s : float
        Time of the first column, and from one to the next.
    channels : tuple of int
        Indices into `Recording.channels`, in file order.
    filtered, raw : ndarray of float32, shape (n_channels, n_columns)
        NaN where nothing was recorded. `raw` has each channel's median taken off. If decimated,
        even columns are the minimum and odd columns the maximum of two steps of time.
    decimated : bool
    noise_uv : ndarray, shape (n_channels,)
        Robust RMS of `filtered`, before decimation; NaN if there is no signal.
    """

    start_s: float
    step_s: float
    channels: tuple[int, ...]
    filtered: Block
    raw: Block
    decimated: bool
    noise_uv: NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A potential that a reviewer pointed at."""

    peak_s: float
    onset: float
    duration: float
    channel: int
    amplitude_uv: float
    noise_uv: float


def view(
    recording: Recording, channels: Sequence[int], *, start_s: float, stop_s: float,
    band: Band, n_columns: int,
) -> View:  # fmt: skip
    """Signal of some channels in a stretch of time.

    Parameters
    ----------
    recording : Recording
    channels : sequence of int
        Of one sampling rate.
    start_s, stop_s : float
    band : Band
    n_columns : int
        If there are more samples, minima and maxima of that many columns at most are given.

    Returns
    -------
    View
        Only what is needed of the recording is read.
    """
    rate = recording.channels[channels[0]].sampling_hz
    n = max(1, round((stop_s - start_s) * rate))
    filtered = np.full((len(channels), n), np.nan, dtype=np.float32)
    raw = filtered.copy()
    for at, block, low in _pieces(recording, channels, start_s, n, band):
        filtered[:, at : at + low.shape[1]] = low
        raw[:, at : at + block.shape[1]] = block
    raw -= medians(raw)
    noise = _noise(filtered)
    k = -(-n // (n_columns // 2)) if n > n_columns else 1
    if k == 1:
        return View(start_s, 1 / rate, tuple(channels), filtered, raw, False, noise)
    return View(
        start_s, k / 2 / rate, tuple(channels), min_max(filtered, k), min_max(raw, k), True, noise
    )


def joined(parts: Sequence[View]) -> View:
    """Views of the same stretch as one, their channels in this order.

    Parameters
    ----------
    parts : sequence of View
        At least one.
    """
    return replace(
        parts[0],
        channels=tuple(channel for part in parts for channel in part.channels),
        filtered=np.concatenate([part.filtered for part in parts]),
        raw=np.concatenate([part.raw for part in parts]),
        noise_uv=np.concatenate([part.noise_uv for part in parts]),
    )


def strongest(
    recording: Recording, site: Site, *, at_s: float, n_channels: int, own: int | None = None
) -> list[int]:
    """The channels of a site on which the signal around a time is largest, in file order.

    Sites of no more than `n_channels` channels are shown whole; without signal at that time the
    first channels are taken. `own`, the potential's channel in the table, is always among them.
    """
    if len(site.channels) <= n_channels:
        return list(site.channels)
    near = _around(recording, site.channels, at_s, NEAR_S, band=Band(20.0), margin_s=0.1)
    size = np.zeros(len(site.channels)) if near is None else np.ptp(near[1], axis=1)
    if own in site.channels:
        size[site.channels.index(own)] = np.inf
    best = np.argsort(-size, kind="stable")[:n_channels]
    return sorted(site.channels[i] for i in best)


def measure(recording: Recording, site: Site, *, at_s: float, band: Band) -> Measured | None:
    """The potential nearest to where a reviewer clicked; None if there is no signal.

    Its peak is the largest absolute deflection of all the site's channels within 15 ms. It lasts
    as long as its channel stays beyond three times the noise, with pauses of up to 3 ms.
    """
    near = _around(recording, site.channels, at_s, NEAR_S, band=band)
    wide = _around(recording, site.channels, at_s, NOISE_S, band=band)
    if near is None or wide is None:
        return None
    row, column = np.unravel_index(int(np.argmax(np.abs(near[1]))), near[1].shape)
    rate = site.sampling_hz
    peak_s = near[0] + float(column) / rate
    noise = float(robust_rms(wide[1][row]))
    trace = wide[1][row]
    peak, reach = round((peak_s - wide[0]) * rate), round(0.005 * rate)
    start, stop = _extent(np.abs(trace), peak, 3 * noise, rate)
    return Measured(
        peak_s=peak_s,
        onset=wide[0] + start / rate,
        duration=(stop - start) / rate,
        channel=site.channels[int(row)],
        amplitude_uv=float(
            np.ptp(trace[max(0, min(start, peak - reach)) : max(stop, peak + reach)])
        ),
        noise_uv=noise,
    )


def min_max(block: Block, k: int) -> Block:
    """Minimum and maximum, alternating, of each `k` columns; shape (n_rows, 2 * ceil(n / k))."""
    n = block.shape[1]
    padded = np.full((len(block), -(-n // k) * k), np.nan, dtype=np.float32)
    padded[:, :n] = block
    cells = padded.reshape(len(block), -1, k)
    out = np.empty((len(block), 2 * cells.shape[1]), dtype=np.float32)
    # fmin and fmax look past missing samples and leave NaN only where all are missing
    out[:, 0::2] = np.fmin.reduce(cells, axis=2)
    out[:, 1::2] = np.fmax.reduce(cells, axis=2)
    return out


def _pieces(
    recording: Recording, channels: Sequence[int], start_s: float, n: int, band: Band
) -> Iterator[tuple[int, Block, Block]]:
    """Where in the view, raw and filtered signal, for each segment that reaches into it."""
    rate = recording.channels[channels[0]].sampling_hz
    for index, segment in enumerate(recording.segments):
        offset = round((start_s - segment.start_s) * rate)
        start, stop = max(0, offset), min(segment.n_samples(rate), offset + n)
        if start < stop:
            raw, low = read_filtered(recording, channels, index, start, stop, band=band)
            yield start - offset, raw, low


def _around(
    recording: Recording, channels: Sequence[int], at_s: float, reach_s: float,
    *, band: Band, margin_s: float = MARGIN_S,
) -> tuple[float, Block] | None:  # fmt: skip
    """Start time and filtered signal within reach of a time, NaN taken as zero."""
    rate = recording.channels[channels[0]].sampling_hz
    for index, segment in enumerate(recording.segments):
        if not segment.start_s <= at_s < segment.stop_s:
            continue
        centre, reach = round((at_s - segment.start_s) * rate), round(reach_s * rate)
        start, stop = max(0, centre - reach), min(segment.n_samples(rate), centre + reach + 1)
        if start < stop:
            low = read_filtered(
                recording, channels, index, start, stop, band=band, margin_s=margin_s
            )[1]
            return segment.start_s + start / rate, np.nan_to_num(low)
    return None


def _extent(size: NDArray[np.float32], peak: int, level: float, rate: float) -> tuple[int, int]:
    """Range around the peak that stays above a level, pauses of 3 ms allowed, 20 ms at most."""
    pause, reach = round(0.003 * rate), round(0.020 * rate)
    above = size >= level
    start = stop = peak
    for i in range(peak, max(-1, peak - reach - 1), -1):
        start = i if above[i] else start
        if start - i > pause:
            break
    for i in range(peak, min(len(size), peak + reach + 1)):
        stop = i if above[i] else stop
        if i - stop > pause:
            break
    return start, stop + 1


def _noise(filtered: Block) -> NDArray[np.float64]:
    if np.isfinite(filtered).all():
        return robust_rms(filtered)
    rows = [row[np.isfinite(row)] for row in filtered]
    return np.array([float(robust_rms(row)) for row in rows])
