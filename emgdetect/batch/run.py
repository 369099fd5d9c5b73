"""The batch: from the inputs named to a folder of results, in one call that can be repeated."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emgdetect.batch.identity import sha256_of
from emgdetect.batch.inputs import CallError, find_inputs, problem_of
from emgdetect.batch.joint import write_joint_summary
from emgdetect.batch.local import Stop, Supervisor, n_cores
from emgdetect.batch.lock import locked
from emgdetect.batch.names import assign_names
from emgdetect.batch.results import clear, publish, remove_result
from emgdetect.batch.status import (
    Row,
    input_cell,
    read_status,
    rebuilt_status,
    result_folders,
    write_status,
)  # fmt: skip
from emgdetect.batch.task import Outcome, Settings, Task
from emgdetect.writers.cells import number_cell, safe_text

STAGING = ".work"
CHUNK = 32
"""Results checked by one process: enough to make its start cheap, few enough to share out."""

MIN_FREE_BYTES = 4 << 20
STATUS_EVERY_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a batch is run; nothing of it changes a table.

    Attributes
    ----------
    out : Path
    settings : Settings
    jobs : int
        Recordings at work at the same time; 0 for one per core.
    timeout_s : float or None
        Longest time for one recording.
    overwrite : bool
        Compute again what is done.
    anonymous_names : bool
        Names by hash of the content in place of the stem.
    shard : (int, int) or None
        Part and number of parts of an array job.
    scheduler : str
        Address of a Dask scheduler; empty for this machine.
    """

    out: Path
    settings: Settings
    jobs: int = 0
    timeout_s: float | None = None
    overwrite: bool = False
    anonymous_names: bool = False
    shard: tuple[int, int] | None = None
    scheduler: str = ""


@dataclass(frozen=True)
class Tally:
    """What became of a batch."""

    n_done: int
    n_failed: int
    n_kept: int
    n_open: int

    @property
    def exit_status(self) -> int:
        """0 all done, 1 some failed, 130 interrupted."""
        return 130 if self.n_open else 1 if self.n_failed else 0


def _no_start(_n_todo: int, _n_kept: int) -> None: ...


def _no_end(_name: str, _outcome: Outcome) -> None: ...


@dataclass
class Progress:
    """Where the batch tells how far it is; by default nowhere.

    Attributes
    ----------
    started : callable
        Called once with the number of recordings to do and of those kept from earlier calls.
    ended : callable
        Called with the name and outcome of each recording that has ended.
    """

    started: Callable[[int, int], None] = _no_start
    ended: Callable[[str, Outcome], None] = _no_end


@dataclass
class _Book:
    """The status table while the batch runs."""

    out: Path
    rows: dict[str, Row]
    paths: Mapping[str, Path]
    written: float = field(default_factory=time.monotonic)

    def note(self, name: str, outcome: Outcome) -> None:
        """Enter an outcome, and now and then write the table."""
        cell = input_cell(self.paths[name])
        seconds = number_cell(round(outcome.seconds, 2), is_time=False)
        self.rows[name] = Row(
            cell, name, outcome.status, outcome.code, safe_text(outcome.message), seconds
        )
        if time.monotonic() - self.written > STATUS_EVERY_S:
            self.write()

    def write(self) -> None:
        """Write the table."""
        write_status(self.out, self.rows.values())
        self.written = time.monotonic()


