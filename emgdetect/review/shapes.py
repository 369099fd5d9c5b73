"""Waveforms of single potentials on one channel, aligned at their peaks, to compare by eye."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording
from emgdetect.review.mains import Band
from emgdetect.review.signals import read_filtered

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
    rate = recording.channels[channel].sampling_hz
    reach = round(REACH_S * rate)
    out = np.full(2 * reach + 1, np.nan, dtype=np.float32)
    for index, segment in enumerate(recording.segments):
        centre, n = round((peak_s - segment.start_s) * rate), segment.n_samples(rate)
        start, stop = max(0, centre - reach), min(n, centre + reach + 1)
        if start < stop and segment.start_s <= peak_s < segment.stop_s:
            low = read_filtered(recording, [channel], index, start, stop, band=band)[1]
            out[start - centre + reach : stop - centre + reach] = low[0]
    return out


def spread(peaks_s: Sequence[float], n: int = N_OTHERS) -> list[float]:
    """At most `n` of the peaks, evenly spread over their order; all if there are no more."""
    if len(peaks_s) <= n:
        return list(peaks_s)
    picks = np.linspace(0, len(peaks_s) - 1, n).round().astype(int)
    return [peaks_s[i] for i in picks]
