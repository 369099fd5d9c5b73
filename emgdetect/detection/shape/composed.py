"""Potentials that overlap others: kept where the waveforms of known units together explain them.

Two discharges a few milliseconds apart are slower than either, or end as a jump does. What the sum
of two units' waveforms repeats to within the noise is no jump and no knock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.shape.kinship import (
    LEFT,
    SIZES,
    known_members,
    median_waveform,
    snippet_window,
    units_beside,
)
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.pairs import CLEAR_RATIO, CLEAR_S, PAIR_LEFT, PAIR_S

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

NEAR_S = 0.025
"""Seconds between discharges that are looked at together: doublets are up to 20 ms apart
(field.md)."""
MOST = 4
"""Discharges that are looked at together, at most: more fit anything. Set by judgement; not
measured."""
LAG_S = 0.001
"""Seconds by which each may be moved to fit. Set by judgement; not measured."""
TURNS = 2
"""Times that each is moved, given the others. Set by judgement; not measured."""

DOUBLET_S = (CLEAR_S, PAIR_S)
"""Seconds between the discharges of a doublet that one event was found for: nearer ones also make
other waveforms, later ones are found apart. With this, the next two, `CLEAR_RATIO` and `PAIR_LEFT`,
8 doublets and a single potential are counted of 8 recordings (pairs and movement, tuning seeds 1160
to 1163) that were called movement or pops, and nothing else."""
LEAST_SHARE = 0.5
"""Share of its energy from which it is worth a closer look: bounds time where thousands are
accused. Set by judgement; not measured."""
LAG_STEP_S = 0.0005
"""Steps in seconds of what lies between the two."""


class Wave(NamedTuple):
    """A unit's waveform at one electrode, and how far its peak lies after a template's middle."""

    values: Floats
    offset_s: float


def composed(signal: SiteSignal, accused: Bools, free: Bools) -> Bools:
    """Accused potentials that known units' waveforms explain together, none of them alone.

    Parameters
    ----------
    signal : SiteSignal
    accused : ndarray of bool, shape (n_found,)
        Pops and movement.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    time_s, template = signal.found.time_s, signal.found.template
    kept = np.zeros(len(time_s), dtype=bool)
    waves: dict[tuple[int, int], Wave | None] = {}
    for i in np.flatnonzero(accused & (template >= 0)):
        low, high = np.searchsorted(time_s, time_s[i] + np.array([-NEAR_S, NEAR_S]))
        group = np.arange(low, high)
        if not 2 <= len(group) <= MOST or np.any(template[group] < 0):
            continue
        row = int(signal.channel[i])
        for unit in template[group]:
            if (unit, row) not in waves:
                waves[int(unit), row] = _wave(signal, int(unit), row, free)
        known = [waves[int(unit), row] for unit in template[group]]
        kept[i] = all(known) and _explained(signal, int(i), group, [w for w in known if w])
    return kept


