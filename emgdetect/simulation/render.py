"""Draw discharges into the signal and note where their peaks lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgdetect.simulation.amplifier import measured
from emgdetect.simulation.model import Discharges, Floats, Ints, Rng, Unit

MOST_GROUPS = 3
"""Fibre groups of a unit at most."""


@dataclass(frozen=True)
class Variability:
    """How the potentials of a unit differ from discharge to discharge.

    Attributes
    ----------
    amplitude : float
        Standard deviation of the whole potential's scale, relative.
    group_amplitude : float
        The same of each fibre group.
    jiggle_s : float
        Standard deviation of each group's latency.
    blocking : float
        Probability that a group fails.
    """

    amplitude: float = 0.1
    group_amplitude: float = 0.05
    jiggle_s: float = 0.0001
    blocking: float = 0.01


@dataclass(frozen=True)
class Varied:
    """Gain and delay of each fibre group at each discharge.

    Attributes
    ----------
    gains : ndarray, shape (n, 3)
    delays_s : ndarray, shape (n, 3)
    """

    gains: Floats
    delays_s: Floats

    def at(self, rows: NDArray[np.bool_] | Ints) -> Varied:
        """Those of some discharges."""
        return Varied(self.gains[rows], self.delays_s[rows])


@dataclass(frozen=True)
class Drawn:
    """Peaks of the discharges that were drawn, in the order of the discharges.

    Attributes
    ----------
    peak_s, height_uv : ndarray, shape (n,)
        Time of the largest absolute deflection and peak-to-peak amplitude on the unit's strongest
        channel, in the band of the truth.
    """

    peak_s: Floats
    height_uv: Floats


def vary(rng: Rng, n: int, how: Variability) -> Varied:
    """Draw the variation of `n` discharges."""
    whole = np.maximum(1 + how.amplitude * rng.standard_normal((n, 1)), 0.3)
    groups = np.maximum(1 + how.group_amplitude * rng.standard_normal((n, MOST_GROUPS)), 0.0)
    groups *= rng.random((n, MOST_GROUPS)) >= how.blocking
    return Varied(whole * groups, how.jiggle_s * rng.standard_normal((n, MOST_GROUPS)))


def draw(out: NDArray[np.float32], found: Discharges, units: tuple[Unit, ...], varied: Varied, *,
         sampling_hz: float) -> Drawn:  # fmt: skip
    """Add the discharges of one site to `out`, shape (n_channels, n_samples), in place.

    Each potential is placed at its own time between the samples, to about 1/16,000 s.
    """
    peak_s, height_uv = np.full(len(found), np.nan), np.full(len(found), np.nan)
    for unit in units:
        rows = np.flatnonzero(found.units == unit.number)
        if not len(rows):
            continue
        at = np.rint(found.times_s[rows] * unit.fine_hz).astype(np.intp) - unit.centre
        shifts = np.rint(varied.delays_s[rows] * unit.fine_hz).astype(np.intp)
        gains = varied.gains[rows]
        _add_all(out, unit.groups_uv, at, gains, shifts, round(unit.fine_hz / sampling_hz))
        peaks, heights = _peaks(unit, gains, shifts)
        peak_s[rows] = (at + peaks) / unit.fine_hz
        height_uv[rows] = heights
    return Drawn(peak_s, height_uv)


def _add_all(out: NDArray[np.float32], groups: Floats, at: Ints, gains: Floats, shifts: Ints,
             factor: int) -> None:  # fmt: skip
    """Add every group of every discharge; `at` is the fine sample where the potential begins."""
    n_samples = out.shape[1]
    for number, group in enumerate(groups):
        # One coarse copy for each position of the potential between two samples.
        phases = [group[:, phase::factor].astype(np.float32) for phase in range(factor)]
        starts = at + shifts[:, number]
        firsts = -(-starts // factor)
        for start, first, gain in zip(
            starts.tolist(), firsts.tolist(), gains[:, number].tolist(), strict=True
        ):
            wave = phases[first * factor - start]
            low, high = max(first, 0), min(first + wave.shape[1], n_samples)
            if low < high:
                out[:, low:high] += gain * wave[:, low - first : high - first]


def _peaks(unit: Unit, gains: Floats, shifts: Ints) -> tuple[Ints, Floats]:
    """Fine sample of the peak and height of each discharge on the strongest channel."""
    groups = measured(unit.groups_uv[:, unit.channel], sampling_hz=unit.fine_hz)
    if len(groups) == 1:
        peak = int(np.argmax(np.abs(groups[0])))
        return peak + shifts[:, 0], np.abs(gains[:, 0]) * np.ptp(groups[0])
    peaks, heights = np.zeros(len(gains), dtype=np.intp), np.zeros(len(gains))
    for row in range(len(gains)):
        wave = gains[row, 0] * np.roll(groups[0], shifts[row, 0])
        for number in range(1, len(groups)):
            wave += gains[row, number] * np.roll(groups[number], shifts[row, number])
        peaks[row], heights[row] = int(np.argmax(np.abs(wave))), np.ptp(wave)
    return peaks, heights
