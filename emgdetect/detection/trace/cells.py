"""Cells of a quarter of a second: level and colour of the noise in each, and room for them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trace.bank import LEVEL_QUANTILE, bank_in_noise
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.trace.whitening import Spectrum
from emgdetect.signal import noise

CELL_S = 0.25
"""Seconds of a cell: the noise level has one value in each. Set by judgement; not measured."""
LEVEL_CELLS = 5
"""Cells of a running median (1.25 s): noise that moves has to be followed within a second or two,
and 160 potentials a minute must not raise it (issue 3)."""
PARTS = 10
"""Parts of a cell (25 ms) whose largest score tells where in it an interference pattern begins."""
LEVEL_FLOOR = 0.2
"""Level in units of the quiet noise below which no cell is divided by: a filled gap would make the
noise beside it an event. Set by judgement; not measured."""


def room_for(
    front: Front, chunks: Sequence[Chunk]
) -> tuple[NDArray[np.float32], NDArray[np.float32], list[slice]]:
    """Room for level and colour of all cells, which joined from chunks would be held twice.

    Returns
    -------
    level : ndarray of float32, shape (n_channels, n_cells)
    colour : ndarray of float32, shape (2, n_channels, n_cells)
        Both to be filled.
    places : list of slice
        Cells of each chunk.
    """
    ratio, n_channels = front.scan_ratio, len(front.channels)
    n_cell = samples_of_cell(front.site.sampling_hz * ratio.numerator / ratio.denominator)
    samples = [math.ceil((chunk.stop - chunk.start) * ratio) for chunk in chunks]
    stops = np.cumsum([0, *(noise.cells_in(n, n_cell) for n in samples)]).tolist()
    level = np.empty((n_channels, stops[-1]), dtype=np.float32)
    colour = np.empty((2, n_channels, stops[-1]), dtype=np.float32)
    return level, colour, [slice(*ends) for ends in pairwise(stops)]


def samples_of_cell(rate_hz: float) -> int:
    """Samples of a cell: the last one of a chunk may be longer or shorter."""
    return max(1, round(CELL_S * rate_hz))


def levels_of(
    front: Front, score: NDArray[np.float32], spectrum: Spectrum, n_cell: int, n_context: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Level of each cell of a chunk, and the smoothed level that context helps to know.

    Returns
    -------
    cells : ndarray of float32, shape (n_channels, n_cells)
    smooth : ndarray of float32, shape (n_channels, n_cells)
        Bounded below, so that a filled gap does not make the noise beside it an event.
    """
    bank = bank_in_noise(round(spectrum.rate_hz, 3), front.low_hz, front.high_hz)
    keep = spectrum.keep
    n_core = keep.stop - keep.start
    n_context = min(n_context, keep.start // n_cell)
    start = keep.start - n_context * n_cell
    before = _cells(score[:, start : keep.start], n_cell)
    core = _cells(score[:, keep], n_cell)
    last = keep.start + core.shape[1] * n_cell
    after = _cells(score[:, last : last + n_context * n_cell], n_cell)
    if last >= keep.stop + n_cell or n_core < n_cell:
        after = core[:, -1:]
    cells = np.concatenate([before, core, after], axis=1)
    cells = (cells / bank.quantile).astype(np.float32)
    smooth = noise.smooth_levels(np.maximum(cells, LEVEL_FLOOR), LEVEL_CELLS)
    inside = slice(before.shape[1], before.shape[1] + core.shape[1])
    return cells[:, inside], smooth[:, inside]


def _cells(score: NDArray[np.float32], n_cell: int, *, coarse: bool = False) -> Any:
    """Level of each cell from a sixth of its samples where many channels or cells average it."""
    step = max(1, min(n_cell // 32, 6 if coarse or len(score) >= 16 else 3))
    return noise.cell_levels(score, n_cell, quantile=LEVEL_QUANTILE, step=step)


def colour_of_cells(
    narrow: NDArray[np.float32], middle: NDArray[np.float32], wide: NDArray[np.float32], n_cell: int
) -> NDArray[np.float32]:
    """Tilt and hump of the spectrum in each cell, from squared scores; (2, n_channels, n_cells)."""
    low, mid, high = (np.log(np.sqrt(_cells(part, n_cell, coarse=True)) + 1e-9)
                      for part in (wide, middle, narrow))  # fmt: skip
    return np.stack([low - high, mid - 0.5 * (low + high)])


def crests_of(score: NDArray[np.float32], n_cell: int, n_cells: int) -> NDArray[np.float32]:
    """Largest score in each part of each cell, median of the channels; shape (n_cells, PARTS)."""
    bounds = np.append(np.arange(n_cells) * n_cell, score.shape[1])
    shares = np.arange(PARTS) / PARTS
    starts = (bounds[:-1, None] + np.diff(bounds)[:, None] * shares).astype(np.int64)
    crests = [np.maximum.reduceat(row, starts.ravel()) for row in score]
    return np.asarray(np.median(crests, axis=0), dtype=np.float32).reshape(n_cells, PARTS)


def interpolate_cells(levels: NDArray[np.float32], n_cell: int, n: int) -> NDArray[np.float32]:
    """Levels of cells, drawn out to samples by straight lines between the cells' centres."""
    out = np.empty((len(levels), n), dtype=np.float32)
    # The first centre lies between samples where a cell has an odd number of them.
    first = (n_cell + 1) // 2
    stop = min(n, first + (levels.shape[1] - 1) * n_cell)
    out[:, :first] = levels[:, :1]
    share = ((np.arange(n_cell) + first - n_cell / 2) / n_cell).astype(np.float32)
    between = levels[:, :-1, None] + np.diff(levels, axis=1)[:, :, None] * share
    out[:, first:stop] = between.reshape(len(levels), -1)[:, : max(0, stop - first)]
    out[:, max(first, stop) :] = levels[:, -1:]
    return out


def mirrored(before: NDArray[np.int64], after: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Cells to put in place of some, from the middle of which on those after it are mirrored."""
    half = n // 2 if len(before) and len(after) else n * bool(len(before))
    left, right = before[::-1], after[::-1]
    return np.concatenate([
        np.resize(np.concatenate([left, left[::-1]]), half),
        np.resize(np.concatenate([after, right]), n - half)[::-1],
    ])  # fmt: skip
