"""What stands in an output folder and is not of this program: a run that would touch it is refused.

A killed run leaves its own traces: a status table stands before anything else is written, and in a
recording's folder products stand before `run.json`. All of them are known by what is in them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from emgdetect.batch.inputs import CallError
from emgdetect.batch.joint import SUMMARY
from emgdetect.batch.naming import name_inputs
from emgdetect.batch.options import Options
from emgdetect.batch.ours import TRAIL, is_our_joint_file, is_our_product
from emgdetect.batch.page import may_have_page
from emgdetect.batch.results import FAULTS, LOGS, MARK, PRODUCTS, REPORT, read_mark
from emgdetect.batch.status import PARTS, STATUS, known_rows, read_status, result_folders
from emgdetect.columns import FAILED, REVIEWED
from emgdetect.writers.atomic import TEMPORARY
from emgdetect.writers.cells import safe_text

WAY_OUT = "name another folder with --out, or move it away"
"""Ends the sentence on what is in the way."""

_TABLES = (STATUS, SUMMARY, REVIEWED)
_WRITTEN = (*_TABLES, *(str(Path(name).with_suffix(".json")) for name in _TABLES))
"""Names that every run writes, or removes, in the output folder."""

_PRODUCTS = frozenset({*PRODUCTS, REVIEWED, FAILED})
"""Names that a result takes in a recording's folder."""


def refuse_foreign(inputs: Sequence[Path], options: Options) -> None:
    """Refuse a call that would replace, or write among, what is not of this program.

    Nothing is written. Names by hash are nobody else's, so their folders are not looked at.

    Raises
    ------
    CallError
        Which names what is in the way.
    """
    out = options.out
    try:
        if not out.is_dir():
            return
        ran = was_run_into(out)
        _refuse_files(out, ran=ran, with_page=options.settings.report)
        if not options.anonymous_names:
            _refuse_folders(inputs, out, ran=ran)
    except OSError:  # what cannot be read is told when the folder is tried
        return


def was_run_into(out: Path) -> bool:
    """Whether an earlier run, complete or killed, left its traces in a folder."""
    if any(map(is_our_joint_file, (out / STATUS, out / SUMMARY, *out.glob(PARTS)))):
        return True
    return any(read_mark(folder) for folder in result_folders(out))


def _refuse_files(out: Path, *, ran: bool, with_page: bool) -> None:
    """Refuse what has the name of a table of the folder, or of its page, and is neither."""
    foreign = [name for name in _WRITTEN if not ran and _is_foreign_file(out / name)]
    if with_page and not may_have_page(out):
        foreign.append(REPORT)
    if foreign:
        path = safe_text(str(out / foreign[0]))
        raise CallError(f"{path} is not of emgdetect and would be replaced: {WAY_OUT}.")


def _is_foreign_file(path: Path) -> bool:
    return os.path.lexists(path) and not is_our_joint_file(path)


def _refuse_folders(inputs: Sequence[Path], out: Path, *, ran: bool) -> None:
    """Refuse what has the name of a recording's folder, or of its log, and is neither."""
    suspects = [folder for folder in result_folders(out) if _is_foreign_folder(folder, ran=ran)]
    logs = [] if ran else [log for log in out.glob(f"{LOGS}/*.txt") if not _is_log(log)]
    if not suspects and not logs:
        return
    names = name_inputs(inputs, known_rows(out), anonymous=False, hash_of=_no_hashes)
    wanted = set(names.values()) - _noted(out)
    for path in suspects:
        if path.name in wanted:
            told = f"The folder {safe_text(str(path))} is not of emgdetect"
            raise CallError(f"{told} and has the name of a recording's results: {WAY_OUT}.")
    for path in logs:
        if path.stem in wanted:
            told = f"{safe_text(str(path))} is not of emgdetect and would be replaced"
            raise CallError(f"{told}: {WAY_OUT}.")


def _is_foreign_folder(folder: Path, *, ran: bool) -> bool:
    """Whether a folder that no table names is another's.

    Where a run was made before, one without a file of our names stays allowed: a run that was
    killed when it had removed a half result may have left a person's notes alone.
    """
    if (folder / MARK).is_file():
        return False
    inside = [path for path in folder.iterdir() if not path.name.startswith(TEMPORARY)]
    if any(path.name in _PRODUCTS | {TRAIL} and is_our_product(path) for path in inside):
        return False
    return any(path.name in _PRODUCTS for path in inside) if ran else bool(inside)


def _is_log(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().partition(":")[0] in FAULTS


def _noted(out: Path) -> set[str]:
    """Names in the status tables of a folder, whether or not a result bears them out."""
    return {name for table in (out / STATUS, *out.glob(PARTS)) for name in read_status(table)}


def _no_hashes(_paths: Sequence[Path]) -> Mapping[Path, str]:
    return {}
