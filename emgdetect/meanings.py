"""What verdicts and reasons mean, in the words of the report and of the tables' side-cars."""

from __future__ import annotations

VERDICTS = {
    "fasciculation": "counted: alone, in a doublet or pair, or in a short or irregular run",
    "train": "not counted: at least four discharges of one unit, 60 to 250 ms apart and regular; "
    "voluntary or tonic, which the surface cannot tell apart",
    "burst": "not counted: at least six discharges less than 60 ms apart",
    "ecg": "not counted: a heart beat, or a part of one",
    "crosstalk": "not counted: the same event, larger, belongs to a neighbouring site",
    "pop": "not counted: a disturbance of one electrode",
    "motion": "not counted: movement",
    "clipped": "not counted: cut off, by a limit of the amplifier or an end of the recorded signal",
    "hum": "not counted: mains",
}
"""What a potential can be judged to be, and what that means; only the first is counted."""

REVIEWERS = {"noise": "not counted: noise, or nothing there"}
"""What a reviewer may call one besides; the detector never does, as it lists no such thing."""

REASONS = {
    "contraction": "the muscle was not relaxed",
    "tremor": "rhythmic activity of the muscle",
    "motion": "movement of limb or cables",
    "noise": "too noisy to see potentials",
    "clipped": "the amplifier was at its limit",
    "flat": "no signal at all",
    "gap": "nothing was recorded",
    "missing": "samples are missing",
}
"""Why a span of time may be excluded, in words."""
