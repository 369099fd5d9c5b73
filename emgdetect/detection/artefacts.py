"""Electrode pops and movement: what a muscle cannot have made.

A pop is a jump that decays, or a spike of a sample or two; through a zero-phase filter it stays
what it is. So each potential is explained twice on the whitened trace, by the bank of muscle-like
shapes (or its own unit) and by jumps and spikes, and what a pop explains better is a pop.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.cutting import cut_candidates
from emgdetect.detection.front import Front, whitening_response
from emgdetect.detection.site import SiteSignal
from emgdetect.signal import matched

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

DECAYS_S = (0.0015, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25)
PIECE_S = 0.022
SHIFT_S = 0.006
POP_MARGIN = 1.0
SLOW_POP_MARGIN = 1.2
POP_ENERGY = 9.0
UNIT_RATIO = 1.1
BESIDE_S = 0.025
FLURRY_S = 0.12
FLURRY_LEAST = 6
WIDELY_SHARE = 0.25
WIDELY_LEAST = 3
MUSCLE = tuple(
    (order, width)
    for order in (1, 2, 3, 4)
    for width in (0.8e-3, 1.2e-3, 1.7e-3, 2.4e-3, 3.4e-3, 4.8e-3)
)
EDGE_BAND = 0.5
EDGE_SHARE = 0.6
SEEN_SHARE = 0.25


def pops(signal: SiteSignal, *, n_threads: int = 1) -> Bools:
    """Potentials that a jump or a spike explains better than any muscle-like shape.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    found, front = signal.found, signal.front
    if front.recording.kind == "needle":
        # A needle's potentials are as sharp as a pop at the skin.
        return np.zeros(len(found.time_s), dtype=bool)
    jump, muscle, edge = np.zeros((3, len(found.time_s)))
    for row in np.unique(signal.channel):
        own = signal.channel == row
        pieces = cut_candidates(front, signal.chunks, found.time_s[own], channels=[int(row)],
                                reach_s=PIECE_S, n_threads=n_threads)[:, 0]  # fmt: skip
        jump[own], muscle[own], edge[own] = explained(front, pieces)
    free = signal.measured.amplitude_uv > 0
    # A slow recording holds little of what tells a jump from a potential.
    margin = POP_MARGIN if front.high_hz >= 400 else SLOW_POP_MARGIN
    popped = (jump > margin * muscle + POP_ENERGY) & (edge > EDGE_SHARE)
    popped &= free & ~_of_a_unit(signal, jump, muscle)
    popped &= ~seen_widely(found.by_channel)
    return popped | beside(found.time_s, popped, BESIDE_S)


def seen_widely(by_channel: NDArray[np.float32]) -> Bools:
    """Potentials that several electrodes of a site see: an electrode pops alone.

    Parameters
    ----------
    by_channel : ndarray, shape (n_found, n_channels)

    Returns
    -------
    ndarray of bool, shape (n_found,)
        False where a site has fewer than four channels: too few to tell.
    """
    if by_channel.shape[1] < 4 or not len(by_channel):
        return np.zeros(len(by_channel), dtype=bool)
    near = by_channel >= WIDELY_SHARE * by_channel.max(axis=1, keepdims=True)
    return np.asarray(near.sum(axis=1) >= WIDELY_LEAST)


def beside(time_s: Floats, marked: Bools, reach_s: float) -> Bools:
    """Times at most so far from a marked one.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.
    marked : ndarray of bool, shape (n,)
    reach_s : float
    """
    low = np.searchsorted(time_s, time_s - reach_s, side="left")
    high = np.searchsorted(time_s, time_s + reach_s, side="right")
    counts = np.concatenate([[0], np.cumsum(marked)])
    return np.asarray(counts[high] > counts[low])


def flurries(signal: SiteSignal) -> Bools:
    """Potentials among so many within a tenth of a second that a cable must have moved.

    Five discharges are the longest short run; more from several units at once, and not again and
    again as in a contraction, are noise that flares up.
    """
    time_s, template = signal.found.time_s, signal.found.template
    low = np.searchsorted(time_s, time_s - FLURRY_S / 2, side="left")
    high = np.searchsorted(time_s, time_s + FLURRY_S / 2, side="right")
    dense = np.array([
        b - a >= FLURRY_LEAST and len(np.unique(template[a:b])) >= 3
        for a, b in zip(low, high, strict=True)
    ], dtype=bool)  # fmt: skip
    return beside(time_s, dense, FLURRY_S / 2)


def _of_a_unit(signal: SiteSignal, jump: Floats, muscle: Floats) -> Bools:
    """Potentials no more pop-like than the others of their unit, of a unit that is none."""
    protected = np.zeros(len(jump), dtype=bool)
    template = signal.found.template
    ratio = jump / np.maximum(muscle, 1e-9)
    for unit in np.unique(template[template >= 0]):
        own = template == unit
        typical = float(np.median(ratio[own]))
        if own.sum() >= 5 and typical < UNIT_RATIO:
            protected |= own & (ratio < max(1.25 * typical, POP_MARGIN))
    return protected


