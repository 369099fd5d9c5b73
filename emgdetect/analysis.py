"""The analysis of one recording: detection, then statistics."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from emgdetect.arguments import expect, whole_number
from emgdetect.config import Config
from emgdetect.course import UNTOLD, Course
from emgdetect.detections import Detections
from emgdetect.findings import finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Set

    import pandas as pd

    from emgdetect.detection.pipeline import Learnt
    from emgdetect.recording import Recording

RECOVERY_COST = 0.5
"""Time of the recovery test, where its whole share of a recording is read again, by that of the
detection: 0.38 to 0.55 in four simulated recordings (seed 5). Only the told progress depends on
it."""


def detect(
    recording: Recording,
    config: Config | None = None,
    *,
    n_threads: int | None = None,
    recovery: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> Detections:
    """Find and judge the potentials of a recording, and summarise them per site.

    Parameters
    ----------
    recording : Recording
    config : Config, optional
        The defaults, if not given.
    n_threads : int, optional
        Threads to work in; all available cores by default. The result does not depend on it.
    recovery : bool
        Whether to add known potentials and detect once more in a part of the recording, to tell
        what could have been seen; this takes at most about as long again.
    progress : callable, optional
        Called in this thread as each stage begins, with what it is (``BICEPS L: units (2 of 4
        sites)``) and the share of the work that is behind, which rises from 0 to 1. It changes no
        result; what it raises ends the detection.

    Returns
    -------
    Detections
        Nothing found gives empty tables with the same columns; without sites there are no rows. A
        site with less than 5 s analysed (`stats.rates.LEAST_S`) has a count, but no rate.

    Raises
    ------
    EdfError
        If the file changed since it was opened, or its samples cannot be read.
    ValueError
        If the channels of a site differ in sampling rate, or `n_threads` is below 1.
    TypeError
        If `recording` is no Recording (a path, an array, an MNE Raw, …), `config` no Config or
        `n_threads` no whole number.
    """
    from emgdetect.recording import Recording

    config = Config() if config is None else config
    expect(recording, Recording, "recording")
    expect(config, Config, "config")
    if n_threads is not None and whole_number(n_threads, "n_threads") < 1:
        raise ValueError(f"n_threads must be at least 1, got {n_threads}")

    from emgdetect.detection.bodymap import side_of
    from emgdetect.detection.pipeline import find_potentials
    from emgdetect.stats.loudness import loud_sites
    from emgdetect.stats.strong_mains import strong_mains
    from emgdetect.stats.summary import summarise
    from emgdetect.stats.together import twitches_together

    course = Course(progress) if progress else UNTOLD
    first = _share_of_first(recording) if recovery else 1.0
    found = find_potentials(recording, config, n_threads=n_threads, course=course.part(0.0, first))
    sides = {site.name: side_of(site.name) for site in recording.sites}
    told = [finding("needle-recording")] if recording.kind == "needle" else [
        *loud_sites(found.facts), *twitches_together(found.events, sides),
    ]  # fmt: skip
    findings = (*recording.findings, *found.findings, *told)
    detections = Detections(
        events=found.events,
        summary=summarise(found.events, found.facts, excluded=found.excluded),
        excluded=found.excluded,
        config=config,
        waveforms=found.waveforms,
        findings=findings,
        facts=found.facts,
        seconds=found.seconds,
        details=recording.details,
    )
    if recovery:
        detections = with_recovery(recording, detections, learnt=found.learnt,
                                   n_threads=n_threads, course=course.part(first, 1.0))  # fmt: skip
    course.tell("done", 1.0)
    noted = strong_mains(detections.summary)
    return replace(detections, findings=(*detections.findings, *noted)) if noted else detections


def _share_of_first(recording: Recording) -> float:
    """Share of the time that the detection takes where a recovery test follows it."""
    from emgdetect.injection.parts import MOST_S, SHARE

    read_again = min(1.0, MOST_S / max(SHARE * recording.recorded_s, 1e-9))
    return 1.0 / (1.0 + RECOVERY_COST * read_again)


def with_recovery(
    recording: Recording, found: Detections, *, learnt: Learnt, n_threads: int | None = None,
    course: Course = UNTOLD,
) -> Detections:  # fmt: skip
    """What was found, with what could have been: injection and recovery at every site.

    Parameters
    ----------
    recording : Recording
    found : Detections
        Of this recording.
    learnt : Learnt
        What that detection learnt: the second look has the same filters and thresholds, and the
        units that are not injected.
    n_threads : int, optional
    course : Course, optional
        Hears of each stage of both looks.

    Returns
    -------
    Detections
        With the recovery columns of the summary filled and `recovery` set.
    """
    from emgdetect.detection.pipeline import find_potentials
    from emgdetect.injection import recover
    from emgdetect.stats.recovered import fill_recovery

    looks = iter((course.part(0.0, 0.5, before="recovery test 1/2: "),
                  course.part(0.5, 1.0, before="recovery test 2/2: ")))  # fmt: skip

    def find(changed: Recording, left_out: Mapping[str, Set[int]]) -> pd.DataFrame:
        known = learnt.without(left_out)
        return find_potentials(changed, found.config, n_threads=n_threads, learnt=known,
                               course=next(looks)).events  # fmt: skip

    start = time.perf_counter()
    course.tell("recovery test", 0.0)
    injected = recover(
        recording, found.events, found.facts, waveforms=found.waveforms, find=find,
        low_hz=found.config.measure_low_hz,
    )  # fmt: skip
    summary = fill_recovery(found.summary, injected, found.events, found.facts)
    seconds = {**found.seconds, "recovery": time.perf_counter() - start}
    return replace(found, summary=summary, recovery=injected, seconds=seconds)
