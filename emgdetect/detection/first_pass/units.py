"""The units of a site: their waveforms, from its candidates, and how the site is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.first_pass.chains import apart, room_of
from emgdetect.detection.first_pass.likeness import likeness
from emgdetect.detection.first_pass.scan import Scan
from emgdetect.detection.first_pass.shared import is_calm
from emgdetect.detection.first_pass.sorting import fit_templates, sort_units
from emgdetect.detection.threads import each
from emgdetect.detection.trace.cells import LEVEL_CELLS, LEVEL_FLOOR
from emgdetect.detection.trace.cutting import View, cut_candidates, reach_of, trace_of
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.signal.colours import Colour, colour_of
from emgdetect.signal.medians import in_parts
from emgdetect.signal.noise import robust_rms, smooth_levels
from emgdetect.signal.spans import covers, intersect, total
from emgdetect.signal.spatial import leading

Floats = NDArray[np.floating[Any]]

PIECE_S = 0.020
"""Seconds to either side that units are sorted on. Set by judgement; not measured."""
GRID_PIECE_S = 0.050
"""The same on a grid, where a potential passes many electrodes. Set by judgement; not measured."""
SHIFT_S = 0.004
"""Seconds by which pieces of a unit may be shifted to fit. Set by judgement; not measured."""
GRID_SHIFT_S = 0.020
"""The same on a grid: its score peaks now here, now there. Set by judgement; not measured."""
MOST_PIECES = 1500
"""Candidates that units are found from, an even choice if there are more. Set by judgement; not
measured."""
MOST_MIXTURES = 16
"""Mixtures of a grid's channels that units are sorted on. Set by judgement; not measured."""
CORE_S = 0.015
"""Seconds around a candidate of which mixtures are to hold what is beyond noise: farther away there
is mostly noise. Set by judgement; not measured."""
QUIET_CHUNKS = 5
"""Quietest chunks of 16 s that a mixture's noise is measured in. Set by judgement; not measured."""
QUIET_S = 0.25
"""Seconds of a piece of them whose spectrum is taken, as in the first look
(`survey.SPECTRUM_S`)."""
TOLERANCE = 0.15
"""Largest misfit of a member of a unit, as a share of its energy, beyond noise. Settled on tuning
seeds, of which scenarios is not told."""
WEAK_LEAST = 5
"""Members of a unit that no single score shows, at least. Set by judgement; not measured."""
WEAK_PER_MIN = 1.5
"""Such members per minute at least: rarer units may be chance likeness. Set by judgement; not
measured."""
WEAK_LIKENESS = 0.93
"""Correlation of such members with each other at least, as a share of what potentials just at the
threshold have. Chosen on 42 tuning recordings (see `surroundings.UNIT_SHARE`): of the potentials
given to units that no single score shows, 129 of 235 false and 695 of 746 true ones are left."""
WEAK_OFTEN = 2.0
"""Multiple of these members from which likeness is not asked for: on the same recordings the units
that noise made had five to eight members in 3 min."""


@dataclass(frozen=True)
class Units:
    """Templates of a site's units and the candidates each explains.

    Attributes
    ----------
    templates : ndarray of float32, shape (n_units, n_channels, n_samples)
    counts : ndarray, shape (n_units,)
    scores : ndarray, shape (n_units,)
        Median of the members' generic scores, which owe nothing to their likeness.
    likeness : ndarray, shape (n_units,)
        Median correlation of a member with the average of the others.
    """

    templates: NDArray[np.float32]
    counts: Floats
    scores: Floats
    likeness: Floats

    def chosen(self, mask: NDArray[np.bool_]) -> Units:
        """Some of the units."""
        return Units(*(getattr(self, name)[mask] for name in Units.__dataclass_fields__))


