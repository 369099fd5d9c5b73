"""What stands beside a recording: the caller's site table, or BIDS side-cars."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emgdetect.findings import EdfError, Finding, finding
from emgdetect.readers.tables import MAX_BYTES, SiteTable, read_site_table
from emgdetect.readers.text import clean_text
from emgdetect.readers.units import uv_per_unit

MAX_LEVELS = 5
"""Folders looked up for side-cars: subject, session, datatype, root and one more."""


@dataclass(frozen=True)
class Surroundings:
    """What is known of a recording from outside its file.

    Attributes
    ----------
    table : SiteTable or None
    from_bids : bool
        Whether the table is a side-car rather than the caller's.
    assume_unit : str
        Unit of channels without one; empty if none may be assumed.
    facts : mapping
        Content of the ``_emg.json`` side-cars.
    findings : tuple of Finding
    """

    table: SiteTable | None = None
    from_bids: bool = False
    assume_unit: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def expect_voltage(assume_unit: str | None) -> None:
    """Refuse a unit to assume that is no voltage.

    Raises
    ------
    ValueError
    """
    text = isinstance(assume_unit, str)
    if assume_unit and (not text or uv_per_unit(assume_unit) is None):
        raise ValueError(f"assume_unit must be uV, mV or V, got {assume_unit!r}")


def look_around(
    path: Path, *, sites: Path | str | SiteTable | None, assume_unit: str | None
) -> Surroundings:
    """Read the caller's site table and the BIDS side-cars of a recording.

    Raises
    ------
    EdfError
        If the caller's table cannot be used; a faulty side-car is only a finding.
    ValueError
        If the unit to assume is no voltage.
    """
    expect_voltage(assume_unit)
    facts, findings = _facts(path)
    if sites is not None:
        table = sites if isinstance(sites, SiteTable) else read_site_table(sites)
        return Surroundings(table, False, assume_unit or "", facts, tuple(findings))
    beside, found = _bids_table(path)
    return Surroundings(
        beside, beside is not None, assume_unit or "", facts, tuple(findings + found)
    )


def _is_bids(path: Path) -> bool:
    return path.stem.startswith("sub-") and path.stem.endswith("_emg")


def _entities(stem: str) -> frozenset[str]:
    """Key-value parts of a BIDS name without its suffix."""
    return frozenset(stem.split("_")[:-1])


def inherited(path: Path, ending: str) -> list[Path]:
    """Side-cars that apply to a recording, the most specific one last.

    The BIDS inheritance principle: same folder or above, up to the root of the dataset, with no
    entity that the recording does not have.

    Parameters
    ----------
    path : Path
        Of the recording.
    ending : str
        ``channels.tsv`` or ``emg.json``.
    """
    own = _entities(path.stem)
    found: list[Path] = []
    folder = path.parent
    for _ in range(MAX_LEVELS):
        here = [p for p in folder.glob(f"*{ending}") if _applies(p, ending, own)]
        found = sorted(here, key=lambda p: len(_entities(p.stem))) + found
        if (folder / "dataset_description.json").exists() or folder == folder.parent:
            break
        folder = folder.parent
    return found


def _applies(path: Path, ending: str, own: frozenset[str]) -> bool:
    named = path.name == ending or path.name.endswith(f"_{ending}")
    return named and _entities(path.stem) <= own


def _bids_table(path: Path) -> tuple[SiteTable | None, list[Finding]]:
    """The most specific ``channels.tsv`` (BIDS does not merge tables)."""
    tables = inherited(path, "channels.tsv") if _is_bids(path) else []
    if not tables:
        return None, []
    try:
        return read_site_table(tables[-1], names_muscles=False), []
    except EdfError as error:
        return None, [finding("side-car-invalid", error.message)]


def _facts(path: Path) -> tuple[dict[str, Any], list[Finding]]:
    """The ``emg.json`` side-cars, merged from the root of the dataset downwards."""
    facts: dict[str, Any] = {}
    findings = []
    for sidecar in inherited(path, "emg.json") if _is_bids(path) else []:
        try:
            with sidecar.open("rb") as file:
                content = json.loads(file.read(MAX_BYTES))
            facts.update(content)
        except (OSError, ValueError, TypeError, RecursionError):
            findings.append(
                finding("side-car-invalid", f"{clean_text(sidecar.name)} is no JSON object.")
            )
    return facts, findings
