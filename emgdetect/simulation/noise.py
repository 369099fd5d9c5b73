"""Noise of amplifier, electrodes and resting muscle: coloured, drifting, a little heavy-tailed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgdetect.simulation.amplifier import amplifier_gain, measured_gain
from emgdetect.simulation.model import Floats, Rng

if TYPE_CHECKING:
    from emgdetect.simulation.scenarios import Noise


def rest_spectrum(rng: Rng, frequencies_hz: Floats) -> Floats:
    """Amplitude spectrum of rest noise before the amplifier, arbitrary scale.

    White noise of the amplifier, 1/f noise of the electrode, and a hump of distant fibres.
    """
    f = np.maximum(frequencies_hz, 0.5)
    power = 1 + (rng.uniform(8, 30) / f) ** rng.uniform(1.0, 1.6)
    power += rng.uniform(0.2, 1.5) * np.exp(-(np.log(f / rng.uniform(50, 90)) ** 2) / (2 * 0.6**2))
    return np.sqrt(power)


def scaled_spectrum(amplitude: Floats, frequencies_hz: Floats, n_samples: int) -> Floats:
    """The spectrum scaled so that white noise shaped by it has RMS 1 in the 10–500 Hz band."""
    power = 2 * float(np.sum((amplitude * measured_gain(frequencies_hz)) ** 2)) / n_samples
    return np.asarray(amplitude / np.sqrt(max(power, 1e-12)))


def shaped(
    rng: Rng, amplitude: Floats, n_samples: int, *, envelope: Floats | float = 1.0
) -> Floats:
    """Noise of that amplitude spectrum, made from white noise times an envelope."""
    white = rng.standard_normal(n_samples) * envelope
    return np.fft.irfft(np.fft.rfft(white) * amplitude, n_samples)


def site_noise(
    rng: Rng,
    plan: Noise,
    *,
    n_channels: int,
    n_samples: int,
    sampling_hz: float,
    amplifier_hz: tuple[float, float],
) -> tuple[Floats, Floats, Floats]:
    """Noise of a site's channels.

    Returns
    -------
    noise_uv : ndarray, shape (n_channels, n_samples)
    rms_uv : ndarray, shape (n_channels, n_samples)
        Local RMS in the 10–500 Hz band.
    spectrum : ndarray, shape (n_samples // 2 + 1,)
        Amplitude spectrum of the noise at an RMS of 1 µV.
    """
    frequencies = np.fft.rfftfreq(n_samples, 1 / sampling_hz).astype(np.float64)
    amplitude = rest_spectrum(rng, frequencies)
    amplitude = amplitude * amplifier_gain(
        frequencies, low_hz=amplifier_hz[0], high_hz=amplifier_hz[1]
    )
    amplitude = scaled_spectrum(amplitude, frequencies, n_samples)
    envelope = tail_envelope(rng, n_samples, sampling_hz, spread=rng.uniform(*plan.tail))
    gain = slow_gain(rng, plan, n_samples, sampling_hz)
    common = shaped(rng, amplitude, n_samples, envelope=envelope) if plan.shared else 0.0
    rms = np.exp(rng.uniform(*np.log(plan.rms_uv)) + 0.1 * rng.standard_normal(n_channels))
    noise = np.stack([
        np.sqrt(plan.shared) * common
        + np.sqrt(1 - plan.shared) * shaped(rng, amplitude, n_samples, envelope=envelope)
        for _ in range(n_channels)
    ])  # fmt: skip
    return noise * rms[:, None] * gain, rms[:, None] * gain, amplitude


def tail_envelope(rng: Rng, n_samples: int, sampling_hz: float, *, spread: float) -> Floats | float:
    """Log-normal envelope of mean square 1 that changes within about 30 ms; 1 without spread."""
    if spread <= 0:
        return 1.0
    return np.exp(spread * smooth(rng, n_samples, sampling_hz, scale_s=0.03) - spread**2)


def smooth(rng: Rng, n_samples: int, sampling_hz: float, *, scale_s: float) -> Floats:
    """Smooth Gaussian process of unit variance with that time scale."""
    step = max(1, int(scale_s * sampling_hz / 2))
    coarse = rng.standard_normal(n_samples // step + 8)
    kernel = np.exp(-(np.linspace(-2, 2, 7) ** 2))
    coarse = np.convolve(coarse, kernel / np.sqrt(np.sum(kernel**2)), mode="same")
    at = np.arange(n_samples) / step + 3
    return np.interp(at, np.arange(len(coarse)), coarse)


def slow_gain(rng: Rng, plan: Noise, n_samples: int, sampling_hz: float) -> Floats:
    """Gain of a noise level that drifts over tens of seconds and steps up or down at times."""
    gain = np.ones(n_samples)
    if plan.drift > 1:
        # 99 % of a Gaussian lies within ±2.6 standard deviations.
        wander = smooth(rng, n_samples, sampling_hz, scale_s=rng.uniform(4, 12))
        gain *= np.exp(np.clip(wander, -2.6, 2.6) * np.log(plan.drift) / 5.2)
    if plan.step > 1:
        up, at = False, 0.0
        while (at := at + rng.exponential(plan.step_every_s / 2) + 2) < n_samples / sampling_hz:
            up = not up
            gain[int(at * sampling_hz) :] *= plan.step if up else 1 / plan.step
    return gain
