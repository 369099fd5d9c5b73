"""What could have been seen: from injected potentials that were found again or not.

The share found again is a logistic curve of log amplitude that rises to a plateau below 1, since
some potentials are lost at any size (excluded, overlapped, judged otherwise). All curves are
weighed by the likelihood on a grid, as for psychometric functions with a lapse (Kuss, Jäkel &
Wichmann, J Vision 2005;5(5):8): a handful of injections gives a wide interval, not a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.stats.intervals import POISSON, Dispersion, rate_interval

Floats = NDArray[np.floating[Any]]

TARGET = 0.9
"""Recovery that makes an amplitude detectable. Set by judgement; not measured."""

FEWEST = 10
"""Injections below which no curve is fitted. Set by judgement; not measured."""

N_DRAWS = 200
"""Curves drawn for the uncertainty of the corrected rate. Set by judgement; not measured."""

LEAST_RECOVERY = 0.2
"""No potential counts for more than 1 / this, whatever a drawn curve says. Set by judgement; not
measured."""


SHAPE_SPREAD = 0.1
"""Standard deviation of the log amplitude by which the potentials of a site are found more or less
easily than the injected ones, since their shapes differ. Measured on ten simulated recordings of
weak potentials (seeds 600-609, 30 min), as the shift that makes the curve predict the number found:
standard deviation 0.106, of which the uncertainty of the curve is 0.04."""


@dataclass(frozen=True)
class RecoveryCurve:
    """Share of potentials that are found, by amplitude: curves with weights.

    Attributes
    ----------
    middle : ndarray, shape (n_curves,)
        Log amplitude (µV) at half of the plateau.
    steepness : ndarray, shape (n_curves,)
        Slope of the logit per unit of log amplitude.
    lapse : ndarray, shape (n_curves,)
        Share lost at any amplitude; the plateau is 1 less this.
    weights : ndarray, shape (n_curves,)
        They sum to 1.
    n_injected : int
    largest_uv : float
        The largest amplitude that was injected: the curves say nothing beyond it.
    """

    middle: Floats
    steepness: Floats
    lapse: Floats
    weights: Floats
    n_injected: int
    largest_uv: float = float("inf")

    def at(self, amplitude_uv: ArrayLike) -> Floats:
        """Mean recovery at each amplitude, same shape; 0 at amplitudes of 0 and below."""
        log_uv = _log(amplitude_uv)
        shares = _curves(log_uv.ravel(), self.middle, self.steepness, self.lapse)
        mean: Floats = (self.weights @ shares).reshape(log_uv.shape)
        return mean

    def reaching(self, share: float) -> tuple[float, float, float]:
        """Amplitude in µV at which recovery reaches `share`: median and 95 % interval.

        Infinite where the plateau lies below, or where it is not reached by the largest amplitude
        injected.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = share / (1 - self.lapse - share)
            points = self.middle + np.log(np.maximum(odds, 0)) / self.steepness
        reached = (self.lapse < 1 - share) & (points <= np.log(self.largest_uv) + 1e-9)
        points = np.where(reached, points, np.inf)
        order = np.argsort(points)
        passed = np.cumsum(self.weights[order])
        rank = np.minimum(np.searchsorted(passed, [0.5, 0.025, 0.975]), len(order) - 1)
        median, low, high = np.exp(points[order][rank])
        return float(median), float(low), float(high)

    @property
    def plateau(self) -> float:
        """Share of large potentials that are found."""
        return float(self.weights @ (1 - self.lapse))

    def drawn(self, n_curves: int, *, seed: int) -> RecoveryCurve:
        """Curves drawn by their weights, now of equal weight."""
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.weights), n_curves, p=self.weights)
        equal = np.full(n_curves, 1 / n_curves)
        return replace(
            self, middle=self.middle[chosen], steepness=self.steepness[chosen],
            lapse=self.lapse[chosen], weights=equal,
        )  # fmt: skip


def fit_recovery(amplitude_uv: ArrayLike, recovered: ArrayLike) -> RecoveryCurve | None:
    """Weigh all recovery curves by what became of the injected potentials.

    Parameters
    ----------
    amplitude_uv : array_like, shape (n,)
        Peak-to-peak amplitudes of the injected potentials; positive.
    recovered : array_like of bool, shape (n,)

    Returns
    -------
    RecoveryCurve or None
        None with fewer than 10 injections.

    Raises
    ------
    ValueError
        If an amplitude is not positive and finite, or the lengths differ.
    """
    amplitudes = np.asarray(amplitude_uv, dtype=np.float64)
    found = np.asarray(recovered, dtype=bool)
    if amplitudes.shape != found.shape:
        raise ValueError(f"{len(amplitudes)} amplitudes for {len(found)} outcomes")
    if not np.all(np.isfinite(amplitudes) & (amplitudes > 0)):
        raise ValueError("amplitude_uv must be positive and finite")
    if len(amplitudes) < FEWEST:
        return None
    levels, index = np.unique(np.log(amplitudes), return_inverse=True)
    n, k = np.bincount(index), np.bincount(index, weights=found)
    middle, steepness, lapse = _grid(levels[0], levels[-1])
    share = np.clip(_curves(levels, middle, steepness, lapse), 1e-9, 1 - 1e-9)
    support = np.log(share) @ k + np.log1p(-share) @ (n - k)
    # large lapses are rare: Beta(1, 10), which some 100 injections override
    # (benchmarks/recovery.py); times the spacing of the lapse grid
    support = support + 9 * np.log1p(-lapse) + 0.5 * np.log(lapse + 1e-4)
    weights = np.exp(support - np.max(support))
    keep = weights > 1e-8
    kept = weights[keep] / np.sum(weights[keep])
    largest = float(np.max(amplitudes))
    return RecoveryCurve(middle[keep], steepness[keep], lapse[keep], kept, len(found), largest)


