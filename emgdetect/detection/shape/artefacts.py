"""Movement, and what one electrode alone sees: what a muscle cannot have made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.shape.explaining import Explained
from emgdetect.detection.shape.lone import lone, widely_seen
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.trace.survey import GRID_LEAST

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

BESIDE_S = 0.025
"""Seconds around a pop within which other candidates are its echoes. Set by judgement; not
measured."""
FLURRY_S = 0.12
"""Window in seconds in which potentials are counted for a flurry: a cable that moves. Set by
judgement; not measured."""
FLURRY_LEAST = 6
"""Potentials in that window that make a flurry: one more than the longest short run of a unit,
which is five discharges by definition."""
LONE_S = 0.25
"""Window in seconds in which potentials of no unit are counted for a flurry. Set by judgement; not
measured."""
LONE_LEAST = 4
"""Such potentials that make a flurry: discharges of a short run are alike, so have a unit. Set by
judgement; not measured."""
BROAD_SHARE = 0.25
"""Share of a piece's energy below which the best muscle-like shape and the best pop explain too
little: broad noise. Set by judgement; not measured."""
BROAD_ENERGY = 150.0
"""Energy of such a piece in units of noise variance; weaker ones tell nothing. Set by judgement;
not measured."""
WIDELY_SHARE = 0.25
"""Share of its largest score from which a channel sees a potential, too: an electrode pops alone.
Set by judgement; not measured."""
WIDELY_LEAST = 3
"""Channels of a site, four at least, that have to see it so. Set by judgement; not measured."""


def seen_widely(by_channel: NDArray[np.float32]) -> Bools:
    """Potentials that several electrodes of a site see: an electrode pops alone.

    Parameters
    ----------
    by_channel : ndarray, shape (n_found, n_channels)

    Returns
    -------
    ndarray of bool, shape (n_found,)
        False where a site has fewer than four channels: too few to tell.
    """
    if by_channel.shape[1] < 4 or not len(by_channel):
        return np.zeros(len(by_channel), dtype=bool)
    if by_channel.shape[1] >= GRID_LEAST:
        return widely_seen(by_channel, share=WIDELY_SHARE, least=WIDELY_LEAST)
    near = by_channel >= WIDELY_SHARE * by_channel.max(axis=1, keepdims=True)
    return np.asarray(near.sum(axis=1) >= WIDELY_LEAST)


def beside(time_s: Floats, marked: Bools, reach_s: float) -> Bools:
    """Times at most so far from a marked one.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.
    marked : ndarray of bool, shape (n,)
    reach_s : float
    """
    low, high = _within(time_s, reach_s)
    counts = np.concatenate([[0], np.cumsum(marked)])
    return np.asarray(counts[high] > counts[low])


def flurries(signal: SiteSignal) -> Bools:
    """Potentials among so many at once that a cable must have moved.

    Five discharges are the longest short run, and discharges of a run are alike; more from several
    units within a tenth of a second, or several of none within a quarter, and not again and again
    as in a contraction, are noise that flares up.
    """
    time_s, template = signal.found.time_s, signal.found.template
    low, high = _within(time_s, FLURRY_S / 2)
    dense = np.array([
        b - a >= FLURRY_LEAST and len(np.unique(template[a:b])) >= 3
        for a, b in zip(low, high, strict=True)
    ], dtype=bool)  # fmt: skip
    of_none = template < 0
    counts = np.concatenate([[0], np.cumsum(of_none)])
    low, high = _within(time_s, LONE_S / 2)
    strays = of_none & (counts[high] - counts[low] >= LONE_LEAST)
    return beside(time_s, dense, FLURRY_S / 2) | (of_none & beside(time_s, strays, LONE_S / 2))


def _within(time_s: Floats, reach_s: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Half-open ranges of the sorted times around each of them."""
    low = np.searchsorted(time_s, time_s - reach_s, side="left")
    return low, np.searchsorted(time_s, time_s + reach_s, side="right")


def broad_noise(signal: SiteSignal, fit: Explained) -> Bools:
    """Potentials of no unit within a stretch of noise that neither muscle nor pop explains.

    Parameters
    ----------
    signal : SiteSignal
    fit : Explained

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    explained = np.maximum(fit.muscle, fit.filtered.energy)
    of_none = signal.found.template < 0
    return of_none & (fit.whole > BROAD_ENERGY) & (explained < BROAD_SHARE * fit.whole)


def alone_on_grid(signal: SiteSignal) -> Bools:
    """Potentials of a grid that one electrode alone sees, however large they are there."""
    if signal.front.unmixing is None:
        return np.zeros(len(signal.found.time_s), dtype=bool)
    return lone(signal.found.by_channel)
