"""What each electrode sees of a potential: its generic score, and on a grid its size.

A grid is explained by a few mixtures of its channels; so the channels themselves are worked out
only around potentials, each in a window of its own of the cleaned block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.second_pass.measuring import GRID_FAR_S
from emgdetect.detection.trace.bank import bank_matrix
from emgdetect.detection.trace.blocks import Block
from emgdetect.detection.trace.front import Front
from emgdetect.detection.trace.windows import Windows
from emgdetect.signal.filters import mild_response

Floats32 = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

BANK_S = 0.03
"""Seconds around that which the bank needs: its widest filter is over after 20 ms."""
NEAR_S = 0.004
"""Seconds around a peak in which its channels are looked at. Set by judgement; not measured."""
GRID_NEAR_S = 0.025
"""The same on a grid: electrodes see a potential one after the other. Set by judgement; not
measured."""


@dataclass(frozen=True)
class OnGrid:
    """What the channels of a grid see of the potentials of a chunk.

    Attributes
    ----------
    score : ndarray of float32, shape (n, n_channels)
        Largest generic score near each, of what it has beyond the noise that all share.
    size : ndarray of float32, shape (n, n_channels or 0)
        Peak-to-peak amplitude in the mild band over the noise.
    waves : mapping of int to (int, ndarray of float32, shape (n_channels, n_samples))
        By unit, how many of its potentials were added up, and their sum in the mild band in µV.
    """

    score: Floats32
    size: Floats32
    waves: Mapping[int, tuple[int, Floats32]]


def sizes_of(template: Ints, seen: Sequence[OnGrid], rms_uv: Floats) -> Floats32:
    """Peak-to-peak amplitude of each potential on each channel of a grid, over the noise.

    Parameters
    ----------
    template : ndarray of int, shape (n,)
        Unit of each; below 0 where none is known.
    seen : sequence of OnGrid
        At least one; of chunks that hold them one after the other.
    rms_uv : ndarray, shape (n_channels,)
        Noise of the channels.

    Returns
    -------
    ndarray of float32, shape (n, n_channels or 0)
        Of a unit, that of its average: the noise of an electrode lifts that of each discharge.
    """
    size = np.concatenate([one.size for one in seen])
    for unit in np.unique(template[template >= 0]):
        parts = [one.waves[unit] for one in seen if unit in one.waves]
        if parts:
            average = np.sum([wave for _, wave in parts], axis=0) / sum(n for n, _ in parts)
            size[template == unit] = np.ptp(average, axis=1) / rms_uv
    return size


def scores_near(front: Front, values: Floats32, rate_hz: float, at: Ints) -> Floats32:
    """Largest generic score of each row of a trace around samples.

    Parameters
    ----------
    front : Front
    values : ndarray of float32, shape (n_rows, n_samples)
        Trace of channels in units of noise.
    rate_hz : float
    at : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of float32, shape (n, n_rows)
    """
    reach, around = _reach(front, rate_hz)
    window = np.clip(at[:, None] + np.arange(-around, around + 1), 0, values.shape[1] - 1)
    found = np.empty((len(at), len(values)), dtype=np.float32)
    for row, samples in zip(found, window, strict=True):
        row[:] = _largest(front, values[:, samples], rate_hz, reach)
    return found


def seen_on_grid(
    front: Front, block: Block, core: Ints, level: Floats32, template: Ints, *, low_hz: float
) -> OnGrid:
    """What all channels of a grid see of potentials.

    Parameters
    ----------
    front : Front
    block : Block
        With all channels.
    core : ndarray of int, shape (n,)
        Samples of the trace, from the start of the chunk itself on.
    level : ndarray, shape (n_core,)
        Noise level of the trace of the chunk itself.
    template : ndarray of int, shape (n,)
        Unit in whose sum each is; below 0 for none.
    low_hz : float
        Lower edge of the mild band.
    """
    waves: dict[int, tuple[int, Floats32]] = {}
    windows = Windows(front)
    band = mild_response(windows.n_raw, front.site.sampling_hz, low_hz)
    score, size = np.empty((2, len(core), len(block.raw)), dtype=np.float32)
    rate = front.trace_rate_hz
    reach, around = _reach(front, rate)
    far = round(GRID_FAR_S * front.site.sampling_hz)
    scale = (1.0 / front.rms_uv).astype(np.float32)[:, None]
    for i, at in enumerate(core):
        spectrum, first = windows.spectrum(block, int(at))
        trace = windows.unmixed(spectrum)
        centre = windows.place(int(at), first)
        # The level goes on as it is beyond the ends of the chunk.
        own = np.clip(np.arange(at - around, at + around + 1), 0, len(level) - 1)
        piece = trace[:, centre - around : centre + around + 1] / level[own]
        score[i] = _largest(front, piece, rate, reach)
        mild = fft.irfft(spectrum * band, windows.n_raw, axis=1)
        middle = round(int(at) * windows.down / windows.up) - first
        mild = mild[:, middle - far : middle + far + 1]
        size[i] = np.ptp(mild, axis=1) * scale[:, 0]
        if (unit := int(template[i])) >= 0:
            number, wave = waves.get(unit, (0, np.zeros_like(mild)))
            waves[unit] = number + 1, wave + mild
    return OnGrid(score, size, waves)


def _reach(front: Front, rate_hz: float) -> tuple[int, int]:
    """Samples around a potential that are looked at, and that the bank needs for that."""
    reach = round((NEAR_S if front.unmixing is None else GRID_NEAR_S) * rate_hz)
    return reach, reach + round(BANK_S * rate_hz)


def _largest(front: Front, piece: Floats32, rate_hz: float, reach: int) -> Floats32:
    """Largest output of the bank within `reach` of the middle of a piece, by row."""
    matrix = bank_matrix(piece.shape[1], reach, round(rate_hz, 6), front.low_hz, front.high_hz)
    return np.asarray(np.abs(piece @ matrix).max(axis=1))
