"""Waveforms of single potentials on one channel, aligned at their peaks, to compare by eye."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording
from emgdetect.showing import Band, cut_out

REACH_S = 0.025
"""Shown on either side of the peak; potentials last 3-40 ms (field.md)."""
N_OTHERS = 24


def waveform(
    recording: Recording, channel: int, *, peak_s: float, band: Band
) -> NDArray[np.float32]:
    """Filtered signal of a channel around a peak.

    Parameters
    ----------
    recording : Recording
    channel : int
    peak_s : float
    band : Band

    Returns
    -------
    ndarray of float32, shape (2 * reach + 1,)
        `reach` samples on either side; NaN where nothing was recorded.
    """
    shown = cut_out(recording, (channel,), peak_s, half_s=REACH_S, band=band)[1]
    return np.asarray(shown[0], dtype=np.float32)


def spread(peaks_s: Sequence[float], n: int = N_OTHERS) -> list[float]:
    """At most `n` of the peaks, evenly spread over their order; all if there are no more."""
    if len(peaks_s) <= n:
        return list(peaks_s)
    picks = np.linspace(0, len(peaks_s) - 1, n).round().astype(int)
    return [peaks_s[i] for i in picks]
