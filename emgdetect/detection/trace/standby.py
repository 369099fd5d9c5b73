"""Time in which a channel holds no electrode's noise: flat, on standby, or with its input shorted.

Such time is no rest: measured by it, all the rest of a recording would be a contraction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

FLAT_UV = 1e-6
"""RMS in µV up to which a channel holds no signal."""
OFF_UV = 0.5
"""RMS in µV below which no electrode on skin is: where the warning about units begins. Of 31 real
recordings (benchmarks/stretches.py) the quietest has 1.3."""
OFF_RATIO = 0.2
"""Share of its usual noise below which a channel is off, if it is below `OFF_UV`, too. Set by
judgement; not measured."""
USUAL_UV = 1.0
"""RMS in µV from which the usual noise is that of an electrode in these units: what was recorded in
others is as small all the time. Set by judgement; not measured."""
OFF_MOST = 0.25
"""Share of the windows up to which those far below the others are off: where a muscle contracts
most of the time, they are its rest. Set by judgement; not measured."""


def switched_on(level_uv: Floats) -> Bools:
    """Which windows of each channel hold the noise of an electrode.

    Parameters
    ----------
    level_uv : ndarray, shape (n_windows, n_channels)
        RMS in the band of the detection.

    Returns
    -------
    ndarray of bool, shape (n_windows, n_channels)
    """
    alive = level_uv > FLAT_UV
    usual = np.array([np.median(own[live]) if live.any() else 0.0
                      for own, live in zip(level_uv.T, alive.T, strict=True)])  # fmt: skip
    off = alive & _is_off(level_uv, usual)
    return np.asarray(alive & ~(off & (off.sum(axis=0) <= OFF_MOST * alive.sum(axis=0))))


def off_cells(level: Floats, rms_uv: Floats) -> Bools:
    """Cells in which at least half of a site's channels are off.

    Parameters
    ----------
    level : ndarray, shape (n_channels, n_cells)
        In units of the quiet noise.
    rms_uv : ndarray, shape (n_channels,)
        That noise.

    Returns
    -------
    ndarray of bool, shape (n_cells,)
    """
    off = _is_off((level * rms_uv[:, None]).T, rms_uv)
    return np.asarray(2 * off.sum(axis=1) >= off.shape[1])


def _is_off(level_uv: Floats, usual_uv: Floats) -> Bools:
    low = (level_uv < OFF_UV) & (level_uv < OFF_RATIO * usual_uv)
    return np.asarray(low & (usual_uv >= USUAL_UV))
