"""Mains hum: its removal by regression on sinusoids in short windows.

A notch rings around each potential and fails when mains is off by half a hertz (Mewett 2004).
Here the sinusoids are fitted in windows of a second to a trace whose potentials are left out, so
amplitude and phase may wander and a potential contributes next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.signal.medians import row_medians
from emgdetect.signal.sinusoids import Fit, Frames, Waves, rows_at_once

Floats = NDArray[np.floating[Any]]

WINDOW_S = 1.0
"""Seconds of the windows of the fit, which overlap by half. Set by judgement; not measured."""
RAIL_WINDOW_S = 0.5
"""The same where railway current is among the lines, whose frequency wanders more. Of 590
potentials beside it (an independent simulator, two recordings) 14, 11 and 16 are missed and 128, 16
and 25 others counted with 1, 0.5 and 0.3 s, and one fit of what is left."""
RAIL_TIMES = 5
"""Fits of what is left of it: with 1, 3 and 6 in all, 16, 5 and 2 others are counted there."""
CLIP = 3.0
"""Robust RMS of what the first fit leaves, of the block or of half a window, beyond which a sample
does not enter the second: there the first one stands. Set by judgement; not measured."""
MOVED_TIMES = 4
"""Fits of what is left where the baseline jumps. Beside a jump of 3 mV on mains of 40 µV, what is
left of mains is 0.45, 0.18 and under 0.15 of the noise's RMS with 2, 3 and 4
(tests/signal/test_hum.py)."""
LIMIT_STEP = 3
"""Every so many samples tell that RMS."""
FEWEST_SAMPLES = 8
"""Samples of a block that hum can be fitted to, and of half a window, at least."""


@dataclass(frozen=True, eq=False)
class Hum:
    """Mains sinusoids fitted to a block, faded from window to window.

    Attributes
    ----------
    frequency_hz : float
        As found in the block.
    terms : ndarray of float32, shape (n_channels, n_frames, n_terms), optional
        Coefficients of each window; None where they were not kept.
    """

    frequency_hz: float
    terms: NDArray[np.float32] | None


def remove_hum(
    block: Floats, sampling_hz: float, *, frequency_hz: float, harmonics: Sequence[float],
) -> NDArray[np.float32]:  # fmt: skip
    """The block without mains sinusoids, whose amplitude and phase may wander.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_samples)
        Baseline roughly at zero.
    sampling_hz, frequency_hz : float
    harmonics : sequence of float
        Multiples of `frequency_hz` to remove; none leaves the block as it is.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_samples)
    """
    if not len(harmonics) or block.shape[1] < FEWEST_SAMPLES:
        return np.asarray(block, dtype=np.float32)
    out = np.array(block, dtype=np.float32)
    frequency_hz += mains_offset(out, sampling_hz, frequency_hz=frequency_hz, harmonics=harmonics)
    fit_hum(out, sampling_hz, frequency_hz=frequency_hz, harmonics=harmonics)
    return out


def fit_hum(
    block: NDArray[np.float32], sampling_hz: float, *, frequency_hz: float,
    harmonics: Sequence[float],
) -> NDArray[np.float32]:  # fmt: skip
    """Fit sinusoids of a known frequency to each channel and take them out, in place.

    Parameters
    ----------
    block : ndarray of float32, shape (n_channels, n_samples)
        At least `FEWEST_SAMPLES`.
    sampling_hz, frequency_hz : float
    harmonics : sequence of float
        At least one.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_frames, n_terms)
        What `subtract_hum` needs to do the same again.
    """
    fit = _fit_of(block, sampling_hz, frequency_hz, harmonics)
    n_period = max(3, round(sampling_hz / (frequency_hz * min(harmonics))))
    terms = np.empty((len(block), fit.frames.n_frames, fit.n_terms), dtype=np.float32)
    for rows in rows_at_once(block):
        rest, first = block[rows], fit.coefficients(block[rows])
        rest -= fit.sinusoids(first)
        second = _again(rest, fit, n_period)
        for _ in range(RAIL_TIMES if min(harmonics) < 1 else 0):
            more = fit.coefficients(_without_outliers(rest, fit.frames.n_hop)[0])
            rest -= fit.sinusoids(more)
            second += more
        np.add(first, second, out=terms[rows])
    return terms


def _again(rest: NDArray[np.float32], fit: Fit, n_period: int) -> NDArray[np.float32]:
    """Coefficients of the sinusoids that a first fit left, which are taken out, in place.

    A jump bends the first fit for a second, and what follows it lies off the block's baseline: such
    rows are fitted around their own moving baseline, in which a period of mains cancels.
    """
    quiet, moved = _without_outliers(rest, fit.frames.n_hop)
    terms = fit.coefficients(quiet)
    rest -= fit.sinusoids(terms)
    for _ in range(MOVED_TIMES if moved.any() else 0):
        flat = rest[moved]
        flat -= ndimage.uniform_filter1d(flat, n_period, axis=1)
        more = fit.coefficients(_without_outliers(flat, fit.frames.n_hop)[0])
        rest[moved] -= fit.sinusoids(more)
        terms[moved] += more
    return terms


def _without_outliers(
    rest: NDArray[np.float32], n_hop: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """What a fit left, centred, and zero where it exceeds what is usual there and in the block.

    Left out, not cut off: the flanks of large potentials would still pull. Also which rows hold
    half a window in which far more is left than in the block.
    """
    sample = np.ascontiguousarray(rest[:, ::LIMIT_STEP])
    centre = row_medians(sample)[:, None]
    sample -= centre
    usual = row_medians(np.abs(sample, out=sample))[:, None]
    quiet = np.asarray(rest - centre, dtype=np.float32)
    level = np.maximum(usual, _levels(sample, n_hop, rest.shape[1]))
    limit = CLIP * level / 0.6745
    n_whole = rest.shape[1] // n_hop
    for halves, most in (
        (quiet[:, : n_whole * n_hop].reshape(len(rest), n_whole, n_hop), limit[:, :n_whole]),
        (quiet[:, None, n_whole * n_hop :], limit[:, n_whole:]),
    ):
        if halves.size:
            np.copyto(halves, 0, where=np.abs(halves) > most[..., None])
    return quiet, np.asarray(level.max(axis=1) > CLIP * usual[:, 0])


def _levels(sizes: NDArray[np.float32], n_hop: int, n_samples: int) -> NDArray[np.float32]:
    """Median of every `LIMIT_STEP`-th size in each half of a window, those at its edges included.

    As halves need not begin where a sample was taken, some hold one more than others.
    """
    starts = np.arange(0, n_samples, n_hop)
    stops = np.minimum(-(-(starts + n_hop) // LIMIT_STEP), sizes.shape[1])
    starts //= LIMIT_STEP
    levels = np.empty((len(sizes), len(starts)), dtype=np.float32)
    for n in np.unique(stops - starts):
        some = np.flatnonzero(stops - starts == n)
        windows = np.lib.stride_tricks.sliding_window_view(sizes, n, axis=1)
        levels[:, some] = row_medians(windows[:, starts[some]])
    return levels


def subtract_hum(
    block: NDArray[np.float32], sampling_hz: float, hum: Hum, harmonics: Sequence[float]
) -> None:
    """Take sinusoids that were fitted before out of a block, in place.

    Parameters
    ----------
    block : ndarray of float32, shape (n_channels, n_samples)
    sampling_hz : float
    hum : Hum
        With the terms of these channels.
    harmonics : sequence of float
        Those that it was fitted with.

    Raises
    ------
    ValueError
        If the coefficients of the sinusoids were not kept.
    """
    if hum.terms is None:
        raise ValueError("the coefficients of the sinusoids were not kept")
    frames = Frames(block.shape[1], _hop(sampling_hz, harmonics))
    waves = Waves(frames, hum.frequency_hz / sampling_hz, harmonics)
    for rows in rows_at_once(block):
        rest = block[rows]
        rest -= waves.sinusoids(hum.terms[rows])


def _fit_of(
    block: Floats, sampling_hz: float, frequency_hz: float, harmonics: Sequence[float]
) -> Fit:
    frames = Frames(block.shape[1], _hop(sampling_hz, harmonics))
    return Fit(frames, frequency_hz / sampling_hz, harmonics)


def window_s(harmonics: Sequence[float]) -> float:
    """Seconds of the windows of the fit; lines below mains are those of railway current."""
    return RAIL_WINDOW_S if min(harmonics) < 1 else WINDOW_S


def _hop(sampling_hz: float, harmonics: Sequence[float]) -> int:
    return max(FEWEST_SAMPLES, round(window_s(harmonics) * sampling_hz / 2))


def mains_offset(
    block: NDArray[np.float32], sampling_hz: float, *, frequency_hz: float,
    harmonics: Sequence[float],
) -> float:  # fmt: skip
    """Offset of the true from the assumed mains frequency, from the phase's way between windows.

    Parameters
    ----------
    block : ndarray of float32, shape (n_channels, n_samples)
    sampling_hz, frequency_hz : float
    harmonics : sequence of float
        At least one; the first tells.

    Returns
    -------
    float
        In Hz, limited to 0.5; zero where a block has too few windows.
    """
    fit = _fit_of(block, sampling_hz, frequency_hz, harmonics[:1])
    if fit.frames.n_frames < 4:
        return 0.0
    terms = np.concatenate([fit.coefficients(block[rows]) for rows in rows_at_once(block)])
    cosine, sine = np.moveaxis(terms[:, 1:-1], 2, 0)
    phasor = cosine - 1j * sine
    advance = np.sum(phasor[:, 1:] * np.conj(phasor[:, :-1]))
    turns = harmonics[0] * fit.frames.n_hop / sampling_hz
    angle = np.angle(advance * np.exp(-2j * np.pi * turns * frequency_hz))
    return float(np.clip(angle / (2 * np.pi * turns), -0.5, 0.5))