def _grid(low: float, high: float) -> tuple[Floats, Floats, Floats]:
    """Middles half a ladder beyond both its ends, steepness 1 to 40, lapse 0 to 0.6."""
    reach = max((high - low) / 2, 0.5)
    middle = np.linspace(low - reach, high + reach, 60)
    steepness = np.geomspace(1.0, 40.0, 16)
    lapse = 0.6 * np.linspace(0, 1, 25) ** 2
    grids = np.meshgrid(middle, steepness, lapse, indexing="ij")
    return grids[0].ravel(), grids[1].ravel(), grids[2].ravel()


def _curves(log_uv: Floats, middle: Floats, steepness: Floats, lapse: Floats) -> Floats:
    """Recovery of each curve at each log amplitude, shape (n_curves, n)."""
    from scipy.special import expit

    share: Floats = (1 - lapse[:, None]) * expit(steepness[:, None] * (log_uv - middle[:, None]))
    return share


def _log(amplitude_uv: ArrayLike) -> Floats:
    amplitudes = np.asarray(amplitude_uv, dtype=np.float64)
    return np.log(np.where(amplitudes > 0, amplitudes, 1e-12))


@dataclass(frozen=True)
class CorrectedRate:
    """Rate of all potentials of at least a given amplitude, found or not.

    Attributes
    ----------
    per_min, low, high : float
        Rate and 95 % interval; NaN where it cannot be told.
    above_uv : float
        The amplitude from which it counts: that of 50 % recovery.
    """

    per_min: float
    low: float
    high: float
    above_uv: float


def corrected_rate(
    amplitude_uv: ArrayLike,
    analysed_s: float,
    *,
    curve: RecoveryCurve,
    expected_false_per_min: float = 0.0,
    spread: Dispersion = POISSON,
) -> CorrectedRate:
    """Rate of potentials of at least the amplitude of 50 % recovery.

    Each potential found counts 1/recovery (Horvitz-Thompson estimator), and the false ones expected
    are taken off. The interval is that of the rate for the number of equally heavy potentials
    that would vary as much (Fay & Feuer, Stat Med 1997;16:791-801), reduced by the uncertainty of
    the curve and by that of how well it holds for potentials of other shapes (`SHAPE_SPREAD`).

    Parameters
    ----------
    amplitude_uv : array_like, shape (n,)
        Amplitudes of the potentials found; missing ones do not count.
    analysed_s : float
    curve : RecoveryCurve
    expected_false_per_min : float
    spread : Dispersion
        Dispersion of their count.

    Returns
    -------
    CorrectedRate
        NaN if nothing was analysed or 50 % recovery was never reached.
    """
    above, nan = curve.reaching(0.5)[0], float("nan")
    if analysed_s <= 0 or not np.isfinite(above):
        return CorrectedRate(nan, nan, nan, nan)
    found = np.asarray(amplitude_uv, dtype=np.float64)
    amplitudes = found[found >= above]
    heavy = 1 / np.maximum(curve.at(amplitudes), LEAST_RECOVERY)
    if not len(heavy):
        high = rate_interval(0, analysed_s)[1] / float(curve.at(above)) - expected_false_per_min
        return CorrectedRate(0.0, 0.0, max(high, 0.0), above)
    mean = float(np.sum(heavy))
    doubt = _curve_doubt(amplitudes, curve) / spread.ratio
    n_equal = 1 / (float(np.sum(heavy**2)) / mean**2 + doubt)
    ends = (n * mean / n_equal for n in rate_interval(n_equal, analysed_s, spread=spread))
    rates = (mean * 60 / analysed_s, *ends)
    less = [max(rate - expected_false_per_min, 0.0) for rate in rates]
    return CorrectedRate(less[0], less[1], less[2], above)


def _curve_doubt(amplitudes: Floats, curve: RecoveryCurve) -> float:
    """Relative variance of the corrected count that comes from not knowing its own curve."""
    draws = curve.drawn(N_DRAWS, seed=0)
    shift = SHAPE_SPREAD * np.random.default_rng(0).standard_normal(N_DRAWS)
    shares = _curves(_log(amplitudes), draws.middle + shift, draws.steepness, draws.lapse)
    counts = np.sum(1 / np.maximum(shares, LEAST_RECOVERY), axis=1)
    return float(np.var(counts) / np.mean(counts) ** 2)


def recovery_text(curve: RecoveryCurve | None) -> str:
    """The outcome of injection and recovery in a few words."""
    if curve is None:
        return f"fewer than {FEWEST} potentials could be injected"
    median, low, high = curve.reaching(TARGET)
    if not np.isfinite(median):
        if curve.plateau >= TARGET:
            return f"not reached up to {curve.largest_uv:.3g} µV, the largest injected"
        return f"not reached, plateau {curve.plateau:.2f}"
    upper = f"{high:.3g}" if np.isfinite(high) else "beyond the ladder"
    return f"90 % found above {median:.3g} µV ({low:.3g} to {upper})"
