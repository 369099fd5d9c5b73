"""One site: from its signal to potentials with units, and the time that cannot be counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection import contraction, crowding
from emgdetect.detection.cutting import cut_candidates, reach_of
from emgdetect.detection.front import Chunk, Front, chunks_of, occupancy
from emgdetect.detection.measuring import Measured, measure_all
from emgdetect.detection.pursuit import Found, pursue
from emgdetect.detection.scan import Scan, bank_in_noise, scan
from emgdetect.detection.sorting import sort_units
from emgdetect.detection.survey import survey
from emgdetect.findings import Finding
from emgdetect.recording import Recording, Site
from emgdetect.signal.spans import complement, covers, intersect, merge, total

Floats = NDArray[np.floating[Any]]
Spans = NDArray[np.float64]

PIECE_S = 0.020
SHIFT_S = 0.004
MOST_PIECES = 1500
MOST_CHANNELS = 8
TOLERANCE = 0.2
BAD_MARGIN_S = 0.05
CALM_S = 0.03
TAIL_RATES = (25.0, 400.0)
TAIL_WEIGHT = 1.3
TAIL_CAP = 1.25
TAIL_UNKNOWN = 1.08
WEAK_PER_MIN = 1.5
UNIT_FALSE_SHARE = 0.05
UNIT_FALSE_PER_MIN = (0.02, 1.0)
UNIT_CROSSINGS_HZ = 100.0


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
    recording: Recording, site: Site, config: Config, *, n_threads: int
) -> tuple[SiteSignal | None, list[Finding]]:
    """Find the potentials of one site and the time that cannot be counted.

    Parameters
    ----------
    recording : Recording
    site : Site
    config : Config
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
    first = scan(front, chunks, threshold=gaussian_threshold(front, config), n_threads=n_threads)
    clock.lap("scan")
    excluded, analysed, active = time_to_analyse(recording, first, config)
    threshold = site_threshold(front, first, analysed[config.exclusion], config)
    good = covers(analysed[config.exclusion], first.time_s)
    channels = strongest_channels(first.by_channel[good], MOST_CHANNELS)
    templates, counts = find_units(
        front, chunks, first.time_s[good], channels=channels, n_threads=n_threads
    )
    weak = np.sqrt(np.einsum("kcl,kcl->k", templates, templates)) < threshold
    common = counts >= np.maximum(5, WEAK_PER_MIN * total(analysed[config.exclusion]) / 60)
    templates, counts = templates[~weak | common], counts[~weak | common]
    clock.lap("units")
    found = pursue(
        front, _with_time(front, chunks, analysed[config.exclusion]), templates, channels=channels, threshold=threshold,
        template_threshold=template_thresholds(
            counts / max(total(analysed[config.exclusion]) / 60, 1e-9),
            stretch=threshold / gaussian_threshold(front, config),
        ), n_threads=n_threads,
    )  # fmt: skip
    found = _kept(found, covers(analysed[config.exclusion], found.time_s))
    clock.lap("pursuit")
    strongest = np.asarray(channels)[found.by_channel.argmax(axis=1)] if len(found.time_s) else (
        np.zeros(0, dtype=np.int64)
    )  # fmt: skip
    measured = measure_all(front, chunks, found.time_s, strongest, low_hz=config.measure_low_hz,
                           n_threads=n_threads)  # fmt: skip
    clock.lap("measure")
    return SiteSignal(
        site=site, front=front, chunks=chunks, found=found, channel=strongest, measured=measured,
        templates=templates, excluded=excluded, analysed_s=analysed, active_s=active, threshold=threshold,
        expected_false_per_min=config.false_alarms_per_min,
        noise_uv=float(np.median(front.rms_uv)), seconds=clock.seconds, findings=findings,
    ), findings  # fmt: skip


def gaussian_threshold(front: Front, config: Config) -> float:
    """Threshold that keeps the false-alarm budget of a site in Gaussian noise."""
    rate = front.site.sampling_hz * float(front.scan_ratio)
    bank = bank_in_noise(round(rate, 3), front.low_hz, front.high_hz)
    return bank.threshold(config.false_alarms_per_min, len(front.channels))


