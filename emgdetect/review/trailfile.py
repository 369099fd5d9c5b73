"""Appending to ``reviewed.tsv`` so that nothing already written can be lost."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emgdetect.curation import Decision, Trail, format_line, header_line, read_trail


@dataclass(frozen=True)
class Known:
    """A trail and the size of its file when it was read; a file of that size has not changed."""

    trail: Trail
    n_bytes: int


def append_decision(
    path: Path, known: Known | None, decide: Callable[[Trail], Decision]
) -> tuple[Known, Decision]:
    """Append one decision and return when it is on the disk.

    Parameters
    ----------
    path : Path
        The trail; made with its header if it does not exist.
    known : Known or None
        The trail after the last call; spares reading it again.
    decide : callable
        Gets the trail as it stands on the disk, with lines another server may have added, and
        returns the decision to append. What it raises is passed on and nothing is written.

    Returns
    -------
    known : Known
        With the new decision.
    decision : Decision
    """
    with _locked(path) as handle:
        size = os.fstat(handle).st_size
        trail = known.trail if known and known.n_bytes == size else read_trail(path)
        decision = decide(trail)
        content = (_start_of_line(handle, size) + format_line(decision)).encode("utf-8")
        _write_all(handle, content)
        os.fsync(handle)
    decisions = (*trail.decisions, decision)
    return Known(Trail(decisions, trail.n_damaged), size + len(content)), decision


def _write_all(handle: int, data: bytes) -> None:
    """Write, or raise: on a full disk the system may take a part and say nothing more."""
    written = os.write(handle, data)
    if written < len(data):
        raise OSError(f"only {written} of {len(data)} bytes could be written; is the disk full?")


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The trail opened for appending, held against other servers; the lock dies with us."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _start_of_line(handle: int, size: int) -> str:
    """What must precede a new line: the header in an empty file, an end after a torn line."""
    if size == 0:
        return header_line()
    return "" if os.pread(handle, 1, size - 1) == b"\n" else "\n"
