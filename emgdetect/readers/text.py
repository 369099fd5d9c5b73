"""Text from strangers, made safe: labels, units and annotations."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 80
"""Longest label or name handed on; EDF labels have 16 characters, other formats have no limit."""

_FORMULA = re.compile(r"^[=+\-@]+")


def clean_text(text: str, *, limit: int = MAX_LENGTH) -> str:
    """Text without control, bidirectional and other invisible characters, at most `limit` long.

    Runs of white space become one space; a leading ``=``, ``+``, ``-`` or ``@``, which a
    spreadsheet would take for a formula, becomes an underscore.
    """
    joined = " ".join(text.split())
    if not (joined.isascii() and joined.isprintable()):
        visible = "".join(c for c in joined if unicodedata.category(c)[0] != "C")
        joined = " ".join(visible.split())
    return _FORMULA.sub("_", joined)[:limit].rstrip()


def decode(field: bytes) -> str:
    """Header text: UTF-8 where it is, else Latin-1; outer spaces and NULs removed."""
    stripped = field.strip(b" \0")
    try:
        return stripped.decode("utf-8")
    except UnicodeDecodeError:
        return stripped.decode("latin-1")
