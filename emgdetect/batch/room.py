"""The output folder: made, tried and cleared before anything is computed."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
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


def prepare(out: Path) -> tuple[Path, ...]:
    """Make the output folder and try to write in it, before anything is computed.

    Returns
    -------
    tuple of Path
        The folders that were made, the innermost first; none where it was there.

    Raises
    ------
    CallError
        If it cannot be made or written, or its disk is full; then no folder was made.
    """
    probe = out / ".probe"
    made: tuple[Path, ...] = ()
    try:
        made = tuple(folder for folder in (out, *out.parents) if not folder.exists())
        if not made and not out.is_dir():
            raise FileExistsError(0, "there is a file of that name")
        out.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"\1" * PROBE_BYTES)
    except OSError as error:
        _forget(probe)
        _remove_empty(made)
        raise CallError(f"The output folder {out} cannot be written: {error.strerror}.") from None
    _forget(probe)
    if lack := lack_of_room(out):
        _remove_empty(made)
        raise CallError(f"The output folder {out} cannot be used: {lack}.")
    return made


def withdraw(made: Sequence[Path], error: type[BaseException] | None) -> None:
    """Take away the folders that a call made and was then refused, if nothing came into them.

    To be called while the lock of the first is held: nobody else's is taken away.
    """
    if error is None or not issubclass(error, CallError) or not made:
        return
    inside: list[Path] = []
    with contextlib.suppress(OSError):  # it was not made itself
        inside = list(made[0].iterdir())
    if all(entry.name.startswith(LOCK) for entry in inside):
        for entry in inside:
            _forget(entry)
        _remove_empty(made)


def _remove_empty(made: Sequence[Path]) -> None:
    """Remove folders, the innermost first; one that holds something, as another's lock, stays."""
    for folder in made:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _forget(probe: Path) -> None:
    try:
        probe.unlink(missing_ok=True)
    except OSError:
        return


def lack_of_room(out: Path) -> str:
    """Why there is no room for another result on the disk; empty if there is."""
    try:
        free = shutil.disk_usage(out).free
    except OSError as error:
        return f"what its disk has free cannot be told: {error.strerror}"
    if free >= MIN_FREE_BYTES:
        return ""
    return f"its disk has {free // 1000} kB free, and {MIN_FREE_BYTES // 1000} kB are needed"


def clear_staging(out: Path, *, part: str) -> None:
    """Remove what an earlier run left half-done: of this part, or everything if it is no part.

    That are also tables of the folder that it was writing when it was killed. Parts work beside
    each other, so none of them may take such a file for its own.
    """
    for folder in out.glob(f"{STAGING}{part or '*'}"):
        clear(folder)
    for file in () if part else out.glob(f"{TEMPORARY}*"):
        _forget(file)
