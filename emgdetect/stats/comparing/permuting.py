"""Rate ratio by permutation: few persons, or one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import factorial, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

N_PERMUTATIONS = 1999
"""Random permutations, where there are more arrangements than that; the smallest p-value is 0.001.
"""

FEWEST_PERMUTATIONS = 40
"""Distinct permutations below which no two-sided p-value can reach 0.05."""

FARTHEST = 12.0
"""Log ratios per standard deviation of the covariate are sought within this. Set by judgement; not
measured."""


@dataclass(frozen=True)
class Ratio:
    """A rate ratio per unit of a covariate.

    Attributes
    ----------
    ratio, low, high : float
        With 95 % interval; low may be 0 and high infinite where the data leave it open.
    p : float
    """

    ratio: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Sessions:
    """Counts of one site: one value per recording.

    Attributes
    ----------
    counts, minutes, values, order : ndarray of float, shape (n,)
        Potentials, analysed minutes, covariate and order in time.
    persons : ndarray of int, shape (n,)
        Index of the person.
    """

    counts: Floats
    minutes: Floats
    values: Floats
    order: Floats
    persons: Ints


def n_permutations(sessions: Sessions) -> int:
    """Distinct arrangements of the covariate within persons."""
    persons = np.unique(sessions.persons)
    return prod(_n_distinct(sessions.values[sessions.persons == k]) for k in persons)


def permutation_ratio(sessions: Sessions, *, seed: int = 0) -> Ratio:
    """Rate ratio per unit of a covariate, its interval by inverting a permutation test.

    For a given log ratio b the expected counts follow from each person's total (for one person
    from a log-linear trend over sessions) and exp(b x). Counts over expected counts are then
    exchangeable within a person, however over-dispersed; the test statistic is their covariance
    with the covariate, less what person (and trend) explain of it. The estimate is the b where
    it is zero, the interval all b that are not rejected at 5 %. Where there are no more
    arrangements than would be drawn, each is taken once, so that no p-value lies below what is
    possible (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39).

    Parameters
    ----------
    sessions : Sessions
        With at least 40 distinct permutations, and a covariate that varies within a person.
    seed : int

    Returns
    -------
    Ratio
    """
    scale = float(np.std(sessions.values))
    fit = _null_fit(sessions)
    leverage = _residual(sessions)
    weight = _weights(sessions, fit(0.0))
    order = arrangements(sessions.persons, leverage, np.random.default_rng(seed))
    moved = weight * _rid_of_trend(leverage[order], sessions) / scale

    def statistic(b: float) -> Floats:
        stretched = sessions.counts / fit(b / scale)
        values: Floats = moved @ stretched
        return values

    def tails(b: float) -> tuple[float, float]:
        values = statistic(b)
        close = 1e-9 * (np.max(np.abs(values)) + 1e-300)
        upper = float(np.mean(values >= values[0] - close))
        return upper, float(np.mean(values <= values[0] + close))

    centre = _descend(lambda b: float(statistic(b)[0]), -FARTHEST, FARTHEST)
    low = -_first_below(lambda b: tails(-b)[0], -centre)
    high = _first_below(lambda b: tails(b)[1], centre)
    p = min(1.0, 2 * min(tails(0.0)))
    ends = [np.exp(end / scale) for end in (centre, low, high)]
    low_end = 0.0 if low <= -FARTHEST else float(ends[1])
    high_end = float("inf") if high >= FARTHEST else float(ends[2])
    return Ratio(float(ends[0]), low_end, high_end, p)


def _descend(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function (or step function) crosses zero, by bisection; an end if it does
    not."""
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


def _first_below(tail: Callable[[float], float], start: float) -> float:
    """First point beyond `start` where a tail falls below 2.5 %; the farthest if it does not."""
    step, low = 0.05, start
    while low < FARTHEST:
        high = low + step
        if tail(high) < 0.025:
            return _descend(lambda b: tail(b) - 0.025, low, high)
        low, step = high, step * 1.15
    return FARTHEST


def arrangements(persons: Ints, values: Floats, rng: np.random.Generator) -> Ints:
    """Row indices rearranged within persons: each way that differs once, or random ones.

    Parameters
    ----------
    persons : ndarray of int, shape (n_rows,)
    values : ndarray, shape (n_rows,)
        What is rearranged; to swap two alike is no other arrangement.
    rng : Generator

    Returns
    -------
    ndarray of int, shape (n, n_rows)
        The first is the identity. All of them where that is `N_PERMUTATIONS` at the most.
    """
    every = [np.flatnonzero(persons == person) for person in np.unique(persons)]
    if prod(_n_distinct(values[own]) for own in every) > N_PERMUTATIONS:
        return _drawn(persons, rng)
    order = [
        np.concatenate(parts)
        for parts in product(*(_distinct(own, values[own]) for own in every))
    ]  # fmt: skip
    back = np.argsort(np.concatenate(every))
    return np.array(order, dtype=np.int64)[:, back]


def _n_distinct(values: Floats) -> int:
    """In how many ways values can be arranged."""
    repeats = np.unique(values, return_counts=True)[1]
    return factorial(len(values)) // prod(factorial(int(n)) for n in repeats)


