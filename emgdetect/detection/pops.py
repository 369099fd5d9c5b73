"""Electrode pops: jumps that decay, and spikes of a sample or two.

Through a zero-phase filter a pop stays what it is. So each potential is explained twice on the
whitened trace, by the bank of muscle-like shapes and by jumps and spikes; and a pop has a sharp
edge, that is a share of high frequencies that no potential under the skin has.
Chosen on tuning seeds of clean, busy, measured and movement (`benchmarks/accuracy.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.cutting import cut_strongest
from emgdetect.detection.front import Front, occupancy, whitening_response
from emgdetect.detection.site import SiteSignal
from emgdetect.signal import matched

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

DECAYS_S = (0.0015, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25)
"""Time constants in seconds of a pop's decay, in steps of two to four (a high-pass of 0.6-100 Hz);
simulated pops decay within 15-500 ms. Set by judgement; not measured."""
AT_ONCE = 1000
"""Pieces explained at once: each is held under every shift and shape, which takes memory. Set by
judgement; not measured."""
PIECE_S = 0.022
"""Half length in seconds of the pieces that are explained; `SHIFT_S` less at each end. Set by
judgement; not measured."""
SHIFT_S = 0.006
"""Seconds by which a shape may be shifted within its piece. Set by judgement; not measured."""
POP_MARGIN = 1.0
"""Times as much as a muscle-like shape that a pop has to explain; chosen on tuning seeds of clean,
busy, measured and movement (benchmarks/accuracy.py)."""
SLOW_HZ = 400.0
"""Upper band edge in Hz below which a recording holds little of what tells a jump from a potential.
Set by judgement; not measured."""
SLOW_MARGIN = 1.2
"""`POP_MARGIN` there. Set by judgement; not measured."""
SHIFT_MARGIN = 1.0
"""The same there if the trace stays shifted after the potential; chosen, as the next two, on tuning
seeds of clean, busy, movement and all_at_once at 512 Hz: 27 of 4140 potentials were called pops,
and 70 of 175 others, instead of 91 and 61 by the rule of fast recordings."""
SHIFTED = 0.08
"""Difference of the trace's means after and before, as a share of the amplitude, from which it is
shifted; potentials are biphasic or triphasic."""
UNIT_SHIFTED = 0.15
"""Median of that difference from which a steady unit is none of muscle: single potentials have at
most 0.12 in 98 % (tuning seeds of clean, busy, movement and all_at_once at 0.5, 1 and 2 kHz)."""
SLOW_SHARP_SCORE = 20.0
"""Score from which there a sharp edge is a pop's beyond doubt."""
AROUND_S = (0.010, 0.028)
"""Seconds before and after a peak of which those means are. Set by judgement; not measured."""
POP_ENERGY = 9.0
"""Energy in units of noise variance by which it has to explain more, in addition; chosen on tuning
seeds of clean, busy, measured and movement (benchmarks/accuracy.py)."""
UNIT_LEAST = 4
"""Potentials from which a unit is judged as one. Set by judgement; not measured."""
UNIT_RATIO = 1.2
"""Median of pop over muscle energy below which a steady unit is of muscle, however sharp it looks
now and then. Of 704 units of the tuning seeds of clean, busy, movement and all_at_once one has more
(512 Hz) and none more than 1.09 at 1 and 2 kHz, where templates of pops have 1.35 to 1.51."""
UNIT_SPREAD = 0.22
"""Spread of the log amplitudes (a robust standard deviation) below which a unit is steady; units
vary by 10 % in the simulation, pops have 8 to 150 x noise; chosen on tuning seeds of clean, busy,
measured and movement (benchmarks/accuracy.py)."""
NOISE_SPREAD = 1.5
"""Spread of log amplitudes that noise adds, times the score: a weak unit looks less steady. Set by
judgement; not measured."""
POP_SHARE = 0.75
"""Share of a piece's energy beyond noise that a pop has to explain. Set by judgement; not
measured."""
MUSCLE = tuple(
    (order, width)
    for order in (1, 2, 3, 4)
    for width in (0.8e-3, 1.2e-3, 1.7e-3, 2.4e-3, 3.4e-3, 4.8e-3)
)
"""Orders and widths in seconds of the muscle-like shapes: more of both than the bank has, as here
they compete with pops. Set by judgement; not measured."""
EDGE_BAND = 0.5
"""Share of the band's upper edge from which frequencies tell a sharp edge; chosen on tuning seeds
of clean, busy, measured and movement (benchmarks/accuracy.py)."""
EDGE_SHARE = 0.6
"""Share of a pop's own high frequencies that a piece has to hold; chosen on tuning seeds of clean,
busy, measured and movement (benchmarks/accuracy.py)."""
SHARP_EDGE = (0.75, 1.2)
"""Range of that share in which an edge is a pop's beyond doubt; chosen on tuning seeds of clean,
busy, measured and movement (benchmarks/accuracy.py)."""
SHARP_MARGIN = 0.85
"""With such an edge, times the muscle-like shape's energy that suffice; chosen on tuning seeds of
clean, busy, measured and movement (benchmarks/accuracy.py)."""
SHARP_SCORE = 5.0
"""What the high frequencies of such a pop hold at least, in units of noise; chosen on tuning seeds
of clean, busy, measured and movement (benchmarks/accuracy.py)."""


