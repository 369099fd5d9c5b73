"""`emgdetect check`: many files looked at, none analysed."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from emgdetect import checking
from emgdetect.batch.inputs import CallError, find_inputs, problem_of
from emgdetect.batch.progress import lead_nowhere, say
from emgdetect.checking import FileCheck
from emgdetect.findings import Finding
from emgdetect.writers.cells import safe_text
from emgdetect.writers.sites import write_site_table

HOW = (
    "The muscle goes into `target_muscle`; what is to be analysed needs the `type` EMG and, where "
    "the file names no unit of voltage, its `units`."
)
"""What a person does with a site table."""


def check_inputs(
    given: Sequence[str],
    *,
    sites: Path | None,
    assume_unit: str | None,
    as_json: bool,
    write_sites: Path | None,
) -> int:
    """Print what is in files and what would be analysed.

    Parameters
    ----------
    given : sequence of str
        Files, folders, patterns, BIDS roots.
    sites, assume_unit
        As for `emgdetect.read_recording`.
    as_json : bool
        Print one JSON list rather than text.
    write_sites : Path or None
        Site table to write.

    Returns
    -------
    int
        Number of files that would be refused.

    Raises
    ------
    CallError
        If there is no such input, or no site table can be written, say because there is one
        already, which somebody may have filled in.
    """
    if write_sites:
        _must_be_free(write_sites)
    checks = []
    for path in find_inputs(given):
        checks.append(_check(path, sites, assume_unit))
        if not as_json:
            _print(checking.render_text(checks[-1]))
    if as_json:
        _print(json.dumps([checking.to_json(check) for check in checks], indent=2))
    if write_sites:
        _write_sites(checks, write_sites)
        say(f"Site table to fill in: {safe_text(str(write_sites))}. {HOW}")
    return sum(check.refused for check in checks)


def _write_sites(checks: Sequence[FileCheck], table: Path) -> None:
    try:
        write_site_table(checks, table)
    except OSError as error:
        raise CallError(
            f"The site table {table} cannot be written: {error.strerror or error}."
        ) from error


def _must_be_free(table: Path) -> None:
    if table.exists():
        raise CallError(f"There is a file {table} already; name another for the site table.")
    if not table.parent.is_dir():
        raise CallError(f"There is no folder {table.parent} for the site table.")


def _check(path: Path, sites: Path | None, assume_unit: str | None) -> FileCheck:
    """A check that never opens what is no plain file, for that could wait for ever."""
    if problem := problem_of(path):
        finding = Finding(code=problem[0], severity="fatal", message=problem[1])
        return FileCheck(path=path, refused=True, findings=(finding,))
    return checking.check_file(path, sites=sites, assume_unit=assume_unit)


def _print(text: str) -> None:
    """Write to standard output, whatever its encoding; where nobody listens any more, to nobody.

    The status of the call is that of the files, also where its reader went away (``| head``).
    """
    if sys.stdout is None:
        return
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except BrokenPipeError:
        lead_nowhere(sys.stdout.fileno())