def _distinct(rows: Ints, values: Floats) -> list[Ints]:
    """Every arrangement of rows that differs in their values; the first is as they stand."""
    alike = np.unique(values, return_inverse=True)[1]
    groups = [rows[alike == k] for k in range(int(alike.max()) + 1)]
    found = [np.full(len(rows), -1, dtype=np.int64)]
    for group in groups:
        found = [
            _placed(partial, chosen, group)
            for partial in found
            for chosen in combinations(np.flatnonzero(partial < 0).tolist(), len(group))
        ]
    return sorted(found, key=lambda order: not np.array_equal(order, rows))


def _placed(partial: Ints, places: Sequence[int], rows: Ints) -> Ints:
    filled = partial.copy()
    filled[list(places)] = rows
    return filled


def _drawn(persons: Ints, rng: np.random.Generator) -> Ints:
    """Row indices shuffled within persons, shape (1 + n, n_rows); the first is the identity."""
    order = np.tile(np.arange(len(persons)), (N_PERMUTATIONS + 1, 1))
    for person in np.unique(persons):
        own = np.flatnonzero(persons == person)
        order[1:, own] = rng.permuted(np.tile(own, (N_PERMUTATIONS, 1)), axis=1)
    return order


def _null_fit(sessions: Sessions) -> Callable[[float], Floats]:
    """Expected counts for a log ratio per unit: person totals, or a trend for one person."""
    centred = sessions.values - np.mean(sessions.values)
    if len(np.unique(sessions.persons)) > 1:
        return lambda b: _shared_out(sessions, sessions.minutes * np.exp(b * centred))
    time = sessions.order - np.mean(sessions.order)
    time = time / max(float(np.std(time)), 1e-12)
    return lambda b: _trend_fit(sessions.counts, sessions.minutes * np.exp(b * centred), time)


def _shared_out(sessions: Sessions, share: Floats) -> Floats:
    """Each person's mean adjusted rate, times the shares.

    The mean of rates, not the rate of sums: the quotients that follow have mean 1 whatever the
    covariate, since adjusted rates of one person are exchangeable.
    """
    rates = np.bincount(sessions.persons, weights=sessions.counts / share)
    expected = share * (rates / np.bincount(sessions.persons))[sessions.persons]
    # a person without any potential tells nothing; 1 keeps the quotient defined
    defined: Floats = np.where(expected > 0, expected, 1.0)
    return defined


def _trend_fit(counts: Floats, share: Floats, time: Floats) -> Floats:
    """Log-linear trend whose quotients, counts over expected counts, have mean 1 and no trend.

    The estimating equation of a constant coefficient of variation, by scoring steps of bounded
    length; `time` has mean 0 and standard deviation 1.
    """
    beta = np.array([np.log(max(float(np.mean(counts / share)), 1e-12)), 0.0])
    expected = share * np.exp(beta[0])
    for _ in range(60):
        quotient = counts / expected - 1
        step = np.clip([np.mean(quotient), np.mean(time * quotient)], -1, 1)
        beta = beta + step
        expected = share * np.exp(np.clip(beta[0] + beta[1] * time, -30, 30))
        if np.max(np.abs(step)) < 1e-8:
            break
    bounded: Floats = np.maximum(expected, 1e-9)
    return bounded


def _residual(sessions: Sessions) -> Floats:
    """The covariate less its mean per person; for one person less its trend over sessions."""
    n = np.bincount(sessions.persons)
    means = np.bincount(sessions.persons, weights=sessions.values) / n
    left: Floats = sessions.values - means[sessions.persons]
    if len(n) == 1 and np.std(sessions.order) > 0:
        time = sessions.order - np.mean(sessions.order)
        left = left - time * float(time @ left) / float(time @ time)
    return left


def _rid_of_trend(rows: Floats, sessions: Sessions) -> Floats:
    """Permuted covariates of one person: less their trend, and as long as the real one.

    The quotients hold no trend either, so that what a permutation has of one would not count;
    for the degree of freedom that the trend has taken from them, permutations are a little longer.
    """
    time = sessions.order - np.mean(sessions.order)
    if len(np.unique(sessions.persons)) > 1 or not np.any(time):
        return rows
    left = rows - np.outer(rows @ time, time) / float(time @ time)
    length = np.linalg.norm(left, axis=1, keepdims=True)
    scaled: Floats = left * length[0] / np.maximum(length, 1e-9 * length[0])
    n = len(time)
    scaled[1:] *= np.sqrt((n - 1) / max(n - 2, 1))
    return scaled


def _weights(sessions: Sessions, expected: Floats) -> Floats:
    """Weight of each person's quotients: high counts tell more, up to the over-dispersion."""
    totals = np.bincount(sessions.persons, weights=sessions.counts)
    mean = (totals / np.bincount(sessions.persons))[sessions.persons]
    noise = (sessions.counts / expected - 1) ** 2 - 1 / expected
    free = len(mean) / max(len(mean) - len(totals), 1)
    spread = max(float(np.mean(noise[mean > 0])) * free, 0.0) if np.any(mean > 0) else 0.0
    weights: Floats = mean / (1 + spread * mean)
    return weights


def varies_within(sessions: Sessions) -> bool:
    """Whether the covariate varies within any person (beyond a trend over sessions)."""
    return bool(np.max(np.abs(_residual(sessions)), initial=0.0) > 1e-9 * _size(sessions.values))


def _size(values: NDArray[Any]) -> float:
    return max(float(np.max(np.abs(values), initial=0.0)), 1e-300)
