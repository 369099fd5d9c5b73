"""Quiet stretches of real surface recordings, and simulated potentials added to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

import emgdetect as emg
from benchmarks.sources import opensignals, uci_thigh
from emgdetect.simulation import Unit
from emgdetect.simulation.electrodes import bipolar
from emgdetect.simulation.model import discharges, joined
from emgdetect.simulation.render import Variability, draw, vary
from emgdetect.simulation.scenarios import SCENARIOS
from emgdetect.simulation.units import Ground, draw_units

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Spans = list[tuple[float, float]]

QUIET_FACTOR, QUIET_UV = 2.0, 8.0
"""RMS over the recording's tenth percentile, and RMS in µV, below which a window is quiet."""
RESTING_FACTOR = 1.5
"""RMS over the lowest of any `LEAST_S` of the recording below which a muscle rests: what is above
has more power from the muscle than from the noise (1.5² - 1 = 1.25 of it)."""
WINDOW_S, LEAST_S = 0.25, 1.5
PER_MIN = 30.0
SNR = (6.0, 20.0)
APART_S = 0.2
"""Seconds between added potentials over two, and from one that is there already."""


@dataclass(frozen=True)
class Real:
    """One channel of a real recording, in µV."""

    name: str
    signal_uv: Floats
    sampling_hz: float

    def recording(self, signal_uv: Floats | None = None) -> emg.Recording:
        """The channel, or another signal in its place, as a recording of one site."""
        data = self.signal_uv if signal_uv is None else signal_uv
        return emg.Recording.from_array(data, self.sampling_hz, names=[self.name], name=self.name)


def resting(folder: Path) -> Iterator[Real]:
    """All real surface recordings of the folder that may contain rest, channel by channel."""
    for path in sorted((folder / "plux_bsnb").glob("emg_*.h5")):
        signal, hz = opensignals(path.parent, path.name)
        yield Real(path.stem, signal, hz)
    for path in sorted((folder / "uci_lower_limb").glob("uci*__[35]*.txt")):
        signals, hz = uci_thigh(path.parent, path.name)
        for index, signal in enumerate(signals):
            yield Real(f"{path.stem.split('__')[-1]} {index}", signal, hz)
    for path in sorted((folder / "emgflow_facial").glob("*.csv")):
        table = pd.read_csv(path, encoding="utf-8-sig")
        for name in table.columns[1:]:
            # The file states no unit; millivolts give a plausible hum.
            yield Real(f"{path.stem} {name}", table[name].to_numpy() * 1000.0, 2000.0)


@dataclass(frozen=True)
class Added:
    """Potentials added to a recording, each item of shape (n,) in order of time.

    Attributes
    ----------
    signal_uv : ndarray, shape (n_samples,)
        The recording with them.
    peak_s : ndarray
    ratio : ndarray
        Height over the noise RMS of the quarter second before and after, as far as it is quiet.
    resting : ndarray of bool
        Whether the muscle rests there: see `RESTING_FACTOR`.
    units : tuple of tuple of Unit
        By quiet stretch.
    """

    signal_uv: Floats
    peak_s: Floats
    ratio: Floats
    resting: Bools
    units: tuple[tuple[Unit, ...], ...]

    @property
    def owed(self) -> Bools:
        """Those that have the least height at least: amplitudes vary, and noise is no constant."""
        return np.asarray(self.ratio >= SNR[0])


def searched(signal: Floats, sampling_hz: float, low_hz: float = 20.0) -> Floats:
    """Band-passed, without multiples of 50 Hz, gaps filled with zeros."""
    data = np.nan_to_num(signal - np.nanmedian(signal))
    high = min(450.0, 0.45 * sampling_hz)
    band = sosfiltfilt(butter(2, [low_hz, high], "bandpass", fs=sampling_hz, output="sos"), data)
    spectrum = np.fft.rfft(band)
    frequencies = np.fft.rfftfreq(len(band), 1 / sampling_hz)
    spectrum[np.abs(frequencies - 50 * np.rint(frequencies / 50)) < 0.6] = 0
    return np.fft.irfft(spectrum, len(band))


