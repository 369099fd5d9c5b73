"""From found events to figures: the long table, pooled figures and their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.cases import Case
from benchmarks.detectors import Detector
from benchmarks.judging import OWED_REL, owed_and_free
from benchmarks.run import Result
from emgdetect.scoring import score
from emgdetect.simulation import Simulated

TOLERANCES_S = (0.005, 0.010, 0.015, 0.025)

BINS = (3.0, 5.0, 7.0, 10.0, 15.0, 25.0, np.inf)
"""Edges of the amplitude bins, peak to peak over the local noise RMS."""

ROW = (
    "version", "detector", "phenomenon", "recording", "site", "tolerance_s", "matched", "missed",
    "extra", "free", "minutes", "seconds", "peak_mb", "error_ms", "recorded_minutes", "trouble",
)  # fmt: skip
"""Columns of the long table. `minutes` is analysed time; `seconds` and `peak_mb` belong to the
whole recording and are divided among its sites; `free` counts found events that are true but not
owed; `error_ms` is the median absolute time error of the matched."""


Truth = dict[str, tuple[pd.DataFrame, pd.DataFrame]]
"""Owed and free potentials of each site."""


def truth_of(simulated: Simulated) -> Truth:
    """What is owed and what is free at each site of a recording."""
    return {s.name: owed_and_free(simulated, s.name) for s in simulated.recording.sites}


def rows_of(
    case: Case, truth: Truth, recorded_s: float, detector: Detector, result: Result
) -> list[dict[str, object]]:
    """Rows of the long table for one detector on one recording."""
    sites = list(truth)
    recorded = recorded_s / 60
    rows: list[dict[str, object]] = []
    for site in sites:
        base = {
            "version": detector.version,
            "detector": detector.name,
            "phenomenon": case.phenomenon,
            "recording": case.recording,
            "site": site,
            "seconds": round(result.seconds / len(sites), 4),
            "peak_mb": round(result.peak_mb, 1),
            "recorded_minutes": round(recorded, 4),
            "trouble": result.trouble,
        }
        minutes = result.analysed_s.get(site, 0.0) / 60
        for tolerance_s in TOLERANCES_S:
            counts = _counts(*truth[site], result.times_s.get(site, []), tolerance_s)
            rows.append(base | counts | {"tolerance_s": tolerance_s, "minutes": round(minutes, 4)})
    return rows


def _counts(
    owed: pd.DataFrame, free: pd.DataFrame, found_s: Sequence[float], tolerance_s: float
) -> dict[str, object]:
    """Owed potentials matched and missed, free ones found, and the rest."""
    found = np.asarray(found_s, dtype=np.float64)
    first = score(owed["time_s"].to_numpy(), found, tolerance_s=tolerance_s)
    second = score(free["time_s"].to_numpy(), found[first.extra_at], tolerance_s=tolerance_s)
    error = np.median(np.abs(first.errors_s)) * 1000 if first.matched else np.nan
    return {
        "matched": first.matched,
        "missed": first.missed,
        "extra": second.extra,
        "free": second.matched,
        "error_ms": round(float(error), 3),
    }


def amplitude_rows(
    case: Case, truth: Truth, detector: Detector, result: Result
) -> list[dict[str, object]]:
    """Found and missed potentials of each amplitude bin and tolerance, over a recording's sites.

    All fasciculations count here, also those under 5 × noise that nobody owes, but only those
    outside contractions and trains.
    """
    rows: list[dict[str, object]] = []
    for tolerance_s in TOLERANCES_S:
        height, error_s = _by_height(truth, result, tolerance_s)
        got = np.isfinite(error_s)
        for low, high in pairwise(BINS):
            inside = (height >= low) & (height < high)
            if not inside.any():
                continue
            matched = inside & got
            rows.append({
                "detector": detector.name, "phenomenon": case.phenomenon,
                "recording": case.recording, "tolerance_s": tolerance_s, "amplitude_low": low,
                "matched": int(matched.sum()), "missed": int((inside & ~got).sum()),
                "error_ms": round(float(np.median(error_s[matched])) * 1000, 3)
                if matched.any() else np.nan,
            })  # fmt: skip
    return rows


def _by_height(
    truth: Truth, result: Result, tolerance_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Relative amplitude and absolute time error of each potential; NaN where it was not found."""
    heights, errors = [], []
    for site, (owed, free) in truth.items():
        true = pd.concat([owed, free[free["amplitude_rel"] < OWED_REL]])
        found = np.asarray(result.times_s.get(site, []), dtype=np.float64)
        agreed = score(true["time_s"].to_numpy(), found, tolerance_s=tolerance_s)
        error_s = np.full(len(true), np.nan)
        error_s[agreed.pairs[:, 0]] = np.abs(agreed.errors_s)
        heights.append(true["amplitude_rel"].to_numpy())
        errors.append(error_s)
    return np.concatenate(heights), np.concatenate(errors)


