"""From events and exposure to one row per site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.columns import REASONS, SUMMARY, table
from emgdetect.stats import measures
from emgdetect.stats.exposure import settle, total_s
from emgdetect.stats.rates import per_minute, rate
from emgdetect.stats.synchrony import synchrony

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import SiteFacts

NORM_UV = 50.0
"""Smallest potential of the norms of 1994 (Electroencephalogr Clin Neurophysiol 93:163-168)."""

LEVELS = ("lenient", "default", "strict")


def summarise(
    events: pd.DataFrame, facts: Sequence[SiteFacts], *, excluded: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per site.

    Parameters
    ----------
    events : DataFrame
        Columns of `emgdetect.columns.EVENTS`; only the verdict ``fasciculation`` is counted.
    facts : sequence of SiteFacts
        One per site; a site without events has its row, too.
    excluded : DataFrame, optional
        Columns of `emgdetect.columns.EXCLUDED`; gives the excluded seconds by reason.

    Returns
    -------
    DataFrame
        Columns of `emgdetect.columns.SUMMARY` in the order of `facts`; no rows without sites.
        A site with less than `rates.LEAST_S` analysed has no rate (NaN), one without events has
        rate 0 and an upper bound. The columns of injection and recovery are missing until filled.
    """
    by_site = {fact.site: counted(events, fact) for fact in facts}
    rows = [
        _identity(fact)
        | _rates(by_site[fact.site], fact)
        | _shape(by_site[fact.site], fact)
        | _timing(by_site[fact.site], fact)
        | _synchrony(fact, facts, by_site)
        | _levels(fact)
        | _excluded(excluded, fact.site)
        for fact in facts
    ]
    return table(rows, SUMMARY)


def counted(events: pd.DataFrame, fact: SiteFacts) -> pd.DataFrame:
    """The counted potentials of a site, sorted by peak, peaks settled in the analysed spans."""
    chosen = events[(events["site"] == fact.site) & (events["verdict"] == "fasciculation")]
    chosen = chosen.assign(peak_s=settle(_floats(chosen, "peak_s"), fact.analysed_s))
    return chosen.dropna(subset="peak_s").sort_values("peak_s", kind="stable")


def _floats(frame: pd.DataFrame, column: str) -> Any:
    return frame[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _identity(fact: SiteFacts) -> dict[str, object]:
    return {
        "site": fact.site,
        "n_channels": fact.n_channels,
        "sampling_hz": fact.sampling_hz,
        "recorded_s": fact.recorded_s,
        "analysed_s": total_s(fact.analysed_s),
        "expected_false_per_min": fact.expected_false_per_min,
        "noise_uv": fact.noise_uv,
        "threshold": fact.threshold,
        "mains_share": fact.mains_share,
    }


def _rates(potentials: pd.DataFrame, fact: SiteFacts) -> dict[str, object]:
    result = rate(_floats(potentials, "peak_s"), fact.analysed_s)
    analysed = result.analysed_s > 0
    return {
        "n_fasciculations": result.n_events if analysed else None,
        "rate_per_min": result.per_min,
        "rate_low": result.low,
        "rate_high": result.high,
        "rate_flag": result.flag or None,
        "dispersion": result.dispersion.ratio if analysed else None,
        "n_clusters": result.n_clusters if analysed else None,
        "correlation_s": result.dispersion.correlation_s if analysed else None,
        "trend_ratio": result.trend.ratio,
        "trend_p": result.trend.p,
        "short_interval_share_poisson": measures.short_interval_share_poisson(result.per_min),
        "isolated_share_poisson": measures.isolated_share_poisson(result.per_min),
        "interval_median_poisson_s": measures.interval_median_poisson_s(result.per_min),
    }


def _shape(potentials: pd.DataFrame, fact: SiteFacts) -> dict[str, object]:
    fitted = _floats(potentials, "amplitude_fit_uv")
    q1, median, q3 = measures.quartiles(fitted)
    analysed = total_s(fact.analysed_s) > 0
    return {
        "amplitude_median_uv": median,
        "amplitude_q1_uv": q1,
        "amplitude_q3_uv": q3,
        "amplitude_dispersion": measures.quartile_dispersion(fitted),
        "n_above_50uv": measures.n_at_least(_floats(potentials, "amplitude_uv"), NORM_UV)
        if analysed
        else None,
        "duration_median_ms": 1000 * measures.median(_floats(potentials, "duration")),
        "phases_median": measures.median(_floats(potentials, "phases")),
        "n_units": measures.n_units(_floats(potentials, "unit")) if analysed else None,
        "top_unit_share": measures.top_unit_share(_floats(potentials, "unit")),
    }


def _timing(potentials: pd.DataFrame, fact: SiteFacts) -> dict[str, object]:
    times, spans = _floats(potentials, "peak_s"), fact.analysed_s
    analysed = total_s(spans)
    n = measures.n_initiations(times, _floats(potentials, "unit")) if analysed > 0 else None
    return {
        "n_initiations": n,
        "initiation_rate_per_min": None if n is None else per_minute(n, analysed),
        "interval_median_s": measures.interval_median_s(times, spans),
        "short_interval_share": measures.short_interval_share(times, spans),
        "isolated_share": measures.isolated_share(times, spans),
        "longest_silence_s": measures.longest_silence_s(times, spans),
    }


def _synchrony(
    fact: SiteFacts, facts: Sequence[SiteFacts], by_site: dict[str, pd.DataFrame]
) -> dict[str, object]:
    """The site that coincides most with this one beyond chance."""
    results = [
        (
            other.site,
            synchrony(
                _floats(by_site[fact.site], "peak_s"),
                fact.analysed_s,
                _floats(by_site[other.site], "peak_s"),
                other.analysed_s,
            ),
        )
        for other in facts
        if other.site != fact.site
    ]
    known = [(site, result) for site, result in results if not np.isnan(result.share)]
    if not known:
        return {}
    site, best = max(known, key=lambda pair: pair[1].share - pair[1].chance)
    return {
        "synchrony_site": site,
        "synchrony_excess": best.share - best.chance,
        "synchrony_p": min(1.0, best.p * len(known)),
    }


def _levels(fact: SiteFacts) -> dict[str, object]:
    row: dict[str, object] = {}
    for level in LEVELS:
        n, seconds = fact.counts_by_level.get(level, (0, float("nan")))
        row[f"analysed_{level}_s"] = seconds
        row[f"rate_{level}_per_min"] = per_minute(n, seconds)
    return row


def _excluded(excluded: pd.DataFrame | None, site: str) -> dict[str, object]:
    if excluded is None:
        return {}
    seconds = excluded[excluded["site"] == site].groupby("reason")["duration"].sum()
    return {f"excluded_{reason}_s": float(seconds.get(reason, 0.0)) for reason in REASONS}
