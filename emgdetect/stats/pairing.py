"""Two recordings of one site: rate ratio with interval, and which units are the same.

The ratio is that of the time recorded. How much a person varies from visit to visit two recordings
cannot tell; studies are compared by `emgdetect.compare_folder`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.arguments import expect
from emgdetect.detections import Detections
from emgdetect.stats.exposure import inside
from emgdetect.stats.rates import Rate, rate
from emgdetect.stats.recovered import amplitudes_uv
from emgdetect.stats.summary import counted

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import SiteFacts, Waveform

LEAST_LIKENESS = 0.9
"""Correlation from which two average waveforms can be those of one unit. Set by judgement; not
measured."""

LARGEST_SHIFT_S = 0.003
"""Waveforms are shifted against each other by up to this. Set by judgement; not measured."""


@dataclass(frozen=True)
class PairedSite:
    """One site in two recordings.

    Attributes
    ----------
    site : str
    first, second : Rate
        Rates of the potentials of at least `above_uv`.
    ratio, low, high : float
        Second rate over the first with 95 % interval, without variation between visits; NaN where
        there is no rate or no first potential, `high` infinite where the first rate may be 0.
    above_uv : float
        The larger `detectable_uv`; NaN if none is known: all potentials count.
    units : DataFrame
        Columns `unit_first`, `unit_second`, `likeness`, `amplitude_ratio`, `n_first`, `n_second`,
        `rate_ratio`, `ratio_low`, `ratio_high`; one row per unit found in both.
    """

    site: str
    first: Rate
    second: Rate
    ratio: float
    low: float
    high: float
    above_uv: float
    units: pd.DataFrame

    def __repr__(self) -> str:
        """One line: what the intervals rest on would fill screens."""
        return (
            f"<PairedSite | {self.site}: ratio {self.ratio:.3g} "
            f"(95 % interval {self.low:.3g} to {self.high:.3g}), {len(self.units)} units in both>"
        )


def compare_recordings(first: Detections, second: Detections, *, site: str) -> PairedSite:
    """Compare the time that two recordings of a site hold.

    The interval is of the ratio of the rates of these two recordings, were each to go on unchanged.
    It holds nothing of how a person varies from visit to visit, so that it is no interval of the
    difference between two conditions: of simulated muscles whose rate varies by 20 % between visits
    and does not differ otherwise, 0.45 to 0.90 of the intervals held 1, by 40 %, 0.25 to 0.76
    (benchmarks/results/coverage.md). For that, take several recordings of each condition and
    `compare_folder` (`emgdetect compare`).

    Parameters
    ----------
    first, second : Detections
    site : str
        Found in both.

    Returns
    -------
    PairedSite
        Rates per minute, their ratio and the units found in both; NaN where there is no rate, and
        no rows where no unit is found in both. Potentials below the larger `detectable_uv` do not
        count, so that both recordings could have shown what is compared.

    Raises
    ------
    ValueError
        If a recording lacks the site.
    TypeError
        If `first` or `second` is no Detections.
    """
    expect(first, Detections, "first")
    expect(second, Detections, "second")
    above = _detectable(first, second, site)
    parts = []
    for found in (first, second):
        fact = _fact(found.facts, site)
        potentials = counted(found.events, fact)
        if np.isfinite(above):
            potentials = potentials[amplitudes_uv(potentials) >= above]
        parts.append(rate(potentials["peak_s"].to_numpy(float), fact.analysed_s))
    units = matched_units(first, second, site=site)
    return PairedSite(site, parts[0], parts[1], *rate_ratio(*parts), above, units)


def rate_ratio(first: Rate, second: Rate) -> tuple[float, float, float]:
    """Second rate over the first with 95 % interval.

    The interval combines those of the two rates (MOVER-R; Donner & Zou, Stat
    Methods Med Res 2012;21:347-359), so that it allows for
    clustering as they do.

    Returns
    -------
    ratio, low, high : float
        NaN where there is no rate or the first is 0; `high` may be infinite.
    """
    a, b = second.per_min, first.per_min
    if not (np.isfinite(a) and np.isfinite(b)):
        return float("nan"), float("nan"), float("nan")
    low_a, high_a, low_b, high_b = second.low, second.high, first.low, first.high
    below = low_a * (2 * a - low_a)
    above = high_b * (2 * b - high_b)
    low = _root_of_ratio(a * b, below, above, sign=-1)
    high = _root_of_ratio(a * b, high_a * (2 * a - high_a), low_b * (2 * b - low_b), sign=1)
    return (a / b if b > 0 else float("nan")), max(low, 0.0), high


def _root_of_ratio(product: float, top: float, bottom: float, *, sign: int) -> float:
    """Limit R of a ratio: bottom R² - 2 product R + top = 0."""
    root = np.sqrt(max(product**2 - top * bottom, 0.0))
    if sign < 0:
        # the form that stays defined where bottom passes through zero
        return float(top / (product + root)) if product + root > 0 else 0.0
    return float((product + root) / bottom) if bottom > 0 else float("inf")


def matched_units(first: Detections, second: Detections, *, site: str) -> pd.DataFrame:
    """Units of a site that two recordings have in common, by their average waveforms.

    Each unit is matched at most once, so that the sum of correlations is largest; pairs under 0.9
    or with amplitudes that differ more than twofold are no match.

    Returns
    -------
    DataFrame
        See `PairedSite.units`; sorted by the first unit.
    """
    import pandas as pd
    from scipy.optimize import linear_sum_assignment

    waves = [[w for w in found.waveforms if w.site == site] for found in (first, second)]
    alike = np.array([[likeness(a, b) for b in waves[1]] for a in waves[0]])
    alike = alike.reshape(len(waves[0]), len(waves[1]))
    sizes = [np.array([_size(w) for w in group]) for group in waves]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sizes[1][None, :] / sizes[0][:, None]
    possible = (alike >= LEAST_LIKENESS) & (ratio > 0.5) & (ratio < 2.0)
    rows = [
        _unit_row(first, second, waves[0][i], waves[1][j], float(alike[i, j]), float(ratio[i, j]))
        for i, j in zip(*linear_sum_assignment(-np.where(possible, alike, 0.0)), strict=True)
        if possible[i, j]
    ]
    names = ["unit_first", "unit_second", "likeness", "amplitude_ratio", "n_first", "n_second",
             "rate_ratio", "ratio_low", "ratio_high"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def likeness(first: Waveform, second: Waveform) -> float:
    """Largest correlation of two average waveforms over all channels and shifts up to 3 ms.

    Returns
    -------
    float
        Within -1 and 1; 0 if they differ in their channels or one is flat.
    """
    a, b = first.average_uv, second.average_uv
    if a.shape[0] != b.shape[0]:
        return 0.0
    step = float(first.times_s[1] - first.times_s[0])
    reach = max(round(LARGEST_SHIFT_S / step), 0)
    best = 0.0
    for shift in range(-reach, reach + 1):
        at = first.times_s + shift * step
        moved = np.array([np.interp(at, second.times_s, row, left=0.0, right=0.0) for row in b])
        length = np.linalg.norm(a) * np.linalg.norm(moved)
        best = max(best, float(np.sum(a * moved) / length) if length > 0 else 0.0)
    return best


def _size(waveform: Waveform) -> float:
    return float(np.max(np.ptp(waveform.average_uv, axis=1), initial=0.0))


def _unit_row(
    first: Detections, second: Detections, a: Waveform, b: Waveform, alike: float, ratio: float
) -> tuple[Any, ...]:
    rates = [_unit_rate(first, a), _unit_rate(second, b)]
    counts = (rates[0].n_events, rates[1].n_events)
    return a.unit, b.unit, alike, ratio, *counts, *rate_ratio(rates[0], rates[1])


def _unit_rate(found: Detections, waveform: Waveform) -> Rate:
    fact = _fact(found.facts, waveform.site)
    potentials = counted(found.events, fact)
    own = (potentials["unit"] == waveform.unit).fillna(False).to_numpy(bool)
    times: NDArray[np.float64] = potentials["peak_s"].to_numpy(float)[own]
    return rate(inside(times, fact.analysed_s), fact.analysed_s)


def _fact(facts: Sequence[SiteFacts], site: str) -> SiteFacts:
    for fact in facts:
        if fact.site == site:
            return fact
    raise ValueError(f"no site {site!r}; there are {', '.join(f.site for f in facts) or 'none'}")


def _detectable(first: Detections, second: Detections, site: str) -> float:
    values = [
        float(value)
        for found in (first, second)
        for value in found.summary.loc[found.summary["site"] == site, "detectable_uv"]
    ]
    known = [value for value in values if np.isfinite(value)]
    return max(known) if known else float("nan")
