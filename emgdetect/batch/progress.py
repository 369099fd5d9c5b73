"""How far the batch is: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emgdetect.batch.joint import SUMMARY
from emgdetect.batch.options import Progress, Tally
from emgdetect.batch.results import REPORT
from emgdetect.batch.status import STATUS
from emgdetect.batch.task import Outcome
from emgdetect.writers.cells import safe_text


def line_of(name: str, outcome: Outcome) -> str:
    """What is said of a recording that has ended."""
    return (
        f"{outcome.status:<6} {name}: {outcome.message} [{outcome.code}, {outcome.seconds:.1f} s]"
    )


def closing_of(tally: Tally, out: Path) -> list[str]:
    """What is said at the end: where to look, and what to do where not all went well."""
    pages = [page for page in (out / REPORT, out / SUMMARY) if page.is_file()]
    lines = [f"Results: {safe_text(str(page))}" for page in pages[:1]]
    if tally.n_failed:
        n = tally.n_failed + tally.n_done + tally.n_kept + tally.n_open
        lines.append(
            f"{tally.n_failed} of {n} failed; why stands in {safe_text(str(out / STATUS))}."
        )
    if tally.n_open:
        lines.append(f"{tally.n_open} not analysed; the same command continues.")
    return lines


@contextmanager
def reporting() -> Iterator[Progress]:
    """Progress that suits standard error: a bar if it is a terminal, otherwise lines."""
    if sys.stderr is None:
        _lead_nowhere(2)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if not sys.stderr.isatty():
        yield _lines()
        return
    with _bar() as progress:
        yield progress


def say(text: str) -> None:
    """Write one line to standard error, whatever its encoding; where nobody listens, to nobody.

    A log on a full disk or a reader that went away (``2>&1 | head``) must not end a batch, whose
    outcomes stand in `status.tsv`.
    """
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    line = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        _lead_nowhere(sys.stderr.fileno())


def _lead_nowhere(descriptor: int) -> None:
    """Open a descriptor on nothing, for workers, too; were it closed, other files would take it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.set_inheritable(descriptor, True)
    if nowhere != descriptor:
        os.close(nowhere)


def _lines() -> Progress:
    """One line per recording, with what is finished, failed, left, and the time that will take."""
    count = {"todo": 0, "done": 0, "failed": 0}
    began = time.monotonic()

    def started(n_todo: int, n_kept: int) -> None:
        count["todo"] = n_todo
        if n_kept:
            say(f"{n_kept} done before and unchanged, {n_todo} to do.")

    def ended(name: str, outcome: Outcome) -> None:
        count[outcome.status] += 1
        n_ended = count["done"] + count["failed"]
        n_left = count["todo"] - n_ended
        left_s = (time.monotonic() - began) / n_ended * n_left
        tail = _tail(count["failed"], n_left, left_s)
        say(f"{n_ended}/{count['todo']} {line_of(name, outcome)}{tail}")

    def closed(tally: Tally, out: Path) -> None:
        for line in closing_of(tally, out):
            say(line)

    return Progress(started, ended, closed)


def _tail(n_failed: int, n_left: int, left_s: float) -> str:
    """How many failed so far, how many are left, and for how long; empty after the last one."""
    if not n_left:
        return ""
    hours, rest = divmod(round(left_s), 3600)
    minutes, seconds = divmod(rest, 60)
    failed = f"{n_failed} failed, " if n_failed else ""
    return f" {failed}{n_left} left, about {hours}:{minutes:02}:{seconds:02}"


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress

    failed = [0]
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with RichProgress(*columns, console=Console(stderr=True)) as bar:

        def tell(text: str) -> None:
            bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

        job = bar.add_task("recordings", total=None, failed=0)

        def started(n_todo: int, n_kept: int) -> None:
            if n_kept:
                tell(f"{n_kept} done before and unchanged.")
            bar.update(job, total=n_todo)

        def ended(name: str, outcome: Outcome) -> None:
            failed[0] += outcome.status == "failed"
            if outcome.status == "failed":
                tell(line_of(name, outcome))
            bar.update(job, advance=1, failed=failed[0])

        def closed(tally: Tally, out: Path) -> None:
            for line in closing_of(tally, out):
                tell(line)

        yield Progress(started, ended, closed)
