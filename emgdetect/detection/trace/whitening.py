"""From cleaned blocks to whitened spectra, from which traces of any rate are made."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.trace.blocks import ROWS_AT_ONCE, Block
from emgdetect.detection.trace.front import Front, whitening_response


@dataclass(frozen=True)
class Spectrum:
    """Whitened block in the frequency domain.

    Attributes
    ----------
    values : ndarray of complex64, shape (n_channels, n_freqs)
    rate_hz : float
        Rate of the trace that the inverse FFT gives.
    n_fft : int
        Length of the inverse FFT.
    keep : slice
        Samples of the chunk itself in that trace.
    """

    values: NDArray[np.complex64]
    rate_hz: float
    n_fft: int
    keep: slice


def whiten(front: Front, block: Block, ratio: Fraction) -> Spectrum:
    """Whitened spectrum of a block.

    Parameters
    ----------
    front : Front
    block : Block
    ratio : Fraction
        Rate of the trace over that of the site.

    Returns
    -------
    Spectrum
        Of a trace in which noise is white within the band, at unit density: the output of a
        filter of unit energy within the band has unit variance.
    """
    up, down = ratio.numerator, ratio.denominator
    n = block.raw.shape[1]
    n_raw = int(fft.next_fast_len(-(-n // down), real=True)) * down
    n_fft = n_raw // down * up
    response = whitening_response(front, n_raw, n_fft)
    n_core = -(-(n - 2 * block.n_before) * up // down)
    first = block.n_before * up // down
    rate = front.site.sampling_hz * up / down
    whitened = np.empty((len(block.raw), n_fft // 2 + 1), dtype=np.complex64)
    whitened[:, len(response) :] = 0
    for row in range(0, len(whitened), ROWS_AT_ONCE):
        rows = slice(row, row + ROWS_AT_ONCE)
        spectrum = fft.rfft(block.raw[rows], n_raw, axis=1)
        np.multiply(spectrum[:, : len(response)], response, out=whitened[rows, : len(response)])
    return Spectrum(whitened, rate, n_fft, slice(first, first + n_core))
