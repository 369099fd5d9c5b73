"""Single header fields of EDF: strict numbers, dates and times.

Each function returns the value, or None where the field has no clear meaning, and says whether
the field was written as the standard prescribes.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from fractions import Fraction

from emgdetect.readers.text import decode

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INTEGRAL = re.compile(r"([+-]?[0-9]+)\.0*")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"([0-9]{1,2})[^0-9A-Za-z]+([0-9]{1,2})[^0-9A-Za-z]+([0-9]{2})")
"""Date or time with any separators and spaces for zeros: the EDF FAQ, question 2, asks readers to
understand them."""

_EDF_PLUS_DATE = re.compile(r"Startdate ([0-9]{2})-([A-Z]{3})-([0-9]{4})( |$)")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

RECORD_DURATION_LIMIT_S = 1e6
"""Longest record duration believed: 11 days; EDF recommends at most 61,440 bytes per record."""


def integer(field: bytes) -> tuple[int | None, bool]:
    """Whole number of a field, and whether it is written as one (``10.0`` is not)."""
    text = decode(field)
    if _INTEGER.fullmatch(text):
        return int(text), True
    integral = _INTEGRAL.fullmatch(text)
    return (int(integral[1]), False) if integral else (None, False)


def number(field: bytes) -> tuple[float | None, bool]:
    """Finite decimal number of a field, and whether it is written with a point.

    A single decimal comma has one clear meaning and is read; nan, inf and blanks are not.
    """
    text = decode(field)
    pointed = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if not _NUMBER.fullmatch(pointed):
        return None, False
    value = float(pointed)
    return (value, pointed == text) if math.isfinite(value) else (None, False)


def duration(field: bytes) -> tuple[Fraction | None, bool]:
    """Record duration in seconds as an exact fraction, and whether it is well written.

    Zero is handed back as zero: an annotation-only file has it.
    """
    value, standard = number(field)
    if value is None or not 0 <= value <= RECORD_DURATION_LIMIT_S:
        return None, False
    if value and value < 1e-9:
        return None, False
    return Fraction(decode(field).replace(",", ".")), standard


def start(date: bytes, time: bytes, recording: bytes) -> datetime | None:
    """Start of the recording, or None if date or time is impossible.

    Parameters
    ----------
    date, time : bytes
        The two header fields, ``dd.mm.yy`` and ``hh.mm.ss``; years 85-99 are in the last century.
    recording : bytes
        Local recording identification; an EDF+ ``Startdate`` of the same day and month in it
        gives the century.
    """
    day_text, time_text = _DATE.fullmatch(decode(date)), _DATE.fullmatch(decode(time))
    if not (day_text and time_text):
        return None
    day, month, short = int(day_text[1]), int(day_text[2]), int(day_text[3])
    year = _edf_plus_year(recording, day, month, short) or short + (1900 if short >= 85 else 2000)
    try:
        return datetime(year, month, day, int(time_text[1]), int(time_text[2]), int(time_text[3]))
    except ValueError:
        return None


def _edf_plus_year(recording: bytes, day: int, month: int, short: int) -> int | None:
    """Year of the EDF+ start date if it agrees with the plain one."""
    match = _EDF_PLUS_DATE.match(decode(recording))
    if not match or match[2] not in _MONTHS:
        return None
    said = (int(match[1]), _MONTHS.index(match[2]) + 1, int(match[3]) % 100)
    return int(match[3]) if said == (day, month, short) else None
