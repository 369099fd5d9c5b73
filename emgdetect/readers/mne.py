"""Everything MNE reads → `Recording`, with the guarantees its formats allow."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from emgdetect.arguments import expect, expect_word
from emgdetect.findings import EdfError, Finding, finding, refusal
from emgdetect.readers.drafts import MARKED_BAD_IN_FILE, Draft, finish_channels
from emgdetect.readers.edf_samples import FileState, open_unchanged, state_of
from emgdetect.readers.examine import examined, require_emg
from emgdetect.readers.marks import with_marks
from emgdetect.readers.mne_marks import marks_of, notes_of
from emgdetect.readers.sidecar import Surroundings, expect_voltage
from emgdetect.readers.tables import SiteTable, read_site_table
from emgdetect.readers.text import clean_text
from emgdetect.recording import ChannelKind, Recording, RecordingKind, Segment

if TYPE_CHECKING:
    import mne

_KINDS: dict[str, ChannelKind] = {
    "emg": "EMG", "ecg": "ECG", "eeg": "EEG", "seeg": "EEG", "ecog": "EEG", "dbs": "EEG",
    "eog": "EOG", "stim": "TRIG",
}  # fmt: skip
_VOLT_TYPES = frozenset({"emg", "ecg", "eeg", "seeg", "ecog", "dbs", "eog", "bio"})
"""MNE hands these out in volts."""

_UNKNOWN = "Unsupported file type"
"""How MNE's text begins where it has no reader for a suffix."""

_SHARED = frozenset({".asc", ".bin", ".dat", ".data", ".mat", ".txt"})
"""Suffixes of many kinds of file, of which MNE reads one at the most (no .mat without a header)."""

_TELLING = (OSError, RuntimeError, ValueError, ImportError)
"""Errors whose text is written for a person; that of others tells of the reader's inside."""


@dataclass(frozen=True)
class MneSamples:
    """Reads µV blocks of an MNE Raw object as one segment; see `emgdetect.recording.Samples`.

    Attributes
    ----------
    raw : mne.io.BaseRaw
    factors : tuple of float
        To µV, one per channel.
    path : Path or None
        File behind it, if one is known.
    state : FileState or None
        Of that file when it was opened.
    """

    raw: mne.io.BaseRaw
    factors: tuple[float, ...]
    path: Path | None = None
    state: FileState | None = None

    def __call__(
        self,
        channels: Sequence[int],
        segment: int,  # noqa: ARG002 (there is but one)
        start: int,
        stop: int,
    ) -> NDArray[np.float32]:
        """Read a block; see `emgdetect.recording.Recording.read`.

        Raises
        ------
        EdfError
            If the file changed since it was opened, or MNE cannot read it.
        """
        if self.path is not None and self.state is not None:
            os.close(open_unchanged(self.path, self.state))
        try:
            data = self.raw[list(channels), start:stop][0]
        except Exception as error:
            raise _unreadable(error, self.path) from error
        factors = np.array([self.factors[index] for index in channels])[:, None]
        return np.asarray(data * factors, np.float32)


def _unreadable(error: Exception, path: Path | None) -> EdfError:
    """The refusal for whatever MNE or a library below it raises on a file."""
    suffix = clean_text(path.suffix.casefold(), limit=20) if path else ""
    if str(error).startswith(_UNKNOWN) and path is not None and path.is_dir():
        raised = refusal("is-a-folder", "It is a folder, not a recording.")
    elif str(error).startswith(_UNKNOWN):
        raised = refusal("format-unknown", f"Files of the kind {suffix} are not read." if suffix
                         else "It has no suffix that tells its kind, and is neither EDF nor BDF."
                         )  # fmt: skip
    elif suffix in _SHARED:
        raised = refusal("format-unknown", f"This {suffix} file is of no kind that is read.")
    else:
        kind, reason = f"this {suffix} file" if suffix else "the recording", _reason(error, path)
        said = f": {reason}." if reason else "."
        raised = refusal("format-unreadable", f"MNE-Python cannot read {kind}{said}")
    raised.path = path
    return raised


def _reason(error: Exception, path: Path | None) -> str:
    """What a reader says of a file to a person, without its folder and name; may be empty."""
    whole = str(error).strip()
    if not isinstance(error, _TELLING) or isinstance(error, UnicodeError) or "mne.io" in whole:
        return ""
    text = whole.partition("\n")[0].partition(". ")[0]
    if path is not None:
        text = text.replace(f"{path.parent}{os.sep}", "")
        # Its other files bear the same name, which may be that of a person.
        text = re.sub(rf"(?<!\w){re.escape(path.stem)}(?=\.\w)", "*", text)
    return clean_text(text, limit=200).rstrip(".:")


