"""Signal for the eye: read where it is looked at, in a mild band, without mains.

Whatever part is asked for comes out as if the whole segment had been filtered at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.filters import filter_zero_phase
from emgdetect.signal.hum import remove_hum
from emgdetect.signal.mains import mains_lines, median_power, rail_lines, with_rail

if TYPE_CHECKING:
    from emgdetect.recording import Recording

Block = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

MARGIN_S = 0.5
"""Read on either side of what is shown, so that the filter has settled."""

HUM_MARGIN_S = 1.0
"""And further where mains is fitted, in windows of a second."""

HIGH_SHARE = 0.45
"""Upper edge of the band, of the sampling rate: nothing of a potential is cut off."""

N_WINDOWS, WINDOW_S = 12, 4.0
"""Pieces of the recording in which mains is looked for."""

LEAST_SHARE = 0.02
"""Of the power, for harmonics without their fundamental: a few windows of noise show some, too."""

NOMINAL_HZ = (50.0, 60.0)


@dataclass(frozen=True)
class Band:
    """What of the signal is shown.

    Attributes
    ----------
    low_hz : float
        Lower edge of the band-pass; 10 Hz is that in which amplitudes are measured.
    mains_hz : float
    harmonics : tuple of float
        Multiples of `mains_hz` that are taken out, those of railway current last; empty for none.
    """

    low_hz: float = 10.0
    mains_hz: float = 50.0
    harmonics: tuple[float, ...] = ()


def find_mains(
    recording: Recording, channel: int, *, low_hz: float, nominal_hz: Sequence[float] = NOMINAL_HZ
) -> Band:
    """The band from `low_hz` on with the lines of mains and railway that stand out on a channel.

    Parameters
    ----------
    recording : Recording
    channel : int
    low_hz : float
    nominal_hz : sequence of float
        Mains frequencies to look for.

    Returns
    -------
    Band
        Without harmonics if there are none, or the recording is too short to tell.
    """
    rate_hz = recording.channels[channel].sampling_hz
    windows = np.array([w for w in _windows(recording, channel) if np.isfinite(w).all()])
    if not len(windows):
        return Band(low_hz)
    power = median_power(windows)
    found = [
        (share, len(harmonics), Band(low_hz, frequency, harmonics))
        for nominal in nominal_hz
        if 2.2 * nominal < rate_hz
        for frequency, harmonics, share in [
            mains_lines(windows, rate_hz, nominal_hz=nominal, power=power)
        ]
        if 1 in harmonics or share >= LEAST_SHARE
    ]
    band = max(found, key=lambda entry: entry[:2])[2] if found else Band(low_hz)
    if 50.0 not in nominal_hz:
        return band
    rail_hz, rail, _ = rail_lines(windows, rate_hz, power=power)
    return Band(low_hz, *with_rail(band.mains_hz, band.harmonics, rail_hz, rail))


def _windows(recording: Recording, channel: int) -> Iterator[Block]:
    """Windows spread over the recording, which may overlap; none in shorter segments."""
    rate_hz = recording.channels[channel].sampling_hz
    n, step = round(WINDOW_S * rate_hz), round(WINDOW_S * rate_hz / 8)
    starts = [
        (index, start)
        for index, segment in enumerate(recording.segments)
        for start in range(0, segment.n_samples(rate_hz) - n + 1, step)
    ]
    picked = np.unique(np.linspace(0, len(starts) - 1, N_WINDOWS).astype(int)) if starts else ()
    for index, start in (starts[i] for i in picked):
        yield recording.read((channel,), index, start, start + n)[0]


def read_filtered(
    recording: Recording, channels: Sequence[int], segment: int, start: int, stop: int,
    *, band: Band, margin_s: float = MARGIN_S,
) -> tuple[Block, Block]:  # fmt: skip
    """Samples of a segment, as recorded and in the band.

    Parameters
    ----------
    recording : Recording
    channels : sequence of int
        Of one sampling rate.
    segment, start, stop : int
        Half-open sample range within the segment.
    band : Band
    margin_s : float
        Read on either side.

    Returns
    -------
    raw, filtered : ndarray of float32, shape (n_channels, stop - start)
        NaN where samples are missing.
    """
    rate_hz = recording.channels[channels[0]].sampling_hz
    margin = round((margin_s + HUM_MARGIN_S * bool(band.harmonics)) * rate_hz)
    n = recording.segments[segment].n_samples(rate_hz)
    first, last = max(0, start - margin), min(n, stop + margin)
    raw = recording.read(channels, segment, first, last)
    missing = ~np.isfinite(raw)
    whole = np.where(missing, medians(raw), raw) if missing.any() else raw
    centred = whole - whole.mean(axis=1, keepdims=True)
    clean = remove_hum(centred, rate_hz, frequency_hz=band.mains_hz, harmonics=band.harmonics)
    shown = filter_zero_phase(clean, rate_hz, low_hz=band.low_hz, high_hz=HIGH_SHARE * rate_hz)
    if missing.any():
        shown[missing] = np.nan
    inside = slice(start - first, stop - first)
    return raw[:, inside], shown[:, inside]


def medians(block: Block) -> Block:
    """Median of each row, zero where all is missing; shape (n_rows, 1)."""
    known = np.isfinite(block).any(axis=1)
    if known.all() and not np.isnan(block).any() and block.shape[1]:
        return np.asarray(np.median(block, axis=1, keepdims=True), dtype=np.float32)
    out = np.zeros((len(block), 1), dtype=np.float32)
    if known.any() and block.shape[1]:
        out[known, 0] = np.nanmedian(block[known], axis=1)
    return out


def cut_out(
    recording: Recording, channels: Sequence[int], peak_s: float, *, half_s: float, band: Band
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
            shown = read_filtered(recording, channels, index, first, last, band=band)[1]
            block[:, first - centre + half : last - centre + half] = shown
    return times, block


def extremes_by_bin(
    trace: Floats, begin_s: float, step_s: float, *, width_s: float, n_bins: int
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Smallest and largest value of a trace in bins of time that begin at 0 s.

    Parameters
    ----------
    trace : ndarray, shape (n,)
        NaN does not count.
    begin_s, step_s : float
        Time of the first sample, and from one to the next.
    width_s : float
    n_bins : int
        What lies beyond the last bin counts to it.

    Returns
    -------
    bins : ndarray of int, shape (n_hit,)
        Bins that hold samples, in order.
    low, high : ndarray, shape (n_hit,)
        NaN where all samples of a bin are.
    """
    # A nanosecond more, so that rounding does not decide about samples on a bin's edge
    times = begin_s + np.arange(len(trace)) * step_s + 1e-9
    bins = np.minimum((times / width_s).astype(np.int64), n_bins - 1)
    firsts = np.flatnonzero(np.diff(bins, prepend=-1))
    return bins[firsts], np.fmin.reduceat(trace, firsts), np.fmax.reduceat(trace, firsts)