def pooled(rows: pd.DataFrame, by: Sequence[str], *, n_draws: int = 1000) -> pd.DataFrame:
    """Figures of each group with 95 % bootstrap intervals over recording sites.

    Parameters
    ----------
    rows : DataFrame
        The long table, of one tolerance.
    by : sequence of str
        Columns that make a group.

    Returns
    -------
    DataFrame
        `by`, counts, `recall`, `precision`, `f1` with `f1_low` and `f1_high`, `extra_per_min`,
        `error_ms`, `rate_bias`, `rate_low`, `rate_high` (limits of agreement of found minus true
        rate per minute), `seconds_per_min`, `peak_mb`, `n`, `trouble`.
    """
    out = []
    for key, part in rows.groupby(list(by), sort=False):
        labels = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        out.append(labels | _figures(part, n_draws))
    return pd.DataFrame(out)


def _figures(part: pd.DataFrame, n_draws: int) -> dict[str, object]:
    done = part[part["trouble"].fillna("") == ""]
    trouble = "; ".join(sorted(set(part["trouble"].dropna()) - {""}))
    counts = done[["matched", "missed", "extra"]].to_numpy(dtype=float)
    matched, missed, extra = counts.sum(axis=0) if len(done) else (0.0, 0.0, 0.0)
    minutes, recorded = done["minutes"].sum(), done["recorded_minutes"].sum()
    low, high = bootstrap_f1(counts, n_draws)
    bias, spread = _agreement(done)
    return {
        "n": len(part), "n_done": len(done), "matched": int(matched), "missed": int(missed),
        "extra": int(extra), "recall": _ratio(matched, matched + missed),
        "precision": _ratio(matched, matched + extra),
        "f1": f1_of(matched, missed, extra), "f1_low": low, "f1_high": high,
        "extra_per_min": _ratio(extra, minutes), "analysed_share": _ratio(minutes, recorded),
        "error_ms": float(done["error_ms"].median()) if done["error_ms"].notna().any() else np.nan,
        "rate_bias": bias, "rate_low": bias - 1.96 * spread, "rate_high": bias + 1.96 * spread,
        "seconds_per_min": _ratio(done["seconds"].sum(), recorded),
        "peak_mb": float(done["peak_mb"].quantile(0.95)) if len(done) else np.nan,
        "trouble": trouble,
    }  # fmt: skip


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def f1_of(matched: float, missed: float, extra: float) -> float:
    """Harmonic mean of precision and recall; NaN if there is neither truth nor find."""
    return _ratio(2 * matched, 2 * matched + missed + extra)


def bootstrap_f1(
    counts: NDArray[np.float64], n_draws: int = 1000, *, seed: int = 1
) -> tuple[float, float]:
    """95 % interval of the pooled F1 when recording sites are drawn again with replacement.

    Parameters
    ----------
    counts : ndarray, shape (n_sites, 3)
        Matched, missed, extra.
    """
    if not len(counts):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(counts), size=(n_draws, len(counts)))
    matched, missed, extra = counts[draws].sum(axis=1).T
    whole = 2 * matched + missed + extra
    f1 = np.divide(2 * matched, whole, out=np.full(n_draws, np.nan), where=whole > 0)
    if np.isnan(f1).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(f1, [0.025, 0.975])
    return float(low), float(high)


def f1_difference(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], n_draws: int = 1000, *, seed: int = 1
) -> tuple[float, float, float]:
    """Difference of two detectors' pooled F1 on the same recording sites, with its 95 % interval.

    Both are drawn with the same sites, so that what makes a site hard for both cancels out.

    Parameters
    ----------
    ours, theirs : ndarray, shape (n_sites, 3)
        Matched, missed, extra, the same site in the same row.

    Returns
    -------
    tuple of float
        Difference, lower and upper limit; NaN where there is nothing to compare, the limits also
        where there is one site only.
    """
    if not len(ours):
        return float("nan"), float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(len(ours), size=(n_draws, len(ours)))
    differences = [
        f1_of(*ours[sites].sum(axis=0)) - f1_of(*theirs[sites].sum(axis=0)) for sites in draws
    ]
    whole = f1_of(*ours.sum(axis=0)) - f1_of(*theirs.sum(axis=0))
    if len(ours) < 2 or np.isnan(differences).all():
        return whole, float("nan"), float("nan")
    low, high = np.nanquantile(differences, [0.025, 0.975])
    return whole, float(low), float(high)


def _agreement(done: pd.DataFrame) -> tuple[float, float]:
    """Mean and standard deviation of found minus true rate per minute over sites.

    The true rate is that of the owed potentials over the whole recording, the found one that of
    the reported owed and extra ones over the analysed time.
    """
    part = done[done["minutes"] > 0]
    if len(part) < 2:
        return float("nan"), float("nan")
    found = (part["matched"] + part["extra"]) / part["minutes"]
    true = (part["matched"] + part["missed"]) / part["recorded_minutes"]
    difference = (found - true).to_numpy(dtype=float)
    return float(difference.mean()), float(difference.std(ddof=1))
