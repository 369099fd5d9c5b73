"""What a person decided about the potentials of a recording, and how it changes the tables.

The page of `emgdetect review` appends decisions to ``reviewed.tsv``; this room reads them back and
replays them onto the tables as detected. Statistics, report and page all see the same result.
"""

from emgdetect.curation.agreement import Agreement, agreement
from emgdetect.curation.exposure import reviewed_counts, subtract, union
from emgdetect.curation.replay import KEY_TOLERANCE_S, replay, replay_excluded
from emgdetect.curation.tables import (
    read_summary,
    read_table,
    reviewed_events,
    reviewed_excluded,
    was_reviewed,
)
from emgdetect.curation.trail import Decision, Trail, format_line, header_line, read_trail, standing

__all__ = [
    "KEY_TOLERANCE_S",
    "Agreement",
    "Decision",
    "Trail",
    "agreement",
    "format_line",
    "header_line",
    "read_summary",
    "read_table",
    "read_trail",
    "replay",
    "replay_excluded",
    "reviewed_counts",
    "reviewed_events",
    "reviewed_excluded",
    "standing",
    "subtract",
    "union",
    "was_reviewed",
]
