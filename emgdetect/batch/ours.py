"""Which files are of this program, told by what stands in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from emgdetect.columns import FAILED, JOINT, REVIEWED, TABLES

N_TOLD = 3
"""Columns by which a table or side-car is known: together no other program's, and as old as the
first version."""

_HEAD = 4096
"""Bytes at the beginning of a file that are looked into; a side-car is read whole."""

_GENERATOR = b'<meta name="generator" content="emgdetect'
_ANNOTATED = b"emgdetect "
"""By these a page and a file of annotations are known; the latter's first entry has it."""

TRAIL = "reviewed.tsv"
_TRAIL_TOLD = ("number", "when", "who")
"""File of the decisions of a review and how it begins, as `emgdetect.curation.trail` has them: that
is not imported here, as it would have a batch wait for numpy."""

_EARLY = (JOINT[0].name, JOINT[1].name)
"""How the joint table began where no recording was done, before it had all columns."""


def is_our_page(path: Path) -> bool:
    """Whether a file is a page that this program wrote."""
    return _GENERATOR in _head(path)


def is_our_joint_file(path: Path) -> bool:
    """Whether a joint table, one of a part of an array job, or a side-car is of this program."""
    stem = "summary" if path.stem == Path(REVIEWED).stem else path.stem.partition("-")[0]
    front = (JOINT[0].name,) if stem == "summary" else ()
    names = (*front, *_first(stem))
    return _begins(path, names[:N_TOLD]) or (bool(front) and _begins(path, _EARLY))


def is_our_comparison(path: Path) -> bool:
    """Whether a table, side-car or figure of a comparison is of this program.

    A figure tells nothing itself; it is never written before the table it shows.
    """
    return is_our_joint_file(path.with_suffix(".tsv") if path.suffix == ".png" else path)


def is_our_product(path: Path) -> bool:
    """Whether a file in a recording's folder is of this program: of a result or of a review."""
    if path.suffix == ".html":
        return is_our_page(path)
    if path.suffix == ".edf":
        return _ANNOTATED in _head(path)
    if path.name == FAILED:
        return _begins(path, ("code", "message", "seconds"))
    if path.name == TRAIL:
        return _begins(path, _TRAIL_TOLD)
    return _begins(path, _first("summary" if path.name == REVIEWED else path.stem))


def _first(stem: str) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES.get(stem, ())[:N_TOLD])


def _begins(path: Path, names: Sequence[str]) -> bool:
    """Whether a table's header, or a side-car's keys, begin with these names."""
    if not names:
        return False
    found = _keys(path) if path.suffix == ".json" else _header(path)
    return found[: len(names)] == list(names)


def _header(path: Path) -> list[str]:
    return _head(path).split(b"\n")[0].decode("utf-8", "replace").rstrip("\r").split("\t")


def _keys(path: Path) -> list[str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(content) if isinstance(content, dict) else []


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""
