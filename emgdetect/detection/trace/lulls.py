"""The noise between the discharges of a muscle that never rests.

A unit that fires eight times a second leaves no quarter of a second free, and so its own spectrum
passes for that of the noise: what whitens the trace takes it out, and everything like it. Between
two of its discharges lies a tenth of a second, in which shorter pieces tell.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.threads import each
from emgdetect.detection.trace.front import Front, whitened_window
from emgdetect.signal import noise

Floats = NDArray[np.floating[Any]]

PIECE_S = 0.064
"""Seconds of a piece: between discharges 125 ms apart, of 20 ms each, there is room for one, and it
resolves the spectrum to 16 Hz, less than what `noise.SMOOTH_HZ` leaves."""
STEP_S = 0.016
"""Seconds between the starts of two pieces: a quarter of one. Set by judgement; not measured."""
LULL_SHARE = 0.25
"""Share of the pieces, the quietest, that are lulls: as many as tell the noise in `survey`."""
MOST_PIECES = 6000
"""Pieces that the spectrum is taken of: its median is then known to some 2 %."""
EDGES_HZ = (20.0, 40.0, 80.0, 120.0, 180.0, 260.0, 450.0)
"""Bands in which the noise of lulls is compared with that of longer pieces: wide enough for each to
hold some frequencies of both. Set by judgement; not measured."""
LESS = 0.3
"""Noise of lulls over that of longer pieces below which, in any band, a muscle never rests. A unit
that fires at 8/s all the time (two recordings of an independent simulator) has 0.06 and 0.07; 28
sites of other phenomena, our own and that simulator's, 0.66 or more; busy ones of ours (tuning
seeds 1001 to 1006) 0.51 to 0.70, and real rest 0.35 or more. With 0.6, of busy ones (1001 to 1008)
588 are missed and 178 false instead of 634 and 151; but of 146 potentials added to one stretch of
real rest 117 are counted, and 127 with 0.3. Taken everywhere, of clean ones (1001 to 1004) 25 are
false instead of 19, and 63 of 1597 missed instead of 61."""


def between_discharges(front: Front, windows: list[Floats], *, n_threads: int) -> Front:
    """A site with the noise of its lulls where its muscle never rests.

    Parameters
    ----------
    front : Front
        With what longer pieces tell of its noise.
    windows : list of ndarray, shape (n_channels, n_samples)
        Normalised signal.
    n_threads : int

    Returns
    -------
    Front
        `front` itself unless lulls have far less noise in some band; where they have, what is less.
    """
    rate, freqs_hz, density = front.site.sampling_hz, front.noise_freqs_hz, front.density
    n = round(PIECE_S * rate)
    windows = [window for window in windows if window.shape[1] >= 4 * n]
    if n < 8 or not windows:
        return front
    loud = each(partial(_loudness, front=front), windows, n_threads)
    pieces = _quietest(windows, loud, n, rate)
    known, lulls = noise.noise_spectrum(pieces, rate, quantile=0.5)
    lulls = np.interp(freqs_hz, known, lulls)
    inside = [(freqs_hz >= max(a, front.low_hz)) & (freqs_hz < min(b, front.high_hz))
              for a, b in itertools.pairwise(EDGES_HZ)]  # fmt: skip
    ratio = lulls / np.maximum(density, np.finfo(float).tiny)
    if not any(np.median(ratio[band]) < LESS for band in inside if band.any()):
        return front
    return replace(front, density=np.minimum(density, lulls))


def _loudness(window: Floats, *, front: Front) -> NDArray[np.float64]:
    """Power of each whitened piece of a window; shape (n_channels, n_pieces)."""
    rate = front.site.sampling_hz
    n = round(PIECE_S * rate)
    white = whitened_window(window, front=front)
    sums = np.pad(np.cumsum(np.square(white), axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    starts = np.arange(0, window.shape[1] - n + 1, _step(rate))
    return np.asarray(sums[:, starts + n] - sums[:, starts])


def _step(rate: float) -> int:
    """Samples between the starts of two pieces."""
    return max(1, round(STEP_S * rate))


def _quietest(
    windows: list[Floats], loud: list[NDArray[np.float64]], n: int, rate: float
) -> NDArray[np.float64]:
    """The quietest pieces of `n` samples, every so many if they are more than it takes."""
    limit = np.quantile(np.concatenate([power.ravel() for power in loud]), LULL_SHARE)
    chosen = [np.argwhere(power <= limit) for power in loud]
    every = -(-sum(map(len, chosen)) // MOST_PIECES)
    starts = np.cumsum([0, *map(len, chosen[:-1])])
    pieces = [
        window[channel, at * _step(rate) : at * _step(rate) + n]
        for window, own, start in zip(windows, chosen, starts, strict=True)
        for channel, at in own[-start % every :: every]
    ]
    return np.asarray(pieces, dtype=np.float64)
