"""Annotation signals of EDF+ and BDF+: time-stamped annotation lists (TALs).

A TAL is ``+onset[\\x15duration]\\x14text\\x14…\\x00``; the first one of each record, without text,
says when the record starts (EDF+ specification, sections 2.2.2 and 2.2.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from emgdetect.readers.text import clean_text

_TAL = re.compile(rb"([+-][0-9]+(?:\.[0-9]*)?)(?:\x15([0-9]+(?:\.[0-9]*)?))?\x14(.*)", re.DOTALL)
MAX_ONSET_S = 10**9
"""Largest onset believed, 31 years; larger ones are damage."""
MAX_TEXT = 1000
"""Longest annotation text handed on."""


@dataclass(frozen=True)
class Tal:
    """One time-stamped annotation list.

    Attributes
    ----------
    onset_s, duration_s : Fraction
    texts : tuple of str
        Without the empty ones.
    decimals : int
        Of the written onset.
    latin : bool
        Whether a text had to be read as Latin-1.
    proper : bool
        Whether numbers and separators are as EDF+ prescribes.
    """

    onset_s: Fraction
    duration_s: Fraction
    texts: tuple[str, ...]
    decimals: int
    latin: bool
    proper: bool


def parse_tals(record: bytes) -> tuple[list[Tal], int]:
    """Annotation lists of one signal in one record, and the number that cannot be read."""
    tals = []
    n_invalid = 0
    for chunk in record.split(b"\0"):
        if not chunk:
            continue
        tal = _parse(chunk)
        if tal is None:
            n_invalid += 1
        else:
            tals.append(tal)
    return tals, n_invalid


def _parse(chunk: bytes) -> Tal | None:
    match = _TAL.fullmatch(chunk)
    if match is None:
        return None
    onset_text = match[1].decode()
    onset_s, duration_s = seconds(onset_text), seconds((match[2] or b"0").decode())
    if onset_s is None or duration_s is None:
        return None
    texts, latin = _texts(match[3])
    loose = onset_text.endswith(".") or (match[2] or b"").endswith(b".")
    proper = match[3].endswith(b"\x14") and not loose
    decimals = len(onset_text.partition(".")[2])
    return Tal(onset_s, duration_s, texts, decimals, latin, proper)


def _texts(field: bytes) -> tuple[tuple[str, ...], bool]:
    """Non-empty texts between the separators, and whether they had to be read as Latin-1."""
    latin = False
    texts = []
    for part in field.split(b"\x14"):
        try:
            text = part.decode("utf-8")
        except UnicodeDecodeError:
            text, latin = part.decode("latin-1"), True
        if cleaned := clean_text(text, limit=MAX_TEXT):
            texts.append(cleaned)
    return tuple(texts), latin


def seconds(text: str) -> Fraction | None:
    """Exact seconds of an onset or duration, or None if absurdly large."""
    if len(text) > 40:
        return None
    value = Fraction(text.removesuffix("."))
    return value if abs(value) <= MAX_ONSET_S else None


def record_onset(record: bytes) -> Tal | None:
    """Time-keeping entry at the start of a record of the first annotation signal, if any."""
    tal = _parse(record.partition(b"\0")[0])
    return tal if tal is not None and not tal.duration_s else None


@dataclass(frozen=True)
class Annotations:
    """What the annotation signals of a file say.

    Attributes
    ----------
    onsets : tuple of Fraction or None
        Start of each record in s since the start in the header; None where it is not said.
    resolution_s : Fraction
        Smallest step in which onsets are written.
    notes : tuple of (Fraction, Fraction, str)
        Onset and duration in s since the start in the header, and text.
    n_invalid : int
        Lists that cannot be read.
    latin, proper : bool
        Whether a text had to be read as Latin-1; whether all lists are written as EDF+ prescribes.
    """

    onsets: tuple[Fraction | None, ...]
    resolution_s: Fraction
    notes: tuple[tuple[Fraction, Fraction, str], ...]
    n_invalid: int
    latin: bool
    proper: bool


def collect(records: Iterable[Sequence[bytes]]) -> Annotations:
    """Gather the annotation bytes of all records.

    Parameters
    ----------
    records : iterable of sequence of bytes
        For each record, in order, the bytes of each annotation signal, in order.
    """
    onsets: list[Fraction | None] = []
    notes: list[tuple[Fraction, Fraction, str]] = []
    decimals = n_invalid = 0
    latin, proper = False, True
    for signals in records:
        keeper = record_onset(signals[0])
        onsets.append(keeper.onset_s if keeper else None)
        decimals = max(decimals, keeper.decimals if keeper else 0)
        for signal in signals:
            tals, invalid = parse_tals(signal)
            n_invalid += invalid
            latin |= any(tal.latin for tal in tals)
            proper &= all(tal.proper for tal in tals)
            notes += [(t.onset_s, t.duration_s, text) for t in tals for text in t.texts]
    resolution_s = Fraction(1, 10**decimals)
    return Annotations(tuple(onsets), resolution_s, tuple(notes), n_invalid, latin, proper)
