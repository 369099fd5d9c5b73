"""How far a recording at work is: its worker writes it, whoever waits for the worker reads it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

Note = Callable[[str, float], None]

STAGE = "stage.json"
"""In the staging folder, with which it goes; no result has it."""

PAUSE_S = 0.5
"""Between two looks at the stage, by worker and supervisor: quick for a person, and no burden to a
file system in a network."""


@dataclass(frozen=True)
class AtWork:
    """A recording at work.

    Attributes
    ----------
    name : str
    stage : str
        What its worker does, for people; it may hold text of the input.
    share : float
        Of its work that is behind, from 0 to 1.
    seconds : float
        Since it began.
    """

    name: str
    stage: str
    share: float
    seconds: float


@contextmanager
def stages_written(folder: Path) -> Iterator[Note]:
    """Hand out what notes a stage and its share; while the block runs, the latest is in the folder.

    A thread writes it, so that a stage that began right after another is told before it ends. Where
    it cannot be written nothing else happens.
    """
    latest = [("starting", 0.0)]
    over = Event()

    def note(stage: str, share: float) -> None:
        latest[0] = (stage, share)

    def write() -> None:
        written = None
        while not over.is_set():
            now = latest[0]
            if now != written:
                with contextlib.suppress(OSError):
                    _write(folder, now)
                    written = now
            over.wait(PAUSE_S)

    writer = Thread(target=write, daemon=True)
    writer.start()
    try:
        yield note
    finally:
        over.set()
        writer.join()


def _write(folder: Path, now: tuple[str, float]) -> None:
    temporary = folder / f".{STAGE}"
    temporary.write_text(json.dumps(now), encoding="utf-8")
    temporary.replace(folder / STAGE)


def read_stage(folder: Path) -> tuple[str, float]:
    """Stage and share of the worker of a staging folder, as last written."""
    try:
        stage, share = json.loads((folder / STAGE).read_text(encoding="utf-8"))
        return str(stage), min(1.0, max(0.0, float(share)))
    except (OSError, ValueError, TypeError):
        return "starting", 0.0
