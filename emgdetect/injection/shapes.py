"""Shapes of the potentials to inject: a standard set, and the site's own units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording, Site
from emgdetect.simulation.shapes import hermite_function

if TYPE_CHECKING:
    from emgdetect.detections import Waveform

Floats = NDArray[np.float64]
Rng = np.random.Generator

HALF_S = 0.025
"""Potentials are cut this far on both sides of their peak. Set by judgement; not measured."""


@dataclass(frozen=True)
class Shape:
    """A potential of any scale: its values, per channel, at times about its peak.

    `unit` is the number of the unit whose waveform it is, 0 for one of the standard set.
    """

    at: Callable[[Floats], Floats]
    unit: int = 0

    @property
    def name(self) -> str:
        """``standard`` or ``unit N``."""
        return f"unit {self.unit}" if self.unit else "standard"


def standard(rng: Rng, spread: Floats) -> Shape:
    """A potential of the standard set: two or three phases, 5 to 20 ms, either sign.

    Hermite-Rodriguez functions describe surface potentials well (Merlo et al. 2003).

    Parameters
    ----------
    rng : Generator
    spread : ndarray, shape (n_channels,)
        Gain per channel, at most 1.
    """
    width_s = float(np.clip(np.exp(rng.normal(np.log(0.0019), 0.3)), 0.0013, 0.004))
    mixture = rng.normal(0, [1.0, 1.0, 0.4])
    grid = np.linspace(-HALF_S, HALF_S, 2001)

    def trace(times_s: Floats) -> Floats:
        parts = [hermite_function(n, times_s, width_s=width_s) for n in (1, 2, 3)]
        mixed: Floats = mixture @ np.array(parts)
        return mixed

    peak_s = float(grid[np.argmax(np.abs(trace(grid)))])
    return Shape(lambda t: spread[:, None] * trace(t + peak_s))


def unit_shape(waveform: Waveform) -> Shape:
    """A unit's average waveform, tapered to zero at its ends; its peak is that of its members."""
    n = waveform.average_uv.shape[1]
    edge = np.minimum(np.arange(n), np.arange(n)[::-1]) / max(n * 0.15, 1)
    rows = waveform.average_uv * np.sin(np.pi / 2 * np.minimum(edge, 1.0)) ** 2

    def at(times_s: Floats) -> Floats:
        return np.array([np.interp(times_s, waveform.times_s, r, left=0, right=0) for r in rows])

    return Shape(at, waveform.unit)


def is_clean(waveform: Waveform, noise_uv: float) -> bool:
    """Whether an average is large beside the noise left in it (some 7 x RMS, field.md)."""
    left_uv = 7 * noise_uv / np.sqrt(max(waveform.n_potentials, 1))
    size = float(np.max(np.ptp(waveform.average_uv, axis=1), initial=0.0))
    return bool(waveform.n_potentials >= 8 and size >= 4 * left_uv)


def spreads(recording: Recording, site: Site, waveforms: list[Waveform]) -> list[Floats]:
    """Gains over the channels: those of the site's units, or falling off around each channel."""
    if waveforms:
        sizes = [np.ptp(w.average_uv, axis=1) for w in waveforms]
        return [size / np.max(size) for size in sizes]
    channels = [recording.channels[index] for index in site.channels]
    place = np.array([(c.row, c.column) for c in channels], dtype=np.float64)
    if not np.all(np.isfinite(place)):
        place = np.column_stack([np.arange(len(channels)), np.zeros(len(channels))])
    distance = np.linalg.norm(place[:, None] - place, axis=2)
    return list(1 / (1 + (distance / 1.5) ** 2))
