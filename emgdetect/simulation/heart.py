"""The heart: when it beats and what a muscle electrode sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgdetect.simulation.model import Floats, Rng

if TYPE_CHECKING:
    from emgdetect.simulation.scenarios import Heart

REGIONS = (
    (("TIB", "GASTRO", "SOL", "VAST", "RECTUS FEM", "PERON", "QUAD", "HAMSTR"), (0.0, 2.0)),
    (("DELT", "TRAP", "PECT", "PARASP", "ERECTOR", "RECTUS ABD", "SHOULDER"), (10.0, 30.0)),
)
"""Peak-to-peak amplitude of a beat over the noise RMS in legs, and in shoulder and trunk."""

ARM = (2.0, 12.0)
"""The same everywhere else: the arm."""


@dataclass(frozen=True)
class Beats:
    """Times of the R waves, and which of them are ventricular extrasystoles."""

    times_s: Floats
    ectopic: np.ndarray[tuple[int], np.dtype[np.bool_]]


def draw_beats(rng: Rng, plan: Heart, *, duration_s: float) -> Beats:
    """Beats of a whole recording.

    Sinus rhythm with respiratory arrhythmia, or the irregular intervals of atrial fibrillation
    (log-normal, 20–25 %). An extrasystole comes early and is followed by a compensatory pause.
    """
    mean_s = 60 / rng.uniform(*plan.per_min)
    share = rng.uniform(*plan.extrasystoles)
    breath_hz, swing = rng.uniform(0.18, 0.33), rng.uniform(0.01, 0.06)
    spread = rng.uniform(0.20, 0.25) if plan.irregular else rng.uniform(0.01, 0.03)
    times, ectopic, at = [], [], -rng.uniform(0, mean_s)
    while at < duration_s:
        interval = mean_s * np.exp(spread * rng.standard_normal() - spread**2 / 2)
        interval *= 1 + (0 if plan.irregular else swing * np.sin(2 * np.pi * breath_hz * at))
        interval = max(interval, 0.25)
        if rng.random() < share:
            times.append(at + 0.6 * interval)
            ectopic.append(True)
            at += 2 * interval
        else:
            at += interval
        times.append(at)
        ectopic.append(False)
    kept = (np.array(times) > 0) & (np.array(times) < duration_s)
    return Beats(np.array(times)[kept], np.array(ectopic)[kept])


def region_amplitude(rng: Rng, site: str) -> float:
    """Peak-to-peak amplitude of a beat over the noise RMS at a site, by its body region."""
    for words, limits in REGIONS:
        if any(word in site.upper() for word in words):
            return float(rng.uniform(*limits))
    return float(rng.uniform(*ARM))


def beat_shape(rng: Rng, times_s: Floats, *, ectopic: bool) -> Floats:
    """One beat: P, Q, R, S and T as Gaussians, seen under the angle of this electrode.

    A QRS lasts 80–100 ms; an extrasystole has no P wave and is 120–180 ms wide.
    """
    waves = np.array([  # time after R (s), width (s), height
        (-0.17, 0.022, 0.12), (-0.030, 0.009, -0.18), (0.0, 0.011, 1.0),
        (0.030, 0.010, -0.30), (0.27, 0.045, 0.28),
    ])  # fmt: skip
    if ectopic:
        waves = np.array([
            (-0.02, 0.022, 1.0), (0.045, 0.026, -0.8), (0.30, 0.06, -0.4),
        ])  # fmt: skip
    waves[:, 1] *= rng.uniform(0.65, 1.1)
    heights = waves[:, 2] * np.exp(0.25 * rng.standard_normal(len(waves)))
    heights[1:4] += 0.25 * rng.standard_normal(len(heights[1:4]))
    late, width = waves[:, :1] + 0.002 * rng.standard_normal(), waves[:, 1:2]
    return np.asarray(heights @ np.exp(-((times_s - late) ** 2) / (2 * width**2)))


def site_beats(rng: Rng, beats: Beats, *, amplitude_uv: float, n_samples: int, sampling_hz: float
               ) -> Floats:  # fmt: skip
    """The heart in one channel, with amplitude following the breath, shape (n_samples,)."""
    out = np.zeros(n_samples)
    offsets = np.arange(-round(0.3 * sampling_hz), round(0.5 * sampling_hz))
    sign = rng.choice([-1.0, 1.0])
    shapes = [beat_shape(rng, offsets / sampling_hz, ectopic=e) for e in (False, True)]
    gain = sign * amplitude_uv / np.ptp(shapes[0])
    breath = rng.uniform(0.15, 0.3)
    for time, ectopic in zip(beats.times_s, beats.ectopic, strict=True):
        scale = gain * (1 + 0.08 * np.sin(2 * np.pi * breath * time) + 0.03 * rng.standard_normal())
        at = offsets + round(time * sampling_hz)
        inside = (at >= 0) & (at < n_samples)
        out[at[inside]] += scale * shapes[int(ectopic)][inside]
    return out


def ecg_channel(rng: Rng, beats: Beats, *, n_samples: int, sampling_hz: float) -> Floats:
    """A real ECG lead: R waves of about a millivolt with a little noise, shape (n_samples,)."""
    clean = site_beats(rng, beats, amplitude_uv=rng.uniform(700, 1500), n_samples=n_samples,
                       sampling_hz=sampling_hz)  # fmt: skip
    return clean + rng.normal(0, 8, n_samples)


def distance_to_beat_s(times_s: Floats, beats_s: Floats) -> Floats:
    """Time to the nearest beat; infinite without beats."""
    if not len(beats_s):
        return np.full(len(times_s), np.inf)
    right = np.clip(np.searchsorted(beats_s, times_s), 0, len(beats_s) - 1)
    left = np.maximum(right - 1, 0)
    return np.minimum(np.abs(times_s - beats_s[left]), np.abs(times_s - beats_s[right]))
