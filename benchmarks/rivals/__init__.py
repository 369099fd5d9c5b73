"""The rivals: what they are, the settings tried, and the one that is used.

`settings[0]` is what the benchmark runs: the best of those listed on the tuning recordings
(`python -m benchmarks.tuning`, figures in `results/settings.csv`). The default settings of a
package are among those tried wherever it has defaults. Reporting recordings were never used to
choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from benchmarks.rivals.biosppy_onsets import biosppy_onsets
from benchmarks.rivals.classics import mad_peaks, maximum_difference, teager_kaiser
from benchmarks.rivals.common import Floats
from benchmarks.rivals.mne_muscle import mne_muscle
from benchmarks.rivals.neurokit import neurokit
from benchmarks.rivals.spikes import spikeinterface_peaks

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Rival:
    """A detector to compare with.

    Attributes
    ----------
    name : str
        As in the tables.
    package : str
        Distribution it comes from; empty if it is written here.
    find : callable
        `find(signal_uv, sampling_hz, **settings)` to event times in seconds.
    settings : tuple of mapping
        All settings tried; the first is used.
    grid : bool
        Takes all channels of a site, not one.
    """

    name: str
    package: str
    find: Callable[..., Floats]
    settings: tuple[Settings, ...]
    grid: bool = False

    @property
    def version(self) -> str:
        """Installed version of its package; empty if there is none."""
        try:
            return version(self.package) if self.package else ""
        except PackageNotFoundError:
            return ""


def _neurokit(method: str, *tried: tuple[float | None, float | None]) -> Rival:
    settings = tuple({"method": method, "k": k, "min_s": min_s} for k, min_s in tried)
    return Rival(name=f"neurokit2 {method}", package="neurokit2", find=neurokit, settings=settings)


def _biosppy(detector: str, *tried: tuple[float, float]) -> Rival:
    settings = tuple({"detector": detector, "k": k, "size_s": size_s} for k, size_s in tried)
    name = f"biosppy {detector}"
    return Rival(name=name, package="biosppy", find=biosppy_onsets, settings=settings)


RIVALS: tuple[Rival, ...] = (
    _neurokit("threshold", (5, 0.005), (3, 0.005), (8, 0.005), (None, None)),
    _neurokit("mixture", (0.999, 0.005), (0.99, 0.005), (0.9, 0.005), (None, None)),
    _neurokit("pelt", (None, 0.005), (None, None)),
    _neurokit("biosppy", (4, 0.005), (3, 0.005), (5, 0.005), (None, None)),
    _neurokit("silva", (5, 0.005), (4, 0.005), (3, 0.005), (None, None)),
    _biosppy("find_onsets", (4, 0.01), (5, 0.01), (8, 0.01), (5, 0.02), (8, 0.05)),
    _biosppy("hodges_bui", (2, 0.01), (1.6, 0.01), (3, 0.01), (2, 0.02)),
    _biosppy("bonato", (12, 0.008), (20, 0.008), (40, 0.008), (12, 0.016)),
    _biosppy("lidierth", (1.7, 0.008), (2, 0.008), (2.4, 0.008), (2, 0.016)),
    _biosppy("solnik", (11, 0.008), (15, 0.008), (20, 0.008), (8, 0.016)),
    _biosppy("silva", (5, 0.01), (6, 0.01), (8, 0.01), (6, 0.02)),
    _biosppy("londral", (8, 0.008), (10, 0.008), (14, 0.008), (10, 0.016)),
    Rival(
        name="mne annotate_muscle_zscore",
        package="mne",
        find=mne_muscle,
        settings=(
            {"z": 0.3, "low_hz": 30, "high_hz": 400},
            {"z": 0.5, "low_hz": 30, "high_hz": 400},
            {"z": 1, "low_hz": 30, "high_hz": 400},
            {"z": 2, "low_hz": 30, "high_hz": 400},
            {"z": 1, "low_hz": 110, "high_hz": 140},
            {"z": 4, "low_hz": 110, "high_hz": 140},
        ),
    ),
    Rival(
        name="spikeinterface detect_peaks",
        package="spikeinterface",
        find=spikeinterface_peaks,
        settings=(
            {"k": 5, "exclude_ms": 25, "low_hz": 30},
            {"k": 4, "exclude_ms": 25, "low_hz": 30},
            {"k": 6, "exclude_ms": 25, "low_hz": 30},
            {"k": 5, "exclude_ms": 10, "low_hz": 30},
            {"k": 5, "exclude_ms": 0.8, "low_hz": 300},
        ),
    ),
    Rival(
        name="band-pass + k MAD",
        package="scipy",
        find=mad_peaks,
        settings=(
            {"k": 5, "dead_s": 0.05, "low_hz": 30},
            {"k": 5, "dead_s": 0.03, "low_hz": 30},
            {"k": 5, "dead_s": 0.01, "low_hz": 30},
            {"k": 4, "dead_s": 0.03, "low_hz": 30},
            {"k": 6, "dead_s": 0.03, "low_hz": 30},
            {"k": 5, "dead_s": 0.02, "low_hz": 30},
            {"k": 5, "dead_s": 0.03, "low_hz": 20},
            {"k": 5, "dead_s": 0.03, "low_hz": 60},
        ),
    ),
    Rival(
        name="Teager-Kaiser",
        package="",
        find=teager_kaiser,
        settings=(
            {"k": 7, "smooth_s": 0.005, "min_s": 0.003},
            {"k": 10, "smooth_s": 0.005, "min_s": 0.003},
            {"k": 15, "smooth_s": 0.005, "min_s": 0.003},
            {"k": 10, "smooth_s": 0.01, "min_s": 0.005},
            {"k": 15, "smooth_s": 0.001, "min_s": 0.002},
        ),
    ),
    Rival(
        name="maximum difference",
        package="",
        find=maximum_difference,
        settings=(
            {"k": 6.5, "extract": 0.5, "low_hz": 20},
            {"k": 8, "extract": 0.5, "low_hz": 20},
            {"k": 5, "extract": 0.5, "low_hz": 20},
            {"k": 12, "extract": 0.5, "low_hz": 20},
        ),
        grid=True,
    ),
)
"""All rivals, in the order of the tables."""
