"""The score that needs no template: of a whole chunk, and anew where something was taken out.

What is subtracted changes the score only around it: there the bank is applied anew, to short tiles
by a matrix product, and what lies between is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.first_pass.scan import dull_ends
from emgdetect.detection.first_pass.shared import best_or_shared
from emgdetect.detection.trace.bank import bank_matrix, bank_pairs
from emgdetect.detection.trace.cutting import Trace
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.signal import matched
from emgdetect.signal.pursuit import Placed

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

GENERIC_MISFIT = 0.16
"""Share of a stronger neighbour's energy that a late component of it may have without being a
potential of its own. Set by judgement; not measured."""
GENERIC_REACH_S = 0.022
"""Seconds from a peak in which its late components lie: the end-of-fibre effect comes 10-20 ms
after it. Set by judgement; not measured."""
GRID_REACH_S = 0.04
"""The same on a grid, where a potential passes many electrodes. Set by judgement; not measured."""
TILE_S = 0.05
"""Seconds of a tile: about as much as is wanted of the context that it needs."""
BLOCK_S = 2.0
"""Seconds of a block that the bank is applied to at once: its FFTs stay in a core's cache."""
TAIL_S = 0.06
"""Seconds of context on both sides of a tile or a block: beyond, the widest filter holds 1 % of its
RMS."""
TILES_AT_ONCE = 64
"""Tiles in one matrix product, which bounds its memory."""
MOST_TILES = 0.5
"""Share of the tiles from which the whole trace takes no longer."""


class GenericScore:
    """Score of a chunk's trace that needs no template.

    Parameters
    ----------
    front : Front
    chunk : Chunk
    trace : Trace

    Attributes
    ----------
    score : ndarray of float32, shape (n_samples,)
        Of the best row, or of what the rows of a grid share.
    """

    def __init__(self, front: Front, chunk: Chunk, trace: Trace) -> None:
        self.front, self.chunk, self.trace = front, chunk, trace
        self._best, self._energy = self._of_all(trace.values)
        self.score = self._combined()

    def renew(self, values: Floats32, taken: Sequence[Placed], length: int) -> None:
        """Bring the score up to date after templates were subtracted.

        Parameters
        ----------
        values : ndarray of float32, shape (n_rows, n_samples)
            What is left.
        taken : sequence of Placed
            What was subtracted since the last time.
        length : int
            Samples of a template.
        """
        rate = self.trace.rate_hz
        reach, tail = round(TILE_S * rate / 2), round(TAIL_S * rate)
        size, around = 2 * reach + 1, length // 2 + 1 + tail
        n_tiles = -(-values.shape[1] // size)
        changed = np.zeros(n_tiles, dtype=bool)
        for one in taken:
            changed[max(0, one.sample - around) // size : (one.sample + around) // size + 1] = True
        if changed.mean() > MOST_TILES:
            self._best, self._energy = self._of_all(values)
        else:
            self._tile(values, np.flatnonzero(changed), reach, tail)
        self.score = self._combined()

    def _tile(self, values: Floats32, tiles: NDArray[np.int64], reach: int, tail: int) -> None:
        """Apply the bank anew to some tiles."""
        size, n = 2 * reach + 1, values.shape[1]
        padded = np.pad(values, ((0, 0), (tail, tail + size)))
        windows = sliding_window_view(padded, size + 2 * tail, axis=1)[:, ::size]
        rate = round(self.trace.rate_hz, 6)
        matrix = bank_matrix(size + 2 * tail, reach, rate, self.front.low_hz, self.front.high_hz)
        for first in range(0, len(tiles), TILES_AT_ONCE):
            some = tiles[first : first + TILES_AT_ONCE]
            pieces = np.ascontiguousarray(windows[:, some].transpose(1, 0, 2))
            out = (pieces.reshape(-1, pieces.shape[2]) @ matrix).reshape(
                len(some), len(values), -1, size
            )
            squares = np.square(out, out=out)
            most = squares.max(axis=1)
            energy = (squares.sum(axis=1) - most).max(axis=1)
            at = some[:, None] * size + np.arange(size)
            inside = at < n
            self._best[at[inside]] = np.sqrt(most.max(axis=1))[inside]
            self._energy[at[inside]] = energy[inside]

    def _of_all(self, values: Floats32) -> tuple[Floats32, Floats32]:
        """Score of the best row at each sample, and the shared energy."""
        n, front, rate = values.shape[1], self.front, self.trace.rate_hz
        tail = round(TAIL_S * rate)
        n_fft = int(fft.next_fast_len(round(BLOCK_S * rate), real=True))
        n_new = n_fft - 2 * tail
        pairs = [np.concatenate(bank_pairs(n_fft, rate, front.low_hz, front.high_hz))]
        padded = np.pad(values, ((0, 0), (tail, n_fft)))
        best, energy = np.empty((2, -(-n // n_new) * n_new), dtype=np.float32)
        for first in range(0, n, n_new):
            (by_row,), shared = matched.paired_outputs(
                fft.rfft(padded[:, first : first + n_fft], axis=1), pairs, n_fft,
                keep=slice(tail, tail + n_new), shared=front.unmixing is not None,
            )  # fmt: skip
            best[first : first + n_new] = np.sqrt(by_row.max(axis=0))
            energy[first : first + n_new] = shared
        return best[:n], energy[:n]

    def _combined(self) -> Floats32:
        """Score of the best row or of what the rows share."""
        front, trace, best = self.front, self.trace, self._best
        if front.unmixing is None:
            return best.copy()
        band = (round(trace.rate_hz, 3), front.low_hz, front.high_hz)
        level = np.pad(trace.level[0], (trace.keep.start, len(best) - trace.keep.stop), "edge")
        score = best_or_shared(best, self._energy, level, len(trace.values), *band)
        dull_ends(front, self.chunk, score, trace.keep, trace.rate_hz)
        return score


def own_right(
    peaks: NDArray[np.int64], score: Floats, threshold: float, rate_hz: float, *, grid: bool
) -> NDArray[np.int64]:
    """Peaks that are no late component of a much stronger one near them.

    A potential ends with the end-of-fibre effect some 10 to 20 ms after its peak; where no unit's
    waveform explains it, what is much weaker than its neighbour is taken for a part of it.

    Parameters
    ----------
    peaks : ndarray of int, shape (n,)
        Samples of the trace.
    score : ndarray, shape (n,)
    threshold : float
        Of the site.
    rate_hz : float
    grid : bool
    """
    reach = (GRID_REACH_S if grid else GENERIC_REACH_S) * rate_hz
    distance = np.abs(peaks[:, None] - peaks[None, :])
    near = np.where((distance <= reach) & (distance > 0), score[None, :], 0.0)
    strongest = near.max(axis=1, initial=0.0)
    enough = score**2 >= threshold**2 * (strongest > 0) + GENERIC_MISFIT * strongest**2
    return np.asarray(peaks[enough])
