"""What follows large potentials tells a notch that rings, and how exactly it has to be undone.

Noise shows a hole whatever made it: a notch forth and back, as software has, leaves one, too, but
rings before a potential as much as after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal import filters
from emgdetect.signal.matched import strongest_apart
from emgdetect.signal.noise import robust_rms
from emgdetect.signal.notch import Notch, undone

Floats = NDArray[np.floating[Any]]

LARGE = 12.0
"""Largest phase over the noise from which what follows a potential tells of ringing. Set by
judgement; not measured."""
LOW_HZ, HIGH_HZ = 20.0, 400.0
"""Band in which that is looked at."""
MOST = 60
"""Potentials that are asked at most."""
FEWEST = 5
"""Potentials that have to tell of ringing. Set by judgement; not measured."""
BEFORE_S, AFTER_S = 1.2, 0.4
"""Seconds around a potential that are looked at."""
APART_S = 0.025
"""Seconds from its peak within which a potential may last. Set by judgement; not measured."""
LASTING = 2.0
"""Time constants of the ringing that are looked at after it. Set by judgement; not measured."""
MOST_S = 0.25
"""Seconds of it at most: then the next potential may follow. Set by judgement; not measured."""
AFTER_RATIO = 2.0
"""Ringing after potentials over what is before them, from which a notch rings forth alone. Set by
judgement; not measured."""
LEFT_MOST = 0.7
"""Share of it that may be left where the notch is undone. Set by judgement; not measured."""
UNSURE = (0.06, 0.10)
"""Hertz, and share of the quality, to which noise tells a notch: on recordings of 180 s of an
independent simulator the standard deviation is about 0.04 Hz and 7 %."""
WHOLLY = 1e4
"""Quality of a notch that does not ring within a stretch."""
STEP = 1e-3
"""Step of frequency and log quality whose effect is looked at."""
TURNS = 8
"""Steps of the fit. Set by judgement; not measured."""


def refined(pieces: list[Floats], sampling_hz: float, notch: Notch) -> Notch | None:
    """The notch as what follows large potentials shows it; None if they show no such ringing.

    Parameters
    ----------
    pieces : list of ndarray, shape (n_channels, n_samples)
        Stretches of signal of some seconds.
    sampling_hz : float
    notch : Notch
        As the hole in the noise shows it.
    """
    around = _around(pieces, sampling_hz, notch)
    if len(around) < FEWEST:
        return None
    at = round(BEFORE_S * sampling_hz)
    found = _fit(around, at, sampling_hz, notch)
    left = _ringing(undone(around, sampling_hz, found), at, sampling_hz, notch)
    after = _ringing(around, at, sampling_hz, notch)
    before = _ringing(around[:, ::-1], around.shape[1] - 1 - at, sampling_hz, notch)
    if _typical(after) > max(AFTER_RATIO * _typical(before), _typical(left) / LEFT_MOST):
        return found
    return None


def _ringing(rows: Floats, at: int, sampling_hz: float, notch: Notch) -> NDArray[np.complex128]:
    """Amplitude and phase after a sample of what rings like the notch; shape (n_rows,)."""
    first = at + round(APART_S * sampling_hz)
    last = first + round(min(LASTING * notch.ring_s, MOST_S) * sampling_hz)
    after_s = np.arange(last - first) / sampling_hz
    ring = np.exp((-1 / notch.ring_s - 2j * np.pi * notch.frequency_hz) * after_s)
    centred = rows[:, first:last] - rows[:, first:last].mean(axis=1, keepdims=True)
    return np.asarray(centred @ ring / np.sum(np.abs(ring) ** 2) * 2)


def _tone(rows: Floats, at: int, sampling_hz: float, notch: Notch) -> NDArray[np.complex128]:
    """The same of what does not fade, as is left where a notch is undone wholly, but wrongly."""
    first = at + round(APART_S * sampling_hz)
    last = first + round(MOST_S * sampling_hz)
    turns = np.arange(first, last) * notch.frequency_hz / sampling_hz
    centred = rows[:, first:last] - rows[:, first:last].mean(axis=1, keepdims=True)
    return np.asarray(centred @ np.exp(-2j * np.pi * turns) * 2 / (last - first))


def _typical(ringing: NDArray[np.complex128]) -> float:
    return float(np.median(np.abs(ringing)))


def _fit(around: Floats, at: int, sampling_hz: float, notch: Notch) -> Notch:
    """The notch that leaves the least ringing, and is not far from what noise tells.

    Noise and mains in the hole are lifted as it is undone. What lies before the potentials holds as
    much of them, but no ringing: its share of the squares is taken away.
    """
    told = np.array([notch.frequency_hz, np.log(notch.quality)])
    prior, found = np.diag(1 / np.array(UNSURE) ** 2), told.copy()
    apart = round((2 * APART_S + MOST_S) * sampling_hz)

    def left(of: Floats) -> list[NDArray[np.complex128]]:
        undoing = replace(notch, frequency_hz=float(of[0]), quality=float(np.exp(of[1])))
        wholly = undone(around, sampling_hz, undoing, narrow=WHOLLY)
        tones = [_tone(wholly, at - k * apart, sampling_hz, notch) for k in range(3)]
        return [tones[0] - tones[1], tones[1] - tones[2]]

    for _ in range(TURNS):
        rest = left(found)
        slopes = [left(found + step) for step in np.diag([STEP, STEP])]
        squares, owed = np.zeros((2, 2)), np.zeros(2)
        usual = np.median(np.abs(rest[0]) ** 2)
        for k, sign in enumerate((1, -1)):
            # What else is there is not to count: a Cauchy weight of each.
            weight = 1 / (np.abs(rest[k]) ** 2 + usual)
            slope = np.stack([(moved[k] - rest[k]) / STEP for moved in slopes])
            squares += sign * ((slope.conj() * weight) @ slope.T).real
            owed -= sign * ((slope.conj() * weight) @ rest[k]).real
        values, axes = np.linalg.eigh(squares)
        squares = (axes * np.maximum(values, 0)) @ axes.T
        step = np.linalg.solve(squares + prior, owed + prior @ (told - found))
        found = found + np.clip(step, -np.array(UNSURE), UNSURE)
    return replace(notch, frequency_hz=float(found[0]), quality=float(np.exp(found[1])))


def _around(pieces: list[Floats], sampling_hz: float, notch: Notch) -> Floats:
    """Stretches around those large potentials that stand out most of what follows them."""
    n_before, n_after = round(BEFORE_S * sampling_hz), round(AFTER_S * sampling_hz)
    first, last = round(APART_S * sampling_hz), round((APART_S + MOST_S) * sampling_hz)
    high_hz = min(HIGH_HZ, 0.45 * sampling_hz)
    found: list[tuple[float, Floats]] = []
    for piece in pieces:
        wholly = undone(piece, sampling_hz, notch)
        band = filters.filter_zero_phase(wholly, sampling_hz, low_hz=LOW_HZ, high_hz=high_hz)
        for row, raw, noise in zip(np.abs(band), piece, robust_rms(band), strict=True):
            high = np.flatnonzero(row >= LARGE * float(noise))
            for at in high[strongest_apart(high, row[high], last + 1)]:
                if n_before <= at < len(row) - n_after:
                    follows = float(np.sqrt(np.mean(row[at + first : at + last] ** 2)))
                    found.append((row[at] / max(follows, 1e-9), raw[at - n_before : at + n_after]))
    found.sort(key=lambda one: -one[0])
    return np.array([rows for _, rows in found[:MOST]])
