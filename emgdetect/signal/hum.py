"""Mains hum: its frequency, and its removal by regression on sinusoids in short windows.

A notch rings around each potential and fails when mains is off by half a hertz (Mewett 2004).
Here the sinusoids are fitted in windows of a second to a trace whose potentials are left out, so
amplitude and phase may wander and a potential contributes next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.signal.medians import row_medians

Floats = NDArray[np.floating[Any]]

ROWS_AT_ONCE = 1 << 17
"""Samples whose hum is removed at once: they and their sinusoids fit into a core's cache."""


def mains_lines(
    windows: Floats, sampling_hz: float, *, nominal_hz: float, ratio: float = 6.0
) -> tuple[float, tuple[int, ...], float]:
    """Frequency of mains and the harmonics that stand out of their surroundings.

    Parameters
    ----------
    windows : ndarray, shape (n_windows, n_samples)
        Pieces of at least two seconds.
    sampling_hz : float
    nominal_hz : float
        50 or 60; searched within 1 Hz.
    ratio : float
        A line counts if its density exceeds this many times that of its neighbourhood.

    Returns
    -------
    frequency_hz : float
    harmonics : tuple of int
        Harmonics to remove (1 is the fundamental); empty if there are none.
    share : float
        Share of the power at 20-450 Hz that lies in the removed lines.
    """
    n = windows.shape[1]
    n_fft = fft.next_fast_len(8 * n, real=True)
    taper = np.hanning(n + 2)[1:-1]
    centred = windows - windows.mean(axis=1, keepdims=True)
    power = np.median(np.abs(fft.rfft(centred * taper, n_fft, axis=1)) ** 2, axis=0)
    freqs = fft.rfftfreq(n_fft, 1 / sampling_hz)
    frequency = _comb_peak(freqs, power, nominal_hz, sampling_hz)
    width = 2.0 * sampling_hz / n
    harmonics, removed = [], 0.0
    for k in range(1, int(min(0.47 * sampling_hz, 1000.0) / frequency) + 1):
        distance = np.abs(freqs - k * frequency)
        line = power[distance <= width / 2].max(initial=0.0)
        around = np.median(power[(distance > 1.5 * width) & (distance < 1.5 * width + 8.0)])
        if line > ratio * around:
            harmonics.append(k)
            if k * frequency <= 450:
                removed += float(np.sum(np.maximum(power[distance <= width] - around, 0)))
    band = float(np.sum(power[(freqs >= 20) & (freqs <= 450)]))
    return frequency, tuple(harmonics), removed / band if band > 0 else 0.0


def _comb_peak(freqs: Floats, power: Floats, nominal_hz: float, sampling_hz: float) -> float:
    """Frequency within 1 Hz of nominal whose first harmonics hold the most power, line by line."""
    candidates = np.arange(nominal_hz - 1.0, nominal_hz + 1.0 + 1e-9, 0.01)
    comb = np.zeros(len(candidates))
    for k in (1, 2, 3, 5):
        if k * (nominal_hz + 1) > 0.47 * sampling_hz:
            continue
        near = np.abs(freqs - k * nominal_hz) < 8 * k
        floor = np.median(power[near])
        comb += np.log1p(np.interp(k * candidates, freqs, power) / max(floor, 1e-30) / 10)
    return float(candidates[np.argmax(comb)])


