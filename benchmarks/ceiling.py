"""The ceiling: what could be found at all by one who knows everything but the times.

A whitened matched filter with the true average waveform and amplitude of every unit and the true
spectrum and local level of the noise, on the fasciculations and the noise alone, without any
disturbance. Its statistic is the log-likelihood ratio of "this unit fires here" against noise;
the largest is taken, its potential subtracted, and so on (overlaps are thus resolved). The
threshold is the one that gives the best F1 on the recording at hand, which no detector could know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.judging import judge
from emgdetect.simulation import Simulated, Unit
from emgdetect.simulation.amplifier import measured

Floats = NDArray[np.float64]

LEAST_RATIO = 2.0
"""Log-likelihood ratio below which no threshold can be the best."""

BLOCK = 2048
"""Samples over which the running maximum of the statistic is kept."""

LOWEST_HZ = 4.0
FLOOR = 0.02
"""Noise spectrum is not taken for smaller than this share of its largest value."""


@dataclass(frozen=True)
class Candidates:
    """What the matched filter picks at one site, best first."""

    times_s: Floats
    ratios: Floats


@dataclass(frozen=True)
class Templates:
    """Whitened waveforms of a site's units, some at several positions between two samples.

    Attributes
    ----------
    waves : ndarray, shape (n_templates, n_channels, n_times)
    unit : ndarray of int, shape (n_templates,)
        Which unit each belongs to.
    peak_s : ndarray, shape (n_templates,)
        Time of the potential's peak after the first sample of the wave.
    """

    waves: Floats
    unit: NDArray[np.intp]
    peak_s: Floats


def candidates(simulated: Simulated, site: str) -> Candidates:
    """Everything the matched filter would report at one site at any sensible threshold."""
    rows = [i for i, c in enumerate(simulated.recording.channels) if c.site == site]
    fs = simulated.scenario.sampling_hz
    level = np.asarray(simulated.noise_rms_uv[rows], dtype=np.float64)
    signal = (simulated.potentials_uv[rows] + simulated.noise_uv[rows]) / level
    spectrum = simulated.noise_spectra[site]
    mixing = unmixing(len(rows), simulated.scenario.noise.shared)
    base = level.mean(axis=1)
    units = [u for u in simulated.units[site] if u.number < 100]
    used = set(simulated.fasciculations.query("site == @site")["unit"])
    units = [u for u in units if u.number in used]
    if not units:
        return Candidates(np.zeros(0), np.zeros(0))
    white = whitened(signal, spectrum, mixing, sampling_hz=fs)
    templates = make_templates(units, fs, spectrum, mixing, base)
    return pursue(white, templates, (base[:, None] / level).mean(axis=0), fs)


def unmixing(n_channels: int, shared: float) -> Floats:
    """Inverse square root of the channels' noise correlation (`shared` off the diagonal)."""
    correlation = np.full((n_channels, n_channels), shared) + (1 - shared) * np.eye(n_channels)
    values, vectors = np.linalg.eigh(correlation)
    return (vectors / np.sqrt(values)) @ vectors.T


def whitened(signal: Floats, spectrum: Floats, mixing: Floats, *, sampling_hz: float) -> Floats:
    """Signal in which the noise is white, of unit variance and alike in all channels.

    Below 4 Hz, where nothing but the electrode is seen, nothing is left. The spectrum is thinned
    to the length of the signal.
    """
    n = signal.shape[-1]
    frequencies = np.fft.rfftfreq(n, 1 / sampling_hz)
    known = np.linspace(0, sampling_hz / 2, len(spectrum))
    here = np.interp(frequencies, known, spectrum)
    gain = (frequencies >= LOWEST_HZ) / np.maximum(here, FLOOR * spectrum.max())
    return mixing @ np.fft.irfft(np.fft.rfft(signal, axis=-1) * gain, n, axis=-1)


def make_templates(units: list[Unit], sampling_hz: float, spectrum: Floats, mixing: Floats,
                   noise_uv: Floats) -> Templates:  # fmt: skip
    """Whitened average waveforms, at several positions between samples (4 kHz in all)."""
    factor = round(units[0].fine_hz / sampling_hz)
    n_phases = int(np.clip(round(4000 / sampling_hz), 1, factor))
    pad = round(0.02 * sampling_hz)
    n_times = units[0].groups_uv.shape[-1] // factor + 2 * pad
    waves, owner, peaks = [], [], []
    for index, unit in enumerate(units):
        fine = measured(unit.average_uv[unit.channel], sampling_hz=unit.fine_hz)
        peak_s = int(np.argmax(np.abs(fine))) / unit.fine_hz
        for phase in (np.arange(n_phases) * factor) // n_phases:
            coarse = unit.average_uv[:, phase::factor] / noise_uv[:, None]
            wave = np.zeros((len(coarse), 8 * n_times))
            wave[:, pad : pad + coarse.shape[1]] = coarse
            waves.append(whitened(wave, spectrum, mixing, sampling_hz=sampling_hz)[:, :n_times])
            owner.append(index)
            peaks.append(peak_s + pad / sampling_hz - phase / unit.fine_hz)
    return Templates(np.array(waves), np.array(owner), np.array(peaks))


