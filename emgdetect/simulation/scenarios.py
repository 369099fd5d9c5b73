"""Scenarios: what happens in a simulated recording, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a simulated recording contains.

    Attributes
    ----------
    name : str
    sampling_hz : float
    n_units : (int, int)
        Range of the number of units of a site.
    rate_per_min : (float, float)
        Range of the number of fasciculations per site and minute.
    snr_median, snr_sigma : float
        Log-normal distribution of the units' amplitudes over the noise RMS.
    snr_range : (float, float)
        Limits of that distribution.
    noise_uv : (float, float)
        Range of the noise RMS of a channel in the 10–500 Hz band.
    """

    name: str
    sampling_hz: float = 2000.0
    n_units: tuple[int, int] = (3, 19)
    rate_per_min: tuple[float, float] = (10.0, 60.0)
    snr_median: float = 13.0
    snr_sigma: float = 0.5
    snr_range: tuple[float, float] = (3.0, 60.0)
    noise_uv: tuple[float, float] = (1.5, 4.0)


SCENARIOS = {
    s.name: s
    for s in (
        Scenario(name="clean"),
        Scenario(name="weak", snr_median=7.0, snr_sigma=0.15, snr_range=(5.0, 9.0)),
        Scenario(name="low_rate", sampling_hz=512.0),
        Scenario(name="busy", rate_per_min=(100.0, 160.0), n_units=(5, 19)),
    )
}
"""Scenarios by name."""
