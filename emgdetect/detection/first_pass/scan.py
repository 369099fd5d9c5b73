"""The first pass: candidates by a generic matched bank, and the level of the noise around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.first_pass.shared import site_score
from emgdetect.detection.threads import each
from emgdetect.detection.trace.bank import bank_pairs
from emgdetect.detection.trace.blocks import PAD_S, Block, read_block
from emgdetect.detection.trace.cells import (
    CELL_S,
    PARTS,
    colour_of_cells,
    crests_of,
    interpolate_cells,
    levels_of,
    mirrored,
    room_for,
    samples_of_cell,
)
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.trace.standby import off_cells
from emgdetect.detection.trace.sway import sway_levels
from emgdetect.detection.trace.whitening import Spectrum, whiten
from emgdetect.signal import matched
from emgdetect.signal.spans import merge, spans_where

Floats = NDArray[np.floating[Any]]

TAIL_FROM = 3.0
"""Score from which maxima are kept for the noise's tail. Set by judgement; not measured."""
END_S = 0.02
"""Seconds at the ends of a segment in which a grid has no score: a mirror image lies beyond, of all
channels at once. Set by judgement; not measured."""
OFF_CELLS = 4
"""Cells of 0.25 s for which a site is off at least: what is shorter, or beside what was filled, is
held or clipped. Without it 11 potentials of movement were excluded as flat on reporting seeds."""
TAIL_PER_S = 30.0
"""Four times what the tail is read from; hours of maxima of a grid would fill the memory."""


@dataclass(frozen=True)
class Scan:
    """Candidates of a site and the course of its noise.

    Attributes
    ----------
    segment : ndarray of int, shape (n_candidates,)
        In order of time.
    time_s : ndarray, shape (n_candidates,)
    score : ndarray, shape (n_candidates,)
        In units of the local noise of the score; the largest of the channels.
    by_channel : ndarray of float32, shape (n_candidates, n_channels)
        The score of each channel within 4 ms.
    tail_s, tail_score : ndarray, shape (n_maxima,)
        Time and score of local maxima from `TAIL_FROM` on, the largest `TAIL_PER_S` of each chunk:
        what the noise's tail is read from.
    cell_s : ndarray, shape (n_cells, 2)
        Start and stop of each cell of time.
    level : ndarray of float32, shape (n_channels, n_cells)
        Noise level of each cell in units of the quiet noise, unsmoothed; of a cell with time that
        cannot be used, that of the nearest other.
    colour : ndarray of float32, shape (2, n_channels, n_cells)
        Tilt and hump of the spectrum: log ratio of the level in the widest filters to that in the
        narrowest, and of the level in those between to the mean of both.
    sway : ndarray of float32, shape (n_cells,)
        Size of slow waves in µV.
    crest : ndarray of float32, shape (n_cells, PARTS)
        Largest score in each part of each cell, in units of the quiet noise.
    missing_s, held_s, clipped_s : ndarray, shape (n_spans, 2)
        Time in which at least half of the channels are not usable.
    """

    segment: NDArray[np.int64]
    time_s: Floats
    score: Floats
    by_channel: NDArray[np.float32]
    tail_s: Floats
    tail_score: Floats
    cell_s: Floats
    level: NDArray[np.float32]
    colour: NDArray[np.float32]
    sway: NDArray[np.float32]
    crest: NDArray[np.float32]
    missing_s: Floats
    held_s: Floats
    clipped_s: Floats

    @property
    def unusable_s(self) -> Floats:
        """Spans of time that cannot be used, for any of these reasons; shape (n_spans, 2)."""
        return np.asarray(merge(np.concatenate([self.missing_s, self.held_s, self.clipped_s])))

    def above(self, threshold: float) -> Scan:
        """The same with the candidates of at least that score."""
        rows = self.score >= threshold
        if rows.all():
            return self
        return replace(self, segment=self.segment[rows], time_s=self.time_s[rows],
                       score=self.score[rows], by_channel=self.by_channel[rows])  # fmt: skip


