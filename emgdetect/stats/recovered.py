"""The columns and the table that injection and recovery add to a summary.

Two curves come of the injections. What a unit never seen must have to be seen is told by those that
met no template of their own (`unseen`). How many of the site's potentials were found is told by
those that met the detection as it was (`as_detected`): its second pass knows the units, so that it
finds their potentials where it would not find a stranger's. Weighed by the first curve, recordings
of weak potentials had corrected rates a quarter too high (benchmarks/recovery.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.columns import RECOVERY, table
from emgdetect.stats.exposure import total_s
from emgdetect.stats.intervals import dispersion
from emgdetect.stats.recovery import (
    TARGET,
    RecoveryCurve,
    corrected_rate,
    fit_recovery,
    recovery_text,
)
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
    curve, weighing = _curve(unseen(own)), _curve(as_detected(own))
    row: dict[str, object] = {"n_injected": len(own), "recovery_text": recovery_text(curve)}
    if curve is None:
        return row
    median, low, high = (_finite(value) for value in curve.reaching(TARGET))
    row |= {"detectable_uv": median, "detectable_low_uv": low, "detectable_high_uv": high}
    row["recovery_plateau"] = curve.plateau
    return row if weighing is None else row | _corrected(fact, weighing, potentials)


def unseen(injected: pd.DataFrame) -> pd.DataFrame:
    """Injections that met no template of their own: they tell what is detectable.

    Parameters
    ----------
    injected : DataFrame
        Of `emgdetect.injection.recover`.

    Returns
    -------
    DataFrame
        Those of the standard set, and of units whose templates were left out.
    """
    return injected[injected["template"] != "kept"]


def as_detected(injected: pd.DataFrame) -> pd.DataFrame:
    """Injections that met the detection as it was: they weigh the potentials that it found.

    Parameters
    ----------
    injected : DataFrame
        Of `emgdetect.injection.recover`.

    Returns
    -------
    DataFrame
        Those of the standard set, and of units whose templates were kept.
    """
    return injected[injected["template"] != "left out"]


def _curve(injected: pd.DataFrame) -> RecoveryCurve | None:
    amplitudes = injected["amplitude_uv"].to_numpy(float)
    return fit_recovery(amplitudes, injected["recovered"].to_numpy(bool))


def _corrected(
    fact: SiteFacts, curve: RecoveryCurve, potentials: pd.DataFrame
) -> dict[str, object]:
    spread = dispersion(potentials["peak_s"].to_numpy(float), fact.analysed_s)
    result = corrected_rate(
        amplitudes_uv(potentials),
        total_s(fact.analysed_s),
        curve=curve,
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
    """One row per amplitude of a site: what became of the injections, for either curve."""
    levels = own[["amplitude_uv"]].drop_duplicates().set_index("amplitude_uv").sort_index()
    for part, suffix in ((unseen(own), ""), (as_detected(own), "_as_detected")):
        groups = part.groupby("amplitude_uv")["recovered"]
        counts = groups.agg(["size", "sum"]).reindex(levels.index, fill_value=0)
        curve = _curve(part)
        levels[f"n_injected{suffix}"] = counts["size"]
        levels[f"n_recovered{suffix}"] = counts["sum"]
        fitted = np.nan if curve is None else curve.at(levels.index.to_numpy(float))
        levels[f"fitted{suffix}"] = fitted
    return levels


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
