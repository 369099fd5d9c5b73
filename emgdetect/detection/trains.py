"""Trains and bursts: what one unit's own timing says of its discharges.

Early in ALS the fasciculating unit is often the one first recruited voluntarily (field.md), so a
waveform cannot tell a voluntary discharge from a fasciculation; regularity can.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.spans import best_stretch, merge

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BURST_INTERVAL_S = 0.060
"""Seconds below which intervals are those of a burst (definition of the verdicts): myokymic and
neuromyotonic discharges, cramp onset, tremor."""
BURST_FEWEST = 6
"""Discharges of a burst at least; up to five are a short run, which is counted."""
TRAIN_INTERVAL_S = (0.060, 0.250)
"""Seconds between which intervals are those of a train: voluntary units fire at 5-20 Hz, so beyond
250 ms potentials are isolated (Sleutjes et al. 2016)."""
TRAIN_FEWEST = 4
"""Discharges of a train at least (definition of the verdicts)."""
STRAY_S = 1.0
"""Seconds from a train within which discharges of its unit belong to it (definition of the
verdicts)."""
VARIATIONS = (0.2, 0.38)
"""Coefficients of variation of regular firing that are tried: usual, and over many intervals a
loose one. Set by judgement; not measured."""
MISSED = 0.25
"""Probability that a train's next discharge is missed by the detection. Set by judgement; not
measured."""
REMEMBERED = 500
"""Discharges of a run up to which its trains are kept in mind: 4096 runs take 16 MB at most."""
EVIDENCE = 8.0
"""Log-likelihood ratio that a train needs against chance, here 3000 to 1: many stretches are tried.
Set by judgement; not measured."""
GOES_ON_EVIDENCE = 4.0
"""The same beside time excluded as active, where a unit goes on firing: nothing is tried there but
what touches it. Set by judgement; not measured."""
GOES_ON_S = 0.4
"""Seconds from such time within which a train has to begin or end."""
SURE_EVIDENCE = 12.0
"""The same that one train has to have before less shows others: of busy muscles with hardly any, 4
potentials of 2900 less are called a train than with 8, and trains are found as well."""
AGAIN_S = 5.0
"""Seconds from a train within which the same evidence shows another one of the same unit: who holds
a muscle not quite relaxed lets go and begins anew, and a train goes on beyond time that cannot be
used."""
SHORT_RUN = BURST_FEWEST - 1
"""Discharges of a short run at most, which is counted wherever it lies (definition of the
verdicts)."""


def runs(times_s: Floats, longest_s: float) -> Ints:
    """Runs of times no more than an interval apart.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted.
    longest_s : float

    Returns
    -------
    ndarray of int, shape (n_runs, 2)
        Half-open ranges of indices that cover all times; shape (0, 2) for none.
    """
    if not len(times_s):
        return np.zeros((0, 2), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(times_s) > longest_s) + 1
    edges = np.concatenate([[0], breaks, [len(times_s)]])
    return np.stack([edges[:-1], edges[1:]], axis=1)


def in_burst(times_s: Floats) -> Bools:
    """Which discharges of one unit belong to a burst: at least 6, less than 60 ms apart."""
    inside = np.zeros(len(times_s), dtype=bool)
    for start, stop in runs(times_s, np.nextafter(BURST_INTERVAL_S, 0)):
        inside[start:stop] = stop - start >= BURST_FEWEST
    return inside


def train_spans(
    times_s: Floats, *, evidence: float = EVIDENCE, variations: Sequence[float] = VARIATIONS,
    dead_s: float = 0.0,
) -> Floats:  # fmt: skip
    """Spans in which one unit fires more regularly than chance, at voluntary intervals.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted discharges of one unit.
    evidence : float
        Log-likelihood ratio that a train needs.
    variations : sequence of float
        As `VARIATIONS`.
    dead_s : float
        As of `interval_evidence`.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        Time of the first and of the last discharge of each train; shape (0, 2) for none.

    Notes
    -----
    Each interval is worth the log-likelihood ratio of a regular firing (normal around the local
    period with a variation of 20 % or, over many intervals, of 38 %; now and then a discharge is
    missed) against chance at the unit's own local rate (exponential). The stretch of intervals
    with the largest sum is a train if its sum exceeds a bound; then the next one.
    """
    spans = []
    for start, stop in runs(times_s, 3 * TRAIN_INTERVAL_S[1]):
        # Most runs are of one discharge: they are no train, and would fill what is remembered.
        if stop - start < TRAIN_FEWEST:
            continue
        for variation in variations:
            spans += _of_run(times_s[start:stop], variation, evidence, dead_s)
    return np.asarray(merge(np.array(spans).reshape(-1, 2)))


def trains_beside(times_s: Floats, active_s: Floats) -> Floats:
    """Trains that go on where time excluded as active ends, or run into it.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted discharges of one unit.
    active_s : ndarray, shape (n_active, 2)

    Returns
    -------
    ndarray, shape (n_spans, 2)
        As `train_spans`; shorter ones, too.
    """
    if not len(active_s):
        return np.zeros((0, 2))
    spans = train_spans(times_s, evidence=GOES_ON_EVIDENCE)
    return np.asarray(spans[_gaps_s(spans, active_s).min(axis=1) <= GOES_ON_S])


def _gaps_s(spans: Floats, others: Floats) -> Floats:
    """Seconds between spans and others, below zero where they overlap; shape (n, n_others)."""
    return np.asarray(np.maximum(spans[:, :1] - others[:, 1], others[:, 0] - spans[:, 1:]))


def again(times_s: Floats, known_s: Floats) -> Floats:
    """Trains of a unit that is known to fire in trains: near those, less evidence is enough.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Sorted discharges of one unit.
    known_s : ndarray, shape (n_known, 2)
        Its trains.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        The known ones, and those that follow or precede one within `AGAIN_S`, one after the other,
        if any train is beyond doubt; none of a short run's length.
    """
    sure = train_spans(times_s, evidence=SURE_EVIDENCE)
    if not len(known_s) or not len(sure):
        return known_s
    left, spans = train_spans(times_s, evidence=GOES_ON_EVIDENCE), merge(known_s)
    touching = _gaps_s(left, spans) <= 0
    counts = np.diff(np.searchsorted(times_s, left), axis=1)[:, 0] + 1
    left = left[touching.any(axis=1) | (counts > SHORT_RUN)]
    while len(left):
        near = _gaps_s(left, spans).min(axis=1) <= AGAIN_S
        if not near.any():
            break
        spans, left = merge(np.concatenate([spans, left[near]])), left[~near]
    return np.asarray(spans)


def _of_run(
    times: Floats, variation: float, least: float, dead_s: float
) -> list[tuple[float, float]]:
    """Trains within a run of discharges, which is asked for again: with others, by each level."""
    if len(times) <= REMEMBERED and times.dtype == np.float64:
        return [*_remembered(times.tobytes(), variation, least, dead_s)]
    return _best_stretches(times, variation, least, dead_s)


@lru_cache(maxsize=4096)
def _remembered(
    times: bytes, variation: float, least: float, dead_s: float
) -> tuple[tuple[float, float], ...]:
    return tuple(_best_stretches(np.frombuffer(times), variation, least, dead_s))


def _best_stretches(
    times: Floats, variation: float, least: float, dead_s: float
) -> list[tuple[float, float]]:
    """Trains within a run of discharges."""
    intervals = np.diff(times)
    if len(intervals) < TRAIN_FEWEST - 1:
        return []
    worth = interval_evidence(intervals, variation=variation, dead_s=dead_s)
    # Recursively on what lies before and after it.
    best, low, high = best_stretch(worth)
    if best < least or high - low < TRAIN_FEWEST - 1:
        return []
    return [
        *_best_stretches(times[: low + 1], variation, least, dead_s),
        (float(times[low]), float(times[high])),
        *_best_stretches(times[high:], variation, least, dead_s),
    ]


def interval_evidence(intervals: Floats, *, variation: float, dead_s: float = 0.0) -> Floats:
    """Log-likelihood ratio of regular firing against chance, for each interval.

    Parameters
    ----------
    intervals : ndarray, shape (n,)
        In seconds, in order.
    variation : float
        Coefficient of variation of regular firing.
    dead_s : float
        Shortest interval that chance may have.

    Returns
    -------
    ndarray, shape (n,)
        Positive where regular firing explains the interval better; the rhythm is the most likely
        one of the nine intervals around it.
    """
    likely = np.log(interval_density(intervals[:, None], PERIODS_S, variation))
    n = len(intervals)
    summed = np.concatenate([np.zeros((1, len(PERIODS_S))), np.cumsum(likely, axis=0)])
    low, high = np.maximum(np.arange(n) - 4, 0), np.minimum(np.arange(n) + 5, n)
    rhythm = np.argmax(summed[high] - summed[low], axis=1)
    lengths = np.concatenate([[0.0], np.cumsum(intervals)])
    mean = (lengths[high] - lengths[low]) / (high - low)
    short = np.concatenate([[0], np.cumsum(intervals <= TRAIN_INTERVAL_S[1])])
    mostly = (short[high] - short[low]) >= 0.5 * (high - low)
    free = np.maximum(mean - dead_s, 1e-3)
    chance = -(intervals - dead_s) / free - np.log(free)
    # At a slower rate a regular unit is counted: its intervals are no missed discharges.
    return np.where(mostly, likely[np.arange(n), rhythm] - chance, -3.0)


PERIODS_S = np.geomspace(TRAIN_INTERVAL_S[0], TRAIN_INTERVAL_S[1], 25)
"""Periods in seconds at which regular firing is tried: 6 % apart, finer than any variation of
firing that is allowed."""


def interval_density(intervals: Floats, period: Floats, variation: float) -> Floats:
    """Density of an interval of a unit that fires with a period, of which some are missed."""
    density = np.full(np.broadcast_shapes(intervals.shape, period.shape), 0.0)
    for missed in range(3):
        spread = variation * period * np.sqrt(missed + 1)
        share = (1 - MISSED) * MISSED**missed
        density += share * np.exp(-0.5 * ((intervals - (missed + 1) * period) / spread) ** 2) / (
            spread * np.sqrt(2 * np.pi)
        )  # fmt: skip
    # Doublets and F-responses occur within trains, too: no interval is impossible.
    return np.asarray(density + 0.02 / period)


def near_train(times_s: Floats, spans: Floats, reach_s: float = STRAY_S) -> Bools:
    """Which discharges of the unit lie within a train or at most some time, 1 s, from it."""
    inside = np.zeros(len(times_s), dtype=bool)
    for start, stop in spans:
        inside |= (times_s >= start - reach_s) & (times_s <= stop + reach_s)
    return inside
