"""Which input bears which name: what was given stays, the rest is named now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from emgdetect.batch.identity import sha256_of
from emgdetect.batch.inputs import problem_of
from emgdetect.batch.names import assign_names
from emgdetect.batch.status import Row, input_cell, inputs_of


def name_inputs(
    inputs: Sequence[Path], rows: Mapping[str, Row], *, anonymous: bool
) -> dict[Path, str]:
    """Give every input its name (see `assign_names`).

    Parameters
    ----------
    inputs : sequence of Path
    rows : mapping
        What is known from earlier calls.
    anonymous : bool
        Names by hash. The hash is that of the content, which nobody can guess from a list of
        people's names; reading all inputs once is its price.
    """
    given = inputs_of(rows)
    known = {path: given[cell] for path in inputs if (cell := input_cell(path)) in given}
    new = [path for path in inputs if path not in known]
    hashes = {path: _digest(path) for path in new} if anonymous else None
    return assign_names(inputs, known=known, taken=rows, hashes=hashes)


def _digest(path: Path) -> str:
    """Hash of the content, or of the path where there is none to read."""
    try:
        if problem_of(path) is None:
            return sha256_of(path)
    except OSError:
        pass
    return hashlib.sha256(os.fsencode(path)).hexdigest()
