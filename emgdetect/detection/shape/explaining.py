"""What a potential looks like: a muscle's shapes, or the jump or click of an electrode.

Each potential is explained twice on the whitened trace. A jump or click comes as it is, or through
the low-pass of an amplifier, which no zero-phase filter undoes: it makes the edge lean forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.rows import chosen, replaced, stacked
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.trace.cutting import cut_strongest
from emgdetect.detection.trace.front import Front, whitening_response
from emgdetect.signal import matched

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

DECAYS_S = (0.0015, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25)
"""Time constants in seconds of a pop's decay, in steps of two to four (a high-pass of 0.6-100 Hz);
simulated pops decay within 15-500 ms. Set by judgement; not measured."""
CLICK_S = 0.003
"""Decay in seconds below which a pop is a click. Set by judgement; not measured."""
PIECE_S = 0.022
"""Half length in seconds of the pieces that are explained; `SHIFT_S` less at each end. Set by
judgement; not measured."""
SHIFT_S = 0.006
"""Seconds by which a shape may be shifted within its piece. Set by judgement; not measured."""
FAR_S = 0.010
"""Seconds between a peak and its template's middle from which a click is looked for at the peak,
too: they were found 11 to 27 ms apart. Set by judgement; not measured."""
CLICK_WHOLE = 0.8
"""Share of the energy there that a click has to explain. Set by judgement; not measured."""
AT_ONCE = 1000
"""Pieces explained at once: each is held under every shift and shape, which takes memory. Set by
judgement; not measured."""
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
CORNERS_HZ = (350.0, 500.0)
"""Corners in Hz of the low-pass filters of amplifiers that jumps are looked for behind: 400-500 Hz
are usual in surface EMG."""
CORNER_REACH = 1.25
"""Times the band's upper edge above which a corner makes no difference. Set by judgement; not
measured."""
CORNER_ORDER = 4
"""Order of those Butterworth filters. Set by judgement; not measured."""


@dataclass(frozen=True)
class Jumps:
    """The best pop of each piece.

    Attributes
    ----------
    energy : ndarray, shape (n_pieces,)
        What it explains.
    edge : ndarray, shape (n_pieces,)
        What the upper half of the band holds of it, as a share of what such a pop holds there:
        about 1 for a true one, whose edge is sharp, about 0 for a potential.
    edge_score : ndarray, shape (n_pieces,)
        What such a pop holds there, in units of noise.
    click : ndarray of bool, shape (n_pieces,)
        Whether it is a spike or is over within a few milliseconds: not slow, as a jump is.
    """

    energy: Floats
    edge: Floats
    edge_score: Floats
    click: NDArray[np.bool_]


@dataclass(frozen=True)
class Explained:
    """What pops and muscle-like shapes explain of pieces of the whitened trace.

    Attributes
    ----------
    plain, filtered : Jumps
        The best pop as it is, and the best of those that went through an amplifier's low-pass, too.
    muscle : ndarray, shape (n_pieces,)
        Energy that the best muscle-like shape explains.
    whole : ndarray, shape (n_pieces,)
        Energy of the piece beyond what noise may hold.
    """

    plain: Jumps
    filtered: Jumps
    muscle: Floats
    whole: Floats


def explain_potentials(signal: SiteSignal, *, n_threads: int = 1) -> Explained:
    """Explain each potential of a site on its strongest channel.

    A click may lie so far beside the middle of its template that the piece misses it: it is looked
    for where the potential peaks, too.
    """
    found_s, peak_s = signal.found.time_s, signal.measured.peak_s
    far = np.flatnonzero(np.abs(peak_s - found_s) > FAR_S)
    time_s = np.concatenate([found_s, peak_s[far]])
    # All at once and in order of time: each chunk is read once.
    order = np.argsort(time_s, kind="stable")
    pieces = cut_strongest(
        signal.front, signal.chunks, time_s[order],
        np.concatenate([signal.channel, signal.channel[far]])[order],
        reach_s=PIECE_S, n_threads=n_threads,
    )[np.argsort(order, kind="stable")]  # fmt: skip
    fit, there = (_some_at_once(signal.front, some) for some in np.split(pieces, [len(found_s)]))
    click = there.filtered.click & (there.filtered.energy > CLICK_WHOLE * there.whole)
    return replaced(fit, far[click], chosen(there, click))


def _some_at_once(front: Front, pieces: Floats) -> Explained:
    """Explain pieces some at a time: each is held under every shift and shape."""
    starts = range(0, max(1, len(pieces)), AT_ONCE)
    return stacked([explained(front, pieces[i : i + AT_ONCE]) for i in starts])


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
    n_shift = round(SHIFT_S * front.trace_rate_hz)
    length = pieces.shape[1] - 2 * n_shift
    pops, edges, muscles = _kernels(front, length)
    windows = sliding_window_view(pieces, length, axis=1)
    muscle = np.einsum("psl,kl->psk", windows, muscles, optimize=True)
    size = np.einsum("psl,kl->psk", windows, pops, optimize=True)
    return Explained(
        plain=_best(windows, size[:, :, : len(DECAYS_S) + 1], edges),
        filtered=_best(windows, size, edges),
        muscle=(muscle**2).max(axis=(1, 2), initial=0.0), whole=_beyond_noise(front, pieces),
    )  # fmt: skip


def _best(windows: Floats, size: Floats, edges: Floats) -> Jumps:
    """The best pop of each piece, of all shifts and shapes.

    Parameters
    ----------
    windows : ndarray, shape (n_pieces, n_shifts, n_samples)
    size : ndarray, shape (n_pieces, n_shifts, n_shapes)
        Of each pop in each window.
    edges : ndarray, shape (n_shapes or more, n_samples)
        What the upper half of the band holds of the pops.
    """
    rows, flat = np.arange(len(size)), size.reshape(len(size), size.shape[1] * size.shape[2])
    best = np.abs(flat).argmax(axis=1)
    shift, kind = np.divmod(best, size.shape[2])
    height = flat[rows, best]
    seen = np.einsum("pl,pl->p", windows[rows, shift], edges[kind])
    hold = np.sqrt(np.einsum("kl,kl->k", edges, edges))[kind]
    due = height * hold**2
    decay_s = np.resize([*DECAYS_S, 0.0], len(edges))[kind]
    return Jumps(height**2, seen / np.where(due == 0, 1e-12, due), np.abs(height) * hold,
                 decay_s < CLICK_S)  # fmt: skip


def _beyond_noise(front: Front, pieces: Floats) -> Floats:
    """Energy of each piece less what noise holds, and two standard deviations of that."""
    noise = front.trace_occupancy * pieces.shape[1]
    energy = np.einsum("ps,ps->p", pieces, pieces)
    return np.asarray(np.maximum(energy - noise - 2 * np.sqrt(2 * noise), 0.0))


_KERNELS: WeakKeyDictionary[Front, dict[int, tuple[Floats, Floats, Floats]]]
_KERNELS = WeakKeyDictionary()
"""Shapes by length; gone with their front and its recording."""


def _kernels(front: Front, length: int) -> tuple[Floats, Floats, Floats]:
    """Unit-energy pops, what the upper half of the band holds of them, and muscle-like shapes.

    On the whitened trace; each of shape (n_shapes, length).
    """
    known = _KERNELS.setdefault(front, {})
    if length not in known:
        known[length] = _made_kernels(front, length)
    return known[length]


def _made_kernels(front: Front, length: int) -> tuple[Floats, Floats, Floats]:
    """The same, made anew."""
    up, down = front.trace_ratio.numerator, front.trace_ratio.denominator
    n_raw, n_fft = 2048 * down, 2048 * up
    response = whitening_response(front, n_raw, n_fft)
    rate = front.site.sampling_hz * up / down
    freqs = fft.rfftfreq(n_fft, 1 / rate)[: len(response)]
    omega = 2j * np.pi * freqs
    jumps = np.stack([1 / (omega + 1 / decay) for decay in DECAYS_S] + [np.ones(len(freqs))])
    corners = [corner for corner in CORNERS_HZ if corner < CORNER_REACH * front.high_hz]
    jumps = np.concatenate([jumps, *(jumps * _low_pass(freqs, corner) for corner in corners)])
    upper = freqs > EDGE_BAND * front.high_hz
    jumps = jumps * response
    muscle = matched.gaussian_derivatives(freqs, MUSCLE) * response
    return (
        _placed(jumps, jumps, n_fft, length),
        _placed(jumps, jumps * upper, n_fft, length),
        _placed(muscle, muscle, n_fft, length),
    )


def _low_pass(freqs_hz: Floats, corner_hz: float) -> NDArray[np.complex128]:
    """Response of an amplifier's Butterworth low-pass, with its delay; shape (n_freqs,)."""
    # By its poles on the left half of the unit circle; SciPy's takes 0.5 s to load.
    angles = np.pi * (0.5 + (np.arange(CORNER_ORDER) + 0.5) / CORNER_ORDER)
    distance = 1j * (freqs_hz / corner_hz)[:, None] - np.exp(1j * angles)
    return np.asarray(1 / distance.prod(axis=1))


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
