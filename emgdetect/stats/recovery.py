"""What could have been seen: from injected potentials that were found again or not.

The share found again is a logistic curve of log amplitude that rises to a plateau below 1, since
some potentials are lost at any size (excluded, overlapped, judged otherwise). Potentials whose unit
has a template are found at lower amplitudes than those of a unit never seen: their curve is the
same, moved down. All curves are weighed by the likelihood on a grid, as for psychometric functions
with a lapse (Kuss, Jäkel & Wichmann, J Vision 2005;5(5):8): a handful of injections gives a wide
interval, not a failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

TARGET = 0.9
"""Recovery that makes an amplitude detectable. Set by judgement; not measured."""

FEWEST = 10
"""Injections below which no curve is fitted. Set by judgement; not measured."""

LAPSE_PRIOR = 15.0
"""Before the data are seen, the share lost at any size is distributed as Beta(1, 15): 0.06 on
average. On simulated recordings 0.01 to 0.04 are lost (benchmarks/recovery.py); some 100 injections
override it."""

N_GAINS = 8
"""Steps by which the curve of known units may lie lower, each that of the grid of middles (0.06 of
log amplitude for the ladder of `injection.plan`). Set by judgement; not measured."""

N_CURVES = 2000
"""Curves that stand for all, each as probable as the other. Set by judgement; not measured."""

GAIN_PRIOR = 0.15
"""Mean log amplitude by which a template is expected to help before the data are seen. Measured on
ten simulated recordings of weak potentials (seeds 500-509, 30 min, two runs of injections each):
0.15 on average, standard deviation 0.07."""


@dataclass(frozen=True)
class RecoveryCurve:
    """Share of potentials that are found, by amplitude: curves of equal weight.

    Attributes
    ----------
    middle : ndarray, shape (n_curves,)
        Log amplitude (µV) at half of the plateau.
    steepness : ndarray, shape (n_curves,)
        Slope of the logit per unit of log amplitude.
    lapse : ndarray, shape (n_curves,)
        Share lost at any amplitude; the plateau is 1 less this.
    largest_uv : float
        The largest amplitude that was injected: the curves say nothing beyond it.
    """

    middle: Floats
    steepness: Floats
    lapse: Floats
    largest_uv: float = float("inf")

    def at(self, amplitude_uv: ArrayLike) -> Floats:
        """Mean recovery at each amplitude, same shape; 0 at amplitudes of 0 and below.

        The chance of a potential to be found, by which found ones are weighed.
        """
        log_uv = log_of(amplitude_uv)
        shares = curves_at(log_uv.ravel(), self.middle, self.steepness, self.lapse)
        mean: Floats = np.mean(shares, axis=0).reshape(log_uv.shape)
        return mean

    def fitted(self, amplitude_uv: ArrayLike) -> Floats:
        """Median recovery at each amplitude, same shape: the curve that is shown.

        It reaches any share at the very amplitude that `reaching` says, which the mean of curves
        that bend at different amplitudes does not.
        """
        log_uv = log_of(amplitude_uv)
        shares = curves_at(log_uv.ravel(), self.middle, self.steepness, self.lapse)
        # as many curves have reached the share as have crossed it up to the median crossing
        rank = len(self.middle) - 1 - _rank(0.5, len(self.middle))
        median: Floats = np.sort(shares, axis=0)[rank].reshape(log_uv.shape)
        return median

    def reaching(self, share: float) -> tuple[float, float, float]:
        """Amplitude in µV at which recovery reaches `share`: median and 95 % interval.

        Infinite where the plateau lies below, or where it is not reached by the largest amplitude
        injected.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = share / (1 - self.lapse - share)
            points = self.middle + np.log(np.maximum(odds, 0)) / self.steepness
        reached = (self.lapse < 1 - share) & (points <= np.log(self.largest_uv) + 1e-9)
        points = np.sort(np.where(reached, np.exp(points), np.inf))
        median, low, high = (points[_rank(q, len(points))] for q in (0.5, 0.025, 0.975))
        return float(median), float(low), float(high)

    @property
    def plateau(self) -> float:
        """Share of large potentials that are found."""
        return float(1 - np.mean(self.lapse))


def _rank(quantile: float, n: int) -> int:
    """Place of a quantile among `n` sorted values, counted from 0."""
    return int(quantile * n)


@dataclass(frozen=True)
class Recovery:
    """What is found of potentials that the detection never saw before, and of known units.

    Attributes
    ----------
    unseen, known : RecoveryCurve
        Of potentials without a template of their own, and of those with one. Their curves belong
        together one by one.
    """

    unseen: RecoveryCurve
    known: RecoveryCurve


