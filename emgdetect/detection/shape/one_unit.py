"""Numbers that are one unit's: made one for the tables, once all its potentials are known.

A unit whose potentials vary, or whose noise grows and falls over half an hour, is found under
several numbers, each with a waveform of its own that the pursuit explains the trace by. Judging
asks those; what is told of units in the end, how many there are and how often each fires, is told
of what can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from emgdetect.detection.first_pass.confused import BLOCKED, kindred
from emgdetect.detection.second_pass.fitting import SAME_PEAK_S, aligned
from emgdetect.detection.second_pass.measuring import Measured

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

LEFT = 0.1
"""Share of the energy of one average that another may leave of it beyond noise, for both to be one
unit's. Of 127 tuning recordings of ours and of two other simulators (5200 true units, of which many
are never found) 3434 numbers are told with it, 3705 without: the potentials of a true unit that
bear its commonest number are 0.91, 0.90 and 0.87 of all instead of 0.89, 0.82 and 0.78, those of a
number that are of its commonest unit 0.79, 0.92 and 0.82 instead of 0.79, 0.92 and 0.83. With 0.07
and 0.13 there are 66 more and 51 fewer."""
SIZES = (0.8, 1.25)
"""Range of the ratio of their amplitudes: a unit varies by a tenth (field.md), and drifts. With
(0.75, 1.33) there are 24 numbers fewer there."""
CUT_APART = 2.65
"""Standard deviations between the potentials of two numbers, along what their averages differ by,
from which they are two units. As far apart are the halves of one normal distribution that noise
cuts in its middle. With 2, where the sum of two begins to have two humps, 88 numbers more are told
there."""
INNER = 0.2
"""Share of the 40 ms that are averaged that is left out at both ends: 24 ms hold the waveform. With
0.125 there are 40 numbers more."""
FEWEST = 2
"""Potentials from which a number's waveform is known. Set by judgement; not measured."""
MOST = 200
"""Potentials that it is averaged from, an even choice of more: bounds time and memory."""
ALONE_S = 0.03
"""Seconds without another potential around one that is averaged, if there are three such: else the
other one is averaged, too. Set by judgement; not measured."""


@dataclass(frozen=True)
class Shape:
    """The waveform of some potentials at one electrode.

    Attributes
    ----------
    average : ndarray, shape (n_times,)
    pieces : ndarray, shape (n, n_times)
        Of the potentials, over each other.
    noise : float
        Its variance in a piece.
    """

    average: Floats
    pieces: Floats
    noise: float


def told_apart(
    template: Ints, channel: Ints, measured: Measured, templates: NDArray[np.float32],
    sampling_hz: float,
) -> Ints:  # fmt: skip
    """Numbers of potentials, those that are one unit's made one: that of the most frequent.

    Parameters
    ----------
    template : ndarray of int, shape (n_found,)
        Below 0 where none is known, which stays so.
    channel : ndarray of int, shape (n_found,)
        Electrodes see different waveforms: only numbers mostly seen on the same one are compared.
    measured : Measured
    templates : ndarray, shape (n_templates, n_channels, n_samples)
        In units of noise.
    sampling_hz : float

    Returns
    -------
    ndarray of int, shape (n_found,)
    """
    merged, alone = template.copy(), _alone(measured.peak_s)
    reach, kin = round(SAME_PEAK_S * sampling_hz), kindred(templates, varies=BLOCKED)
    shapes: dict[int, Shape] = {}
    row: dict[int, int] = {}
    for number, own in _by_count(template):
        row[number] = int(np.bincount(channel[own]).argmax())
        seen = own[channel[own] == row[number]]
        if len(seen) >= FEWEST:
            shapes[number] = _shape(measured, seen, alone)
    numbers = list(shapes)
    left = {
        (a, b): _left(shapes[a], shapes[b], reach)
        for i, a in enumerate(numbers) for b in numbers[i + 1 :]
        if row[a] == row[b] and b in kin[a]
    }  # fmt: skip
    while left:
        a, b = min(left, key=lambda pair: left[pair])
        if left[a, b] > LEFT:
            break
        merged[merged == b] = a
        shapes[a] = _shape(
            measured, np.flatnonzero((merged == a) & (channel == row[a])), alone
        )  # fmt: skip
        anew = {tuple(a if one == b else one for one in pair) for pair in left
                if a in pair or b in pair} - {(a, a)}  # fmt: skip
        left = {pair: share for pair, share in left.items() if a not in pair and b not in pair}
        left |= {(c, d): _left(shapes[c], shapes[d], reach) for c, d in sorted(anew)}
    return merged


