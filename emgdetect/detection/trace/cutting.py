"""Whitened, level-normalised signal around candidates: what units are sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.threads import each
from emgdetect.detection.trace.bank import whole_score
from emgdetect.detection.trace.blocks import PAD_S, Block, read_block
from emgdetect.detection.trace.cells import (
    CELL_S,
    interpolate_cells,
    levels_of,
    samples_of_cell,
)
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.trace.whitening import Spectrum, whiten
from emgdetect.detection.trace.windows import Windows
from emgdetect.signal.colours import Colour

Floats = NDArray[np.floating[Any]]

_LEVELS: WeakKeyDictionary[Front, dict[Chunk, dict[int, NDArray[np.float32]]]] = WeakKeyDictionary()
"""Levels of cells by channel, some kilobytes a minute; gone with their front."""


@dataclass(frozen=True, eq=False)
class View:
    """What is looked at of a site: some of its channels, or mixtures of all channels of a grid.

    Attributes
    ----------
    channels : tuple of int
        Positions within `front.channels`.
    mixing : ndarray of float32, shape (n_rows, n_channels), optional
        Mixtures of the channels in units of their noise; of all channels.
    colour : Colour, optional
        Of the noise of the mixtures; what they are to be whitened by.
    level_s, level : ndarray, shape (n_cells,)
        Course of the noise that all channels of a grid share: times in order, and levels.
    """

    channels: tuple[int, ...]
    mixing: NDArray[np.float32] | None = None
    colour: Colour | None = None
    level_s: Floats = field(default_factory=lambda: np.zeros(1))
    level: Floats = field(default_factory=lambda: np.ones(1))

    def __len__(self) -> int:
        """Rows of a trace."""
        return len(self.channels) if self.mixing is None else len(self.mixing)


@dataclass(frozen=True, eq=False)
class Trace:
    """A chunk's whitened trace in units of its local noise, with context.

    Attributes
    ----------
    values : ndarray of float32, shape (n_rows, n_samples)
        Noise is white within the band, at unit density.
    rate_hz : float
    keep : slice
        Samples of the chunk itself.
    start_s : float
        Time of the first of them.
    block : Block
        What it was made from.
    level : ndarray of float32, shape (n_rows or 1, n_core)
        What the chunk itself was divided by.
    """

    values: NDArray[np.float32]
    rate_hz: float
    keep: slice
    start_s: float
    block: Block
    level: NDArray[np.float32]


def trace_of(front: Front, chunk: Chunk, view: View) -> Trace:
    """Whitened trace of a chunk, in units of the local noise.

    Parameters
    ----------
    front : Front
    chunk : Chunk
    view : View
    """
    channels = list(view.channels)
    scale = (1.0 / front.rms_uv[channels]).astype(np.float32)
    block = read_block(front, chunk, None if view.mixing is not None else channels)
    raw = block.raw * scale[:, None] if view.mixing is None else (view.mixing * scale) @ block.raw
    mixed = replace(block, raw=np.asarray(raw, dtype=np.float32))
    spectrum = whiten(front, mixed, front.trace_ratio)
    rate, keep = spectrum.rate_hz, spectrum.keep
    if view.colour is not None:
        np.multiply(spectrum.values, view.colour.gain(spectrum.n_fft, rate), out=spectrum.values)
    context = round(PAD_S * rate / 2)
    inside = slice(max(0, keep.start - context), min(spectrum.n_fft, keep.stop + context))
    core = slice(keep.start - inside.start, keep.stop - inside.start)
    if view.mixing is None:
        n_cell = samples_of_cell(rate)
        smooth = _remembered_levels(front, chunk, channels, spectrum, n_cell)
        level = interpolate_cells(smooth, n_cell, keep.stop - keep.start)
    else:
        at = front.start_s(chunk) + np.arange(keep.stop - keep.start) / rate
        level = np.interp(at, view.level_s, view.level)[None].astype(np.float32)
    trace = fft.irfft(spectrum.values, spectrum.n_fft, axis=1)[:, inside].copy()
    trace[:, core] /= level
    trace[:, : core.start] /= level[:, :1]
    trace[:, core.stop :] /= level[:, -1:]
    return Trace(
        values=trace, rate_hz=rate, keep=core, start_s=front.start_s(chunk), block=block,
        level=level,
    )  # fmt: skip


def _remembered_levels(
    front: Front, chunk: Chunk, channels: Sequence[int], spectrum: Spectrum, n_cell: int
) -> NDArray[np.float32]:
    """Smoothed levels of a chunk's cells, shape (n_channels, n_cells), worked out only once.

    A chunk is cut several times, and its levels cost more than all the rest of its trace.
    """
    known = _LEVELS.setdefault(front, {}).setdefault(chunk, {})
    if not all(channel in known for channel in channels):
        score = whole_score(
            spectrum.values, spectrum.n_fft, spectrum.rate_hz, front.low_hz, front.high_hz
        )
        _, smooth = levels_of(front, score, spectrum, n_cell, round(PAD_S / CELL_S))
        known |= dict(zip(channels, smooth, strict=True))
    return np.stack([known[channel] for channel in channels])


def by_chunk(
    front: Front, chunks: Sequence[Chunk], time_s: Floats
) -> list[tuple[Chunk, NDArray[np.int64]]]:
    """Chunks that hold any of some times, and which of the times each holds.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
        In order of time.
    time_s : ndarray, shape (n,)
        In order.
    """
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    # Half a sample of slack: a time on a chunk's first sample belongs to that chunk.
    owner = np.searchsorted(starts - 0.5 / front.site.sampling_hz, time_s, side="right") - 1
    # The lobe that a unit is measured at may lie before the first sample.
    owner = np.maximum(owner, 0)
    return [(chunks[i], np.flatnonzero(owner == i)) for i in np.unique(owner)]


def cut_candidates(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, *, view: View, reach_s: float,
    n_threads: int,
) -> NDArray[np.float32]:  # fmt: skip
    """Pieces of the trace around candidates.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    time_s : ndarray, shape (n_candidates,)
        In order.
    view : View
    reach_s : float
        Half the length of a piece.
    n_threads : int

    Returns
    -------
    ndarray of float32, shape (n_candidates, n_rows, 2 * n_reach + 1)
    """
    reach = reach_of(front, reach_s)
    # Into one array: parts to be joined would be held twice.
    pieces = np.empty((len(time_s), len(view), 2 * reach + 1), dtype=np.float32)
    jobs = [(chunk, time_s[own], pieces[own[0] : own[-1] + 1])
            for chunk, own in by_chunk(front, chunks, time_s)]  # fmt: skip
    each(partial(_cut, front, view, reach), jobs, n_threads)
    return pieces


def cut_strongest(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, channel: NDArray[np.int64], *,
    reach_s: float, n_threads: int,
) -> NDArray[np.float32]:  # fmt: skip
    """Pieces of the trace around candidates, each on a channel of its own.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    time_s : ndarray, shape (n_candidates,)
        In order.
    channel : ndarray of int, shape (n_candidates,)
        Position within `front.channels` for each.
    reach_s : float
        Half the length of a piece.
    n_threads : int

    Returns
    -------
    ndarray of float32, shape (n_candidates, 2 * n_reach + 1)
    """
    reach = reach_of(front, reach_s)
    jobs = [(chunk, time_s[own], channel[own])
            for chunk, own in by_chunk(front, chunks, time_s)]  # fmt: skip
    parts = each(partial(_cut_strongest, front, reach), jobs, n_threads)
    return np.concatenate([np.zeros((0, 2 * reach + 1), dtype=np.float32), *parts])


def reach_of(front: Front, reach_s: float) -> int:
    """A duration in samples of the trace."""
    return round(reach_s * front.trace_rate_hz)


def _cut(
    front: Front, view: View, reach: int, job: tuple[Chunk, Floats, NDArray[np.float32]]
) -> None:
    """Write the pieces of a chunk, shape (n, n_rows, 2 * reach + 1), into an array."""
    chunk, times, pieces = job
    if view.mixing is not None:
        _cut_mixed(front, chunk, times, view, reach, pieces)
    else:
        trace = trace_of(front, chunk, view)
        pieces[:] = trace.values[:, _window(trace, times, reach)].transpose(1, 0, 2)


def _cut_mixed(
    front: Front, chunk: Chunk, times: Floats, view: View, reach: int, pieces: NDArray[np.float32]
) -> None:
    """Pieces of the mixtures of all channels, each from a window of its own."""
    block, windows, start_s = read_block(front, chunk), Windows(front), front.start_s(chunk)
    rate = front.site.sampling_hz * windows.up / windows.down
    mixing = np.asarray(view.mixing) * (1.0 / front.rms_uv).astype(np.float32)
    last = (chunk.stop - chunk.start) * windows.up // windows.down - 1
    for piece, at in zip(pieces, np.rint((times - start_s) * rate).astype(int), strict=True):
        spectrum, first = windows.spectrum(block, int(at))
        centre = windows.place(int(at), first)
        trace = windows.whitened(spectrum)[:, centre - reach : centre + reach + 1]
        # The level goes on as it is beyond the ends of the chunk.
        own = np.clip(np.arange(at - reach, at + reach + 1), 0, last)
        level = np.interp(start_s + own / rate, view.level_s, view.level)
        np.matmul(mixing, trace / level.astype(np.float32), out=piece)


def _cut_strongest(
    front: Front, reach: int, job: tuple[Chunk, Floats, NDArray[np.int64]]
) -> NDArray[np.float32]:
    chunk, times, channel = job
    used, row = np.unique(channel, return_inverse=True)
    trace = trace_of(front, chunk, View(tuple(used.tolist())))
    return trace.values[row[:, None], _window(trace, times, reach)]


def _window(trace: Trace, times: Floats, reach: int) -> NDArray[np.int64]:
    """Samples of the trace around times, shape (n, 2 * reach + 1); its ends repeat beyond it."""
    at = np.rint((times - trace.start_s) * trace.rate_hz).astype(np.int64) + trace.keep.start
    window: NDArray[np.int64] = np.clip(
        at[:, None] + np.arange(-reach, reach + 1), 0, trace.values.shape[1] - 1
    )
    return window