@dataclass(frozen=True)
class Explained:
    """What pops and muscle-like shapes explain of pieces of the whitened trace.

    Attributes
    ----------
    jump, muscle : ndarray, shape (n_pieces,)
        Energy that the best pop, and that the best muscle-like shape, explains.
    edge : ndarray, shape (n_pieces,)
        What the upper half of the band holds of the best pop, as a share of what such a pop holds
        there: about 1 for a true one, whose edge is sharp, about 0 for a potential.
    edge_score : ndarray, shape (n_pieces,)
        What such a pop holds there, in units of noise.
    whole : ndarray, shape (n_pieces,)
        Energy of the piece beyond what noise may hold.
    """

    jump: Floats
    muscle: Floats
    edge: Floats
    edge_score: Floats
    whole: Floats

    def like_pops(
        self, margin: float | Floats = POP_MARGIN, *, sharp: bool | Bools = True
    ) -> Bools:
        """Pieces that a pop explains `margin` times better, or has an edge `sharp` beyond doubt."""
        better = (self.jump > margin * self.muscle + POP_ENERGY) & (self.edge > EDGE_SHARE)
        edged = (self.edge > SHARP_EDGE[0]) & (self.edge < SHARP_EDGE[1])
        edged &= (self.edge_score > SHARP_SCORE) & sharp
        alike = better | (edged & (self.jump > SHARP_MARGIN * self.muscle))
        return np.asarray(alike & (self.jump > POP_SHARE * self.whole))


