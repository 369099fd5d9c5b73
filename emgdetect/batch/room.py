"""The output folder: made, tried and cleared before anything is computed."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from emgdetect.batch.inputs import CallError
from emgdetect.batch.lock import LOCK
from emgdetect.batch.results import clear
from emgdetect.writers.atomic import TEMPORARY

STAGING = ".work"
"""Folder inside the output folder in which results wait until they are complete."""

PROBE_BYTES = 65536
MIN_FREE_BYTES = 2 << 20
"""Room that must be free to begin a recording: its results without figures, many times over."""


def prepare(out: Path) -> None:
    """Make the output folder and try to write in it, before anything is computed.

    Raises
    ------
    CallError
        If it cannot be made or written, or its disk is full.
    """
    if out.exists() and not out.is_dir():
        raise CallError(f"The output folder {out} cannot be written: there is a file of that name.")
    probe = out / ".probe"
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"\1" * PROBE_BYTES)
    except OSError as error:
        raise CallError(f"The output folder {out} cannot be written: {error.strerror}.") from None
    finally:
        _forget(probe)
    if not has_room(out):
        if is_new:
            withdraw(out, CallError)
        raise CallError(f"The disk of the output folder {out} is full.")


def withdraw(out: Path, error: type[BaseException] | None) -> None:
    """Take away a folder that this call made and was then refused, if nothing came into it.

    To be called while its lock is held: nobody else's is taken away.
    """
    if error is None or not issubclass(error, CallError):
        return
    inside = list(out.iterdir()) if out.is_dir() else []
    if all(entry.name.startswith(LOCK) for entry in inside):
        for entry in inside:
            _forget(entry)
        with contextlib.suppress(OSError):
            out.rmdir()


def _forget(probe: Path) -> None:
    try:
        probe.unlink(missing_ok=True)
    except OSError:
        return


def has_room(out: Path) -> bool:
    """Whether the disk has room for another result."""
    try:
        return shutil.disk_usage(out).free >= MIN_FREE_BYTES
    except OSError:
        return False


def clear_staging(out: Path, *, part: str) -> None:
    """Remove what an earlier run left half-done: of this part, or everything if it is no part.

    That are also tables of the folder that it was writing when it was killed. Parts work beside
    each other, so none of them may take such a file for its own.
    """
    for folder in out.glob(f"{STAGING}{part or '*'}"):
        clear(folder)
    for file in () if part else out.glob(f"{TEMPORARY}*"):
        _forget(file)
