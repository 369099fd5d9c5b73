"""The converter's step, and the noise that is put in its place where it drowns that of a channel.

One flip between two levels is no potential: nothing smaller than a step is known of the signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtri

from emgdetect.recording import Recording, Site
from emgdetect.signal.dither import dither
from emgdetect.signal.gaps import digital_step
from emgdetect.signal.medians import row_medians
from emgdetect.signal.noise import robust_rms

Floats = NDArray[np.floating[Any]]
Key = tuple[int, int]

COARSE_STEPS = 3.0
"""RMS in steps below which several equal samples in a row are natural. Set by judgement; not
measured."""
PIECE_S = 0.1
"""Seconds in which the spread of samples tells whether equal ones are natural: drifts take longer.
Set by judgement; not measured."""
THINNED = 4
"""Every so many samples tell the spread. Set by judgement; not measured."""
STEP_WINDOWS = 8
"""Windows in which the step is looked for. Set by judgement; not measured."""
VARYING_SHARE = 0.5
"""Share of windows in which a channel has to change for it not to be dead. Set by judgement; not
measured."""

THREE_LEVELS = 0.36
"""Standard deviation in steps of noise that stays within three levels for 4.2 of its own. Chosen on
three minutes each of rounded noise of 20-100 Hz: at 0.34 steps 3 potentials were found with
`still_uv` and 114 without, at 0.37 steps 10 and 11, at 0.41 steps 38 and 1."""
DITHERED = 0.45
"""Standard deviation in steps up to which dither is added. Noise of half a step makes the rounding
error uniform by itself (Widrow & Kollar 2008): in a minute of noise of 20-100 Hz without it, 45
potentials were found at 0.4 steps and none at 0.5."""
LEAST_SHARE = 1e-4
"""Share of samples above or below the level that is counted at least, so that a converter that
never leaves it has a spread, too: 0.13 steps."""
STILL_STEPS = 2.5
"""Range in steps within which three levels lie: two, and half a step for rounded numbers."""
STILL_S = 0.010
"""Seconds to either side in which a trace has to move beyond its three levels. Set by judgement;
not measured."""


def converter_steps(recording: Recording, site: Site, windows: Sequence[Floats]) -> Floats:
    """Step of each channel in µV, shape (n_channels,); 0 where neither samples nor header tell.

    What the samples show counts: a file's own step may be finer than the converter's was, and a
    header's range may be wrong.

    Parameters
    ----------
    recording : Recording
    site : Site
    windows : sequence of ndarray, shape (n_channels, n_samples)
        Of the site, spread over the recording.
    """
    hop = -(-len(windows) // STEP_WINDOWS)
    seen = np.array([digital_step(window) for window in windows[::hop]])
    least = np.where(seen > 0, seen, np.inf).min(axis=0)
    named = np.array([recording.channels[i].resolution_uv for i in site.channels])
    return np.asarray(np.where(np.isfinite(least), least, np.nan_to_num(named)))


def spreads(windows: Sequence[Floats], sampling_hz: float) -> Floats:
    """Median RMS in µV of each channel within pieces too short for a drift; (n_channels,)."""
    n = max(8, round(PIECE_S * sampling_hz / THINNED))
    return np.median([_spread(window[:, ::THINNED], n) for window in windows], axis=0)


def is_coarse(spread_uv: Floats, steps_uv: Floats) -> bool:
    """Whether the noise of most channels drowns in the step, so that equal samples are natural."""
    return bool(np.median(spread_uv) < COARSE_STEPS * np.median(steps_uv))


def _spread(window: Floats, n: int) -> NDArray[np.float64]:
    """Median spread of pieces of each channel, shape (n_channels,)."""
    n = min(n, window.shape[1])
    whole = window[:, : window.shape[1] // n * n].reshape(len(window), -1, n)
    return np.asarray(row_medians(np.nan_to_num(robust_rms(whole), nan=0.0)), dtype=np.float64)


@dataclass(frozen=True)
class Rounding:
    """What is done about the converter's step in each channel; zeros where nothing is.

    Attributes
    ----------
    dither_uv : ndarray, shape (n_channels,)
        Width of the uniform noise that is added.
    still_uv : ndarray, shape (n_channels,)
        Range below which a stretch is no more than flips between neighbouring levels.
    """

    dither_uv: Floats
    still_uv: Floats

    def of(self, rows: Any) -> Rounding:
        """The same of some channels."""
        return Rounding(self.dither_uv[rows], self.still_uv[rows])


def rounding_of(
    windows: Sequence[Floats], spread_uv: Floats, steps_uv: Floats, *, sampling_hz: float,
    high_hz: float,
) -> Rounding:  # fmt: skip
    """What to do about the steps of some channels.

    Where noise is less than half a step, medians of the trace say nothing of it. Noise of about a
    third of a step or less stays within three levels besides, and what moves no further may be
    flips between them. Dither has the RMS of the rounding error within the band, whatever the
    sampling rate: the error of a trace that hardly moves from sample to sample has no more
    bandwidth than the trace.

    Parameters
    ----------
    windows : sequence of ndarray, shape (n_channels, n_samples)
        Finite, without mains.
    spread_uv, steps_uv : ndarray, shape (n_channels,)
        From `spreads` and `converter_steps`.
    sampling_hz, high_hz : float
        Rate, and upper edge of the band.
    """
    varying = np.mean([np.ptp(window, axis=1) > 0 for window in windows], axis=0)
    doubtful = (varying >= VARYING_SHARE) & (spread_uv < COARSE_STEPS * steps_uv)
    deviation = np.full(len(steps_uv), np.inf)
    n = max(8, round(PIECE_S * sampling_hz))
    for i in np.flatnonzero(doubtful):
        off = np.concatenate([_off_level(window[i], n) for window in windows])
        deviation[i] = _deviation(off / steps_uv[i])
    width = np.sqrt(max(1.0, 0.5 * sampling_hz / high_hz))
    return Rounding(
        np.where(deviation <= DITHERED, width * steps_uv, 0.0),
        np.where(deviation <= THREE_LEVELS, STILL_STEPS * steps_uv, 0.0),
    )


def _deviation(off: Floats) -> float:
    """Standard deviation in steps of Gaussian noise, from how often a level is left."""
    shares = np.clip([np.mean(off < -0.5), np.mean(off > 0.5)], LEAST_SHARE, 0.49)
    return float(-1 / ndtri(shares).sum())


def _off_level(row: Floats, n: int) -> Floats:
    """Samples less the median of their piece of `n`."""
    n = min(n, len(row))
    whole = row[: len(row) // n * n].reshape(-1, n)
    return np.asarray((whole - row_medians(whole)[:, None]).ravel())


def restless(
    data: NDArray[np.float32], rounding: Rounding, sampling_hz: float, keys: Sequence[Key],
    start: int,
) -> None:  # fmt: skip
    """Make a stretch of some channels as restless as it is uncertain, in place.

    Parameters
    ----------
    data : ndarray of float32, shape (n_channels, n_samples)
    rounding : Rounding
    sampling_hz : float
    keys : sequence of tuple of int
        Of each channel and its segment: each has a noise of its own.
    start : int
        Sample of the segment that comes first.
    """
    around = 2 * round(STILL_S * sampling_hz) + 1
    each_row = zip(data, rounding.dither_uv, rounding.still_uv, keys, strict=True)
    for row, width, least, key in each_row:
        if least > 0:
            moved = ndimage.maximum_filter1d(row, around) - ndimage.minimum_filter1d(row, around)
            mean = ndimage.uniform_filter1d(row, round(PIECE_S * sampling_hz))
            # Beside potentials the rounding error itself is left, of the same size.
            error = np.float32(width) * dither((*key, 1), start, start + len(row))
            row[:] = np.where(moved < least, mean + error, row)
        if width > 0:
            row += np.float32(width) * dither((*key, 0), start, start + len(row))


def key_of(recording: Recording, channel: int, segment: int) -> Key:
    """What the dither of a channel in a segment is drawn by: the name, wherever it stands."""
    return crc32(recording.channels[channel].name.encode()), segment