def fit_recovery(
    amplitude_uv: ArrayLike, recovered: ArrayLike, known: ArrayLike | None = None
) -> Recovery | None:
    """Weigh all recovery curves by what became of the injected potentials.

    Both kinds share steepness and plateau, so that either helps to fit the other.

    Parameters
    ----------
    amplitude_uv : array_like, shape (n,)
        Peak-to-peak amplitudes of the injected potentials; positive.
    recovered : array_like of bool, shape (n,)
    known : array_like of bool, shape (n,), optional
        Which of them met a template of their own unit; none, if not given.

    Returns
    -------
    Recovery or None
        None with fewer than 10 injections.

    Raises
    ------
    ValueError
        If an amplitude is not positive and finite, or the lengths differ.
    """
    amplitudes = np.asarray(amplitude_uv, dtype=np.float64)
    found = np.asarray(recovered, dtype=bool)
    templates = np.zeros(len(found), bool) if known is None else np.asarray(known, dtype=bool)
    if not amplitudes.shape == found.shape == templates.shape:
        raise ValueError(f"{len(amplitudes)} amplitudes for {len(found)} outcomes")
    if not np.all(np.isfinite(amplitudes) & (amplitudes > 0)):
        raise ValueError("amplitude_uv must be positive and finite")
    if len(amplitudes) < FEWEST:
        return None
    middles, steepness, lapse = _grid(float(np.min(amplitudes)), float(np.max(amplitudes)))
    support = np.stack([
        _support(amplitudes[kind], found[kind], middles, steepness, lapse)
        for kind in (~templates, templates)
    ])  # fmt: skip
    # known[i - g]: the curve of known units lies g steps below that of unseen ones
    joint = np.stack(
        [support[0, N_GAINS:] + support[1, N_GAINS - g : len(middles) - g] for g in range(N_GAINS)]
    )
    gains = np.arange(N_GAINS) * (middles[1] - middles[0])
    joint += _prior(lapse) - (gains / GAIN_PRIOR)[:, None, None, None]
    passed = np.cumsum(np.exp(joint - np.max(joint)))
    drawn = np.searchsorted(passed, passed[-1] * (np.arange(N_CURVES) + 0.5) / N_CURVES)
    gain, middle, steep, lost = np.unravel_index(drawn, joint.shape)

    def curve(log_uv: Floats) -> RecoveryCurve:
        return RecoveryCurve(log_uv, steepness[steep], lapse[lost], float(np.max(amplitudes)))

    # anywhere within their cell of the grid
    within = (middles[1] - middles[0]) * (np.random.default_rng(0).random(N_CURVES) - 0.5)
    unseen = middles[N_GAINS:][middle] + within
    return Recovery(curve(unseen), curve(unseen - gains[gain]))


def _grid(low_uv: float, high_uv: float) -> tuple[Floats, Floats, Floats]:
    """Middles half a ladder beyond both its ends and further down, steepness, lapse.

    Returns
    -------
    middles : ndarray, shape (60 + N_GAINS,)
        Evenly spaced log amplitudes; the first `N_GAINS` are for known units only.
    steepness, lapse : ndarray, shape (16,), shape (25,)
        1 to 40, 0 to 0.6.
    """
    low, high = np.log(low_uv), np.log(high_uv)
    reach = max((high - low) / 2, 0.5)
    upper = np.linspace(low - reach, high + reach, 60)
    lower = upper[0] - (upper[1] - upper[0]) * np.arange(N_GAINS, 0, -1)
    return (
        np.concatenate([lower, upper]),
        np.geomspace(1.0, 40.0, 16),
        0.6 * np.linspace(0, 1, 25) ** 2,
    )


def _support(
    amplitudes: Floats, found: NDArray[np.bool_], middles: Floats, steepness: Floats, lapse: Floats
) -> Floats:
    """Log likelihood of each curve, shape (n_middles, n_steepness, n_lapse)."""
    from scipy.special import expit

    levels, index = np.unique(np.log(amplitudes), return_inverse=True)
    n, k = np.bincount(index), np.bincount(index, weights=found)
    rising = expit(steepness[:, None] * (levels - middles[:, None, None]))
    of_found = np.log(np.maximum(rising, 1e-9)) @ k
    share = np.minimum((1 - lapse)[:, None] * rising[:, :, None, :], 1 - 1e-9)
    of_lost = np.log1p(-share) @ (n - k)
    support: Floats = of_found[:, :, None] + np.sum(k) * np.log1p(-lapse) + of_lost
    return support


def _prior(lapse: Floats) -> Floats:
    """Log weight of each lapse before the data are seen, times the spacing of its grid."""
    weight: Floats = (LAPSE_PRIOR - 1) * np.log1p(-lapse) + 0.5 * np.log(lapse + 1e-4)
    return weight


def curves_at(log_uv: Floats, middle: Floats, steepness: Floats, lapse: Floats) -> Floats:
    """Recovery of each curve at each log amplitude, shape (n_curves, n)."""
    from scipy.special import expit

    share: Floats = (1 - lapse[:, None]) * expit(steepness[:, None] * (log_uv - middle[:, None]))
    return share


def log_of(amplitude_uv: ArrayLike) -> Floats:
    amplitudes = np.asarray(amplitude_uv, dtype=np.float64)
    return np.log(np.where(amplitudes > 0, amplitudes, 1e-12))


def recovery_text(curve: RecoveryCurve | None) -> str:
    """The outcome of injection and recovery in a few words."""
    if curve is None:
        return f"fewer than {FEWEST} potentials could be injected"
    median, low, high = curve.reaching(TARGET)
    if not np.isfinite(median):
        if curve.plateau >= TARGET:
            return f"not reached up to {curve.largest_uv:.3g} µV, the largest injected"
        return f"not reached, plateau {curve.plateau:.2f}"
    upper = f"{high:.3g}" if np.isfinite(high) else "beyond the largest added"
    return f"90 % found above {median:.3g} µV ({low:.3g} to {upper})"
