"""Late components: what follows a unit's discharges again and again at the same lag.

A long potential ends with the end-of-fibre effect 10 to 20 ms after its peak, beyond the reach of
its template, and filters and whitening draw out a large one by as much again. No other unit keeps a
lag to within a millisecond; doublets vary by more, and F responses are as large as their unit is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from emgdetect.signal.waveform import correlations

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

LAG_S = (0.009, 0.024)
"""Seconds from a discharge in which its late component lies: beyond most doublets (4 to 8 ms in
biceps, though up to 20 ms are seen: field.md), before F responses, 25 ms or more."""
SPREAD_S = 0.002
"""Width in seconds of the window that holds the lags. Set by judgement; not measured."""
LATE_LEAST = 4
"""Late components from which there is one. Set by judgement; not measured."""
LATE_SHARE = 0.35
"""Share of a unit's discharges that have to have it: of the rest it is too faint. Set by judgement;
not measured."""
WEAKER = 0.8
"""Share of the discharge's score that it stays below. Set by judgement; not measured."""
FAR_S = 0.045
"""Seconds from a discharge within which a much weaker component lies: the tails of a potential of
25 ms that is 90 times the noise were found 35 ms from it on both sides. Set by judgement; not
measured."""
MUCH_WEAKER = 0.2
"""Share of the discharge's score that one beyond `LAG_S` stays below. Set by judgement; not
measured."""
FOLLOWING = 0.6
"""Share of a unit's potentials that have to lie so near to much larger ones for them to be parts of
those. Set by judgement; not measured."""

TRAILS_S = (0.003, 0.030)
"""Seconds after a larger potential in which its satellites and its end lie, at lags that vary with
the speed of thin fibres; with up to 45 ms as many go."""
TRAILING_RATIO = 0.5
"""Share of the larger one's score that a satellite stays below. With the next three 27 potentials
go of 41,600 that were counted (those of `verdicts.unseen`), all of them false; with 0.6 one more,
and 2 true ones, and with 0.8 another 3 true ones."""
TRAILING_LEAST, TRAILING_SHARE = 3, 0.8
"""Satellites of one number, and share of all its potentials that they have to be."""
TRAILING_CHANCE = 1e-4
"""Probability below which as many of a unit's potentials come after larger ones by chance."""

LOCKED_LEAST = 3
"""Pairs of potentials of two units at one lag from which they may be parts of one potential.
Chosen, with the four that follow, on 208 sites of our and of two independent simulators' tuning
recordings: 54 of 56 potentials so left out were second reports."""
LOCKED_SHARE = 0.1
"""Share of a unit's discharges that have to be in such pairs."""
LOCKED_SPREAD_S = 0.003
"""Width in seconds of the window that holds their lags."""
LOCKED_CHANCE = 1e-4
"""Probability below which independent units come together so often."""
ALIKE = 0.8
"""Correlation of two waveforms from which they are discharges of one unit, an F response with its
potential, rather than parts of one."""
ALIKE_S = (0.008, 0.003)
"""Seconds to either side of the peak that are compared, and by which they may be shifted. Set by
judgement; not measured."""


def late_components(time_s: Floats, template: NDArray[np.int64], score: Floats) -> Bools:
    """Potentials that are late (or early) components of a unit's discharges.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In order.
    template : ndarray of int, shape (n,)
        -1 where no unit is known.
    score : ndarray, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    late = np.zeros(len(time_s), dtype=bool)
    for unit in np.unique(template[template >= 0]):
        own = np.flatnonzero(template == unit)
        for side in (1, -1):
            late[_at_one_lag(time_s, score, own, side)] = True
        beside = own[_beside_larger(time_s, score, own)]
        late[beside] |= len(own) >= 2 and len(beside) >= FOLLOWING * len(own)
    return late


def trailing(
    time_s: Floats, template: NDArray[np.int64], score: Floats, *, minutes: float
) -> Bools:
    """Potentials of units that hardly fire but after larger ones: satellites of those.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Of peaks, in order: templates have their middles anywhere.
    template : ndarray of int, shape (n,)
        -1 where no unit is known.
    score : ndarray, shape (n,)
    minutes : float
        Time they were found in.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    trails = np.zeros(len(time_s), dtype=bool)
    for unit in np.unique(template[template >= 0]):
        own = np.flatnonzero(template == unit)
        if len(own) < TRAILING_LEAST:
            continue
        larger = np.flatnonzero((template != unit)
                                & (TRAILING_RATIO * score > np.median(score[own])))  # fmt: skip
        behind = own[_after_larger(time_s, template, score, own)]
        apart = np.diff(time_s[larger], append=np.inf)
        share = np.minimum(apart, TRAILS_S[1] - TRAILS_S[0]).sum() / max(60 * minutes, 1e-9)
        chance = special.bdtrc(len(behind) - 1, len(own), min(share, 1.0))
        many = len(behind) >= max(TRAILING_LEAST, TRAILING_SHARE * len(own))
        trails[behind] = many and chance <= TRAILING_CHANCE
    return trails


def _after_larger(
    time_s: Floats, template: NDArray[np.int64], score: Floats, own: NDArray[np.int64]
) -> Bools:
    """Which of a unit's potentials come within `TRAILS_S` after a larger one of another."""
    low = np.searchsorted(time_s, time_s[own] - TRAILS_S[1])
    high = np.searchsorted(time_s, time_s[own] - TRAILS_S[0], side="right")
    return np.array([
        bool(np.any((template[a:b] != template[i]) & (TRAILING_RATIO * score[a:b] > score[i])))
        for i, a, b in zip(own, low, high, strict=True)
    ])  # fmt: skip


