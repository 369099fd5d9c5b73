"""Rate ratio by generalised estimating equations: many persons."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.stats.comparing.permuting import Ratio, Sessions

Floats = NDArray[np.float64]

FEWEST_PERSONS = 20
"""Persons from which the sandwich covariance, bias-reduced, can be relied on (issue 5; the study
is benchmarks/comparison.py)."""


def gee_ratio(sessions: Sessions) -> Ratio:
    """Rate ratio per unit of a covariate over many persons.

    A Poisson model with log link, the analysed time as exposure and an exchangeable correlation
    of the recordings of one person; covariance by the bias-reduced sandwich (Mancl & DeRouen,
    Biometrics 2001;57:126-134), which allows for over-dispersion, and t quantiles with persons
    less parameters.

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
    beta, error = _fit(sessions, np.column_stack([np.ones(len(values)), values]))
    freedom = len(np.unique(sessions.persons)) - 2
    reach = float(stats.t.isf(0.025, freedom)) * error
    p = float(2 * stats.t.sf(abs(beta) / error, freedom))
    ratio, low, high = (float(np.exp(b / scale)) for b in (beta, beta - reach, beta + reach))
    return Ratio(ratio, low, high, p)


def _fit(sessions: Sessions, design: Floats) -> tuple[float, float]:
    """Coefficient of the second column and its standard error."""
    from statsmodels.genmod.cov_struct import Exchangeable, Independence
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_estimating_equations import GEE

    repeated = len(np.unique(sessions.persons)) < len(sessions.persons)
    structures: list[Any] = [Exchangeable(), Independence()] if repeated else [Independence()]
    for structure in structures:
        model = GEE(
            sessions.counts, design, groups=sessions.persons, family=Poisson(),
            offset=np.log(sessions.minutes), cov_struct=structure,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fit = model.fit(cov_type="bias_reduced", maxiter=200)
            except (np.linalg.LinAlgError, ValueError, FloatingPointError):
                continue
        beta, error = float(fit.params[1]), float(fit.bse[1])
        if np.isfinite([beta, error]).all() and error > 0 and abs(beta) < 20:
            return beta, error
    raise ValueError("the model cannot be fitted to these counts")
