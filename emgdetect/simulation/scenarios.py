"""Scenarios: what happens in a simulated recording, as frozen values.

Ranges are pairs from which each recording, site or event draws its own number.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from emgdetect.simulation.electrodes import Electrodes, bipolar, grid
from emgdetect.simulation.model import Floats, Rng
from emgdetect.simulation.render import Variability
from emgdetect.simulation.shapes import hermite_groups
from emgdetect.simulation.tripole import tripole_groups

Range = tuple[float, float]


class Potentials(Protocol):
    """A model of potentials: fibre groups of a new unit, shape (n_groups, n_channels, n_times)."""

    def __call__(
        self, rng: Rng, times_s: Floats, *, electrodes: Electrodes, n_groups: int
    ) -> Floats: ...


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Rest noise of a channel.

    `rms_uv` in the 10–500 Hz band; `drift` is the factor between its loudest and quietest moments,
    `step` that of steps which come every `step_every_s`; `tail` is the log-normal spread of the
    noise within tens of milliseconds (0 is Gaussian); `shared` is the share of the power that the
    channels of a site have in common.
    """

    rms_uv: Range = (1.5, 4.0)
    drift: float = 1.0
    step: float = 1.0
    step_every_s: float = 40.0
    tail: Range = (0.0, 0.2)
    shared: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Firing:
    """Spontaneous firing of a site's units.

    `rate_per_min` of the whole site; `clustered` and `modulated` are the probabilities that a unit
    fires in clusters or with a slowly changing rate; `doublets`, `responses` and `runs` are the
    probabilities that a discharge is followed by a second after 4–8 ms, by an F-response or by a
    short run.
    """

    rate_per_min: Range = (10.0, 60.0)
    clustered: float = 0.25
    cluster_size: Range = (2.0, 6.0)
    cluster_s: Range = (0.5, 3.0)
    modulated: float = 0.25
    modulation_s: Range = (10.0, 40.0)
    doublets: float = 0.0
    responses: float = 0.0
    runs: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Mains:
    """Hum: frequency off by up to `offset_hz`, RMS over the noise RMS, wandering amplitude."""

    nominal_hz: tuple[float, ...] = (50.0, 60.0)
    offset_hz: float = 0.5
    over_noise: Range = (1.0, 10.0)
    n_harmonics: int = 8


@dataclass(frozen=True, kw_only=True)
class Heart:
    """Heart beats; amplitude follows the site's body region (see `emgdetect.simulation.heart`)."""

    per_min: Range = (40.0, 150.0)
    irregular: bool = False
    extrasystoles: Range = (0.0, 0.06)
    ecg_channel: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Contractions:
    """Voluntary contractions of whole sites, each lasting `length_s` at `level` of the maximum."""

    per_min: Range = (0.7, 2.0)
    length_s: Range = (2.0, 10.0)
    level: Range = (0.05, 0.5)
    n_units: int = 40
    shared: float = 0.3


@dataclass(frozen=True, kw_only=True)
class Trains:
    """Tonic trains of one or two units; `own` is how often that unit also fasciculates."""

    per_min: Range = (0.4, 1.0)
    length_s: Range = (5.0, 60.0)
    rate_hz: Range = (5.0, 9.0)
    variation: Range = (0.08, 0.2)
    own: float = 0.5
    second: float = 0.3


