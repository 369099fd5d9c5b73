"""Rows of the events under review: finding one, and entering a decision on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.curation import Decision


def row_of(events: pd.DataFrame, site: str, peak_s: float) -> int | None:
    """Position of the potential of a site with exactly this peak; None if there is none."""
    near = np.flatnonzero(np.abs(events["peak_s"].to_numpy() - peak_s) < 1e-9)
    sites = events["site"].iloc[near].tolist()
    return int(near[sites.index(site)]) if site in sites else None


def entered(events: pd.DataFrame, row: int, decision: Decision) -> pd.DataFrame:
    """The events with one decision on one row; the table given stays as it is."""
    import pandas as pd

    out, now = events.copy(), decision.now
    changes: dict[str, Any] = {"verdict": now, "judged": True}
    if decision.what == "unit":
        changes = {"unit": int(now) if now else pd.NA}
    for name, value in changes.items():
        cells = out[name].copy()
        cells.iloc[row] = value
        out[name] = cells
    return out