def read_with_mne(path: Path, surroundings: Surroundings) -> Recording:
    """Read a file of any format that MNE knows.

    Raises
    ------
    EdfError
        If MNE does not know the format or cannot read the file.
    """
    import mne

    state = _state(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            raw = mne.io.read_raw(path, preload=False, verbose="error")
        except Exception as error:
            raise _unreadable(error, path) from error
    texts = dict.fromkeys(clean_text(str(w.message), limit=200) for w in caught)
    findings = [finding("format-warning", f"Its reader says: {text}") for text in texts]
    recording = _recording(raw, surroundings, findings, path, state)
    return replace(
        recording, name=clean_text(path.stem, limit=200) or "recording", path=path,
        details={"format": clean_text(path.suffix.lstrip(".").lower())},
    )  # fmt: skip


def _state(path: Path) -> FileState | None:
    """State of a file; nothing of a folder."""
    if path.is_dir():
        return None
    fd = open_unchanged(path)
    try:
        return state_of(fd)
    finally:
        os.close(fd)


def recording_from_mne(
    raw: mne.io.BaseRaw,
    *,
    sites: Path | str | SiteTable | None = None,
    assume_unit: str | None = None,
    name: str = "raw",
    kind: RecordingKind = "surface",
) -> Recording:
    """Wrap an MNE Raw object.

    Parameters
    ----------
    raw : mne.io.BaseRaw
        Channel types that MNE keeps in volts become µV.
    sites : path or SiteTable, optional
        Table of channel names, types and muscles; overrides MNE's types.
    assume_unit : {"uV", "mV", "V"}, optional
        Unit of EMG channels that MNE types ``misc``.
    name : str
    kind : {"surface", "needle"}

    Returns
    -------
    Recording
        Segments end where annotations mark a boundary; samples are read when asked for. Channels
        in ``raw.info["bads"]`` are not analysed, and spans whose annotation begins with ``bad`` are
        missing, as MNE has it (`emgdetect.readers.marks`).

    Raises
    ------
    EdfError
        If the table cannot be used or nothing can be analysed as EMG.
    ValueError
        If there is no such `kind`, or the unit to assume is no voltage.
    TypeError
        If `raw` is no MNE Raw, say the path of a file, or `name` no text.
    """
    from mne.io import BaseRaw

    expect(raw, BaseRaw, "raw")
    expect(name, str, "name")
    expect_word(kind, get_args(RecordingKind), "kind")
    expect_voltage(assume_unit)
    table = sites if isinstance(sites, SiteTable) or sites is None else read_site_table(sites)
    surroundings = Surroundings(table, False, assume_unit or "")
    recording = replace(_recording(raw, surroundings, []), name=name, kind=kind)
    return require_emg(examined(recording, surroundings))


def _recording(
    raw: mne.io.BaseRaw, surroundings: Surroundings, findings: list[Finding],
    path: Path | None = None, state: FileState | None = None,
) -> Recording:  # fmt: skip
    finished = finish_channels(_drafts(raw), surroundings)
    n, rate = len(raw.times), float(raw.info["sfreq"])
    whole = Recording(
        finished.channels, (Segment(0.0, n / rate),) if n else (),
        MneSamples(raw, finished.uv_per_unit, path, state), start=_start(raw), notes=notes_of(raw),
        findings=(*findings, *finished.findings), details={"format": "mne"},
    )  # fmt: skip
    return with_marks(whole, marks_of(raw))


def _start(raw: mne.io.BaseRaw) -> datetime | None:
    date = raw.info["meas_date"]
    if date is None:
        return None
    start: datetime = date.replace(tzinfo=None) + timedelta(seconds=float(raw.first_time))
    return start


def _drafts(raw: mne.io.BaseRaw) -> list[Draft]:
    rate = float(raw.info["sfreq"])
    types, bads = raw.get_channel_types(), set(raw.info["bads"])
    return [
        Draft(
            label=label, unit="V" if type_ in _VOLT_TYPES else "", sampling_hz=rate,
            kind=_KINDS.get(type_, "MISC"), fault=MARKED_BAD_IN_FILE if label in bads else "",
        )
        for label, type_ in zip(raw.ch_names, types, strict=True)
    ]  # fmt: skip
