"""What a worker does with one recording: read, detect, write into the staging folder."""

from __future__ import annotations

import errno
import os
import time
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect._version import __version__
from emgdetect.batch.identity import code_digest, fingerprint, sha256_of, stamp
from emgdetect.batch.inputs import problem_of
from emgdetect.batch.page import write_page
from emgdetect.batch.recognising import check, digest
from emgdetect.batch.results import MARK, PRODUCTS, REPORT, read_mark
from emgdetect.batch.stages import Note, stages_written
from emgdetect.batch.task import RESPONSE, Outcome, Task, load_task, store
from emgdetect.course import Course
from emgdetect.findings import EdfError
from emgdetect.writers.cells import listed, safe_text

if TYPE_CHECKING:
    from emgdetect.detections import Detections
    from emgdetect.recording import Recording

_FULL = (errno.ENOSPC, errno.EDQUOT)

MOST_CODES = 3
"""Kinds of findings that the sentence on a recording names, at most."""

DETECTED = 0.95
"""Share of the work on a recording that reading and detecting are taken for; tables and report,
some ten seconds after a minute as after an hour, are the rest. Only what is told depends on it."""


class InputChangedError(Exception):
    """Somebody wrote to the input while it was read."""


class NotWrittenError(Exception):
    """The result could not be written into the staging folder."""


def answer(staging: Path) -> None:
    """Do what the request in a staging folder asks and leave the response beside it."""
    store(staging, RESPONSE, perform(load_task(staging)))


def perform(task: Task) -> Outcome:
    """Do a task; whatever goes wrong becomes a failed outcome with a code and one sentence."""
    began = time.monotonic()
    try:
        _check_version(task)
        asked = {"check": check, "hash": digest}.get(task.do)
        told = asked(task) if asked else Outcome(status="done", code="ok", message="")
        message = {"analyse": analyse, "overview": overview}.get(task.do, lambda _: "")(task)
        outcome = replace(told, message=message)
    except Exception as error:
        outcome = _failure(error)
    seconds = time.monotonic() - began
    message = safe_text(outcome.message)
    return replace(outcome, seconds=seconds, staging=task.staging, message=message)


def _check_version(task: Task) -> None:
    if task.version != __version__:
        text = f"The worker has emgdetect {__version__}, the batch {task.version}."
        raise EdfError("version-differs", text, hint="Install the same version everywhere.")


def overview(task: Task) -> str:
    """Write the page of the whole batch; returns nothing worth saying."""
    write_page(Path(task.out))
    return ""


def analyse(task: Task) -> str:
    """Analyse one recording into the staging folder; returns one sentence on what was found.

    Raises
    ------
    EdfError, OSError, InputChangedError
        If the input cannot be read rightly, or changed meanwhile.
    """
    path = Path(task.inputs[0])
    if problem := problem_of(path):
        raise EdfError(problem[0], problem[1], path=path)
    before = stamp(path)
    seconds: dict[str, float] = {}
    with (
        stages_written(Path(task.staging)) as note,
        ThreadPoolExecutor(1) as pool,
        warnings.catch_warnings(record=True) as caught,
    ):
        note("reading", 0.0)
        warnings.simplefilter("always")
        digest = pool.submit(sha256_of, path)
        recording = _read(task, path, seconds)
        found = _detect(recording, task, seconds, note)
        note("writing", DETECTED)
        with _writing():
            _write(recording, found, task, seconds)
        sha256 = digest.result()
    if stamp(path) != before:
        raise InputChangedError
    message = _sentence(found)
    extra = _facts(task, path, before[0], sha256) | {
        "message": message,
        "seconds": seconds,
        "warnings": sorted({str(warning.message) for warning in caught}),
    }
    with _writing():
        _mark(recording, found, task, extra)
        _follow_review(task)
    return message


