"""The trail of decisions: one line of ``reviewed.tsv`` each, only ever appended.

A line ends with a checksum of itself. What a crash or a full disk left torn is recognised by it
and skipped, so that one bad line never costs the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

What = Literal["verdict", "unit", "add", "exclude", "include", "undo"]
FILE_NAME = "reviewed.tsv"
_NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision of a reviewer.

    Attributes
    ----------
    number : int
        Counts from 1 within a recording.
    when : str
        UTC, ISO 8601.
    who : str
    what : {"verdict", "unit", "add", "exclude", "include", "undo"}
        `verdict` also stands for a verdict confirmed (`was` equals `now`); `include` takes back an
        exclusion made by a reviewer.
    site : str
        Empty in `exclude` and `include` for all sites of the recording.
    peak_s : float
        With `site`, the key of the potential; NaN for spans.
    onset, duration : float
        Seconds, of the potential or of the span.
    channel : str
    amplitude_uv, noise_uv : float
        Of the potential, so that one added here can be listed without reading signal.
    was, now : str
        Verdict, unit or reason of exclusion before and after (column ``is``); empty for none.
    undoes : int or None
        Number of the decision that an `undo` takes back.
    """

    number: int
    when: str
    who: str
    what: What
    site: str = ""
    peak_s: float = _NAN
    onset: float = _NAN
    duration: float = _NAN
    channel: str = ""
    amplitude_uv: float = _NAN
    noise_uv: float = _NAN
    was: str = ""
    now: str = ""
    undoes: int | None = None


@dataclass(frozen=True)
class Trail:
    """The decisions of one recording, in order, and how many damaged lines were skipped."""

    decisions: tuple[Decision, ...] = ()
    n_damaged: int = 0

    @property
    def next_number(self) -> int:
        """Number the next decision gets."""
        return max((decision.number for decision in self.decisions), default=0) + 1


_FIELDS = tuple(field.name for field in fields(Decision))
_FLOATS = frozenset({"peak_s", "onset", "duration", "amplitude_uv", "noise_uv"})
COLUMNS = (*("is" if name == "now" else name for name in _FIELDS), "check")


def header_line() -> str:
    """First line of a trail, with its line end."""
    return "\t".join(COLUMNS) + "\n"


def format_line(decision: Decision) -> str:
    """The decision as one line with its line end; `n/a` where nothing is known."""
    cells = [_cell(getattr(decision, name)) for name in _FIELDS]
    text = "\t".join(cells)
    return f"{text}\t{_check(text)}\n"


def parse_line(line: str) -> Decision | None:
    """The decision of a line without its line end; None if the line is damaged."""
    text, _, check = line.rpartition("\t")
    cells = text.split("\t")
    if len(cells) != len(_FIELDS) or check != _check(text):
        return None
    try:
        return _decision(dict(zip(_FIELDS, cells, strict=True)))
    except ValueError:
        return None


def read_trail(path: Path) -> Trail:
    """Read a trail; an absent file is an empty trail.

    Parameters
    ----------
    path : Path
        The ``reviewed.tsv`` of a recording.

    Returns
    -------
    Trail
        Without damaged lines, which are only counted.
    """
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return Trail()
    header = header_line().rstrip("\n")
    lines = [line for line in text.split("\n") if line and line != header]
    decisions = tuple(d for line in lines if (d := parse_line(line)) is not None)
    return Trail(decisions, len(lines) - len(decisions))


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions that were not undone, in order; the undoing lines themselves are left out."""
    every = list(decisions)
    undone = {decision.undoes for decision in every if decision.what == "undo"}
    return [d for d in every if d.what != "undo" and d.number not in undone]


def _check(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8')):08x}"


def _cell(value: object) -> str:
    if value is None or value == "" or value != value:  # the last: NaN
        return "n/a"
    text = repr(float(value)) if isinstance(value, float) else str(value)
    return " ".join(text.splitlines()).replace("\t", " ")


def _decision(cells: dict[str, str]) -> Decision:
    if cells["what"] not in get_args(What):
        raise ValueError(f"unknown decision {cells['what']!r}")
    values: dict[str, object] = {
        name: _float(cell) if name in _FLOATS else ("" if cell == "n/a" else cell)
        for name, cell in cells.items()
    }
    values["number"] = int(cells["number"])
    values["undoes"] = None if cells["undoes"] == "n/a" else int(cells["undoes"])
    return Decision(**values)  # type: ignore[arg-type]  # the dictionary's values vary in type


def _float(cell: str) -> float:
    return _NAN if cell == "n/a" else float(cell)
