"""Potentials from measured averages: a third model, whose shapes come from a recording.

No measured potential is kept in the package; the caller brings them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgdetect.simulation.electrodes import Electrodes
from emgdetect.simulation.model import Floats, Rng


@dataclass(frozen=True)
class Averages:
    """A model of potentials made of measured averages; call it to draw a new unit.

    Each unit takes one average at random, with either sign, stretched in time by up to 15 %; its
    fibre groups are copies of about a third each, a little apart in time. Channels of a site take
    neighbouring averages, so a bipolar site is what this is for.

    Attributes
    ----------
    waves_uv : ndarray, shape (n_averages, n_samples)
        Tapered to zero at the ends.
    sampling_hz : float
    """

    waves_uv: Floats
    sampling_hz: float

    def __call__(
        self, rng: Rng, times_s: Floats, *, electrodes: Electrodes, n_groups: int
    ) -> Floats:
        """Fibre groups of a new unit, shape (n_groups, n_channels, n_times)."""
        first = int(rng.integers(len(self.waves_uv)))
        stretch, sign = np.exp(rng.uniform(-0.15, 0.15)), rng.choice([-1.0, 1.0])
        spread_s = rng.uniform(0.0, 0.0005)
        groups = []
        for _ in range(n_groups):
            share = sign * max(1 + 0.2 * rng.standard_normal(), 0.3) / n_groups
            at_s = (times_s - spread_s * rng.standard_normal()) / stretch
            waves = [self._wave(first + n, at_s) for n in range(electrodes.n_channels)]
            groups.append(share * np.array(waves))
        return np.array(groups)

    def _wave(self, index: int, times_s: Floats) -> Floats:
        from scipy.interpolate import CubicSpline

        wave = self.waves_uv[index % len(self.waves_uv)]
        known_s = np.arange(len(wave)) / self.sampling_hz - 0.01
        inside = (times_s >= known_s[0]) & (times_s <= known_s[-1])
        out = np.zeros(len(times_s))
        out[inside] = CubicSpline(known_s, wave)(times_s[inside])
        return out
