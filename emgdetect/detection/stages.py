"""One site: from its signal to potentials with units, and the time that cannot be counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.course import UNTOLD, Course
from emgdetect.detection.cardiac.beats import NO_BEATS, Beats
from emgdetect.detection.cardiac.removal import listed_beats, with_heart
from emgdetect.detection.clock import Clock
from emgdetect.detection.first_pass.background import with_background
from emgdetect.detection.first_pass.chains import in_chains
from emgdetect.detection.first_pass.confused import BLOCKED, VARIES, voices
from emgdetect.detection.first_pass.doublets import doublets
from emgdetect.detection.first_pass.scan import Scan, scan
from emgdetect.detection.first_pass.shared import learn_noise
from emgdetect.detection.first_pass.thresholds import (
    gaussian_threshold,
    site_threshold,
    template_thresholds,
)
from emgdetect.detection.first_pass.units import MOST_MIXTURES, believable, find_units
from emgdetect.detection.levels import (
    LEARNT_AT,
    SiteLevels,
    in_any,
    of_any_level,
    parts_of,
    with_time,
)
from emgdetect.detection.rest.activity import Activity, activity_of, quiet_noise_uv
from emgdetect.detection.rest.bouts import Sized
from emgdetect.detection.rest.exposure import Exposure, time_to_analyse
from emgdetect.detection.rest.unrest import Fired
from emgdetect.detection.rows import chosen
from emgdetect.detection.second_pass.listing import Listed, measured_once
from emgdetect.detection.second_pass.pursuit import Faint, Found, pursue
from emgdetect.detection.second_pass.refining import Eased, refined
from emgdetect.detection.second_pass.surroundings import CLEAR, is_asked, of_site
from emgdetect.detection.shape.lone import lone
from emgdetect.detection.site import Known, SiteSignal
from emgdetect.detection.trace.front import Chunk, Front, chunks_of
from emgdetect.detection.trace.survey import survey
from emgdetect.findings import Finding
from emgdetect.recording import Recording, Site
from emgdetect.signal.spans import covers, total

Floats32 = NDArray[np.float32]
Spans = NDArray[np.floating[Any]]

CLEAR_RATIO = 1.1
"""Score over the threshold from which potentials tell restless time: what is barely above may be a
heavier tail than foreseen. Set by judgement; not measured."""
GRID_EASE = 0.85
"""Share of the threshold in Gaussian noise from which candidates of a grid may be members of a
unit: many electrodes tell the waveform of what exceeds no threshold. Of 12 grids of an independent
simulator (hold-out 10, seeds 8 to 19) 36 instead of 65 of 1627 potentials are missed; of ten tuning
recordings of grid64 62 instead of 66 of 994, with units as well told apart. With 0.78, 16 instead
of 22 on eight of the former and 55 on the latter, but more units are told in two."""
AT_REST = 0.98
"""Share of the recording that has to be analysed for the muscle to be taken to be at rest
throughout; time excluded for other reasons counts against it, too. Without this, 226 instead of 183
events of 24 healthy sites with tremor and contractions are false (an independent simulator)."""


def detect_site(
    recording: Recording, site: Site, config: Config, *, beats: Beats, n_threads: int,
    known: Known | None = None, course: Course = UNTOLD,
) -> tuple[SiteLevels | None, list[Finding]]:  # fmt: skip
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
    course : Course, optional
        Hears of each stage.

    Returns
    -------
    site : SiteLevels or None
        None if no channel can be analysed.
    findings : list of Finding
    """
    clock = Clock(course)
    front, findings = _front_of(recording, site, config, known, n_threads=n_threads)
    clock.lap("survey")
    if front is None:
        return None, findings
    chunks = chunks_of(recording, site, front.high_hz)
    if known is None:
        front = with_heart(front, chunks, beats)
    clock.lap("heart")
    scanned, activity, calm = _first_pass(front, chunks, beats, config, n_threads=n_threads)
    if known is None:
        first = scanned.above(gaussian_threshold(front, config))
        learnt = with_background(front, chunks, first, calm[LEARNT_AT], n_threads=n_threads)
        if learnt is not front:
            front = learnt
            scanned, activity, calm = _first_pass(front, chunks, beats, config, n_threads=n_threads)
    clock.lap("scan")
    wide = _wide(front, config, n_threads=n_threads)
    # Hours of a grid's colours take much memory, and are needed no more.
    scanned = replace(scanned, colour=scanned.colour[:, :, :0])
    if known is None:
        known = _learn(front, wide, chunks, scanned, calm[LEARNT_AT], config, n_threads=n_threads)
    del scanned
    clock.lap("units")
    found, faint, size = _second_pass(wide, chunks, known, calm, config, n_threads=n_threads)
    clock.lap("pursuit")
    listing = partial(_listed, front, chunks, found, size, known, config, n_threads=n_threads)
    usual = listing(calm[LEARNT_AT])
    exposure = _counted_time(recording, activity, usual.found, known)
    rows = of_any_level(usual, found.time_s, calm, exposure, listing)
    rows, beat = _with_beats(front, chunks, rows, known, exposure, config, n_threads=n_threads)
    clock.lap("measure")
    if known.needed is None:
        known = replace(known, needed=of_site(usual.found))
    every = SiteSignal(
        site=site, front=front, known=known, chunks=chunks, level=LEARNT_AT, found=rows.found,
        channel=rows.channel, measured=rows.measured, beat=beat, faint=faint,
        aside=_in_tremor(usual, exposure), excluded=exposure.excluded[LEARNT_AT],
        analysed_s=exposure.analysed, active_s=exposure.active[LEARNT_AT],
        swaying_s=activity.swaying, thronged_s=exposure.thronged,
        expected_false_per_min=config.false_alarms_per_min,
        noise_uv=quiet_noise_uv(activity, front.rms_uv, exposure.analysed[LEARNT_AT]),
        seconds=clock.seconds,
    )  # fmt: skip
    return SiteLevels(every, parts_of(every, calm, exposure)), findings


