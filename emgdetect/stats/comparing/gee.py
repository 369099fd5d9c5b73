"""Rate ratio by generalised estimating equations: many persons."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.stats.comparing.permuting import Ratio, Sessions

Floats = NDArray[np.float64]

FEWEST_PERSONS = 20
"""Persons from which the robust covariance can be relied on (issue 5; the study is
benchmarks/comparison.py)."""

CURVATURE = 1.0
"""Working variance m + CURVATURE m² of a count of mean m: persons differ, and so do their days. Of
a Poisson working variance, the few persons of high rate would decide alone, and the interval is
some 8 % wider (benchmarks/comparison.py)."""

FARTHEST = 60
"""Steps of half a standard error in which the ends of the interval are sought. Set by judgement;
not measured."""


@dataclass(frozen=True)
class _Fit:
    """Intercept, coefficient and its standard error, and correlation within persons."""

    intercept: float
    slope: float
    error: float
    correlation: float


def gee_ratio(sessions: Sessions) -> Ratio:
    """Rate ratio per unit of a covariate over many persons.

    A count model with log link, the analysed time as exposure and an exchangeable correlation of
    the recordings of one person, fitted by generalised estimating equations. p-value and interval
    are those of the robust score test (Boos, Am Stat 1992;46:327-333), which takes the variance of
    the persons' contributions where the ratio under test puts it: with 20 to 40 persons and
    skewed rates it holds its level, which the Wald interval does not, bias-reduced though it be
    (Mancl & DeRouen, Biometrics 2001;57:126-134; 0.92 instead of 0.95 in benchmarks/comparison.py).

    Parameters
    ----------
    sessions : Sessions
        Of at least 20 persons.

    Returns
    -------
    Ratio

    Raises
    ------
    ValueError
        If the model cannot be fitted.
    """
    from scipy import stats

    scale = float(np.std(sessions.values))
    values = (sessions.values - np.mean(sessions.values)) / scale
    fit = _fit(sessions, values)
    score = _score(sessions, values, fit)
    limit = float(stats.norm.isf(0.025))
    low = _end(lambda b: score(b) - limit, fit.slope, -fit.error / 2)
    high = _end(lambda b: -score(b) - limit, fit.slope, fit.error / 2)
    p = float(2 * stats.norm.sf(abs(score(0.0))))
    ratio, from_, to = (float(np.exp(b / scale)) for b in (fit.slope, low, high))
    return Ratio(ratio, from_, to, p)


def _fit(sessions: Sessions, values: Floats) -> _Fit:
    from statsmodels.genmod.cov_struct import Exchangeable, Independence
    from statsmodels.genmod.families import NegativeBinomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    design = np.column_stack([np.ones(len(values)), values])
    repeated = len(np.unique(sessions.persons)) < len(sessions.persons)
    structures: list[Any] = [Exchangeable(), Independence()] if repeated else [Independence()]
    for structure in structures:
        model = GEE(
            sessions.counts, design, groups=sessions.persons,
            family=NegativeBinomial(alpha=CURVATURE), offset=np.log(sessions.minutes),
            cov_struct=structure,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fit = model.fit(cov_type="bias_reduced", maxiter=200)
            except (np.linalg.LinAlgError, ValueError, FloatingPointError):
                continue
        found = np.array([*fit.params, fit.bse[1]], dtype=np.float64)
        correlation = float(np.mean(getattr(structure, "dep_params", None) or 0.0))
        if np.isfinite(found).all() and found[2] > 0 and abs(found[1]) < 20:
            return _Fit(float(found[0]), float(found[1]), float(found[2]), correlation)
    raise ValueError("the model cannot be fitted to these counts")


def _score(sessions: Sessions, values: Floats, fit: _Fit) -> Callable[[float], float]:
    """Standardised robust score of a slope; falls through zero at the fitted one."""
    n = np.bincount(sessions.persons)
    largest = float(np.max(n))
    # what the matrix of an exchangeable correlation allows
    r = float(np.clip(fit.correlation, -0.9 / max(largest - 1, 1), 0.95))
    share = r / (1 + (n - 1) * r)

    def inner(left: Floats, right: Floats) -> Floats:
        """Left' R^-1 right of each person."""
        sums = [
            np.bincount(sessions.persons, weights=weights)
            for weights in (left * right, left, right)
        ]
        product: Floats = (sums[0] - share * sums[1] * sums[2]) / (1 - r)
        return product

    def score(slope: float) -> float:
        intercept = fit.intercept
        for _ in range(50):
            mean = sessions.minutes * np.exp(np.clip(intercept + slope * values, -30, 30))
            spread = np.sqrt(mean + CURVATURE * mean**2)
            flat, tilted = mean / spread, mean * values / spread
            left = (sessions.counts - mean) / spread
            level, information = inner(flat, left), float(np.sum(inner(flat, flat)))
            step = float(np.clip(np.sum(level) / information, -1, 1))
            intercept += step
            if abs(step) < 1e-8:
                break
        own = inner(tilted, left) - float(np.sum(inner(tilted, flat))) / information * level
        length = float(np.linalg.norm(own))
        return float(np.sum(own)) / length if length > 0 else 0.0

    return score


def _end(beyond: Callable[[float], float], start: float, step: float) -> float:
    """First point from `start` in steps where `beyond` is positive; infinite if it never is."""
    from scipy.optimize import brentq

    for k in range(FARTHEST):
        inside, outside = start + k * step, start + (k + 1) * step
        if beyond(outside) > 0:
            return float(brentq(beyond, inside, outside)) if beyond(inside) < 0 else inside
    return float(np.copysign(np.inf, step))
