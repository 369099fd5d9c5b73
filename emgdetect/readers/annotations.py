"""Annotation signals of EDF+ and BDF+: time-stamped annotation lists (TALs).

A TAL is ``+onset[\\x15duration]\\x14text\\x14…\\x00``; the first one of each record, without text,
says when the record starts (EDF+ specification, sections 2.2.2 and 2.2.4).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from emgdetect.readers.text import clean_text
from emgdetect.recording import Note

_TAL = re.compile(rb"([+-][0-9]+(?:\.[0-9]*)?)(?:\x15([0-9]+(?:\.[0-9]*)?))?\x14(.*)", re.DOTALL)
_CHUNK = re.compile(rb"[^\x00]+")
MAX_DIGITS = 40
MAX_ONSET_S = 10**9
"""Largest onset believed, 31 years; larger ones are damage."""
MAX_TEXT = 1000
"""Longest annotation text handed on."""


class Tal(NamedTuple):
    """One time-stamped annotation list.

    Attributes
    ----------
    written : str
        The onset as written.
    onset_s, duration_s : float
    texts : tuple of str
        Without the empty ones.
    latin : bool
        Whether a text had to be read as Latin-1.
    proper : bool
        Whether numbers and separators are as EDF+ prescribes.
    """

    written: str
    onset_s: float
    duration_s: float
    texts: tuple[str, ...]
    latin: bool
    proper: bool


def parse_tals(record: bytes) -> list[Tal | None]:
    """Annotation lists of one signal in one record, in order; None for one that cannot be read."""
    return [_parse(chunk[0]) for chunk in _CHUNK.finditer(record)]


def _parse(chunk: bytes) -> Tal | None:
    match = _TAL.fullmatch(chunk)
    if match is None:
        return None
    onset, duration = match[1].decode(), (match[2] or b"0").decode()
    if max(len(onset), len(duration)) > MAX_DIGITS:
        return None
    onset_s, duration_s = float(onset), float(duration)
    if max(abs(onset_s), duration_s) > MAX_ONSET_S:
        return None
    texts, latin = _texts(match[3])
    proper = match[3].endswith(b"\x14") and not onset.endswith(".") and not duration.endswith(".")
    return Tal(onset, onset_s, duration_s, texts, latin, proper)


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


def record_onset(record: bytes, tals: Sequence[Tal | None]) -> Fraction | None:
    """Exact start of a record by the time-keeping entry of its first annotation signal, if any.

    Parameters
    ----------
    record : bytes
        The signal's bytes, which must begin with the entry.
    tals : sequence of Tal or None
        Its lists.
    """
    keeper = tals[0] if tals and not record.startswith(b"\0") else None
    if keeper is None or keeper.duration_s:
        return None
    return Fraction(keeper.written.removesuffix("."))


@dataclass(frozen=True)
class Annotations:
    """What the annotation signals of a file say.

    Attributes
    ----------
    onsets : tuple of Fraction or None
        Start of each record in s since the start in the header; None where it is not said.
    resolution_s : Fraction
        Smallest step in which onsets are written.
    notes : tuple of Note
        Onsets in s since the start in the header.
    n_invalid : int
        Lists that cannot be read.
    latin, proper : bool
        Whether a text had to be read as Latin-1; whether all lists are written as EDF+ prescribes.
    """

    onsets: tuple[Fraction | None, ...]
    resolution_s: Fraction
    notes: tuple[Note, ...]
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
    notes: list[Note] = []
    decimals = n_invalid = 0
    latin, proper = False, True
    for signals in records:
        lists = [parse_tals(signal) for signal in signals]
        onset = record_onset(signals[0], lists[0])
        onsets.append(onset)
        if onset is not None and (keeper := lists[0][0]):
            decimals = max(decimals, len(keeper.written.partition(".")[2]))
        for tal in itertools.chain(*lists):
            if tal is None:
                n_invalid += 1
                continue
            latin |= tal.latin
            proper &= tal.proper
            notes += [Note(tal.onset_s, tal.duration_s, text) for text in tal.texts]
    resolution_s = Fraction(1, 10**decimals)
    return Annotations(tuple(onsets), resolution_s, tuple(notes), n_invalid, latin, proper)
