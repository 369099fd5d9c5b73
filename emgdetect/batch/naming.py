"""Which input bears which name: what was given stays, the rest is named now."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from emgdetect.batch.identity import stamp
from emgdetect.batch.inputs import CallError
from emgdetect.batch.names import assign_names
from emgdetect.batch.status import Row, input_cell, inputs_of
from emgdetect.writers.cells import MISSING


def name_inputs(
    inputs: Sequence[Path], rows: Mapping[str, Row], *, anonymous: bool,
    hash_of: Callable[[Sequence[Path]], Mapping[Path, str]],
) -> dict[Path, str]:  # fmt: skip
    """Give every input its name (see `assign_names`).

    Parameters
    ----------
    inputs : sequence of Path
    rows : mapping
        What is known from earlier calls.
    anonymous : bool
        Names by hash. The hash is that of the content, which nobody can guess from a list of
        people's names, as a hash of the path could be; reading all inputs once is its price. So a
        result that does not tell its input, as anonymous ones do where `status.tsv` is lost,
        belongs to the input of its name. Where there is no content to read, or not in the time
        given, the hash is that of what the file system says of the file, which is not to be had
        without the file either; inputs of one content are told apart by the same.
    hash_of : callable
        Hashes of the content of inputs, as far as there is any to read; asked where `anonymous`.

    Raises
    ------
    CallError
        If `anonymous`, and an input has a result that is named after it.
    """
    given = inputs_of(rows)
    known = {path: given[cell] for path in inputs if (cell := input_cell(path)) in given}
    if not anonymous:
        return assign_names(inputs, known=known, taken=rows)
    hashes = {path: _told(name) for path, name in known.items()}
    read = hash_of([path for path in inputs if path not in known])
    marks = {path: _of_file(path) for path in inputs if path not in known}
    hashes |= {path: read.get(path) or mark for path, mark in marks.items()}
    taken = [name for name, row in rows.items() if row.input != MISSING]
    return assign_names(inputs, known=known, taken=taken, hashes=hashes, marks=marks)


def _told(name: str) -> str:
    """The hash in an anonymous name.

    Raises
    ------
    CallError
        If there is none.
    """
    found = re.fullmatch(r"rec-([0-9a-f]{12})(-[0-9a-f]+)*", name)
    if found is None:
        text = "--anonymous-names needs another folder: here is a result named after its input"
        raise CallError(f"{text} ({name}).")
    return found[1]


def _of_file(path: Path) -> str:
    """Hash of size, time of change and number of a file; by chance where they cannot be had."""
    try:
        said = repr(stamp(path)).encode()
    except OSError:
        said = secrets.token_bytes()
    return hashlib.sha256(said).hexdigest()
