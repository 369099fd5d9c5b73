"""`emgdetect bids`: the results of a folder as a BIDS derivative."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emgdetect.batch.inputs import CallError
from emgdetect.batch.status import complete_results, failed_since
from emgdetect.columns import EVENTS, EXCLUDED
from emgdetect.curation import reviewed_events, reviewed_excluded
from emgdetect.writers.bids import HOME, bids_stem, write_bids_tables
from emgdetect.writers.cells import listed, safe_text

MOST_NAMED = 5
"""Recordings that a warning names, at most."""


@dataclass(frozen=True)
class Exported:
    """What was written into a BIDS dataset.

    Attributes
    ----------
    names : tuple of str
        Recordings written, in order.
    home : Path
        The derivative dataset.
    foreign : tuple of str
        Others, left out as they are no recording of the dataset.
    earlier : tuple of str
        Those written whose newest attempt failed: the events of an earlier run.
    """

    names: tuple[str, ...]
    home: Path
    foreign: tuple[str, ...]
    earlier: tuple[str, ...] = ()


def export_bids(out: Path, root: Path) -> Exported:
    """Write the events of all complete results of a folder into a BIDS dataset.

    Events and excluded spans are those of the review where a recording was reviewed. Results of
    recordings that are not in the dataset are left out, and told.

    Parameters
    ----------
    out : Path
        The folder of results.
    root : Path
        The BIDS dataset; it must exist, ``derivatives/emgdetect`` is made in it.

    Returns
    -------
    Exported

    Raises
    ------
    CallError
        If a folder is not there, there is no complete result of a recording of the dataset, or
        two recordings would have one BIDS name.
    """
    for folder in (out, root):
        if not folder.is_dir():
            raise CallError(f"There is no folder {folder}.")
    folders = complete_results(out)
    if not folders:
        raise CallError(f"There is no complete result in {out}.")
    own = [folder for folder in folders if _is_in(root, bids_stem(folder.name))]
    if not own:
        raise CallError(f"No recording in {out} is of the dataset {root}.")
    names: dict[str, str] = {}
    for folder in own:
        other = names.setdefault(bids_stem(folder.name), folder.name)
        if other != folder.name:
            raise CallError(f"{other} and {folder.name} would have the same BIDS name.")
    for folder in own:
        events = reviewed_events(folder)[[column.name for column in EVENTS]]
        excluded = reviewed_excluded(folder)[[column.name for column in EXCLUDED]]
        write_bids_tables(root, events, excluded, name=folder.name)
    foreign = tuple(folder.name for folder in folders if folder not in own)
    written, failed = tuple(folder.name for folder in own), failed_since(out)
    earlier = tuple(name for name in written if name in failed)
    return Exported(written, root / HOME, foreign, earlier)


def said_of(exported: Exported) -> list[str]:
    """What was written, in sentences, what of it is of an earlier run, and what was left out."""
    n = len(exported.names)
    said = [f"{n} recording{'s' * (n != 1)} written to {exported.home}."]
    if exported.earlier:
        names = _listed(exported.earlier)
        said.append(f"The newest attempt failed, events of an earlier run: {names}.")
    if exported.foreign:
        said.append(f"Not in this dataset and left out: {_listed(exported.foreign)}.")
    return said


def _listed(names: tuple[str, ...]) -> str:
    return listed([safe_text(name) for name in names], MOST_NAMED)


def _is_in(root: Path, stem: str) -> bool:
    """Whether a dataset holds a recording of these entities, under its subject."""
    # Not by a pattern of the stem: entities may stand in another order, or be others besides.
    files = (root / stem.partition("_")[0]).rglob("sub-*")
    return any(bids_stem(path.name) == stem for path in files if path.is_file())