def site_threshold(front: Front, first: Scan, analysed_s: Spans, config: Config) -> float:
    """Threshold that keeps the false-alarm budget in this recording's own noise.

    The tail of the score between its common and its rare maxima is read from the recording, away
    from candidates, and drawn out to the budget. Weak fasciculations are part of that tail, so the
    threshold rises by a limited factor only.
    """
    lowest = gaussian_threshold(front, config)
    calm = covers(analysed_s, first.tail_s)
    far = distance_to(first.tail_s, first.time_s) > CALM_S
    scores = np.sort(first.tail_score[calm & far])[::-1]
    minutes = max(total(analysed_s) - 2 * CALM_S * len(first.time_s), 1.0) / 60
    drawn = tail_threshold(scores, minutes, per_min=config.false_alarms_per_min)
    if not np.isfinite(drawn):
        return lowest * TAIL_UNKNOWN
    risen = lowest + TAIL_WEIGHT * (drawn - lowest)
    return float(np.clip(risen, lowest, lowest * TAIL_CAP))


def tail_threshold(scores: Floats, minutes: float, *, per_min: float) -> float:
    """Score exceeded `per_min` times per minute, drawn from how the tail begins.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Local maxima in falling order.
    minutes : float
        Time they were found in.
    per_min : float

    Returns
    -------
    float
        From a straight line of log rate over squared score, between the scores that are exceeded
        `TAIL_RATES` times per minute; NaN where there are too few.
    """
    first, last = (int(rate * minutes) for rate in TAIL_RATES)
    if first < 5 or len(scores) < last:
        return float("nan")
    ranks = np.unique(np.geomspace(first, last, 12).astype(int))
    slope, intercept = np.polyfit(scores[ranks - 1] ** 2, np.log(ranks / minutes), 1)
    if slope >= 0:
        return float("nan")
    return float(np.sqrt(max(intercept - np.log(per_min), 0.0) / -slope))