def explain_potentials(signal: SiteSignal, *, n_threads: int = 1) -> Explained:
    """Explain each potential of a site on its strongest channel."""
    pieces = cut_strongest(signal.front, signal.chunks, signal.found.time_s, signal.channel,
                           reach_s=PIECE_S, n_threads=n_threads)  # fmt: skip
    # Some at a time: a piece is looked at under every shift and kernel, which takes memory.
    starts = range(0, max(1, len(pieces)), AT_ONCE)
    parts = [explained(signal.front, pieces[i : i + AT_ONCE]) for i in starts]
    names = Explained.__dataclass_fields__
    return Explained(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def pops(signal: SiteSignal, fit: Explained) -> Bools:
    """Potentials that a jump or a spike explains better than any muscle-like shape.

    What repeats at a steady size is a unit, however sharp it looks now and then, and so is what a
    muscle-like shape mostly explains better: its members are judged together.

    Parameters
    ----------
    signal : SiteSignal
    fit : Explained

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    shift = shift_after(signal)
    if signal.front.high_hz >= SLOW_HZ:
        popped = fit.like_pops()
    else:
        margin = np.where(shift > SHIFTED, SHIFT_MARGIN, SLOW_MARGIN)
        popped = fit.like_pops(margin, sharp=signal.found.score > SLOW_SHARP_SCORE)
    template, size = signal.found.template, signal.measured.amplitude_uv
    ratio = fit.jump / np.maximum(fit.muscle, 1e-9)
    for unit in np.unique(template[template >= 0]):
        own = template == unit
        typical, shifted = float(np.median(ratio[own])), float(np.median(shift[own]))
        if own.sum() < UNIT_LEAST or shifted > UNIT_SHIFTED:
            continue
        muscle = typical < 1 and shifted < SHIFTED
        if typical < UNIT_RATIO and (muscle or _steady(size[own], signal.found.score[own])):
            popped[own & (ratio < max(1.25 * typical, POP_MARGIN))] = False
    return popped & (size > 0)


def shift_after(signal: SiteSignal) -> Floats:
    """How far the mild trace after each potential lies from that before it, as a share of its size.

    Returns
    -------
    ndarray, shape (n_found,)
    """
    snippet, rate = signal.measured.snippet_uv, signal.site.sampling_hz
    centre = snippet.shape[1] // 2
    near, far = (round(reach * rate) for reach in AROUND_S)
    before = snippet[:, centre - far : centre - near].mean(axis=1)
    after = snippet[:, centre + near : centre + far].mean(axis=1)
    return np.asarray(np.abs(after - before) / np.maximum(signal.measured.amplitude_uv, 1e-9))


def _steady(size: Floats, score: Floats) -> bool:
    """Whether amplitudes vary as little as those of one unit in noise."""
    logs = np.log(np.maximum(size, 1e-9))
    spread = 1.4826 * float(np.median(np.abs(logs - np.median(logs))))
    return bool(spread < np.hypot(UNIT_SPREAD, NOISE_SPREAD / float(np.median(score))))


def explained(front: Front, pieces: Floats) -> Explained:
    """Explain pieces by jumps and spikes, and by muscle-like shapes.

    Parameters
    ----------
    front : Front
    pieces : ndarray, shape (n_pieces, n_samples)
        Whitened, in units of noise, centred on the potential.

    Returns
    -------
    Explained
    """
    n_shift = round(SHIFT_S * front.site.sampling_hz * float(front.trace_ratio))
    length = pieces.shape[1] - 2 * n_shift
    pops, edges, muscles = _kernels(front, length)
    windows = sliding_window_view(pieces, length, axis=1)
    n, n_shifts = windows.shape[:2]
    size = np.einsum("psl,kl->psk", windows, pops, optimize=True)
    size = size.reshape(n, n_shifts * len(pops))
    muscle = np.einsum("psl,kl->psk", windows, muscles, optimize=True)
    muscle = muscle.reshape(n, n_shifts * len(muscles))
    rows = np.arange(len(pieces))
    best = np.abs(size).argmax(axis=1)
    shift, kind = np.divmod(best, len(pops))
    height = size[rows, best]
    seen = np.einsum("pl,pl->p", windows[rows, shift], edges[kind])
    hold = np.sqrt(np.einsum("kl,kl->k", edges, edges))[kind]
    due = height * hold**2
    edge = seen / np.where(due == 0, 1e-12, due)
    return Explained(
        jump=height**2, muscle=(muscle**2).max(axis=1, initial=0.0), edge=edge,
        edge_score=np.abs(height) * hold, whole=_beyond_noise(front, pieces),
    )  # fmt: skip


def _beyond_noise(front: Front, pieces: Floats) -> Floats:
    """Energy of each piece less what noise holds, and two standard deviations of that."""
    rate = front.site.sampling_hz * float(front.trace_ratio)
    noise = occupancy(round(rate, 3), front.low_hz, front.high_hz) * pieces.shape[1]
    energy = np.einsum("ps,ps->p", pieces, pieces)
    return np.asarray(np.maximum(energy - noise - 2 * np.sqrt(2 * noise), 0.0))


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
