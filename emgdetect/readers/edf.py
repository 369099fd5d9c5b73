"""EDF, EDF+, BDF and BDF+ files → `Recording`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from emgdetect.findings import EdfError, Finding, finding, refusal
from emgdetect.readers.annotations import Annotations, collect
from emgdetect.readers.drafts import Draft, Finished, finish_channels
from emgdetect.readers.edf_header import Header, header_bytes_needed, parse_header
from emgdetect.readers.edf_samples import (
    CHUNK_BYTES,
    SMALL_BYTES,
    EdfSamples,
    FileState,
    Placed,
    check_unchanged,
    open_unchanged,
    placed,
    read_exactly,
    state_of,
)  # fmt: skip
from emgdetect.readers.edf_signals import FIXED_BYTES, Signal
from emgdetect.readers.labels import is_needle
from emgdetect.readers.marks import Mark, with_marks
from emgdetect.readers.rates import true_record_s
from emgdetect.readers.sidecar import Surroundings
from emgdetect.readers.text import clean_text
from emgdetect.readers.timeline import Timeline, contiguous, timeline
from emgdetect.recording import Note, Recording, Segment


@dataclass(frozen=True)
class _File:
    """What was read of a file before any sample: header, annotations, state."""

    header: Header
    annotations: Annotations | None
    state: FileState


def read_edf(path: Path, surroundings: Surroundings) -> Recording:
    """Read header and annotations of a file; samples are read when asked for.

    Parameters
    ----------
    path : Path
    surroundings : Surroundings
        Site table, unit and side-car facts.

    Raises
    ------
    EdfError
        If the numbers could be wrong.
    """
    try:
        return _recording(path, _open(path), surroundings)
    except EdfError as error:
        error.path = error.path or path
        raise


def _open(path: Path) -> _File:
    fd = open_unchanged(path)
    try:
        state = state_of(fd)
        fixed = read_exactly(fd, min(FIXED_BYTES, state.size), 0, path)
        needed = min(header_bytes_needed(bytes(fixed)), state.size)
        header = parse_header(bytes(read_exactly(fd, needed, 0, path)), file_size=state.size)
        keepers = [signal for signal in header.signals if _keeps_annotations(signal)]
        annotations = collect(_records(fd, header, keepers, path)) if keepers else None
        check_unchanged(fd, path, state)
    finally:
        os.close(fd)
    return _without_appended(_File(header, annotations, state))


def _without_appended(file: _File) -> _File:
    """Records beyond those declared count only as long as they keep time like the others.

    Otherwise they are no records but something appended to the file.
    """
    header, annotations = file.header, file.annotations
    if annotations is None or header.n_declared < 1:
        return file
    kept = header.n_declared
    while kept < header.n_records and annotations.onsets[kept] is not None:
        kept += 1
    if kept >= header.n_records:
        return file
    message = f"{header.n_records - kept} records after the last one that has a time were left out."
    return replace(
        file,
        header=replace(
            header, n_records=kept, findings=(*header.findings, finding("trailing-bytes", message))
        ),
        annotations=replace(annotations, onsets=annotations.onsets[:kept]),
    )


def _keeps_annotations(signal: Signal) -> bool:
    return signal.is_annotation and signal.n_per_record > 0


def _records(
    fd: int, header: Header, signals: Sequence[Signal], path: Path
) -> Iterator[list[bytes]]:
    """Bytes of the annotation signals, record by record, read in large pieces."""
    size = header.record_bytes
    spans = [(s.start, s.start + s.n_per_record * header.sample_bytes) for s in signals]
    low, high = min(start for start, _ in spans), max(stop for _, stop in spans)
    step = max(1, CHUNK_BYTES // size) if size < SMALL_BYTES or 2 * (high - low) > size else 1
    for first in range(0, header.n_records, step):
        n = min(step, header.n_records - first)
        at = header.data_start + first * size + low
        piece = bytes(read_exactly(fd, (n - 1) * size + high - low, at, path))
        for index in range(n):
            shift = index * size - low
            yield [piece[start + shift : stop + shift] for start, stop in spans]


def _recording(path: Path, file: _File, surroundings: Surroundings) -> Recording:
    header = file.header
    signals = [signal for signal in header.signals if not signal.is_annotation]
    record_s, rate_findings = true_record_s(
        header.record_s, [s.n_per_record for s in signals if not s.fault]
    )
    finished = finish_channels([_draft(signal, record_s) for signal in signals], surroundings)
    times = _timeline(file, record_s, signals)
    duration_s = header.n_records * record_s
    segments = tuple(
        Segment(float(run.start_s), float(run.n_records * record_s)) for run in times.runs
    ) if duration_s else ()  # fmt: skip
    start = header.start + timedelta(seconds=float(times.origin_s)) if header.start else None
    notes, note_findings = _notes(file.annotations, times)
    findings = (*header.findings, *rate_findings, *times.findings, *note_findings,
                *finished.findings, *_flag_findings(file, path.suffix))  # fmt: skip
    needle = any(is_needle(signal.transducer) for signal in signals)
    whole = Recording(
        finished.channels, segments, _samples(path, file, signals, finished, times),
        name=clean_text(path.stem, limit=200) or "recording", path=path, start=start,
        kind="needle" if needle else "surface", findings=findings, notes=notes,
        details=_details(header, record_s),
    )  # fmt: skip
    return with_marks(whole, [_mark(note, signals) for note in notes])


def _mark(note: Note, signals: Sequence[Signal]) -> Mark:
    """The mark that an annotation is; ``text@@label`` is of the channels of that label alone, if
    there are any (EDF+ writers, MNE among them, tie annotations to signals so)."""
    text, _, label = note.text.partition("@@")
    channels = frozenset(k for k, s in enumerate(signals) if label and clean_text(s.label) == label)
    return Mark(note.onset_s, note.duration_s, text if channels else note.text, channels)


def _draft(signal: Signal, record_s: Fraction) -> Draft:
    """The signal in its own units."""
    fault = f"Its header is faulty ({signal.fault})." if signal.fault else ""
    rate = float(signal.n_per_record / record_s) if record_s else 0.0
    return Draft(
        label=signal.label, unit=signal.unit, sampling_hz=rate, prefilter=signal.prefilter,
        transducer=signal.transducer, low=signal.low, high=signal.high,
        resolution=float("nan") if signal.fault else signal.gain, fault=fault,
    )  # fmt: skip


def _samples(
    path: Path, file: _File, signals: Sequence[Signal], finished: Finished, times: Timeline
) -> EdfSamples:
    header = file.header
    places = []
    for signal, factor in zip(signals, finished.uv_per_unit, strict=True):
        places.append(_place(signal, factor))
    firsts = tuple(run.first for run in times.runs)
    return EdfSamples(
        path, file.state, header.data_start, header.record_bytes, header.sample_bytes,
        tuple(places), firsts,
    )  # fmt: skip


def _place(signal: Signal, factor: float) -> Placed:
    """Where its samples lie; those of a faulty signal are handed out as NaN."""
    if signal.fault:
        nan = float("nan")
        return Placed(signal.start, signal.n_per_record, nan, nan, nan)
    gain = signal.gain * factor
    zero = signal.low * factor - signal.digital_low * gain
    return placed(signal.start, signal.n_per_record, gain, zero)


def _timeline(file: _File, record_s: Fraction, signals: Sequence[Signal]) -> Timeline:
    header, annotations = file.header, file.annotations
    if annotations is None and header.plus == "D" and header.n_records > 1:
        message = "The file calls itself discontinuous but has no annotation signal."
        raise refusal("record-onset-unknown", message)
    if annotations is None or not record_s:
        return contiguous(header.n_records)
    fastest = max((signal.n_per_record for signal in signals), default=0)
    return timeline(
        annotations.onsets, record_s, resolution_s=annotations.resolution_s,
        sample_s=record_s / fastest if fastest else record_s,
        discontinuous=header.plus == "D",
    )  # fmt: skip


def _notes(
    annotations: Annotations | None, times: Timeline
) -> tuple[tuple[Note, ...], list[Finding]]:
    """Annotations on the recording's own time axis, in order of time."""
    if annotations is None:
        return (), []
    origin_s = float(times.origin_s)
    notes = [
        Note(note.onset_s - origin_s, note.duration_s, note.text) for note in annotations.notes
    ]
    findings = []
    if annotations.n_invalid:
        message = f"{annotations.n_invalid} annotations cannot be read."
        findings.append(finding("annotation-invalid", message))
    if not annotations.proper:
        findings.append(finding("annotation-format"))
    if annotations.latin:
        findings.append(finding("annotation-text"))
    return tuple(sorted(notes, key=lambda note: note.onset_s)), findings


def _flag_findings(file: _File, suffix: str) -> list[Finding]:
    """Does the file call itself what it is?"""
    findings = []
    if bool(file.header.plus) != (file.annotations is not None):
        findings.append(finding("reserved-field", offset=192))
    other = {"EDF": ".bdf", "BDF": ".edf"}[file.header.format]
    if suffix.casefold() == other:
        message = f"The suffix is {other}, the first bytes are those of {file.header.format}."
        findings.append(finding("suffix-differs", message, offset=0))
    return findings


def _details(header: Header, record_s: Fraction) -> dict[str, object]:
    plus = f"+{header.plus}" if header.plus else ""
    return {
        "format": f"{header.format}{plus}",
        "n_records": header.n_records,
        "record_duration_s": float(record_s),
    }
