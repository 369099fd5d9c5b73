"""How far the batch is: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from emgdetect.batch.joint import SUMMARY
from emgdetect.batch.options import Progress, Tally
from emgdetect.batch.results import REPORT
from emgdetect.batch.stages import AtWork
from emgdetect.batch.status import PARTS, STATUS
from emgdetect.batch.task import Outcome
from emgdetect.writers.cells import safe_text

SILENCE_S = 60.0
"""After this long without a line, one says what is at work: a night's recording takes an hour, and
nobody should have to wonder whether it still goes on. Set by judgement."""


def line_of(name: str, outcome: Outcome) -> str:
    """What is said of a recording that has ended."""
    return (
        f"{outcome.status:<6} {name}: {outcome.message} [{outcome.code}, {outcome.seconds:.1f} s]"
    )


def line_of_work(work: Sequence[AtWork]) -> str:
    """What is said of the recordings at work: of the one that began first; empty if there is none.

    A long recording among short ones is told of at every turn by this.
    """
    if not work:
        return ""
    first = max(work, key=lambda entry: entry.seconds)
    more = f"; {len(work) - 1} more" if len(work) > 1 else ""
    behind = f"{100 * first.share:.0f} %, {_duration(first.seconds)}"
    return safe_text(f"at work: {first.name}: {first.stage}, {behind}{more}")


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def closing_of(tally: Tally, out: Path) -> list[str]:
    """What is said at the end: where to look, and what to do where not all went well."""
    pages = [page for page in (out / REPORT, out / SUMMARY) if page.is_file()]
    lines = [f"Results: {safe_text(str(page))}" for page in pages[:1]]
    if any(out.glob(PARTS)):  # the tables and the page there are of an earlier run, if of any
        lines = [f"When all parts have ended: emgdetect summary {safe_text(str(out))}"]
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
        lead_nowhere(2)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if not sys.stderr.isatty():
        yield _lines()
        return
    from emgdetect.batch.bar import bar_shown

    with bar_shown() as progress:
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
        lead_nowhere(sys.stderr.fileno())


def lead_nowhere(descriptor: int) -> None:
    """Open a descriptor on nothing, for workers, too; were it closed, other files would take it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.set_inheritable(descriptor, True)
    if nowhere != descriptor:
        os.close(nowhere)


def _lines() -> Progress:
    """One line per recording, with what is finished, failed, left, and the time that will take.

    While none ends, a line now and then on what is at work.
    """
    count = {"todo": 0, "done": 0, "failed": 0}
    began = said_at = time.monotonic()

    def started(n_todo: int, n_kept: int) -> None:
        nonlocal said_at
        said_at = time.monotonic()
        count["todo"] = n_todo
        if n_kept:
            say(f"{n_kept} done before and unchanged, {n_todo} to do.")

    def ended(name: str, outcome: Outcome) -> None:
        nonlocal said_at
        said_at = time.monotonic()
        count[outcome.status] += 1
        n_ended = count["done"] + count["failed"]
        n_left = count["todo"] - n_ended
        left_s = (said_at - began) / n_ended * n_left
        tail = _tail(count["failed"], n_left, left_s)
        say(f"{n_ended}/{count['todo']} {line_of(name, outcome)}{tail}")

    def at_work(work: Sequence[AtWork]) -> None:
        nonlocal said_at
        if work and time.monotonic() - said_at >= SILENCE_S:
            said_at = time.monotonic()
            say(line_of_work(work))

    def closed(tally: Tally, out: Path) -> None:
        for line in closing_of(tally, out):
            say(line)

    return Progress(started, ended, closed, at_work)


def _tail(n_failed: int, n_left: int, left_s: float) -> str:
    """How many failed so far, how many are left, and for how long; empty after the last one."""
    if not n_left:
        return ""
    hours, rest = divmod(round(left_s), 3600)
    minutes, seconds = divmod(rest, 60)
    failed = f"{n_failed} failed, " if n_failed else ""
    return f" {failed}{n_left} left, about {hours}:{minutes:02}:{seconds:02}"