def _front_of(
    recording: Recording, site: Site, config: Config, known: Known | None, *, n_threads: int
) -> tuple[Front | None, list[Finding]]:
    """Filters, whitening and noise of a site, and what was noticed of its channels."""
    if known is None:
        return survey(recording, site, config, n_threads=n_threads)
    return replace(known.front, recording=recording, site=site, cleaned={}), []


def _first_pass(
    front: Front, chunks: list[Chunk], beats: Beats, config: Config, *, n_threads: int
) -> tuple[Scan, Activity, Mapping[str, Spans]]:
    """Candidates of a site, its activity, and the time that is analysed by exclusion level.

    The candidates of a grid are weaker ones, too, which are for units alone.
    """
    learn_noise(_bands(front), n_threads)
    lowest = gaussian_threshold(front, config)
    ease = 1.0 if front.unmixing is None else GRID_EASE
    scanned = scan(front, chunks, threshold=ease * lowest, n_threads=n_threads)
    activity = activity_of(scanned.above(lowest), (beats if front.heart else NO_BEATS).time_s)
    return scanned, activity, time_to_analyse(front.recording, activity).analysed


def _bands(front: Front) -> list[tuple[int, float, float, float]]:
    """Rows, rate and band of the two traces whose scores in noise have to be known."""
    rows = (1, 1)
    if front.unmixing is not None:
        rows = (len(front.channels), min(len(front.channels), MOST_MIXTURES))
    rates = [round(front.site.sampling_hz * float(ratio), 3)
             for ratio in (front.scan_ratio, front.trace_ratio)]  # fmt: skip
    return [(n, rate, front.low_hz, front.high_hz) for n, rate in zip(rows, rates, strict=True)]


def _wide(front: Front, config: Config, *, n_threads: int) -> Front:
    """The same with the band of units, which is wider.

    A known waveform gains by what potentials hold of slow parts; a muscle-like shape loses more by
    beats and cables, which lie there, too.
    """
    if front.unmixing is not None or front.recording.kind == "needle":
        return front
    wide = replace(front, low_hz=min(config.unit_low_hz, front.low_hz))
    learn_noise(_bands(wide), n_threads)
    return wide


