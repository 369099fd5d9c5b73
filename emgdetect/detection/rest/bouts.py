"""Weak bouts of many small units, again and again: a muscle that breathes, or is held now and then.

Such a bout of a second or two hardly exceeds the noise, and a few of its potentials are clear of
it. Two things tell it from fasciculation, and each has to: potentials of different units come
together more often than chance has it, and the noise between them is louder than elsewhere, for
most of the bout's potentials are too small to be seen. Units that fasciculate in clusters leave the
noise alone; noise that fluctuates brings no units together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.detection.firing.together import rate_evidence
from emgdetect.signal.spans import covers, nearest, spans_above

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

NEAR_S = (0.03, 0.75)
"""Seconds between two potentials of different units that may be of one bout: satellites are nearer.
Set by judgement; not measured."""
FAR_S = (2.0, 10.0)
"""Seconds between two that tell how many come together by chance, at the rate of those minutes. Set
by judgement; not measured."""
EVIDENCE = 15.0
"""Log-likelihood ratio of their number against chance that it takes. Of nine sites that breathe
weakly (an independent simulator, hold-out 13, seeds 0 to 2) the least has 20. Of 360 sites of 90
tuning recordings of ten phenomena one has as much and a `LOUDER` above 2.5: 196, and 3.3."""
BESIDE_S, AWAY_S = 0.5, 1.0
"""Seconds from a weak potential within which cells without a potential are beside it, and from
which they are away from all. Set by judgement; not measured."""
LOUDER = 4.0
"""Standard errors by which the mean log level of the former exceeds that of the latter at least: of
those nine sites the least has 4.3, of those 360 with that evidence none has more than 3.3. Of noise
that fluctuates it may be 6: there `EVIDENCE` decides."""
AROUND_CELLS = 61
"""Cells (15 s) whose median level is what is usual: bouts fill less than half of it. Set by
judgement; not measured."""
SMOOTH_CELLS = 5
"""Cells (1.25 s) whose median is the noise around a potential. Set by judgement; not measured."""
LEVEL_CELLS = 3
"""Cells (0.75 s) whose mean level tells a bout: with 5 on six of those sites, 0.15 and a cell more
at both ends 12 instead of 0.4 % of the rest are excluded, and 705 instead of 715 of 751 others."""
RISEN, STILL = 0.15, 0.1
"""Log of that over what is usual (factors of 1.16 and 1.11) that a bout reaches, and at which it
ends. Chosen on six of those nine sites: 77 % of the bouts and 1.6 % of the rest are excluded, and
of 755 false ones 25 are left (12 of 296 potentials are missed instead of 2); ended at 0.15, 68 and
0.4 %, at 0.05, 85 and 5.4 %."""


@dataclass(frozen=True)
class Sized:
    """Potentials of a site, in order of time; each item of shape (n,).

    Attributes
    ----------
    time_s : ndarray
    unit : ndarray of int
        Below 0, as one unit, where none is known.
    size : ndarray
        Score over that from which one is clear anyway: a bout's are small.
    """

    time_s: Floats
    unit: Ints
    size: Floats


def bouts(cell_s: Floats, level: Floats, rest_s: Floats, every: Sized) -> Floats:
    """Spans of weak bouts that come again and again.

    Parameters
    ----------
    cell_s : ndarray, shape (n_cells, 2)
    level : ndarray, shape (n_cells,)
        Noise level.
    rest_s : ndarray, shape (n_spans, 2)
        Time that is not excluded otherwise.
    every : Sized

    Returns
    -------
    ndarray, shape (n_spans, 2)
        In order; they may reach into excluded time. None where no bouts are told.
    """
    none = np.zeros((0, 2))
    kept = covers(rest_s, cell_s.mean(axis=1))
    if not len(every.time_s) or not kept.any():
        return none
    cell_s, course = cell_s[kept], np.log(np.maximum(level[kept], 1e-3))
    course = course - ndimage.median_filter(course, size=AROUND_CELLS, mode="nearest")
    weak = every.size * np.exp(_around(cell_s, course, every.time_s)) < 1.0
    small = weak & covers(rest_s, every.time_s)
    weak_s = every.time_s[small]
    if not len(weak_s) or company_evidence(weak_s, every.unit[small]) < EVIDENCE:
        return none
    if _louder_beside(cell_s, course, every.time_s, weak_s) < LOUDER:
        return none
    course = _without_clear(cell_s, course, every.time_s[~weak])
    cells = spans_above(ndimage.uniform_filter1d(course, LEVEL_CELLS, mode="nearest"), RISEN, STILL)
    return np.stack([cell_s[cells[:, 0], 0], cell_s[cells[:, 1] - 1, 1]], axis=1)


def _around(cell_s: Floats, course: Floats, time_s: Floats) -> Floats:
    """The course around potentials, which by themselves raise that of their own cell.

    In louder noise a potential's score is lower: by its score alone noise that fluctuates would
    make weak ones come together.
    """
    smooth = ndimage.median_filter(course, size=SMOOTH_CELLS, mode="nearest")
    return np.asarray(smooth[nearest(time_s, cell_s.mean(axis=1))])


def _without_clear(cell_s: Floats, course: Floats, clear_s: Floats) -> Floats:
    """The course of the level in which cells with a clear potential exceed no louder neighbour.

    Large potentials, the more if they are doublets, raise the level of their own cell.
    """
    sides = np.pad(course, 1, mode="edge")
    beside = np.maximum(sides[:-2], sides[2:])
    return np.where(_without(cell_s, clear_s), course, np.minimum(course, beside))


def _without(cell_s: Floats, time_s: Floats) -> Bools:
    """Which cells hold none of these potentials."""
    begun, before = np.searchsorted(time_s, cell_s.T)
    return np.asarray(begun == before)


def company_evidence(time_s: Floats, unit: Ints) -> float:
    """Log-likelihood ratio that more potentials of different units come together than by chance.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In order.
    unit : ndarray of int, shape (n,)

    Returns
    -------
    float
        0 where no more do.
    """
    n, far = _pairs(time_s, unit, NEAR_S), _pairs(time_s, unit, FAR_S)
    expected = max(far * float(np.ptp(NEAR_S) / np.ptp(FAR_S)), 1.0)
    return float(rate_evidence(n, np.array(expected)))


def _pairs(time_s: Floats, unit: Ints, apart_s: tuple[float, float]) -> int:
    """Pairs of different units that lie so far apart."""
    every = _within(time_s, apart_s)
    return every - sum(_within(time_s[unit == one], apart_s) for one in np.unique(unit))


def _within(time_s: Floats, apart_s: tuple[float, float]) -> int:
    """Pairs that lie so far apart."""
    low, high = (np.searchsorted(time_s, time_s + bound) for bound in apart_s)
    return int(np.sum(high - low))


def _louder_beside(cell_s: Floats, course: Floats, every_s: Floats, weak_s: Floats) -> float:
    """By how many standard errors cells without a potential are louder beside weak ones than away.

    0 where there are too few of either.
    """
    centre, free = cell_s.mean(axis=1), _without(cell_s, every_s)
    away_s = np.abs(weak_s[nearest(centre, weak_s)] - centre)
    beside, away = course[free & (away_s < BESIDE_S)], course[free & (away_s > AWAY_S)]
    if min(len(beside), len(away)) < LEVEL_CELLS:
        return 0.0
    error = np.sqrt(beside.var() / len(beside) + away.var() / len(away))
    return float((beside.mean() - away.mean()) / max(float(error), 1e-9))