def believable(units: Units, *, threshold: float, minutes: float, occupancy: float) -> Units:
    """Units that are no chance likeness of noise: seen without them, or frequent and alike.

    The average of three alike pieces of noise fits each of the three, being made of them; so what
    a few members score with their own average says nothing. Pieces of noise that were chosen for
    their score and sorted by their likeness hold more besides than the potentials of a unit do.

    Parameters
    ----------
    units : Units
    threshold : float
        Of the generic score.
    minutes : float
        Analysed time.
    occupancy : float
        Variance of the noise per sample.
    """
    often = units.counts / np.maximum(WEAK_LEAST, WEAK_PER_MIN * minutes)
    alike = units.likeness >= WEAK_LIKENESS * usual_likeness(
        units.counts, size=threshold, noise=occupancy * units.templates[:1].size
    )
    frequent = (often >= WEAK_OFTEN) | ((often >= 1) & alike)
    return units.chosen((units.scores >= threshold) | frequent)


def usual_likeness(counts: Floats, *, size: float, noise: float) -> Floats:
    """Correlation that members of a unit have with the average of the others.

    Parameters
    ----------
    counts : ndarray, shape (n_units,)
        Members of each, more than one.
    size : float
        Norm of their waveform in units of noise.
    noise : float
        Energy of noise in a piece.

    Returns
    -------
    ndarray, shape (n_units,)
        Of the energy of a member and of the average of the others, what is the waveform's.
    """
    one, others = (size**2 / (size**2 + noise / n) for n in (1.0, counts - 1))
    return np.asarray(np.sqrt(one * others))


