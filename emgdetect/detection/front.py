"""From a site's raw blocks to its whitened trace, the same whatever the block length.

A recording is cut into chunks on a grid that depends on nothing but the segment, each read with a
second of context on both sides; so results cannot depend on how many chunks are in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.config import Config
from emgdetect.recording import Recording, Site
from emgdetect.signal import filters, hum, matched
from emgdetect.signal.gaps import fill_invalid, held_samples, rail_samples

Floats = NDArray[np.floating[Any]]
T = TypeVar("T")
R = TypeVar("R")

CHUNK_S = 16.0
PAD_S = 1.0


@dataclass(frozen=True)
class Chunk:
    """A piece of a segment: raw samples `start`…`stop`, a multiple of the decimation long."""

    segment: int
    start: int
    stop: int


@dataclass(frozen=True)
class Front:
    """All that turns raw blocks of a site into its whitened trace.

    Attributes
    ----------
    recording : Recording
    site : Site
    channels : tuple of int
        Channels analysed (those of the site that are not left out).
    decimation : int
        Raw samples per sample of the whitened trace.
    mains_hz : float
    harmonics : tuple of int
        Mains lines to remove; empty if there are none.
    mains_share : float
        Their share of the power at 20-450 Hz.
    noise_freqs_hz, density : ndarray, shape (n_freqs,)
        Background density of the site in µV²/Hz.
    rms_uv : ndarray, shape (n_channels,)
        Background RMS of each channel in the detection band.
    coarse : bool
        Whether the noise drowns in the converter's step, so that equal samples are natural.
    """

    recording: Recording
    site: Site
    channels: tuple[int, ...]
    decimation: int
    mains_hz: float
    harmonics: tuple[int, ...]
    mains_share: float
    noise_freqs_hz: Floats
    density: Floats
    rms_uv: Floats
    coarse: bool
    low_hz: float
    high_hz: float

    @property
    def sampling_hz(self) -> float:
        """Rate of the whitened trace."""
        return self.site.sampling_hz / self.decimation

    def start_s(self, chunk: Chunk) -> float:
        """Time of a chunk's first sample."""
        start = self.recording.segments[chunk.segment].start_s
        return start + chunk.start / self.site.sampling_hz


@dataclass(frozen=True)
class Block:
    """A chunk with its context, cleaned.

    Attributes
    ----------
    raw : ndarray of float32, shape (n_channels, n_samples)
        µV, gaps filled, baseline at zero, mains removed; context included.
    missing, held, clipped : ndarray of bool, shape (n_channels, n_core)
        What of the chunk itself cannot be trusted.
    n_before : int
        Raw samples of context before the chunk.
    """

    raw: NDArray[np.float32]
    missing: NDArray[np.bool_]
    held: NDArray[np.bool_]
    clipped: NDArray[np.bool_]
    n_before: int


def decimation_of(sampling_hz: float) -> int:
    """Raw samples per sample of the whitened trace, which keeps at least 2 kHz where it can."""
    return max(1, int(sampling_hz / 2000.0))


def chunks_of(recording: Recording, site: Site) -> list[Chunk]:
    """Chunks of a site's segments, in order of time."""
    step = decimation_of(site.sampling_hz)
    n_core = max(1, round(CHUNK_S * site.sampling_hz / step)) * step
    chunks = []
    for index, segment in enumerate(recording.segments):
        n = segment.n_samples(site.sampling_hz)
        starts = list(range(0, n, n_core))
        # A short last piece joins the one before, so that no chunk is shorter than its context.
        if len(starts) > 1 and n - starts[-1] < n_core // 4:
            starts.pop()
        stops = [*starts[1:], n]
        chunks += [Chunk(index, a, b) for a, b in zip(starts, stops, strict=True)]
    return chunks


def each(function: Callable[[T], R], items: Sequence[T], n_threads: int) -> list[R]:
    """Apply a function to items in threads; results in the order of the items."""
    if n_threads <= 1 or len(items) < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))