def pursue(white: Floats, templates: Templates, loudness: Floats, sampling_hz: float) -> Candidates:
    """Take the largest log-likelihood ratio, subtract its potential, repeat.

    `loudness` is the factor, at each sample, by which potentials are larger in `white` than in the
    templates, because the noise is quieter there than on average.
    """
    waves = templates.waves
    energy = np.sum(waves**2, axis=(1, 2))
    scores = correlations(white, waves)
    overlap = overlaps(waves)
    n_times = waves.shape[-1]
    here = loudness[: scores.shape[1]]
    ratio = scores * here - energy[:, None] * here**2 / 2
    best = [block_best(ratio, b) for b in range(-(-ratio.shape[1] // BLOCK))]
    times, ratios = [], []
    while (top := max(range(len(best)), key=lambda b: best[b][0])) is not None:
        value, index, at = best[top]
        if value < LEAST_RATIO or len(times) > 20_000:
            break
        times.append(at / sampling_hz + templates.peak_s[index])
        ratios.append(value)
        scale = np.clip(scores[index, at] / energy[index] / here[at], 0.6, 1.5) * here[at]
        low, high = max(0, at - n_times + 1), min(scores.shape[1], at + n_times)
        part = overlap[:, index, low - at + n_times - 1 : high - at + n_times - 1]
        scores[:, low:high] -= scale * part
        near = here[low:high]
        ratio[:, low:high] = scores[:, low:high] * near - energy[:, None] * near**2 / 2
        forbid(ratio, templates.unit == templates.unit[index], at, sampling_hz)
        for block in range(low // BLOCK, (high - 1) // BLOCK + 1):
            best[block] = block_best(ratio, block)
    return Candidates(np.array(times), np.array(ratios))


def forbid(ratio: Floats, same: NDArray[np.bool_], at: int, sampling_hz: float) -> None:
    """No unit fires twice within its refractory period."""
    reach = max(1, int(0.0025 * sampling_hz))
    ratio[same, max(0, at - reach) : at + reach + 1] = -np.inf


def block_best(ratio: Floats, block: int) -> tuple[float, int, int]:
    """Largest value of one block, its template and its sample."""
    part = ratio[:, block * BLOCK : (block + 1) * BLOCK]
    index, at = np.unravel_index(int(np.argmax(part)), part.shape)
    return float(part[index, at]), int(index), int(at) + block * BLOCK


def correlations(white: Floats, waves: Floats) -> Floats:
    """Correlation of the signal with each template starting at each sample."""
    n_samples, n_times = white.shape[1], waves.shape[-1]
    n_fft = int(2 ** np.ceil(np.log2(n_samples + n_times)))
    spectra = np.fft.rfft(white, n_fft, axis=-1)
    out = np.empty((len(waves), n_samples - n_times + 1))
    for row, wave in zip(out, waves, strict=True):
        product = np.sum(spectra * np.conj(np.fft.rfft(wave, n_fft, axis=-1)), axis=0)
        row[:] = np.fft.irfft(product, n_fft)[: len(row)]
    return out


def overlaps(waves: Floats) -> Floats:
    """Correlation of each template with each, shape (n, n, 2 n_times - 1), lag 0 in the middle."""
    n_times = waves.shape[-1]
    spectra = np.fft.rfft(waves, 2 * n_times, axis=-1)
    product = np.einsum("icf,jcf->ijf", np.conj(spectra), spectra)
    full = np.fft.irfft(product, 2 * n_times, axis=-1)
    return np.roll(full, n_times - 1, axis=-1)[..., : 2 * n_times - 1]


@dataclass(frozen=True)
class Ceiling:
    """Counts at the threshold that gives the best F1 on this recording."""

    matched: int
    missed: int
    extra: int
    threshold: float


def ceiling(simulated: Simulated) -> Ceiling:
    """Counts over all sites of a recording, at one threshold for all of them."""
    found = {site.name: candidates(simulated, site.name) for site in simulated.recording.sites}
    best = Ceiling(0, 0, 0, np.nan)
    for threshold in np.exp(np.linspace(np.log(LEAST_RATIO), np.log(40), 25)):
        counts = np.zeros(3, dtype=int)
        for site, picks in found.items():
            verdict = judge(simulated, site, picks.times_s[picks.ratios >= threshold])
            counts += [len(verdict.matched), len(verdict.missed), len(verdict.extra_s)]
        if np.isnan(best.threshold) or _f1(*counts) > _f1(best.matched, best.missed, best.extra):
            best = Ceiling(*(int(c) for c in counts), threshold=float(threshold))
    return best


def _f1(matched: int, missed: int, extra: int) -> float:
    return 2 * matched / max(2 * matched + missed + extra, 1)
