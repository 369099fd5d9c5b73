"""The motor units of a site: shapes, amplitudes, shares."""

from __future__ import annotations

import numpy as np

from emgdetect.simulation.amplifier import amplified, fine_factor, measured
from emgdetect.simulation.model import Floats, Rng, Unit
from emgdetect.simulation.scenarios import Scenario
from emgdetect.simulation.shapes import hermite_groups

BEFORE_S, AFTER_S = 0.04, 0.06
"""Reach of a drawn potential around the moment of discharge."""


def amplitudes(rng: Rng, scenario: Scenario, n: int) -> Floats:
    """Nominal amplitudes of `n` units over the noise RMS: log-normal within the limits."""
    low, high = scenario.snr_range
    draws = scenario.snr_median * np.exp(rng.normal(0, scenario.snr_sigma, n))
    return np.clip(draws, low, high)


def draw_units(rng: Rng, scenario: Scenario, *, noise_uv: Floats, sampling_hz: float,
               amplifier_hz: tuple[float, float]) -> tuple[Unit, ...]:  # fmt: skip
    """The units of one site.

    Parameters
    ----------
    noise_uv : ndarray, shape (n_channels,)
        Noise RMS of the site's channels.

    Returns
    -------
    tuple of Unit
        Scaled so that the strongest channel has the drawn amplitude.
    """
    n = int(rng.integers(scenario.n_units[0], scenario.n_units[1] + 1))
    fine_hz = sampling_hz * fine_factor(sampling_hz)
    times_s = np.arange(-round(BEFORE_S * fine_hz), round(AFTER_S * fine_hz)) / fine_hz
    units = []
    for number, snr in enumerate(amplitudes(rng, scenario, n), start=1):
        raw = hermite_groups(rng, times_s, n_groups=3, n_channels=len(noise_uv))
        low, high = amplifier_hz
        groups = amplified(raw, sampling_hz=fine_hz, low_hz=low, high_hz=high)
        units.append(scaled(groups, number, snr, noise_uv, fine_hz))
    return tuple(units)


def scaled(groups: Floats, number: int, snr: float, noise_uv: Floats, fine_hz: float) -> Unit:
    """A unit of that amplitude over the noise on the channel where this is largest."""
    heights = np.ptp(measured(groups.sum(axis=0), sampling_hz=fine_hz), axis=1) / noise_uv
    channel = int(np.argmax(heights))
    groups = groups * (snr / heights[channel])
    return Unit(number, groups, fine_hz, round(BEFORE_S * fine_hz), float(snr), channel)