def quiet_spans(real: Real) -> Spans:
    """Stretches of at least 1.5 s in which every quarter second is quiet.

    Quiet is an RMS (20–450 Hz, without hum) below 8 µV and below twice the recording's tenth
    percentile.
    """
    rms, gap = window_rms(real)
    quiet = (rms < QUIET_FACTOR * np.percentile(rms, 10)) & (rms < QUIET_UV) & ~gap
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]])))
    spans = [(a * WINDOW_S, b * WINDOW_S) for a, b in edges.reshape(-1, 2)]
    return [span for span in spans if span[1] - span[0] >= LEAST_S]


def window_rms(real: Real) -> tuple[Floats, Bools]:
    """RMS of each quarter second (20–450 Hz, without hum), and whether samples are missing."""
    n = round(WINDOW_S * real.sampling_hz)
    power = searched(real.signal_uv, real.sampling_hz) ** 2
    count = len(power) // n
    rms = np.sqrt(power[: count * n].reshape(count, n).mean(axis=1))
    return rms, np.isnan(real.signal_uv[: count * n]).reshape(count, n).any(axis=1)


def resting_windows(real: Real) -> Bools:
    """Which quarter seconds hold a muscle at rest, as quiet as the recording ever gets."""
    rms, gap = window_rms(real)
    n = round(LEAST_S / WINDOW_S)
    power = np.where(gap, np.inf, rms**2)
    lowest = np.sqrt(np.convolve(power, np.ones(n) / n, mode="valid").min())
    return np.asarray(rms < RESTING_FACTOR * lowest) & ~gap


def added(real: Real, spans: Spans, occupied_s: Floats, rng: np.random.Generator) -> Added:
    """Add potentials of 6–20 × the noise RMS of their stretch.

    Parameters
    ----------
    real : Real
    spans : list of (float, float)
        Quiet stretches in seconds, each with four units of its own.
    occupied_s : ndarray, shape (n,)
        Where the recording itself has potentials: none is added within 0.1 s.
    rng : Generator
    """
    signal, hz = real.signal_uv.copy(), real.sampling_hz
    clean, calm = searched(real.signal_uv, hz, low_hz=10.0), resting_windows(real)
    model = SCENARIOS["clean"].models[int(rng.integers(2))]
    peaks, ratios, all_units = [np.zeros(0)], [np.zeros(0)], []
    for start, stop in spans:
        piece = clean[round(start * hz) : round(stop * hz)]
        ground = Ground(model, bipolar(), np.array([piece.std()]), hz, (5.0, min(500.0, 0.42 * hz)))
        units = draw_units(rng, ground, np.exp(rng.uniform(*np.log(SNR), 4)))
        times = _free_times(rng, start + 0.1, stop - 0.1, occupied_s)
        owner = rng.integers(1, 5, len(times))
        found = joined([discharges(times[owner == u], u, "fasciculation", "single")
                        for u in range(1, 5)])  # fmt: skip
        out = np.zeros((1, len(signal)), dtype=np.float32)
        drawn = draw(out, found, units, vary(rng, len(found), Variability()), sampling_hz=hz)
        signal += out[0]
        peaks.append(drawn.peak_s)
        noise = [_rms_around(piece, (peak - start) * hz, hz) for peak in drawn.peak_s]
        ratios.append(drawn.height_uv / np.array(noise))
        all_units.append(units)
    peak_s, ratio = np.concatenate(peaks), np.concatenate(ratios)
    order = np.argsort(peak_s)
    window = np.minimum((peak_s[order] / WINDOW_S).astype(int), len(calm) - 1)
    return Added(signal, peak_s[order], ratio[order], calm[window], tuple(all_units))


def _rms_around(piece: Floats, at: float, sampling_hz: float) -> float:
    """RMS of a stretch within a quarter second of a sample."""
    reach = WINDOW_S * sampling_hz
    return float(piece[max(0, round(at - reach)) : round(at + reach) + 1].std())


def _free_times(rng: np.random.Generator, start: float, stop: float, occupied_s: Floats) -> Floats:
    """About 30 random times per minute, apart from each other and from what is there already."""
    kept: list[float] = []
    for time in rng.uniform(start, stop, max(1, rng.poisson(PER_MIN * (stop - start) / 60))):
        others = np.concatenate([occupied_s, kept])
        if not len(others) or np.abs(others - time).min() > APART_S / 2:
            kept.append(float(time))
    return np.sort(np.array(kept))
