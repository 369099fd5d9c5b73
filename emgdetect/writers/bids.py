"""The events as a BIDS derivative tree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect import columns as tables
from emgdetect._version import __version__
from emgdetect.writers.tables import write_json, write_side_car, write_table

if TYPE_CHECKING:
    from emgdetect.detections import Detections

ENTITIES = ("sub", "ses", "task", "acq", "run", "recording")


def bids_entities(name: str) -> dict[str, str]:
    """The entities of a BIDS file name, in the order of the standard.

    Returns
    -------
    dict
        E.g. ``{"sub": "01", "task": "rest"}``; empty if the name is not BIDS (no ``sub-``).
    """
    pairs = dict(re.findall(r"(?:^|_)([a-zA-Z]+)-([a-zA-Z0-9+]+)", name))
    return {key: pairs[key] for key in ENTITIES if key in pairs} if "sub" in pairs else {}


def write_bids_derivative(root: Path, found: Detections, *, name: str) -> Path:
    """Write the events of one recording into a BIDS derivative dataset.

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
        The events table, ``…_desc-fasciculation_events.tsv``, with its side-car beside it.
    """
    home = root / "derivatives" / "emgdetect"
    entities = bids_entities(name) or {"sub": re.sub(r"[\W_]", "", name) or "unknown"}
    parts = [f"{key}-{entities[key]}" for key in ("sub", "ses") if key in entities]
    folder = home.joinpath(*parts, "emg")
    folder.mkdir(parents=True, exist_ok=True)
    write_description(home)
    stem = "_".join(f"{key}-{value}" for key, value in entities.items())
    path = folder / f"{stem}_desc-fasciculation_events.tsv"
    write_table(path, found.events, tables.EVENTS)
    write_side_car(path.with_suffix(".json"), tables.EVENTS)
    return path


def write_description(home: Path) -> None:
    """Write the `dataset_description.json` that makes a folder a BIDS derivative."""
    write_json(
        home / "dataset_description.json",
        {
            "Name": "emgdetect: fasciculation potentials",
            "BIDSVersion": "1.10.0",
            "DatasetType": "derivative",
            "GeneratedBy": [{"Name": "emgdetect", "Version": __version__}],
        },
    )
