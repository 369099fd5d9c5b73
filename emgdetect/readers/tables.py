"""Site tables: a BIDS ``channels.tsv``, beside a recording or given by the caller."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect.findings import EdfError, refusal
from emgdetect.readers.text import clean_text, decode

if TYPE_CHECKING:
    from emgdetect.recording import ChannelKind

MAX_BYTES = 10_000_000
_MISSING = frozenset({"", "n/a", "na", "nan"})
_TYPES: dict[str, ChannelKind] = {
    "emg": "EMG", "ecg": "ECG", "ekg": "ECG", "eeg": "EEG", "seeg": "EEG", "ecog": "EEG",
    "eog": "EOG", "veog": "EOG", "heog": "EOG", "accel": "ACC", "acc": "ACC", "gyro": "ACC",
    "trig": "TRIG", "stim": "TRIG", "status": "STATUS", "misc": "MISC",
}  # fmt: skip
_OTHERS = frozenset({
    "adc", "angaccel", "audio", "dac", "dbs", "eyegaze", "fiterr", "gsr", "hlu", "jntang",
    "latency", "magn", "megmag", "meggradaxial", "megrefgradaxial", "megrefmag", "nirs", "ornt",
    "other", "pd", "pos", "ppg", "pupil", "quat", "ref", "resp", "sysclock", "temp", "vel",
})  # fmt: skip
"""Further types of BIDS, which are none of muscle."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a table says of one channel; empty or NaN where it says nothing.

    A type that nobody knows (`unknown_type`) is taken for one that is not EMG.
    """

    name: str
    kind: ChannelKind | None = None
    unknown_type: str = ""
    muscle: str = ""
    unit: str = ""
    bad: bool = False
    reference: str = ""
    group: str = ""
    row: float = math.nan
    column: float = math.nan
    spacing_mm: float = math.nan
    sampling_hz: float = math.nan


@dataclass(frozen=True)
class SiteTable:
    """Rows by channel name, and where they come from."""

    rows: Mapping[str, Row]
    path: Path | None = None


def read_site_table(path: Path | str, *, names_muscles: bool = True) -> SiteTable:
    """Read a tab-separated table with the columns ``name`` and ``target_muscle``.

    Parameters
    ----------
    path : path
    names_muscles : bool
        Whether it must have the column ``target_muscle``: what a person gives to name the muscles
        must, a side-car of BIDS need not.

    Raises
    ------
    EdfError
        With code ``site-table-invalid`` if it cannot be used.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _invalid(path, f"it cannot be read ({error.strerror}).") from error
    if len(content) > MAX_BYTES or b"\0" in content:
        raise _invalid(path, "it is no text table.")
    wanted = ("name", "target_muscle") if names_muscles else ("name",)
    return SiteTable(_parse(decode(content.removeprefix(b"\xef\xbb\xbf")), path, wanted), path)


def _invalid(path: Path, reason: str) -> EdfError:
    error = refusal("site-table-invalid", f"The site table {clean_text(path.name)} cannot be used: "
                    f"{reason}")  # fmt: skip
    error.path = path
    return error


def _parse(text: str, path: Path, wanted: Sequence[str]) -> dict[str, Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        table = [[cell.strip() for cell in line] for line in lines]
    except csv.Error as error:
        raise _invalid(path, "it is no tab-separated table.") from error
    header = [name.casefold() for name in table[0]] if table else []
    for name in wanted:
        if name not in header:
            raise _invalid(path, f"it has no column `{name}` (columns are separated by tabs).")
    rows: dict[str, Row] = {}
    for cells in table[1:]:
        if not any(cells):
            continue
        row = _row(dict(zip(header, cells, strict=False)), path)
        if row.name in rows:
            raise _invalid(path, f"it lists {clean_text(row.name)!r} twice.")
        rows[row.name] = row
    return rows


def _row(cells: Mapping[str, str], path: Path) -> Row:
    given = {key: text for key, text in cells.items() if text.casefold() not in _MISSING}
    if "name" not in given:
        raise _invalid(path, "a row has no name.")
    type_ = given.get("type", "")
    kind = type_.casefold()
    return Row(
        name=given["name"],
        kind=_TYPES.get(kind, "MISC") if kind else None,
        unknown_type="" if kind in _TYPES or kind in _OTHERS else clean_text(type_),
        muscle=clean_text(given.get("target_muscle", "")),
        unit=given.get("units", ""),
        bad=given.get("status", "").casefold() == "bad",
        reference=clean_text(given.get("reference", "")),
        group=clean_text(given.get("group", "")),
        row=_number(given.get("row", "")),
        column=_number(given.get("column", "")),
        spacing_mm=_number(given.get("interelectrode_distance", "")),
        sampling_hz=_number(given.get("sampling_frequency", "")),
    )


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
