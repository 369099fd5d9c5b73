"""Time in which a cable or the skin moves: slow waves all along.

An electrode whose cable moves shows waves of 3-14 Hz for as long as it moves; a potential or a
twitch does not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from emgdetect.signal.spans import merge

Floats = NDArray[np.floating[Any]]

BAND_HZ = (3.0, 14.0)
"""Edges in Hz of the slow waves of a cable. Set by judgement; not measured."""
BAND_ORDER = 2
"""Order of each edge in a single pass. Set by judgement; not measured."""
SLOW_RATE_HZ = 100.0
"""Rate in Hz at which they are looked at. Set by judgement; not measured."""
SAMPLES_PER_CELL = 16
"""Samples of a cell whose median is its level. Set by judgement; not measured."""
MOST_CHANNELS = 4
"""Channels of a site that are looked at, spread evenly: a cable is shared. Set by judgement; not
measured."""
SWAY_RATIO = 2.5
"""Slow waves over the site's usual ones, as a mean of three cells, from which a cable moves."""


def sway_levels(
    raw: NDArray[np.float32], rate_hz: float, core: slice, n_cells: int
) -> NDArray[np.float32]:
    """Size of a block's slow waves in each cell of its core, median of some channels.

    Parameters
    ----------
    raw : ndarray, shape (n_channels, n_samples)
        µV, context included.
    rate_hz : float
    core : slice
        Samples of the chunk itself.
    n_cells : int
        Of equal length.

    Returns
    -------
    ndarray of float32, shape (n_cells,)
        µV, the median magnitude within each cell.
    """
    rows = raw[np.unique(np.linspace(0, len(raw) - 1, MOST_CHANNELS).astype(int))]
    step = max(1, round(rate_hz / SLOW_RATE_HZ))
    n = rows.shape[1] // step
    coarse = rows[:, : n * step].reshape(len(rows), n, step).mean(axis=2)
    n_fft = int(fft.next_fast_len(n, real=True))
    spectrum = fft.rfft(coarse, n_fft, axis=1) * _band(n_fft, rate_hz / step)
    slow = np.abs(fft.irfft(spectrum, n_fft, axis=1))
    at = np.linspace(core.start, core.stop, n_cells * SAMPLES_PER_CELL, endpoint=False) / step
    cells = slow[:, np.minimum(at.astype(int), n - 1)].reshape(len(rows), n_cells, -1)
    return np.asarray(np.median(np.median(cells, axis=2), axis=0), dtype=np.float32)


@lru_cache(maxsize=16)
def _band(n_fft: int, rate_hz: float) -> NDArray[np.float32]:
    """Response of the band of slow waves: a digital Butterworth filter, forward and backward."""
    low, high = np.tan(np.pi * np.array(BAND_HZ) / rate_hz)
    at = np.tan(np.pi * np.arange(1, n_fft // 2 + 1) / n_fft)
    response = np.zeros(n_fft // 2 + 1, dtype=np.float32)
    response[1:] = 1 / (1 + ((at**2 - low * high) / (at * (high - low))) ** (2 * BAND_ORDER))
    return response


def swaying_spans(cell_s: Floats, sway: NDArray[np.float32]) -> Floats:
    """Spans in which a site's slow waves are far larger than usual; shape (n_spans, 2)."""
    if not len(sway):
        return np.zeros((0, 2))
    usual = max(float(np.median(sway)), 1e-9)
    level = ndimage.uniform_filter1d(sway, 3, mode="nearest")
    return merge(cell_s[level > SWAY_RATIO * usual], gap=0.26)
