"""Draw discharges into the signal and note where their peaks lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgdetect.simulation.amplifier import measured
from emgdetect.simulation.model import Discharges, Floats, Ints, Rng, Unit


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


def draw(rng: Rng, out: NDArray[np.float32], found: Discharges, units: tuple[Unit, ...], *,
         sampling_hz: float, variability: Variability) -> Drawn:  # fmt: skip
    """Add the discharges of one site to `out`, shape (n_channels, n_samples), in place."""
    peak_s, height_uv = np.full(len(found), np.nan), np.full(len(found), np.nan)
    for unit in units:
        rows = np.flatnonzero(found.units == unit.number)
        filtered = measured(unit.groups_uv[:, unit.channel], sampling_hz=unit.fine_hz)
        gains, shifts = vary(rng, len(rows), len(unit.groups_uv), unit.fine_hz, variability)
        for row, gain, shift in zip(rows, gains, shifts, strict=True):
            at = round(found.times_s[row] * unit.fine_hz)
            add(out, unit, at, gain, shift, sampling_hz)
            wave = compose(filtered[:, None], gain, shift)[0]
            peak_s[row] = (at + int(np.argmax(np.abs(wave))) - unit.centre) / unit.fine_hz
            height_uv[row] = np.ptp(wave)
    return Drawn(peak_s, height_uv)


def vary(rng: Rng, n: int, n_groups: int, fine_hz: float, how: Variability) -> tuple[Floats, Ints]:
    """Gain and shift (in fine samples) of each group at each discharge, shapes (n, n_groups)."""
    whole = np.maximum(1 + how.amplitude * rng.standard_normal((n, 1)), 0.3)
    groups = np.maximum(1 + how.group_amplitude * rng.standard_normal((n, n_groups)), 0.0)
    groups *= rng.random((n, n_groups)) >= how.blocking
    shifts = np.rint(how.jiggle_s * fine_hz * rng.standard_normal((n, n_groups)))
    return whole * groups, shifts.astype(np.intp)


def compose(groups: Floats, gain: Floats, shift: Ints) -> Floats:
    """Sum of the groups, scaled and shifted, shape (n_channels, n_fine)."""
    wave = np.zeros(groups.shape[1:])
    n = wave.shape[-1]
    for group, g, s in zip(groups, gain, shift, strict=True):
        s = int(np.clip(s, -n // 4, n // 4))
        wave[:, max(s, 0) : n + min(s, 0)] += g * group[:, max(-s, 0) : n - max(s, 0)]
    return wave


def add(out: NDArray[np.float32], unit: Unit, at: int, gain: Floats, shift: Ints,
        sampling_hz: float) -> None:  # fmt: skip
    """Add one discharge at fine sample `at`, taking every factor-th of its fine samples."""
    factor = round(unit.fine_hz / sampling_hz)
    first = -((unit.centre - at) // factor)  # first coarse sample at or after the fine start
    wave = compose(unit.groups_uv, gain, shift)[:, first * factor - (at - unit.centre) :: factor]
    start, stop = max(first, 0), min(first + wave.shape[1], out.shape[1])
    if start < stop:
        out[:, start:stop] += wave[:, start - first : stop - first]
