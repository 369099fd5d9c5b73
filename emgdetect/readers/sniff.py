"""What kind of file is this? The first bytes count, not the suffix."""

from __future__ import annotations

from pathlib import Path

from emgdetect.findings import EdfError, refusal
from emgdetect.readers.edf_header import BDF_MAGIC, EDF_MAGIC
from emgdetect.readers.edf_samples import os_refusal

EDF_SUFFIXES = frozenset({".edf", ".bdf", ".rec", ".edf+", ".bdf+"})
_STRANGERS = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip archive, as an Office document is"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"SR_RESEARCH", "an EyeLink file, which shares the suffix"),
    (b"\x89HDF", "an HDF5 file"),
    (b"MATLAB", "a MATLAB file"),
    (b"GDF ", "a GDF file"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (b"/annex/", "a git-annex pointer, not the file itself"),
    (b"../../.git/annex", "a git-annex pointer, not the file itself"),
)


def is_edf_like(path: Path) -> bool:
    """Whether a file is to be read as EDF or BDF.

    Raises
    ------
    EdfError
        If there is no such file, or its suffix says EDF and its first bytes say otherwise.
    """
    _refuse_oddities(path)
    start = first_bytes(path)
    if start[:8] in (EDF_MAGIC, BDF_MAGIC):
        return True
    if path.suffix.casefold() not in EDF_SUFFIXES:
        return False
    what = stranger(start)
    if what:
        raise _at(path, refusal("not-edf", f"The file is {what}, not EDF or BDF."))
    if len(start) < 256:
        raise _at(path, refusal("header-short", f"The file has {len(start)} bytes; an EDF header "
                                "has 256."))  # fmt: skip
    return True


def _refuse_oddities(path: Path) -> None:
    """Refuse what cannot be a recording; to open a pipe would wait for ever."""
    if path.is_dir() and path.suffix.casefold() in EDF_SUFFIXES:
        raise _at(path, refusal("is-a-folder"))
    if path.exists() and not path.is_dir() and not path.is_file():
        raise _at(path, refusal("not-a-file"))


def first_bytes(path: Path) -> bytes:
    """Up to 256 bytes from the start of a file; nothing for a folder.

    Raises
    ------
    EdfError
        If it cannot be read.
    """
    if path.is_dir():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(256)
    except OSError as error:
        raise os_refusal(error, path) from error


def stranger(start: bytes) -> str:
    """Name of a well-known format that is not EDF; empty if none is recognised."""
    for magic, name in _STRANGERS:
        if start.startswith(magic):
            return name
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t")[:64].lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return "an HTML or XML page"
    return "a text file" if _is_text(start) else ""


def _is_text(start: bytes) -> bool:
    """Whether the bytes are lines of text, as CSV is; an EDF header has no line ends."""
    return b"\n" in start and all(byte >= 32 or byte in b"\t\r\n" for byte in start)


def _at(path: Path, error: EdfError) -> EdfError:
    error.path = path
    return error
