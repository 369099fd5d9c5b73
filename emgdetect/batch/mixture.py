"""Were the results of a folder made alike: by one program, with the same settings?"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from emgdetect.writers.cells import listed

MOST_NAMED = 4
"""Values of a setting, and settings, that are named; more are counted."""

CAUTION = "Rates made in different ways must not be compared."

SITE_TABLE = "site table"
"""Name of that setting."""

_UNSAID = {"": "none", "True": "on", "False": "off"}


def settings_of(mark: Mapping[str, Any]) -> dict[str, str]:
    """Configuration and options that a result was made with, by name, as texts.

    A site table is its content, under whatever name; its name where the content was not noted.
    """
    config, options = (_mapping(mark.get(key)) for key in ("config", "options"))
    chosen = {key: options.get(key, "") for key in ("assume_unit", "recovery")}
    found = {key: str(value) for key, value in (config | chosen).items()}
    return found | {SITE_TABLE: str(options.get("sites_sha256") or options.get("sites", ""))}


def _named(marks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Name and beginning of the hash of each site table, by its hash; of two names the first."""
    known: dict[str, str] = {}
    for options in (_mapping(mark.get("options")) for mark in marks):
        if sha256 := str(options.get("sites_sha256") or ""):
            told = f"{options.get('sites', '')} ({sha256[:8]})"
            known[sha256] = min(told, known.get(sha256, told))
    return known


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def settings_digest(mark: Mapping[str, Any]) -> str:
    """A short word that is the same where configuration and options were the same."""
    text = json.dumps(settings_of(mark), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def mixed(marks: Iterable[Mapping[str, Any]]) -> str:
    """What differs in how results were made.

    Parameters
    ----------
    marks : iterable of mappings
        The `run.json` of each.

    Returns
    -------
    str
        Two sentences, the second a caution; empty if all were made alike.
    """
    marks = list(marks)
    ways = [settings_of(mark) | {"program": _program(mark)} for mark in marks]
    names = dict.fromkeys(name for way in ways for name in way)
    counted = {name: Counter(way.get(name, "") for way in ways) for name in names}
    tables = _named(marks)
    counted[SITE_TABLE] = Counter(
        {tables.get(key, key): n for key, n in counted.get(SITE_TABLE, Counter()).items()}
    )
    differ = [_words(name, values) for name, values in counted.items() if len(values) > 1]
    if not differ:
        return ""
    more = len(differ) - MOST_NAMED
    said = "; ".join(differ[:MOST_NAMED]) + (f"; and {more} more settings" if more > 0 else "")
    return f"Not all results here were made alike (recordings in brackets): {said}. {CAUTION}"


def _program(mark: Mapping[str, Any]) -> str:
    """Version and state of the source."""
    code = str(mark.get("code", ""))[:8] or "source not noted"
    return f"{mark.get('emgdetect', 'not noted')} ({code})"


def _words(name: str, values: Counter[str]) -> str:
    """A setting with its values and how many recordings have each, the commonest first."""
    known = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{_UNSAID.get(value, value)} ({n})" for value, n in known]
    return f"{name} {listed(said, MOST_NAMED)}"
