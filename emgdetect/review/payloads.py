"""Tables and signal in the form the page takes them: JSON, and floats as they lie in memory."""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect import curation
from emgdetect.review.casebook import Casebook
from emgdetect.review.rows import row_of

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.recording import Recording
    from emgdetect.review.signals import View
    from emgdetect.showing import Band

_EVENTS = (
    "onset", "duration", "site", "channel", "verdict", "verdict_detected", "peak_s",
    "amplitude_uv", "amplitude_fit_uv", "snr", "unit", "score", "threshold", "noise_uv",
    "phases", "match", "n_channels_seen", "why", "judged", "added", "outside",
)  # fmt: skip
_SUMMARY = (
    "site", "n_channels", "sampling_hz", "recorded_s", "analysed_s", "n_fasciculations",
    "rate_per_min", "rate_low", "rate_high", "rate_flag", "n_judged", "n_added",
    "n_fasciculations_detected", "rate_per_min_detected",
)  # fmt: skip


def columns(table: pd.DataFrame, names: tuple[str, ...]) -> dict[str, list[Any]]:
    """Columns of a table as lists; missing values, and columns it lacks, are None."""
    n = len(table)
    return {
        name: [plain(v) for v in table[name].tolist()] if name in table else [None] * n
        for name in names
    }


def plain(value: Any) -> Any:
    """A cell in the types of JSON; None for what is missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def tables(book: Casebook) -> dict[str, Any]:
    """Everything the page lists of a recording, without the numbers that take longer."""
    return {
        "events": columns(book.events, _EVENTS),
        "excluded": columns(book.excluded, ("onset", "duration", "site", "reason", "by")),
        **counts(book),
    }


def numbers(book: Casebook) -> dict[str, Any]:
    """What follows from the decisions: summary and agreement; not to be called under the lock."""
    summary = book.summary()
    with book.lock:
        by_site = {site: book.events[book.events["site"] == site] for site in book.sites}
        counted = counts(book)
    return {
        "summary": columns(summary, _SUMMARY),
        "agreement_by_site": {
            site: _agreement(curation.agreement(rows)) for site, rows in by_site.items()
        },
        **counted,
    }


def counts(book: Casebook) -> dict[str, Any]:
    """What is known right after a decision."""
    return {
        "agreement": _agreement(curation.agreement(book.events)),
        "n_decisions": len(curation.standing(book.trail.decisions)),
        "n_damaged": book.trail.n_damaged,
    }


def after(book: Casebook, decision: curation.Decision) -> dict[str, Any]:
    """What changed by a decision: one row where that is all, otherwise all tables."""
    told = {"what": decision.what, "number": decision.number, "site": decision.site}
    answer = {"decision": told | {"peak_s": plain(decision.peak_s)}}
    if decision.what not in ("verdict", "unit"):
        return answer | tables(book)
    row = row_of(book.events, decision.site, decision.peak_s) or 0
    return answer | {"row": columns(book.events.iloc[[row]], _EVENTS)} | counts(book)


def signal_bytes(shown: View, recording: Recording, mains: Band) -> bytes:
    """A view as bytes: length of the JSON head, the head, filtered and raw as float32.

    All little-endian; the head is padded with blanks so that the floats start at a multiple of
    four bytes.
    """
    head = {
        "start_s": shown.start_s,
        "step_s": shown.step_s,
        "decimated": shown.decimated,
        "n_columns": int(shown.filtered.shape[1]),
        "channels": [recording.channels[i].name for i in shown.channels],
        "mains_hz": round(mains.mains_hz, 2) if mains.harmonics else None,
        "noise_uv": [plain(float(value)) for value in shown.noise_uv],
    }
    text = json.dumps(head, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    floats = np.concatenate([shown.filtered.ravel(), shown.raw.ravel()]).astype("<f4")
    return struct.pack("<I", len(text)) + text + floats.tobytes()


def _agreement(found: curation.Agreement) -> dict[str, Any]:
    return {
        "n": found.n_judged, "both": found.both, "detector_only": found.detector_only,
        "reviewer_only": found.reviewer_only, "neither": found.neither, "added": found.n_added,
        "share": plain(found.share), "kappa": plain(found.kappa),
        "precision": plain(found.precision), "recall": plain(found.recall),
    }  # fmt: skip
