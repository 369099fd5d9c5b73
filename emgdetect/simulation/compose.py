"""`simulate`: from a scenario and a seed to a recording with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import ChannelKind, Recording
from emgdetect.simulation.crosstalk import heard_discharges, heard_units, neighbour
from emgdetect.simulation.disturbances import damage, digitised
from emgdetect.simulation.firing import poisson
from emgdetect.simulation.heart import draw_beats, ecg_channel
from emgdetect.simulation.model import Simulated
from emgdetect.simulation.render import draw
from emgdetect.simulation.scenarios import SCENARIOS, Range, Scenario
from emgdetect.simulation.site import Shared, SitePart, site_part, stream
from emgdetect.simulation.truth import Echo, channel_names, spans_table, truth_table
from emgdetect.simulation.voluntary import Span, windows

STEP_UV = 10_000 / 2**16
"""Step of the simulated 16-bit converter."""

MOST_SAMPLES = 300_000_000
"""All channels together; everything is held in memory, about 30 bytes per sample."""


def simulate(
    *,
    duration_s: float = 60.0,
    seed: int = 1,
    scenario: str | Scenario = "clean",
    sampling_hz: float | None = None,
    sites: Sequence[str] | None = None,
    rate_per_min: float | Range | None = None,
    snr_range: Range | None = None,
) -> Simulated:
    """Simulate a resting surface-EMG recording with known fasciculations.

    Parameters
    ----------
    duration_s : float
        From 1 to 86,400.
    seed : int
        From 0. The same arguments give the same recording, bit for bit.
    scenario : str or Scenario
        A name from `emgdetect.simulation.SCENARIOS`, or a value of one's own.
    sampling_hz : float, optional
        From 400 to 100,000, instead of the scenario's.
    sites : sequence of str, optional
        Names of the muscle sites, unique; the body region follows from the name, the side is the
        last word.
    rate_per_min : float or (float, float), optional
        Fasciculations per site and minute, or their range, instead of the scenario's.
    snr_range : (float, float), optional
        Limits of the units' peak-to-peak amplitudes over the noise RMS.

    Returns
    -------
    Simulated
        `recording` in µV, and `truth`: one row per discharge, sorted by time, with columns of
        `emgdetect.simulation.TRUTH`; no rows if nothing fires. What the signal is made of stands
        beside it.

    Raises
    ------
    ValueError
        If the scenario is unknown, or a number is out of range.
    """
    plan = _plan(scenario, sampling_hz, sites, rate_per_min, snr_range)
    _check_length(plan, duration_s, seed)
    shared = _shared(plan, seed, duration_s)
    parts = [site_part(plan, site, seed, shared) for site in plan.sites]
    return _assembled(parts, plan, seed, shared)


def _plan(
    scenario: str | Scenario,
    sampling_hz: float | None,
    sites: Sequence[str] | None,
    rate_per_min: float | Range | None,
    snr_range: Range | None,
) -> Scenario:
    if isinstance(scenario, str):
        if scenario not in SCENARIOS:
            raise ValueError(f"no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
        scenario = SCENARIOS[scenario]
    if sampling_hz is not None:
        scenario = replace(scenario, sampling_hz=float(sampling_hz))
    if sites is not None:
        scenario = replace(scenario, sites=tuple(sites))
    if rate_per_min is not None:
        one = rate_per_min if isinstance(rate_per_min, tuple) else (rate_per_min, rate_per_min)
        pair = (float(one[0]), float(one[1]))
        scenario = replace(scenario, firing=replace(scenario.firing, rate_per_min=pair))
    if snr_range is not None:
        scenario = replace(scenario, snr_range=snr_range)
    return _checked(scenario)


def _checked(plan: Scenario) -> Scenario:
    if not (np.isfinite(plan.sampling_hz) and 400 <= plan.sampling_hz <= 100_000):
        raise ValueError(f"sampling_hz must lie within 400 and 100000, got {plan.sampling_hz}")
    if len(set(plan.sites)) < len(plan.sites) or not plan.sites:
        raise ValueError("sites must be named, each by another name")
    for name, (low, high) in (
        ("rate_per_min", plan.firing.rate_per_min), ("snr_range", plan.snr_range),
    ):  # fmt: skip
        if not (np.isfinite([low, high]).all() and 0 <= low <= high):
            raise ValueError(f"{name} must be an increasing range from 0, got ({low}, {high})")
    return plan


def _check_length(plan: Scenario, duration_s: float, seed: int) -> None:
    if not (np.isfinite(duration_s) and 1 <= duration_s <= 86_400):
        raise ValueError(f"duration_s must lie within 1 and 86400, got {duration_s}")
    n_values = duration_s * plan.sampling_hz * len(plan.sites) * plan.electrodes.n_channels
    if n_values > MOST_SAMPLES:
        raise ValueError(
            f"{n_values:.3g} samples are too many to simulate, at most {MOST_SAMPLES:.3g}"
        )
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}")


def _shared(plan: Scenario, seed: int, duration_s: float) -> Shared:
    beats = (
        draw_beats(stream(seed, "", "beats"), plan.heart, duration_s=duration_s)
        if plan.heart
        else None
    )
    rng = stream(seed, "", "mains")
    mains_hz = float(rng.choice(plan.mains.nominal_hz)) if plan.mains else 0.0
    return Shared(
        duration_s, beats, mains_hz, _contraction_windows(plan, seed, duration_s),
        _synchronous(plan, seed, duration_s),
    )  # fmt: skip


def _contraction_windows(plan: Scenario, seed: int, duration_s: float
                         ) -> dict[str, list[tuple[float, float]]]:  # fmt: skip
    """When each site contracts: some at the same time as the first site."""
    if not plan.contractions:
        return {}
    rng = stream(seed, "", "contractions")
    per_min, length_s = rng.uniform(*plan.contractions.per_min), plan.contractions.length_s
    own = {
        site: windows(rng, per_min=per_min, length_s=length_s, duration_s=duration_s)
        for site in plan.sites
    }
    first = own[plan.sites[0]]
    return {s: first if rng.random() < plan.contractions.shared else w for s, w in own.items()}


def _synchronous(plan: Scenario, seed: int, duration_s: float) -> dict[str, NDArray[np.float64]]:
    """Times at which large units of neighbouring sites fire together, within 3 ms."""
    if not plan.crosstalk:
        return {}
    rng = stream(seed, "", "synchronous")
    out: dict[str, NDArray[np.float64]] = {}
    for site in plan.sites:
        other = neighbour(site, plan.sites)
        if other and site not in out:
            rate_hz = plan.crosstalk.synchronous * np.mean(plan.firing.rate_per_min) / 60
            out[site] = poisson(rng, rate_hz=float(rate_hz), duration_s=duration_s)
            out[other] = out[site] + rng.uniform(-0.003, 0.003, len(out[site]))
    return out


def _echoes(parts: list[SitePart], plan: Scenario, seed: int) -> list[Echo]:
    """Cross-talk: what each site hears of its neighbour, drawn with the neighbour's variation."""
    if not plan.crosstalk:
        return []
    by_name, echoes = {p.name: p for p in parts}, []
    for part in parts:
        source = by_name.get(neighbour(part.name, plan.sites) or "")
        if source is None or len(part.noise_uv) > 1:
            continue
        heard = heard_units(
            stream(seed, part.name, "crosstalk"), plan.crosstalk,
            tuple(u for u in source.units if u.number < 100),
            own_noise_uv=float(source.base_noise_uv[0]), noise_uv=float(part.base_noise_uv[0]),
        )  # fmt: skip
        found = heard_discharges(source.found, heard)
        varied = source.varied.at(np.isin(source.found.units, list(heard)))
        out = np.zeros_like(part.potentials_uv)
        drawn = draw(out, found, tuple(heard.values()), varied, sampling_hz=plan.sampling_hz)
        echoes.append(Echo(part.name, found, drawn, out))
    return echoes