def _by_count(template: Ints) -> list[tuple[int, Ints]]:
    """Numbers and their potentials, the most frequent first."""
    numbers, counts = np.unique(template[template >= 0], return_counts=True)
    return [(int(k), np.flatnonzero(template == k))
            for k in numbers[np.argsort(-counts, kind="stable")]]  # fmt: skip


def _alone(peak_s: Floats) -> Bools:
    """Potentials without another one within `ALONE_S`."""
    order = np.argsort(peak_s, kind="stable")
    apart = np.diff(peak_s[order], prepend=-np.inf, append=np.inf)
    alone = np.empty(len(peak_s), dtype=bool)
    alone[order] = np.minimum(apart[:-1], apart[1:]) > ALONE_S
    return alone


def _shape(measured: Measured, own: Ints, alone: Bools) -> Shape:
    """The waveform of some potentials: of those that lie alone, if they are enough."""
    used = own[alone[own]] if np.count_nonzero(alone[own]) > FEWEST else own
    used = used[:: -(-len(used) // MOST)]
    pieces = aligned(measured.snippet_uv[used].astype(float))
    outer = round(INNER * pieces.shape[1])
    pieces = pieces[:, outer : pieces.shape[1] - outer]
    return Shape(pieces.mean(axis=0), pieces, float(np.median(measured.noise_uv[used]) ** 2))


def _left(one: Shape, other: Shape, reach: int) -> float:
    """Share of the other's energy that the one leaves; infinite if they are two units'."""
    n, average = len(other.average), other.average
    windows = sliding_window_view(np.pad(one.average, reach), n)
    energy = np.einsum("sl,sl->s", windows, windows) + 1e-12
    at = int(np.argmax(windows @ average / np.sqrt(energy)))
    ratio = np.ptp(one.average) / max(float(np.ptp(average)), 1e-12)
    if not SIZES[0] < ratio < SIZES[1]:
        return np.inf
    pieces = np.pad(one.pieces, ((0, 0), (reach, reach)))[:, at : at + n]
    moved, scale = Shape(windows[at], pieces, one.noise), float(windows[at] @ average / energy[at])
    noise = n * (other.noise / len(other.pieces) + scale**2 * one.noise / len(pieces))
    left = float(np.sum((average - scale * moved.average) ** 2) - noise) / float(average @ average)
    return left if left <= LEFT and _apart(moved, other) < CUT_APART else np.inf


def _apart(one: Shape, other: Shape) -> float:
    """Standard deviations between two numbers' potentials along what their averages differ by."""
    low, high = -_along(one, other.average), _along(other, one.average)
    n = len(low) + len(high)
    spread = np.sqrt((len(low) * np.var(low) + len(high) * np.var(high)) / max(n - 2, 1))
    return float((np.mean(high) - np.mean(low)) / max(spread, 1e-12))


def _along(own: Shape, other: Floats) -> Floats:
    """How far potentials lie from another average towards their own, of which they are left out."""
    n = len(own.pieces)
    rest = (n * own.average - own.pieces) / (n - 1)
    way, both = rest - other, rest + other
    # Sizes vary: asked is what else is different.
    share = np.einsum("pl,pl->p", way, both) / (np.einsum("pl,pl->p", both, both) + 1e-12)
    way -= share[:, None] * both
    length = np.sqrt(np.einsum("pl,pl->p", way, way)) + 1e-12
    return np.asarray(np.einsum("pl,pl->p", own.pieces, way) / length)
