"""Bytes → `Recording`: the one home of reading."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect.arguments import named

if TYPE_CHECKING:
    from emgdetect.readers.sidecar import Surroundings
    from emgdetect.readers.tables import SiteTable
    from emgdetect.recording import Recording

__all__ = ["inspect_recording", "read_recording"]


def read_recording(
    path: Path | str,
    *,
    sites: Path | str | SiteTable | None = None,
    assume_unit: str | None = None,
) -> Recording:
    """Open a recording of EMG; samples are read when asked for.

    Parameters
    ----------
    path : path
        EDF, EDF+, BDF or BDF+ by its first bytes, or any file MNE reads.
    sites : path or SiteTable, optional
        A ``channels.tsv`` that names the muscles; beside a BIDS recording its own is used.
    assume_unit : {"uV", "mV", "V"}, optional
        Unit of EMG channels whose own is missing or unknown.

    Returns
    -------
    Recording
        With at least one site; what was noticed stands in `findings`. Spans whose annotation begins
        with ``bad`` are missing, in a file as in an MNE Raw (`emgdetect.readers.marks`).

    Raises
    ------
    EdfError
        If the file cannot be read rightly, or nothing in it can be analysed as EMG.
    TypeError
        If `path` is no path, but say an array.
    """
    from emgdetect.readers.examine import require_emg

    return require_emg(inspect_recording(path, sites=sites, assume_unit=assume_unit))


def inspect_recording(
    path: Path | str,
    *,
    sites: Path | str | SiteTable | None = None,
    assume_unit: str | None = None,
) -> Recording:
    """Like `read_recording`, but a file without EMG is handed out too, to be looked at.

    Raises
    ------
    EdfError
        If the file cannot be read rightly.
    TypeError
        If `path` is no path.
    """
    if not isinstance(path, (str, PathLike)):
        raise TypeError(f"path must name a file, got {named(path)}: wrap what is in memory with "
                        "emg.Recording.from_array or emg.Recording.from_mne.")  # fmt: skip

    from emgdetect.readers.examine import examined
    from emgdetect.readers.sidecar import look_around
    from emgdetect.readers.sniff import is_edf_like

    path = Path(path)
    edf = is_edf_like(path)
    around = look_around(path, sites=sites, assume_unit=assume_unit)
    return examined(_read_edf(path, around) if edf else _read_other(path, around), around)


def _read_edf(path: Path, around: Surroundings) -> Recording:
    from emgdetect.readers.edf import read_edf

    return read_edf(path, around)


def _read_other(path: Path, around: Surroundings) -> Recording:
    from emgdetect.readers.mne import read_with_mne

    return read_with_mne(path, around)
