"""One site: from its signal to potentials with units, and the time that cannot be counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection.beats import NO_BEATS, Beats
from emgdetect.detection.clock import Clock
from emgdetect.detection.cutting import View
from emgdetect.detection.exposure import activity_of, time_to_analyse
from emgdetect.detection.front import Chunk, Front, chunks_of
from emgdetect.detection.listing import kept, measured_once
from emgdetect.detection.lone import lone
from emgdetect.detection.measuring import Measured
from emgdetect.detection.pursuit import Faint, Found, pursue
from emgdetect.detection.refining import refined
from emgdetect.detection.removal import joined, listed_beats, with_heart
from emgdetect.detection.scan import Scan, scan
from emgdetect.detection.shared import learn_noise
from emgdetect.detection.survey import survey
from emgdetect.detection.thresholds import (
    gaussian_threshold,
    site_threshold,
    template_thresholds,
)
from emgdetect.detection.units import MOST_MIXTURES, Units, believable, find_units
from emgdetect.findings import Finding
from emgdetect.recording import Recording, Site
from emgdetect.signal.spans import covers, total

Floats = NDArray[np.floating[Any]]
Spans = NDArray[np.floating[Any]]

CLEAR_RATIO = 1.1
"""Score over the threshold from which potentials tell restless time: what is barely above may be a
heavier tail than foreseen. Set by judgement; not measured."""


@dataclass(frozen=True)
class Known:
    """What a detection learnt of a site, for a second one with the same settings.

    Attributes
    ----------
    front : Front
        Filters, whitening, noise and heart.
    threshold : float
        What the generic score has to reach.
    view : View
        The channels or mixtures that units are described on.
    units : Units
    template_threshold : ndarray, shape (n_templates,)
        What the matched score of each unit has to reach.
    """

    front: Front
    threshold: float
    view: View
    units: Units
    template_threshold: Floats

    def of_templates(self, kept: NDArray[np.bool_]) -> Known:
        """The same with the chosen templates alone."""
        return replace(
            self, units=self.units.chosen(kept), template_threshold=self.template_threshold[kept]
        )


@dataclass(frozen=True)
class SiteSignal:
    """What detection knows of a site before any judgement of single potentials.

    Attributes
    ----------
    site : Site
    front : Front
    known : Known
        What was learnt before the second pass.
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
    aside : Faint
        Potentials within a tremor: they tell of trains that go on beyond it.
    excluded : mapping of str to ndarray, shape (n_spans, 2)
        Excluded spans by reason, not overlapping each other.
    analysed_s : mapping of str to ndarray, shape (n_spans, 2)
        Analysed spans by exclusion level.
    active_s : ndarray, shape (n_spans, 2)
        Spans of contraction and tremor, whether they were excluded or not.
    swaying_s : ndarray, shape (n_spans, 2)
        Spans of slow waves: a cable moves.
    expected_false_per_min, noise_uv : float
    seconds : mapping of str to float
        Time per stage.
    findings : list of Finding
    """

    site: Site
    front: Front
    known: Known
    chunks: list[Chunk]
    found: Found
    channel: NDArray[np.int64]
    measured: Measured
    beat: NDArray[np.bool_]
    faint: Faint
    aside: Faint
    excluded: Mapping[str, Spans]
    analysed_s: Mapping[str, Spans]
    active_s: Spans
    swaying_s: Spans
    expected_false_per_min: float
    noise_uv: float
    seconds: Mapping[str, float]
    findings: list[Finding]

    @property
    def threshold(self) -> float:
        """What the generic score had to reach."""
        return self.known.threshold

    @property
    def templates(self) -> NDArray[np.float32]:
        """Waveforms of the units, shape (n_templates, n_channels, n_samples)."""
        return self.known.units.templates


def detect_site(
    recording: Recording, site: Site, config: Config, *, beats: Beats, n_threads: int,
    known: Known | None = None,
) -> tuple[SiteSignal | None, list[Finding]]:  # fmt: skip
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
    known : Known, optional
        What an earlier detection on the same clock learnt of the site; learnt anew without.

    Returns
    -------
    signal : SiteSignal or None
        None if no channel can be analysed.
    findings : list of Finding
    """
    clock = Clock()
    front, findings = (
        survey(recording, site, config, n_threads=n_threads) if known is None
        else (known.front, [])
    )  # fmt: skip
    clock.lap("survey")
    if front is None:
        return None, findings
    chunks = chunks_of(recording, site, front.high_hz)
    if known is None:
        front = with_heart(front, chunks, beats)
    else:
        front = replace(front, recording=recording, site=site)
    clock.lap("heart")
    learn_noise(_bands(front), n_threads)
    lowest = gaussian_threshold(front, config)
    first = scan(front, chunks, threshold=lowest, n_threads=n_threads)
    clock.lap("scan")
    activity = activity_of(first, (beats if front.heart else NO_BEATS).time_s)
    # Hours of a grid's colours take much memory, and are needed no more.
    first = replace(first, colour=first.colour[:, :, :0])
    time_of = time_to_analyse(recording, activity, config)
    analysed = time_of.analysed[config.exclusion]
    if known is None:
        known = _learn(front, chunks, first, analysed, config, n_threads=n_threads)
    del first
    threshold, view = known.threshold, known.view
    clock.lap("units")
    found, faint, size = pursue(
        front, _with_time(front, chunks, analysed), known.units.templates, view=view,
        threshold=threshold * gaussian_threshold(front, config, fine=True) / lowest,
        low_hz=config.measure_low_hz, n_threads=n_threads,
        template_threshold=known.template_threshold,
    )  # fmt: skip
    inside = covers(analysed, found.time_s)
    found, size = kept(found, inside), size[inside]
    clock.lap("pursuit")
    found, measured, strongest = measured_once(
        front, chunks, found, view, size, threshold=threshold, minutes=total(analysed) / 60,
        low_hz=config.measure_low_hz, n_threads=n_threads,
    )  # fmt: skip
    # What barely exceeds the threshold may be a tail of the noise heavier than foreseen.
    clear = found.score >= CLEAR_RATIO * threshold
    time_of = time_to_analyse(recording, activity, config, found_s=found.time_s[clear],
                              template=found.template[clear])  # fmt: skip
    rest = covers(time_of.analysed[config.exclusion], found.time_s)
    shaking = covers(time_of.excluded["tremor"], found.time_s)
    aside = Faint(time_s=measured.peak_s[shaking], template=found.template[shaking])
    found, measured, strongest = kept(found, rest), kept(measured, rest), strongest[rest]
    beats_found, beats_measured, beats_on = listed_beats(
        front, chunks, time_of.analysed[config.exclusion], channels=view.channels,
        threshold=threshold, low_hz=config.measure_low_hz, n_threads=n_threads,
    )  # fmt: skip
    order = np.argsort(np.concatenate([found.time_s, beats_found.time_s]), kind="stable")
    clock.lap("measure")
    return SiteSignal(
        site=site, front=front, known=known, chunks=chunks, found=joined(found, beats_found, order),
        channel=np.concatenate([strongest, beats_on])[order],
        measured=joined(measured, beats_measured, order), beat=order >= len(found.time_s),
        faint=faint, aside=aside, excluded=time_of.excluded, analysed_s=time_of.analysed,
        active_s=time_of.active,
        swaying_s=activity.swaying,
        expected_false_per_min=config.false_alarms_per_min,
        noise_uv=float(np.median(front.rms_uv)), seconds=clock.seconds, findings=findings,
    ), findings  # fmt: skip


