"""From what a person names to the list of recordings."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

SUFFIXES = frozenset({".edf", ".bdf", ".gdf", ".vhdr", ".fif", ".set", ".cnt"})
"""File names that are taken for recordings when a folder is searched."""

RESULT_MARK = "run.json"
"""By which a folder is known for the results of one recording. The folder of a whole run may be
that of the recordings themselves."""

OUR_EDF = "annotations.edf"
"""Passed over wherever a search meets it: what a killed run left bears no mark."""

LEFT_OUT = frozenset({"derivatives", "code", "stimuli", "lost+found", "System Volume Information"})
"""Folders of a BIDS dataset without raw recordings, and those of a disk that nobody may open."""


class CallError(ValueError):
    """The call itself was wrong: nothing was computed; the message is one sentence."""


def find_inputs(given: Sequence[str]) -> list[Path]:
    """Recordings that files, folders, patterns and BIDS roots name.

    Parameters
    ----------
    given : sequence of str
        Files (taken as they are), folders (searched with all below them; of a BIDS dataset only
        the EMG recordings where it has any), and patterns with ``*``, ``?``, ``[]`` or ``**``.

    Returns
    -------
    list of Path
        Absolute, sorted, each recording once, also if several names or links lead to it.

    Raises
    ------
    CallError
        If something named does not exist or leads to no recording.
    """
    found: list[Path] = []
    for name in given:
        found += _expand(name)
    return _once(found)


def _expand(name: str) -> list[Path]:
    if not os.path.lexists(name):
        return _pattern(name)
    path = _absolute(name)
    if not path.is_dir():
        return [path]
    if problem := _closed(path):
        raise CallError(f"The folder {name} cannot be read: {problem}.")
    inside = recordings_in(path)
    if inside:
        return inside
    own = Path(name).absolute()  # what a link leads to may be named otherwise
    if _is_named_so(own.name):
        return [own.parent.resolve() / own.name]
    listed = ", ".join(sorted(SUFFIXES))
    raise CallError(
        f"There is no recording in the folder {name}, where {listed} are looked for; "
        "name other files themselves."
    )


def _pattern(name: str) -> list[Path]:
    hits = sorted(glob.glob(name, recursive=True)) if glob.has_magic(name) else []  # noqa: PTH207
    if not hits:
        raise CallError(f"There is no file, folder or match named {name}.")
    found = [path for hit in hits for path in _matched(_absolute(hit))]
    if not found:
        raise CallError(f"There is no recording among the matches of {name}.")
    return found


def _matched(path: Path) -> list[Path]:
    return recordings_in(path) if path.is_dir() else [path]


def _absolute(name: str) -> Path:
    """An absolute path whose folders are resolved; a link to a file keeps its own name."""
    path = Path(name).absolute()
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


def recordings_in(folder: Path) -> list[Path]:
    """Recordings in a folder and all below it, sorted.

    Hidden folders, results of this program and a dataset's derivatives are passed over. A folder
    that is named like a recording is listed as one, and so is one that cannot be looked into, so
    that somebody hears of them.
    """
    closed: list[Path] = []
    found = sorted(_walk(folder, closed))
    emg = [path for path in found if path.stem.endswith("_emg")]
    taken = emg if emg and (folder / "dataset_description.json").is_file() else found
    return sorted([*taken, *closed])


def _walk(folder: Path, closed: list[Path]) -> Iterator[Path]:
    """Paths named like recordings; what cannot be looked into goes to `closed`."""

    def note(error: OSError) -> None:
        closed.append(Path(error.filename))

    for here, folders, files in os.walk(folder, followlinks=False, onerror=note):
        if RESULT_MARK in files:
            folders[:] = []
            continue
        folders[:] = [name for name in folders if not name.startswith(".") and name not in LEFT_OUT]
        yield from (Path(here, name) for name in files if _is_named_so(name) and name != OUR_EDF)
        yield from (Path(here, name) for name in folders if _is_empty_namesake(Path(here, name)))


def _is_empty_namesake(folder: Path) -> bool:
    return _is_named_so(folder.name) and not _closed(folder) and not any(folder.iterdir())


def _closed(folder: Path) -> str:
    """Why a folder cannot be looked into; empty if it can."""
    try:
        with os.scandir(folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _is_named_so(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _once(paths: Iterable[Path]) -> list[Path]:
    """Each recording once; of several names for it the one that is no link, else the first."""
    kept: dict[str, Path] = {}
    for path in sorted(set(paths), key=lambda p: (p.is_symlink(), os.fspath(p))):
        kept.setdefault(os.path.realpath(path), path)
    return sorted(kept.values(), key=os.fspath)


def problem_of(path: Path) -> tuple[str, str] | None:
    """Why a path cannot be opened as a recording, before it is opened.

    Opening a pipe or a device could wait for ever, so only plain files are let through.

    Returns
    -------
    (code, sentence) or None
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        broken = path.is_symlink() and isinstance(error, FileNotFoundError)
        return ("broken-link", "The link leads nowhere.") if broken else _unreadable(error)
    if stat.S_ISDIR(mode) and (problem := _closed(path)):
        return "file-unreadable", f"The folder cannot be read: {problem}."
    if stat.S_ISDIR(mode):
        return "is-a-folder", "It is a folder, not a recording."
    if not stat.S_ISREG(mode):
        return "not-a-file", "It is a pipe, socket or device, not a file."
    return None


def _unreadable(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "file-missing", "The file is gone."
    return "file-unreadable", f"The file cannot be read: {error.strerror or error}."
