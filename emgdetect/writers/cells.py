"""Text and numbers as they stand in tables and messages.

Labels and names come from other people's files: what a terminal or a spreadsheet would obey is
made visible instead.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Any

MISSING = "n/a"
_FORMULA = "=+-@＝＋－＠"
_QUOTE = '"'
"""With which most readers of tables begin a cell that goes on over tabs and lines."""
_JOINERS = "\u200c\u200d"
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def safe_text(text: str) -> str:
    """Text without anything that steers a terminal or turns the direction of writing.

    Control, bidirectional and other invisible characters, line separators and broken UTF-8 are
    written as escapes (``\\x1b``, ``\\u202e``); joiners, which some scripts need, stay.
    """
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN or character in _JOINERS:
        return character
    code = ord(character)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def safe_cell(text: str) -> str:
    """Text as a table cell: `safe_text`, with a leading ``'`` where a spreadsheet would compute.

    So it is where a reader of tables (pandas, R) would take a ``"`` for the start of a cell that
    ends lines later.

    An empty text is ``n/a``.

    References
    ----------
    OWASP, "CSV injection": cells that start with ``= + - @``, tab or line end.
    """
    visible = safe_text(text)
    if not visible.strip():
        return MISSING
    return f"'{visible}" if visible.lstrip()[0] in _FORMULA + _QUOTE else visible


def listed(texts: Sequence[str], most: int) -> str:
    """The first of some texts in a line, and how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def number_cell(value: float, *, is_time: bool) -> str:
    """A number as a table cell: times to 1e-6 s, others to 6 significant digits, NaN as ``n/a``."""
    if math.isnan(value):
        return MISSING
    text = f"{value:.6f}" if is_time else f"{value:.6g}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def cell(value: Any, *, is_time: bool = False) -> str:
    """Any value of a table as its cell.

    Parameters
    ----------
    value : str, bool, int, float, None or pandas.NA
    is_time : bool
        Whether a float is in seconds.

    Returns
    -------
    str
        ``n/a`` for what is missing; ``true`` or ``false`` for a truth value.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return MISSING
    if isinstance(value, str):
        return safe_cell(value)
    if type(value).__name__ in ("bool", "bool_"):
        return "true" if value else "false"
    if type(value).__name__.startswith(("int", "uint")):
        return str(int(value))
    return number_cell(float(value), is_time=is_time)