def explained(front: Front, pieces: Floats) -> tuple[Floats, Floats, Floats]:
    """Energy of each piece that pops and that muscle-like shapes explain, and its edge.

    Parameters
    ----------
    front : Front
    pieces : ndarray, shape (n_pieces, n_samples)
        Whitened, in units of noise, centred on the potential.

    Returns
    -------
    pop, muscle : ndarray, shape (n_pieces,)
    edge : ndarray, shape (n_pieces,)
        What the upper half of the band holds of the best pop, as a share of what such a pop holds
        there: about 1 for a true one, whose edge is sharp, about 0 for a potential.
    """
    n_shift = round(SHIFT_S * front.site.sampling_hz * float(front.trace_ratio))
    length = pieces.shape[1] - 2 * n_shift
    pops, edges, muscles = _kernels(front, length)
    windows = sliding_window_view(pieces, length, axis=1)
    size = np.einsum("psl,kl->psk", windows, pops, optimize=True).reshape(len(pieces), -1)
    muscle = np.einsum("psl,kl->psk", windows, muscles, optimize=True).reshape(len(pieces), -1)
    rows = np.arange(len(pieces))
    best = np.abs(size).argmax(axis=1) if len(pieces) else rows
    shift, kind = np.divmod(best, len(pops))
    height = size[rows, best]
    seen = np.einsum("pl,pl->p", windows[rows, shift], edges[kind])
    due = height * np.einsum("kl,kl->k", edges, edges)[kind]
    edge = seen / np.where(due == 0, 1e-12, due)
    return height**2, (muscle**2).max(axis=1, initial=0.0), edge


@lru_cache(maxsize=16)
def _kernels(front: Front, length: int) -> tuple[Floats, Floats, Floats]:
    """Unit-energy pops, what the upper half of the band holds of them, and muscle-like shapes.

    On the whitened trace; each of shape (n_shapes, length).
    """
    up, down = front.trace_ratio.numerator, front.trace_ratio.denominator
    n_raw, n_fft = 2048 * down, 2048 * up
    response = whitening_response(front, n_raw, n_fft)
    rate = front.site.sampling_hz * up / down
    freqs = fft.rfftfreq(n_fft, 1 / rate)[: len(response)]
    omega = 2j * np.pi * freqs
    jumps = np.stack([1 / (omega + 1 / decay) for decay in DECAYS_S] + [np.ones(len(freqs))])
    upper = freqs > EDGE_BAND * front.high_hz
    jumps = jumps * response
    muscle = matched.gaussian_derivatives(freqs, MUSCLE) * response
    return (
        _placed(jumps, jumps, n_fft, length),
        _placed(jumps, jumps * upper, n_fft, length),
        _placed(muscle, muscle, n_fft, length),
    )


def _placed(whole: NDArray[Any], part: NDArray[Any], n_fft: int, length: int) -> Floats:
    """Parts of shapes in time, in units of the whole shape's size.

    The middle of the whole shape's energy lies in the middle of the window.

    Parameters
    ----------
    whole, part : ndarray of complex, shape (n_shapes, n_freqs)
    n_fft, length : int

    Returns
    -------
    ndarray, shape (n_shapes, length)
    """
    waves, parts = (
        np.roll(fft.irfft(spectra, n_fft, axis=1), n_fft // 2, axis=1) for spectra in (whole, part)
    )
    out = np.empty((len(waves), length))
    for row, wave, piece in zip(out, waves, parts, strict=True):
        centre = round(float(np.sum(np.arange(n_fft) * wave**2) / np.sum(wave**2)))
        inside = slice(centre - length // 2, centre - length // 2 + length)
        row[:] = piece[inside] / np.sqrt(np.sum(wave[inside] ** 2))
    return out


def alone_on_grid(signal: SiteSignal) -> Bools:
    """Potentials of a grid that one electrode alone sees, however large they are there."""
    by_channel = signal.found.by_channel
    if by_channel.shape[1] < 6:
        return np.zeros(len(by_channel), dtype=bool)
    ordered = np.sort(by_channel, axis=1)
    return (ordered[:, -1] > 12) & (ordered[:, -2] < SEEN_SHARE * ordered[:, -1])


STEP_SHARE = 1.5


def moves(signal: SiteSignal) -> Bools:
    """Potentials on a lasting step of the baseline that dwarfs them.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    size = np.maximum(signal.measured.amplitude_uv, 1e-9)
    return np.abs(signal.measured.slow_uv) > STEP_SHARE * size
