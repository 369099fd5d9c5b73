"""What cables, electrodes and the mains add to a channel, and what a converter does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.simulation.firing import poisson
from emgdetect.simulation.model import Floats, Rng
from emgdetect.simulation.noise import smooth

if TYPE_CHECKING:
    from emgdetect.simulation.scenarios import Mains, Movement


def hum(rng: Rng, plan: Mains, nominal_hz: float, *, noise_uv: float, n_samples: int,
        sampling_hz: float) -> Floats:  # fmt: skip
    """Mains hum of one channel: fundamental and falling harmonics, all wandering together.

    The frequency is off by up to `offset_hz` and wanders by some hundredths of a hertz; odd
    harmonics are stronger. Shape (n_samples,).
    """
    frequency = nominal_hz + rng.uniform(-plan.offset_hz, plan.offset_hz)
    wander_hz = 0.02 * smooth(rng, n_samples, sampling_hz, scale_s=8.0)
    phase = 2 * np.pi * np.cumsum(frequency + wander_hz) / sampling_hz
    level = 1 + 0.3 * np.clip(smooth(rng, n_samples, sampling_hz, scale_s=5.0), -2.5, 2.5)
    out = np.zeros(n_samples)
    for order in range(1, plan.n_harmonics + 1):
        if order * frequency < 0.45 * sampling_hz:
            height = rng.uniform(0.3, 1) / order ** rng.uniform(0.7, 1.5)
            height *= 1.0 if order == 1 else (0.8 if order % 2 else 0.25)
            out += height * np.sin(order * phase + rng.uniform(0, 2 * np.pi))
    rms = noise_uv * rng.uniform(*plan.over_noise)
    return out * level * rms / max(float(out.std()), 1e-9)


def pops(
    rng: Rng, *, per_min: float, noise_uv: float, n_samples: int, sampling_hz: float
) -> Floats:
    """Electrode pops before the amplifier: steps that decay, and spikes of a sample or two."""
    out = np.zeros(n_samples)
    duration_s = n_samples / sampling_hz
    for time in poisson(rng, rate_hz=per_min / 60, duration_s=duration_s):
        at = int(time * sampling_hz)
        height = rng.choice([-1, 1]) * noise_uv * np.exp(rng.uniform(np.log(8), np.log(150)))
        if rng.random() < 0.3:
            out[at : at + int(rng.integers(1, 3))] += height
        else:
            t = np.arange(min(n_samples - at, int(3 * sampling_hz))) / sampling_hz
            out[at : at + len(t)] += height * np.exp(
                -t / np.exp(rng.uniform(np.log(0.015), np.log(0.5)))
            )
    return out


def swings(
    rng: Rng, *, per_min: float, noise_uv: float, n_samples: int, sampling_hz: float
) -> Floats:
    """Slow swings of the baseline, 0.5–6 Hz under an envelope of 0.3–2 s, before the amplifier."""
    out = np.zeros(n_samples)
    t = np.arange(n_samples) / sampling_hz
    for time in poisson(rng, rate_hz=per_min / 60, duration_s=n_samples / sampling_hz):
        width_s, frequency = rng.uniform(0.3, 2) / 2, rng.uniform(0.5, 6)
        near = slice(*np.searchsorted(t, [time - 3 * width_s, time + 3 * width_s]))
        envelope = np.exp(-((t[near] - time) ** 2) / (2 * (width_s / 1.5) ** 2))
        wave = np.sin(2 * np.pi * frequency * (t[near] - time) + rng.uniform(0, 6))
        out[near] += noise_uv * rng.uniform(20, 200) * envelope * wave
    return out


def cable_bursts(rng: Rng, *, per_min: float, noise_uv: float, n_samples: int, sampling_hz: float
                 ) -> Floats:  # fmt: skip
    """Bursts of broad-band noise of 0.1–0.8 s from a cable that is touched."""
    out = np.zeros(n_samples)
    for time in poisson(rng, rate_hz=per_min / 60, duration_s=n_samples / sampling_hz):
        n = int(rng.uniform(0.1, 0.8) * sampling_hz)
        at = int(time * sampling_hz)
        burst = rng.standard_normal(n) * np.hanning(n) * noise_uv * rng.uniform(4, 20)
        burst += np.cumsum(rng.standard_normal(n)) * np.hanning(n) * noise_uv * 0.5
        out[at : at + n] += burst[: n_samples - at]
    return out


def movement(rng: Rng, plan: Movement, *, noise_uv: float, n_samples: int, sampling_hz: float
             ) -> Floats:  # fmt: skip
    """Pops, swings and cable bursts of one channel, before the amplifier, shape (n_samples,)."""
    return np.asarray(
        pops(rng, per_min=plan.pops_per_min, noise_uv=noise_uv, n_samples=n_samples,
             sampling_hz=sampling_hz)
        + swings(rng, per_min=plan.swings_per_min, noise_uv=noise_uv, n_samples=n_samples,
                 sampling_hz=sampling_hz)
        + cable_bursts(rng, per_min=plan.cable_per_min, noise_uv=noise_uv, n_samples=n_samples,
                       sampling_hz=sampling_hz)
    )  # fmt: skip


def damage(rng: Rng, plan: Movement, signal: NDArray[np.float32], *, sampling_hz: float
           ) -> list[tuple[float, float, str]]:  # fmt: skip
    """Clip, drop and hold samples of one channel in place.

    Returns
    -------
    list of (float, float, str)
        Start, stop and kind (``clipped``, ``dropped``, ``held``) of each damaged stretch.
    """
    duration_s = len(signal) / sampling_hz
    lost = []
    for kind, per_min in (("clipped", plan.clips_per_min), ("dropped", plan.drops_per_min),
                          ("held", plan.holds_per_min)):  # fmt: skip
        for start in poisson(rng, rate_hz=per_min / 60, duration_s=duration_s):
            stop = min(start + np.exp(rng.uniform(np.log(0.02), np.log(0.5))), duration_s)
            piece = signal[int(start * sampling_hz) : int(stop * sampling_hz)]
            if len(piece):
                piece[:] = _damaged(rng, kind, piece)
                lost.append((float(start), float(stop), kind))
    return lost


def _damaged(rng: Rng, kind: str, piece: NDArray[np.float32]) -> NDArray[np.float32]:
    if kind == "dropped":
        return np.zeros_like(piece)
    if kind == "held":
        return np.full_like(piece, piece[0])
    return np.full_like(piece, rng.choice([-1, 1]) * RAIL_UV)


RAIL_UV = 5000.0
"""Largest value of the simulated converter, in µV."""


def digitised(signal_uv: NDArray[np.float32], *, step_uv: float) -> NDArray[np.float32]:
    """Rounded to the converter's step and held between its rails."""
    clipped = np.clip(signal_uv, -RAIL_UV, RAIL_UV)
    rounded: NDArray[np.float32] = (np.rint(clipped / step_uv) * step_uv).astype(np.float32)
    return rounded