def distance_to(points: Floats, marks: Floats) -> Floats:
    """Distance of each point to the nearest of sorted marks; infinite without marks."""
    if not len(marks):
        return np.full(len(points), np.inf)
    right = np.clip(np.searchsorted(marks, points), 0, len(marks) - 1)
    left = np.maximum(right - 1, 0)
    return np.minimum(np.abs(points - marks[left]), np.abs(points - marks[right]))


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
    front: Front, chunks: list[Chunk], time_s: Floats, *, channels: list[int], n_threads: int
) -> tuple[NDArray[np.float32], Floats]:
    """Templates of the site's units from its candidates (an even selection of them, if many).

    Returns
    -------
    templates : ndarray of float32, shape (n_units, n_channels, n_samples)
    counts : ndarray, shape (n_units,)
        Candidates each explains, estimated for all where only a selection was looked at.
    """
    step = max(1, -(-len(time_s) // MOST_PIECES))
    pieces = cut_candidates(front, chunks, time_s[::step], channels=channels, reach_s=PIECE_S,
                            n_threads=n_threads)  # fmt: skip
    rate = front.site.sampling_hz * float(front.trace_ratio)
    templates, counts = sort_units(
        pieces, reach=reach_of(front, SHIFT_S), tolerance=TOLERANCE,
        occupancy=occupancy(round(rate, 3), front.low_hz, front.high_hz),
    )  # fmt: skip
    return templates, step * counts


def template_thresholds(per_min: Floats, *, stretch: float) -> Floats:
    """Threshold of each unit's matched score: the more it fires, the lower.

    A score is worth looking at where the unit's own discharges outnumber noise: false alarms may
    be a small share of the unit's rate, within the site's budget.

    Parameters
    ----------
    per_min : ndarray, shape (n_units,)
        Discharges per minute.
    stretch : float
        How much heavier the tail of this noise is than a Gaussian's, as a factor of the score.
    """
    allowed = np.clip(UNIT_FALSE_SHARE * per_min, *UNIT_FALSE_PER_MIN)
    return np.asarray(stretch * np.sqrt(2 * np.log(60 * UNIT_CROSSINGS_HZ / allowed)))


def _with_time(front: Front, chunks: list[Chunk], analysed_s: Spans) -> list[Chunk]:
    """Chunks that hold any analysed time."""
    rate = front.site.sampling_hz
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    stops = starts + np.array([(chunk.stop - chunk.start) / rate for chunk in chunks])
    return [chunk for chunk, a, b in zip(chunks, starts, stops, strict=True)
            if np.any((analysed_s[:, 0] < b) & (analysed_s[:, 1] > a))]  # fmt: skip


def _kept(found: Found, mask: NDArray[np.bool_]) -> Found:
    return Found(**{name: getattr(found, name)[mask] for name in Found.__dataclass_fields__})


def time_to_analyse(
    recording: Recording, first: Scan, config: Config
) -> tuple[dict[str, Spans], dict[str, Spans], Spans]:
    """Spans excluded by reason, and spans analysed by exclusion level.

    Returns
    -------
    excluded : dict of str to ndarray, shape (n_spans, 2)
        A moment excluded for several reasons is listed under the first that holds, in the order
        missing, flat, clipped, noise, contraction; gaps lie outside the recorded time.
    analysed : dict of str to ndarray, shape (n_spans, 2)
    active : ndarray, shape (n_spans, 2)
        Contraction and tremor; a needle recording is analysed there, and judged so.
    """
    recorded = np.array([[s.start_s, s.stop_s] for s in recording.segments]).reshape(-1, 2)
    bad = {
        "missing": _widened(first.missing_s),
        "flat": _widened(first.held_s),
        "clipped": _widened(first.clipped_s),
        "noise": contraction.noise_spans(first.cell_s, first.level),
        "motion": _widened(contraction.flare_spans(first.cell_s, first.level, first.colour)),
    }
    score = contraction.evidence(first.level, first.colour)
    crowded = crowding.crowded_spans(first.time_s)
    shaking = [crowding.is_tremor(first.time_s, span) for span in crowded]
    bad["tremor"] = crowded[np.array(shaking, dtype=bool)]
    everything = np.concatenate([np.zeros((0, 2)), *bad.values()])
    levels = {
        name: np.concatenate(
            [
                contraction.contraction_spans(first.cell_s, score, rule),
                crowded[~np.array(shaking, dtype=bool)],
            ]
        )
        for name, rule in contraction.RULES.items()
    }
    active = merge(np.concatenate([bad["tremor"], levels[config.exclusion]]))
    if recording.kind == "needle":
        # A needle is read during contraction, too: its potentials are listed, but not counted.
        bad["tremor"], everything = (
            np.zeros((0, 2)),
            np.concatenate(
                [np.zeros((0, 2)), *(spans for reason, spans in bad.items() if reason != "tremor")]
            ),
        )
        levels = dict.fromkeys(levels, np.zeros((0, 2)))
    analysed = {
        name: _without(recorded, np.concatenate([everything, spans]))
        for name, spans in levels.items()
    }
    excluded: dict[str, Spans] = {}
    free = recorded
    for reason, spans in (*bad.items(), ("contraction", levels[config.exclusion])):
        excluded[reason] = intersect(spans, free)
        free = _without(free, spans)
    gaps = recorded[1:, 0] > recorded[:-1, 1] + 1e-9
    excluded["gap"] = np.stack([recorded[:-1, 1], recorded[1:, 0]], axis=1)[gaps]
    return excluded, analysed, active


def _widened(spans: Spans) -> Spans:
    """Spans with a margin on both sides."""
    return merge(np.asarray(spans, dtype=float) + np.array([-BAD_MARGIN_S, BAD_MARGIN_S]))


def _without(recorded: Spans, spans: Spans) -> Spans:
    """Recorded time that no span covers."""
    pieces = [complement(intersect(spans, [span]), *span) for span in recorded]
    return np.concatenate([np.zeros((0, 2)), *pieces])
