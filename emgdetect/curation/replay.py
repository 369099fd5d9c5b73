"""Decisions replayed onto the tables as detected; pure functions of tables and decisions."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emgdetect.curation.trail import Decision, standing

if TYPE_CHECKING:
    import pandas as pd

KEY_TOLERANCE_S = 0.002
"""How far a peak may move between two runs and still be the same potential.

One sample at 500 Hz, the coarsest recording that is analysed usefully; the closest true doublets
are 2.5 ms apart (field.md), and of two potentials in reach the nearest is taken.
"""

COUNTED = "fasciculation"


def replay(events: pd.DataFrame, decisions: Iterable[Decision]) -> pd.DataFrame:
    """The events as reviewed.

    Parameters
    ----------
    events : DataFrame
        As detected; needs `site`, `peak_s`, `verdict`, `onset`.
    decisions : iterable of Decision
        In order; those undone have no effect.

    Returns
    -------
    DataFrame
        Columns of `events` with `verdict` and `unit` as reviewed, sorted by onset, and further:
        `verdict_detected` (missing for potentials added), `judged` (a verdict of the reviewer
        stands), `added` (not in `events`), `outside` (the reviewer excluded its time: not to be
        counted). A potential that was accepted and is no longer among `events` is kept as added.
    """
    ledger = _Ledger.of(events)
    spans: list[Decision] = []
    for decision in standing(decisions):
        if decision.what in ("exclude", "include"):
            spans = _spans_after(spans, decision)
        else:
            ledger.apply(decision)
    out = ledger.table(events)
    out["outside"] = _inside(out["site"].tolist(), out["peak_s"].tolist(), spans)
    return out.sort_values(["onset", "site", "peak_s"], kind="stable", ignore_index=True)


def replay_excluded(
    excluded: pd.DataFrame, decisions: Iterable[Decision], *, sites: Sequence[str]
) -> pd.DataFrame:
    """Excluded spans as reviewed: those detected and those a reviewer marked.

    Parameters
    ----------
    excluded : DataFrame
        As detected: `onset`, `duration`, `site`, `reason`.
    decisions : iterable of Decision
    sites : sequence of str
        All sites of the recording, for spans marked at every site.

    Returns
    -------
    DataFrame
        Columns of `excluded` and `by` (``detector`` or ``reviewer``), sorted by onset. Spans may
        overlap.
    """
    spans: list[Decision] = []
    for decision in standing(decisions):
        if decision.what in ("exclude", "include"):
            spans = _spans_after(spans, decision)
    rows: list[dict[str, object]] = [
        {"onset": s.onset, "duration": s.duration, "site": site, "reason": s.now, "by": "reviewer"}
        for s in spans
        for site in ([s.site] if s.site else sites)
    ]
    out = _extended(excluded.assign(by="detector"), rows)
    return out.sort_values(["onset", "site"], kind="stable", ignore_index=True)


def _spans_after(spans: list[Decision], decision: Decision) -> list[Decision]:
    if decision.what == "exclude":
        return [*spans, decision]
    key = (decision.site, decision.onset, decision.duration)
    return [s for s in spans if (s.site, s.onset, s.duration) != key]


def _inside(sites: list[str], peaks: list[float], spans: list[Decision]) -> list[bool]:
    if not spans:
        return [False] * len(sites)
    ranges = [(s.site, s.onset, s.onset + s.duration) for s in spans]
    return [
        any(where in ("", site) and start <= peak < stop for where, start, stop in ranges)
        for site, peak in zip(sites, peaks, strict=True)
    ]


@dataclass
class _Ledger:
    """Working copy of the columns that decisions change; rows past the table's end are added."""

    verdicts: list[str]
    units: list[int | None]
    judged: list[bool]
    peaks: dict[str, list[tuple[float, int]]]
    extra: list[Decision] = field(default_factory=list)

    @classmethod
    def of(cls, events: pd.DataFrame) -> _Ledger:
        peaks: dict[str, list[tuple[float, int]]] = {}
        keys = zip(events["site"], events["peak_s"].astype(float), strict=True)
        for row, (site, peak) in enumerate(keys):
            peaks.setdefault(site, []).append((peak, row))
        n = len(events)
        units: list[int | None]
        units = _units(events["unit"]) if "unit" in events else [None] * n
        ordered = {site: sorted(rows) for site, rows in peaks.items()}
        return cls(events["verdict"].tolist(), units, [False] * n, ordered)

    def apply(self, decision: Decision) -> None:
        """Change the row of the decision's potential, or add one where that is meant."""
        row = self.find(decision.site, decision.peak_s)
        if row is None and (decision.what == "add" or _accepts(decision)):
            row = self.add(decision)
        if row is None:
            return
        if decision.what == "unit":
            self.units[row] = int(decision.now) if decision.now else None
        else:
            self.verdicts[row] = decision.now
            self.judged[row] = True

    def find(self, site: str, peak_s: float) -> int | None:
        """Row of the potential nearest to the key, None if none is in reach."""
        rows = self.peaks.get(site, [])
        at = bisect_left(rows, (peak_s, -1))
        near = [(abs(peak - peak_s), row) for peak, row in rows[max(at - 1, 0) : at + 1]]
        distance, row = min(near, default=(math.inf, -1))
        return row if distance <= KEY_TOLERANCE_S else None

    def add(self, decision: Decision) -> int:
        row = len(self.verdicts)
        self.verdicts.append(decision.now)
        self.units.append(None)
        self.judged.append(True)
        self.extra.append(decision)
        insort(self.peaks.setdefault(decision.site, []), (decision.peak_s, row))
        return row

    def table(self, events: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        n = len(events)
        out = _extended(events, [_measured(decision) for decision in self.extra])
        out["verdict_detected"] = [*events["verdict"].tolist(), *[None] * len(self.extra)]
        out["verdict"] = self.verdicts
        out["verdict"] = out["verdict"].astype(object)
        out["unit"] = pd.array(self.units, dtype="Int64")
        out["judged"] = self.judged
        out["added"] = [row >= n for row in range(len(out))]
        return out


def _extended(table: pd.DataFrame, rows: list[dict[str, object]]) -> pd.DataFrame:
    """The table with further rows; cells of columns it does not have are dropped."""
    import pandas as pd

    n = len(table)
    out = table.reset_index(drop=True).reindex(range(n + len(rows)))
    for name in out.columns if rows else ():
        cells = [*out[name].tolist()[:n], *[row.get(name) for row in rows]]
        out[name] = pd.Series(cells, dtype=out[name].dtype)
    return out


def _accepts(decision: Decision) -> bool:
    return decision.what == "verdict" and decision.now == COUNTED


def _measured(decision: Decision) -> dict[str, object]:
    values: dict[str, object] = {
        "onset": decision.onset,
        "duration": decision.duration,
        "site": decision.site,
        "channel": decision.channel,
        "peak_s": decision.peak_s,
        "amplitude_uv": decision.amplitude_uv,
        "noise_uv": decision.noise_uv,
        "why": "added by the reviewer",
    }
    if decision.noise_uv > 0:
        values["snr"] = decision.amplitude_uv / decision.noise_uv
    return values


def _units(values: pd.Series[Any]) -> list[int | None]:
    known = values.notna().tolist()
    pairs = zip(values.tolist(), known, strict=True)
    return [int(value) if there else None for value, there in pairs]
