"""The counted potentials as an EDF+ file of annotations, for any EDF viewer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect._version import __version__
from emgdetect.writers.atomic import replacing
from emgdetect.writers.cells import safe_text

if TYPE_CHECKING:
    from emgdetect.detections import Detections

_IDENTITY = slice(8, 184)
"""Bytes of an EDF header with patient (80), recording (80), start date (8) and time (8)."""

Entry = tuple[float, float | None, str]


def annotation_entries(found: Detections) -> list[Entry]:
    """Onset, duration and text of each annotation, in order of time.

    Returns
    -------
    list of (float, float or None, str)
        Seconds, rounded to 1e-6 s; first ``emgdetect VERSION`` at 0 s.
    """
    counted = found.fasciculations
    return [
        (0.0, None, f"emgdetect {__version__}"),
        *(
            (round(float(onset), 6), round(float(duration), 6), _text(channel))
            for onset, duration, channel in zip(
                counted["onset"], counted["duration"], counted["channel"], strict=True
            )
        ),
    ]


def _text(channel: str) -> str:
    """`Fasciculation@@LABEL`: the form in which EDF+ readers tie an annotation to a signal."""
    return f"Fasciculation@@{safe_text(str(channel)).strip()}"


def write_annotations(path: Path, found: Detections, *, header_from: Path | None = None) -> None:
    """Write the counted potentials as an EDF+ annotation-only file and read it back.

    Parameters
    ----------
    path : Path
    found : Detections
    header_from : Path, optional
        EDF or BDF file whose patient, recording and start fields are copied; without it they stay
        anonymous (``X``).

    Raises
    ------
    OSError
        If the file cannot be written.
    RuntimeError
        If what was read back differs from what was written.
    """
    import edfio

    entries = annotation_entries(found)
    edf = edfio.Edf([], annotations=[edfio.EdfAnnotation(*entry) for entry in entries])
    with replacing(path) as temporary:
        edf.write(temporary)
        if header_from:
            _copy_identity(header_from, temporary)
        _check(temporary, entries)


def _check(path: Path, entries: list[Entry]) -> None:
    """Read the annotations back: some writers lose or cut them silently."""
    import edfio

    read = [(a.onset, a.duration, a.text) for a in edfio.read_edf(path).annotations]
    if sorted(read, key=str) != sorted(entries, key=str):
        raise RuntimeError(f"annotations were not stored rightly: {len(read)} of {len(entries)}")


def identity_of(path: Path) -> bytes:
    """Patient, recording, start date and time as they stand in the header of an EDF or BDF file.

    Returns
    -------
    bytes
        The 176 bytes from the ninth on, what is not ASCII replaced by ``?``.
    """
    with path.open("rb") as file:
        file.seek(_IDENTITY.start)
        field = file.read(_IDENTITY.stop - _IDENTITY.start)
    return bytes(byte if 32 <= byte < 127 else ord("?") for byte in field.replace(b"\0", b" "))


def _copy_identity(source: Path, target: Path) -> None:
    with target.open("r+b") as file:
        file.seek(_IDENTITY.start)
        file.write(identity_of(source))
