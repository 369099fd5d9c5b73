"""Units that noise may take for one another: one unit's discharges under several numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.library import cross_gram

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_ALIKE = 0.75
"""Largest correlation over all lags from which two templates may be one unit's."""
MOST_RATIO = 2.0
"""Ratio of sizes up to which they may be."""
CONFUSED = 4.5
"""Norm, in units of noise, of what is left of the smaller of two templates when the other one is
taken out at its best size, up to which noise may take one for the other: it does so beyond half of
that. With 3.5, 4.5 and 5, 87, 92 and 92 potentials are missed and 31, 22 and 22 false ones counted
(tonic trains of an independent simulator, seeds 0 to 2), and 133, 137 and 137, and 125, 106 and 105
(all at once, 0 to 2). Not of their difference as it is: noise that grows makes units look
smaller."""
VARIES = 0.1
"""Share of its size by which more may be left: parts of a unit vary by a tenth (field.md).
Set by judgement; not measured."""

BLOCKED = 0.35
"""The same share of a unit of which parts come late, or fail (blocking): its discharges bear many
numbers."""

SMALLER, OWN_VARIATION = 1.0, 0.1
"""Standard deviations below its unit's usual score from which a potential where a train's discharge
is due may be that, and the share by which one unit's amplitudes vary (field.md), to which noise
adds 1. Set by judgement; not measured."""


def kindred(templates: NDArray[np.float32], *, varies: float = VARIES) -> list[Ints]:
    """Templates that noise may take for one another, for each template (itself included).

    Muscles give many units much the same shape: correlation alone would make kin of units whose
    difference is far larger than noise.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_channels, n_samples)
        In units of noise.
    varies : float
        Share of a unit's size by which its discharges vary.
    """
    if not len(templates):
        return []
    gram = cross_gram(templates).max(axis=2)
    squared = np.einsum("kcl,kcl->k", templates, templates)
    size = np.sqrt(squared)
    alike = gram / np.outer(size, size) >= LEAST_ALIKE
    ratio = size[:, None] / size
    alike &= (ratio < MOST_RATIO) & (ratio > 1 / MOST_RATIO)
    smaller = np.minimum(squared[:, None], squared)
    left = smaller - smaller * np.clip(gram / np.outer(size, size), 0, 1) ** 2
    alike &= left <= CONFUSED**2 + varies**2 * smaller
    return [np.flatnonzero(row) for row in alike]


def voices(templates: NDArray[np.float32], template: Ints, *, varies: float = VARIES) -> Ints:
    """Numbers of potentials with units that noise confuses made one: that of the most frequent.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_channels, n_samples)
    template : ndarray of int, shape (n_found,)
        Unit of each potential; below 0 where none is known, which stays so.
    varies : float
        As of `kindred`.
    """
    kin = kindred(templates, varies=varies)
    counts = np.bincount(template[template >= 0], minlength=len(templates))
    leader = np.full(len(templates), -1, dtype=np.int64)
    for unit in np.argsort(-counts, kind="stable"):
        if leader[unit] < 0:
            own = kin[unit]
            leader[own[leader[own] < 0]] = unit
    return np.where(template >= 0, leader[template], template) if len(templates) else template


def smaller_than_own(templates: NDArray[np.float32], template: Ints, score: Floats) -> Bools:
    """Potentials that are smaller than their unit's usually are; shape (n_found,).

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_channels, n_samples)
        In units of noise.
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    score : ndarray, shape (n_found,)
    """
    size = np.append(np.sqrt(np.einsum("kcl,kcl->k", templates, templates)), 0.0)
    usual = size[template]
    return np.asarray(usual - score > SMALLER * np.hypot(1.0, OWN_VARIATION * usual))