def doubled(signal: SiteSignal, accused: Bools, free: Bools) -> Bools:
    """Accused potentials that two discharges of one known unit explain.

    Parameters
    ----------
    signal : SiteSignal
    accused, free : ndarray of bool, shape (n_found,)
        As of `composed`.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    kept = np.zeros(len(accused), dtype=bool)
    for every, _, known in units_beside(signal, accused, free):
        waveform, asked = median_waveform(signal, known), every[~kept[every]]
        places, share = _two_places(signal, asked, waveform)
        for at in np.flatnonzero(share >= LEAST_SHARE):
            kept[asked[at]] = _is_doublet(signal, int(asked[at]), waveform, places[at])
    return kept


def _two_places(signal: SiteSignal, asked: Ints, waveform: Floats) -> tuple[Ints, Floats]:
    """Samples by which two of a waveform, alike in size, are best moved, shape (n_asked, 2), and
    about which share of the energy they explain there, (n_asked,)."""
    pieces, rate = signal.measured.snippet_uv[asked], signal.site.sampling_hz
    n, window = pieces.shape[1], snippet_window(signal)
    half, n_fft = n // 2, int(fft.next_fast_len(2 * n, real=True))
    spectrum = np.conj(fft.rfft(waveform, n_fft))
    inner = fft.irfft(fft.rfft(pieces * window**2, n_fft, axis=1) * spectrum, n_fft, axis=1)
    inner = np.roll(inner, half, axis=1)[:, : 2 * half + 1]
    own = fft.irfft(np.abs(spectrum) ** 2, n_fft)
    best, places = np.full(len(asked), -np.inf), np.zeros((len(asked), 2), dtype=np.int64)
    for lag in np.unique(np.rint(np.arange(*DOUBLET_S, LAG_STEP_S) * rate).astype(int)):
        both = inner[:, : len(inner.T) - lag] + inner[:, lag:]
        first = np.argmax(both, axis=1)
        size = np.sqrt(max(own[0] + own[lag], 1e-12))
        gain = np.take_along_axis(both, first[:, None], 1)[:, 0] / size
        better = gain > best
        best[better] = gain[better]
        places[better] = (first[better, None] - half) + [0, lag]
    energy = np.sum((pieces * window) ** 2, axis=1)
    return places, np.maximum(best, 0.0) ** 2 / np.maximum(energy, 1e-12)


def _is_doublet(signal: SiteSignal, at: int, waveform: Floats, places: Ints) -> bool:
    """Whether a waveform at two places leaves of a potential what noise may."""
    piece, window = signal.measured.snippet_uv[at].astype(float), snippet_window(signal)
    left, sizes = _fit(piece, window, [waveform, waveform], places)
    usual = SIZES[0] < sizes.min() and sizes.max() < SIZES[1]
    usual &= sizes.min() >= CLEAR_RATIO * sizes.max()
    return bool(usual and _is_noise(signal, at, left, PAIR_LEFT))


def _is_noise(signal: SiteSignal, at: int, left: float, share: float) -> bool:
    """Whether noise may leave so much of a potential that stands out of it, and of its energy a
    share that varies."""
    window = snippet_window(signal)
    piece = signal.measured.snippet_uv[at].astype(float) * window
    energy = max(float(np.sum(piece**2)), 1e-12)
    noise = float(signal.measured.noise_uv[at] ** 2 * np.sum(window**2))
    return noise < energy and left < LEFT[0] * noise + share * energy


def _wave(signal: SiteSignal, unit: int, row: int, free: Bools) -> Wave | None:
    """A unit's waveform at an electrode, from the potentials nothing is held against."""
    known = known_members(signal, unit, row, free)
    if not len(known):
        return None
    offset = np.median(signal.measured.peak_s[known] - signal.found.time_s[known])
    return Wave(median_waveform(signal, known), float(offset))


def _explained(signal: SiteSignal, at: int, group: Ints, waves: list[Wave]) -> bool:
    """Whether the waveforms, each near its place, leave of a potential what noise may."""
    measured, rate = signal.measured, signal.site.sampling_hz
    piece, window = measured.snippet_uv[at].astype(float), snippet_window(signal)
    values = [wave.values for wave in waves]
    due_s = signal.found.time_s[group] + [w.offset_s for w in waves] - measured.peak_s[at]
    places = np.rint(due_s * rate).astype(int)
    reach = round(LAG_S * rate)
    for _ in range(TURNS):
        for j in range(len(places)):
            tried = [_fit(piece, window, values, _moved(places, j, lag))[0]
                     for lag in range(-reach, reach + 1)]  # fmt: skip
            places = _moved(places, j, int(np.argmin(tried)) - reach)
    left, sizes = _fit(piece, window, values, places)
    sizes = sizes / signal.found.scale[group]
    usual = np.all((sizes > SIZES[0]) & (sizes < SIZES[1]))
    return bool(usual and _is_noise(signal, at, left, LEFT[1]))


def _moved(places: Ints, which: int, lag: int) -> Ints:
    out = places.copy()
    out[which] += lag
    return out


def fit_at(
    piece: Floats, window: Floats, waveforms: Sequence[Floats], places: Sequence[int] | Ints
) -> tuple[Floats, Floats]:
    """What waveforms at some places leave of a piece, and their sizes.

    Parameters
    ----------
    piece : ndarray, shape (n_times,)
        Weighted by the window, as the waveforms will be where they lie.
    window : ndarray, shape (n_times,)
    waveforms : sequence of ndarray, shape (n_times,)
    places : sequence of int
        Samples by which each is moved.

    Returns
    -------
    left : ndarray, shape (n_times,)
    sizes : ndarray, shape (n_waveforms,)
    """
    n = len(piece)
    columns = np.zeros((n, len(waveforms)))
    for column, waveform, place in zip(columns.T, waveforms, places, strict=True):
        low, high = max(0, place), min(n, n + place)
        column[low:high] = waveform[low - place : high - place]
    columns *= window[:, None]
    sizes = np.linalg.lstsq(columns, piece)[0]
    return piece - columns @ sizes, sizes


def _fit(
    piece: Floats, window: Floats, waveforms: Sequence[Floats], places: Ints
) -> tuple[float, Floats]:
    """Energy that waveforms at some places leave of a piece, and their sizes."""
    left, sizes = fit_at(piece * window, window, waveforms, places)
    return float(np.sum(left**2)), sizes
