"""Several channels of one site: noise they share, and mixtures that hold their potentials."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LEAST_POWER = 0.005
"""Share of the average power at which directions of a grid with hardly any noise are held: they are
lifted no further. Set by judgement; not measured."""

ROUNDS = 4
"""Times that mixtures are chosen, each for what those before lost. Set by judgement; not
measured."""
LEAST_LOST = 0.02
"""Share of a piece that counts as lost even where all of it is held: it still has a say. Set by
judgement; not measured."""
LEAST_ENERGY = 0.15
"""Share of a typical piece's energy, noise included, below which what is beyond noise counts as so
much: chance has no say. Set by judgement; not measured."""


def unmixing(covariance: Floats) -> NDArray[np.float32]:
    """Symmetric matrix that makes correlated noise of several channels independent.

    Parameters
    ----------
    covariance : ndarray, shape (n_channels, n_channels)
        Of noise of about unit variance.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_channels)
        Inverse square root; of all whitening matrices the one nearest to leaving each channel
        what it is (Kessy, Lewin & Strimmer 2018, Am Stat 72:309-314, ZCA). Directions in which
        there is hardly any noise are lifted no further than those of 0.5 % of the average power.
    """
    values, vectors = np.linalg.eigh(covariance)
    floor = LEAST_POWER * max(float(values.mean()), np.finfo(float).tiny)
    return np.asarray((vectors / np.sqrt(np.maximum(values, floor))) @ vectors.T, dtype=np.float32)


def leading(pieces: Floats, most: int, *, noise: float) -> NDArray[np.float32]:
    """Orthonormal mixtures of channels that hold what pieces have beyond noise, each of them.

    Each piece counts the same, however large it is; and those of which the mixtures would lose
    most count more, so that a unit of few and weak potentials is held as one of many and strong.

    Parameters
    ----------
    pieces : ndarray, shape (n_pieces, n_channels, n_samples)
    most : int
    noise : float
        Variance of each channel's noise per sample, independent of the others'.

    Returns
    -------
    ndarray of float32, shape (min(most, n_channels), n_channels)
        Strongest first; the first channels themselves where there are no pieces.
    """
    n_channels = pieces.shape[1]
    if not len(pieces):
        return np.eye(n_channels, dtype=np.float32)[:most]
    covariance = pieces @ pieces.transpose(0, 2, 1)
    typical = float(np.median(np.einsum("pcc->p", covariance)))
    covariance[:, np.arange(n_channels), np.arange(n_channels)] -= noise * pieces.shape[2]
    energy = np.maximum(np.einsum("pcc->p", covariance), max(LEAST_ENERGY * typical, 1e-12))
    weight = 1 / energy
    for _ in range(ROUNDS):
        total = np.tensordot(weight, covariance, axes=1)
        vectors = np.linalg.eigh(total)[1][:, ::-1].T[:most]
        held = np.einsum("kc,pkc->p", vectors, vectors @ covariance) / energy
        weight *= np.clip(1 - held, LEAST_LOST, 1.0)
    # Of either sign of a vector the one whose largest weight is positive: the same on any machine.
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return np.ascontiguousarray(vectors * np.sign(largest), dtype=np.float32)
