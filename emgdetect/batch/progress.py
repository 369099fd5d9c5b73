"""How far the batch is: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from emgdetect.batch.options import Progress
from emgdetect.batch.task import Outcome


def line_of(name: str, outcome: Outcome) -> str:
    """What is said of a recording that has ended."""
    return (
        f"{outcome.status:<6} {name}: {outcome.message} [{outcome.code}, {outcome.seconds:.1f} s]"
    )


@contextmanager
def reporting() -> Iterator[Progress]:
    """Progress that suits standard error: a bar if it is a terminal, otherwise lines."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    with _bar() as progress:
        yield progress


def say(text: str) -> None:
    """Write one line to standard error, whatever its encoding."""
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)


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
        say(f"{n_ended}/{count['todo']} {line_of(name, outcome)}{_left(n_left, left_s)}")

    return Progress(started, ended)


def _left(n_left: int, left_s: float) -> str:
    hours, rest = divmod(round(left_s), 3600)
    minutes, seconds = divmod(rest, 60)
    return f" {n_left} left, about {hours}:{minutes:02}:{seconds:02}" if n_left else ""


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

        yield Progress(started, ended)