def remove_hum(
    block: Floats, sampling_hz: float, *, frequency_hz: float, harmonics: Sequence[int],
    window_s: float = 1.0, clip: float = 3.0,
) -> NDArray[np.float32]:  # fmt: skip
    """Subtract mains sinusoids whose amplitude and phase may wander.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_samples)
        Baseline roughly at zero.
    sampling_hz, frequency_hz : float
    harmonics : sequence of int
        Multiples of `frequency_hz` to remove; none leaves the block as it is.
    window_s : float
        Length of the windows of the fit; they overlap by half.
    clip : float
        Deflections beyond this many robust RMS of what remains do not enter the second fit: there
        the first one stands. (Left out, not cut off: the flanks of large potentials would still
        pull.)

    Returns
    -------
    ndarray of float32, shape (n_channels, n_samples)
    """
    block = np.asarray(block, dtype=np.float32)
    if not len(harmonics) or block.shape[1] < 8:
        return block
    frames = _Frames(block.shape[1], max(8, round(window_s * sampling_hz / 2)))
    offset = _offset(block, frames, frequency_hz, sampling_hz, harmonics)
    fit = _Fit(frames, (frequency_hz + offset) / sampling_hz, harmonics)
    out = np.empty_like(block)
    n_rows = max(1, ROWS_AT_ONCE // block.shape[1])
    for first in range(0, len(block), n_rows):
        rows = slice(first, first + n_rows)
        rest = np.subtract(block[rows], fit.sinusoids(block[rows]), out=out[rows])
        sample = rest[:, ::3]
        centre = row_medians(sample)[:, None]
        limit = clip * row_medians(np.abs(sample - centre))[:, None] / 0.6745
        quiet = rest - centre
        np.copyto(quiet, 0, where=np.abs(quiet) > limit)
        rest -= fit.sinusoids(quiet)
    return out


def _basis(n_window: int, cycles: float, harmonics: Sequence[int]) -> NDArray[np.float32]:
    """Cosines and sines of the harmonics over a window; shape (2 * n_harmonics, n_window)."""
    phase = 2 * np.pi * cycles * np.outer(harmonics, np.arange(n_window) - n_window / 2)
    return np.concatenate([np.cos(phase), np.sin(phase)]).astype(np.float32)


class _Frames:
    """Half-overlapping windows over a block: window `i` is made of its halves `i` and `i + 1`."""

    def __init__(self, n_samples: int, n_hop: int) -> None:
        self.n_samples = n_samples
        self.n_hop = n_hop
        self.n_window = 2 * n_hop
        self.n_frames = -(-n_samples // n_hop) + 1
        # A raised cosine, zero at neither end: neighbours sum to one.
        self.fade = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.n_window) + 0.5)
                                        / self.n_window)).astype(np.float32)  # fmt: skip

    def halves(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Halves of all windows, zero beyond the block; shape (n_channels, n_frames + 1, n_hop)."""
        padded = np.zeros((len(block), (self.n_frames + 1) * self.n_hop), dtype=np.float32)
        padded[:, self.n_hop : self.n_hop + self.n_samples] = block
        return padded.reshape(len(block), self.n_frames + 1, self.n_hop)

    def incomplete(self) -> dict[int, NDArray[np.bool_]]:
        """Windows that reach beyond the block, and which of their samples lie within it."""
        at = np.arange(self.n_window) - self.n_hop
        found = {}
        for frame in {0, *range(max(self.n_frames - 2, 0), self.n_frames)}:
            place = at + frame * self.n_hop
            inside = (place >= 0) & (place < self.n_samples)
            if not inside.all():
                found[frame] = inside
        return found


class _Fit:
    """Weighted least-squares fit of sinusoids in each window, and the way back to the block."""

    def __init__(self, frames: _Frames, cycles: float, harmonics: Sequence[int]) -> None:
        self.frames = frames
        basis = _basis(frames.n_window, cycles, harmonics)
        n_hop, n_terms = frames.n_hop, len(basis)
        whole = self._projection(basis, np.ones(frames.n_window, dtype=bool))
        self.edges = {i: self._projection(basis, inside)
                      for i, inside in frames.incomplete().items()}  # fmt: skip
        # Each half is a second half of one window and a first half of the next.
        self.to_terms = np.concatenate([whole[:n_hop], whole[n_hop:]], axis=1)
        faded = basis * frames.fade
        self.from_terms = np.concatenate([faded[:, n_hop:], faded[:, :n_hop]])
        self.n_terms = n_terms

    def _projection(
        self, basis: NDArray[np.float32], inside: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """From the samples of a window to its coefficients; shape (n_window, n_terms)."""
        weighted = (basis * (self.frames.fade * inside)).astype(np.float64)
        gram = weighted @ basis.T.astype(np.float64)
        solve = np.linalg.inv(gram + 1e-6 * basis.shape[1] * np.eye(len(basis)))
        return np.asarray(weighted.T @ solve, dtype=np.float32)

    def coefficients(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Coefficients by window; shape (n_channels, n_frames, n_terms).

        Of windows that reach beyond the block only what lies within it counts.
        """
        halves = self.frames.halves(block)
        shares = (halves.reshape(-1, self.frames.n_hop) @ self.to_terms).reshape(
            *halves.shape[:2], 2 * self.n_terms
        )
        out: NDArray[np.float32] = shares[:, :-1, : self.n_terms] + shares[:, 1:, self.n_terms :]
        for frame, projection in self.edges.items():
            window = halves[:, frame : frame + 2].reshape(len(block), -1)
            out[:, frame] = window @ projection
        return out

    def sinusoids(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """The fitted sinusoids, faded from window to window; shape of the block."""
        terms = self.coefficients(block)
        # Half i + 1 ends window i and begins window i + 1.
        pairs = np.concatenate([terms[:, :-1], terms[:, 1:]], axis=2)
        waves = pairs.reshape(-1, 2 * self.n_terms) @ self.from_terms
        return np.asarray(waves.reshape(len(block), -1)[:, : self.frames.n_samples])


def _offset(
    block: NDArray[np.float32], frames: _Frames, frequency_hz: float, sampling_hz: float,
    harmonics: Sequence[int],
) -> float:  # fmt: skip
    """Offset of the true from the assumed mains frequency, from the phase's way between windows.

    Limited to 0.5 Hz; zero where a block has too few windows.
    """
    if frames.n_frames < 4:
        return 0.0
    strongest = list(harmonics[:1])
    fit = _Fit(frames, frequency_hz / sampling_hz, strongest)
    n_rows = max(1, ROWS_AT_ONCE // block.shape[1])
    terms = np.concatenate([fit.coefficients(block[first : first + n_rows])
                            for first in range(0, len(block), n_rows)])  # fmt: skip
    cosine, sine = np.moveaxis(terms[:, 1:-1], 2, 0)
    phasor = cosine - 1j * sine
    advance = np.sum(phasor[:, 1:] * np.conj(phasor[:, :-1]))
    expected = 2 * np.pi * strongest[0] * frequency_hz * frames.n_hop / sampling_hz
    angle = np.angle(advance * np.exp(-1j * expected))
    offset = angle * sampling_hz / (2 * np.pi * frames.n_hop * strongest[0])
    return float(np.clip(offset, -0.5, 0.5))
