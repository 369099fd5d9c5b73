"""The columns and the table that injection and recovery add to a summary.

Some of the injected potentials met a template of their own unit, as nearly all of what a detection
finds; the others did not, as those of a unit never seen. One fit tells both kinds apart. What a
unit never seen must have to be seen is told by its curve for these; how many of the site's
potentials were found is told by the curve of each one's kind. Weighed by one curve for all,
recordings of weak potentials had corrected rates a tenth too high (seeds 500-509).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.columns import RECOVERY, table
from emgdetect.stats.corrected import corrected_rate
from emgdetect.stats.exposure import total_s
from emgdetect.stats.intervals import dispersion
from emgdetect.stats.recovery import TARGET, Recovery, fit_recovery, recovery_text
from emgdetect.stats.summary import counted

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import SiteFacts

NOISE_SPAN = 3.0
"""What noise adds, squared, to a measured amplitude, over its RMS: on simulated potentials a true
7 x RMS reads 1.13 times as much, a true 10 reads 1.0 times (benchmarks/recovery.py)."""

LEAST_MATCH = 0.8
"""Correlation with the unit's waveform from which the fitted amplitude is that of the potential;
below it the waveform is another one, and its scale says nothing. Set by judgement; not measured."""


def fill_recovery(
    summary: pd.DataFrame,
    injected: pd.DataFrame,
    events: pd.DataFrame,
    facts: Sequence[SiteFacts],
) -> pd.DataFrame:
    """The summary with the columns of injection and recovery filled.

    Parameters
    ----------
    summary : DataFrame
        Columns of `emgdetect.columns.SUMMARY`, one row per site of `facts`, in their order.
    injected : DataFrame
        Columns `site`, `amplitude_uv`, `recovered` and `template`, one row per injection
        (`emgdetect.injection.recover`).
    events : DataFrame
        What was found without injections.
    facts : sequence of SiteFacts

    Returns
    -------
    DataFrame
        A new table; sites with fewer than 10 injections keep missing values, with the reason in
        `recovery_text`.
    """
    import pandas as pd

    rows = [_filled(fact, injected, counted(events, fact)) for fact in facts]
    frame = summary.copy()
    for name in ("recovery_text", *(key for row in rows for key in row)):
        values = [row.get(name) for row in rows]
        frame[name] = pd.Series(values, index=frame.index, dtype=summary[name].dtype)
    return frame


def _filled(fact: SiteFacts, injected: pd.DataFrame, potentials: pd.DataFrame) -> dict[str, object]:
    own = injected[injected["site"] == fact.site]
    recovery = fitted(own)
    said = recovery_text(None if recovery is None else recovery.unseen)
    row: dict[str, object] = {"n_injected": len(own), "recovery_text": said}
    if recovery is None:
        return row
    median, low, high = (_finite(value) for value in recovery.unseen.reaching(TARGET))
    row |= {"detectable_uv": median, "detectable_low_uv": low, "detectable_high_uv": high}
    row["recovery_plateau"] = recovery.unseen.plateau
    return row | _corrected(fact, recovery, potentials)


def fitted(injected: pd.DataFrame) -> Recovery | None:
    """The recovery curves of one site.

    Parameters
    ----------
    injected : DataFrame
        The rows of the site of `emgdetect.injection.recover`.

    Returns
    -------
    Recovery or None
        None with fewer than 10 injections.
    """
    amplitudes = injected["amplitude_uv"].to_numpy(float)
    return fit_recovery(amplitudes, injected["recovered"].to_numpy(bool), met_template(injected))


def met_template(injected: pd.DataFrame) -> NDArray[np.bool_]:
    """Which injections met a template of their own unit; the others a unit never seen.

    Parameters
    ----------
    injected : DataFrame
        Of `emgdetect.injection.recover`.

    Returns
    -------
    ndarray of bool, shape (n,)
        False for the standard set, and for units whose templates were left out.
    """
    return (injected["template"] == "kept").to_numpy(bool)


def _corrected(fact: SiteFacts, recovery: Recovery, potentials: pd.DataFrame) -> dict[str, object]:
    spread = dispersion(potentials["peak_s"].to_numpy(float), fact.analysed_s)
    result = corrected_rate(
        amplitudes_uv(potentials),
        potentials["unit"].notna().to_numpy(bool),
        total_s(fact.analysed_s),
        recovery=recovery,
        expected_false_per_min=fact.expected_false_per_min,
        spread=spread,
    )
    return {
        "rate_corrected_per_min": result.per_min,
        "rate_corrected_low": result.low,
        "rate_corrected_high": result.high,
        "corrected_above_uv": result.above_uv,
    }


def amplitudes_uv(potentials: pd.DataFrame) -> NDArray[np.floating[Any]]:
    """Peak-to-peak amplitudes without the noise's share.

    That fitted with the unit's waveform where this matches (0.8 or more), otherwise the measured
    one less the share of the noise: sqrt(amplitude^2 - (3 noise)^2).

    Parameters
    ----------
    potentials : DataFrame
        Columns of `emgdetect.columns.EVENTS`.

    Returns
    -------
    ndarray of float, shape (n,)
    """

    def column(name: str) -> NDArray[np.float64]:
        values: NDArray[np.float64] = potentials[name].to_numpy(dtype=np.float64, na_value=np.nan)
        return values

    noise = np.nan_to_num(column("noise_uv"))
    measured = np.sqrt(np.maximum(column("amplitude_uv") ** 2 - (NOISE_SPAN * noise) ** 2, 0.0))
    fitted = column("amplitude_fit_uv")
    matches = np.isfinite(fitted) & (column("match") >= LEAST_MATCH)
    return np.where(matches, fitted, measured)


def recovery_table(injected: pd.DataFrame | None) -> pd.DataFrame:
    """Injected and recovered potentials per site and amplitude, beside the fitted curve.

    Parameters
    ----------
    injected : DataFrame or None
        Of `emgdetect.injection.recover`; None if nothing was injected.

    Returns
    -------
    DataFrame
        Columns of `emgdetect.columns.RECOVERY`, by site in order of appearance, then by amplitude.
    """
    rows: list[dict[str, object]] = []
    sites = () if injected is None else injected.groupby("site", sort=False)
    for site, own in sites:
        for row in _levels(own).reset_index().to_dict("records"):
            rows.append({"site": site} | {str(key): value for key, value in row.items()})
    return table(rows, RECOVERY)


def _levels(own: pd.DataFrame) -> pd.DataFrame:
    """One row per amplitude of a site: what became of the injections of either kind."""
    levels = own[["amplitude_uv"]].drop_duplicates().set_index("amplitude_uv").sort_index()
    known, recovery = met_template(own), fitted(own)
    amplitudes = levels.index.to_numpy(float)
    for part, suffix in ((own[~known], ""), (own[known], "_known")):
        groups = part.groupby("amplitude_uv")["recovered"]
        counts = groups.agg(["size", "sum"]).reindex(levels.index, fill_value=0)
        levels[f"n_injected{suffix}"] = counts["size"]
        levels[f"n_recovered{suffix}"] = counts["sum"]
    levels["fitted"] = np.nan if recovery is None else recovery.unseen.fitted(amplitudes)
    levels["fitted_known"] = np.nan if recovery is None else recovery.known.fitted(amplitudes)
    return levels


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
