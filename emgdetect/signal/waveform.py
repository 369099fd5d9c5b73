"""Measuring one potential: where it peaks, how large, how long, how many phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

EDGE_RMS = 2.0
"""Noise RMS beyond which a potential lasts: Gaussian noise exceeds it in 4.6 % of samples."""
PHASE_RMS = 2.0
"""Noise RMS beyond which a deflection counts as a phase; as `EDGE_RMS`."""


@dataclass(frozen=True)
class Measures:
    """Measures of one potential on one channel.

    Attributes
    ----------
    peak : int
        Sample of the largest absolute deflection.
    start, stop : int
        Half-open range in which it stands out of the noise.
    amplitude : float
        Peak to peak within that range.
    phases : int
        Baseline crossings between deflections beyond the noise, plus one.
    """

    peak: int
    start: int
    stop: int
    amplitude: float
    phases: int


def measure(
    trace: Floats, *, centre: int, search: int, reach: int, rms: float, quiet: int
) -> Measures:
    """Measure the potential at a place in a mildly filtered trace.

    Parameters
    ----------
    trace : ndarray, shape (n_samples,)
        Baseline at zero.
    centre : int
        Where the potential is expected to peak.
    search : int
        Samples to either side in which its peak is looked for.
    reach : int
        Samples to either side of the peak at which a potential ends at the latest.
    rms : float
        RMS of the noise around it.
    quiet : int
        Samples without a deflection beyond 2 RMS (or a twentieth of the peak) that end it.

    Returns
    -------
    Measures
    """
    low, high = max(0, centre - search), min(len(trace), centre + search + 1)
    peak = low + int(np.argmax(np.abs(trace[low:high])))
    left, right = max(0, peak - reach), min(len(trace), peak + reach + 1)
    piece = trace[left:right]
    bound = max(EDGE_RMS * rms, abs(float(trace[peak])) / 20)
    active = np.flatnonzero(np.abs(piece) > bound) + left
    if not len(active):
        return Measures(peak, peak, peak + 1, abs(float(trace[peak])), 1)
    start = _edge(active[active <= peak][::-1], peak, quiet)
    stop = _edge(active[active >= peak], peak, quiet) + 1
    inside = trace[start:stop]
    return Measures(peak, start, stop, float(np.ptp(np.append(inside, 0.0))),
                    count_phases(inside, max(PHASE_RMS * rms, bound)))  # fmt: skip


def _edge(active: NDArray[np.int64], peak: int, quiet: int) -> int:
    """Last of the samples, going away from the peak, before a quiet stretch."""
    last = peak
    for sample in active:
        if abs(int(sample) - last) > quiet:
            break
        last = int(sample)
    return last


def count_phases(piece: Floats, bound: float) -> int:
    """Deflections of alternating sign beyond a bound; at least 1."""
    signs = np.sign(piece[np.abs(piece) > bound])
    return 1 + int(np.count_nonzero(np.diff(signs))) if len(signs) else 1


def half_width(trace: Floats, peak: int) -> int:
    """Samples around a peak that stay at or above half its height.

    Parameters
    ----------
    trace : ndarray, shape (n_samples,)
    peak : int
        Sample of the deflection, positive or negative.
    """
    level = trace[peak] / 2
    below = trace < level if level > 0 else trace > level
    left, right = peak, peak
    while left > 0 and not below[left - 1]:
        left -= 1
    while right < len(trace) - 1 and not below[right + 1]:
        right += 1
    return right - left + 1


def correlations(one: Floats, other: Floats, *, reach: int, shift: int, later: int = 0) -> Floats:
    """Correlation of the middle of a trace with that of another one, shifted.

    Parameters
    ----------
    one, other : ndarray, shape (n,)
        Of odd length, with as many samples before as after the middle as are asked for.
    reach : int
        Samples to either side of the middle that are compared.
    shift : int
        Samples by which the second may be shifted, to either side.
    later : int
        Samples by which the second began later.

    Returns
    -------
    ndarray, shape (2 * shift + 1,)
    """
    middle = len(one) // 2
    piece = one[middle - reach : middle + reach + 1]
    first = middle - later - reach - shift
    pieces = sliding_window_view(other[first : first + 2 * (reach + shift) + 1], len(piece))
    size = np.linalg.norm(pieces, axis=1) * np.linalg.norm(piece)
    return np.asarray(pieces @ piece / np.maximum(size, 1e-12))