def run_batch(
    given: Sequence[str],
    options: Options,
    *,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Analyse recordings into a folder; what is done and unchanged is not computed again.

    Parameters
    ----------
    given : sequence of str
        Files, folders, patterns, BIDS roots.
    options : Options
    stop : Stop, optional
        Through which a signal handler asks to stop.
    progress : Progress, optional

    Returns
    -------
    Tally

    Raises
    ------
    CallError
        If the call is wrong: no such input, output not writable or in use.
    """
    inputs = find_inputs(given)
    prepare(options.out)
    with locked(options.out):
        return _run(inputs, options, stop or Stop(), progress or Progress())


def join(out: Path) -> int:
    """Rebuild the joint tables of a folder from the results in it.

    Returns
    -------
    int
        Number of recordings joined.

    Raises
    ------
    CallError
        If there is no such folder, it cannot be written, or a run is at work in it.
    """
    if not out.is_dir():
        raise CallError(f"There is no folder {out}.")
    prepare(out)
    with locked(out):
        write_status(out, rebuilt_status(out, rows=read_status(out)).values())
        return write_joint_summary(out)


def prepare(out: Path) -> None:
    """Make the output folder and try to write in it, before anything is computed.

    Raises
    ------
    CallError
        If it cannot be made or written, or its disk is full.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".probe"
        probe.write_bytes(b"\0" * 65536)
        probe.unlink()
    except OSError as error:
        raise CallError(f"The output folder {out} cannot be written: {error.strerror}.") from None
    if not _has_room(out):
        raise CallError(f"The disk of the output folder {out} is full.")


def _has_room(out: Path) -> bool:
    return shutil.disk_usage(out).free >= MIN_FREE_BYTES


def _run(inputs: list[Path], options: Options, stop: Stop, progress: Progress) -> Tally:
    out = options.out
    clear(out / STAGING)
    rows = rebuilt_status(out, rows=read_status(out))
    names = _names(inputs, rows, options)
    paths = {name: path for path, name in names.items()}
    book = _Book(out, rows, paths)
    book.write()
    kept = set() if options.overwrite else _unchanged(paths, options, stop)
    todo = [name for name in sorted(paths) if name not in kept]
    for name in kept:
        if name not in rows or rows[name].status != "done":
            book.note(name, Outcome(status="done", code="ok", message="Complete."))
    progress.started(len(todo), len(kept))
    outcomes = {}
    for name, outcome in _compute(todo, paths, options, stop):
        outcomes[name] = outcome
        book.note(name, outcome)
        progress.ended(name, outcome)
    clear(out / STAGING)
    book.write()
    write_joint_summary(out)
    failed = sum(outcome.status == "failed" for outcome in outcomes.values())
    return Tally(len(outcomes) - failed, failed, len(kept), len(todo) - len(outcomes))


def _names(inputs: list[Path], rows: Mapping[str, Row], options: Options) -> dict[Path, str]:
    known = {row.input: name for name, row in rows.items()}
    cells = {path: input_cell(path) for path in inputs}
    hashes = {path: _hash_for_name(path) for path in inputs} if options.anonymous_names else None
    return assign_names(
        inputs,
        known={path: known[cell] for path, cell in cells.items() if cell in known},
        taken=[*rows, *(folder.name for folder in result_folders(options.out))],
        hashes=hashes,
    )


def _hash_for_name(path: Path) -> str:
    """Hash of the content, which tells nobody the name; of the path where it cannot be read."""
    import hashlib
    import os

    try:
        if problem_of(path) is None:
            return sha256_of(path)
    except OSError:
        pass
    return hashlib.sha256(os.fsencode(path)).hexdigest()


def _unchanged(paths: Mapping[str, Path], options: Options, stop: Stop) -> set[str]:
    """Names whose results are complete and belong to this input, settings and version."""
    candidates = [name for name in sorted(paths) if (options.out / name / "run.json").is_file()]
    chunks = [candidates[i : i + CHUNK] for i in range(0, len(candidates), CHUNK)]
    tasks = [_task("check", chunk, paths, options) for chunk in chunks]
    return {name for _, outcome in _executor(options, stop).run(tasks) for name in outcome.kept}


def _compute(
    names: list[str], paths: Mapping[str, Path], options: Options, stop: Stop
) -> Iterator[tuple[str, Outcome]]:
    """Analyse recordings; yields each with what came of it once its result is in place."""
    tasks = [_task("analyse", [name], paths, options) for name in names]
    for task, outcome in _executor(options, stop).run(tasks):
        name = task.names[0]
        yield name, _settle(task, outcome, options.out / name)
        clear(Path(task.staging))


def _settle(task: Task, outcome: Outcome, folder: Path) -> Outcome:
    """Put a result in its place; a failure takes the place of an older result."""
    try:
        if outcome.status == "done":
            publish(Path(task.staging), folder)
        else:
            remove_result(folder)
    except OSError as error:
        text = f"The result could not be put in place: {error.strerror}."
        return Outcome(status="failed", code="not-written", message=text, seconds=outcome.seconds)
    return outcome


def _task(do: str, names: Sequence[str], paths: Mapping[str, Path], options: Options) -> Task:
    import os

    return Task(
        do="check" if do == "check" else "analyse",
        inputs=tuple(os.fspath(paths[name]) for name in names),
        names=tuple(names),
        out=str(options.out),
        staging=str(options.out / STAGING / f"{do}-{names[0]}"),
        settings=options.settings,
        anonymous=options.anonymous_names,
    )


def _executor(options: Options, stop: Stop) -> Supervisor:
    return Supervisor(
        jobs=options.jobs or n_cores(),
        timeout_s=options.timeout_s,
        stop=stop,
        with_report=options.settings.report,
    )
