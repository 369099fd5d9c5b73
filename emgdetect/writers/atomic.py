"""Files that stand whole under their final name, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

_CUT_SHORT = re.compile(r"\d+ requested and \d+ written")
"""What NumPy says where a disk is full."""

TEMPORARY = ".tmp-"
"""How the name of a file begins that is not complete: a killed process leaves it behind."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a temporary path in the same folder that takes the place of `path` at the end.

    Whatever stood there before stays untouched until the new file is complete and on the disk;
    if the block raises, the temporary file is removed and the old one stays.

    Parameters
    ----------
    path : Path
        Final name; its folder exists.

    Yields
    ------
    Path
        A name in the same folder, with the suffix of `path`, to write to.

    Raises
    ------
    OSError
        If the file cannot be written or moved into place; it names `path`, not the temporary file.
    """
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(6)}{path.suffix[:16]}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _named(error, temporary, path) from error
        raise


def _named(error: OSError, temporary: Path, path: Path) -> OSError:
    """An error of writing, in the words of the system and with the name that the file has."""
    if error.errno is None and _CUT_SHORT.fullmatch(str(error)):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    ours = error.filename in (None, str(temporary), temporary)
    return OSError(error.errno, error.strerror, str(path)) if error.errno and ours else error


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with Unix line ends, whole or not at all (see `replacing`)."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def sync(path: Path) -> None:
    """Flush a file to the disk, so that after a power cut its name never leads to an empty one."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
