"""The status table while a batch runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emgdetect.batch.status import Row, input_cell, write_status
from emgdetect.batch.task import Outcome
from emgdetect.writers.cells import number_cell, safe_text

WRITE_EVERY_S = 2.0
SHARE = 0.05
"""The table is written at most this share of the time, so that 10,000 rows do not slow a batch."""


@dataclass
class Book:
    """Rows by recording; written now and then, and at the end.

    Attributes
    ----------
    path : Path
    rows : dict
    inputs : mapping
        Path of each recording by name.
    """

    path: Path
    rows: dict[str, Row]
    inputs: Mapping[str, Path]
    next_write: float = field(default_factory=time.monotonic)

    def note(self, name: str, outcome: Outcome) -> None:
        """Enter an outcome, and write the table if that was long ago."""
        seconds = number_cell(round(outcome.seconds, 2), is_time=False)
        message = safe_text(outcome.message)
        self.rows[name] = Row(
            input_cell(self.inputs[name]), name, outcome.status, outcome.code, message, seconds
        )
        if time.monotonic() >= self.next_write:
            self.write()

    def write(self) -> None:
        """Write the table; on a disk that is full the old one stays.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        began = time.monotonic()
        write_status(self.path, self.rows.values())
        took = time.monotonic() - began
        self.next_write = began + max(WRITE_EVERY_S, took / SHARE)
