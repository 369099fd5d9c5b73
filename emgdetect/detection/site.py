"""One site: from its signal to potentials with units, and the time that cannot be counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection.beats import Beats
from emgdetect.detection.cutting import View, cut_candidates, reach_of, trace_of
from emgdetect.detection.exposure import time_to_analyse
from emgdetect.detection.front import Chunk, Front, chunks_of, occupancy
from emgdetect.detection.measuring import (
    Measured,
    first_reports,
    measure_units,
    sizes_by_channel,
)
from emgdetect.detection.pursuit import Faint, Found, pursue
from emgdetect.detection.removal import joined, listed_beats, with_heart
from emgdetect.detection.scan import CALM_RATIO, LEVEL_CELLS, LEVEL_FLOOR, Scan, scan
from emgdetect.detection.sorting import fit_templates, sort_units
from emgdetect.detection.survey import survey
from emgdetect.detection.thresholds import (
    gaussian_threshold,
    site_threshold,
    template_thresholds,
)
from emgdetect.findings import Finding
from emgdetect.recording import Recording, Site
from emgdetect.signal.noise import robust_rms, smooth_levels
from emgdetect.signal.spans import covers, total
from emgdetect.signal.spatial import leading

Floats = NDArray[np.floating[Any]]
Spans = NDArray[np.floating[Any]]

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
MOST_CHANNELS = 8
"""Channels of a site without mixtures that units are sorted on, at most. Six channels make a grid
(`survey.GRID_LEAST`), so it is not reached now. Set by judgement; not measured."""
MOST_MIXTURES = 16
"""Mixtures of a grid's channels that units are sorted on. Set by judgement; not measured."""
CLEAR_RATIO = 1.1
"""Score over the threshold from which potentials tell restless time: what is barely above may be a
heavier tail than foreseen. Set by judgement; not measured."""
QUIET_CHUNKS = 5
"""Quietest chunks of 16 s that a mixture's noise is measured in. Set by judgement; not measured."""
TOLERANCE = 0.15
"""Largest misfit of a member of a unit, as a share of its energy, beyond noise. Settled on tuning
seeds, of which scenarios is not told."""
WEAK_LEAST = 5
"""Members of a unit that no single score shows, at least. Set by judgement; not measured."""
WEAK_PER_MIN = 1.5
"""Such members per minute at least: rarer units may be chance likeness. Set by judgement; not
measured."""

T = TypeVar("T", Found, Measured)


@dataclass(frozen=True)
class SiteSignal:
    """What detection knows of a site before any judgement of single potentials.

    Attributes
    ----------
    site : Site
    front : Front
    chunks : list of Chunk
    found : Found
        Potentials outside excluded time.
    channel : ndarray of int, shape (n_found,)
        Position within `front.channels` of the strongest channel.
    measured : Measured
    beat : ndarray of bool, shape (n_found,)
        Rows that are heart beats, known before and taken out of the trace.
    faint : Faint
        Where weak units may have fired besides.
    templates : ndarray, shape (n_templates, n_channels, n_samples)
    excluded : mapping of str to ndarray, shape (n_spans, 2)
        Excluded spans by reason, not overlapping each other.
    analysed_s : mapping of str to ndarray, shape (n_spans, 2)
        Analysed spans by exclusion level.
    active_s : ndarray, shape (n_spans, 2)
        Spans of contraction and tremor, whether they were excluded or not.
    threshold, expected_false_per_min, noise_uv : float
    seconds : mapping of str to float
        Time per stage.
    findings : list of Finding
    """

    site: Site
    front: Front
    chunks: list[Chunk]
    found: Found
    channel: NDArray[np.int64]
    measured: Measured
    beat: NDArray[np.bool_]
    faint: Faint
    templates: NDArray[np.float32]
    excluded: Mapping[str, Spans]
    analysed_s: Mapping[str, Spans]
    active_s: Spans
    threshold: float
    expected_false_per_min: float
    noise_uv: float
    seconds: Mapping[str, float]
    findings: list[Finding]


