"""How far the batch is, as a bar on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, RenderableType
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from emgdetect.batch.options import Progress, Tally
from emgdetect.batch.progress import closing_of, line_of, line_of_work
from emgdetect.batch.stages import AtWork
from emgdetect.batch.task import Outcome

SPEED_OVER_S = 24 * 3600.0
"""The time left is told from the speed over this time: parts of a long recording end minutes apart,
and over the half minute that `rich` takes by itself there would be no speed at all."""


class Bar(RichProgress):
    """The bar, and below it a line on what is at work."""

    work: Sequence[AtWork] = ()

    def get_renderables(self) -> Iterator[RenderableType]:
        """What stands at the bottom of the terminal; `rich` asks for it again and again."""
        yield from super().get_renderables()
        if line := line_of_work(self.work):
            yield Text(line, no_wrap=True, overflow="ellipsis")


class Told:
    """What the bar hears of a batch."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        self.job = bar.add_task("recordings", total=None, n_ended=0, n_todo="?", failed=0)
        self.n_ended = self.n_failed = 0

    def tell(self, text: str) -> None:
        """Write a line that stays, above the bar."""
        self.bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def started(self, n_todo: int, n_kept: int) -> None:
        if n_kept:
            self.tell(f"{n_kept} done before and unchanged.")
        self.bar.update(self.job, total=n_todo, n_todo=n_todo)

    def at_work(self, work: Sequence[AtWork]) -> None:
        self.bar.work = work
        behind = self.n_ended + sum(entry.share for entry in work)
        self.bar.update(self.job, completed=behind, n_ended=self.n_ended, failed=self.n_failed)

    def ended(self, name: str, outcome: Outcome) -> None:
        self.n_ended += 1
        if outcome.status == "failed":
            self.n_failed += 1
            self.tell(line_of(name, outcome))
        self.at_work([entry for entry in self.bar.work if entry.name != name])

    def closed(self, tally: Tally, out: Path) -> None:
        for line in closing_of(tally, out):
            self.tell(line)


@contextmanager
def bar_shown() -> Iterator[Progress]:
    """Progress with a bar on standard error, which is a terminal."""
    columns = (
        TextColumn("{task.description}"), BarColumn(),
        TextColumn("{task.fields[n_ended]}/{task.fields[n_todo]}"),
        TextColumn("{task.fields[failed]} failed"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Bar(*columns, console=console, speed_estimate_period=SPEED_OVER_S) as bar:
        told = Told(bar)
        yield Progress(told.started, told.ended, told.closed, told.at_work)