def scan(front: Front, chunks: Sequence[Chunk], *, threshold: float, n_threads: int = 1) -> Scan:
    """Find all candidates of a site above a threshold.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    threshold : float
        In units of the local noise of the score.
    n_threads : int
        Chunks at work at once; the result does not depend on it.
    """
    level, colour, places = room_for(front, chunks)
    jobs = [(chunk, level[:, own], colour[:, :, own])
            for chunk, own in zip(chunks, places, strict=True)]  # fmt: skip
    found = _joined(each(partial(_scan_chunk, front, threshold), jobs, n_threads), level, colour)
    off = spans_where(off_cells(found.level, front.rms_uv) & ~_unusable(found))
    off = off[off[:, 1] - off[:, 0] >= OFF_CELLS]
    off_s = np.stack([found.cell_s[off[:, 0], 0], found.cell_s[off[:, 1] - 1, 1]], axis=1)
    found = replace(found, held_s=merge(np.concatenate([found.held_s, off_s])))
    fill_unusable(found)
    return found


def fill_unusable(found: Scan) -> None:
    """Give cells with time that cannot be used the level and colour of others, in place.

    Nothing was recorded there: it is not the site's noise at its quietest. What lies beside is
    mirrored, so that what is usual at the site stays so: one cell's chance is not.
    """
    dead = _unusable(found)
    alive = np.flatnonzero(~dead)
    if not len(alive):
        return
    for first, last in spans_where(dead):
        n, k = last - first, int(np.searchsorted(alive, first))
        at = mirrored(alive[max(0, k - n) : k], alive[k : k + n], n)
        found.level[:, first:last] = found.level[:, at]
        found.colour[:, :, first:last] = found.colour[:, :, at]


def _unusable(found: Scan) -> NDArray[np.bool_]:
    """Cells with time that cannot be used."""
    spans, (start, stop) = found.unusable_s, found.cell_s.T
    # How many spans have begun before a cell ends, and how many have ended before it starts.
    begun, ended = np.searchsorted(spans[:, 0], stop), np.searchsorted(spans[:, 1], start, "right")
    return np.asarray(begun > ended)


def _scan_chunk(
    front: Front, threshold: float, job: tuple[Chunk, NDArray[np.float32], NDArray[np.float32]]
) -> Scan:
    """Scan a chunk; level and colour of its cells are written into the room they have."""
    chunk, level, colour = job
    block = read_block(front, chunk)
    spectrum = whiten(front, block, front.scan_ratio)
    rate, keep = spectrum.rate_hz, spectrum.keep
    (narrow, middle, wide), energy = _bank_parts(front, spectrum)
    n_cell = samples_of_cell(rate)
    colour[:] = colour_of_cells(narrow[:, keep], middle[:, keep], wide[:, keep], n_cell)
    whole = np.maximum(np.maximum(narrow, middle, out=middle), wide, out=middle)
    np.sqrt(whole, out=whole)
    cells, smooth = levels_of(front, whole, spectrum, n_cell, round(PAD_S / CELL_S))
    level[:] = cells
    crest = crests_of(whole[:, keep], n_cell, cells.shape[1])
    score = whole[:, keep] / interpolate_cells(smooth, n_cell, keep.stop - keep.start)
    best = site_score(front, score, energy[keep], smooth, n_cell, rate)
    if front.unmixing is not None:
        dull_ends(front, chunk, best, slice(0, len(best)), rate)
    tail = matched.local_maxima(best, TAIL_FROM)
    tail = tail[matched.strongest_apart(tail, best[tail], front.apart_s * rate)]
    peaks = tail[best[tail] >= threshold]
    n_tail = round(TAIL_PER_S * (keep.stop - keep.start) / rate)
    tail = np.sort(tail[np.argsort(-best[tail], kind="stable")[:n_tail]])
    start_s = front.start_s(chunk)
    edges = start_s + np.arange(cells.shape[1] + 1) * n_cell / rate
    edges[-1] = start_s + (chunk.stop - chunk.start) / front.site.sampling_hz
    return Scan(
        segment=np.full(len(peaks), chunk.segment),
        time_s=start_s + peaks / rate,
        score=best[peaks],
        by_channel=_channel_scores(score, peaks, round(0.004 * rate)),
        tail_s=start_s + tail / rate,
        tail_score=best[tail],
        cell_s=np.stack([edges[:-1], edges[1:]], axis=1),
        level=level,
        colour=colour,
        sway=sway_levels(
            block.raw,
            front.site.sampling_hz,
            slice(block.n_before, block.n_before + chunk.stop - chunk.start),
            cells.shape[1],
        ),
        crest=crest,
        **_bad_spans(front, block, start_s),
    )


