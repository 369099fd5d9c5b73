"""Is this still the same: hashes of inputs and of what shaped their results."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from emgdetect._version import __version__
from emgdetect.batch.task import Settings
from emgdetect.readers.sidecar import inherited

_SIDE_CARS = ("channels.tsv", "emg.json")
_PARTNERS = (".eeg", ".vmrk", ".dat", ".fdt")
"""Suffixes of files that hold the signal of a header file of the same stem."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def code_digest() -> str:
    """Hash of this package's own source, in hexadecimal, as a version covers many states of it.

    Computed once per process, in about 15 ms; a package without source has that of nothing. What
    an editor leaves beside the source (hidden files, links that lead nowhere) is none.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    parts = sorted(path.relative_to(root).parts for path in root.rglob("*.py") if path.is_file())
    for inside in parts:
        if not any(part.startswith(".") for part in inside):
            content = root.joinpath(*inside).read_bytes()
            digest.update(f"{'/'.join(inside)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def companions(path: Path) -> list[Path]:
    """Files beside a recording that belong to it: signal files and BIDS side-cars, sorted."""
    partners = [path.with_suffix(suffix) for suffix in _PARTNERS if suffix != path.suffix]
    named_so = path.stem.startswith("sub-") and path.stem.endswith("_emg")
    cars = [car for ending in _SIDE_CARS for car in inherited(path, ending)] if named_so else []
    # `Path.is_file` raises where the longer suffix makes the name too long for the file system.
    return sorted(file for file in (*partners, *cars) if os.path.isfile(file))  # noqa: PTH113


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when somebody writes to a file: size, time of change, place on the disk."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def fingerprint(path: Path, settings: Settings) -> str:
    """Hash of everything but the recording's own content that shapes its result.

    Version, code, configuration, options, site table and the files beside the recording. Whether a
    report is written does not count.
    """
    facts: dict[str, Any] = dataclasses.asdict(settings)
    facts.pop("report")
    facts["sites"] = sha256_of(Path(settings.sites)) if settings.sites else ""
    facts["companions"] = [(file.name, sha256_of(file)) for file in companions(path)]
    facts["version"], facts["code"] = __version__, code_digest()
    text = json.dumps(facts, sort_keys=True, default=os.fspath)
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