def _bands(front: Front) -> list[tuple[int, float, float, float]]:
    """Rows, rate and band of the two traces whose scores in noise have to be known."""
    rows = (1, 1)
    if front.unmixing is not None:
        rows = (len(front.channels), min(len(front.channels), MOST_MIXTURES))
    rates = [round(front.site.sampling_hz * float(ratio), 3)
             for ratio in (front.scan_ratio, front.trace_ratio)]  # fmt: skip
    return [(n, rate, front.low_hz, front.high_hz) for n, rate in zip(rows, rates, strict=True)]


def _learn(
    front: Front, chunks: list[Chunk], first: Scan, analysed_s: Spans, config: Config, *,
    n_threads: int,
) -> Known:  # fmt: skip
    """Threshold and units of a site from its candidates in the analysed time."""
    threshold = site_threshold(front, first, analysed_s, config)
    minutes = total(analysed_s) / 60
    good = covers(analysed_s, first.time_s)
    if front.unmixing is not None:
        # Pops are as many shapes as there are electrodes: they would take the mixtures of units.
        good &= ~lone(first.by_channel)
    view, units = find_units(front, chunks, first, good, threshold=threshold, n_threads=n_threads)
    units = believable(units, threshold=threshold, minutes=minutes, occupancy=front.trace_occupancy)
    stretch = threshold / gaussian_threshold(front, config)
    if front.unmixing is None:
        units = refined(front, _with_time(front, chunks, analysed_s), view, units, analysed_s,
                        threshold=threshold, stretch=stretch, n_threads=n_threads)  # fmt: skip
    needed = template_thresholds(units.counts / max(minutes, 1e-9), stretch=stretch)
    return Known(front, threshold, view, units, needed)


def _with_time(front: Front, chunks: list[Chunk], analysed_s: Spans) -> list[Chunk]:
    """Chunks that hold any analysed time."""
    rate = front.site.sampling_hz
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    stops = starts + np.array([(chunk.stop - chunk.start) / rate for chunk in chunks])
    return [chunk for chunk, a, b in zip(chunks, starts, stops, strict=True)
            if np.any((analysed_s[:, 0] < b) & (analysed_s[:, 1] > a))]  # fmt: skip
