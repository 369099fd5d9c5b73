"""The analysis of one recording: detection, then statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgdetect.config import Config
from emgdetect.detections import Detections
from emgdetect.findings import Finding

if TYPE_CHECKING:
    from emgdetect.recording import Recording

NEEDLE = Finding(
    code="needle-recording", severity="warning",
    message="This is a needle recording: its rates and amplitudes are not those of surface EMG.",
    hint="Use its potentials only.",
)  # fmt: skip


def detect(
    recording: Recording, config: Config | None = None, *, n_threads: int | None = None
) -> Detections:
    """Find and judge the potentials of a recording, and summarise them per site.

    Parameters
    ----------
    recording : Recording
    config : Config, optional
        The defaults, if not given.
    n_threads : int, optional
        Threads to work in; all available cores by default. The result does not depend on it.

    Returns
    -------
    Detections
        Nothing found gives empty tables with the same columns; a site without analysed time has
        no rate.
    """
    from emgdetect.detection.pipeline import find_potentials
    from emgdetect.stats.summary import summarise

    config = Config() if config is None else config
    found = find_potentials(recording, config, n_threads=n_threads)
    findings = (*recording.findings, *found.findings)
    if recording.kind == "needle":
        findings = (*findings, NEEDLE)
    return Detections(
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
