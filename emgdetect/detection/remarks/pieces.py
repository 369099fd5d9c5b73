"""Pieces of a site's signal spread over its time, in the band of detection and without mains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.site import SiteSignal
from emgdetect.detection.threads import each
from emgdetect.detection.trace.spread import mended, places_spread
from emgdetect.signal import filters, hum, noise, spans

Floats = NDArray[np.floating[Any]]

PIECE_S = 2.0
"""Seconds of a piece: as `trace.survey.WINDOW_S`."""
MOST = 60
"""Pieces of a recording at most. Set by judgement; not measured."""
CHANNELS = 4
"""Channels of a site that are looked at. Set by judgement; not measured."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of one site.

    Attributes
    ----------
    signal : SiteSignal
    time_s : ndarray, shape (n_pieces,)
        Middle of each.
    data : ndarray of float32, shape (n_pieces, n_channels, n_samples)
        µV.
    counted : ndarray of bool, shape (n_pieces,)
        Whether potentials are counted in all of its time.
    """

    signal: SiteSignal
    time_s: Floats
    data: NDArray[np.float32]
    counted: NDArray[np.bool_]

    @property
    def level_uv(self) -> Floats:
        """Noise RMS of each piece, median of the channels, which potentials hardly move."""
        return np.asarray(
            [float(np.median(noise.robust_rms(piece))) for piece in self.data], dtype=np.float64
        )


def pieces_of(signal: SiteSignal, *, n_threads: int = 1) -> Pieces:
    """Read the pieces of a site: the same times for all sites of one sampling rate.

    Parameters
    ----------
    signal : SiteSignal
    n_threads : int
        Pieces at work at once; the result does not depend on it.

    Returns
    -------
    Pieces
        No piece where no stretch is as long as one.
    """
    front, rate = signal.front, signal.site.sampling_hz
    recording, n = front.recording, round(PIECE_S * rate)
    channels = front.channels[:: -(-len(front.channels) // CHANNELS)]
    spread = places_spread(recording, signal.site, PIECE_S, MOST)
    places = [place for place in spread if place[2] - place[1] == n]

    def read(place: tuple[int, int, int]) -> NDArray[np.float32]:
        window = mended(recording.read(channels, *place), rate=rate, coarse=front.coarse)
        clean = hum.remove_hum(window, rate, frequency_hz=front.mains_hz, harmonics=front.harmonics)
        return np.asarray(
            filters.filter_zero_phase(clean, rate, low_hz=front.low_hz, high_hz=front.high_hz),
            dtype=np.float32,
        )

    starts = [recording.spans_s[k, 0] + first / rate for k, first, _ in places]
    time_s = np.array(starts, dtype=np.float64) + PIECE_S / 2
    counted = [bool(spans.total(spans.intersect(np.array([[t - PIECE_S / 2, t + PIECE_S / 2]]),
                                                signal.counted_s)) > 0.99 * PIECE_S)
               for t in time_s]  # fmt: skip
    data = each(read, places, n_threads)
    return Pieces(signal, time_s, np.array(data).reshape(len(places), len(channels), n),
                  np.array(counted, dtype=bool))  # fmt: skip
