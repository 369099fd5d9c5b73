"""A result whose newest attempt failed: it stays, and a note beside it says so."""

from __future__ import annotations

import json
from pathlib import Path

from emgdetect.batch.task import Outcome
from emgdetect.columns import FAILED
from emgdetect.writers.atomic import write_text

STAYS = "The result of an earlier run stays."
"""Ends the sentence on a failure where there is one."""


def note_failure(folder: Path, outcome: Outcome) -> None:
    """Note beside a result that a later attempt failed, and why.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    content = {"code": outcome.code, "message": outcome.message, "seconds": outcome.seconds}
    write_text(folder / FAILED, json.dumps(content, indent=2) + "\n")


def failure_of(folder: Path) -> Outcome | None:
    """The failure noted beside a result; None if there is none. A damaged note is one, too."""
    if not (folder / FAILED).is_file():
        return None
    try:
        content = json.loads((folder / FAILED).read_text(encoding="utf-8"))
        code, message = str(content["code"]), str(content["message"])
        return Outcome(
            status="failed", code=code, message=message, seconds=float(content["seconds"])
        )
    except (OSError, ValueError, TypeError, KeyError):
        return Outcome(status="failed", code="internal-error", message=f"It failed. {STAYS}")


def forget_failure(folder: Path) -> None:
    """Take the note away: the result is what an attempt would give now."""
    (folder / FAILED).unlink(missing_ok=True)
