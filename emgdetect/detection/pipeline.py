"""The detection of one recording, as a method section would tell it.

The heart's beats are found first and taken out of each site's signal. What is left becomes
candidates, units and a second pass with the units' own waveforms; its potentials are judged by
shape, by the heart, by neighbouring sites and by their unit's timing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.columns import EVENTS, EXCLUDED, table
from emgdetect.config import Config
from emgdetect.course import UNTOLD, Course
from emgdetect.detection.cardiac.beats import Beats, find_beats
from emgdetect.detection.levels import Counts, SiteLevels, judged_at
from emgdetect.detection.remarks.pieces import pieces_of
from emgdetect.detection.remarks.steadiness import unsteady_sites
from emgdetect.detection.remarks.twins import twin_sites
from emgdetect.detection.rest.active import mostly_active, mostly_firing
from emgdetect.detection.shape.shares import slow_shares
from emgdetect.detection.site import Known, SiteSignal
from emgdetect.detection.stages import detect_site
from emgdetect.detection.tabling import (
    event_rows,
    excluded_rows,
    site_facts,
    site_waveforms,
    template_units,
    unit_numbers,
    unusable_rows,
)
from emgdetect.detection.threads import available_threads, plain_algebra
from emgdetect.detection.verdicts.clockwork import keeping_time
from emgdetect.detection.verdicts.common import judge_common
from emgdetect.detection.verdicts.crosstalk import judge_crosstalk
from emgdetect.detection.verdicts.heart import ecg_beats, judge_heart
from emgdetect.detection.verdicts.judging import (
    Judged,
    judge_by_majority,
    judge_mains,
    judge_shape,
    judge_slowness,
    unjudged,
)
from emgdetect.detection.verdicts.pulses import judge_pulses
from emgdetect.detection.verdicts.shaken import judge_shaken
from emgdetect.detection.verdicts.timing import judge_timing
from emgdetect.detection.verdicts.unseen import judge_unseen
from emgdetect.detections import SiteFacts, Waveform
from emgdetect.findings import Finding
from emgdetect.recording import Recording
from emgdetect.signal.spans import total

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating[Any]]

SITES_FROM, SITES_TO = 0.02, 0.92
"""Shares of the time between which the sites are at work: the heart comes before, the judging after
them. From `Detections.seconds` of four simulated recordings (seed 5), 2 to 60 min long: the heart
takes 0.01 to 0.02, judging 0.05 to 0.10. Only the told progress depends on it."""


@dataclass(frozen=True)
class Learnt:
    """What the detection of a recording learnt, for a second one with the same settings.

    Attributes
    ----------
    beats : Beats
    sites : mapping of str to Known
        By name; sites that cannot be analysed are missing.
    units : mapping of str to ndarray of int, shape (n_templates,)
        Number of the unit of each template; 0 if it explains no potential.
    """

    beats: Beats
    sites: Mapping[str, Known]
    units: Mapping[str, NDArray[np.int64]]

    def without(self, left_out: Mapping[str, Set[int]]) -> Learnt:
        """The same without the templates of some units, given by number for each site."""
        kept = {
            site: ~np.isin(units, sorted(left_out.get(site, ())))
            for site, units in self.units.items()
        }
        return Learnt(
            self.beats,
            {site: known.of_templates(kept[site]) for site, known in self.sites.items()},
            {site: units[kept[site]] for site, units in self.units.items()},
        )


@dataclass(frozen=True)
class Potentials:
    """What detection hands to the statistics.

    Attributes
    ----------
    events, excluded : DataFrame
    facts : tuple of SiteFacts
    waveforms : tuple of Waveform
    findings : tuple of Finding
    seconds : mapping of str to float
    learnt : Learnt
    """

    events: pd.DataFrame
    excluded: pd.DataFrame
    facts: tuple[SiteFacts, ...]
    waveforms: tuple[Waveform, ...]
    findings: tuple[Finding, ...]
    seconds: Mapping[str, float]
    learnt: Learnt


def find_potentials(
    recording: Recording, config: Config, *, n_threads: int | None = None,
    learnt: Learnt | None = None, course: Course = UNTOLD,
) -> Potentials:  # fmt: skip
    """Find and judge the potentials of all sites of a recording.

    Parameters
    ----------
    recording : Recording
    config : Config
    n_threads : int, optional
        Threads to work in; all available cores by default. The result does not depend on it.
    learnt : Learnt, optional
        Of an earlier detection on the same clock, to be used instead of learning anew. Its sites
        alone are looked at.
    course : Course, optional
        Hears of each stage.

    Returns
    -------
    Potentials
        Events sorted by onset; a site that cannot be analysed has facts, but no events.
    """
    threads = available_threads() if n_threads is None else n_threads
    start = time.perf_counter()
    if learnt is None:
        course.tell("heart", 0.0)
    with plain_algebra():
        beats = find_beats(recording, n_threads=threads) if learnt is None else learnt.beats
        sought = time.perf_counter() - start
        sites, findings = _sites(recording, config, beats, learnt, n_threads=threads,
                                 course=course.part(SITES_FROM, SITES_TO))  # fmt: skip
        began = time.perf_counter()
        course.tell("judging", SITES_TO)
        beats_s = beats.time_s if len(beats) else ecg_beats(recording)
        # A second detection is asked for its events alone.
        signals, judged, counts = judged_at(
            sites, config.exclusion, partial(judge, beats_s=beats_s, n_threads=threads),
            others=learnt is None,
        )  # fmt: skip
        del sites
        judging = time.perf_counter() - began
    units = [unit_numbers(signal) for signal in signals]
    if learnt is None:
        findings += _like_clocks(signals, judged, units)
        for s, j in zip(signals, judged, strict=True):
            if recording.kind != "needle":
                train_s = s.measured.peak_s[j.verdict == "train"]
                findings += mostly_firing(s.site.name, train_s, analysed_s=total(s.counted_s))
            findings += mostly_active(s.site.name, s.excluded, analysed_s=total(s.counted_s))
        if recording.kind != "needle":
            looked_at = [pieces_of(signal, n_threads=threads) for signal in signals]
            findings += twin_sites(looked_at) + unsteady_sites(looked_at)
    return Potentials(
        events=_events(signals, judged, units),
        excluded=_excluded(recording, signals, all_sites=learnt is None),
        facts=_facts(recording, signals, counts),
        waveforms=tuple(waveform for s, unit in zip(signals, units, strict=True)
                        for waveform in site_waveforms(s, unit)),
        findings=tuple(findings),
        seconds=_summed(signals, {"heart": sought}) | {"judge": judging},
        learnt=Learnt(beats, {s.site.name: s.known for s in signals},
                      {s.site.name: template_units(s, unit)
                       for s, unit in zip(signals, units, strict=True)}),
    )  # fmt: skip


def _sites(
    recording: Recording, config: Config, beats: Beats, learnt: Learnt | None, *, n_threads: int,
    course: Course,
) -> tuple[list[SiteLevels], list[Finding]]:  # fmt: skip
    """What is found at each site that can be analysed; of those an earlier detection knows."""
    found: list[SiteLevels] = []
    findings: list[Finding] = []
    known = {} if learnt is None else learnt.sites
    sites = [site for site in recording.sites if learnt is None or site.name in known]
    n = len(sites)
    for k, site in enumerate(sites):
        own = course.part(k / n, (k + 1) / n, before=f"{site.name}: ",
                          after=f" ({k + 1} of {n} site{'s' * (n != 1)})")  # fmt: skip
        levels, noticed = detect_site(recording, site, config, beats=beats, n_threads=n_threads,
                                      known=known.get(site.name), course=own)  # fmt: skip
        findings += noticed
        if levels is not None:
            found.append(levels)
    return found, findings


def judge(signals: list[SiteSignal], *, beats_s: Floats, n_threads: int = 1) -> list[Judged]:
    """Pass a verdict on every potential of all sites, under one exclusion level."""
    judged = [unjudged(len(signal.found.time_s)) for signal in signals]
    judged = judge_heart(signals, judged, beats_s)
    shares = [slow_shares(signal) for signal in signals]
    judged = [judge_shape(s, j, share, n_threads=n_threads)
              for s, j, share in zip(signals, judged, shares, strict=True)]  # fmt: skip
    judged = judge_slowness(signals, judged, shares)
    judged = [judge_mains(s, j) for s, j in zip(signals, judged, strict=True)]
    judged = judge_shaken(signals, judged)
    judged = judge_pulses(signals, judged)
    judged = judge_common(signals, judged)
    judged = judge_crosstalk(signals, judged)
    judged = [judge_unseen(s, judge_by_majority(s, j))
              for s, j in zip(signals, judged, strict=True)]  # fmt: skip
    return [judge_timing(s, j) for s, j in zip(signals, judged, strict=True)]


def _like_clocks(
    signals: list[SiteSignal], judged: list[Judged], units: list[NDArray[np.int64]]
) -> list[Finding]:
    """Findings on units whose counted potentials keep time like a machine."""
    findings: list[Finding] = []
    for s, j, unit in zip(signals, judged, units, strict=True):
        counted = j.verdict == "fasciculation"
        findings += keeping_time(s.site.name, s.measured.peak_s[counted], unit[counted])
    return findings


def _events(
    signals: list[SiteSignal], judged: list[Judged], units: list[NDArray[np.int64]]
) -> pd.DataFrame:
    """The potentials of all sites, sorted by onset."""
    rows = [row for s, j, unit in zip(signals, judged, units, strict=True)
            for row in event_rows(s, j, unit)]  # fmt: skip
    return table(sorted(rows, key=lambda row: (row["onset"], row["site"], row["peak_s"])), EVENTS)


def _excluded(recording: Recording, signals: list[SiteSignal], *, all_sites: bool) -> pd.DataFrame:
    """Excluded spans of all sites, in their order."""
    known = {s.site.name: s for s in signals}
    rows: list[dict[str, Any]] = []
    for site in recording.sites:
        if site.name in known:
            rows += excluded_rows(known[site.name])
        elif all_sites:
            rows += unusable_rows(recording, site)
    return table(rows, EXCLUDED)


def _facts(
    recording: Recording, signals: list[SiteSignal], counts: list[Counts]
) -> tuple[SiteFacts, ...]:
    """Facts of all sites, in their order; those that cannot be analysed have some, too."""
    known = {s.site.name: (s, own) for s, own in zip(signals, counts, strict=True)}
    facts = []
    for site in recording.sites:
        signal, own = known.get(site.name, (None, None))
        facts.append(site_facts(recording, site, signal, own))
    return tuple(facts)


def _summed(signals: list[SiteSignal], shared: Mapping[str, float]) -> dict[str, float]:
    """Seconds per stage: those of the recording as a whole, and of all sites."""
    seconds_of = dict(shared)
    for signal in signals:
        for stage, seconds in signal.seconds.items():
            seconds_of[stage] = seconds_of.get(stage, 0.0) + seconds
    return seconds_of
