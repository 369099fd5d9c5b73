"""`emgdetect bids`: the results of a folder as a BIDS derivative."""

from __future__ import annotations

from pathlib import Path

from emgdetect.batch.inputs import CallError
from emgdetect.batch.results import MARK
from emgdetect.batch.status import result_folders
from emgdetect.columns import EVENTS, EXCLUDED
from emgdetect.curation import reviewed_events, reviewed_excluded
from emgdetect.writers.bids import HOME, bids_stem, write_bids_tables


def export_bids(out: Path, root: Path) -> tuple[int, Path]:
    """Write the events of all complete results of a folder into a BIDS dataset.

    Events and excluded spans are those of the review where a recording was reviewed.

    Parameters
    ----------
    out : Path
        The folder of results.
    root : Path
        The BIDS dataset; it must exist, ``derivatives/emgdetect`` is made in it.

    Returns
    -------
    n_recordings : int
    home : Path
        The derivative dataset.

    Raises
    ------
    CallError
        If a folder is not there, there is no complete result, or two recordings would have one
        BIDS name.
    """
    for folder in (out, root):
        if not folder.is_dir():
            raise CallError(f"There is no folder {folder}.")
    folders = [folder for folder in result_folders(out) if (folder / MARK).is_file()]
    if not folders:
        raise CallError(f"There is no complete result in {out}.")
    names: dict[str, str] = {}
    for folder in folders:
        other = names.setdefault(bids_stem(folder.name), folder.name)
        if other != folder.name:
            raise CallError(f"{other} and {folder.name} would have the same BIDS name.")
    for folder in folders:
        events = reviewed_events(folder)[[column.name for column in EVENTS]]
        excluded = reviewed_excluded(folder)[[column.name for column in EXCLUDED]]
        write_bids_tables(root, events, excluded, name=folder.name)
    return len(folders), root / HOME
