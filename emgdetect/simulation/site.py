"""One muscle site: its units, what they do, its noise and what disturbs it."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from emgdetect.simulation import disturbances
from emgdetect.simulation.amplifier import amplified
from emgdetect.simulation.firing import rhythmic, spontaneous
from emgdetect.simulation.heart import Beats, region_amplitude, site_beats
from emgdetect.simulation.model import Discharges, Floats, Rng, Unit, discharges, joined
from emgdetect.simulation.noise import site_noise
from emgdetect.simulation.render import Drawn, Varied, draw, vary
from emgdetect.simulation.scenarios import Scenario
from emgdetect.simulation.units import Ground, amplitudes, draw_units
from emgdetect.simulation.voluntary import Activity, Span, contractions, trains, tremor

TRAIN, TREMOR, VOLUNTARY = 100, 200, 300
"""Numbers of the units that only fire in trains, tremor and contractions start behind these."""


@dataclass(frozen=True)
class Shared:
    """What happens to the whole recording.

    Attributes
    ----------
    duration_s : float
    beats : Beats or None
    mains_hz : float
        Nominal frequency; 0 without mains.
    contraction_s : mapping of site to list of (start, stop)
    synchronous_s : mapping of site to ndarray
        Times at which a unit fires together with one of the neighbouring site.
    """

    duration_s: float
    beats: Beats | None
    mains_hz: float
    contraction_s: dict[str, list[tuple[float, float]]]
    synchronous_s: dict[str, Floats]


@dataclass(frozen=True)
class SitePart:
    """What one site contributes to the recording; `units` includes those that never fasciculate."""

    name: str
    units: tuple[Unit, ...]
    found: Discharges
    varied: Varied
    drawn: Drawn
    spans: tuple[Span, ...]
    potentials_uv: NDArray[np.float32]
    voluntary_uv: NDArray[np.float32]
    noise_uv: NDArray[np.float32]
    noise_rms_uv: NDArray[np.float32]
    disturbance_uv: NDArray[np.float32]
    spectrum: Floats
    base_noise_uv: Floats


def stream(seed: int, site: str, what: str) -> Rng:
    """Random numbers of one thing at one site: adding another thing does not change them."""
    return np.random.default_rng([seed, crc32(site.encode()), crc32(what.encode())])


def site_part(plan: Scenario, site: str, seed: int, shared: Shared) -> SitePart:
    """Simulate one site."""
    n_samples = round(shared.duration_s * plan.sampling_hz)
    settings = stream(seed, site, "settings")
    amplifier_hz = (float(settings.uniform(1, 8)), min(500.0, 0.42 * plan.sampling_hz))
    model = plan.models[int(settings.integers(len(plan.models)))]
    noise, rms, spectrum = site_noise(
        stream(seed, site, "noise"), plan.noise, n_channels=plan.electrodes.n_channels,
        n_samples=n_samples, sampling_hz=plan.sampling_hz, amplifier_hz=amplifier_hz,
    )  # fmt: skip
    base = np.exp(np.log(rms).mean(axis=1))
    ground = Ground(model, plan.electrodes, base, plan.sampling_hz, amplifier_hz)
    units, spont = _resting(plan, site, seed, shared, ground)
    more, active = _active(plan, site, seed, shared, ground, units)
    found = joined([spont, active.discharges])
    varied = vary(stream(seed, site, "variation"), len(found), plan.variability)
    potentials, voluntary, drawn = _render(found, (*units, *more), varied, noise.shape, plan)
    disturbance = _disturbance(plan, site, seed, shared, ground, n_samples)
    return SitePart(
        site, (*units, *more), found, varied, drawn, active.spans, potentials, voluntary,
        noise.astype(np.float32), rms.astype(np.float32), disturbance, spectrum, base,
    )  # fmt: skip


def _resting(plan: Scenario, site: str, seed: int, shared: Shared, ground: Ground
             ) -> tuple[tuple[Unit, ...], Discharges]:  # fmt: skip
    """The fasciculating units and their discharges."""
    rng = stream(seed, site, "units")
    n = int(rng.integers(plan.n_units[0], plan.n_units[1] + 1))
    units = draw_units(rng, ground, amplitudes(rng, plan, n))
    timing = stream(seed, site, "timing")
    parts = [spontaneous(timing, plan.firing, units, site=site, duration_s=shared.duration_s)]
    chosen = max(units, key=lambda u: u.snr)
    if len(together := shared.synchronous_s.get(site, np.zeros(0))):
        parts.append(discharges(together, chosen.number, "fasciculation", "synchronous"))
    if plan.rhythm and site in _rhythmic_sites(plan, seed):
        rng = stream(seed, site, "rhythm")
        slow = draw_units(rng, ground, np.array([rng.uniform(*plan.rhythm.snr)]), first=n + 1)
        units = (*units, *slow)
        parts.append(rhythmic(rng, plan.rhythm, slow[0], duration_s=shared.duration_s))
    return units, joined(parts)


def _rhythmic_sites(plan: Scenario, seed: int) -> list[str]:
    n = plan.rhythm.sites if plan.rhythm else 0
    return [str(s) for s in stream(seed, "", "rhythm").permutation(plan.sites)[:n]]


def _active(plan: Scenario, site: str, seed: int, shared: Shared, ground: Ground,
            own: tuple[Unit, ...]) -> tuple[tuple[Unit, ...], Activity]:  # fmt: skip
    """Units that are driven, what they and the site's own units then do."""
    units: tuple[Unit, ...] = ()
    parts: list[Activity] = []
    if plan.trains:
        rng = stream(seed, site, "trains")
        extra = draw_units(rng, ground, amplitudes(rng, plan, 3), first=TRAIN + 1)
        parts.append(trains(rng, plan.trains, own, extra, shared.duration_s))
        units += extra
    if plan.tremor:
        rng = stream(seed, site, "tremor")
        snrs = np.exp(np.linspace(np.log(4), np.log(40), plan.tremor.n_units))
        shaking = draw_units(rng, ground, snrs, first=TREMOR + 1, n_groups=1)
        parts.append(tremor(rng, plan.tremor, shaking, shared.duration_s))
        units += shaking
    if plan.contractions and shared.contraction_s[site]:
        rng = stream(seed, site, "contractions")
        snrs = np.exp(np.linspace(np.log(4), np.log(80), plan.contractions.n_units))
        pool = draw_units(rng, ground, snrs, first=VOLUNTARY + 1, n_groups=1)
        # The unit that fasciculates is often among the first to be recruited.
        both = sorted((*pool, *own[: int(rng.integers(0, 3))]), key=lambda u: u.snr)
        parts.append(contractions(rng, plan.contractions, tuple(both), shared.contraction_s[site]))
        units += pool
    spans = sorted((s for p in parts for s in p.spans), key=lambda s: s.start_s)
    return units, Activity(joined([p.discharges for p in parts]), tuple(spans))


