"""`simulate`: from a scenario and a seed to a recording with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording
from emgdetect.simulation.firing import poisson, refractory, zipf_shares
from emgdetect.simulation.model import Discharges, Rng, Simulated, Unit, discharges, joined
from emgdetect.simulation.noise import noise_spectrum, shaped
from emgdetect.simulation.render import Drawn, Variability, draw
from emgdetect.simulation.scenarios import SCENARIOS, Scenario
from emgdetect.simulation.units import draw_units

if TYPE_CHECKING:
    import pandas as pd

SITES = ("BICEPS L", "BICEPS R", "TIBIALIS L", "TIBIALIS R")


@dataclass(frozen=True)
class _Part:
    """What one site contributes."""

    site: str
    units: tuple[Unit, ...]
    found: Discharges
    drawn: Drawn
    potentials_uv: NDArray[np.float32]
    noise_uv: NDArray[np.float32]
    noise_gain: NDArray[np.float32]


def simulate(
    *,
    duration_s: float = 60.0,
    seed: int = 1,
    scenario: str | Scenario = "clean",
    sampling_hz: float | None = None,
    sites: Sequence[str] = SITES,
    rate_per_min: float | tuple[float, float] | None = None,
    snr_range: tuple[float, float] | None = None,
) -> Simulated:
    """Simulate a resting surface-EMG recording with known fasciculations.

    Parameters
    ----------
    duration_s : float
    seed : int
        The same arguments give the same recording, bit for bit.
    scenario : str or Scenario
        A name from `emgdetect.simulation.SCENARIOS`, or a value of one's own.
    sampling_hz : float, optional
        Instead of the scenario's.
    sites : sequence of str
        Names of the muscle sites, unique.
    rate_per_min : float or (float, float), optional
        Fasciculations per site and minute, or their range, instead of the scenario's.
    snr_range : (float, float), optional
        Limits of the units' peak-to-peak amplitudes over the noise RMS.

    Returns
    -------
    Simulated

    Raises
    ------
    ValueError
        If the scenario is unknown, or a number is out of range.
    """
    plan = _plan(scenario, sampling_hz, rate_per_min, snr_range)
    if not (np.isfinite(duration_s) and duration_s > 0):
        raise ValueError(f"duration_s must be positive and finite, got {duration_s}")
    if len(set(sites)) < len(sites) or not sites:
        raise ValueError("sites must be named, each by another name")
    parts = [
        _site_part(np.random.default_rng([seed, index]), plan, site, duration_s)
        for index, site in enumerate(sites)
    ]
    return _assembled(parts, plan, seed)


def _plan(scenario: str | Scenario, sampling_hz: float | None,
          rate_per_min: float | tuple[float, float] | None,
          snr_range: tuple[float, float] | None) -> Scenario:  # fmt: skip
    if isinstance(scenario, str):
        if scenario not in SCENARIOS:
            raise ValueError(f"no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
        scenario = SCENARIOS[scenario]
    if sampling_hz is not None:
        scenario = replace(scenario, sampling_hz=float(sampling_hz))
    if rate_per_min is not None:
        pair = (
            (rate_per_min, rate_per_min) if isinstance(rate_per_min, (int, float)) else rate_per_min
        )
        scenario = replace(scenario, rate_per_min=pair)
    if snr_range is not None:
        scenario = replace(scenario, snr_range=snr_range)
    return scenario


def _site_part(rng: Rng, plan: Scenario, site: str, duration_s: float) -> _Part:
    n_samples = round(duration_s * plan.sampling_hz)
    noise_rms = np.array([rng.uniform(*plan.noise_uv)])
    amplitude = noise_spectrum(rng, np.fft.rfftfreq(n_samples, 1 / plan.sampling_hz))
    noise = np.array([
        rms * shaped(rng, amplitude, n_samples, sampling_hz=plan.sampling_hz) for rms in noise_rms
    ])  # fmt: skip
    amplifier_hz = (float(rng.uniform(1, 8)), min(500.0, 0.42 * plan.sampling_hz))
    units = draw_units(
        rng, plan, noise_uv=noise_rms, sampling_hz=plan.sampling_hz, amplifier_hz=amplifier_hz
    )
    found = _spontaneous(rng, plan, units, duration_s)
    potentials = np.zeros(noise.shape, dtype=np.float32)
    drawn = draw(rng, potentials, found, units, sampling_hz=plan.sampling_hz,
                 variability=Variability())  # fmt: skip
    gain = np.broadcast_to(noise_rms[:, None].astype(np.float32), noise.shape)
    return _Part(site, units, found, drawn, potentials, noise.astype(np.float32), gain)


def _spontaneous(
    rng: Rng, plan: Scenario, units: tuple[Unit, ...], duration_s: float
) -> Discharges:
    rate_hz = rng.uniform(*plan.rate_per_min) / 60
    shares = zipf_shares(rng, len(units))
    return joined([
        discharges(refractory(poisson(rng, rate_hz=rate_hz * share, duration_s=duration_s)),
                   unit.number, "fasciculation", "single")
        for unit, share in zip(units, shares, strict=True)
    ])  # fmt: skip


def _truth(part: _Part, sampling_hz: float) -> pd.DataFrame:
    import pandas as pd

    channels = np.array([0, *(u.channel for u in part.units)])[part.found.units]
    at = np.clip(np.rint(part.drawn.peak_s * sampling_hz), 0, part.noise_gain.shape[1] - 1)
    local = part.noise_gain[channels, at.astype(np.intp)] if len(at) else np.zeros(0)
    return pd.DataFrame({
        "time_s": part.drawn.peak_s,
        "site": part.site,
        "channel": [_channel_names(part)[c] for c in channels],
        "unit": part.found.units,
        "amplitude_uv": part.drawn.height_uv,
        "amplitude_rel": part.drawn.height_uv / local,
        "kind": part.found.kinds,
        "pattern": part.found.patterns,
    })  # fmt: skip


def _channel_names(part: _Part) -> list[str]:
    n = len(part.noise_uv)
    return [f"EMG {part.site}"] if n == 1 else [f"EMG {part.site} {i + 1:02d}" for i in range(n)]


def _assembled(parts: list[_Part], plan: Scenario, seed: int) -> Simulated:
    import pandas as pd

    potentials = np.concatenate([p.potentials_uv for p in parts])
    noise = np.concatenate([p.noise_uv for p in parts])
    zeros = np.zeros_like(noise)
    recording = Recording.from_array(
        potentials + noise, plan.sampling_hz,
        names=[n for p in parts for n in _channel_names(p)],
        sites=[p.site for p in parts for _ in p.noise_uv],
        name=f"{plan.name}-{seed}",
    )  # fmt: skip
    truth = pd.concat([_truth(p, plan.sampling_hz) for p in parts], ignore_index=True)
    inside = truth["time_s"].between(0, noise.shape[1] / plan.sampling_hz)
    spans = pd.DataFrame({"start_s": [], "stop_s": [], "site": [], "kind": [], "unit": []})
    return Simulated(
        recording, truth[inside].sort_values("time_s", ignore_index=True), spans, np.zeros(0),
        potentials, zeros, noise, zeros, np.concatenate([p.noise_gain for p in parts]),
        {p.site: p.units for p in parts}, plan, seed,
    )  # fmt: skip
