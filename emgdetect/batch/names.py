"""Names of the result folders: safe, unique, and the same at every call."""

from __future__ import annotations

import hashlib
import itertools
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from pathlib import Path

MAX_BYTES = 120
"""Longest name in UTF-8, far under the 255 of most file systems, to leave room for paths."""

_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "derivatives", "logs"}
    | {"summary", "status", "report", "comparison", "overview"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
)


def safe_name(stem: str) -> str:
    """A stem as a name that every file system, shell and spreadsheet takes as it is.

    Letters, digits and marks of any script stay, with ``-``, ``_`` and ``.`` inside; the rest
    becomes ``_``. Names of devices get a ``_``, too long ones end in a hash.

    Returns
    -------
    str
        Never empty, at most `MAX_BYTES` bytes.
    """
    kept = "".join(_safe(character) for character in unicodedata.normalize("NFC", stem))
    name = kept.strip("._-") or "recording"
    if name.casefold().split(".")[0] in _RESERVED:
        name = f"{name}_"
    return name if len(name.encode()) <= MAX_BYTES else _shortened(name, stem)


def _safe(character: str) -> str:
    letter = unicodedata.category(character)[0] in "LNM"
    return character if letter or character in "-_." else "_"


def _shortened(name: str, stem: str) -> str:
    cut = name.encode()[: MAX_BYTES - 9].decode(errors="ignore")
    return f"{cut}-{_digest(stem)}"


def _digest(text: str, length: int = 8) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:length]


def assign_names(
    paths: Sequence[Path],
    *,
    known: Mapping[Path, str],
    taken: Iterable[str] = (),
    hashes: Mapping[Path, str] | None = None,
    marks: Mapping[Path, str] | None = None,
) -> dict[Path, str]:
    """Give every input its name; the order of the inputs does not matter.

    Parameters
    ----------
    paths : sequence of Path
        Absolute, each once.
    known : mapping
        Names given by earlier calls; they stay.
    taken : iterable of str
        Further names that are in use.
    hashes : mapping, optional
        Hash of each of `paths`, or its first 12 digits; it then takes the place of the stem.
    marks : mapping, optional
        Beside `hashes`, what tells inputs of one hash apart: another hash of each that is not in
        `known`. Nothing of the path is in a name then.

    Returns
    -------
    dict
        Path to name. Equal stems become ``folder_stem``, and where that is not enough
        ``stem-hash`` of the path; equal hashes become ``hash-mark``, and are numbered then. Unique
        also where case is not distinguished. Those that are known count among equals, too, so that
        a batch that was interrupted names the rest as it would have done.
    """
    names = {path: known[path] for path in paths if path in known}
    used = {name.casefold() for name in (*known.values(), *taken)}
    ordered = rivals = sorted(paths, key=os.fspath)
    hashed, marked = _by_hash(hashes or {}, {}), _by_hash(hashes or {}, marks or {})
    for candidate in (hashed, marked) if hashes else (_by_stem, _by_folder):
        wished = {path: candidate(path) for path in ordered}
        count = Counter(wished[path].casefold() for path in rivals)
        for path in ordered:
            folded = wished[path].casefold()
            if path not in names and count[folded] <= 1 and folded not in used:
                names[path] = wished[path]
                used.add(folded)
        rivals = [path for path in rivals if count[wished[path].casefold()] > 1]
    for path in ordered:
        if path not in names:
            names[path] = _numbered(marked(path), used) if hashes else _by_path(path)
            used.add(names[path].casefold())
    return {path: names[path] for path in paths}


def _by_stem(path: Path) -> str:
    return safe_name(path.stem)


def _by_folder(path: Path) -> str:
    return safe_name(f"{path.parent.name}_{path.stem}")


def _by_hash(hashes: Mapping[Path, str], marks: Mapping[Path, str]) -> Callable[[Path], str]:
    """Names by hash, and by mark where there is one: those that are known have none."""
    return lambda path: "-".join(
        ["rec", hashes[path][:12], *([marks[path][:8]] if path in marks else [])]
    )


def _numbered(name: str, used: Set[str]) -> str:
    """The name with the first number that is free."""
    return next(f"{name}-{k}" for k in itertools.count(1) if f"{name}-{k}" not in used)


def _by_path(path: Path) -> str:
    return safe_name(f"{_by_stem(path)[: MAX_BYTES // 2]}-{_digest(os.fspath(path))}")
