"""One run at a time on an output folder; the lock dies with its holder."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from emgdetect.batch.inputs import CallError

LOCK = ".lock"


@contextmanager
def locked(folder: Path, *, name: str = LOCK, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    The operating system holds it for the open file, so that it ends with the process, however
    that ends; the file itself stays and says who holds it.

    Parameters
    ----------
    folder : Path
    name : str
        Name of the lock file.
    shared : bool
        Whether others that ask for it shared may hold it too.

    Raises
    ------
    CallError
        If another process holds it; the message says which.
    OSError
        If the lock file cannot be written.
    """
    with (folder / name).open("a+", encoding="utf-8") as file:
        if not _take(file, shared=shared):
            file.seek(0)
            holder = file.read(200).strip() or "another process"
            raise CallError(f"The folder {folder} is in use by another run ({holder}).")
        if not shared:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
        yield


def _take(file: IO[str], *, shared: bool) -> bool:
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
