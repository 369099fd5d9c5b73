"""One detector on one simulated recording: counts, times and what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.judging import NO_REST, TOLERANCE_S, Verdict, cause, judge
from emgdetect.detections import Detections
from emgdetect.simulation import Simulated
from emgdetect.simulation.heart import distance_to_beat_s

Floats = NDArray[np.float64]

NEAR_BEAT_S = 0.05
STEP_S = 0.01


@dataclass(frozen=True)
class Outcome:
    """Counts of one recording; sums over recordings are those of a phenomenon."""

    matched: int
    missed: int
    extra: int
    errors_s: Floats
    recorded_min: float = 0.0
    analysed_min: float = 0.0
    analysable_min: float = 0.0
    kept_min: float = 0.0
    expected_false: float = 0.0
    beat_matched: int = 0
    beat_missed: int = 0
    rand_index: float = np.nan
    missed_why: Counter[str] = field(default_factory=Counter)
    extra_why: Counter[str] = field(default_factory=Counter)
    lines: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; NaN if there is nothing at all."""
        whole = 2 * self.matched + self.missed + self.extra
        return 2 * self.matched / whole if whole else float("nan")


def outcome(simulated: Simulated, found: Detections, *, seconds: float, lines: bool) -> Outcome:
    """Judge what the detector found in a recording, site by site."""
    parts = [_site(simulated, found, site.name, lines) for site in simulated.recording.sites]
    return replace_seconds(total(parts), seconds)


def replace_seconds(value: Outcome, seconds: float) -> Outcome:
    """The same outcome with the time the detection took."""
    return Outcome(**{**value.__dict__, "seconds": seconds})


def total(parts: list[Outcome]) -> Outcome:
    """Sum of outcomes; the Rand index is their mean."""
    names = ("matched", "missed", "extra", "recorded_min", "analysed_min", "analysable_min",
             "kept_min", "expected_false", "beat_matched", "beat_missed", "seconds")  # fmt: skip
    sums = {name: sum(getattr(p, name) for p in parts) for name in names}
    known = [p.rand_index for p in parts if np.isfinite(p.rand_index)]
    return Outcome(
        **sums,
        errors_s=np.concatenate([np.zeros(0), *(p.errors_s for p in parts)]),
        rand_index=float(np.mean(known)) if known else np.nan,
        missed_why=sum((p.missed_why for p in parts), Counter()),
        extra_why=sum((p.extra_why for p in parts), Counter()),
        lines=tuple(line for p in parts for line in p.lines),
    )


def _site(simulated: Simulated, found: Detections, site: str, lines: bool) -> Outcome:
    events = found.events[found.events["site"] == site]
    counted = events[events["verdict"] == "fasciculation"]
    verdict = judge(simulated, site, counted["peak_s"].to_numpy(dtype=np.float64))
    excluded = found.excluded[found.excluded["site"] == site]
    missed = [_why_missed(row.time_s, events, excluded) for row in verdict.missed.itertuples()]
    extra = [cause(simulated, site, t) for t in verdict.extra_s]
    near_matched = distance_to_beat_s(verdict.matched["time_s"].to_numpy(), simulated.beats_s)
    near_missed = distance_to_beat_s(verdict.missed["time_s"].to_numpy(), simulated.beats_s)
    text = _lines(simulated, site, verdict, counted, missed, extra) if lines else ()
    return Outcome(
        len(verdict.matched), len(verdict.missed), len(verdict.extra_s), verdict.errors_s,
        **_minutes(simulated, found, site, excluded),
        beat_matched=int((near_matched <= NEAR_BEAT_S).sum()),
        beat_missed=int((near_missed <= NEAR_BEAT_S).sum()),
        rand_index=_units_agree(verdict, counted),
        missed_why=Counter(m.split(" (")[0] for m in missed), extra_why=Counter(extra), lines=text,
    )  # fmt: skip