def _learn(
    front: Front, wide: Front, chunks: list[Chunk], scanned: Scan, analysed_s: Spans,
    config: Config, *, n_threads: int,
) -> Known:  # fmt: skip
    """Threshold and units of a site from its candidates in the analysed time."""
    lowest = gaussian_threshold(front, config)
    first = scanned.above(lowest)
    threshold = site_threshold(front, first, config, analysed_s)
    minutes = total(analysed_s) / 60
    good = covers(analysed_s, scanned.time_s)
    if front.unmixing is not None:
        # Pops are as many shapes as there are electrodes: they would take the mixtures of units.
        good &= ~lone(scanned.by_channel)
    chained = front.unmixing is None and in_chains(scanned.time_s[good], scanned.score[good])
    view, units = find_units(wide, chunks, scanned, good, threshold=threshold, n_threads=n_threads,
                             chained=chained)  # fmt: skip
    units = believable(units, threshold=threshold, minutes=minutes, occupancy=wide.trace_occupancy)
    if front.unmixing is None and not chained:
        # In chains averages of all they explain would hold the neighbours again.
        units, threshold = refined(
            wide, with_time(front, chunks, analysed_s), view, units, analysed_s, lowest=lowest,
            threshold=threshold, eased=_eased(front, first, analysed_s, config),
            n_threads=n_threads,
        )  # fmt: skip
        # Averages of all they explain tell better than those of candidates.
        units = units.chosen(~doublets(units.templates, units.counts, rate_hz=wide.trace_rate_hz,
                                       occupancy=wide.trace_occupancy, clear=True))  # fmt: skip
    needed = template_thresholds(units.counts / max(minutes, 1e-9), stretch=threshold / lowest,
                                 asked=is_asked(front), last=True)  # fmt: skip
    return Known(front, threshold, view, units, needed)


def _eased(front: Front, first: Scan, analysed_s: Spans, config: Config) -> Eased | None:
    """How the threshold falls as a frequent unit is known; not at all where the muscle is active.

    There a frequent unit may be that of a train or tremor, whose discharges are not to be counted.
    A needle's muscle may be active all along.
    """
    recorded_s = sum(segment.duration_s for segment in front.recording.segments)
    if front.recording.kind == "needle" or total(analysed_s) < AT_REST * recorded_s:
        return None
    return partial(site_threshold, front, first, config)


def _second_pass(
    wide: Front, chunks: list[Chunk], known: Known, calm: Mapping[str, Spans], config: Config, *,
    n_threads: int,
) -> tuple[Found, Faint, Floats32]:  # fmt: skip
    """Potentials by the units' own waveforms, where any level analyses time; as from `pursue`."""
    finer = gaussian_threshold(wide, config, fine=True) / gaussian_threshold(known.front, config)
    return pursue(
        wide, with_time(wide, chunks, in_any(calm)), known.units.templates, view=known.view,
        threshold=known.threshold * finer, low_hz=config.measure_low_hz, n_threads=n_threads,
        template_threshold=known.template_threshold,
    )  # fmt: skip


def _listed(
    front: Front, chunks: list[Chunk], found: Found, size: Floats32, known: Known, config: Config,
    analysed_s: Spans, *, n_threads: int,
) -> Listed:  # fmt: skip
    """What is listed of the second pass in some time."""
    inside = covers(analysed_s, found.time_s)
    return measured_once(
        front, chunks, chosen(found, inside), known.view, size[inside], threshold=known.threshold,
        minutes=total(analysed_s) / 60, low_hz=config.measure_low_hz, needed=known.needed,
        n_threads=n_threads,
    )  # fmt: skip


def _counted_time(recording: Recording, activity: Activity, found: Found, known: Known) -> Exposure:
    """The time that may be counted, now that potentials tell more of it than candidates did."""
    # What barely exceeds the threshold may be a tail of the noise heavier than foreseen.
    clear = found.score >= CLEAR_RATIO * known.threshold
    template, tonic = (
        voices(known.units.templates, found.template, varies=share)[clear]
        for share in (VARIES, BLOCKED)
    )
    every = Sized(found.time_s, found.template, found.score / (CLEAR * known.threshold))
    return time_to_analyse(
        recording, activity, Fired(found.time_s[clear], template, tonic, every)
    )  # fmt: skip


def _in_tremor(listed: Listed, exposure: Exposure) -> Faint:
    """Potentials within a tremor, which are not listed."""
    shaking = covers(exposure.excluded[LEARNT_AT]["tremor"], listed.found.time_s)
    own = listed.chosen(shaking)
    return Faint(own.measured.peak_s, own.found.template, own.found.score)


def _with_beats(
    front: Front, chunks: list[Chunk], listed: Listed, known: Known, exposure: Exposure,
    config: Config, *, n_threads: int,
) -> tuple[Listed, NDArray[np.bool_]]:  # fmt: skip
    """Potentials and the heart beats that were taken out, by time, and which of them are beats."""
    beats = listed_beats(
        front, chunks, in_any(exposure.analysed), channels=known.view.channels,
        threshold=known.threshold, low_hz=config.measure_low_hz, n_threads=n_threads,
    )  # fmt: skip
    every = listed.and_then(beats)
    order = np.argsort(every.found.time_s, kind="stable")
    return every.chosen(order), order >= len(listed.found.time_s)