def available_threads() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def read_block(front: Front, chunk: Chunk, channels: Sequence[int] | None = None) -> Block:
    """Read a chunk with context, mark what cannot be trusted, fill it, and remove mains.

    Parameters
    ----------
    front : Front
    chunk : Chunk
    channels : sequence of int, optional
        Positions within `front.channels`; all by default.
    """
    chosen = front.channels if channels is None else [front.channels[i] for i in channels]
    rate = front.site.sampling_hz
    pad = -(-round(PAD_S * rate) // front.decimation) * front.decimation
    n = front.recording.segments[chunk.segment].n_samples(rate)
    low, high = max(0, chunk.start - pad), min(n, chunk.stop + pad)
    data = front.recording.read(chosen, chunk.segment, low, high)
    missing = ~np.isfinite(data)
    held = held_samples(data, n_run=held_run(rate, coarse=front.coarse))
    clipped = rail_samples(
        data,
        low=np.array([front.recording.channels[i].low_uv for i in chosen]),
        high=np.array([front.recording.channels[i].high_uv for i in chosen]),
        step=np.array([front.recording.channels[i].resolution_uv for i in chosen]),
    )
    data = fill_invalid(data, missing | held | clipped)
    data -= np.median(data[:, ::7], axis=1, keepdims=True)
    before, after = pad - (chunk.start - low), pad - (high - chunk.stop)
    data = filters.odd_extension(data, before, after) if before or after else data
    data = hum.remove_hum(data, rate, frequency_hz=front.mains_hz, harmonics=front.harmonics)
    core = slice(chunk.start - low, chunk.stop - low)
    return Block(data, missing[:, core], held[:, core] & ~clipped[:, core], clipped[:, core], pad)


def held_run(sampling_hz: float, *, coarse: bool) -> int:
    """Equal samples in a row that mean a held or dropped stretch, not a quiet converter."""
    return round(0.5 * sampling_hz) if coarse else max(8, round(0.01 * sampling_hz))


@dataclass(frozen=True)
class Spectrum:
    """Whitened block in the frequency domain, on the decimated grid.

    Attributes
    ----------
    values : ndarray of complex64, shape (n_channels, n_freqs)
    freqs_hz : ndarray, shape (n_freqs,)
    n_fft : int
        Length of the inverse FFT.
    keep : slice
        Samples of the chunk itself on the decimated grid.
    """

    values: NDArray[np.complex64]
    freqs_hz: NDArray[np.float64]
    n_fft: int
    keep: slice


def whiten(front: Front, block: Block) -> Spectrum:
    """Whitened spectrum of a block: band-pass, noise made white, rate lowered, unit variance."""
    step, n = front.decimation, block.raw.shape[1]
    n_out = -(-n // step)
    n_fft = int(fft.next_fast_len(n_out, real=True))
    freqs, response = whitening_response(front, n_fft)
    spectrum = fft.rfft(block.raw, n_fft * step, axis=1)[:, : len(freqs)]
    n_core = -(-(n - 2 * block.n_before) // step)
    first = block.n_before // step
    return Spectrum(spectrum * response, freqs, n_fft, slice(first, first + n_core))


def whitening_response(front: Front, n_fft: int) -> tuple[Floats, NDArray[np.float32]]:
    """Frequencies and response of the whitening filter for a block of that length."""
    rate = front.sampling_hz
    freqs = fft.rfftfreq(n_fft, 1 / rate)
    band = filters.band_response(freqs, low_hz=front.low_hz, high_hz=front.high_hz)
    noise_band = filters.band_response(
        front.noise_freqs_hz, low_hz=front.low_hz, high_hz=front.high_hz
    )
    white = matched.whitening(
        freqs, front.noise_freqs_hz, front.density, in_band=noise_band, depth=30.0
    )
    # Unit variance: white noise of one-sided density 1/Hz has variance rate/2 before the band;
    # the decimated inverse FFT is shorter than the forward one.
    gain = band * white / (np.sqrt(np.mean(band**2) * rate / 2) * front.decimation)
    return freqs, gain.astype(np.float32)


def band_of(config: Config, sampling_hz: float) -> tuple[float, float]:
    """Edges of the detection band for a site of that rate."""
    return config.detect_low_hz, min(config.detect_high_hz, 0.42 * sampling_hz)
