"""When, where and how large: the potentials to inject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.injection.shapes import (
    HALF_S,
    Rng,
    Shape,
    is_clean,
    spreads,
    standard,
    unit_shape,
)
from emgdetect.recording import Recording, Site
from emgdetect.signal.filters import mild_response
from emgdetect.signal.notch import Notch, notched

if TYPE_CHECKING:
    from emgdetect.detections import SiteFacts, Waveform

Floats = NDArray[np.float64]

PER_MIN = 10.0
"""Injections per analysed minute: few enough to leave noise and judgement as they are. Set by
judgement; not measured."""

MOST = 300
"""Injections per site at most; the 90 % point is then known within some 10 % (tests/stats)."""

CLEAR_S = 1.0
"""Injections of one site keep this distance, so that they make no train and no doublet. Set by
judgement; not measured."""

RINGS = 6.0
"""Time constants for which the ringing of an amplifier's notch goes on after an injection."""

UNITS = 3
"""Units of a site whose waveforms are injected at most in a look: where their templates are left
out, the others stay, so that it is much like the first. Set by judgement; not measured."""

LADDER = np.geomspace(4.0, 24.0, 12)
"""Peak-to-peak amplitudes over the site's noise RMS. Set by judgement; not measured."""

TIMES = np.array([1, 1, 2, 3, 3, 3, 2, 1, 1, 1, 1, 1])
"""How often each of them is injected: most often around 5 to 11 times the noise, where simulated
recordings go from losing most potentials to losing few (seeds 500-509, benchmarks/recovery.py)."""


@dataclass(frozen=True)
class Injection:
    """One potential added to one site.

    Attributes
    ----------
    site : str
    shape : str
        ``standard`` or ``unit N``.
    time_s : float
        Its peak on the recording's clock.
    amplitude_uv : float
        Peak to peak on its strongest channel, in the band in which potentials are measured.
    segment, start : int
        Where its first sample stands.
    waveform_uv : ndarray of float32, shape (n_channels, n_samples)
        One row per channel of the site.
    unit : int
        Number of the unit whose waveform it is; 0 for the standard set.
    """

    site: str
    shape: str
    time_s: float
    amplitude_uv: float
    segment: int
    start: int
    waveform_uv: NDArray[np.float32] = field(repr=False)
    unit: int = 0


def plan_injections(
    recording: Recording,
    facts: Sequence[SiteFacts],
    *,
    waveforms: Sequence[Waveform] = (),
    low_hz: float,
    seed: Sequence[int] = (0,),
) -> tuple[Injection, ...]:
    """Draw times, amplitudes and shapes of the potentials to inject.

    Parameters
    ----------
    recording : Recording
    facts : sequence of SiteFacts
    waveforms : sequence of Waveform
    low_hz : float
        Lower edge of the band in which potentials are measured.
    seed : sequence of int

    Returns
    -------
    tuple of Injection
        By site in the order of `facts`, then by time; those of a site do not depend on other
        sites.
    """
    sites = {site.name: site for site in recording.sites}
    planned: list[Injection] = []
    for fact in facts:
        if not (fact.site in sites and np.isfinite(fact.noise_uv) and fact.noise_uv > 0):
            continue
        rng = np.random.default_rng([*seed, *fact.site.encode()])
        own = [w for w in waveforms if w.site == fact.site and is_clean(w, fact.noise_uv)]
        planned += _plan_site(recording, sites[fact.site], fact, own, low_hz, rng)
    return tuple(planned)


def _plan_site(
    recording: Recording, site: Site, fact: SiteFacts, waveforms: list[Waveform], low_hz: float,
    rng: Rng,
) -> list[Injection]:  # fmt: skip
    times = injection_times(fact.analysed_s, rng)
    steps = amplitude_steps(len(times), rng)
    patterns = spreads(recording, site, waveforms)
    chosen = rng.permutation(len(waveforms))[:UNITS]
    planned = []
    for i, (time_s, step) in enumerate(zip(times, steps, strict=True)):
        amplitude = float(step) * fact.noise_uv
        if waveforms and i % 2:
            shape = unit_shape(waveforms[rng.choice(chosen)])
        else:
            shape = standard(rng, patterns[rng.integers(len(patterns))])
        placed = _place(recording, site, shape, float(time_s), amplitude, low_hz)
        planned += [] if placed is None else [_recorded(placed, site.sampling_hz, fact.notch)]
    return planned


