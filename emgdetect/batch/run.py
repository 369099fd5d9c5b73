"""The batch: from the inputs named to a folder of results, in one call that can be repeated."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from emgdetect.batch.book import Book
from emgdetect.batch.failure import STAYS, forget_failure, note_failure
from emgdetect.batch.finish import finish
from emgdetect.batch.foreign import refuse_foreign
from emgdetect.batch.inputs import find_inputs
from emgdetect.batch.local import Supervisor, n_cores
from emgdetect.batch.lock import LOCK, locked
from emgdetect.batch.naming import name_inputs
from emgdetect.batch.options import Options, Progress, Stop, Tally
from emgdetect.batch.page import LOST, remove_stale_page
from emgdetect.batch.progress import say
from emgdetect.batch.results import MARK, clear, keep_log, publish, read_mark, remove_result
from emgdetect.batch.room import STAGING, clear_staging, prepare, withdraw
from emgdetect.batch.status import known_rows
from emgdetect.batch.task import Outcome, Task
from emgdetect.columns import FAILED

CHUNK = 32
"""Results checked by one process: enough to make its start cheap, few enough to share out."""


class Executor(Protocol):
    """Whoever does tasks: this machine or a cluster."""

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Do tasks; yields each with its outcome as it ends, or not at all when stopped."""
        ...

    def close(self) -> None:
        """End everything that is at work."""
        ...


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
        If the call is wrong: no such input, output not writable, in use or somebody else's.
    """
    inputs = find_inputs(given)
    refuse_foreign(inputs, options)
    made = prepare(options.out)
    with ExitStack() as stack:
        stack.enter_context(locked(options.out, shared=bool(options.shard)))
        if not options.shard:  # of parts others may be about to begin in it
            stack.push(lambda error, *_: withdraw(made, error))
        if options.shard:
            stack.enter_context(locked(options.out, name=f"{LOCK}{options.part}"))
        clear_staging(options.out, part=options.part)
        progress = progress or Progress()
        executor = _executor(options, stop or Stop(), progress)
        stack.callback(clear_staging, options.out, part=options.part)
        stack.callback(executor.close)
        tally = _run(inputs, options, executor, progress)
        progress.closed(tally, options.out)
        return tally


def _run(inputs: list[Path], options: Options, executor: Executor, progress: Progress) -> Tally:
    rows = known_rows(options.out)
    try:
        names = name_inputs(inputs, rows, anonymous=options.anonymous_names,
                            hash_of=partial(_hashes, options, executor))  # fmt: skip
    except InterruptedError:
        return Tally(0, 0, 0, len(inputs))
    mine = _mine(sorted(names.items()), options.shard)
    paths = {name: path for path, name in mine}
    if options.shard and not mine:
        say(
            f"Nothing to do for part {options.shard[0]} of {options.shard[1]}: {len(names)} in all."
        )
    own = {name: row for name, row in rows.items() if name in paths or not options.shard}
    book = Book(options.out / f"status{options.part}.tsv", own, paths)
    book.write()
    kept = set() if options.overwrite else _unchanged(paths, options, executor)
    stuck = _note_kept(book, kept, options.out)
    todo = [name for name in sorted(paths) if name not in kept]
    n_kept = len(kept) - len(stuck)
    progress.started(len(todo), n_kept)
    failed = ended = 0
    for name, outcome in _compute(todo, paths, options, executor):
        failed, ended = failed + (outcome.status == "failed"), ended + 1
        with contextlib.suppress(OSError):
            book.note(name, outcome)
        progress.ended(name, outcome)
    finish(book, shard=bool(options.shard), out=options.out)
    pageless = False
    if not options.shard:
        pageless = options.settings.report and not _overview(executor, options)
        remove_stale_page(options.out, said=say)
    n_failed = failed + len(stuck)
    return Tally(ended - failed, n_failed, n_kept, len(todo) - ended, pageless=pageless)


def _hashes(options: Options, executor: Executor, paths: Sequence[Path]) -> dict[Path, str]:
    """Hashes of the content of inputs, read by workers, as to read a file may take for ever.

    Raises
    ------
    InterruptedError
        If the person asked to stop before all are known.
    """
    named = {str(i): path for i, path in enumerate(paths)}
    ended = list(executor.run([_task("hash", [name], named, options) for name in named]))
    if len(ended) < len(named):
        raise InterruptedError
    return {named[task.names[0]]: told for task, outcome in ended for told in outcome.kept}


def _mine(named: list[tuple[Path, str]], shard: tuple[int, int] | None) -> list[tuple[Path, str]]:
    """Every N-th input, from the I-th on, of an array job; otherwise all."""
    return named[shard[0] - 1 :: shard[1]] if shard else named


def _overview(executor: Executor, options: Options) -> bool:
    """Write the page of the batch; whether that went well, and says so if not.

    Without it the results are no worse.
    """
    task = _task("overview", ["overview"], {"overview": options.out}, options)
    for _, outcome in executor.run([task]):
        if outcome.status == "failed":
            say(LOST.format(why=outcome.message))
        with contextlib.suppress(OSError):
            keep_log(options.out, "overview", Path(outcome.staging or task.staging), outcome)
        return outcome.status == "done"
    return True  # interrupted before it was begun


def _unchanged(paths: Mapping[str, Path], options: Options, executor: Executor) -> set[str]:
    """Names whose results belong to this input, settings and program; says why others do not."""
    candidates = [name for name in sorted(paths) if (options.out / name / MARK).is_file()]
    chunks = [candidates[i : i + CHUNK] for i in range(0, len(candidates), CHUNK)]
    tasks = [_task("check", chunk, paths, options) for chunk in chunks]
    outcomes = [outcome for _, outcome in executor.run(tasks)]
    reasons = Counter(reason for outcome in outcomes for reason in outcome.reasons)
    for reason, n in sorted(reasons.items()):
        say(f"{n} done before to be computed again: {reason}.")
    return {name for outcome in outcomes for name in outcome.kept}


def _compute(
    names: list[str], paths: Mapping[str, Path], options: Options, executor: Executor
) -> Iterator[tuple[str, Outcome]]:
    """Analyse recordings; yields each with what came of it once its result is in place."""
    tasks = [_task("analyse", [name], paths, options) for name in names]
    for task, outcome in executor.run(tasks):
        name = task.names[0]
        yield name, _settle(task, outcome, options.out)
        clear(Path(task.staging))


def _note_kept(book: Book, kept: set[str], out: Path) -> list[str]:
    """Enter what needs no computing; a failure of a later attempt is over where this holds.

    Names whose note of a failure cannot be taken away: they stay failed, for now.
    """
    stuck = []
    for name in sorted(kept):
        row = book.rows.get(name)
        if row is not None and row.status == "done":
            continue
        try:
            forget_failure(out / name)
        except OSError as error:
            say(f"{name} stays failed: {FAILED} in it cannot be removed: {error.strerror}.")
            stuck.append(name)
            continue
        message = str((read_mark(out / name) or {}).get("message", "Complete."))
        with contextlib.suppress(OSError):
            book.note(name, Outcome(status="done", code="ok", message=message))
    return stuck


def _settle(task: Task, outcome: Outcome, out: Path) -> Outcome:
    """Put a result in its place; a failure leaves an older result there, with a note of it.

    Where log or note cannot be written, as on a full disk, the outcome is told as it was.
    """
    name, staging = task.names[0], Path(outcome.staging or task.staging)
    with contextlib.suppress(OSError):
        keep_log(out, name, staging, outcome)
    if outcome.status == "done":
        try:
            publish(staging, out / name)
        except OSError as error:
            text = f"The result could not be put in place: {error.strerror}."
            return replace(outcome, status="failed", code="not-written", message=text)
    elif read_mark(out / name):
        outcome = replace(outcome, message=f"{outcome.message} {STAYS}")
        with contextlib.suppress(OSError):
            note_failure(out / name, outcome)
    else:
        with contextlib.suppress(OSError):
            remove_result(out / name)  # what stands there is no result, but parts of one
    return outcome


def _task(
    do: Literal["analyse", "check", "hash", "overview"],
    names: Sequence[str],
    paths: Mapping[str, Path],
    options: Options,
) -> Task:
    return Task(
        do=do,
        inputs=tuple(os.fspath(paths[name]) for name in names),
        names=tuple(names),
        out=os.fspath(options.out),
        staging=os.fspath(options.out / f"{STAGING}{options.part}" / f"{do}-{names[0]}"),
        settings=options.settings,
        anonymous=options.anonymous_names,
    )


def _executor(options: Options, stop: Stop, progress: Progress) -> Executor:
    if options.scheduler:
        from emgdetect.batch.cluster import Cluster

        return Cluster(options.scheduler, timeout_s=options.timeout_s, stop=stop)
    return Supervisor(
        jobs=options.jobs or n_cores(),
        timeout_s=options.timeout_s,
        stop=stop,
        with_report=options.settings.report,
        at_work=progress.at_work,
    )
