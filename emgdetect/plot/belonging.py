"""A recording and what was found in it: refused where they cannot belong together."""

from __future__ import annotations

from emgdetect.arguments import expect
from emgdetect.detections import Detections
from emgdetect.recording import Recording

SAME_S, SAME_SHARE = 0.01, 1e-5
"""Seconds, or share of a recording, by which two durations may differ that are the same: tables
have six digits."""


def expect_pair(recording: Recording, found: Detections) -> None:
    """Refuse a recording and detections of another one, as far as names and durations tell.

    Raises
    ------
    ValueError
        With what one of them has and the other has not.
    TypeError
        If `recording` is no Recording or `found` no Detections.
    """
    expect(recording, Recording, "recording")
    expect(found, Detections, "found")
    sites = {site.name for site in recording.sites}
    if not sites:
        return  # nothing is drawn, whatever was found
    summarised = set(found.summary["site"])
    for what, here, there in (
        ("site", sites, summarised | set(found.events["site"])),
        ("channel", {channel.name for channel in recording.channels}, set(found.events["channel"])),
    ):
        if unknown := sorted(there - here):
            raise ValueError(f"found is of another recording: this one has no {what} "
                             f"{unknown[0]!r}")  # fmt: skip
    if summarised and (missing := sorted(sites - summarised)):
        raise ValueError(f"found is of another recording: it has no site {missing[0]!r}")
    tolerated_s = max(SAME_S, SAME_SHARE * recording.recorded_s)
    for recorded_s in found.summary["recorded_s"].dropna():
        if abs(recorded_s - recording.recorded_s) > tolerated_s:
            raise ValueError(f"found is of another recording: {recorded_s:.6g} s long, this one "
                             f"{recording.recorded_s:.6g} s")  # fmt: skip
