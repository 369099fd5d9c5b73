"""What is left of mains: events of one site in step with it, and units whose waveform is its.

Where mains sets in, fades or is moved faster than the sinusoids that were fitted to it can follow,
some of its periods are left, each an event. A muscle does not fire in step with mains.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rows import unit_shares

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

LEAST = 3
"""Events in a row in step with mains from which they are mains. Set by judgement; not measured."""
MOST_PERIODS = 2
"""Periods of mains between two of them at most: two are left of hum and its harmonics. Set by
judgement; not measured."""
STEP_S = 0.0015
"""Error in seconds of an interval: the largest deflection of a period moves with noise. Set by
judgement; not measured."""


MOSTLY = 0.5
"""Share of a unit's events that have to be in step for them to be mains: a short run or two pairs
of a muscle may be in step by chance, but its unit fires elsewhere, too. Set by judgement; not
measured."""

REPEATS = 0.9
"""Correlation of a unit's waveform with itself one period of mains later from which it is what is
left of mains. Of 945 units of 47 recordings of our and an independent simulator from which mains
was taken out, two have more, both of mains that doubled within 0.2 s, and no unit of muscle has
more than 0.82."""
FIFTHS = 5
"""Parts of a waveform that are compared: two discharges a period apart leave the middle empty. Set
by judgement; not measured."""
EVEN = 0.3
"""Energy of each part over their mean at least: of those two units the least has 0.4 and 0.7. Two
discharges that each last 20 ms may have as much."""
LONG_ENOUGH = 1.5
"""Length of a waveform in periods of mains from which it is compared: a few samples are alike by
chance. 32 ms, as in the band up to 500 Hz, hold 1.6 of 50 Hz."""


def repeats(templates: NDArray[np.float32], *, rate_hz: float, mains_hz: float) -> Bools:
    """Which units' waveforms go on unchanged after a period of mains.

    Parameters
    ----------
    templates : ndarray, shape (n_units, n_channels, n_samples)
    rate_hz, mains_hz : float

    Returns
    -------
    ndarray of bool, shape (n_units,)
        None where waveforms are too short to tell.
    """
    period = round(rate_hz / mains_hz)
    if templates.shape[2] < LONG_ENOUGH * period:
        return np.zeros(len(templates), dtype=bool)
    before, after = templates[:, :, :-period], templates[:, :, period:]
    held = [np.einsum("kcl,kcl->k", part, part) for part in (before, after)]
    alike = np.einsum("kcl,kcl->k", before, after) > REPEATS * np.sqrt(held[0] * held[1])
    parts = np.array_split(np.square(templates).sum(axis=1), FIFTHS, axis=1)
    energy = np.array([part.sum(axis=1) for part in parts])
    return np.asarray(alike & (energy.min(axis=0) > EVEN * energy.mean(axis=0)))


def in_step(times_s: Floats, mains_hz: float) -> Bools:
    """Which events follow each other at a whole number of periods of mains.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        In order.
    mains_hz : float

    Returns
    -------
    ndarray of bool, shape (n,)
        Runs of at least `LEAST` events; three events within 80 ms are in step by chance in one case
        of fifty.
    """
    periods = np.diff(times_s) * mains_hz
    whole = np.rint(periods)
    right = np.abs(periods - whole) <= STEP_S * mains_hz
    right &= (whole >= 1) & (whole <= MOST_PERIODS)
    out = np.zeros(len(times_s), dtype=bool)
    start = 0
    for i in range(len(times_s)):
        if i == len(times_s) - 1 or not right[i]:
            out[start : i + 1] = i + 1 - start >= LEAST
            start = i + 1
    return out


def of_muscle(step: Bools, template: NDArray[np.int64]) -> Bools:
    """Events of units most of whose events are out of step with mains.

    Parameters
    ----------
    step : ndarray of bool, shape (n,)
        From `in_step`.
    template : ndarray of int, shape (n,)
        Unit of each; below 0 where none is known, of which nothing is said.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    return np.asarray(unit_shares(template, step) < MOSTLY)