def _beside_larger(time_s: Floats, score: Floats, own: NDArray[np.int64]) -> Bools:
    """Which of a unit's potentials lie within `FAR_S` of a much larger one."""
    low = np.searchsorted(time_s, time_s[own] - FAR_S)
    high = np.searchsorted(time_s, time_s[own] + FAR_S, side="right")
    largest = np.array([score[a:b].max() for a, b in zip(low, high, strict=True)])
    return np.asarray(score[own] < MUCH_WEAKER * largest)


def _at_one_lag(
    time_s: Floats, score: Floats, own: NDArray[np.int64], side: int
) -> NDArray[np.int64]:
    """Weaker potentials before or after a unit's discharges at the lag that most share."""
    pairs = _beside(time_s, own, side)
    share = np.where(np.abs(_lags(time_s, pairs)) <= LAG_S[1], WEAKER, MUCH_WEAKER)
    weaker = score[pairs[:, 1]] < share * score[pairs[:, 0]]
    common = _at_commonest_lag(time_s, pairs[weaker], SPREAD_S)
    return common[:, 1] if len(common) >= max(LATE_LEAST, LATE_SHARE * len(own)) else common[:0, 1]


def _beside(time_s: Floats, own: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """A unit's discharges, each with each potential in reach after or before it; shape (n, 2)."""
    bounds = np.sort(side * np.array([LAG_S[0], FAR_S]))
    low, high = (np.searchsorted(time_s, time_s[own] + bound) for bound in bounds)
    pairs = [(i, j) for i, a, b in zip(own, low, high, strict=True) for j in range(a, b)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _lags(time_s: Floats, pairs: NDArray[np.int64]) -> Floats:
    """Seconds from the first to the second of each pair; below 0 where that comes before."""
    return np.asarray(time_s[pairs[:, 1]] - time_s[pairs[:, 0]])


def _at_commonest_lag(
    time_s: Floats, pairs: NDArray[np.int64], width_s: float
) -> NDArray[np.int64]:
    """The pairs whose lags lie in the window of a width that holds most."""
    if not len(pairs):
        return pairs
    lag = _lags(time_s, pairs)
    order = np.argsort(lag, kind="stable")
    lag = lag[order]
    counts = np.searchsorted(lag, lag + width_s, side="right") - np.arange(len(lag))
    start = int(np.argmax(counts))
    return pairs[order[start : start + counts[start]]]


def locked_components(
    time_s: Floats, template: NDArray[np.int64], score: Floats, snippet_uv: Floats,
    rows: NDArray[np.int64], *, sampling_hz: float, minutes: float,
) -> Bools:  # fmt: skip
    """Potentials that are parts of another one, told by a lag that chance does not keep.

    The two ends of a long potential are of like size, and each may be explained by a unit of its
    own; but independent units do not keep a lag to within some milliseconds.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        In order.
    template : ndarray of int, shape (n,)
        -1 where no unit is known.
    score : ndarray, shape (n,)
    snippet_uv : ndarray, shape (n_snippets, n_times)
        Traces around peaks.
    rows : ndarray of int, shape (n,)
        Which of them is that of each potential: of hours a copy of the chosen ones is large.
    sampling_hz : float
    minutes : float
        Time they were found in.

    Returns
    -------
    ndarray of bool, shape (n,)
        Of the two parts that of the smaller deflection.
    """
    part = np.zeros(len(time_s), dtype=bool)
    deflection = np.abs(snippet_uv[rows, snippet_uv.shape[1] // 2])
    for unit in np.unique(template[template >= 0]):
        own = np.flatnonzero(template == unit)
        for side in (1, -1):
            for i, j in _locked(time_s, template, score, own, side, 60 * minutes):
                if not _alike(snippet_uv[rows[i]], snippet_uv[rows[j]], sampling_hz):
                    part[j if deflection[j] <= deflection[i] else i] = True
    return part


def _locked(
    time_s: Floats, template: NDArray[np.int64], score: Floats, own: NDArray[np.int64], side: int,
    seconds: float,
) -> NDArray[np.int64]:  # fmt: skip
    """A unit's discharges and weaker ones of others at the lag that most share; shape (n, 2)."""
    pairs = _beside(time_s, own, side)
    first, second = pairs.T
    weaker = (template[second] != template[first]) & (score[second] < score[first])
    common = _at_commonest_lag(time_s, pairs[weaker], LOCKED_SPREAD_S)
    by_chance = len(own) * (len(time_s) - len(own)) / seconds * LOCKED_SPREAD_S
    n_windows = (FAR_S - LAG_S[0]) / LOCKED_SPREAD_S
    # Probability that a Poisson variable of that mean is so large.
    chance = float(special.gammainc(max(len(common), 1), by_chance)) * n_windows
    many = len(common) >= max(LOCKED_LEAST, LOCKED_SHARE * len(own))
    return common if many and chance <= LOCKED_CHANCE else common[:0]


def _alike(one: Floats, other: Floats, sampling_hz: float) -> bool:
    """Whether the middles of two traces show one waveform."""
    reach, shift = (round(seconds * sampling_hz) for seconds in ALIKE_S)
    return bool(correlations(one, other, reach=reach, shift=shift).max() >= ALIKE)