def _assembled(parts: list[SitePart], plan: Scenario, seed: int, shared: Shared) -> Simulated:
    echoes = _echoes(parts, plan, seed)
    potentials = np.concatenate([p.potentials_uv for p in parts])
    voluntary = np.concatenate([p.voluntary_uv for p in parts])
    noise = np.concatenate([p.noise_uv for p in parts])
    heard = {e.site: e.signal_uv for e in echoes}
    disturbance = np.concatenate(
        [p.disturbance_uv + heard.get(p.name, np.float32(0)) for p in parts]
    )
    signal = digitised(potentials + voluntary + noise + disturbance, step_uv=STEP_UV)
    lost = _damaged(signal, parts, plan, seed)
    return Simulated(
        recording=_recording(signal, parts, plan, seed, shared),
        truth=truth_table(parts, echoes, plan.sampling_hz),
        spans=spans_table(parts, lost),
        beats_s=shared.beats.times_s if shared.beats else np.zeros(0),
        potentials_uv=potentials, voluntary_uv=voluntary, noise_uv=noise,
        disturbance_uv=disturbance,
        noise_rms_uv=np.concatenate([p.noise_rms_uv for p in parts]),
        noise_spectra={p.name: p.spectrum for p in parts},
        units={p.name: p.units for p in parts}, scenario=plan, seed=seed,
    )  # fmt: skip


def _damaged(signal: NDArray[np.float32], parts: list[SitePart], plan: Scenario, seed: int
             ) -> list[tuple[str, Span]]:  # fmt: skip
    """Clip, drop and hold samples in place; the sites and spans concerned."""
    if not plan.movement:
        return []
    lost, row = [], 0
    for part in parts:
        rng = stream(seed, part.name, "damage")
        for _ in part.noise_uv:
            spans = damage(rng, plan.movement, signal[row], sampling_hz=plan.sampling_hz)
            lost += [(part.name, Span(*span)) for span in spans]
            row += 1
    return lost


def _recording(signal: NDArray[np.float32], parts: list[SitePart], plan: Scenario, seed: int,
               shared: Shared) -> Recording:  # fmt: skip
    names = [n for p in parts for n in channel_names(p)]
    kinds: list[ChannelKind] = ["EMG"] * len(names)
    sites = [p.name for p in parts for _ in p.noise_uv]
    rng = stream(seed, "", "ecg")
    if plan.heart and shared.beats and rng.random() < plan.heart.ecg_channel:
        ecg = ecg_channel(
            rng, shared.beats, n_samples=signal.shape[1], sampling_hz=plan.sampling_hz
        )
        signal = np.vstack([signal, ecg.astype(np.float32)])
        names, kinds, sites = [*names, "ECG"], [*kinds, "ECG"], [*sites, ""]
    recording = Recording.from_array(
        signal, plan.sampling_hz, names=names, sites=sites, kinds=kinds, name=f"{plan.name}-{seed}"
    )
    n = plan.electrodes.n_channels
    channels = tuple(
        replace(
            channel, row=float(plan.electrodes.rows[i % n]), reference=plan.electrodes.reference,
            column=float(plan.electrodes.columns[i % n]), spacing_mm=plan.electrodes.spacing_mm,
            resolution_uv=STEP_UV, low_uv=-5000.0, high_uv=5000.0,
        ) if channel.kind == "EMG" else channel
        for i, channel in enumerate(recording.channels)
    )  # fmt: skip
    return replace(recording, channels=channels)
