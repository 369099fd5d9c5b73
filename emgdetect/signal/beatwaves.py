"""The typical beat of each channel: learned from many, subtracted from each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

CORE_S = 0.06
"""Half the length by which a beat is fitted: a QRS lasts 80-100 ms. Set by judgement; not
measured."""
CLEAR_S = 0.03
"""Length in which a wave's energy is compared with what its two halves differ by. Set by judgement;
not measured."""
CLEAR_RATIO = 2.0
"""How many times that difference has to be exceeded before anything is subtracted. Set by
judgement; not measured."""
SPREAD = 0.1
"""Usual spread of a beat's size: the breath changes it by some 8 % (as simulated)."""
JITTER_S = 0.001
"""Usual error of a beat's time: a few tenths of a millisecond between most beats and their found
times on tuning seeds 0-1, and the breath moves the lead."""
STRAY = 0.25
"""Departure from the other beats' size that a potential on top of the beat must have made. Set by
judgement; not measured."""
FEWEST = 5
"""Beats of a block whose median tells their usual size. Set by judgement; not measured."""


@dataclass(frozen=True, eq=False)
class BeatWave:
    """Beats of one kind and what each channel sees of them.

    Attributes
    ----------
    time_s : ndarray, shape (n_beats,)
        In order.
    wave : ndarray of float32, shape (n_channels, n_times)
        Zero where a channel does not see the beat clearly.
    n_before : int
        Samples of `wave` before the beat's time.
    sampling_hz : float
    rms : ndarray, shape (n_channels,)
        Noise of each channel: what a single beat's fit is blurred by.
    """

    time_s: Floats
    wave: Floats32
    n_before: int
    sampling_hz: float
    rms: Floats

    @cached_property
    def core(self) -> slice:
        """The samples of the QRS, by which size and place of each beat are fitted."""
        half = round(CORE_S * self.sampling_hz)
        start = max(0, self.n_before - half)
        return slice(start, min(self.wave.shape[1], self.n_before + half + 1))

    @cached_property
    def slope(self) -> Floats32:
        """Derivative of the wave per sample, shape (n_channels, n_times)."""
        return np.gradient(self.wave, axis=1).astype(np.float32)

    @cached_property
    def fitting(self) -> Floats32:
        """What gives scale and shift of a beat from its core, shape (n_channels, 2, n_core)."""
        n_core = self.core.stop - self.core.start
        line = np.stack([np.ones(n_core), np.linspace(-1, 1, n_core)])
        out = np.zeros((len(self.wave), 2, n_core), dtype=np.float32)
        for own, wave, slope in zip(out, self.wave, self.slope, strict=True):
            if wave.any():
                design = np.vstack([wave[self.core], -slope[self.core], line]).T
                own[...] = np.linalg.pinv(design.astype(np.float64))[:2]
        return out


def typical_wave(windows: Floats) -> tuple[Floats32, Floats32]:
    """The median beat, and how far it is to be doubted.

    Parameters
    ----------
    windows : ndarray, shape (n_beats, n_channels, n_times)
        At least two beats.

    Returns
    -------
    mean, doubt : ndarray of float32, shape (n_channels, n_times)
        Half the sum and half the difference of what every other beat and the rest show.
    """
    even, odd = np.median(windows[::2], axis=0), np.median(windows[1::2], axis=0)
    return ((even + odd) / 2).astype(np.float32), ((even - odd) / 2).astype(np.float32)


def faded(mean: Floats, doubt: Floats, sampling_hz: float) -> Floats32:
    """A wave where it is clear, zero where it is not.

    Parameters
    ----------
    mean, doubt : ndarray, shape (n_channels, n_times)
        Half the sum and half the difference of what two halves of the beats show.
    sampling_hz : float
    """
    size = max(1, round(CLEAR_S * sampling_hz))
    energy = ndimage.uniform_filter1d(np.square(mean, dtype=float), size, axis=1)
    noise = ndimage.uniform_filter1d(np.square(doubt, dtype=float), size, axis=1)
    # One level of doubt for the wave: within 30 ms its own estimate is itself uncertain.
    noise = np.maximum(noise, np.mean(noise, axis=1, keepdims=True))
    gain = np.clip(1 - CLEAR_RATIO * noise / np.maximum(energy, 1e-12), 0, 1)
    gain = ndimage.uniform_filter1d(gain, size, axis=1)
    edge = np.minimum(np.arange(mean.shape[1]), np.arange(mean.shape[1])[::-1]) / size
    return np.asarray(mean * gain * np.clip(edge, 0, 1), dtype=np.float32)


