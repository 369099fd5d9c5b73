"""``summary_reviewed.tsv``: the statistics of the reviewed events in the reviewed time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.columns import Column
from emgdetect.curation import subtract
from emgdetect.detections import SiteFacts

if TYPE_CHECKING:
    import pandas as pd

_CARRIED = ("detectable_uv", "detectable_low_uv", "detectable_high_uv", "recovery_plateau",
            "recovery_text", "n_injected")  # fmt: skip
"""What injection and recovery said of the detector; a review does not change it."""

COLUMNS = (
    Column("n_judged", "Int64", "", "Potentials that a reviewer decided on or added."),
    Column("n_added", "Int64", "", "Potentials that a reviewer added."),
    Column("n_fasciculations_detected", "Int64", "", "Fasciculations counted before the review."),
    Column("rate_per_min_detected", "float64", "1/min", "Rate before the review."),
)
"""What the reviewed summary has beside the columns of a summary."""

Spans = NDArray[np.float64]


def reviewed_summary(
    events: pd.DataFrame, excluded: pd.DataFrame, summary: pd.DataFrame, segments: Spans
) -> pd.DataFrame:
    """The summary of reviewed events, in the columns of ``summary.tsv``.

    Parameters
    ----------
    events : DataFrame
        As reviewed, of `emgdetect.curation.reviewed_events`.
    excluded : DataFrame
        As reviewed, of `emgdetect.curation.reviewed_excluded`.
    summary : DataFrame
        As detected: one row per site.
    segments : ndarray, shape (n_segments, 2)
        Start and stop of what was recorded; shape (0, 2) if unknown.

    Returns
    -------
    DataFrame
        And further `n_judged`, `n_added`, `n_fasciculations_detected`,
        `rate_per_min_detected`. Rates under other exclusion levels and corrected rates, which
        rest on the detector alone, are missing; so is the count of false events to expect.
    """
    from emgdetect.stats.summary import summarise

    rows: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in summary.to_dict("records")
    ]
    facts = [_facts(row, excluded, segments) for row in rows]
    out = summarise(events, facts, excluded=_disjoint(excluded))
    for name in _CARRIED:
        if name in summary.columns:
            out[name] = summary[name].tolist()
    return out.assign(**_counts(events, summary))


def recorded_spans(provenance: Mapping[str, Any]) -> Spans:
    """Start and stop of what was recorded, by a ``run.json``; shape (0, 2) if it does not tell."""
    listed = provenance.get("recording", {}).get("segments") or []
    spans = [(s["start_s"], s["start_s"] + s["duration_s"]) for s in listed]
    return np.array(spans, dtype=np.float64).reshape(-1, 2)


def _facts(row: dict[str, Any], excluded: pd.DataFrame, segments: Spans) -> SiteFacts:
    holes = excluded[excluded["site"] == row["site"]]
    recorded = segments if len(segments) else _recorded(row, holes)
    stops = holes["onset"] + holes["duration"]
    return SiteFacts(
        site=row["site"],
        n_channels=int(row["n_channels"]),
        sampling_hz=float(row["sampling_hz"]),
        recorded_s=float(row["recorded_s"]),
        analysed_s=subtract(recorded, zip(holes["onset"], stops, strict=True)),
        counts_by_level={},
        noise_uv=float(row.get("noise_uv", np.nan)),
        threshold=float(row.get("threshold", np.nan)),
        expected_false_per_min=float("nan"),
        mains_share=float(row.get("mains_share", np.nan)),
    )


def _recorded(row: dict[str, Any], holes: pd.DataFrame) -> Spans:
    """The recorded range where segments are unknown: gaps are among the excluded spans."""
    gaps = float(holes.loc[holes["reason"] == "gap", "duration"].sum())
    return np.array([[0.0, float(row["recorded_s"]) + gaps]])


def _disjoint(excluded: pd.DataFrame) -> pd.DataFrame:
    """Excluded spans without overlap at a site, so that no second is counted twice.

    Where spans overlap, the detector's reason stands before the reviewer's, the earlier before
    the later.
    """
    import pandas as pd

    rows = []
    ordered = excluded.sort_values(["by", "onset"], kind="stable")
    for site, group in ordered.groupby("site", sort=False):
        taken: list[tuple[float, float]] = []
        for onset, duration, reason in zip(
            group["onset"], group["duration"], group["reason"], strict=True
        ):
            for start, stop in subtract([(onset, onset + duration)], taken):
                rows.append((start, stop - start, site, reason))
            taken.append((onset, onset + duration))
    return pd.DataFrame(rows, columns=["onset", "duration", "site", "reason"])


def _counts(events: pd.DataFrame, summary: pd.DataFrame) -> dict[str, list[Any]]:
    sites = summary["site"].tolist()
    judged, added = events[events["judged"].astype(bool)], events[events["added"].astype(bool)]
    return {
        "n_judged": [int((judged["site"] == site).sum()) for site in sites],
        "n_added": [int((added["site"] == site).sum()) for site in sites],
        "n_fasciculations_detected": summary["n_fasciculations"].tolist(),
        "rate_per_min_detected": summary["rate_per_min"].tolist(),
    }
