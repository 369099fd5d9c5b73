"""The annotations of an MNE Raw, as marks and as notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emgdetect.readers.marks import Mark
from emgdetect.readers.text import clean_text
from emgdetect.recording import Note

if TYPE_CHECKING:
    import mne


def marks_of(raw: mne.io.BaseRaw) -> list[Mark]:
    """The annotations whose times are known; one of channels that are not there is of all."""
    origin, marks = float(raw.first_time), raw.annotations
    index = {name: k for k, name in enumerate(raw.ch_names)}
    return [
        Mark(float(onset) - origin, float(duration), str(text),
             frozenset(index[name] for name in names if name in index))
        for onset, duration, text, names in zip(
            marks.onset, marks.duration, marks.description, marks.ch_names, strict=True
        )
        if math.isfinite(onset) and math.isfinite(duration)
    ]  # fmt: skip


def notes_of(raw: mne.io.BaseRaw) -> tuple[Note, ...]:
    """The annotations as notes."""
    return tuple(
        Note(mark.onset_s, mark.duration_s, clean_text(mark.text, limit=1000))
        for mark in marks_of(raw)
    )
