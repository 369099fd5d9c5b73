"""Doublets: two discharges of a unit so near each other that their sum resembles neither."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.pursuit import (
    SAME_UNIT_S,
    Library,
    Placed,
    subtract,
    well_explained,
)

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

PAIR_S = 0.012
"""Seconds around a peak in which the two discharges of a pair are sought. Set by judgement; not
measured."""
PAIR_GAIN = 1.3
"""Energy that a pair explains over what the best single discharge does, at least. Set by judgement;
not measured."""
PAIR_LEFT = 0.06
"""Share of the energy around each of the pair that may be left of it: stricter than `LEFT_SHARE`,
as two fit more than one. Set by judgement; not measured."""
PAIR_SCALES = (0.75, 1.3)
"""Scales that the discharges of a pair may have: narrower than `SCALE_RANGE`, for the same reason.
Set by judgement; not measured."""
MOST_PAIRED = 10
"""Templates that are tried in pairs, the best ones alone: time grows with their square. Set by
judgement; not measured."""


class Pair(NamedTuple):
    """Two discharges that overlap, by offset from the first sample looked at and by template."""

    first_at: int
    first: int
    second_at: int
    second: int
    gain: float


def best_pair(inner: Floats, energy: Floats, gram: Floats, *, apart: int) -> Pair | None:
    """The two templates that together explain most, where one after the other would not do.

    Two discharges a few milliseconds apart have a sum that neither resembles, so that the better
    one alone is placed between them.

    Parameters
    ----------
    inner : ndarray, shape (n_templates, n_offsets)
        Inner products of the trace with each template at each offset.
    energy : ndarray, shape (n_templates,)
    gram : ndarray, shape (n_templates, n_templates, 2 * n_length - 1)
        From `cross_gram`.
    apart : int
        Fewest samples between two discharges of one unit.

    Returns
    -------
    Pair or None
        None without templates.
    """
    alone = 2 * inner - energy[:, None]
    n, middle = inner.shape[1], gram.shape[2] // 2
    chosen = np.argsort(-alone.max(axis=1), kind="stable")[:MOST_PAIRED]
    lag = np.arange(n)[:, None] - np.arange(n)[None, :]
    # Further apart than their length two templates do not meet.
    met, at = np.abs(lag) <= middle, np.clip(lag + middle, 0, 2 * middle)
    best: Pair | None = None
    for position, j in enumerate(chosen):
        for k in chosen[position : position + 1]:
            both = alone[j][:, None] + alone[k][None, :] - 2 * np.where(met, gram[j, k][at], 0.0)
            if j == k:
                both = np.where(np.abs(lag) < apart, -np.inf, both)
            a, b = np.unravel_index(int(np.argmax(both)), both.shape)
            if best is None or both[a, b] > best.gain:
                best = Pair(int(a), int(j), int(b), int(k), float(both[a, b]))
    return best


def explain_pairs(
    values: Floats32, library: Library, peaks: NDArray[np.int64], *, rate_hz: float,
    occupancy: float,
) -> list[Placed]:  # fmt: skip
    """Doublets and overlaps of known units among what no single template explains.

    Parameters
    ----------
    values : ndarray, shape (n_channels, n_samples)
        The trace without what is explained already.
    library : Library
    peaks : ndarray of int, shape (n_peaks,)
        Samples around which to look.
    rate_hz, occupancy : float

    Returns
    -------
    list of Placed
        Two for each pair that leaves as little as a single potential may.
    """
    if not len(library) or not len(peaks):
        return []
    inner, energy, gram = library.products(values), library.energy, library.gram
    reach, apart = round(PAIR_S * rate_hz), round(SAME_UNIT_S * rate_hz)
    found: list[Placed] = []
    for peak in peaks:
        start = max(0, int(peak) - reach)
        near = inner[:, start : int(peak) + reach + 1]
        pair = best_pair(near, energy, gram, apart=apart)
        if pair is None or pair.gain < PAIR_GAIN * float((2 * near - energy[:, None]).max()):
            continue
        both = _scaled(pair, start, near, energy, gram)
        rest = subtract(values, library.templates, both)
        good = well_explained(values, rest, both, rate_hz=rate_hz, occupancy=occupancy,
                              left_share=PAIR_LEFT)  # fmt: skip
        if len(good) == 2:
            found += both
    return found


def _scaled(pair: Pair, start: int, inner: Floats, energy: Floats, gram: Floats) -> list[Placed]:
    """Both discharges of a pair at the scales that together leave least."""
    j, k, a, b = pair.first, pair.second, pair.first_at, pair.second_at
    lag = a - b + gram.shape[2] // 2
    met = float(gram[j, k, lag]) if 0 <= lag < gram.shape[2] else 0.0
    products = np.array([[energy[j], met], [met, energy[k]]], dtype=float)
    scales = np.linalg.lstsq(products, np.array([inner[j, a], inner[k, b]], dtype=float))[0]
    scales = np.clip(scales, *PAIR_SCALES)
    return [
        Placed(start + at, one, float(scale), float(scale * np.sqrt(energy[one])))
        for at, one, scale in ((a, j, scales[0]), (b, k, scales[1]))
    ]
