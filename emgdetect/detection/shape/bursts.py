"""Bursts of a cable that moves: activity goes on and on around what looks like a potential.

A potential is over within 20-40 ms; of a burst of 0.15-1 s the trace is full for far longer, and
no two of its waves are alike, so that some of them are of no unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.shape.artefacts import beside
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.trace.cutting import cut_strongest

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

FROM_S = 0.025
"""Seconds from a potential within which its own waveform lies, which may last 40 ms."""
CELL_S = 0.010
"""Seconds of a cell around it whose RMS is looked at: of an irregular burst it still holds a wave.
Set by judgement; not measured."""
N_CELLS = 6
"""Such cells on either side. The median of all twelve is raised by what fills half of 0.12 s: two
potentials do not, three close to each other may."""
LONE_LEVEL = 1.3
"""Median RMS of the cells over the noise from which a potential of no unit lies in a burst. Looked
at, with the next two, on 21 recordings of an independent simulator (movement, healthy, all at once,
pairs, contractions, crosstalk and busy, three each): of 28 waves of bursts that were counted 24
have more, and of 42 potentials of no unit none."""
BESIDE_LEVEL = 1.1
"""The same for a potential of a unit beside such a one, or beside noise of all frequencies: with
the former, 42 of 52 counted waves, and 1 of 9695 potentials. Of a unit's potentials alone, 40 of
9653 exceed 1.36: they fire close together, too."""
BESIDE_S = 0.2
"""Seconds from it: what 0.15 or 0.25 s give is the same but for two waves."""


def bursts(signal: SiteSignal, marked: Bools) -> Bools:
    """Potentials within a burst.

    Parameters
    ----------
    signal : SiteSignal
        Of a grid none is: its potentials pass many electrodes, one after the other.
    marked : ndarray of bool, shape (n_found,)
        Noise of all frequencies, known before.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    time_s = signal.found.time_s
    if signal.front.unmixing is not None:
        return np.zeros(len(time_s), dtype=bool)
    lone = (signal.found.template < 0) & ~signal.beat
    loud = lone & (_around(signal, lone) > LONE_LEVEL)
    near = beside(time_s, loud | marked, BESIDE_S) & ~loud & ~signal.beat
    return loud | (near & (_around(signal, near) > BESIDE_LEVEL))


def _around(signal: SiteSignal, chosen: Bools) -> Floats:
    """Noise around the chosen potentials over the usual; zero of the others, shape (n_found,)."""
    level = np.zeros(len(chosen))
    if not chosen.any():
        return level
    front, reach_s = signal.front, FROM_S + N_CELLS * CELL_S
    pieces = cut_strongest(front, signal.chunks, signal.found.time_s[chosen],
                           signal.channel[chosen], reach_s=reach_s, n_threads=1)  # fmt: skip
    level[chosen] = level_around(pieces, front.trace_rate_hz) / np.sqrt(front.trace_occupancy)
    return level


def level_around(pieces: NDArray[np.float32], rate_hz: float) -> Floats:
    """Median RMS of the cells around the middle of each piece.

    Parameters
    ----------
    pieces : ndarray, shape (n_pieces, n_samples)
        Of odd length, `FROM_S` and all cells to either side.
    rate_hz : float

    Returns
    -------
    ndarray, shape (n_pieces,)
    """
    away = np.arange(pieces.shape[1]) - pieces.shape[1] // 2
    cell = np.ceil((np.abs(away) / rate_hz - FROM_S) / CELL_S).astype(int)
    square = np.square(pieces, dtype=float)
    rms = [
        np.sqrt(square[:, (cell == i) & (np.sign(away) == side)].mean(axis=1))
        for side in (-1, 1)
        for i in range(1, N_CELLS + 1)
    ]
    return np.asarray(np.median(rms, axis=0))
