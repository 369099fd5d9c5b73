"""Semi-synthetic recordings: measured potentials at known times in real and simulated rest.

The potentials are spike-triggered averages of the labelled recording `openhdemg_vl` (64 surface
channels, 5 units), computed when the benchmark runs; no data of others are kept here. Everything
else (times, amplitudes, simulated noise) follows from one seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals.common import band
from benchmarks.sources import Labelled
from emgdetect import Recording
from emgdetect.simulation import Scenario, Simulated, Unit
from emgdetect.simulation.noise import scaled_spectrum
from emgdetect.simulation.scenarios import Noise

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rng = np.random.Generator

BEFORE_S, AFTER_S = 0.025, 0.035
"""Part of the average around a listed firing; the potential peaks at -11 to +13 ms from it."""

MEASURE_HZ = (10.0, 500.0)
"""Band in which amplitudes and noise are stated, as in the simulator."""

SHARED = 0.4
"""Share of the noise power on a grid that is common to its channels: that of the reference."""

_COLUMN = 13
"""Channels of a column of the 13 x 5 grid; its first column lacks one."""


@dataclass(frozen=True)
class Pattern:
    """How the potentials of a site follow each other.

    Attributes
    ----------
    rate_per_min : float
        Starts per minute: of single potentials, doublets and clusters together.
    doublets, clusters : float
        Share of the starts that are a pair 4–20 ms apart, or a run of 3–5 potentials of one unit
        20–110 ms apart.
    snr : (float, float)
        Range of the peak-to-peak amplitudes over the mean noise RMS; one step of the ladder
        per unit, evenly on a logarithmic scale; each potential varies by 10 %.
    """

    rate_per_min: float
    doublets: float
    clusters: float
    snr: tuple[float, float]


LADDER = Pattern(rate_per_min=40, doublets=0.0, clusters=0.0, snr=(3.0, 30.0))
GROUPS = Pattern(rate_per_min=25, doublets=0.3, clusters=0.3, snr=(6.0, 30.0))
REAL = Pattern(rate_per_min=40, doublets=0.1, clusters=0.0, snr=(6.0, 20.0))


def measured_potentials(source: Labelled) -> Floats:
    """Average potential of each labelled unit on each channel, tapered to zero at its ends.

    Returns
    -------
    ndarray, shape (n_units, n_channels, n_samples)
        In µV at the source's rate, from `BEFORE_S` before the listed firing on.
    """
    clean = band(source.signal_uv, source.sampling_hz, low_hz=10, high_hz=500)
    before, after = (round(t * source.sampling_hz) for t in (BEFORE_S, AFTER_S))
    window = np.minimum(1.0, 4 * np.hanning(before + after))
    averages = []
    for times in source.firings_s.values():
        at = np.rint(times * source.sampling_hz).astype(int)
        at = at[(at >= before) & (at < clean.shape[1] - after)]
        pieces = np.stack([clean[:, i - before : i + after] for i in at])
        average = pieces.mean(axis=0)
        averages.append((average - np.median(average, axis=1, keepdims=True)) * window)
    return np.stack(averages)


def bipolar(potentials: Floats) -> Floats:
    """Differences of channels two rows (16 mm) apart within a column, shape (n, 1, n_samples).

    One per unit and pair; the weakest third is left out, where the average is mostly noise.
    """
    n_channels = potentials.shape[1]
    columns = [(0, 12), *((12 + _COLUMN * i, 12 + _COLUMN * (i + 1)) for i in range(4))]
    pairs = [
        (i, i + 2) for first, last in columns for i in range(first, min(last, n_channels) - 2, 3)
    ]
    waves = np.stack([unit[b] - unit[a] for unit in potentials for a, b in pairs])
    height = np.ptp(waves, axis=1)
    return waves[height >= np.quantile(height, 1 / 3)][:, None, :]


def resampled(potentials: Floats, from_hz: float, to_hz: float) -> Floats:
    """Potentials at another rate, band-limited."""
    from scipy.signal import resample_poly

    if from_hz == to_hz:
        return potentials
    return np.asarray(resample_poly(potentials, round(to_hz), round(from_hz), axis=-1))


def simulated_rest(
    rng: Rng, n_channels: int, n_samples: int, *, sampling_hz: float, rms_uv: float
) -> Floats:
    """Stationary Gaussian rest, shape (n_channels, n_samples).

    Spectrum flat with a 1/f rise below 60 Hz, over 10 Hz to 500 Hz; on a grid the share `SHARED` of
    the power is common to all channels, as the reference of monopolar electrodes makes it.
    """
    white = rng.standard_normal((n_channels, n_samples))
    if n_channels > 1:
        white = np.sqrt(1 - SHARED) * white + np.sqrt(SHARED) * rng.standard_normal(n_samples)
    hz = np.maximum(np.fft.rfftfreq(n_samples, 1 / sampling_hz), 1.0)
    shape = np.sqrt(1 + 60 / hz)
    noise = band(
        np.fft.irfft(np.fft.rfft(white) * shape, n_samples), sampling_hz, low_hz=8, high_hz=600
    )
    return np.asarray(rms_uv * noise / band_rms(noise, sampling_hz)[:, None])


def band_rms(signal: Floats, sampling_hz: float) -> Floats:
    """RMS of each channel in the band of the amplitudes."""
    low, high = MEASURE_HZ
    return np.sqrt(np.mean(band(signal, sampling_hz, low_hz=low, high_hz=high) ** 2, axis=-1))


def compose(
    rests: Mapping[str, Floats],
    potentials: Floats,
    pattern: Pattern,
    *,
    sampling_hz: float,
    seed: int,
    name: str,
    shared: float = 0.0,
) -> Simulated:
    """Add potentials to rest at times drawn from a pattern.

    Parameters
    ----------
    rests : mapping of str to ndarray, shape (n_channels, n_samples)
        Rest of each site, in µV; all of one length.
    potentials : ndarray, shape (n, n_channels, n_times)
        At `sampling_hz`; each site is given up to 8 of them as its units.
    pattern : Pattern
    sampling_hz : float
    seed : int
    name : str
        Of the phenomenon.
    shared : float
        Share of the noise power that the channels of a site have in common.

    Returns
    -------
    Simulated
        As the simulator makes it, with the same meaning of the truth.
    """
    import pandas as pd

    rng = np.random.default_rng([seed, *name.encode()])
    tables, signals, adds, gains, units = [], [], [], [], {}
    for site, rest in rests.items():
        local = local_rms(rest, sampling_hz)
        units[site] = _units(rng, potentials, local, pattern, sampling_hz)
        added, table = _site(rng, units[site], local, pattern, sampling_hz)
        tables.append(table.assign(site=site, channel=[_label(site, c) for c in table["channel"]]))
        signals.append(rest)
        adds.append(added)
        gains.append(local)
    recording = Recording.from_array(
        np.concatenate(signals) + np.concatenate(adds), sampling_hz,
        names=[_label(site, c) for site, rest in rests.items() for c in range(len(rest))],
        sites=[site for site, rest in rests.items() for _ in rest], name=f"{name}-{seed}",
    )  # fmt: skip
    noise = np.concatenate(signals).astype(np.float32)
    truth = pd.concat(tables, ignore_index=True).sort_values("time_s", ignore_index=True)
    return Simulated(
        recording=recording, truth=truth, spans=_no_spans(), beats_s=np.zeros(0),
        potentials_uv=np.concatenate(adds).astype(np.float32), voluntary_uv=np.zeros_like(noise),
        noise_uv=noise, disturbance_uv=np.zeros_like(noise),
        noise_rms_uv=np.concatenate(gains).astype(np.float32),
        noise_spectra={site: _spectrum(rest, sampling_hz) for site, rest in rests.items()},
        units=units,
        scenario=Scenario(name=name, sampling_hz=sampling_hz, noise=Noise(shared=shared)),
        seed=seed,
    )  # fmt: skip


def local_rms(rest: Floats, sampling_hz: float) -> Floats:
    """Local RMS of each channel over 2 s in the band of the amplitudes, shape of `rest`."""
    from scipy.ndimage import uniform_filter1d

    low, high = MEASURE_HZ
    power = band(rest, sampling_hz, low_hz=low, high_hz=high) ** 2
    n = min(round(2 * sampling_hz), rest.shape[1])
    return np.sqrt(np.maximum(uniform_filter1d(power, n, axis=-1, mode="nearest"), 1e-12))


def _units(rng: Rng, potentials: Floats, local: Floats, pattern: Pattern,
           sampling_hz: float) -> tuple[Unit, ...]:  # fmt: skip
    """Up to 8 potentials as units of a site, their amplitudes spread evenly over the ladder."""
    chosen = rng.choice(len(potentials), size=min(8, len(potentials)), replace=False)
    snrs = np.geomspace(*pattern.snr, len(chosen))
    units = []
    for number, (index, snr) in enumerate(zip(chosen, snrs, strict=True), start=1):
        wave = potentials[index]
        channel = int(np.argmax(np.ptp(wave, axis=1) / local.mean(axis=1)))
        scale = snr * local[channel].mean() / np.ptp(wave[channel])
        centre = int(np.argmax(np.abs(wave[channel])))
        units.append(Unit(number, scale * wave[None], sampling_hz, centre, float(snr), channel))
    return tuple(units)


def _site(
    rng: Rng, units: tuple[Unit, ...], local: Floats, pattern: Pattern, sampling_hz: float
) -> tuple[Floats, pd.DataFrame]:
    """What is added to a site, and its truth."""
    import pandas as pd

    added = np.zeros_like(local)
    rows = []
    for time_s, number, kind in _times(rng, pattern, local.shape[1] / sampling_hz, len(units)):
        unit = units[number - 1]
        at = round(time_s * sampling_hz)
        wave = unit.average_uv * (1 + 0.1 * rng.standard_normal())
        start = at - unit.centre
        added[:, start : start + wave.shape[1]] += wave
        height = float(np.ptp(wave[unit.channel]))
        row = (at / sampling_hz, unit.channel, number, height, height / local[unit.channel, at])
        rows.append((*row, kind))
    names = ["time_s", "channel", "unit", "amplitude_uv", "amplitude_rel", "pattern"]
    return added, pd.DataFrame(rows, columns=names).assign(kind="fasciculation")


def _times(
    rng: Rng, pattern: Pattern, duration_s: float, n_units: int
) -> list[tuple[float, int, str]]:
    """Time, unit and kind of each potential: Poisson starts, 60 ms clear of what came before."""
    edge = 0.1
    starts = edge + np.cumsum(
        rng.exponential(60 / pattern.rate_per_min, size=4 * int(duration_s) + 20)
    )
    found: list[tuple[float, int, str]] = []
    for start in starts:
        if found and start < found[-1][0] + 0.06:
            continue
        kind = rng.choice(
            ["doublet", "cluster", "single"],
            p=[pattern.doublets, pattern.clusters, 1 - pattern.doublets - pattern.clusters],
        )
        gaps = {
            "single": np.zeros(0),
            "doublet": rng.uniform(0.004, 0.02, size=1),
            "cluster": rng.uniform(0.02, 0.11, size=int(rng.integers(2, 5))),
        }[kind]
        unit = int(rng.integers(n_units)) + 1
        times = start + np.concatenate([[0.0], np.cumsum(gaps)])
        if times[-1] > duration_s - edge:
            break
        found += [(float(time_s), unit, str(kind)) for time_s in times]
    return found


def _spectrum(rest: Floats, sampling_hz: float) -> Floats:
    """Amplitude spectrum of a site's rest at an RMS of 1 µV, by Welch's method."""
    from scipy.signal import welch

    n_samples = rest.shape[1]
    hz = np.fft.rfftfreq(n_samples, 1 / sampling_hz)
    at, power = welch(rest, sampling_hz, nperseg=min(1024, n_samples), axis=-1)
    return scaled_spectrum(np.sqrt(np.interp(hz, at, power.mean(axis=0))), hz, n_samples)


def _label(site: str, channel: int) -> str:
    return f"EMG {site} {channel + 1:02d}"


def _no_spans() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"start_s": [], "stop_s": [], "site": [], "kind": [], "unit": []})