def dull_ends(
    front: Front, chunk: Chunk, score: NDArray[np.float32], keep: slice, rate_hz: float
) -> None:
    """Take the score of a grid from the ends of a segment, in place.

    Beyond them each channel goes on as its own mirror image, all of them at once.
    """
    n = round(END_S * rate_hz)
    if chunk.start == 0:
        score[: keep.start + n] = 0
    if chunk.stop == front.recording.segments[chunk.segment].n_samples(front.site.sampling_hz):
        score[max(0, keep.stop - n) :] = 0


def _bank_parts(
    front: Front, spectrum: Spectrum
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """Squared score of the narrowest filters, of those between, of the widest; the shared energy.

    Context included.
    """
    scale = (1.0 / front.rms_uv).astype(np.float32)
    if front.unmixing is None:
        values = spectrum.values * scale[:, None]
    else:
        # Real parts and imaginary parts are mixed alike: a real product takes half as long.
        parts = spectrum.values.view(np.float32)
        values = ((front.unmixing * scale) @ parts).view(np.complex64)
        if front.colour is not None:
            values *= front.colour.gain(spectrum.n_fft, spectrum.rate_hz)
    n = spectrum.n_fft
    pairs = bank_pairs(n, spectrum.rate_hz, front.low_hz, front.high_hz)
    return matched.paired_outputs(
        values, pairs, n, keep=slice(0, n), shared=front.unmixing is not None
    )


def _channel_scores(score: Floats, peaks: NDArray[np.int64], reach: int) -> NDArray[np.float32]:
    """Largest score of each channel within `reach` samples; shape (n_peaks, n_channels)."""
    if not len(peaks):
        return np.zeros((0, len(score)), dtype=np.float32)
    window = np.clip(peaks[:, None] + np.arange(-reach, reach + 1), 0, score.shape[1] - 1)
    return np.stack([row[window].max(axis=1) for row in score], axis=1)


def _bad_spans(front: Front, block: Block, start_s: float) -> dict[str, Floats]:
    """Spans in which the site is not usable, by kind."""
    half = max(1, (len(front.channels) + 1) // 2)
    spans: dict[str, Floats] = {}
    kinds = {"missing_s": block.missing, "held_s": block.held, "clipped_s": block.clipped}
    for name, count in kinds.items():
        found = spans_where(count >= half) if count.any() else np.zeros((0, 2))
        spans[name] = start_s + found / front.site.sampling_hz
    return spans


def _joined(parts: list[Scan], level: NDArray[np.float32], colour: NDArray[np.float32]) -> Scan:
    """Chunks put together, in order of time; level and colour of all are joined already."""
    spans, floats = np.zeros((0, 2)), np.zeros(0)
    empty: dict[str, NDArray[Any]] = {
        "segment": np.zeros(0, dtype=np.int64), "time_s": floats, "score": floats,
        "by_channel": np.zeros((0, len(level)), dtype=np.float32), "tail_s": floats,
        "tail_score": floats.astype(np.float32), "cell_s": spans, "sway": level[0, :0],
        "crest": np.zeros((0, PARTS), dtype=np.float32),
        "missing_s": spans, "held_s": spans, "clipped_s": spans,
    }  # fmt: skip
    return Scan(level=level, colour=colour, **{
        name: np.concatenate([none, *(getattr(part, name) for part in parts)])
        for name, none in empty.items()
    })  # fmt: skip
