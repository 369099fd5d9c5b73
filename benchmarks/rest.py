"""Real rest, put together from the quiet stretches of open recordings.

No open recording of surface EMG at rest with marks by an expert was found, and those at hand rest
for a few seconds at a time. So quiet stretches are joined with a short cross-fade, each used once.
What potentials they contain themselves nobody can say: what is found there without anything added
is a count, not an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.rivals.common import Floats, band, spans_of
from benchmarks.sources import opensignals, uci_thigh

WINDOW_S = 0.5
FADE_S = 0.05


@dataclass(frozen=True)
class Quiet:
    """A source of rest: where it is, and below which RMS (20–450 Hz, µV) it counts as quiet."""

    name: str
    dataset: str
    limit_uv: float
    read: Callable[[Path], tuple[Floats, float]]


def _plux(name: str) -> Callable[[Path], tuple[Floats, float]]:
    return lambda folder: opensignals(folder, name)


def _uci(name: str, channel: int) -> Callable[[Path], tuple[Floats, float]]:
    def read(folder: Path) -> tuple[Floats, float]:
        signal, sampling_hz = uci_thigh(folder, name)
        return signal[channel], sampling_hz

    return read


QUIET = (
    Quiet("adductor pollicis", "plux_bsnb", 3.0, _plux("emg_1000_hz_16_bits_solo.h5")),
    Quiet("biceps", "plux_bsnb", 6.0, _plux("emg_1000_hz_16_bits.h5")),
    Quiet("rectus femoris", "uci_lower_limb", 2.0, _uci("uci_lower_limb__3Apie.txt", 0)),
    Quiet("semitendinosus", "uci_lower_limb", 2.0, _uci("uci_lower_limb__3Asen.txt", 3)),
)
"""Rest of several devices, muscles and people."""


def real_rest(signal: Floats, sampling_hz: float, *, limit_uv: float) -> Floats:
    """Quiet stretches of at least 1 s of one channel, joined; shape (1, n_samples).

    Raises
    ------
    ValueError
        If there is no such stretch.
    """
    steady = band(signal, sampling_hz, low_hz=5, high_hz=0.45 * sampling_hz)
    n = round(WINDOW_S * sampling_hz)
    n_windows = len(signal) // n
    power = band(signal, sampling_hz, low_hz=20, high_hz=450)[: n_windows * n] ** 2
    quiet = np.sqrt(power.reshape(n_windows, n).mean(axis=1)) < limit_uv
    trim = n // 5
    pieces = [
        steady[start * n + trim : stop * n - trim]
        for start, stop in spans_of(quiet)
        if stop - start >= 2
    ]
    if not pieces:
        raise ValueError(f"no quiet stretch below {limit_uv} µV")
    return joined(pieces, round(FADE_S * sampling_hz))[None]


def joined(pieces: list[Floats], n_fade: int) -> Floats:
    """Pieces in a row, each fading into the next over `n_fade` samples at constant power."""
    rise = np.sin(np.linspace(0, np.pi / 2, n_fade))
    whole = pieces[0].copy()
    for piece in pieces[1:]:
        whole[-n_fade:] = whole[-n_fade:] * rise[::-1] + piece[:n_fade] * rise
        whole = np.concatenate([whole, piece[n_fade:]])
    return whole
