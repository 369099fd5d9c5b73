"""Numbers as people read them."""

from __future__ import annotations

import math
from typing import Any

MISSING = "n/a"


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing: ``None``, ``NA``, NaN or an empty text."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip() or value == MISSING
    return isinstance(value, float) and math.isnan(value)


def number(value: Any, digits: int = 3) -> str:
    """A value with so many significant digits, without exponent where that is readable.

    Parameters
    ----------
    value : number, str or missing
    digits : int
        Significant digits of a fraction; whole numbers keep all of theirs.

    Returns
    -------
    str
        ``n/a`` where missing; texts as they are.
    """
    if is_missing(value):
        return MISSING
    if isinstance(value, str):
        return value
    amount = float(value)
    if math.isinf(amount):
        return "∞" if amount > 0 else "−∞"
    if amount == int(amount) and abs(amount) < 1e9:
        return f"{int(amount):,}".replace(",", "\u202f").replace("-", "−")
    power = int(f"{amount:.{digits - 1}e}".partition("e")[2])  # as rounded: 0.0999 is 0.1
    decimals = max(0, digits - 1 - power)
    if decimals > 6:
        return f"{amount:.{digits - 1}e}"
    return f"{amount:,.{decimals}f}".replace(",", "\u202f").replace("-", "−")


def moment(seconds: float) -> str:
    """A time on the recording's axis, in seconds with milliseconds: all of a column alike."""
    return f"{seconds:,.3f}".replace(",", "\u202f").replace("-", "−")


def span_of_time(seconds: Any) -> str:
    """A length of time in the unit that suits it: ``42.5 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if is_missing(seconds):
        return MISSING
    total = float(seconds)
    if total < 60:
        return f"{number(total)} s"
    whole = round(total)
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = round(total / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


def plural(n: int, word: str) -> str:
    """``1 unit``, ``3 units``."""
    return f"{number(n)} {word}{'' if n == 1 else 's'}"
