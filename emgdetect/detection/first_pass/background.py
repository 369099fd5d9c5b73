"""The noise's spectrum learnt again, from where the first scan saw nothing but noise.

The first look takes the quietest pieces of a recording for noise. Where a muscle is not quite
relaxed, noise may be lowest just where a unit fires, and beats of a heart lie in most pieces: their
spectrum is then that of units and beats. What whitens it leaves the noise coloured, and its scores
exceed what white noise reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.first_pass.scan import Scan
from emgdetect.detection.threads import each
from emgdetect.detection.trace.blocks import read_block
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.trace.survey import SPECTRUM_S
from emgdetect.signal import filters, noise
from emgdetect.signal.spans import complement, covers, intersect, merge

Floats = NDArray[np.floating[Any]]
Spans = NDArray[np.floating[Any]]

MOST_CHUNKS = 16
"""Chunks of 16 s that the spectrum is learnt from, an even choice of more: 4 min. Set by judgement;
not measured."""
AROUND_S = 0.03
"""Seconds to either side of a candidate that are no noise alone. Set by judgement; not measured."""
BEAT_S = 0.10
"""The same of a beat, which is not taken out wholly where its shape varies. Set by judgement; not
measured."""
QUIET_SHARE = 0.5
"""Share of the quietest such pieces that are used: muscles at rest are not always. Set by
judgement; not measured."""
LEAST_PIECES = 40
"""Pieces below which the spectrum stays as it was: 10 s. Their median then scatters by a fifth. Set
by judgement; not measured."""
DIFFERENT_DB = 1.0
"""Difference of the two spectra in dB (a standard deviation over bands of 8 Hz) up to which the
first stays. Where no unit fires regularly it is 0.3 to 0.6 at each of 36 sites of another simulator
(clean, weak, heart, 3 min), which is chance; where units fill the quietest time, 2 to 6."""
DOUBT_DB = 25.0
"""The same times the root of the number of pieces: 1 dB for 3 min, in which chance makes half of
that."""

IN_BAND = 0.9
"""Share of the upper band edge up to which spectra are compared: beyond, filters end them."""


def with_background(
    front: Front, chunks: Sequence[Chunk], first: Scan, calm_s: Spans, *, n_threads: int
) -> Front:
    """The front with the spectrum of what the first scan left between candidates and beats.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    first : Scan
        With the spectrum of the first look.
    calm_s : ndarray, shape (n_spans, 2)
        Time that is analysed.
    n_threads : int
        The result does not depend on it.

    Returns
    -------
    Front
        As it was where too little is free or the spectra hardly differ, and for a grid or a needle,
        around whose potentials there are always others.
    """
    if front.unmixing is not None or front.recording.kind == "needle":
        return front
    chosen = chunks[:: max(1, -(-len(chunks) // MOST_CHUNKS))]
    free = free_spans(first, [wave.time_s for wave in front.heart], calm_s)
    parts = each(partial(_pieces, front, free), chosen, n_threads)
    pieces = np.concatenate([own for own, _ in parts])
    loudness = np.concatenate([own for _, own in parts])
    alive = np.flatnonzero(loudness > 1e-3 * np.median(loudness)) if len(loudness) else loudness
    if len(alive) * QUIET_SHARE < LEAST_PIECES:
        return front
    order = alive[np.argsort(loudness[alive], kind="stable")]
    quiet = order[: round(QUIET_SHARE * len(order))]
    scaled = pieces[quiet] / loudness[quiet, None]
    freqs, found = noise.noise_spectrum(scaled, front.site.sampling_hz, quantile=0.5)
    density = np.interp(front.noise_freqs_hz, freqs, found)
    if _difference_db(front, density) < max(DIFFERENT_DB, DOUBT_DB / np.sqrt(len(quiet))):
        return front
    return replace(front, density=density)


def _difference_db(front: Front, density: Floats) -> float:
    """Standard deviation of the ratio of a density to the front's, over bands of 8 Hz."""
    freqs = front.noise_freqs_hz
    inside = (freqs >= front.low_hz) & (freqs <= IN_BAND * front.high_hz)
    ratio = 10 * np.log10(np.maximum(density, 1e-30) / np.maximum(front.density, 1e-30))[inside]
    return float(np.std(ratio[: len(ratio) // 2 * 2].reshape(-1, 2).mean(axis=1)))


def free_spans(first: Scan, beats_s: Sequence[Floats], calm_s: Spans) -> Spans:
    """Analysed time away from candidates and beats, shape (n_spans, 2)."""
    marks = [first.time_s[:, None] + [-AROUND_S, AROUND_S]]
    marks += [times[:, None] + [-BEAT_S, BEAT_S] for times in beats_s]
    stirred = merge(np.concatenate(marks))
    free = [intersect(complement(stirred, *span), [span]) for span in calm_s]
    return np.concatenate([np.zeros((0, 2)), *free])


def _pieces(front: Front, free_s: Spans, chunk: Chunk) -> tuple[Floats, Floats]:
    """Free pieces of a chunk and their level in the detection band, channel by channel.

    Returns
    -------
    pieces : ndarray, shape (n, n_samples)
    loudness : ndarray, shape (n,)
    """
    rate, block = front.site.sampling_hz, read_block(front, chunk)
    n = round(SPECTRUM_S * rate)
    starts = np.arange(0, chunk.stop - chunk.start - n + 1, max(1, n // 2))
    at_s = front.start_s(chunk) + starts / rate
    span = np.searchsorted(free_s[:, 0], at_s, side="right") - 1
    whole = covers(free_s, at_s)
    whole[whole] = free_s[span[whole], 1] >= at_s[whole] + SPECTRUM_S
    window = block.n_before + starts[whole][:, None] + np.arange(n)
    banded = filters.filter_zero_phase(block.raw, rate, low_hz=front.low_hz, high_hz=front.high_hz)
    pieces = block.raw[:, window].reshape(-1, n)
    return pieces, noise.robust_rms(banded[:, window].reshape(-1, n))
