"""The robust score test of many persons beside its plain definition in matrices."""

from __future__ import annotations

import numpy as np
import pytest

from emgdetect.stats.comparing.gee import CURVATURE, _Fit, _fit, _score, gee_ratio
from emgdetect.stats.comparing.permuting import Sessions


def study(seed: int, *, ratio: float = 1.5, n_persons: int = 22) -> Sessions:
    rng = np.random.default_rng(seed)
    persons = np.repeat(np.arange(n_persons), rng.integers(1, 5, n_persons))
    n = len(persons)
    values, minutes = rng.integers(0, 3, n).astype(float), rng.uniform(2, 8, n)
    mean = minutes * 4 * rng.lognormal(0, 0.6, n_persons)[persons] * ratio**values
    counts = rng.poisson(mean * rng.gamma(4, 0.25, n)).astype(float)
    return Sessions(counts, minutes, values, np.arange(n, dtype=float), persons)


def naive_score(sessions: Sessions, values: np.ndarray, slope: float, r: float) -> float:
    """Solve for the intercept by bisection, with whole covariance matrices."""

    def contributions(intercept: float) -> tuple[np.ndarray, np.ndarray]:
        scores, information = [], np.zeros((2, 2))
        for person in np.unique(sessions.persons):
            own = sessions.persons == person
            mean = sessions.minutes[own] * np.exp(intercept + slope * values[own])
            deviation = np.sqrt(mean + CURVATURE * mean**2)
            correlation = np.where(np.eye(own.sum()), 1.0, r)
            inverse = np.linalg.inv(correlation * np.outer(deviation, deviation))
            slopes = mean[:, None] * np.column_stack([np.ones(own.sum()), values[own]])
            scores.append(slopes.T @ inverse @ (sessions.counts[own] - mean))
            information += slopes.T @ inverse @ slopes
        return np.array(scores), information

    low, high = -10.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        up = contributions(middle)[0][:, 0].sum() > 0
        low, high = (middle, high) if up else (low, middle)
    scores, information = contributions((low + high) / 2)
    own = scores[:, 1] - information[1, 0] / information[0, 0] * scores[:, 0]
    return float(own.sum() / np.sqrt(np.sum(own**2)))


@pytest.mark.parametrize("seed", range(4))
def test_score_agrees_with_its_definition_in_matrices(seed: int) -> None:
    sessions = study(seed)
    values = (sessions.values - sessions.values.mean()) / sessions.values.std()
    fit = _fit(sessions, values)
    score = _score(sessions, values, fit)
    for slope in (-0.3, 0.0, fit.slope, 0.8):
        expected = naive_score(sessions, values, slope, fit.correlation)
        assert score(slope) == pytest.approx(expected, abs=1e-5)
    assert abs(score(fit.slope)) < 0.02


def test_interval_holds_what_the_test_does_not_reject_and_follows_the_unit() -> None:
    for seed in range(6):
        one = study(seed, ratio=1.2)
        result = gee_ratio(one)
        assert result.low < result.ratio < result.high
        assert (result.p > 0.05) == (result.low <= 1 <= result.high)
        grams = Sessions(one.counts, one.minutes, one.values * 10, one.order, one.persons)
        scaled = gee_ratio(grams)
        assert scaled.ratio**10 == pytest.approx(result.ratio, rel=1e-5)
        assert scaled.p == pytest.approx(result.p, rel=1e-4)


def test_an_impossible_correlation_is_bounded() -> None:
    one = study(1)
    values = one.values - one.values.mean()
    score = _score(one, values, _Fit(1.0, 0.0, 0.1, -1.0))
    assert np.isfinite([score(0.0), score(2.0)]).all()