def subtract_beats(
    data: Floats32, first_s: float, beats: BeatWave, channels: NDArray[np.int64]
) -> None:
    """Take the beats out of a block, in place.

    Each beat is fitted by scale and place: the breath changes both.

    Parameters
    ----------
    data : ndarray of float32, shape (n_rows, n_samples)
    first_s : float
        Time of the first sample.
    beats : BeatWave
    channels : ndarray of int, shape (n_rows,)
        Row of the wave that belongs to each row of the data.
    """
    rows = np.flatnonzero(beats.wave[channels].any(axis=1))
    n, n_times, rate = data.shape[1], beats.wave.shape[1], beats.sampling_hz
    reach = np.array([beats.n_before - n_times, n + beats.n_before]) / rate + first_s
    low, high = np.searchsorted(beats.time_s, reach)
    start = (beats.time_s[low:high] - first_s) * rate - beats.n_before
    if not len(rows) or not len(start):
        return
    own = channels[rows]
    whole = np.rint(start).astype(int)
    scale, shift = _fitted(data, rows, whole, start - whole, beats, own)
    wave, slope = beats.wave[own], beats.slope[own]
    for i, at in enumerate(whole):
        low, high = max(0, at), min(n, at + n_times)
        part = slice(low - at, high - at)
        model = scale[i][:, None] * wave[:, part] - shift[i][:, None] * slope[:, part]
        data[rows, low:high] -= model


def _fitted(
    data: Floats32, rows: NDArray[np.int64], start: NDArray[np.int64], fraction: Floats,
    beats: BeatWave, own: NDArray[np.int64],
) -> tuple[Floats32, Floats32]:  # fmt: skip
    """Scale and shift (in samples) of each beat and row, shape (n_beats, n_rows) each.

    Drawn towards 1 and the beat's time as far as noise blurs them, and towards the other beats
    where a potential that happens to lie on the beat pulls them away.
    """
    core, fitting = beats.core, beats.fitting[own]
    n, n_core = data.shape[1], core.stop - core.start
    scale = np.ones((len(start), len(own)), dtype=np.float32)
    shift = np.repeat(fraction[:, None], len(own), axis=1).astype(np.float32)
    inside = np.flatnonzero((start + core.start >= 0) & (start + core.start + n_core <= n))
    for i in inside:
        at = start[i] + core.start
        fit = np.einsum("rkc,rc->rk", fitting, data[rows, at : at + n_core])
        scale[i], shift[i] = fit[:, 0], fit[:, 1] / np.maximum(np.abs(fit[:, 0]), 0.3)
    noise = np.square(fitting).sum(axis=2) * np.square(beats.rms[own])[:, None]
    # Where a wave is seen beside its QRS alone, the fit tells nothing.
    noise[~beats.wave[own][:, core].any(axis=1)] = np.inf
    middle = _middle(scale[inside], noise[:, 0])
    scale = np.where(np.abs(scale - middle) > STRAY, middle, scale)
    scale = middle + (scale - middle) * SPREAD**2 / (SPREAD**2 + noise[:, 0])
    usual = JITTER_S * beats.sampling_hz
    off = (shift - fraction[:, None]) * usual**2 / (usual**2 + noise[:, 1])
    shift = fraction[:, None] + np.clip(off, -3 * usual, 3 * usual)
    return scale.astype(np.float32), (scale * shift).astype(np.float32)


def _middle(scale: Floats32, noise: Floats) -> Floats:
    """Usual size of the beats of a block, drawn towards 1 as far as their median is blurred.

    A wave of which the core holds next to nothing fits anything at hundreds of times its size, and
    a contraction spreads sizes far more than the site's noise does.

    Parameters
    ----------
    scale : ndarray, shape (n_beats, n_rows)
    noise : ndarray, shape (n_rows,)
        Variance of each scale.
    """
    if len(scale) < FEWEST:
        return np.ones(len(noise))
    middle = np.median(scale, axis=0)
    spread = np.median(np.abs(scale - middle), axis=0) / 0.6745
    blur = np.pi / 2 * np.maximum(noise, spread**2) / len(scale)
    return np.asarray(1 + (middle - 1) * STRAY**2 / (STRAY**2 + blur))
