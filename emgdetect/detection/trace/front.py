"""What turns a site's raw blocks into its whitened trace, and the chunks it is read in.

A recording is cut into chunks on a grid that depends on nothing but the segment, each read with a
second of context on both sides; so results cannot depend on how many chunks are in memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.config import Config
from emgdetect.detection.trace.converter import Rounding
from emgdetect.recording import Recording, Site
from emgdetect.signal import filters, matched
from emgdetect.signal.beatwaves import BeatWave
from emgdetect.signal.colours import Colour
from emgdetect.signal.hum import Hum
from emgdetect.signal.notch import Notch

Floats = NDArray[np.floating[Any]]

CHUNK_S = 16.0
"""Seconds of a chunk: 64 channels at 2 kHz take 8 MB in float32."""
SCAN_PER_HIGH = 2.0
"""Samples of the scan per Hz of the upper band edge: 2, the Nyquist rate."""
TRACE_PER_HIGH = 4.0
"""The same of the trace that units are sorted on: finer, so that discharges look alike. Set by
judgement; not measured."""
HIGHEST = 0.46
"""Upper edge of the band at most, as a share of the sampling rate: next to the Nyquist frequency a
converter's filter leaves nothing that is worth whitening. Of 25 stretches of real rest at 1 kHz and
more (benchmarks/real.py) a mean of 0.872 of what is owed is counted, with 0.5 of 0.867."""
NYQUIST = 0.5
"""The same below `ENERGY_HZ`. The edge is soft: at 0.46 it took 7 to 13 % of a potential's energy
in noise at 512 Hz. Of ten tuning recordings at 512 Hz (seeds 1160 to 1169) event F1 is 0.941
instead of 0.937."""
ENERGY_HZ = 300.0
"""Where potentials have hardly any energy left. Set by judgement; not measured."""
NEEDLE_BAND_HZ = (80.0, 1500.0)
"""Band of a needle's potentials, sharper than at the skin. Set by judgement; not measured."""


@dataclass(frozen=True)
class Chunk:
    """A piece of a segment: raw samples `start`…`stop`, both on the grid of the coarser traces."""

    segment: int
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Cleaned:
    """What the first look at all channels of a chunk found; rows are those of the front.

    Attributes
    ----------
    sound : bool
        Whether nothing had to be bridged.
    baseline : ndarray of float32, shape (n_channels,)
        µV.
    hum : Hum
        What was taken out of mains.
    """

    sound: bool
    baseline: NDArray[np.float32]
    hum: Hum


@dataclass(frozen=True, eq=False)
class Front:
    """All that turns raw blocks of a site into its whitened trace.

    Attributes
    ----------
    recording : Recording
    site : Site
    channels : tuple of int
        Channels analysed (those of the site that are not left out).
    mains_hz : float
    harmonics : tuple of float
        Lines to remove, as multiples of `mains_hz`; those of railway current come last and are no
        whole ones. Empty if there are none.
    mains_share : float
        Their share of the power at 20-450 Hz.
    noise_freqs_hz, density : ndarray, shape (n_freqs,)
        Background density of the site in µV²/Hz.
    rms_uv : ndarray, shape (n_channels,)
        Background RMS of each channel in the detection band.
    coarse : bool
        Whether the noise drowns in the converter's step, so that equal samples are natural.
    rounding : Rounding
        What is done about the converter's step in each channel.
    low_hz, high_hz : float
        Edges of the detection band.
    mild_low_hz : float
        Lower edge of the band in which potentials are measured.
    unmixing : ndarray of float32, shape (n_channels, n_channels), optional
        What makes the noise of a grid's channels independent; None for fewer than six channels.
    colour : Colour, optional
        Of the noise of each row that `unmixing` makes; with it.
    notch : Notch, optional
        Of the amplifier, to be undone; None if none is seen.
    heart : tuple of BeatWave
        Beats to take out, by kind; empty if none are seen.
    cleaned : dict of Chunk to Cleaned
        What is known of chunks read before, some kilobytes a minute. Fronts made of each other
        share it, as they differ in what comes after it; of another recording it has to be empty.
    """

    recording: Recording
    site: Site
    channels: tuple[int, ...]
    mains_hz: float
    harmonics: tuple[float, ...]
    mains_share: float
    noise_freqs_hz: Floats
    density: Floats
    rms_uv: Floats
    coarse: bool
    rounding: Rounding
    low_hz: float
    high_hz: float
    mild_low_hz: float
    unmixing: NDArray[np.float32] | None = None
    colour: Colour | None = None
    notch: Notch | None = None
    heart: tuple[BeatWave, ...] = ()
    cleaned: dict[Chunk, Cleaned] = field(default_factory=dict, repr=False)

    @property
    def n_looks(self) -> int:
        """How many independent scores the site's score is the largest of."""
        return len(self.channels) if self.unmixing is None else 2

    @property
    def scan_hz(self) -> float:
        """Lowest rate of the trace that is scanned: 1 kHz for surface recordings."""
        return SCAN_PER_HIGH * max(self.high_hz, 500.0)

    @property
    def trace_hz(self) -> float:
        """Lowest rate of the trace that units are sorted on: 2 kHz for surface recordings."""
        return TRACE_PER_HIGH * max(self.high_hz, 500.0)

    @property
    def apart_s(self) -> float:
        """Distance below which two maxima of the score are one potential: 12 ms at 500 Hz.

        On a grid a potential runs along the electrodes, and ends at the tendons.
        """
        return (6.0 if self.unmixing is None else 12.5) / max(self.high_hz, 500.0)

    @property
    def scan_ratio(self) -> Fraction:
        """Rate of the trace that is scanned for candidates over that of the site; 1 kHz or more."""
        rate = self.site.sampling_hz
        return Fraction(
            max(1, math.ceil(self.scan_hz / rate - 0.1)), max(1, int(rate / self.scan_hz))
        )

    @property
    def trace_rate_hz(self) -> float:
        """Rate of the trace that units are sorted on."""
        return self.site.sampling_hz * float(self.trace_ratio)

    @property
    def trace_occupancy(self) -> float:
        """Variance of the noise per sample of that trace; see `occupancy`."""
        return occupancy(round(self.trace_rate_hz, 3), self.low_hz, self.high_hz)

    @property
    def trace_ratio(self) -> Fraction:
        """Rate of the trace that units are sorted on over that of the site; 2 kHz or more.

        Slow recordings are interpolated: two discharges a fraction of a sample apart from each
        other's grid would otherwise not look alike.
        """
        rate = self.site.sampling_hz
        return Fraction(
            max(1, math.ceil(self.trace_hz / rate - 0.1)), max(1, int(rate / self.trace_hz))
        )

    def start_s(self, chunk: Chunk) -> float:
        """Time of a chunk's first sample."""
        start = self.recording.segments[chunk.segment].start_s
        return start + chunk.start / self.site.sampling_hz


