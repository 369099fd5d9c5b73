"""How a batch is run, how it tells of itself, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from emgdetect.batch.stages import AtWork
from emgdetect.batch.task import Outcome, Settings


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a batch is run; nothing of it changes a table.

    Attributes
    ----------
    out : Path
        Absolute.
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

    @property
    def part(self) -> str:
        """``-I-of-N`` for a part of an array job, otherwise empty; ends names of its own files."""
        return f"-{self.shard[0]}-of-{self.shard[1]}" if self.shard else ""


@dataclass(frozen=True)
class Tally:
    """What became of a batch: numbers of recordings done, failed, kept from before, and open.

    `pageless` is whether the page of all of them could not be made.
    """

    n_done: int
    n_failed: int
    n_kept: int
    n_open: int
    pageless: bool = False

    @property
    def exit_status(self) -> int:
        """0 all done, 1 some recordings or their page failed, 130 interrupted."""
        return 130 if self.n_open else int(bool(self.n_failed or self.pageless))


@dataclass
class Stop:
    """How often the person asked to stop: once finishes what is running, twice ends it."""

    asked: int = 0


def _no_start(_n_todo: int, _n_kept: int) -> None: ...


def _no_end(_name: str, _outcome: Outcome) -> None: ...


def _no_close(_tally: Tally, _out: Path) -> None: ...


def no_work(_work: Sequence[AtWork]) -> None:
    """Hear of what is at work and do nothing."""


@dataclass
class Progress:
    """Where the batch tells how far it is; by default nowhere.

    Attributes
    ----------
    started : callable
        Called once with the number of recordings to do and of those kept from earlier calls.
    ended : callable
        Called with the name and outcome of each recording that has ended.
    closed : callable
        Called at the end with what became of the batch and its output folder.
    at_work : callable
        Called about twice a second with the recordings at work, none if there are none. A cluster
        does not call it.
    """

    started: Callable[[int, int], None] = _no_start
    ended: Callable[[str, Outcome], None] = _no_end
    closed: Callable[[Tally, Path], None] = _no_close
    at_work: Callable[[Sequence[AtWork]], None] = no_work
