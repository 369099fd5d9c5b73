"""The colour of noise by row: what each mixture of a grid's channels still has of its own spectrum.

Electrodes of one grid differ: skin, cable and amplifier give each its own noise, and mixing them
makes new colours. A bank of filters takes a coloured row for one in which something happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.signal.filters import band_response
from emgdetect.signal.medians import row_medians

Floats = NDArray[np.floating[Any]]

BAND_HZ, BAND_SHARE = 12.0, 0.2
"""Least width of a band in Hz, and as a share of its frequency: three lines of a spectrum of
0.25 s, wider where spectra are smooth. Set by judgement; not measured."""
DEPTH = 30.0
"""Factor below its mean to which a row's density is believed, as for the site's
(`matched.whitening`). Set by judgement; not measured."""


@dataclass(frozen=True, eq=False)
class Colour:
    """Density of the noise of each row in a few bands.

    Attributes
    ----------
    centre_hz : ndarray, shape (n_bands,)
        Rising.
    log_density : ndarray, shape (n_rows, n_bands)
        Natural logarithm, relative to the mean of the row over the bands' width.
    """

    centre_hz: Floats
    log_density: Floats

    def gain(self, n_fft: int, rate_hz: float) -> NDArray[np.float32]:
        """What makes each row white and leaves its power, shape (n_rows, n_fft // 2 + 1)."""
        known = _GAINS.setdefault(self, {})
        if (n_fft, rate_hz) not in known:
            freqs = fft.rfftfreq(n_fft, 1 / rate_hz)
            corners = np.eye(len(self.centre_hz))
            hats = np.stack([np.interp(freqs, self.centre_hz, corner) for corner in corners])
            half = (-0.5 * self.log_density).astype(np.float32)
            known[n_fft, rate_hz] = np.exp(half @ hats.astype(np.float32))
        return known[n_fft, rate_hz]

    def whitened(self, pieces: Floats, rate_hz: float) -> NDArray[np.float32]:
        """Short pieces made white, shape (n_pieces, n_rows, n_samples)."""
        n = pieces.shape[2]
        n_fft = int(fft.next_fast_len(2 * n, real=True))
        out = np.empty(pieces.shape, dtype=np.float32)
        for row, piece in zip(out, pieces, strict=True):
            row[:] = fft.irfft(fft.rfft(piece, n_fft) * self.gain(n_fft, rate_hz), n_fft)[:, :n]
        return out


_GAINS: WeakKeyDictionary[Colour, dict[tuple[int, float], NDArray[np.float32]]]
_GAINS = WeakKeyDictionary()
"""Gains by length and rate of the trace; gone with their colour."""


def colour_of(pieces: Sequence[Floats], rate_hz: float, *, low_hz: float, high_hz: float) -> Colour:
    """Colour of each row's noise within a band, from quiet pieces.

    Parameters
    ----------
    pieces : sequence of ndarray, shape (n_rows, n_samples)
        At least one, all of one length. Whitened alike and limited to the band; what stands out
        in less than half of them does no harm.
    rate_hz, low_hz, high_hz : float
        Edges of the band.

    Returns
    -------
    Colour
    """
    n = pieces[0].shape[1]
    taper = np.hanning(n + 2)[1:-1].astype(np.float32)
    freqs = fft.rfftfreq(n, 1 / rate_hz)
    band = band_response(freqs, low_hz=low_hz, high_hz=high_hz)
    edges = band_edges(max(low_hz, freqs[1]), high_hz)
    inside = (freqs >= edges[0]) & (freqs < edges[-1]) & (band > 0.3)
    power = np.stack([np.abs(fft.rfft(piece * taper, axis=1)[:, inside]) ** 2 for piece in pieces])
    typical = row_medians(np.ascontiguousarray(power.transpose(1, 2, 0)))
    density = typical / band[inside] ** 2
    group = np.searchsorted(edges, freqs[inside], side="right") - 1
    used = np.unique(group)
    by_band = np.stack([density[:, group == k].mean(axis=1) for k in used], axis=1)
    width = np.diff(edges)[used]
    mean = np.maximum(by_band @ width / width.sum(), np.finfo(float).tiny)
    relative = np.maximum(by_band / mean[:, None], 1 / DEPTH)
    return Colour((edges[used] + edges[used + 1]) / 2, np.log(relative))


def band_edges(low_hz: float, high_hz: float) -> Floats:
    """Edges of bands that grow wider with frequency; at least one band."""
    edges = [low_hz]
    while edges[-1] < high_hz:
        edges.append(edges[-1] + max(BAND_HZ, BAND_SHARE * edges[-1]))
    # A last band that is short joins the one before.
    if len(edges) > 2 and edges[-1] - high_hz > 0.5 * (edges[-1] - edges[-2]):
        edges.pop()
    return np.array([*edges[:-1], max(high_hz, edges[-2] + 1.0)])
