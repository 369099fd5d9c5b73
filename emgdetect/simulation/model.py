"""The nouns of the simulator: motor units, their discharges and the recording with its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.simulation.scenarios import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Rng = np.random.Generator

MEASURE_HZ = (10.0, 500.0)
"""Band in which amplitudes and noise RMS of the truth are stated."""


@dataclass(frozen=True)
class Unit:
    """One motor unit of a site, as its electrodes see it.

    Attributes
    ----------
    number : int
        From 1, within the site.
    groups_uv : ndarray, shape (n_groups, n_channels, n_fine)
        Potential of each fibre group behind the amplifier, finely sampled; a discharge is their
        sum, each shifted and scaled a little.
    fine_hz : float
    centre : int
        Index of the moment of discharge in `groups_uv`.
    snr : float
        Nominal peak-to-peak amplitude on the strongest channel over the noise RMS there.
    channel : int
        Strongest channel of the site.
    """

    number: int
    groups_uv: Floats
    fine_hz: float
    centre: int
    snr: float
    channel: int

    @property
    def average_uv(self) -> Floats:
        """Undisturbed potential, shape (n_channels, n_fine)."""
        return np.asarray(self.groups_uv.sum(axis=0))


@dataclass(frozen=True)
class Discharges:
    """Moments at which the units of one site fire, sorted by time.

    Attributes
    ----------
    times_s : ndarray, shape (n,)
    units : ndarray of int, shape (n,)
        Number of the unit.
    kinds, patterns : ndarray of str, shape (n,)
        What it is to a detector (``fasciculation``, ``train``, ``contraction``, …) and which
        firing pattern made it (``single``, ``doublet``, ``f-response``, …).
    """

    times_s: Floats
    units: Ints
    kinds: NDArray[np.object_]
    patterns: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.times_s)


def discharges(times_s: Floats, unit: int, kind: str, pattern: str) -> Discharges:
    """Discharges of one unit in one pattern."""
    n = len(times_s)
    return Discharges(
        np.asarray(times_s, dtype=np.float64),
        np.full(n, unit, dtype=np.intp),
        np.full(n, kind, dtype=object),
        np.full(n, pattern, dtype=object),
    )


def joined(parts: list[Discharges]) -> Discharges:
    """All discharges of a site in order of time; none if there are no parts."""
    parts = parts or [discharges(np.zeros(0), 0, "", "")]
    order = np.argsort(np.concatenate([p.times_s for p in parts]), kind="stable")
    return Discharges(
        np.concatenate([p.times_s for p in parts])[order],
        np.concatenate([p.units for p in parts])[order],
        np.concatenate([p.kinds for p in parts])[order],
        np.concatenate([p.patterns for p in parts])[order],
    )


@dataclass(frozen=True)
class Simulated:
    """A simulated recording and everything that is true of it.

    Attributes
    ----------
    recording : Recording
    truth : DataFrame
        One row per discharge, sorted by time: ``time_s`` of the largest absolute deflection on the
        strongest channel (10–500 Hz, zero phase), ``site``, ``channel``, ``unit``,
        ``amplitude_uv`` (peak to peak), ``amplitude_rel`` (over the local noise RMS in the same
        band), ``kind`` and ``pattern``.
    spans : DataFrame
        True spans that are no rest (``contraction``, ``train``, ``tremor``) or have no signal
        (``clipped``, ``dropped``, ``held``): ``start_s``, ``stop_s``, ``site``, ``kind``,
        ``unit`` (0 where it concerns the whole site).
    beats_s : ndarray
        Times of the heart beats; empty without a heart.
    potentials_uv, voluntary_uv, noise_uv, disturbance_uv : ndarray, shape (n_channels, n_samples)
        What the EMG channels are the sum of, before the converter and its failures:
        fasciculations; trains, contractions and tremor; noise; everything else.
    noise_rms_uv : ndarray, shape (n_channels, n_samples)
        Local RMS of `noise_uv` in the 10–500 Hz band.
    noise_spectra : mapping of str to ndarray, shape (n_samples // 2 + 1,)
        Amplitude spectrum of each site's noise at an RMS of 1 µV.
    units : mapping of str to tuple of Unit
        The units of each site.
    scenario : Scenario
    seed : int
    """

    recording: Recording
    truth: pd.DataFrame
    spans: pd.DataFrame
    beats_s: Floats
    potentials_uv: NDArray[np.float32]
    voluntary_uv: NDArray[np.float32]
    noise_uv: NDArray[np.float32]
    disturbance_uv: NDArray[np.float32]
    noise_rms_uv: NDArray[np.float32]
    noise_spectra: Mapping[str, Floats]
    units: Mapping[str, tuple[Unit, ...]]
    scenario: Scenario
    seed: int

    @property
    def fasciculations(self) -> pd.DataFrame:
        """Rows of the truth that are fasciculations, of any amplitude."""
        return self.truth[self.truth["kind"] == "fasciculation"]

    def __repr__(self) -> str:
        """One line: the signals themselves would fill screens."""
        return (
            f"<Simulated | {self.scenario.name}, seed {self.seed}: {len(self.fasciculations)} "
            f"fasciculations at {len(self.recording.sites)} sites>"
        )