class _Clock:
    """Seconds since it was last asked, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def detect_site(
    recording: Recording, site: Site, config: Config, *, beats: Beats, n_threads: int
) -> tuple[SiteSignal | None, list[Finding]]:
    """Find the potentials of one site and the time that cannot be counted.

    Parameters
    ----------
    recording : Recording
    site : Site
    config : Config
    beats : Beats
        Of the heart; taken out where the site sees them.
    n_threads : int
        The result does not depend on it.

    Returns
    -------
    signal : SiteSignal or None
        None if no channel can be analysed.
    findings : list of Finding
    """
    clock = _Clock()
    front, findings = survey(recording, site, config)
    clock.lap("survey")
    if front is None:
        return None, findings
    chunks = chunks_of(recording, site, front.high_hz)
    front = with_heart(front, chunks, beats)
    clock.lap("heart")
    lowest = gaussian_threshold(front, config)
    first = scan(front, chunks, threshold=lowest, n_threads=n_threads)
    clock.lap("scan")
    time_of = time_to_analyse(recording, first, config)
    analysed = time_of.analysed[config.exclusion]
    threshold = site_threshold(front, first, analysed, config)
    good = covers(analysed, first.time_s)
    view, units = find_units(front, chunks, first, good, n_threads=n_threads)
    units = believable(units, threshold=threshold, minutes=total(analysed) / 60)
    clock.lap("units")
    found, faint = pursue(
        front, _with_time(front, chunks, analysed), units.templates, view=view,
        threshold=threshold * gaussian_threshold(front, config, fine=True) / lowest,
        n_threads=n_threads, template_threshold=template_thresholds(
            units.counts / max(total(analysed) / 60, 1e-9), stretch=threshold / lowest
        ),
    )  # fmt: skip
    found = _kept(found, covers(analysed, found.time_s))
    clock.lap("pursuit")
    strongest = _strongest(front, chunks, found, view, low_hz=config.measure_low_hz,
                           n_threads=n_threads)  # fmt: skip
    measured = measure_units(
        front, chunks, found.time_s, strongest, found.template, found.score,
        low_hz=config.measure_low_hz, n_threads=n_threads,
    )  # fmt: skip
    single = first_reports(measured.peak_s, strongest, found.score)
    found, measured, strongest = _kept(found, single), _kept(measured, single), strongest[single]
    # What barely exceeds the threshold may be a tail of the noise heavier than foreseen.
    clear = found.score >= CLEAR_RATIO * threshold
    time_of = time_to_analyse(recording, first, config, found_s=found.time_s[clear],
                              template=found.template[clear])  # fmt: skip
    rest = covers(time_of.analysed[config.exclusion], found.time_s)
    found, measured, strongest = _kept(found, rest), _kept(measured, rest), strongest[rest]
    beats_found, beats_measured, beats_on = listed_beats(
        front, chunks, time_of.analysed[config.exclusion], channels=view.channels,
        threshold=threshold, low_hz=config.measure_low_hz, n_threads=n_threads,
    )  # fmt: skip
    order = np.argsort(np.concatenate([found.time_s, beats_found.time_s]), kind="stable")
    clock.lap("measure")
    return SiteSignal(
        site=site, front=front, chunks=chunks, found=joined(found, beats_found, order),
        channel=np.concatenate([strongest, beats_on])[order],
        measured=joined(measured, beats_measured, order), beat=order >= len(found.time_s),
        faint=faint, templates=units.templates, excluded=time_of.excluded,
        analysed_s=time_of.analysed,
        active_s=time_of.active, threshold=threshold,
        expected_false_per_min=config.false_alarms_per_min,
        noise_uv=float(np.median(front.rms_uv)), seconds=clock.seconds, findings=findings,
    ), findings  # fmt: skip


def _strongest(
    front: Front, chunks: list[Chunk], found: Found, view: View, *, low_hz: float, n_threads: int
) -> NDArray[np.int64]:  # fmt: skip
    """Position of the channel on which each potential stands out most.

    On a grid the same one for all of a unit, by their average: several electrodes may see it
    nearly alike, at different times.
    """
    if not len(found.time_s):
        return np.zeros(0, dtype=np.int64)
    if front.unmixing is None:
        return np.asarray(np.asarray(view.channels)[found.by_channel.argmax(axis=1)])
    size = sizes_by_channel(front, chunks, found.time_s, low_hz=low_hz, n_threads=n_threads)
    for unit in np.unique(found.template[found.template >= 0]):
        own = found.template == unit
        size[own] = np.median(size[own], axis=0)
    return np.asarray(size.argmax(axis=1))


@dataclass(frozen=True)
class Units:
    """Templates of a site's units and the candidates each explains.

    Attributes
    ----------
    templates : ndarray of float32, shape (n_units, n_channels, n_samples)
    counts : ndarray, shape (n_units,)
    scores : ndarray, shape (n_units,)
        Median of the members' generic scores, which owe nothing to their likeness.
    """

    templates: NDArray[np.float32]
    counts: Floats
    scores: Floats


def believable(units: Units, *, threshold: float, minutes: float) -> Units:
    """Units that are no chance likeness of noise: seen without them, or at least frequent.

    The average of three alike pieces of noise fits each of the three, being made of them; so what
    a few members score with their own average says nothing.

    Parameters
    ----------
    units : Units
    threshold : float
        Of the generic score.
    minutes : float
        Analysed time.
    """
    common = units.counts >= np.maximum(WEAK_LEAST, WEAK_PER_MIN * minutes)
    kept = (units.scores >= threshold) | common
    return Units(units.templates[kept], units.counts[kept], units.scores[kept])


def strongest_channels(by_channel: NDArray[np.float32], most: int) -> list[int]:
    """Channels on which the candidates stand out best, together: in order of position.

    Greedy: each next channel is the one that adds most to the summed best score.
    """
    n_channels = by_channel.shape[1]
    if n_channels <= most:
        return list(range(n_channels))
    scores = by_channel if len(by_channel) else np.ones((1, n_channels), dtype=np.float32)
    chosen: list[int] = []
    best = np.zeros(len(scores))
    for _ in range(most):
        gains = np.maximum(scores - best[:, None], 0).sum(axis=0) + 1e-3 * scores.sum(axis=0)
        gains[chosen] = -np.inf
        chosen.append(int(np.argmax(gains)))
        best = np.maximum(best, scores[:, chosen[-1]])
    return sorted(chosen)


def find_units(
    front: Front, chunks: list[Chunk], first: Scan, good: NDArray[np.bool_], *, n_threads: int
) -> tuple[View, Units]:
    """Units of the site from its candidates (an even selection of them, if many).

    Parameters
    ----------
    front : Front
    chunks : list of Chunk
    first : Scan
    good : ndarray of bool, shape (n_candidates,)
        Candidates in time that is analysed.
    n_threads : int

    Returns
    -------
    view : View
        The channels on which they stand out, or of a grid the mixtures that hold them.
    units : Units
    """
    time_s, score = first.time_s[good], first.score[good]
    step = max(1, -(-len(time_s) // MOST_PIECES))
    sharpness = min(1.0, 500.0 / front.high_hz)
    view = _view(front, first, good)
    grid = front.unmixing is not None
    length_s = sharpness * (GRID_PIECE_S if grid else PIECE_S)
    pieces = cut_candidates(front, chunks, time_s[::step], view=view, reach_s=length_s,
                            n_threads=n_threads)  # fmt: skip
    if view.mixing is not None:
        basis = leading(pieces, MOST_MIXTURES)
        basis = (
            basis / quiet_rows(front, chunks, replace(view, mixing=basis @ view.mixing))[:, None]
        )
        view = replace(view, mixing=basis @ view.mixing)
        pieces = np.ascontiguousarray(np.einsum("kc,pcl->pkl", basis, pieces, optimize=True))
    rate = front.site.sampling_hz * float(front.trace_ratio)
    reach = reach_of(front, (GRID_SHIFT_S if grid else SHIFT_S) * sharpness)
    share = occupancy(round(rate, 3), front.low_hz, front.high_hz)
    templates, counts = sort_units(
        pieces, reach=reach, tolerance=TOLERANCE, occupancy=share, rate_hz=rate
    )
    fit = fit_templates(pieces, templates, reach=reach, occupancy=share)
    owned = [score[::step][fit.template == k] for k in range(len(templates))]
    scores = [float(np.median(own)) if len(own) else 0.0 for own in owned]
    return view, Units(templates, step * counts, np.array(scores))


def quiet_rows(front: Front, chunks: list[Chunk], view: View) -> NDArray[np.float32]:
    """Noise of each row of a view, as a factor of what it should be; shape (n_rows,)."""
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    loudness = np.interp(starts + 1.0, view.level_s, view.level)
    quietest = np.sort(np.argsort(loudness, kind="stable")[:QUIET_CHUNKS])
    found = []
    for i in quietest:
        trace = trace_of(front, chunks[i], view)
        calm = trace.level[0] <= CALM_RATIO * np.quantile(trace.level[0], 0.1)
        found.append(robust_rms(trace.values[:, trace.keep][:, calm]))
    rate = front.site.sampling_hz * float(front.trace_ratio)
    share = occupancy(round(rate, 3), front.low_hz, front.high_hz)
    return np.asarray(np.median(found, axis=0) / np.sqrt(share), dtype=np.float32)


def _view(front: Front, first: Scan, good: NDArray[np.bool_]) -> View:
    """The strongest channels of a site, or all channels of a grid made independent."""
    if front.unmixing is None:
        return View(tuple(strongest_channels(first.by_channel[good], MOST_CHANNELS)))
    level = smooth_levels(np.maximum(first.level, LEVEL_FLOOR), LEVEL_CELLS)
    return View(
        tuple(range(len(front.channels))), mixing=front.unmixing,
        level_s=first.cell_s.mean(axis=1), level=np.median(level, axis=0),
    )  # fmt: skip


def _with_time(front: Front, chunks: list[Chunk], analysed_s: Spans) -> list[Chunk]:
    """Chunks that hold any analysed time."""
    rate = front.site.sampling_hz
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    stops = starts + np.array([(chunk.stop - chunk.start) / rate for chunk in chunks])
    return [chunk for chunk, a, b in zip(chunks, starts, stops, strict=True)
            if np.any((analysed_s[:, 0] < b) & (analysed_s[:, 1] > a))]  # fmt: skip


def _kept(rows: T, mask: NDArray[np.bool_]) -> T:
    """The chosen rows of a table of columns."""
    return type(rows)(**{name: getattr(rows, name)[mask] for name in rows.__dataclass_fields__})
