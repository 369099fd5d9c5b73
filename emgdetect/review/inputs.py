"""Where the signal of a recording is now, checked by its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHUNK = 1 << 22


@dataclass(frozen=True)
class Located:
    """An input found, or a sentence that says why there is none.

    Attributes
    ----------
    path : Path or None
    message : str
        Empty if all is well; with a path, a remark on it.
    """

    path: Path | None
    message: str = ""


def read_provenance(folder: Path) -> dict[str, Any]:
    """The ``run.json`` of a recording; empty if absent or damaged."""
    try:
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def input_sha256(provenance: Mapping[str, Any]) -> str:
    """SHA-256 of the input as analysed, lower case; empty if it was not noted."""
    details = provenance.get("input")
    return str(details.get("sha256") or "").lower() if isinstance(details, dict) else ""


def locate(listed: Path | None, *, sha256: str, input_root: Path | None) -> Located:
    """Find the input of a recording.

    Parameters
    ----------
    listed : Path or None
        Where it was when it was analysed.
    sha256 : str
        Of the content analysed; empty if unknown, then the listed path is trusted.
    input_root : Path or None
        Folder to search when it is not there.

    Returns
    -------
    Located
        Never a file of other content, if the checksum is known.
    """
    at_home = listed is not None and listed.is_file()
    if at_home and not sha256:
        return Located(listed, "run.json has no checksum: the signal may be of another version.")
    if listed is not None and at_home and file_sha256(listed) == sha256:
        return Located(listed)
    if input_root is not None and sha256:
        for candidate in _candidates(input_root, listed):
            if file_sha256(candidate) == sha256:
                return Located(candidate)
    return Located(None, _why_missing(listed, at_home=at_home, input_root=input_root))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content; empty if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _candidates(root: Path, listed: Path | None) -> Iterator[Path]:
    """Files under the root that may be the input: those of its name first, then of its suffix."""
    name = listed.name if listed else ""
    suffix = listed.suffix.lower() if listed else ".edf"
    files = sorted(p for p in root.rglob("*") if p.suffix.lower() == suffix and p.is_file())
    yield from (p for p in files if p.name == name)
    yield from (p for p in files if p.name != name)


def _why_missing(listed: Path | None, *, at_home: bool, input_root: Path | None) -> str:
    if at_home:
        start = f"The file {listed} is not the one that was analysed: its content differs."
    elif listed is not None:
        start = f"The recording is no longer at {listed}."
    else:
        start = "status.tsv does not say where this recording came from."
    searched = f" It is not under {input_root} either." if input_root else ""
    way_out = " Give the folder it is in now with --input-root. The tables can be reviewed anyway."
    return start + searched + way_out