def _render(found: Discharges, units: tuple[Unit, ...], varied: Varied, shape: tuple[int, ...],
            plan: Scenario) -> tuple[NDArray[np.float32], NDArray[np.float32], Drawn]:  # fmt: skip
    """Fasciculations and everything else, each in its own array, and all peaks."""
    potentials = np.zeros(shape, dtype=np.float32)
    voluntary = np.zeros(shape, dtype=np.float32)
    peak_s, height_uv = np.full(len(found), np.nan), np.full(len(found), np.nan)
    resting = found.kinds == "fasciculation"
    for out, rows in ((potentials, resting), (voluntary, ~resting)):
        part = Discharges(found.times_s[rows], found.units[rows], found.kinds[rows],
                          found.patterns[rows])  # fmt: skip
        drawn = draw(out, part, units, varied.at(rows), sampling_hz=plan.sampling_hz)
        peak_s[rows], height_uv[rows] = drawn.peak_s, drawn.height_uv
    return potentials, voluntary, Drawn(peak_s, height_uv)


def _disturbance(plan: Scenario, site: str, seed: int, shared: Shared, ground: Ground,
                 n_samples: int) -> NDArray[np.float32]:  # fmt: skip
    """Movement, heart and mains of all channels, behind the amplifier."""
    fs, noise_uv = plan.sampling_hz, ground.noise_uv
    out = np.zeros((len(noise_uv), n_samples))
    rng = stream(seed, site, "disturbance")
    if plan.movement:
        for row, rms in zip(out, noise_uv, strict=True):
            row += disturbances.movement(
                rng, plan.movement, noise_uv=rms, n_samples=n_samples, sampling_hz=fs
            )
    if shared.beats:
        rng = stream(seed, site, "heart")
        height = region_amplitude(rng, site) * noise_uv.mean()
        one = site_beats(
            rng, shared.beats, amplitude_uv=height, n_samples=n_samples, sampling_hz=fs
        )
        out += one * np.exp(0.2 * rng.standard_normal((len(out), 1)))
    if plan.movement or shared.beats:
        low, high = ground.amplifier_hz
        out = amplified(out, sampling_hz=fs, low_hz=low, high_hz=high)
    if plan.mains:
        rng = stream(seed, site, "mains")
        one = disturbances.hum(rng, plan.mains, shared.mains_hz, noise_uv=noise_uv.mean(),
                               n_samples=n_samples, sampling_hz=fs)  # fmt: skip
        out += one * np.exp(0.3 * rng.standard_normal((len(out), 1)))
    return out.astype(np.float32)
