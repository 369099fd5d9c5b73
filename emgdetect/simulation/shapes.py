"""Potentials from Hermite–Rodriguez functions: a model without anatomy.

Surface potentials of motor units are well described by a few associated Hermite functions
(Merlo, Farina & Merletti 2003, IEEE Trans Biomed Eng 50:316–323).
"""

from __future__ import annotations

from math import factorial, pi, sqrt

import numpy as np
from numpy.polynomial import hermite

from emgdetect.simulation.electrodes import Electrodes
from emgdetect.simulation.model import Floats, Rng


def hermite_function(order: int, times_s: Floats, *, width_s: float) -> Floats:
    """Hermite–Rodriguez function of unit energy: H_n(t/w) exp(-t²/2w²) up to a factor.

    Parameters
    ----------
    order : int
        0 is a Gaussian, 1 biphasic, 2 triphasic.
    times_s : ndarray
    width_s : float

    Returns
    -------
    ndarray
        Same shape as `times_s`.
    """
    x = times_s / width_s
    norm = sqrt(2.0**order * factorial(order) * sqrt(pi) * width_s)
    return np.asarray(hermite.hermval(x, [0] * order + [1]) * np.exp(-(x**2) / 2) / norm)


def hermite_groups(rng: Rng, times_s: Floats, *, electrodes: Electrodes, n_groups: int) -> Floats:
    """Potentials of the fibre groups of one unit, arbitrary scale.

    Each is a mixture of the first five functions, mostly biphasic or triphasic; groups differ a
    little in latency and width, channels in gain and mixture.

    Returns
    -------
    ndarray, shape (n_groups, n_channels, n_times)
    """
    width_s = np.exp(rng.normal(np.log(0.0019), 0.3))
    mixture = rng.normal(0, [0.15, 1.0, 1.0, 0.5, 0.3])
    spread_s = rng.uniform(0.0002, 0.0012)
    gains = np.exp(rng.normal(0, 0.4, electrodes.n_channels))
    own = mixture + rng.normal(0, 0.12, (n_groups, electrodes.n_channels, 5))
    out = []
    for group in range(n_groups):
        latency_s, width = rng.normal(0.005, spread_s), width_s * np.exp(rng.normal(0, 0.08))
        basis = [hermite_function(n, times_s - latency_s, width_s=width) for n in range(5)]
        out.append(gains[:, None] * (own[group] @ np.array(basis)))
    return np.array(out)