def grid_of(sampling_hz: float, high_hz: float) -> int:
    """Raw samples that hold a whole number of samples of every trace made from them."""
    high = max(high_hz, 500.0)
    scan, trace = SCAN_PER_HIGH * high, TRACE_PER_HIGH * high
    return math.lcm(max(1, int(sampling_hz / scan)), max(1, int(sampling_hz / trace)))


def chunks_of(recording: Recording, site: Site, high_hz: float) -> list[Chunk]:
    """Chunks of a site's segments, in order of time."""
    step = grid_of(site.sampling_hz, high_hz)
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


_RESPONSES: WeakKeyDictionary[Front, dict[tuple[int, int], NDArray[np.float32]]]
_RESPONSES = WeakKeyDictionary()
"""Whitening responses by the lengths of their FFTs; gone with their front and its recording."""


def whitening_response(front: Front, n_raw: int, n_fft: int) -> NDArray[np.float32]:
    """Response of the whitening filter on the frequencies that block and trace both have.

    Parameters
    ----------
    front : Front
    n_raw, n_fft : int
        Lengths of the forward and of the inverse FFT.

    Returns
    -------
    ndarray of float32, shape (n_freqs,)
    """
    known = _RESPONSES.setdefault(front, {})
    if (n_raw, n_fft) not in known:
        known[n_raw, n_fft] = _whitening_response(front, n_raw, n_fft)
    return known[n_raw, n_fft]


def _whitening_response(front: Front, n_raw: int, n_fft: int) -> NDArray[np.float32]:
    rate = front.site.sampling_hz
    freqs = fft.rfftfreq(n_raw, 1 / rate)[: n_fft // 2 + 1]
    band = filters.band_response(freqs, low_hz=front.low_hz, high_hz=front.high_hz)
    noise_band = filters.band_response(
        front.noise_freqs_hz, low_hz=front.low_hz, high_hz=front.high_hz
    )
    white = matched.whitening(
        freqs, front.noise_freqs_hz, front.density, in_band=noise_band, depth=30.0
    )
    # One-sided density 1/Hz is variance rate/2 in all; the inverse FFT has another length.
    new_rate = rate * n_fft / n_raw
    return np.asarray(band * white * (n_fft / n_raw) / np.sqrt(new_rate / 2), dtype=np.float32)


def whitened_window(window: Floats, *, front: Front) -> Floats:
    """A window as the detection sees it: what channels share depends on the frequency."""
    n = window.shape[1]
    response = whitening_response(front, n, n)
    return np.asarray(fft.irfft(fft.rfft(window, axis=1) * response, n, axis=1))


@lru_cache(maxsize=64)
def occupancy(rate_hz: float, low_hz: float, high_hz: float) -> float:
    """Variance per sample of the whitened trace: the share of its bandwidth that the band fills."""
    freqs = np.linspace(0, rate_hz / 2, 4001)
    band = filters.band_response(freqs, low_hz=low_hz, high_hz=high_hz)
    return float(np.mean(band**2))


def band_of(
    config: Config, sampling_hz: float, *, needle: bool = False, true_hz: float = math.inf
) -> tuple[float, float]:
    """Edges of the detection band for a site of that rate; a needle's potentials are sharper.

    Where samples were held, `true_hz` is the rate they were sampled at: right above half of it lies
    the image of what is below, so the softness of the edge takes no energy, but adds some.
    """
    low, high = NEEDLE_BAND_HZ if needle else (config.detect_low_hz, config.detect_high_hz)
    high = min(high, max(HIGHEST * sampling_hz, min(NYQUIST * sampling_hz, ENERGY_HZ)))
    return low, high if true_hz >= sampling_hz else min(high, HIGHEST * true_hz)
