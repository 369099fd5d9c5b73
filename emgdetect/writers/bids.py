"""The events as a BIDS derivative tree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect import columns as tables
from emgdetect._version import __version__
from emgdetect.writers.tables import write_json, write_side_car, write_table

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import Detections

ENTITIES = ("sub", "ses", "task", "acq", "run", "recording")
HOME = Path("derivatives", "emgdetect")
BIDS_VERSION = "1.11.0"
"""The first version that knows EMG."""


def bids_entities(name: str) -> dict[str, str]:
    """The entities of a BIDS file name, in the order of the standard.

    Returns
    -------
    dict
        E.g. ``{"sub": "01", "task": "rest"}``; empty if the name is not BIDS (no ``sub-``).
    """
    pairs = dict(re.findall(r"(?:^|_)([a-zA-Z]+)-([a-zA-Z0-9+]+)", name))
    return {key: pairs[key] for key in ENTITIES if key in pairs} if "sub" in pairs else {}


def bids_stem(name: str) -> str:
    """The entities of a recording's name as a BIDS stem; another name becomes the subject.

    Returns
    -------
    str
        E.g. ``sub-01_task-rest``, or ``sub-biceps3`` for ``biceps_3``.
    """
    entities = bids_entities(name) or {"sub": re.sub(r"[\W_]", "", name) or "unknown"}
    return "_".join(f"{key}-{value}" for key, value in entities.items())


def write_bids_derivative(root: Path, found: Detections, *, name: str) -> Path:
    """Write what was found in one recording into a BIDS derivative dataset.

    Parameters
    ----------
    root : Path
        The BIDS dataset; the tree goes to ``derivatives/emgdetect`` in it.
    found : Detections
    name : str
        Stem of the recording; its BIDS entities are kept, another name becomes the subject.

    Returns
    -------
    Path
        See `write_bids_tables`.
    """
    return write_bids_tables(root, found.events, found.excluded, name=name)


def write_bids_tables(
    root: Path, events: pd.DataFrame, excluded: pd.DataFrame, *, name: str
) -> Path:
    """Write the events and the excluded spans of one recording into a BIDS derivative dataset.

    Parameters
    ----------
    root : Path
        The BIDS dataset; the tree goes to ``derivatives/emgdetect`` in it.
    events, excluded : DataFrame
        Columns of `emgdetect.columns.EVENTS` and `EXCLUDED`.
    name : str
        Stem of the recording.

    Returns
    -------
    Path
        The events table, ``…_desc-fasciculation_events.tsv``; beside it the time that was not
        analysed, ``…_desc-excluded_events.tsv``; each with its side-car.
    """
    stem = bids_stem(name)
    parts = [part for part in stem.split("_") if part.startswith(("sub-", "ses-"))]
    folder = (root / HOME).joinpath(*parts, "emg")
    folder.mkdir(parents=True, exist_ok=True)
    write_description(root / HOME)
    path = folder / f"{stem}_desc-fasciculation_events.tsv"
    spans = folder / f"{stem}_desc-excluded_events.tsv"
    for target, frame, columns in (
        (path, events, tables.EVENTS),
        (spans, excluded, tables.EXCLUDED),
    ):
        write_table(target, frame, columns)
        write_side_car(target.with_suffix(".json"), columns)
    return path


def write_description(home: Path) -> None:
    """Write the `dataset_description.json` that makes a folder a BIDS derivative."""
    write_json(
        home / "dataset_description.json",
        {
            "Name": "emgdetect: fasciculation potentials",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "derivative",
            "GeneratedBy": [{"Name": "emgdetect", "Version": __version__}],
            "SourceDatasets": [{"URL": "../.."}],
        },
    )