def _minutes(simulated: Simulated, found: Detections, site: str, excluded: pd.DataFrame
             ) -> dict[str, float]:  # fmt: skip
    """Recorded, analysed and analysable minutes, and those of the last that were analysed."""
    recorded_s = simulated.recording.recorded_s
    n = int(recorded_s / STEP_S)
    rest, kept = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    spans = simulated.spans[(simulated.spans["site"] == site)]
    for row in spans[spans["kind"].isin(NO_REST)].itertuples():
        rest[int(row.start_s / STEP_S) : int(np.ceil(row.stop_s / STEP_S))] = False
    for onset, duration in zip(excluded["onset"], excluded["duration"], strict=True):
        kept[int(onset / STEP_S) : int(np.ceil((onset + duration) / STEP_S))] = False
    summary = found.summary[found.summary["site"] == site].iloc[0]
    analysed_min = float(summary["analysed_s"]) / 60
    return {
        "recorded_min": recorded_s / 60,
        "analysed_min": analysed_min,
        "analysable_min": rest.sum() * STEP_S / 60,
        "kept_min": (rest & kept).sum() * STEP_S / 60,
        "expected_false": float(summary["expected_false_per_min"]) * analysed_min,
    }


def _why_missed(time_s: float, events: pd.DataFrame, excluded: pd.DataFrame) -> str:
    """What became of a potential that was owed and not counted."""
    gap = (events["peak_s"] - time_s).abs()
    if len(gap) and gap.min() <= 0.02:
        near = events.loc[gap.idxmin()]
        if near["verdict"] != "fasciculation":
            return f"called {near['verdict']} ({near['why']}, score {near['score']:.1f})"
        return f"one event for two (score {near['score']:.1f})"
    for row in excluded.itertuples():
        if row.onset <= time_s <= row.onset + row.duration:
            return f"excluded as {row.reason} ({row.onset:.2f}–{row.onset + row.duration:.2f} s)"
    return "not seen"


def _lines(simulated: Simulated, site: str, verdict: Verdict, counted: pd.DataFrame,
           missed: list[str], extra: list[str]) -> tuple[str, ...]:  # fmt: skip
    """One line for each missed and each extra event, by time."""
    lines = []
    for row, why in zip(verdict.missed.itertuples(), missed, strict=True):
        lines.append((row.time_s, f"missed {site} {row.time_s:9.4f} s  {row.amplitude_rel:5.1f} × "
                      f"unit {row.unit} {row.pattern}: {why}"))  # fmt: skip
    for time, why in zip(verdict.extra_s, extra, strict=True):
        own = counted.loc[(counted["peak_s"] - time).abs().idxmin()]
        lines.append((time, f"extra  {site} {time:9.4f} s  snr {own['snr']:5.1f} score "
                      f"{own['score']:5.1f} unit {own['unit']} ({own['why']}): {why}"
                      f"{_size(simulated, site, time)}"))  # fmt: skip
    name = simulated.recording.name
    return tuple(f"  {name} {line}" for _, line in sorted(lines))


def _size(simulated: Simulated, site: str, time_s: float) -> str:
    """True amplitude of the discharge at this time, where there is one."""
    rows = simulated.truth[simulated.truth["site"] == site]
    gap = (rows["time_s"] - time_s).abs()
    if rows.empty or gap.min() > TOLERANCE_S:
        return ""
    near = rows.loc[gap.idxmin()]
    return f" ({near['amplitude_rel']:.1f} ×, true unit {near['unit']})"


def _units_agree(verdict: Verdict, counted: pd.DataFrame) -> float:
    """Adjusted Rand index of the units of the matched potentials; NaN below two of them."""
    from emgdetect.scoring import score

    result = score(verdict.matched["time_s"], counted["peak_s"].to_numpy(dtype=np.float64))
    true = verdict.matched["unit"].to_numpy()[result.pairs[:, 0]]
    found = counted["unit"].to_numpy(dtype=np.float64, na_value=np.nan)[result.pairs[:, 1]]
    alone = np.isnan(found)
    found[alone] = -1.0 - np.arange(int(alone.sum()))  # unassigned: each a unit of its own
    return adjusted_rand_index(true, found)


def adjusted_rand_index(first: NDArray[np.generic], second: NDArray[np.generic]) -> float:
    """Adjusted Rand index of two labellings (Hubert & Arabie 1985); NaN below two items."""
    n = len(first)
    if n < 2:
        return float("nan")
    table = pd.crosstab(first, second).to_numpy()
    both = (table * (table - 1) / 2).sum()
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    one, other = (rows * (rows - 1) / 2).sum(), (columns * (columns - 1) / 2).sum()
    chance = one * other / (n * (n - 1) / 2)
    most = (one + other) / 2
    return 1.0 if most == chance else float((both - chance) / (most - chance))
