"""One page per recording: what was recorded, what was found, what was left out, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect.cautions import WORDS, cautions
from emgdetect.report import figures, tables
from emgdetect.report.numbers import plural, span_of_time
from emgdetect.report.render import render
from emgdetect.report.words import sentence
from emgdetect.writers.atomic import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emgdetect.cautions import Caution
    from emgdetect.detections import Detections
    from emgdetect.recording import Recording


def write_report(recording: Recording, found: Detections, path: str | Path) -> None:
    """Write the page of one recording: self-contained, atomic, without any patient field.

    Parameters
    ----------
    recording : Recording
        Read once more in blocks, for the figures.
    found : Detections
    path : str or Path
        File to write; its folder exists.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    write_text(Path(path), report_html(recording, found))


def report_html(recording: Recording, found: Detections) -> str:
    """The page of one recording as text; the same for the same input, to the byte."""
    warned = cautions(((f.code, f.message) for f in found.findings), list(found.summary["site"]))
    drawn = figures.sites_drawn(recording, found)
    return render(
        "recording.html",
        name=recording.name,
        needle=recording.kind == "needle",
        abstract=_abstract(recording),
        sentences=_sentences(found, warned),
        warned=[c.sentence for c in warned[""] if c.words != WORDS["needle-recording"]],
        headline=tables.headline(found.summary, warned),
        overviews=figures.overviews(recording, found),
        sites=[(name, figures.of_site(recording, found, name)) for name in drawn],
        n_not_drawn=len(recording.sites) - len(drawn),
        recorded=tables.recorded(recording, found.config),
        not_analysed=tables.not_analysed(recording),
        segments=tables.segments(recording),
        excluded=tables.excluded(found),
        spans=tables.spans(found),
        verdicts=tables.verdicts(found),
        measures=tables.measures(found.summary),
        findings=tables.findings(found.findings),
        settings=tables.settings(found.config),
    )


def _sentences(found: Detections, warned: Mapping[str, Sequence[Caution]]) -> list[tuple[str, str]]:
    """What was found at each site, in words, with the warnings that touch its rate."""
    return [
        (site, sentence(row, tables.not_counted(found, site), [c.sentence for c in warned[site]]))
        for row in tables.records(found.summary)
        for site in [row["site"]]
    ]


def _abstract(recording: Recording) -> str:
    """What the recording is, in one line."""
    n_analysed = sum(channel.analysed for channel in recording.channels)
    n_pieces = len(recording.segments)
    pieces = "without a gap" if n_pieces == 1 else f"in {plural(n_pieces, 'piece')}"
    return (
        f"{recording.kind.capitalize()} EMG, {span_of_time(recording.recorded_s)} {pieces}; "
        f"{plural(len(recording.sites), 'site')}, {plural(n_analysed, 'channel')} analysed of "
        f"{len(recording.channels)}."
    )
