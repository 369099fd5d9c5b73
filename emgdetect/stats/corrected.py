"""The rate corrected for what was not found: each potential found stands for others that were not.

Of what was found nearly all potentials belong to a unit with a template, which finds them where it
would not find a stranger's. So each is weighed by the curve of its own kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgdetect.stats.intervals import POISSON, Dispersion, rate_interval
from emgdetect.stats.rates import LEAST_S
from emgdetect.stats.recovery import Recovery, curves_at, log_of

Floats = NDArray[np.floating[Any]]

LEAST_RECOVERY = 0.2
"""No potential counts for more than 1 / this, whatever a drawn curve says. Set by judgement; not
measured."""

SHAPE_SPREAD = 0.12
"""Standard deviation of the log amplitude by which the potentials of a site are found more or less
easily than the injected ones, since their shapes and templates differ. Measured on ten simulated
recordings of weak potentials (seeds 500-509, 30 min, two runs of injections each), as the shift
that makes the curve of known units predict the number found: mean -0.01, standard deviation 0.134,
of which the uncertainty of the curve is 0.07."""


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
    known: ArrayLike,
    analysed_s: float,
    *,
    recovery: Recovery,
    expected_false_per_min: float = 0.0,
    spread: Dispersion = POISSON,
) -> CorrectedRate:
    """Rate of potentials of at least the amplitude at which half of a new unit's are found.

    Each potential found counts 1/recovery (Horvitz-Thompson estimator), and the false ones expected
    are taken off. The interval is that of the rate for the number of equally heavy potentials
    that would vary as much (Fay & Feuer, Stat Med 1997;16:791-801), reduced by the uncertainty of
    the curves and by that of how well they hold for potentials of other shapes (`SHAPE_SPREAD`).

    Parameters
    ----------
    amplitude_uv : array_like, shape (n,)
        Amplitudes of the potentials found; missing ones do not count.
    known : array_like of bool, shape (n,)
        Which of them belong to a unit, so that a template of their own helped to find them.
    analysed_s : float
    recovery : Recovery
    expected_false_per_min : float
    spread : Dispersion
        Dispersion of their count.

    Returns
    -------
    CorrectedRate
        NaN if less than `rates.LEAST_S` was analysed or 50 % recovery was never reached.
    """
    above, nan = recovery.unseen.reaching(0.5)[0], float("nan")
    if analysed_s < LEAST_S or not np.isfinite(above):
        return CorrectedRate(nan, nan, nan, nan)
    found = np.asarray(amplitude_uv, dtype=np.float64)
    large = found >= above
    amplitudes, templates = found[large], np.asarray(known, dtype=bool)[large]
    share = np.where(templates, recovery.known.at(amplitudes), recovery.unseen.at(amplitudes))
    heavy = 1 / np.maximum(share, LEAST_RECOVERY)
    if not len(heavy):
        least = float(recovery.unseen.at(above))
        high = rate_interval(0, analysed_s)[1] / least - expected_false_per_min
        return CorrectedRate(0.0, 0.0, max(high, 0.0), above)
    mean = float(np.sum(heavy))
    doubt = _curve_doubt(amplitudes, templates, recovery) / spread.ratio
    n_equal = 1 / (float(np.sum(heavy**2)) / mean**2 + doubt)
    ends = (n * mean / n_equal for n in rate_interval(n_equal, analysed_s, spread=spread))
    rates = (mean * 60 / analysed_s, *ends)
    less = [max(rate - expected_false_per_min, 0.0) for rate in rates]
    return CorrectedRate(less[0], less[1], less[2], above)


def _curve_doubt(amplitudes: Floats, known: NDArray[np.bool_], recovery: Recovery) -> float:
    """Relative variance of the corrected count that comes from not knowing its own curves."""
    rng = np.random.default_rng(0)
    shift = SHAPE_SPREAD * rng.standard_normal(len(recovery.unseen.middle))
    counts = np.zeros(len(shift))
    for kind, curve in ((known, recovery.known), (~known, recovery.unseen)):
        log_uv = log_of(amplitudes[kind])
        shares = curves_at(log_uv, curve.middle + shift, curve.steepness, curve.lapse)
        counts += np.sum(1 / np.maximum(shares, LEAST_RECOVERY), axis=1)
    return float(np.var(counts) / np.mean(counts) ** 2)
