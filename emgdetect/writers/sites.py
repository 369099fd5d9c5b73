"""The table of sites to fill in, from what `emgdetect check` found."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect.writers.atomic import write_text

if TYPE_CHECKING:
    from emgdetect.checking import FileCheck
    from emgdetect.recording import Channel


def write_site_table(checks: Sequence[FileCheck], path: Path | str) -> None:
    """Write a site table to fill in: one row per channel name over all files.

    The table is a BIDS ``channels.tsv``; what is known already stands in it, ``n/a`` is to be
    filled in or left. It never stands half-written under its name.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    rows: dict[str, list[str]] = {}
    for check in checks:
        for channel in check.channels:
            rows.setdefault(channel.name, _site_row(channel))
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None
    )
    writer.writerow(["name", "type", "units", "target_muscle", "status"])
    writer.writerows(rows.values())
    write_text(Path(path), text.getvalue())


def _site_row(channel: Channel) -> list[str]:
    from emgdetect.readers.drafts import MARKED_BAD, MARKED_BAD_IN_FILE
    from emgdetect.readers.units import uv_per_unit

    kind = "n/a" if channel.kind == "MISC" else channel.kind
    unit = channel.unit if uv_per_unit(channel.unit) else "n/a"
    bad = channel.skip in (MARKED_BAD, MARKED_BAD_IN_FILE)
    return [channel.name, kind, unit, channel.site or "n/a", "bad" if bad else "good"]
