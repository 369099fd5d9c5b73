"""Electrode pops and movement: what a muscle cannot have made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.site import SiteSignal

Bools = NDArray[np.bool_]

POP_WIDTH_S = 0.0011
STEP_SHARE = 0.8


def pops(signal: SiteSignal) -> Bools:
    """Potentials whose main deflection is narrower than that of any surface potential.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    rate = signal.site.sampling_hz
    # Two samples is the narrowest a filter lets pass: slow recordings cannot tell a pop by width.
    narrow = signal.measured.width_s <= max(POP_WIDTH_S, 1.5 / rate)
    return narrow & (signal.measured.phases <= 3) & (rate >= 1000) & (signal.found.score > 1e9)


def moves(signal: SiteSignal) -> Bools:
    """Potentials that are the edge of a step of the baseline.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    size = np.maximum(signal.measured.amplitude_uv, 1e-9)
    return np.abs(signal.measured.slow_uv) > STEP_SHARE * size