@dataclass(frozen=True, kw_only=True)
class Tremor:
    """Bursts of several units at 4–8 Hz."""

    per_min: Range = (0.5, 1.2)
    length_s: Range = (3.0, 20.0)
    rate_hz: Range = (4.0, 8.0)
    n_units: int = 10


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """One unit at about one per second, in `sites` of the sites (none else may share its time)."""

    rate_hz: Range = (0.7, 1.3)
    variation: Range = (0.1, 0.2)
    sites: int = 2
    snr: Range = (10.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Electrodes and cables, events per minute and site."""

    pops_per_min: float = 4.0
    swings_per_min: float = 2.0
    cable_per_min: float = 0.5
    clips_per_min: float = 0.3
    drops_per_min: float = 0.5
    holds_per_min: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Crosstalk:
    """Large units seen at the neighbouring site: ratio of amplitudes, delay, and how many."""

    ratio: Range = (0.06, 0.28)
    delay_s: Range = (-0.006, 0.006)
    share: float = 0.6
    synchronous: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a simulated recording contains; what is None does not occur.

    `n_units` per site with log-normal amplitudes over the noise RMS, peak to peak, around
    `snr_median` within `snr_range`; each site's potentials come from one of `models`.
    """

    name: str
    sampling_hz: float = 2000.0
    sites: tuple[str, ...] = ("BICEPS L", "TRICEPS L", "TIBIALIS R", "GASTROC R")
    electrodes: Electrodes = field(default_factory=bipolar)
    models: tuple[Potentials, ...] = (tripole_groups, hermite_groups)
    n_units: tuple[int, int] = (3, 40)
    snr_median: float = 13.0
    snr_sigma: float = 0.5
    snr_range: Range = (3.0, 60.0)
    variability: Variability = field(default_factory=Variability)
    noise: Noise = Noise()
    firing: Firing = Firing()
    mains: Mains | None = None
    heart: Heart | None = None
    contractions: Contractions | None = None
    trains: Trains | None = None
    tremor: Tremor | None = None
    rhythm: Rhythm | None = None
    movement: Movement | None = None
    crosstalk: Crosstalk | None = None


_ALL = Scenario(
    name="all_at_once",
    noise=Noise(drift=2.5, step=2.0),
    firing=Firing(doublets=0.03, responses=0.03, runs=0.02),
    mains=Mains(over_noise=(0.5, 4.0)),
    heart=Heart(),
    contractions=Contractions(per_min=(0.3, 1.0), length_s=(2.0, 8.0)),
    trains=Trains(per_min=(0.2, 0.5), length_s=(5.0, 25.0)),
    tremor=Tremor(per_min=(0.1, 0.4), length_s=(3.0, 10.0)),
    movement=Movement(pops_per_min=2.0, swings_per_min=1.0, cable_per_min=0.3,
                      clips_per_min=0.1, drops_per_min=0.2, holds_per_min=0.2),
    crosstalk=Crosstalk(share=0.3),
)  # fmt: skip

_HEALTHY = replace(
    _ALL,
    name="healthy",
    firing=Firing(rate_per_min=(0.0, 0.0)),
    crosstalk=None,
)

SCENARIOS = {
    s.name: s
    for s in (
        Scenario(name="clean"),
        Scenario(name="weak", snr_median=7.0, snr_sigma=0.2, snr_range=(5.0, 9.0)),
        Scenario(name="fluctuating", noise=Noise(drift=5.0, step=3.0)),
        Scenario(name="mains", mains=Mains()),
        Scenario(name="heart", heart=Heart()),
        Scenario(name="atrial_fibrillation", heart=Heart(irregular=True)),
        Scenario(name="contractions", contractions=Contractions()),
        Scenario(name="tonic_trains", trains=Trains()),
        Scenario(name="tremor", tremor=Tremor()),
        Scenario(name="slow_rhythmic", rhythm=Rhythm()),
        Scenario(name="movement", movement=Movement()),
        Scenario(name="busy", n_units=(6, 40), firing=Firing(rate_per_min=(100.0, 160.0))),
        Scenario(name="pairs", firing=Firing(doublets=0.12, responses=0.12, runs=0.06)),
        Scenario(name="crosstalk", crosstalk=Crosstalk()),
        Scenario(name="low_rate", sampling_hz=512.0),
        _ALL,
        _HEALTHY,
        Scenario(name="quiet", firing=Firing(rate_per_min=(0.0, 0.0))),
        Scenario(name="grid64", sampling_hz=2048.0, sites=("VASTUS R",),
                 electrodes=grid(), models=(tripole_groups,), noise=Noise(shared=0.3)),
    )
}  # fmt: skip
"""Scenarios by name."""
