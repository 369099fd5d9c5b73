"""Is one recording in a folder under several names, as after its file was moved?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from emgdetect.writers.cells import listed, safe_text

MOST_NAMED = 4
"""Recordings of one content, and contents, that are named; more are counted."""

CAUTION = (
    "Each of them is counted: keep the folder of one, remove the others, and run "
    "`emgdetect summary`."
)

_WHOLE = (".edf", ".bdf")
"""Suffixes of files that hold a recording whole. Of others the signal may stand in further files:
they are one recording only where the same was found in them, too."""


def twice(marks: Mapping[str, Mapping[str, Any]]) -> str:
    """Which results are of the same content.

    Parameters
    ----------
    marks : mapping
        The `run.json` of each result by the recording's name.

    Returns
    -------
    str
        Two sentences, the second the way out; empty if no content is there twice.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for name, mark in sorted(marks.items()):
        if content := _content(mark):
            groups.setdefault(content, []).append(safe_text(name))
    same = [listed(names, MOST_NAMED) for names in groups.values() if len(names) > 1]
    if not same:
        return ""
    more = f"; and {len(same) - MOST_NAMED} more" if len(same) > MOST_NAMED else ""
    told = "; ".join(same[:MOST_NAMED])
    return f"The same recording is here more than once (by SHA-256): {told}{more}. {CAUTION}"


def _content(mark: Mapping[str, Any]) -> tuple[str, str] | None:
    """What tells a recording's content; None where that is not noted."""
    known, outputs = mark.get("input"), mark.get("outputs")
    if not isinstance(known, Mapping) or not known.get("sha256"):
        return None
    is_whole = PurePath(str(known.get("path", ""))).suffix.lower() in _WHOLE
    found = outputs.get("summary.tsv", "") if isinstance(outputs, Mapping) else ""
    return str(known["sha256"]), "" if is_whole else str(found)
