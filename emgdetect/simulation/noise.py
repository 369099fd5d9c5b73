"""Noise of amplifier, electrodes and resting muscle."""

from __future__ import annotations

import numpy as np

from emgdetect.simulation.model import MEASURE_HZ, Floats, Rng


def noise_spectrum(rng: Rng, frequencies_hz: Floats) -> Floats:
    """Amplitude spectrum of rest noise, scaled to an RMS of 1 in the 10–500 Hz band.

    White amplifier noise, 1/f noise of the electrode, and a hump of distant muscle fibres.
    """
    f = np.maximum(frequencies_hz, 0.5)
    power = 1 + (rng.uniform(8, 30) / f) ** rng.uniform(1.0, 1.6)
    power += rng.uniform(0.2, 1.5) * np.exp(-(np.log(f / rng.uniform(50, 90)) ** 2) / (2 * 0.6**2))
    return np.sqrt(power)


def shaped(rng: Rng, amplitude: Floats, n_samples: int, *, sampling_hz: float) -> Floats:
    """Gaussian noise of that amplitude spectrum with an RMS of 1 in the 10–500 Hz band."""
    frequencies = np.fft.rfftfreq(n_samples, 1 / sampling_hz)
    spectrum = np.fft.rfft(rng.standard_normal(n_samples)) * amplitude
    band = (frequencies >= MEASURE_HZ[0]) & (frequencies <= MEASURE_HZ[1])
    rms = np.sqrt(2 * np.sum(np.abs(spectrum[band]) ** 2)) / n_samples
    return np.fft.irfft(spectrum, n_samples) / max(rms, 1e-12)