def find_units(
    front: Front, chunks: list[Chunk], first: Scan, good: NDArray[np.bool_], *, threshold: float,
    n_threads: int, chained: bool = False,
) -> tuple[View, Units]:  # fmt: skip
    """Units of the site from its candidates (an even selection of them, if many).

    Parameters
    ----------
    front : Front
    chunks : list of Chunk
    first : Scan
    good : ndarray of bool, shape (n_candidates,)
        Candidates in time that is analysed.
    threshold : float
        Of the site: weaker ones may be members of a unit, but tell no mixtures of a grid, which
        would then hold what is noise.
    n_threads : int
    chained : bool
        Whether the site has chains of discharges.

    Returns
    -------
    view : View
        All channels, or of a grid the mixtures that hold them.
    units : Units
    """
    time_s, score = first.time_s[good], first.score[good]
    step = max(1, -(-len(time_s) // MOST_PIECES))
    sharpness = min(1.0, 500.0 / front.high_hz)
    rate = front.trace_rate_hz
    share = front.trace_occupancy
    view = _view(front, first)
    grid = front.unmixing is not None
    length_s = sharpness * (GRID_PIECE_S if grid else PIECE_S)
    pieces = cut_candidates(front, chunks, time_s[::step], view=view, reach_s=length_s,
                            n_threads=n_threads)  # fmt: skip
    if chained:
        pieces = apart(pieces, room_of(time_s, score)[::step], rate)
    if view.mixing is not None:
        middle, core = pieces.shape[2] // 2, reach_of(front, sharpness * CORE_S)
        clear = pieces[score[::step] >= threshold, :, middle - core : middle + core + 1]
        basis = leading(clear, MOST_MIXTURES, noise=share)
        mixed = replace(view, mixing=basis @ view.mixing)
        factor, colour = quiet_rows(front, chunks, mixed, first.unusable_s, n_threads=n_threads)
        basis = basis / factor[:, None]
        view = replace(view, mixing=basis @ view.mixing, colour=colour)
        pieces = basis @ pieces
        pieces = colour.whitened(pieces, rate)
    reach = reach_of(front, (GRID_SHIFT_S if grid else SHIFT_S) * sharpness)
    templates, counts = sort_units(
        pieces, reach=reach, tolerance=TOLERANCE, occupancy=share, rate_hz=rate,
        chained=chained,
    )  # fmt: skip
    fit = fit_templates(pieces, templates, reach=reach, occupancy=share)
    owned = [score[::step][fit.template == k] for k in range(len(templates))]
    scores = [float(np.median(own)) if len(own) else 0.0 for own in owned]
    alike = likeness(pieces, templates, fit, counts, reach=reach)
    return view, Units(templates, step * counts, np.array(scores), alike)


def quiet_rows(
    front: Front, chunks: list[Chunk], view: View, unusable_s: Floats, *, n_threads: int = 1
) -> tuple[NDArray[np.float32], Colour]:
    """Noise of each row of a view where it is calm.

    Parameters
    ----------
    front : Front
    chunks : list of Chunk
    view : View
    unusable_s : ndarray, shape (n_spans, 2)
        Time that holds no noise. Of chunks that have half of theirs in it, none is looked at.
    n_threads : int

    Returns
    -------
    factor : ndarray of float32, shape (n_rows,)
        Its RMS, as a factor of what it should be.
    colour : Colour
    """
    rate = front.trace_rate_hz

    def noise_in(chunk: Chunk) -> tuple[NDArray[np.float64], list[NDArray[np.float32]]]:
        trace = trace_of(front, chunk, view)
        values = trace.values[:, trace.keep]
        calm = is_calm(trace.level[0])
        used = ~covers(unusable_s, front.start_s(chunk) + np.arange(len(calm)) / rate)
        calm = calm & used if (calm & used).any() else calm
        return robust_rms(values[:, calm]), quiet_pieces(values, calm, round(QUIET_S * rate))

    chunks = [chunk for chunk in chunks if _mostly_used(front, chunk, unusable_s)] or chunks
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    loudness = np.interp(starts + 1.0, view.level_s, view.level)
    quietest = np.sort(np.argsort(loudness, kind="stable")[:QUIET_CHUNKS])
    found = each(noise_in, [chunks[i] for i in quietest], n_threads)
    share = front.trace_occupancy
    factor = np.median([rms for rms, _ in found], axis=0) / np.sqrt(share)
    pieces = [piece for _, some in found for piece in some]
    colour = colour_of(pieces, rate, low_hz=front.low_hz, high_hz=front.high_hz)
    return factor.astype(np.float32), colour


def _mostly_used(front: Front, chunk: Chunk, unusable_s: Floats) -> bool:
    """Whether less than half of a chunk lies in time that cannot be used."""
    start_s = front.start_s(chunk)
    seconds = (chunk.stop - chunk.start) / front.site.sampling_hz
    return float(total(intersect(unusable_s, [[start_s, start_s + seconds]]))) < seconds / 2


def quiet_pieces(
    values: NDArray[np.float32], calm: NDArray[np.bool_], n: int
) -> list[NDArray[np.float32]]:
    """Pieces of a trace that hold least, so hardly any potential: a third of those in calm time.

    Parameters
    ----------
    values : ndarray of float32, shape (n_rows, n_samples)
    calm : ndarray of bool, shape (n_samples,)
    n : int
        Samples of a piece; of all traces alike.

    Returns
    -------
    list of ndarray of float32, shape (n_rows, n)
        Of all pieces where none is calm; none of a trace that is shorter.
    """
    starts = np.arange(0, values.shape[1] - n + 1, n)
    whole = np.array([bool(calm[i : i + n].all()) for i in starts], dtype=bool)
    starts = starts[whole] if whole.any() else starts
    pieces = [values[:, i : i + n] for i in starts]
    energy = np.array([np.square(piece).sum() for piece in pieces])
    return [pieces[i] for i in np.argsort(energy, kind="stable")[: -(-len(pieces) // 3)]]


def _view(front: Front, first: Scan) -> View:
    """All channels of a site; those of a grid made independent."""
    channels = tuple(range(len(front.channels)))
    if front.unmixing is None:
        return View(channels)

    def typical(level: Floats) -> Floats:
        smooth = smooth_levels(np.maximum(level, LEVEL_FLOOR), LEVEL_CELLS)
        return np.asarray(np.median(smooth, axis=0))

    return View(
        channels, mixing=front.unmixing, level_s=first.cell_s.mean(axis=1),
        level=in_parts(typical, first.level, around=LEVEL_CELLS),
    )  # fmt: skip
