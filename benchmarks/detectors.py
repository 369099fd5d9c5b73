"""All detectors behind one face: this one, the ceiling and the rivals."""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import emgdetect
from benchmarks.ceiling import LEAST_RATIO, candidates
from benchmarks.judging import judge
from benchmarks.rivals import RIVALS, Settings
from benchmarks.rivals.common import Floats, band, spread
from benchmarks.rivals.mains import without_mains
from emgdetect import Config, Recording
from emgdetect.simulation import Simulated, simulate

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Found:
    """What a detector found in one recording.

    Attributes
    ----------
    times_s : mapping of str to list of float
        Event times of each site.
    analysed_s : mapping of str to float
        Seconds of each site that it analysed.
    seconds : float
        Processor time of the detection alone, which other work on the machine does not lengthen.
    """

    times_s: dict[str, list[float]]
    analysed_s: dict[str, float]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Detector:
    """A detector of the benchmark.

    Attributes
    ----------
    name, version : str
    settings : str
        In words, for the tables and for the cache.
    find : callable
        A module-level function of `argument`.
    sources : tuple of Path
        Files and folders whose content decides its results, beside the settings.
    knows : bool
        Takes the simulated recording with its truth (the ceiling), not the recording alone.
    argument : tuple
        Passed to `find` after the recording.
    """

    name: str
    version: str
    settings: str
    find: Callable[..., Found]
    sources: tuple[Path, ...]
    knows: bool = False
    argument: tuple[object, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when its results may change."""
        digest = hashlib.sha256(f"{self.name}|{self.version}|{self.settings}".encode())
        for source in self.sources:
            for path in sorted(source.rglob("*.py")) if source.is_dir() else [source]:
                digest.update(path.read_bytes())
        return digest.hexdigest()


def ours(config: Config | None = None, *, name: str = "emgdetect") -> Detector:
    """This detector."""
    config = Config() if config is None else config
    package = ROOT / "emgdetect"
    parts = (
        "signal", "detection", "stats", "analysis.py", "config.py", "detections.py", "findings.py",
        "recording.py",
    )  # fmt: skip
    changed = {k: v for k, v in config.model_dump().items() if v != getattr(Config(), k)}
    return Detector(
        name=name,
        version=emgdetect.__version__,
        settings=" ".join(f"{k}={v}" for k, v in changed.items()) or "defaults",
        find=find_ours,
        sources=tuple(package / part for part in parts),
        argument=(config,),
    )


def ceiling() -> Detector:
    """The upper bound: a matched filter that knows waveforms, amplitudes and noise."""
    return Detector(
        name="ceiling",
        version="",
        settings="true waveforms, amplitudes and noise; best threshold of the recording",
        find=find_ceiling,
        sources=(ROOT / "benchmarks" / "ceiling.py", ROOT / "benchmarks" / "judging.py"),
        knows=True,
    )


def rivals() -> list[Detector]:
    """The rivals with the settings chosen on the tuning recordings."""
    return [rival(index) for index in range(len(RIVALS))]


def rival(index: int, setting: int = 0) -> Detector:
    """One rival with one of the settings tried."""
    entry = RIVALS[index]
    shared = ROOT / "benchmarks" / "rivals"
    return Detector(
        name=entry.name if setting == 0 else f"{entry.name} [{setting}]",
        version=entry.version,
        settings=", ".join(f"{k}={v}" for k, v in entry.settings[setting].items()),
        find=find_rival,
        sources=(Path(inspect.getfile(entry.find)), shared / "common.py", shared / "mains.py"),
        argument=(index, setting),
    )


def find_ours(recording: Recording, config: Config) -> Found:
    """Fasciculations of this detector, at the time of their largest deflection."""
    warm_ours()
    begun = time.process_time()
    detections = emgdetect.detect(recording, config)
    seconds = time.process_time() - begun
    counted = detections.fasciculations
    times = {
        site.name: counted.loc[counted["site"] == site.name, "peak_s"].astype(float).tolist()
        for site in recording.sites
    }
    analysed = dict(
        zip(detections.summary["site"], detections.summary["analysed_s"].astype(float), strict=True)
    )
    return Found(times, analysed, seconds)


@cache
def warm_ours() -> None:
    """Import what this detector needs, so that no recording pays for it; once per process."""
    emgdetect.detect(simulate(duration_s=20, seed=0, sites=["BICEPS L"]).recording)


def find_ceiling(simulated: Simulated) -> Found:
    """Events of the ceiling at the one threshold that gives the recording's best F1."""
    begun = time.process_time()
    sites = [site.name for site in simulated.recording.sites]
    picks = {site: candidates(simulated, site) for site in sites}
    best, level = -1.0, LEAST_RATIO
    for threshold in np.exp(np.linspace(np.log(LEAST_RATIO), np.log(40), 25)):
        verdicts = [
            judge(simulated, site, picks[site].times_s[picks[site].ratios >= threshold])
            for site in sites
        ]
        matched = sum(len(verdict.matched) for verdict in verdicts)
        wrong = sum(len(verdict.missed) + len(verdict.extra_s) for verdict in verdicts)
        f1 = 2 * matched / max(2 * matched + wrong, 1)
        if f1 > best:
            best, level = f1, float(threshold)
    times = {
        site: sorted(found.times_s[found.ratios >= level].tolist()) for site, found in picks.items()
    }
    whole = simulated.recording.recorded_s
    return Found(times, dict.fromkeys(sites, whole), time.process_time() - begun)


def find_rival(recording: Recording, index: int, setting: int) -> Found:
    """Events of a rival, site by site over the whole recording.

    Rivals of one channel are given the channel of a grid on which large deflections stand out most.
    """
    entry = RIVALS[index]
    warm(index)
    begun = time.process_time()
    times = {
        site.name: find_at_site(
            recording, site.name, entry.find, entry.settings[setting], entry.grid
        )
        for site in recording.sites
    }
    analysed = dict.fromkeys(times, recording.recorded_s)
    return Found(times, analysed, time.process_time() - begun)


@cache
def warm(index: int) -> None:
    """Let a rival import what it needs, so that no recording pays for it; once per process."""
    noise = np.random.default_rng(0).standard_normal((2, 4000))
    entry = RIVALS[index]
    with suppress(Exception):  # it will say so again on the recording
        entry.find(noise if entry.grid else noise[0], 2000.0, **entry.settings[0])


def find_at_site(
    recording: Recording, name: str, find: Callable[..., Floats], settings: Settings, grid: bool
) -> list[float]:
    """Event times of one site, missing samples taken for zero and mains filtered out."""
    site = next(site for site in recording.sites if site.name == name)
    signal = np.nan_to_num(recording.read(site.channels, 0).astype(np.float64))
    signal = without_mains(signal, site.sampling_hz)
    if not grid:
        signal = signal[best_channel(signal, site.sampling_hz)]
    return sorted(float(t) for t in find(signal, site.sampling_hz, **settings))


def best_channel(signal: Floats, sampling_hz: float) -> int:
    """The channel whose largest deflections stand out most over its bulk."""
    if len(signal) == 1:
        return 0
    clean = band(signal, sampling_hz, low_hz=30, high_hz=500)
    return int(np.argmax([np.quantile(np.abs(c), 0.999) / max(spread(c), 1e-9) for c in clean]))
