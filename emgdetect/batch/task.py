"""The nouns of a batch: what is asked of a worker, and what comes of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from emgdetect._version import __version__

REQUEST = "request.json"
RESPONSE = "response.json"
LOG = "log.txt"

RETRIED = frozenset({"crashed", "killed", "out-of-memory"})
"""Codes of failures that a second try, alone, may mend."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What shapes the result of a recording, beside the recording itself.

    Attributes
    ----------
    config : mapping
        All values of `emgdetect.Config`.
    sites : str
        Path of the site table; empty if there is none.
    assume_unit : str
        Unit of channels that name none; empty if none is assumed.
    recovery, report, keep_identity : bool
    """

    config: Mapping[str, Any]
    sites: str = ""
    assume_unit: str = ""
    recovery: bool = True
    report: bool = True
    keep_identity: bool = False


@dataclass(frozen=True, kw_only=True)
class Task:
    """One recording to analyse, or several whose results are to be checked.

    Attributes
    ----------
    do : {"analyse", "check", "hash", "overview"}
        The last one writes the page of the whole batch.
    inputs : tuple of str
        Absolute paths; one for ``analyse``.
    names : tuple of str
        Names of their results.
    out : str
        Output folder, in which ``check`` looks.
    staging : str
        Folder in which results wait until they are complete.
    settings : Settings
    version : str
        Of the program that asks; a worker of another version refuses.
    n_threads : int
        Cores the worker may use.
    anonymous : bool
        Whether the input's path may not stand in the results.
    """

    do: Literal["analyse", "check", "hash", "overview"]
    inputs: tuple[str, ...]
    names: tuple[str, ...]
    out: str
    staging: str
    settings: Settings
    version: str = __version__
    n_threads: int = 1
    anonymous: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    status : {"done", "failed"}
    code : str
        Short and stable; ``ok`` if done.
    message : str
        One sentence.
    seconds : float
    staging : str
        Folder in which the result waits.
    kept : tuple of str
        Names whose results are complete and unchanged (of a ``check``), or the hash of the input's
        content where there is any to read (of a ``hash``).
    reasons : tuple of str
        Why others are not kept, one for each (of a ``check``).
    trace : str
        Where a fault of this program came from; empty otherwise.
    """

    status: Literal["done", "failed"]
    code: str
    message: str
    seconds: float = 0.0
    staging: str = ""
    kept: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    trace: str = field(default="", repr=False)


def store(folder: Path, name: str, content: Task | Outcome) -> None:
    """Write a request or a response into a staging folder, whole or not at all."""
    temporary = folder / f".{name}"
    temporary.write_text(json.dumps(dataclasses.asdict(content)), encoding="utf-8")
    temporary.replace(folder / name)


def load_task(folder: Path) -> Task:
    """Read the request in a staging folder."""
    content = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    content["settings"] = Settings(**content["settings"])
    return Task(**content | {key: tuple(content[key]) for key in ("inputs", "names")})


def load_outcome(folder: Path) -> Outcome | None:
    """Read the response in a staging folder; None if the worker left none."""
    try:
        content = json.loads((folder / RESPONSE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Outcome(**content | {key: tuple(content[key]) for key in ("kept", "reasons")})
