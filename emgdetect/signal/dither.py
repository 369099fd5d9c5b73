"""Dither: uniform noise of one step that hides the steps of a coarse converter.

A converter whose step is as large as the noise gives few levels, often one for many samples in a
row: medians and low quantiles of such a trace are zero, and every flip stands out of them. The
error of rounding is uniform within a step (Widrow & Kollar 2008, Quantization Noise); noise of
that distribution, added, makes the trace as restless as it is uncertain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

BLOCK_SAMPLES = 4096
"""Samples of dither drawn at once, so that any stretch can be drawn on its own."""


def dither(key: tuple[int, ...], start: int, stop: int) -> NDArray[np.float32]:
    """Noise uniform within -0.5 and 0.5 for some samples of a channel.

    Parameters
    ----------
    key : tuple of int
        Of the channel; not negative. The same key and samples give the same noise.
    start, stop : int
        Samples, half-open.

    Returns
    -------
    ndarray of float32, shape (stop - start,)
    """
    if stop <= start:
        return np.zeros(0, dtype=np.float32)
    first = start // BLOCK_SAMPLES
    blocks = [
        np.random.default_rng([*key, block]).random(BLOCK_SAMPLES, dtype=np.float32)
        for block in range(first, (stop - 1) // BLOCK_SAMPLES + 1)
    ]
    offset = first * BLOCK_SAMPLES
    return np.concatenate(blocks)[start - offset : stop - offset] - np.float32(0.5)