def _recorded(
    placed: Injection, sampling_hz: float, notch: tuple[float, float] | None
) -> Injection:
    """A potential as the amplifier's notch records it, which is undone when it is read."""
    if notch is None:
        return placed
    through = Notch(*notch)
    before = round(sampling_hz / through.frequency_hz) + 1
    after = round(RINGS * through.ring_s * sampling_hz)
    still = np.pad(placed.waveform_uv, ((0, 0), (before, after)))
    return replace(placed, waveform_uv=notched(still, sampling_hz, through)[:, before:])


def amplitude_steps(n: int, rng: Rng) -> Floats:
    """Amplitudes over the noise in random order, spread evenly over the ladder however few.

    Returns
    -------
    ndarray of float, shape (n,)
    """
    ladder = np.repeat(LADDER, TIMES)
    place = (np.arange(n) + rng.random()) / max(n, 1)
    return rng.permuted(ladder[(place * len(ladder)).astype(int)])


def injection_times(analysed_s: Floats, rng: Rng) -> Floats:
    """Random analysed times, at most 10 per minute and at least 1 s apart.

    The analysed time is cut into equal slots with one random time in each; times too near to an
    end of their span are left out.

    Returns
    -------
    ndarray of float, shape (n,)
        In order; shape (0,) without analysed time.
    """
    spans = np.asarray(analysed_s, dtype=np.float64).reshape(-1, 2)
    passed = np.concatenate([[0.0], np.cumsum(spans[:, 1] - spans[:, 0])])
    n = min(int(passed[-1] * PER_MIN / 60), MOST)
    if not n:
        return np.zeros(0)
    slot = passed[-1] / n
    clock = (np.arange(n) + rng.random(n) * (1 - CLEAR_S / slot)) * slot
    index = np.searchsorted(passed, clock, side="right") - 1
    times = spans[index, 0] + clock - passed[index]
    keep = (times - spans[index, 0] > 2 * HALF_S) & (spans[index, 1] - times > 2 * HALF_S)
    kept: Floats = times[keep]
    return kept


def _place(
    recording: Recording, site: Site, shape: Shape, time_s: float, amplitude_uv: float,
    low_hz: float,
) -> Injection | None:  # fmt: skip
    """Sample a shape where it stands; None if it does not fit into one segment."""
    rate, half = site.sampling_hz, int(np.ceil(HALF_S * site.sampling_hz))
    for index, segment in enumerate(recording.segments):
        if not segment.start_s <= time_s < segment.stop_s:
            continue
        centre = (time_s - segment.start_s) * rate
        start = round(centre) - half
        if start < 0 or start + 2 * half + 1 > segment.n_samples(rate):
            return None
        times = (start + np.arange(2 * half + 1) - centre) / rate
        sampled = shape.at(np.asarray(times, dtype=np.float64))
        size = _measured_size(sampled, rate, low_hz)
        waveform = (amplitude_uv * sampled / size).astype(np.float32)
        return Injection(site.name, shape.name, time_s, amplitude_uv, index, start, waveform,
                         shape.unit)  # fmt: skip
    return None


def _measured_size(rows: Floats, sampling_hz: float, low_hz: float) -> float:
    """Peak to peak of the largest row as potentials are measured: in the mild band.

    The filter takes up to a tenth off a slow potential (tests/test_injection.py), which would be
    found as well as one that measures less.
    """
    n = 8 * rows.shape[1]
    band = mild_response(n, sampling_hz, low_hz)
    measured = np.fft.irfft(np.fft.rfft(rows, n) * band, n)
    return float(np.max(np.ptp(measured, axis=1)))
