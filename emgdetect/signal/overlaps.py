"""Overlaps: two discharges of any units for which one template was placed.

The template that explains most of two potentials a few milliseconds apart is placed first, at a
place and scale that suit both, or is a third unit's; what is left then resembles no unit any more.
Only the two together tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal import matched
from emgdetect.signal.library import Library
from emgdetect.signal.pursuit import (
    SCALE_RANGE,
    SCALE_SPREAD,
    Placed,
    gains,
    lone,
    put_back,
    scales,
    subtract,
)

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]

REACH_S = 0.020
"""Seconds around a discharge in which the two are sought; in which it is the only one."""
APART_S = 0.005
"""Seconds between the two at least. What a potential that varies leaves of its template looks like
a second one right beside it: of 307 placed discharges of clean, pairs and busy (tuning seeds
1110-1111) that two explain better by 15 or more, the two lie 9 ms apart in the median where there
are two, 2.5 ms where there is one."""
MORE = 1.2
"""Energy that the two explain beyond the one, over what a discharge of the unit that comes in
needs. With what precedes and with the three that follow, chosen on 8 recordings (busy, pairs, clean
and tonic_trains, tuning seeds 1110 and 1111) and 12 of an independent simulator, whose potentials
vary more: of ours 42 are rightly and 3 wrongly taken for two, of the others 63 and 26 (53 and 11 of
them discharges of trains); without `LEFT` and `USUAL` 69 and 12, and 108 and 163."""
SHARE = 0.1
"""Share of the potential's energy that the two explain beyond the one: what varies of a large
potential exceeds any threshold."""
LEFT = 0.02
"""Share of that energy that may be left of both beyond noise: what varies of one potential is not
explained wholly by another unit's waveform."""
USUAL = (0.78, 1.28)
"""Scales of the discharge that comes in: a unit's amplitudes vary by a tenth (field.md)."""
STARTS = 8
"""Places that are tried for the first of the two, those that explain most alone. With three times
as many, and `TURNS` 2, one more of 6900 potentials of clean, busy and pairs is found, in twice the
time."""
TURNS = 1
"""Times that each of the two is placed anew given the other; measured with `STARTS`."""


class Two(NamedTuple):
    """Two discharges: templates, offsets, scales, and the energy they explain."""

    templates: tuple[int, int]
    offsets: tuple[int, int]
    scales: tuple[float, float]
    gain: float


def separate(
    rest: Floats32, library: Library, placed: Sequence[Placed], needed: Floats, *,
    rate_hz: float, occupancy: float,
) -> list[Placed]:  # fmt: skip
    """Placed templates, some of them replaced by two discharges that explain far more.

    Parameters
    ----------
    rest : ndarray, shape (n_channels, n_samples)
        The trace without what is placed.
    library : Library
    placed : sequence of Placed
        In any order.
    needed : ndarray, shape (n_templates,)
        Score that a discharge of each template has to reach.
    rate_hz : float
    occupancy : float
        Variance of the noise per sample.

    Returns
    -------
    list of Placed
        As many as there were, or more.
    """
    reach = round(REACH_S * rate_hz)
    out: list[Placed] = []
    for one, alone in zip(placed, lone(placed, reach), strict=True):
        both = _two_instead(rest, library, one, needed, reach, rate_hz, occupancy) if alone else []
        out += both or [one]
    return out


def _two_instead(
    rest: Floats32, library: Library, one: Placed, needed: Floats, reach: int,
    rate_hz: float, occupancy: float,
) -> list[Placed]:  # fmt: skip
    """Two discharges that explain better what one template was placed for; empty if none do."""
    low, left, whole, core = put_back(rest, library.templates, one, reach)
    noise = occupancy * left[:, core].size
    if float(np.sum(left[:, core] ** 2)) - noise < needed.min() ** 2 / 2:
        return []
    energy = float(np.sum(whole[:, core] ** 2)) - noise
    best = best_two(library.products_at(whole, core), library.energy, library.gram,
                    apart=round(APART_S * rate_hz))  # fmt: skip
    if best is None:
        return []
    both = [
        Placed(low + core.start + at, k, scale, float(scale * np.sqrt(library.energy[k])))
        for k, at, scale in zip(best.templates, best.offsets, best.scales, strict=True)
    ]
    new = max(both, key=lambda x: (x.template != one.template, abs(x.sample - one.sample)))
    unusual = (one.scale - 1.0) ** 2 / SCALE_SPREAD**2
    more = best.gain - (float(np.sum(whole**2) - np.sum(left**2)) - unusual)
    then = subtract(whole, library.templates, [x._replace(sample=x.sample - low) for x in both])
    two = more >= max(MORE * needed[new.template] ** 2, SHARE * energy)
    two &= float(np.sum(then[:, core] ** 2)) - noise <= LEFT * energy
    return both if two and USUAL[0] <= new.scale <= USUAL[1] else []


