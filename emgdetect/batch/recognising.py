"""What a worker tells of results and inputs without analysing, all of it by hash."""

from __future__ import annotations

from pathlib import Path

from emgdetect.batch.identity import sha256_of
from emgdetect.batch.inputs import problem_of
from emgdetect.batch.results import difference
from emgdetect.batch.task import Outcome, Task


def check(task: Task) -> Outcome:
    """Names of a task whose results belong to input, settings and program; why others do not."""
    pairs = zip(task.names, task.inputs, strict=True)
    why = {name: _difference(task, name, Path(path)) for name, path in pairs}
    kept = tuple(name for name, reason in why.items() if not reason)
    return _told(kept, tuple(reason for reason in why.values() if reason))


def digest(task: Task) -> Outcome:
    """Hash of the content of a task's input; none where there is nothing to read."""
    path = Path(task.inputs[0])
    try:
        return _told((sha256_of(path),) if problem_of(path) is None else ())
    except OSError:
        return _told(())


def _told(kept: tuple[str, ...], reasons: tuple[str, ...] = ()) -> Outcome:
    return Outcome(status="done", code="ok", message="", kept=kept, reasons=reasons)


def _difference(task: Task, name: str, path: Path) -> str:
    try:
        if problem_of(path) is None:
            return difference(Path(task.out, name), path, task.settings)
    except OSError:
        pass
    return "the recording cannot be read"
