"""The whole recording at a glance: how large the signal is over time, read in the background."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording
from emgdetect.review.turns import Turns
from emgdetect.showing import Band, extremes_by_bin, read_filtered

N_BINS = 1500
_CHUNK_S = 20.0


@dataclass
class Envelope:
    """Largest absolute deflection of one channel in each bin of time.

    Attributes
    ----------
    recording : Recording
    channel : int
    band : Band
    turns : Turns
        One is taken for each chunk, so that the page's own requests come in between.
    peak_uv : ndarray of float32, shape (n_bins,)
        NaN where nothing was recorded, and until it is read.
    done : bool
    """

    recording: Recording
    channel: int
    band: Band
    turns: Turns = field(repr=False)
    peak_uv: NDArray[np.float32] = field(repr=False)
    done: bool = False

    @classmethod
    def started(cls, recording: Recording, channel: int, band: Band, turns: Turns) -> Envelope:
        """An empty envelope that fills itself in the background."""
        envelope = cls(recording, channel, band, turns, np.full(N_BINS, np.nan, dtype=np.float32))
        threading.Thread(target=envelope.fill, name="overview", daemon=True).start()
        return envelope

    @property
    def stop_s(self) -> float:
        """Time at the end of the last bin."""
        return max((segment.stop_s for segment in self.recording.segments), default=0.0)

    def fill(self) -> None:
        """Read the channel chunk by chunk; what cannot be read stays missing."""
        try:
            for index, segment in enumerate(self.recording.segments):
                rate = self.recording.channels[self.channel].sampling_hz
                n, step = segment.n_samples(rate), max(1, round(_CHUNK_S * rate))
                for start in range(0, n, step):
                    self._add(index, start, min(n, start + step), rate)
        except (OSError, ValueError):
            pass  # the views of the same signal say what is wrong with it
        self.done = True

    def _add(self, segment: int, start: int, stop: int, rate: float) -> None:
        with self.turns.patient():
            _, low = read_filtered(
                self.recording, [self.channel], segment, start, stop, band=self.band
            )
        begin_s = self.recording.segments[segment].start_s + start / rate
        bins, lowest, highest = extremes_by_bin(
            low[0], begin_s, 1 / rate, width_s=self.stop_s / N_BINS, n_bins=N_BINS
        )
        self.peak_uv[bins] = np.fmax(self.peak_uv[bins], np.fmax(-lowest, highest))

    def content(self) -> dict[str, Any]:
        """What is known so far, for the page."""
        rounded = [None if value != value else round(float(value), 2) for value in self.peak_uv]
        return {
            "channel": self.recording.channels[self.channel].name,
            "stop_s": self.stop_s,
            "peak_uv": rounded,
            "done": self.done,
        }
