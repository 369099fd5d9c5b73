"""The folder under review: its recordings, each with its tables and its signal."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emgdetect import curation
from emgdetect.review.casebook import Casebook
from emgdetect.review.opened import Signal


@dataclass(frozen=True)
class Case:
    """One recording on the desk."""

    name: str
    book: Casebook
    signal: Signal


@dataclass(frozen=True)
class Desk:
    """All recordings of an output folder that have events to review, in order of their names."""

    folder: Path
    reviewer: str
    cases: tuple[Case, ...]

    def catch_up(self) -> None:
        """Write what a server that was killed after a decision left to be written, if it can be."""
        for case in self.cases:
            with contextlib.suppress(OSError, ValueError, KeyError):
                if case.book.is_behind:
                    case.book.settle()

    def listing(self) -> list[dict[str, Any]]:
        """One entry per recording: its name and how many decisions stand."""
        return [
            {"name": case.name, "n_decisions": len(curation.standing(case.book.trail.decisions))}
            for case in self.cases
        ]


def open_desk(folder: Path, *, input_root: Path | None, reviewer: str) -> Desk:
    """Find the recordings in the output folder of a run.

    Raises
    ------
    ValueError
        If there is no such folder, or nothing in it to review.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}.")
    inputs = _inputs(folder)
    names = sorted(path.parent.name for path in folder.glob("*/events.tsv"))
    cases = tuple(_case(folder, name, inputs.get(name), input_root, reviewer) for name in names)
    ready = tuple(case for case in cases if (case.book.folder / "summary.tsv").exists())
    if not ready:
        raise ValueError(f"{folder} holds no results; make some with: emgdetect run … --out DIR")
    return Desk(folder, reviewer, ready)


def _case(
    folder: Path, name: str, listed: Path | None, input_root: Path | None, reviewer: str
) -> Case:
    book = Casebook(folder / name, reviewer)
    return Case(name, book, Signal(listed, book.provenance, input_root))


def _inputs(folder: Path) -> dict[str, Path]:
    """Input of each recording by its name, as far as ``status.tsv`` knows."""
    try:
        status = curation.read_table(folder / "status.tsv")
        pairs = zip(status["recording"], status["input"], strict=True)
    except (OSError, ValueError, KeyError):
        return {}
    return {
        name: path if (path := Path(text)).is_absolute() else folder / path
        for name, text in pairs
        if isinstance(name, str) and isinstance(text, str)
    }
