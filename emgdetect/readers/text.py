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
    return _FORMULA.sub("_", _visible(text))[:limit].rstrip()


def quoted(field: bytes) -> str:
    """A header field in quotes for a sentence, as it stands but for invisible characters.

    Within a sentence nothing is taken for a formula, so that a minus stays a minus.
    """
    return repr(_visible(decode(field)))


def _visible(text: str) -> str:
    joined = " ".join(text.split())
    if joined.isascii() and joined.isprintable():
        return joined
    visible = "".join(c for c in joined if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())


def decode(field: bytes) -> str:
    """Header text: UTF-8 where it is, else Latin-1; outer spaces and NULs removed."""
    stripped = field.strip(b" \0")
    try:
        return stripped.decode("utf-8")
    except UnicodeDecodeError:
        return stripped.decode("latin-1")