@contextmanager
def _writing() -> Iterator[None]:
    """Tell trouble with the output from trouble with the input."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise NotWrittenError(error.strerror or str(error)) from error


def _read(task: Task, path: Path, seconds: dict[str, float]) -> Recording:
    from emgdetect.readers import read_recording

    began = time.monotonic()
    settings = task.settings
    recording = read_recording(
        path,
        sites=Path(settings.sites) if settings.sites else None,
        assume_unit=settings.assume_unit or None,
    )
    seconds["open"] = time.monotonic() - began
    return replace(recording, name=task.names[0])


def _detect(recording: Recording, task: Task, seconds: dict[str, float], note: Note) -> Detections:
    from emgdetect.analysis import detect
    from emgdetect.config import Config

    began = time.monotonic()
    found = detect(
        recording,
        Config(**task.settings.config),
        n_threads=task.n_threads,
        recovery=task.settings.recovery,
        progress=Course(note).part(0.0, DETECTED).tell,
    )
    seconds["detect"] = time.monotonic() - began
    return found


def _write(recording: Recording, found: Detections, task: Task, seconds: dict[str, float]) -> None:
    from emgdetect.writers import write_annotations, write_tables

    began = time.monotonic()
    staging, path = Path(task.staging), Path(task.inputs[0])
    write_tables(staging, found)
    source = path if _is_identified(task) else None
    write_annotations(staging / "annotations.edf", found, header_from=source)
    seconds["write"] = time.monotonic() - began
    if task.settings.report:
        from emgdetect.report import write_report

        write_report(recording, found, staging / REPORT)
        seconds["report"] = time.monotonic() - began - seconds["write"]


def _is_identified(task: Task) -> bool:
    """Whether the fields of an EDF header are asked for and there are any, whatever its name."""
    from emgdetect.readers.sniff import is_edf_like

    return task.settings.keep_identity and is_edf_like(Path(task.inputs[0]))


def _identity(task: Task) -> dict[str, str]:
    """Patient and recording field of the header, where asked for."""
    from emgdetect.writers import identity_of

    if not _is_identified(task):
        return {}
    field = identity_of(Path(task.inputs[0])).decode("ascii")
    return {"patient": field[:80].strip(), "recording": field[80:160].strip()}


def _facts(task: Task, path: Path, size: int, sha256: str) -> dict[str, Any]:
    """What `run.json` says of input and options; the path only where names may be told."""
    told = {} if task.anonymous else {"path": os.fspath(path)}
    settings = task.settings
    return {
        "input": {**told, **_identity(task), "size": size, "sha256": sha256},
        "options": {
            "sites": Path(settings.sites).name,
            "sites_sha256": sha256_of(Path(settings.sites)) if settings.sites else "",
            "assume_unit": settings.assume_unit,
            "recovery": settings.recovery,
            "keep_identity": settings.keep_identity,
        },
        "code": code_digest(),
        "fingerprint": fingerprint(path, settings),
    }


def _mark(recording: Recording, found: Detections, task: Task, extra: dict[str, Any]) -> None:
    """Write `run.json`, with the hash of each product, as the last file of the result."""
    from emgdetect.writers import write_provenance
    from emgdetect.writers.provenance import provenance

    staging = Path(task.staging)
    products = [staging / name for name in PRODUCTS if (staging / name).exists()]
    outputs = {file.name: sha256_of(file) for file in products}
    content = provenance(
        recording, found, extra=extra | {"outputs": outputs}, with_start=task.settings.keep_identity
    )
    write_provenance(staging / MARK, content)


def _follow_review(task: Task) -> None:
    """Replay the decisions on an older result of the recording, if any stand, on the new one."""
    from emgdetect import curation
    from emgdetect.columns import REVIEWED, SUMMARY
    from emgdetect.stats.reviewed import recorded_spans, reviewed_summary
    from emgdetect.writers.tables import write_table

    staging, folder = Path(task.staging), Path(task.out, task.names[0])
    if not curation.was_reviewed(folder):
        return
    trail = folder / curation.trail.FILE_NAME
    summary = reviewed_summary(
        curation.reviewed_events(staging, trail=trail),
        curation.reviewed_excluded(staging, trail=trail),
        curation.read_summary(staging / "summary.tsv"),
        recorded_spans(read_mark(staging) or {}),
    )
    write_table(staging / REVIEWED, summary, SUMMARY)


def _sentence(found: Detections) -> str:
    remarks = [finding.code for finding in found.findings if finding.severity != "note"]
    tail = f", {len(remarks)} finding{'s' * (len(remarks) != 1)}" if remarks else ""
    tail += f" ({listed(list(dict.fromkeys(remarks)), MOST_CODES)})" if remarks else ""
    return f"{_counted(found)}{tail}."


def _counted(found: Detections) -> str:
    """How much was found, where; a site without analysed time has no count, not one of 0."""
    counted, sites = len(found.fasciculations), len(found.summary)
    at = f"at {sites} site{'s' * (sites != 1)}"
    blank = int(found.summary["n_fasciculations"].isna().sum())
    if blank == sites:
        return f"Nothing could be analysed {at}"
    unrated = int(found.summary["rate_per_min"].isna().sum()) - blank
    tail = f", {blank} of them with nothing that could be analysed" if blank else ""
    tail += f", {unrated} with too short a time for a rate" if unrated else ""
    return f"{counted} fasciculation{'s' * (counted != 1)} {at}{tail}"


def _failure(error: Exception) -> Outcome:
    """An error as a failed outcome: known kinds with their sentence, others with their trace."""
    if isinstance(error, EdfError):
        return _failed(error.code, str(error))
    if isinstance(error, InputChangedError):
        return _failed("file-changed", "The file changed while it was read.")
    if isinstance(error, MemoryError):
        return _failed("out-of-memory", "There was not enough memory.")
    if isinstance(error, NotWrittenError):
        return _failed("not-written", f"The result could not be written: {error}.")
    if isinstance(error, OSError) and error.errno in _FULL:
        return _failed("disk-full", "The disk is full.")
    if isinstance(error, OSError):
        return _failed("file-unreadable", f"{error.strerror or error}.")
    trace = traceback.format_exc()
    text = f"A fault of this program: {type(error).__name__}: {error}"
    return Outcome(status="failed", code="internal-error", message=text, trace=trace)


def _failed(code: str, message: str) -> Outcome:
    return Outcome(status="failed", code=code, message=message)
