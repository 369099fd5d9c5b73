"""Electrode pops: jumps that decay, and spikes of a sample or two.

Through a zero-phase filter a pop stays what it is. So each potential is explained twice on the
whitened trace, by the bank of muscle-like shapes and by jumps and spikes; and a pop has a sharp
edge, that is a share of high frequencies that no potential under the skin has.
Chosen on tuning seeds of clean, busy, measured and movement (`benchmarks/accuracy.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.shape.explaining import Explained
from emgdetect.detection.shape.steady import CLICK_SPREAD, MANY, steady, very_steady
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.noise import robust_rms

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

FILTERED_MARGIN = (1.05, 0.97)
"""Times as much as a muscle-like shape that a pop behind a low-pass has to explain, for a potential
of a unit and for one of none. Chosen, as the next two, on recordings of two simulators above 800 Hz
(clean, busy, weak, movement, healthy and more): with them 41 of 17017 potentials and 284 of 442
pops, spikes and clicks look like pops, before units are judged as such; with an edge that is sharp
as it is instead, 84 and 214."""
FILTERED_EDGE = (0.6, 1.3)
"""Share of such a pop's own high frequencies that a piece has to hold."""
FILTERED_SCORE = (10.0, 6.0)
"""What those hold at least, in units of noise, for a potential of a unit and for one of none."""
STRONG_SCORE = 25.0
"""What those hold from which a potential of no unit has more of them than one under the skin; with
the next three 1 of 195 potentials and 26 of 226 pops, spikes and clicks beyond the rule above."""
STRONG_EDGE = (0.7, 1.3)
"""Share of them that such a piece has to hold."""
STRONG_SHARE = 0.5
"""Share of its energy beyond noise that a pop has to explain."""
STRONG_MARGIN = 0.8
"""Times as much as a muscle-like shape that a pop has to explain of it."""
CLICKS_LEAST = 3
"""Potentials from which a unit may be clicks. Set by judgement; not measured."""
CLICK_RATIO = 0.92
"""Median of pop over muscle energy from which a unit may be clicks. Chosen, with the next three, on
the recordings of `FILTERED_MARGIN` and of tremor: 1 of more than 900 units of muscle and 19 of 78
others."""
CLICK_EDGE = (0.75, 1.25)
"""Range of their median share of high frequencies."""
CLICK_EDGE_SPREAD = 0.15
"""Spread of that share (a robust standard deviation) that clicks stay below."""
CLICK_SHARE = 0.75
"""Share of them that are explained best by a click rather than by a jump. Set by judgement; not
measured."""
SIZED_LEAST = 6
"""Potentials from which those of one score have a common size, whatever noise makes of their
amplitudes, and from which a steady unit that is slow has one. Set by judgement; with the second 13
potentials of one unit are counted in 48 recordings of an independent simulator, and no pop."""
SIZED_SPREAD = 0.1
"""Spread of the log scores, robust as well, below which they have. Of 172 recordings of three
simulators one unit of muscle looks like clicks and has 0.06, clicks have 0.11 to 0.5."""
SLOW_HZ = 400.0
"""Upper band edge in Hz below which a recording holds little of what tells a jump from a potential.
Set by judgement; not measured."""
SLOW_MARGIN = 1.2
"""Times as much as a muscle-like shape that a pop has to explain there; 1 otherwise. Set by
judgement; not measured."""
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
SHIFTED_SLOW = 0.75
"""Median slow share from which many of one size that leave the trace shifted are none of muscle,
either. The potential of `UNIT_SHIFTED` has 0.65; beats of a weak heart that was not found, of
another recording, have 0.9. Set by judgement."""
SLOW_SHARP_SCORE = 20.0
"""Score from which there a sharp edge is a pop's beyond doubt."""
AROUND_S = (0.010, 0.028)
"""Seconds before and after a peak of which those means are. Set by judgement; not measured."""
POP_ENERGY = 9.0
"""Energy in units of noise variance by which it has to explain more, in addition; chosen on tuning
seeds of clean, busy, measured and movement (benchmarks/accuracy.py)."""
UNIT_LEAST = 3
"""Potentials from which a unit is judged as one. Set by judgement; not measured."""
UNIT_RATIO = 1.2
"""Median of pop over muscle energy below which a steady unit is of muscle, however sharp it looks
now and then. Of 704 units of the tuning seeds of clean, busy, movement and all_at_once one has more
(512 Hz) and none more than 1.09 at 1 and 2 kHz, where templates of pops have 1.35 to 1.51."""
UNIT_JUMP = 0.5
"""Median slow share below which a steady unit is no jumps. Of the same recordings units of jumps
that a jump explains `UNIT_RATIO` times better have that or more, those of muscle that or less."""
CERTAIN_SCORE = 50.0
"""What the high frequencies of a click of a small unit hold from which it is one for certain. Of
9600 counted potentials of the same simulator none has more, with the next, and the most has 34."""
CERTAIN_WHOLE = 0.9
"""Share of its energy beyond noise that a click has to explain of it."""
UNIT_SLOW = 0.6
"""Median slow share from which a unit that a jump explains as well is none of muscle: five
templates of pops of that simulator have 0.58 to 0.9, such units of muscle at most 0.57."""
POP_SHARE = 0.75
"""Share of a piece's energy beyond noise that a pop has to explain. Set by judgement; not
measured."""
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

