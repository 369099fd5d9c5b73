"""Which input bears which name: what was given stays, the rest is named now."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

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
        people's names; reading all inputs once is its price. So a result that does not tell its
        input, as anonymous ones do where `status.tsv` is lost, belongs to the input of its name.
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
    hashes |= {path: read.get(path) or _of_path(path) for path in inputs if path not in known}
    taken = [name for name, row in rows.items() if row.input != MISSING]
    return assign_names(inputs, known=known, taken=taken, hashes=hashes)


def _told(name: str) -> str:
    """The hash in an anonymous name.

    Raises
    ------
    CallError
        If there is none.
    """
    found = re.fullmatch(r"rec-([0-9a-f]{12})(-[0-9a-f]+)?", name)
    if found is None:
        text = "--anonymous-names needs another folder: here is a result named after its input"
        raise CallError(f"{text} ({name}).")
    return found[1]


def _of_path(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()
