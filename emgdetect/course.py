"""How far a detection is, told to whoever asked; nothing that is found depends on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


def _nobody(_stage: str, _share: float) -> None: ...


@dataclass(frozen=True)
class Course:
    """A stretch of the way from the beginning to the end.

    Attributes
    ----------
    told : callable
        Gets what begins, for people, and the share of the whole way that is behind; by default
        nobody listens.
    start, stop : float
        The stretch within the whole way, which goes from 0 to 1.
    before, after : str
        Put around what begins: of what it is a stage.
    """

    told: Callable[[str, float], None] = _nobody
    start: float = 0.0
    stop: float = 1.0
    before: str = ""
    after: str = ""

    def tell(self, stage: str, share: float) -> None:
        """Say that a stage begins, with the share of this stretch that is behind."""
        done = self.start + share * (self.stop - self.start)
        self.told(f"{self.before}{stage}{self.after}", done)

    def part(self, start: float, stop: float, *, before: str = "", after: str = "") -> Course:
        """A stretch of this one, from one share of it to another."""
        long = self.stop - self.start
        return replace(
            self, start=self.start + start * long, stop=self.start + stop * long,
            before=self.before + before, after=after + self.after,
        )  # fmt: skip


UNTOLD = Course()
"""Of a detection nobody waits for."""
