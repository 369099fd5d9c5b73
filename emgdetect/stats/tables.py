"""Further tables beside the summary: per unit, per minute and per pair of sites."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.columns import MINUTES, SYNCHRONY, UNITS, table
from emgdetect.stats import measures
from emgdetect.stats.exposure import total_s
from emgdetect.stats.rates import minutes, rate
from emgdetect.stats.summary import counted
from emgdetect.stats.synchrony import synchrony

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import SiteFacts


def summarise_units(events: pd.DataFrame, facts: Sequence[SiteFacts]) -> pd.DataFrame:
    """One row per unit.

    Parameters
    ----------
    events : DataFrame
        Columns of `emgdetect.columns.EVENTS`; only the verdict ``fasciculation`` is counted.
    facts : sequence of SiteFacts

    Returns
    -------
    DataFrame
        Columns of `emgdetect.columns.UNITS`, by site in the order of `facts`, then by unit; no
        rows for potentials that belong to no unit.
    """
    rows: list[dict[str, object]] = []
    for fact in facts:
        potentials = counted(events, fact).dropna(subset="unit")
        for unit, own in potentials.groupby("unit"):
            shares = {"site": fact.site, "unit": unit, "share": len(own) / len(potentials)}
            rows.append(shares | _unit_rate(own, fact) | _unit_shape(own))
    return table(rows, UNITS)


def _unit_rate(own: pd.DataFrame, fact: SiteFacts) -> dict[str, object]:
    times, spans = own["peak_s"].to_numpy(float), fact.analysed_s
    result = rate(times, spans)
    return {
        "n_fasciculations": result.n_events,
        "rate_per_min": result.per_min,
        "rate_low": result.low,
        "rate_high": result.high,
        "rate_flag": result.flag or None,
        "dispersion": result.dispersion.ratio,
        "n_initiations": measures.n_initiations(times, np.ones(len(times))),
        "interval_median_s": measures.interval_median_s(times, spans),
        "interval_median_poisson_s": measures.interval_median_poisson_s(result.per_min),
        "short_interval_share": measures.short_interval_share(times, spans),
        "short_interval_share_poisson": measures.short_interval_share_poisson(result.per_min),
        "isolated_share": measures.isolated_share(times, spans),
        "isolated_share_poisson": measures.isolated_share_poisson(result.per_min),
        "longest_silence_s": measures.longest_silence_s(times, spans),
    }


def _unit_shape(own: pd.DataFrame) -> dict[str, object]:
    def values(column: str) -> Any:
        return own[column].to_numpy(dtype=np.float64, na_value=np.nan)

    fitted = values("amplitude_fit_uv")
    q1, median, q3 = measures.quartiles(fitted)
    return {
        "amplitude_median_uv": median,
        "amplitude_q1_uv": q1,
        "amplitude_q3_uv": q3,
        "amplitude_dispersion": measures.quartile_dispersion(fitted),
        "duration_median_ms": 1000 * measures.median(values("duration")),
        "phases_median": measures.median(values("phases")),
    }


def summarise_minutes(
    events: pd.DataFrame, facts: Sequence[SiteFacts], *, excluded: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Rate in each minute of the recording, per site.

    Parameters
    ----------
    events : DataFrame
    facts : sequence of SiteFacts
    excluded : DataFrame, optional
        Columns of `emgdetect.columns.EXCLUDED`; tells the gaps.

    Returns
    -------
    DataFrame
        Columns of `emgdetect.columns.MINUTES`, in the order of `facts`, then of time; no rows for
        a site without analysed time, nor for minutes in which nothing was recorded.
    """
    rows: list[dict[str, object]] = []
    for fact in facts:
        times = counted(events, fact)["peak_s"].to_numpy(float)
        part = minutes(times, fact.analysed_s, gaps=_gaps(excluded, fact.site))
        rows += [
            {"site": fact.site} | {str(key): value for key, value in row.items()}
            for row in part.to_dict("records")
        ]
    return table(rows, MINUTES)


def _gaps(excluded: pd.DataFrame | None, site: str) -> NDArray[np.float64]:
    """Start and stop of the gaps of a recording, shape (n_gaps, 2); none if unknown."""
    if excluded is None:
        return np.zeros((0, 2))
    own = excluded[(excluded["site"] == site) & (excluded["reason"] == "gap")]
    onset_s = own["onset"].to_numpy(float)
    return np.stack([onset_s, onset_s + own["duration"].to_numpy(float)], axis=1)


def summarise_synchrony(events: pd.DataFrame, facts: Sequence[SiteFacts]) -> pd.DataFrame:
    """Coincidence of each site with each other one, beside chance.

    Returns
    -------
    DataFrame
        Columns of `emgdetect.columns.SYNCHRONY`; one row per ordered pair of sites with analysed
        time.
    """
    times = {f.site: counted(events, f)["peak_s"].to_numpy(float) for f in facts}
    known = [fact for fact in facts if total_s(fact.analysed_s) > 0]
    rows: list[dict[str, object]] = []
    for a, b in permutations(known, 2):
        both = synchrony(times[a.site], a.analysed_s, times[b.site], b.analysed_s)
        pair = {"site": a.site, "other": b.site, "n": both.n}
        excess = {"excess": both.share - both.chance, "p": both.p}
        rows.append(pair | {"share": both.share, "chance": both.chance} | excess)
    return table(rows, SYNCHRONY)
