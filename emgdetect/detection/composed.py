"""Potentials that overlap others: kept where the waveforms of known units together explain them.

Two discharges a few milliseconds apart are slower than either, or end as a jump does. What the sum
of two units' waveforms repeats to within the noise is no jump and no knock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.kinship import LEFT, SIZES, known_members, median_waveform
from emgdetect.detection.site import SiteSignal

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
    piece = measured.snippet_uv[at].astype(float)
    window = np.hanning(len(piece) + 2)[1:-1]
    due_s = signal.found.time_s[group] + [w.offset_s for w in waves] - measured.peak_s[at]
    places = np.rint(due_s * rate).astype(int)
    reach = round(LAG_S * rate)
    for _ in range(TURNS):
        for j in range(len(places)):
            tried = [_fit(piece, window, waves, _moved(places, j, lag))[0]
                     for lag in range(-reach, reach + 1)]  # fmt: skip
            places = _moved(places, j, int(np.argmin(tried)) - reach)
    left, sizes = _fit(piece, window, waves, places)
    energy = max(float(np.sum((piece * window) ** 2)), 1e-12)
    noise = float(measured.noise_uv[at] ** 2 * np.sum(window**2))
    sizes = sizes / signal.found.scale[group]
    usual = np.all((sizes > SIZES[0]) & (sizes < SIZES[1]))
    return bool(usual and noise < energy and left < LEFT[0] * noise + LEFT[1] * energy)


def _moved(places: Ints, which: int, lag: int) -> Ints:
    out = places.copy()
    out[which] += lag
    return out


def _fit(piece: Floats, window: Floats, waves: list[Wave], places: Ints) -> tuple[float, Floats]:
    """Energy that waveforms at some places leave of a piece, and their sizes."""
    n = len(piece)
    columns = np.zeros((n, len(waves)))
    for column, wave, place in zip(columns.T, waves, places, strict=True):
        low, high = max(0, place), min(n, n + place)
        column[low:high] = wave.values[low - place : high - place]
    columns *= window[:, None]
    sizes = np.linalg.lstsq(columns, piece * window)[0]
    return float(np.sum((piece * window - columns @ sizes) ** 2)), sizes
