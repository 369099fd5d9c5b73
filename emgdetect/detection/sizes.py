"""How large potentials are on each electrode of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.blocks import read_block
from emgdetect.detection.front import Chunk, Front
from emgdetect.detection.measuring import GRID_FAR_S, mild_trace
from emgdetect.detection.threads import each

Floats = NDArray[np.floating[Any]]


def sizes_by_channel(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, *, low_hz: float, n_threads: int = 1
) -> Floats:  # fmt: skip
    """Peak-to-peak amplitude over noise of each potential on each channel of a site.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    time_s : ndarray, shape (n,)
        In order.
    low_hz : float
        Lower edge of the mild band.
    n_threads : int

    Returns
    -------
    ndarray, shape (n, n_channels)
    """
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    owner = np.searchsorted(starts - 0.5 / front.site.sampling_hz, time_s, side="right") - 1
    jobs = [(chunks[i], time_s[owner == i]) for i in np.unique(owner)]
    parts = each(partial(_sizes_in_chunk, front, low_hz), jobs, n_threads)
    return np.concatenate([np.zeros((0, len(front.channels))), *parts])


def _sizes_in_chunk(front: Front, low_hz: float, job: tuple[Chunk, Floats]) -> Floats:
    chunk, times = job
    block = read_block(front, chunk)
    rate = front.site.sampling_hz
    mild = mild_trace(block.raw, rate, low_hz)
    at = np.rint((times - front.start_s(chunk)) * rate).astype(int) + block.n_before
    reach = round(GRID_FAR_S * rate)
    window = np.clip(at[:, None] + np.arange(-reach, reach + 1), 0, mild.shape[1] - 1)
    return np.stack([np.ptp(row[window], axis=1) for row in mild], axis=1) / front.rms_uv
