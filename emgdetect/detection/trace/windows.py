"""Short windows of a cleaned block, whitened around single potentials.

To whiten a whole chunk of a grid for the sake of a few places in it takes several times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.trace.blocks import Block
from emgdetect.detection.trace.front import Front, whitening_response

Floats32 = NDArray[np.float32]

HALF_S = 0.35
"""Half the length of a window in seconds: the whitening filter and the mild band, which begins at
10 Hz, are over before. With 0.25 s scores beside the contraction of a real grid (openhdemg_vl) were
3 to 4 % less than those of whole chunks, with 0.35 s 0 to 3 %."""
TAPER_S = 0.06
"""Seconds at the ends of a window in which it fades out, so that they make no step."""


class Windows:
    """Windows of a block around samples of its trace, filtered one by one.

    Parameters
    ----------
    front : Front
    """

    def __init__(self, front: Front) -> None:
        rate, ratio = front.site.sampling_hz, front.trace_ratio
        self.up, self.down = ratio.numerator, ratio.denominator
        self.half = round(HALF_S * rate)
        n_short = int(fft.next_fast_len(-(-2 * self.half // self.down), real=True))
        self.n_raw, self.n_fft = n_short * self.down, n_short * self.up
        self.response = whitening_response(front, self.n_raw, self.n_fft)
        self.colour, self.trace_hz = front.colour, rate * self.up / self.down
        scale = (1.0 / front.rms_uv).astype(np.float32)
        self.unmixing = None if front.unmixing is None else front.unmixing * scale
        # A raised cosine at both ends; SciPy has it in a module that takes 0.4 s to load.
        to_end = np.minimum(np.arange(self.n_raw), np.arange(self.n_raw)[::-1])
        faded = np.minimum(to_end / max(1, round(TAPER_S * rate)), 1.0)
        self.taper = (0.5 - 0.5 * np.cos(np.pi * faded)).astype(np.float32)

    def spectrum(self, block: Block, at: int) -> tuple[Any, int]:
        """Spectrum of all channels around a sample of the trace; its first raw sample.

        Both samples count from the start of the chunk itself.
        """
        first = (at * self.down // self.up - self.half) // self.down * self.down
        start = block.n_before + first
        raw = block.raw[:, start : start + self.n_raw]
        return fft.rfft(raw * self.taper, axis=1), first

    def whitened(self, spectrum: Any) -> Floats32:
        """The whitened trace of a window."""
        values = spectrum[:, : len(self.response)] * self.response
        return np.asarray(fft.irfft(values, self.n_fft, axis=1))

    def unmixed(self, spectrum: Any) -> Floats32:
        """The rows of a grid that the scan looks at: channels without the noise that they share."""
        values = np.ascontiguousarray(spectrum[:, : len(self.response)] * self.response)
        rows = (np.asarray(self.unmixing) @ values.view(np.float32)).view(np.complex64)
        if self.colour is not None:
            rows *= self.colour.gain(self.n_fft, self.trace_hz)[:, : rows.shape[1]]
        return np.asarray(fft.irfft(rows, self.n_fft, axis=1))

    def place(self, at: int, first: int) -> int:
        """Where a sample of the trace lies in the whitened window that begins at a raw sample."""
        return at - first * self.up // self.down
