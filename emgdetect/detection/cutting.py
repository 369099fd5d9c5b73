"""Whitened, level-normalised signal around candidates: what units are sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.front import PAD_S, Chunk, Front, each, read_block, whiten
from emgdetect.detection.scan import (
    CELL_S,
    bank_filters,
    interpolate_cells,
    levels_of,
)
from emgdetect.signal import matched

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Trace:
    """A chunk's whitened trace in units of its local noise, with context.

    Attributes
    ----------
    values : ndarray of float32, shape (n_channels, n_samples)
        Noise has unit variance.
    level : ndarray of float32, shape (n_channels, n_samples)
        What it was divided by, in µV of the whitened band.
    keep : slice
        Samples of the chunk itself.
    first : int
        Sample of the segment (whitened rate) at which the chunk itself starts.
    start_s : float
        Time of that sample.
    """

    values: NDArray[np.float32]
    level: NDArray[np.float32]
    keep: slice
    first: int
    start_s: float


def trace_of(front: Front, chunk: Chunk, channels: Sequence[int]) -> Trace:
    """Whitened trace of some channels of a chunk, in units of the local noise.

    Parameters
    ----------
    front : Front
    chunk : Chunk
    channels : sequence of int
        Positions within `front.channels`.
    """
    spectrum = whiten(front, read_block(front, chunk, channels))
    rms = front.rms_uv[list(channels)][:, None].astype(np.float32)
    values = spectrum.values / rms
    responses = bank_filters(spectrum.freqs_hz, front.sampling_hz, front.low_hz, front.high_hz)
    score = matched.bank_score(values, responses, spectrum.n_fft, keep=slice(0, spectrum.n_fft))
    rate, keep = front.sampling_hz, spectrum.keep
    n_cell = max(1, round(CELL_S * rate))
    _, smooth = levels_of(front, score, keep, n_cell, round(PAD_S / CELL_S))
    context = round(PAD_S * rate / 2)
    low, high = max(0, keep.start - context), min(spectrum.n_fft, keep.stop + context)
    level = interpolate_cells(smooth, n_cell, keep.stop - keep.start)
    level = np.pad(level, ((0, 0), (keep.start - low, high - keep.stop)), mode="edge")
    trace = fft.irfft(values, spectrum.n_fft, axis=1)[:, low:high] / level
    return Trace(
        values=trace.astype(np.float32),
        level=level * rms,
        keep=slice(keep.start - low, keep.stop - low),
        first=chunk.start // front.decimation,
        start_s=front.start_s(chunk),
    )


def cut_candidates(
    front: Front, chunks: Sequence[Chunk], *, segment: NDArray[np.int64],
    sample: NDArray[np.int64], channels: Sequence[int], reach_s: float, n_threads: int,
) -> NDArray[np.float32]:  # fmt: skip
    """Pieces of the trace around candidates.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    segment, sample : ndarray of int, shape (n_candidates,)
        In order of time.
    channels : sequence of int
    reach_s : float
        Half the length of a piece.
    n_threads : int

    Returns
    -------
    ndarray of float32, shape (n_candidates, n_channels, 2 * n_reach + 1)
    """
    reach = round(reach_s * front.sampling_hz)
    owners = [
        np.flatnonzero((segment == c.segment) & (sample * front.decimation >= c.start)
                       & (sample * front.decimation < c.stop))
        for c in chunks
    ]  # fmt: skip
    jobs = [(c, sample[own]) for c, own in zip(chunks, owners, strict=True) if len(own)]
    parts = each(partial(_cut, front, list(channels), reach), jobs, n_threads)
    empty = np.zeros((0, len(channels), 2 * reach + 1), dtype=np.float32)
    return np.concatenate([empty, *parts])


def _cut(
    front: Front, channels: list[int], reach: int, job: tuple[Chunk, NDArray[np.int64]]
) -> NDArray[np.float32]:
    chunk, samples = job
    trace = trace_of(front, chunk, channels)
    at = samples - trace.first + trace.keep.start
    window = np.clip(at[:, None] + np.arange(-reach, reach + 1), 0, trace.values.shape[1] - 1)
    return trace.values[:, window].transpose(1, 0, 2)
