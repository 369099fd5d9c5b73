"""The motor units of a site: shapes, amplitudes, shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgdetect.simulation.amplifier import amplified, fine_factor, measured
from emgdetect.simulation.electrodes import Electrodes
from emgdetect.simulation.model import Floats, Rng, Unit
from emgdetect.simulation.scenarios import Potentials, Scenario

BEFORE_S, AFTER_S = 0.04, 0.06
"""Reach of a drawn potential around the moment of discharge."""


@dataclass(frozen=True)
class Ground:
    """What all units of a site share.

    Attributes
    ----------
    model : Potentials
    electrodes : Electrodes
    noise_uv : ndarray, shape (n_channels,)
        Noise RMS of each channel, to which amplitudes refer.
    sampling_hz : float
    amplifier_hz : (float, float)
    """

    model: Potentials
    electrodes: Electrodes
    noise_uv: Floats
    sampling_hz: float
    amplifier_hz: tuple[float, float]


def amplitudes(rng: Rng, scenario: Scenario, n: int) -> Floats:
    """Nominal amplitudes of `n` units over the noise RMS: log-normal, redrawn within the limits."""
    low, high = scenario.snr_range
    draws = scenario.snr_median * np.exp(rng.normal(0, scenario.snr_sigma, (50, n)))
    inside = (draws >= low) & (draws <= high)
    first = np.argmax(inside, axis=0)
    return np.asarray(np.clip(draws[first, np.arange(n)], low, high))


def draw_units(rng: Rng, ground: Ground, snrs: Floats, *, first: int = 1, n_groups: int = 3
               ) -> tuple[Unit, ...]:  # fmt: skip
    """Units with these amplitudes over the noise, numbered from `first`.

    Each is scaled so that the channel where it stands out most has the amplitude.
    """
    fine_hz = ground.sampling_hz * fine_factor(ground.sampling_hz)
    n_times = round((BEFORE_S + AFTER_S) * fine_hz / 4) * 4
    times_s = np.arange(n_times) / fine_hz - BEFORE_S
    low, high = ground.amplifier_hz
    units = []
    for number, snr in enumerate(snrs, start=first):
        raw = ground.model(rng, times_s, electrodes=ground.electrodes, n_groups=n_groups)
        groups = amplified(raw, sampling_hz=fine_hz, low_hz=low, high_hz=high) * _fade(n_times)
        units.append(_scaled(groups, number, float(snr), ground.noise_uv, fine_hz))
    return tuple(units)


def _fade(n: int) -> Floats:
    """Ends of a drawn potential, so that none stops with a step."""
    edge = np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.05 * n)
    return np.minimum(edge, 1.0)


def _scaled(groups: Floats, number: int, snr: float, noise_uv: Floats, fine_hz: float) -> Unit:
    heights = np.ptp(measured(groups.sum(axis=0), sampling_hz=fine_hz), axis=1) / noise_uv
    channel = int(np.argmax(heights))
    groups = groups * (snr / heights[channel])
    return Unit(number, groups, fine_hz, round(BEFORE_S * fine_hz), snr, channel)
