"""Events, decisions on them and trails, as the tests of the curation need them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from emgdetect.columns import EVENTS, table
from emgdetect.curation import Decision, format_line, header_line

EVERY = ("fasciculation", "train", "pop", "ecg")


def events(*rows: tuple[str, float, str]) -> pd.DataFrame:
    """Events of (site, peak_s, verdict)."""
    made = [
        {
            "onset": peak - 0.005, "duration": 0.01, "site": site, "channel": f"EMG {site}",
            "verdict": verdict, "peak_s": peak, "amplitude_uv": 50.0, "unit": 1,
        }
        for site, peak, verdict in rows
    ]  # fmt: skip
    return table(made, EVENTS)


def decision(number: int, what: str, **values) -> Decision:
    return Decision(number=number, when="2026-01-01T00:00:00+00:00", who="me", what=what, **values)


def verdict(number: int, site: str, peak_s: float, now: str, was: str = "pop") -> Decision:
    return decision(number, "verdict", site=site, peak_s=peak_s, was=was, now=now)


THREE = events(("A", 1.0, "fasciculation"), ("A", 2.0, "pop"), ("B", 1.0, "train"))


def write(path: Path, *decisions: Decision) -> bytes:
    content = header_line() + "".join(map(format_line, decisions))
    path.write_text(content, encoding="utf-8")
    return content.encode()


def excluding(number: int, onset: float, stop: float, site: str = "") -> Decision:
    return decision(number, "exclude", site=site, onset=onset, duration=stop - onset, now="motion")
