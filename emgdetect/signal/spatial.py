"""Several channels of one site: noise they share, and mixtures that hold their potentials."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LEAST_POWER = 0.005
"""Share of the average power at which directions of a grid with hardly any noise are held: they are
lifted no further. Set by judgement; not measured."""

PIECES_AT_ONCE = 128
"""Pieces whose covariance is summed at once, which bounds the memory that it takes."""


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


def leading(pieces: Floats, most: int) -> NDArray[np.float32]:
    """Orthonormal mixtures of channels that hold most of what pieces have in common.

    Parameters
    ----------
    pieces : ndarray, shape (n_pieces, n_channels, n_samples)
        Each counts the same, however large it is.
    most : int

    Returns
    -------
    ndarray of float32, shape (min(most, n_channels), n_channels)
        Strongest first; the first channels themselves where there are no pieces.
    """
    n_channels = pieces.shape[1]
    if not len(pieces):
        return np.eye(n_channels, dtype=np.float32)[:most]
    power = np.maximum(np.einsum("pcl,pcl->p", pieces, pieces), 1e-12)
    covariance = np.zeros((n_channels, n_channels))
    for first in range(0, len(pieces), PIECES_AT_ONCE):
        some = slice(first, first + PIECES_AT_ONCE)
        products = pieces[some] @ pieces[some].transpose(0, 2, 1)
        covariance += np.einsum("pcd,p->cd", products, 1 / power[some])
    vectors = np.linalg.eigh(covariance)[1][:, ::-1].T[:most]
    # Of either sign of a vector the one whose largest weight is positive: the same on any machine.
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return np.ascontiguousarray(vectors * np.sign(largest), dtype=np.float32)