JUMP_SLOW = 0.25
"""Slow share that a jump has at least (`shares.slow_shares`): one that decays within 4 ms or more
has 0.27 or more behind any high-pass of up to 20 Hz and fourth order."""
DECAY_SLOW = 0.5
"""Slow share from which a jump need not be sharp. Looked at, with the next two and before units are
judged as such, on 28 recordings of an independent simulator: 46 of 6305 counted potentials and 71
of 168 counted pops."""
DECAY_MARGIN = 0.9
"""Times as much as a muscle-like shape that it has to explain of it."""
DECAY_WHOLE = 0.5
"""Share of its energy beyond noise that it has to explain."""


def pops(signal: SiteSignal, fit: Explained, slow: Floats) -> Bools:
    """Potentials that a jump or a spike explains better than any muscle-like shape.

    What repeats at a steady size is a unit, however sharp it looks now and then, and so is what a
    muscle-like shape mostly explains better: its members are judged together.

    Parameters
    ----------
    signal : SiteSignal
    fit : Explained
    slow : ndarray, shape (n_found,)
        Share of their energy that is slow.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    shift = shift_after(signal)
    size, score = signal.measured.amplitude_uv, signal.found.score
    popped = _alike(signal, fit, shift) & (fit.filtered.click | (slow > JUMP_SLOW))
    popped |= _decaying(fit, slow)
    template = signal.found.template
    for unit in np.unique(template[template >= 0]):
        own = np.flatnonzero(template == unit)
        if signal.front.high_hz >= SLOW_HZ and _clicks(fit, own, size[own], score[own]):
            popped[own] = True
        else:
            popped[own] &= ~_of_muscle(signal, fit, own, shift[own], slow[own])
    return popped & (size > 0)


def _alike(signal: SiteSignal, fit: Explained, shift: Floats) -> Bools:
    """Potentials that look like a pop, each on its own."""
    lone, score = signal.found.template < 0, signal.found.score
    enough = fit.filtered.energy > POP_SHARE * fit.whole
    if signal.front.high_hz >= SLOW_HZ:
        alike = _better(fit, 1.0) | _behind_filter(fit, lone=lone)
        return np.asarray((alike & enough) | (lone & _strong(fit)))
    margin = np.where(shift > SHIFTED, SHIFT_MARGIN, SLOW_MARGIN)
    return np.asarray((_better(fit, margin) | _sharp(fit, score > SLOW_SHARP_SCORE)) & enough)


def _decaying(fit: Explained, slow: Floats) -> Bools:
    """Pieces as slow as a jump that decays, which explains them about as well, however blunt."""
    jumps = fit.filtered
    alike = (jumps.energy > DECAY_MARGIN * fit.muscle) & (jumps.energy > DECAY_WHOLE * fit.whole)
    return np.asarray(alike & ~jumps.click & (slow > DECAY_SLOW))


def _of_muscle(
    signal: SiteSignal, fit: Explained, own: NDArray[np.int64], shift: Floats, slow: Floats
) -> Bools:
    """Members of a unit that are of muscle, as their unit is, however sharp they look."""
    muscle = np.maximum(fit.muscle[own], 1e-9)
    plain, ratio = fit.plain.energy[own] / muscle, fit.filtered.energy[own] / muscle
    typical, shifted = float(np.median(ratio)), float(np.median(shift))
    none = np.zeros(len(own), dtype=bool)
    size, score = signal.measured.amplitude_uv[own], signal.found.score[own]
    ends_slowly = signal.front.high_hz >= SLOW_HZ and very_steady(size, score)
    ends_slowly &= bool(np.median(slow) < SHIFTED_SLOW)
    if len(own) < UNIT_LEAST or (shifted > UNIT_SHIFTED and not ends_slowly):
        return none
    of_one_size = steady(size, score)
    jumps = np.median(plain) >= UNIT_RATIO and not (of_one_size and np.median(slow) < UNIT_JUMP)
    sized = of_one_size and len(own) >= SIZED_LEAST
    if jumps or (typical >= 1 and np.median(slow) > UNIT_SLOW and not sized):
        return none
    if (typical >= 1 or shifted >= SHIFTED) and not of_one_size:
        return none
    # A few clicks may be of one size by chance.
    certain = _certain(fit)[own] & (len(own) < MANY)
    return np.asarray((ratio < max(1.25 * typical, 1.0)) & ~certain)


def _certain(fit: Explained) -> Bools:
    """Clicks so large that what explains nearly all of them better is beyond doubt."""
    jumps = fit.filtered
    edged = (jumps.edge > STRONG_EDGE[0]) & (jumps.edge < STRONG_EDGE[1])
    edged &= (jumps.edge_score > CERTAIN_SCORE) & (jumps.energy > CERTAIN_WHOLE * fit.whole)
    return np.asarray(edged & jumps.click & (jumps.energy > FILTERED_MARGIN[0] * fit.muscle))


def _clicks(fit: Explained, own: NDArray[np.int64], size: Floats, score: Floats) -> bool:
    """Whether a unit is clicks of any size: all with the edge of one, which no two units share."""
    if len(own) < CLICKS_LEAST or size.min() <= 0:
        return False
    if len(own) >= SIZED_LEAST and robust_rms(np.log(score)) < SIZED_SPREAD:
        return False
    edge, logs = fit.filtered.edge[own], np.log(size)
    ratio = fit.filtered.energy[own] / np.maximum(fit.muscle[own], 1e-9)
    edged = CLICK_EDGE[0] < float(np.median(edge)) < CLICK_EDGE[1]
    edged &= bool(robust_rms(edge) < CLICK_EDGE_SPREAD)
    edged &= bool(fit.filtered.click[own].mean() >= CLICK_SHARE)
    return bool(edged and np.median(ratio) > CLICK_RATIO and robust_rms(logs) > CLICK_SPREAD)


def _better(fit: Explained, margin: float | Floats) -> Bools:
    """Pieces that a pop as it is explains `margin` times better, with some of its edge."""
    enough = fit.plain.energy > margin * fit.muscle + POP_ENERGY
    return np.asarray(enough & (fit.plain.edge > EDGE_SHARE))


def _behind_filter(fit: Explained, *, lone: Bools) -> Bools:
    """Pieces that a pop behind a low-pass explains better, with the edge that such a pop has."""
    jumps = fit.filtered
    alike = jumps.energy > np.where(lone, *FILTERED_MARGIN[::-1]) * fit.muscle + POP_ENERGY
    alike &= (jumps.edge > FILTERED_EDGE[0]) & (jumps.edge < FILTERED_EDGE[1])
    return np.asarray(alike & (jumps.edge_score > np.where(lone, *FILTERED_SCORE[::-1])))


def _strong(fit: Explained) -> Bools:
    """Strong pieces with the edge of a click that some filter not foreseen has bent."""
    jumps = fit.filtered
    edged = (jumps.edge > STRONG_EDGE[0]) & (jumps.edge < STRONG_EDGE[1])
    edged &= (jumps.edge_score > STRONG_SCORE) & (jumps.energy > STRONG_SHARE * fit.whole)
    return np.asarray(edged & (jumps.energy > STRONG_MARGIN * fit.muscle))


def _sharp(fit: Explained, beyond: Bools) -> Bools:
    """Pieces, of those chosen, with an edge that is a pop's beyond doubt."""
    jumps = fit.plain
    edged = (jumps.edge > SHARP_EDGE[0]) & (jumps.edge < SHARP_EDGE[1])
    edged &= (jumps.edge_score > SHARP_SCORE) & beyond
    return np.asarray(edged & (jumps.energy > SHARP_MARGIN * fit.muscle))


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
