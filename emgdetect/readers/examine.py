"""The last steps of every reader: side-cars, signal sanity, and a refusal where nothing is EMG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emgdetect.findings import EdfError, refusal, summarise
from emgdetect.readers.context import with_surroundings
from emgdetect.readers.drafts import (
    MARKED_BAD,
    MARKED_BAD_IN_FILE,
    MAX_SAMPLING_HZ,
    MIN_SAMPLING_HZ,
    unit_missing,
)
from emgdetect.readers.labels import names_emg
from emgdetect.readers.sanity import all_missing, check_signal, never_changes
from emgdetect.readers.sidecar import Surroundings
from emgdetect.readers.sites import NOT_LISTED, is_mistyped
from emgdetect.recording import Channel, Recording

NO_SIGNAL = "Check that the electrodes were connected and that this is the file meant."
"""The way out where all EMG is a flat line: no table of sites would help there."""

ALL_BAD = "Take the marks off: they are the bads of MNE's info (raw.info['bads'])."
"""The way out where all EMG is marked bad by the file."""

NOTHING_LEFT = (
    "If marks are wrong, take them off: annotations that begin with `bad` leave out time."
)
"""The way out where all time of all EMG is missing, which one long mark may do."""

NO_CHANNEL = "Give the recording itself: this file holds annotations at most."
"""The way out where a file has no signal to name a muscle of."""

UNIT = (
    "Give the unit with --assume-unit uV, mV or V, or write a table with `emgdetect check FILE "
    "--write-sites sites.tsv`, enter the unit there as `units`, and pass the table with --sites."
)
"""The way out where a channel of EMG lacks nothing but a unit."""

CORRECT_TABLE = "Correct the column `type` of the site table."
"""The way out where a table says of a muscle's channel that it is of another type."""

NO_TABLE_HELPS = (
    "No site table can help: give an export of the raw signal, at 400 Hz or more and in volts."
)
"""The way out where nothing in a file could be EMG whatever a table says of it."""

NEVER = frozenset({"TRIG", "STATUS"})
"""Kinds that nobody takes for EMG by mistake, unless the label names EMG, too."""


def examined(recording: Recording, surroundings: Surroundings) -> Recording:
    """The recording with what its side-cars and a look at its signal add, findings summarised.

    Raises
    ------
    EdfError
        If the samples cannot be read.
    """
    whole = check_signal(with_surroundings(recording, surroundings))
    return replace(whole, findings=summarise(whole.findings))


def require_emg(recording: Recording) -> Recording:
    """The recording itself, if at least one of its channels can be analysed.

    Raises
    ------
    EdfError
        With code ``no-emg``.
    """
    if recording.sites:
        return recording
    channels = recording.channels
    muscles = [c for c in channels if c.kind == "EMG" and c.skip]
    muscles += [c for c in channels if c.kind != "EMG" and is_mistyped(c)]
    reasons, n = dict.fromkeys(c.skip for c in muscles), len(channels)
    message = f"No EMG channel to analyse among {n}." if n else "The file has no signals."
    error = refusal("no-emg", " ".join([message, *list(reasons)[:3]]))
    hint = _hint(channels, error.hint)
    raise EdfError(error.code, error.message, path=recording.path, hint=hint)


def _hint(channels: Sequence[Channel], table: str) -> str:
    """The way out of a file without EMG; `table` where a site table may be one."""
    if not channels:
        return NO_CHANNEL
    muscles = [c for c in channels if c.kind == "EMG"]
    if muscles and all(c.skip == never_changes(c.name) for c in muscles):
        return NO_SIGNAL
    if muscles and all(c.skip == all_missing(c.name) for c in muscles):
        return NOTHING_LEFT
    if muscles and all(c.skip == MARKED_BAD_IN_FILE for c in muscles):
        return ALL_BAD
    if any(c.skip == unit_missing(c.name, c.unit) for c in muscles):
        return UNIT
    if any(is_mistyped(channel) for channel in channels):
        return CORRECT_TABLE
    return table if any(_may_be_emg(channel) for channel in channels) else NO_TABLE_HELPS


def _may_be_emg(channel: Channel) -> bool:
    """Whether a site table could have a channel analysed that is not."""
    if not MIN_SAMPLING_HZ <= channel.sampling_hz <= MAX_SAMPLING_HZ:
        return False
    if channel.kind in NEVER:
        return names_emg(channel.name)
    return channel.kind != "EMG" or channel.skip in (NOT_LISTED, MARKED_BAD)