def best_two(inner: Floats, energy: Floats, gram: Floats, *, apart: int) -> Two | None:
    """The two discharges of any templates that together explain most.

    Each is placed anew given the other, from many first places: the exact search would grow with
    the square of templates and of samples.

    Parameters
    ----------
    inner : ndarray, shape (n_templates, n_offsets)
        Inner products of the trace with each template at each offset.
    energy : ndarray, shape (n_templates,)
    gram : ndarray, shape (n_templates, n_templates, 2 * n_length - 1)
        From `cross_gram`.
    apart : int
        Fewest samples between the two.

    Returns
    -------
    Two or None
        None without templates, or if all offsets are nearer than `apart`.
    """
    n = inner.shape[1]
    if n <= apart or not len(inner):
        return None
    alone = gains(inner, energy)
    peaks = [(float(row[i]), k, int(i)) for k, row in enumerate(alone)
             for i in matched.local_maxima(row, 0.0)]  # fmt: skip
    if not peaks:
        return None
    # All starts at once: they are few, and of few samples.
    first = np.array([(k, i) for _, k, i in sorted(peaks, reverse=True)[:STARTS]]).T
    second = first
    for _ in range(TURNS):
        second = _given(first, inner, energy, gram, apart)
        first = _given(second, inner, energy, gram, apart)
    scale, gain = _together(first, second, inner, energy, gram)
    best = int(np.argmax(gain))
    (k, i), (m, j) = first[:, best].tolist(), second[:, best].tolist()
    return Two((k, m), (i, j), (float(scale[best, 0]), float(scale[best, 1])), float(gain[best]))


def _given(other: Ints, inner: Floats, energy: Floats, gram: Floats, apart: int) -> Ints:
    """Template and offset, in two rows, that explain most of what each of others leaves."""
    k, i = other
    middle = gram.shape[2] // 2
    lags = np.arange(inner.shape[1]) - i[:, None]
    scale = scales(inner[k, i], energy[k])
    met = gram[:, k[:, None], np.clip(lags + middle, 0, 2 * middle)]
    met = np.where(np.abs(lags) <= middle, scale[:, None] * met, 0.0)
    gain = gains(inner - met.transpose(1, 0, 2), energy)
    gain[np.broadcast_to(np.abs(lags)[:, None] < apart, gain.shape)] = -np.inf
    best = gain.reshape(len(gain), -1).argmax(axis=1)
    return np.stack(np.unravel_index(best, inner.shape))


def _together(
    first: Ints, second: Ints, inner: Floats, energy: Floats, gram: Floats
) -> tuple[Floats, Floats]:
    """Most likely scales of two together, shape (n, 2), and the energy they explain, (n,)."""
    prior, middle = 1.0 / SCALE_SPREAD**2, gram.shape[2] // 2
    (k, i), (m, j) = first, second
    met = gram[k, m, np.clip(i - j + middle, 0, 2 * middle)] * (np.abs(i - j) <= middle)
    products = np.stack([inner[k, i], inner[m, j]], axis=1).astype(float)
    matrix = np.array([[energy[k], met], [met, energy[m]]], dtype=float).transpose(2, 0, 1)
    both = np.linalg.solve(matrix + prior * np.eye(2), (products + prior)[..., None])[..., 0]
    both = np.clip(both, *SCALE_RANGE)
    held = np.einsum("np,npq,nq->n", both, matrix, both)
    gain = 2 * np.einsum("np,np->n", both, products) - held
    return both, gain - prior * np.sum((both - 1.0) ** 2, axis=1)
