"""One site: from its signal to potentials with units, and the time that cannot be counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection import contraction
from emgdetect.detection.cutting import cut_candidates, reach_of
from emgdetect.detection.front import Chunk, Front, chunks_of, occupancy
from emgdetect.detection.measuring import Measured, measure_all
from emgdetect.detection.pursuit import Found, pursue
from emgdetect.detection.scan import Scan, bank_in_noise, scan
from emgdetect.detection.sorting import sort_units
from emgdetect.detection.survey import survey
from emgdetect.findings import Finding
from emgdetect.recording import Recording, Site
from emgdetect.signal.spans import complement, covers, intersect, merge

Floats = NDArray[np.floating[Any]]
Spans = NDArray[np.float64]

PIECE_S = 0.020
SHIFT_S = 0.004
MOST_PIECES = 1500
MOST_CHANNELS = 8
TOLERANCE = 0.2
BAD_MARGIN_S = 0.05


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
    threshold, noise_uv : float
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
    threshold: float
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
    chunks = chunks_of(recording, site)
    threshold = site_threshold(front, config)
    first = scan(front, chunks, threshold=threshold, n_threads=n_threads)
    clock.lap("scan")
    excluded, analysed = time_to_analyse(recording, first, config)
    good = covers(analysed[config.exclusion], first.time_s)
    channels = strongest_channels(first.by_channel[good], MOST_CHANNELS)
    templates = find_units(front, chunks, first.time_s[good], first.score[good],
                           channels=channels, n_threads=n_threads)  # fmt: skip
    clock.lap("units")
    found = pursue(
        front, chunks, templates, channels=channels, threshold=threshold,
        template_threshold=threshold - 0.3, n_threads=n_threads,
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
        templates=templates, excluded=excluded, analysed_s=analysed, threshold=threshold,
        noise_uv=float(np.median(front.rms_uv)), seconds=clock.seconds, findings=findings,
    ), findings  # fmt: skip


def site_threshold(front: Front, config: Config) -> float:
    """Threshold of the generic score that keeps the false-alarm budget of a site."""
    rate = front.site.sampling_hz * float(front.scan_ratio)
    bank = bank_in_noise(round(rate, 3), front.low_hz, front.high_hz)
    return bank.threshold(config.false_alarms_per_min, len(front.channels))


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
    front: Front, chunks: list[Chunk], time_s: Floats, score: Floats, *,
    channels: list[int], n_threads: int,
) -> NDArray[np.float32]:  # fmt: skip
    """Templates of the site's units from its candidates (an even selection of them, if many)."""
    step = max(1, -(-len(time_s) // MOST_PIECES))
    pieces = cut_candidates(front, chunks, time_s[::step], channels=channels, reach_s=PIECE_S,
                            n_threads=n_threads)  # fmt: skip
    rate = front.site.sampling_hz * float(front.trace_ratio)
    return sort_units(
        pieces, reach=reach_of(front, SHIFT_S), tolerance=TOLERANCE,
        occupancy=occupancy(round(rate, 3), front.low_hz, front.high_hz),
    )  # fmt: skip


def _kept(found: Found, mask: NDArray[np.bool_]) -> Found:
    return Found(**{name: getattr(found, name)[mask] for name in Found.__dataclass_fields__})


def time_to_analyse(
    recording: Recording, first: Scan, config: Config
) -> tuple[dict[str, Spans], dict[str, Spans]]:
    """Spans excluded by reason, and spans analysed by exclusion level.

    Returns
    -------
    excluded : dict of str to ndarray, shape (n_spans, 2)
        A moment excluded for several reasons is listed under the first that holds, in the order
        missing, flat, clipped, noise, contraction; gaps lie outside the recorded time.
    analysed : dict of str to ndarray, shape (n_spans, 2)
    """
    recorded = np.array([[s.start_s, s.stop_s] for s in recording.segments]).reshape(-1, 2)
    bad = {
        "missing": first.missing_s,
        "flat": first.held_s,
        "clipped": first.clipped_s,
        "noise": contraction.noise_spans(first.cell_s, first.level),
    }
    bad = {reason: _widened(spans) for reason, spans in bad.items()}
    score = contraction.evidence(first.level, first.colour)
    levels = {
        name: contraction.contraction_spans(first.cell_s, score, rule)
        for name, rule in contraction.RULES.items()
    }
    everything = np.concatenate([np.zeros((0, 2)), *bad.values()])
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
    return excluded, analysed


def _widened(spans: Spans) -> Spans:
    """Spans with a margin on both sides."""
    return merge(np.asarray(spans, dtype=float) + np.array([-BAD_MARGIN_S, BAD_MARGIN_S]))


def _without(recorded: Spans, spans: Spans) -> Spans:
    """Recorded time that no span covers."""
    pieces = [complement(intersect(spans, [span]), *span) for span in recorded]
    return np.concatenate([np.zeros((0, 2)), *pieces])
