"""Time crowded with potentials: weak contractions and tremor that leave the noise floor alone.

A doublet, an F-response or a short run of up to five fills a fraction of a second; where three or
more potentials within a tenth of a second come again and again, several units fire together.
Chosen on the tuning seeds of `benchmarks/accuracy.py`: busy fasciculation, pairs and two units
firing tonically stay out of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.spans import by_run, covers, merge, spans_above, total

Floats = NDArray[np.floating[Any]]

REACH_S = 0.05
"""Half of the tenth of a second in which potentials are counted. Chosen on tuning seeds: busy,
pairs and tonic_trains stay out of it (benchmarks/accuracy.py)."""
LEAST = 3
"""Potentials in it that are dense: more than a doublet or an F-response. Chosen on tuning seeds:
busy, pairs and tonic_trains stay out of it (benchmarks/accuracy.py)."""
JOIN_S = 0.18
"""Half of the seconds that dense potentials of one span may lie apart. Chosen on tuning seeds:
busy, pairs and tonic_trains stay out of it (benchmarks/accuracy.py)."""
SHORTEST_S = 0.6
"""Seconds a span lasts at least: a short run of five fills a fraction of it. Chosen on tuning
seeds: busy, pairs and tonic_trains stay out of it (benchmarks/accuracy.py)."""
MARGIN_S = 0.06
"""Seconds added to both ends of a span. Set by judgement; not measured."""
BURST_GAP_S = 0.06
"""Seconds without a potential that end a burst of tremor: bursts have intervals below 60 ms by
definition."""
TREMOR_HZ = (3.5, 9.0)
"""Bursts per second of a tremor: 4-8 Hz as in the simulation, with a margin. Set by judgement; not
measured."""
WINDOW_S = 2.0
"""Seconds in which potentials of many units are counted. Set by judgement; not measured."""
STEP_S = 0.25
"""Steps in seconds of that window. Set by judgement; not measured."""
OTHERS = {"lenient": 11, "default": 8, "strict": 6}
"""Potentials of all but the two most active units in two seconds, by exclusion level: at most 5 in
99.5 % of busy fasciculation and 7 beside tonic trains, 8 or more in half of all tremor (tuning
seeds, benchmarks/accuracy.py)."""
OTHERS_STILL = 4
"""The same count at which such a span, once open, ends. Set by judgement; not measured."""
USUAL_FACTOR, USUAL_MOST = 2.0, 4.0
"""Where many units fire all the time, chance crowds them more: the median of the same count times
this is asked for in addition, the second number at most."""
RAMP_HZ = 8.0
"""Discharges per second at the onset or the end of a contraction, of the first units recruited:
they fire at 5-8 Hz or more. Set by judgement; not measured."""
RAMP_LEAST_PER_S = 0.1
"""Potentials per second expected outside contractions at least. Set by judgement; not measured."""
RAMP_PRIOR_PER_S, RAMP_PRIOR_S = 0.3, 10.0
"""The same before anything is known, and the seconds of rest that weigh as much: seconds without a
potential tell little of a muscle. Of 146 potentials added to the 2 s of rest beside contractions of
5Nsen, channel 0 (benchmarks/real.py), 134 are counted instead of 118; of 41 real channels two,
of contractions 3 s apart, have 7 and 2 discharges more that are counted. With 20 s of rest and more
it is hardly felt: nothing changes on hold-out recordings of contractions of 3 min."""
RAMP_EVIDENCE = 3.0
"""Log-likelihood ratio of such firing against the rate outside from which discharges beside a
contraction belong to it. Chosen, with the two that follow, on 14 recordings of contractions, all at
once and breathing, of two independent simulators and of tuning seeds: fewer discharges of
contractions are counted and four potentials less are lost in all than with a chain of two within
0.15 s; in two recordings of weak far contractions 14 discharges more are counted."""
RAMP_COST = 1.0
"""The same that each discharge is charged, so that fasciculations in a row do not add up."""
NEARNESS = 3.0
"""The same that a potential's unit adds or takes away at most."""
NEARNESS_S = 60.0
"""Seconds away from contractions from which that counts in full. Of potentials added to real rest
in recordings of 10 to 22 s it keeps one to four more in four stretches, and one less in a fifth
(benchmarks/real.py)."""
RAMP_S = 0.5
"""Seconds by which onset and end are moved at most: they have to be found within that (issue 3)."""
STRAY_GAP_S = 0.3
"""Seconds between a span's outermost potential and the next from which it is a stray: eight in two
seconds are a quarter of a second apart. Set by judgement; not measured."""
RESTLESS_S = 2.0
"""Seconds such a span lasts at least. Set by judgement; not measured."""


def crowded_spans(time_s: Floats) -> Floats:
    """Spans in which candidates crowd for at least 0.6 s.

    Parameters
    ----------
    time_s : ndarray, shape (n_candidates,)
        Sorted.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        In order; shape (0, 2) if there are none.
    """
    around = np.searchsorted(time_s, time_s + REACH_S, side="right")
    around -= np.searchsorted(time_s, time_s - REACH_S, side="left")
    dense = time_s[around >= LEAST]
    spans = merge(np.stack([dense - JOIN_S, dense + JOIN_S], axis=1))
    inner = spans + np.array([JOIN_S, -JOIN_S])
    long = inner[:, 1] - inner[:, 0] >= SHORTEST_S
    return merge(inner[long] + np.array([-MARGIN_S, MARGIN_S]), gap=0.5)


def restless_spans(
    time_s: Floats, template: NDArray[np.int64], *, least: int, recorded_s: Floats
) -> Floats:
    """Spans in which many units fire at once: tremor or a weak contraction.

    One or two units may fire tonically in a muscle at rest, and are judged by their own timing;
    many units together are no fasciculation.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.
    template : ndarray of int, shape (n,)
        Unit of each; below 0 where none is known.
    least : int
        Potentials in two seconds of all but the two most active units that open a span.
    recorded_s : ndarray, shape (n_segments, 2)
        Windows lie in recorded time and in gaps that are shorter than they are.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        In order, from the first to the last potential of each; shape (0, 2) if there are none.
    """
    if len(time_s) < least:
        return np.zeros((0, 2))
    runs = [_windows(time_s, template, *run) for run in by_run(time_s, recorded_s, WINDOW_S)]
    every = np.concatenate([others for _, _, others in runs])
    usual = min(USUAL_FACTOR * float(np.median(every)), USUAL_MOST)
    inside = [_without_strays(time_s[low[a] : high[b - 1]]) for low, high, others in runs
              for a, b in spans_above(others, least + usual, OTHERS_STILL + usual / 2)]  # fmt: skip
    found = np.array(inside).reshape(-1, 2)
    found = found[found[:, 1] - found[:, 0] >= RESTLESS_S]
    return merge(found + np.array([-MARGIN_S, MARGIN_S]), gap=0.5)


def _windows(
    time_s: Floats, template: NDArray[np.int64], first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Windows of two seconds all along some potentials: ranges of those within, and `_others`.

    Each of the three has the shape (n_windows,).
    """
    own = time_s[first:last]
    centres = np.arange(own[0], own[-1] + STEP_S, STEP_S)
    low = first + np.searchsorted(own, centres - WINDOW_S / 2)
    high = first + np.searchsorted(own, centres + WINDOW_S / 2)
    # Most windows hold too few to be counted one by one: below `OTHERS_STILL` no number matters.
    others = np.zeros(len(centres))
    for i in np.flatnonzero(high - low >= OTHERS_STILL):
        others[i] = _others(template[low[i] : high[i]])
    return low, high, others


def _without_strays(time_s: Floats) -> tuple[float, float]:
    """First and last of some potentials, without lone ones before and after them.

    A brief contraction fills the windows that touch it; a potential some tenths of a second away
    from it is no part of it.
    """
    close = np.flatnonzero(np.diff(time_s) <= STRAY_GAP_S)
    if not len(close):
        return float(time_s[0]), float(time_s[0])
    return float(time_s[close[0]]), float(time_s[close[-1] + 1])


def _others(template: NDArray[np.int64]) -> int:
    """How many are not of the two most active units."""
    counts = np.bincount(template[template >= 0])
    return len(template) - int(np.sort(counts)[-2:].sum())


def is_tremor(time_s: Floats, span: Floats) -> bool:
    """Whether the candidates of a span come in bursts at the rhythm of a tremor.

    Parameters
    ----------
    time_s : ndarray, shape (n_candidates,)
        Sorted.
    span : ndarray, shape (2,)
    """
    own = time_s[(time_s >= span[0]) & (time_s <= span[1])]
    starts = own[np.concatenate([[True], np.diff(own) > BURST_GAP_S])] if len(own) else own
    if len(starts) < 4:
        return False
    period = float(np.median(np.diff(starts)))
    near = np.abs(np.diff(starts) - period) < 0.35 * period
    return bool(1 / TREMOR_HZ[1] <= period <= 1 / TREMOR_HZ[0] and near.mean() >= 0.6)


def with_ramps(
    spans: Floats, time_s: Floats, template: NDArray[np.int64], recorded_s: Floats
) -> Floats:
    """Spans of contraction, with the single discharges that lead to them and follow them.

    A contraction begins and ends with the discharges of a few units, which raise no level yet.
    Where it began is the most likely change point between the rate of such firing and that
    outside; units that fire beside contractions more often than elsewhere are weightier.

    Parameters
    ----------
    spans : ndarray, shape (n_spans, 2)
        In order.
    time_s : ndarray, shape (n,)
        Sorted times of potentials.
    template : ndarray of int, shape (n,)
        Unit of each; below 0 where none is known.
    recorded_s : ndarray, shape (n_segments, 2)
    """
    if not len(spans) or not len(time_s):
        return np.asarray(spans, dtype=float)
    beside = merge(spans + np.array([-RAMP_S, RAMP_S]))
    near = covers(beside, time_s)
    near_s, away_s = total(beside) - total(spans), max(total(recorded_s) - total(beside), 1.0)
    few = _rate(int(np.sum(~near)), away_s)
    # In seconds of rest no unit shows where it does not fire.
    known = min(1.0, away_s / NEARNESS_S)
    worth = np.log(RAMP_HZ / few) - RAMP_COST + known * _nearness(template, near, near_s / away_s)
    wider = np.array(spans, dtype=float)
    for span in wider:
        start, stop = span
        before = np.flatnonzero((time_s < start) & (time_s >= start - RAMP_S))[::-1]
        after = np.flatnonzero((time_s > stop) & (time_s <= stop + RAMP_S))
        span[0] -= _ramp(start - time_s[before], worth[before], few)
        span[1] += _ramp(time_s[after] - stop, worth[after], few)
    return merge(wider)


def _rate(n: int, seconds: float) -> float:
    """Potentials per second to be expected where `n` were seen in some seconds.

    What was seen is never taken for less: each potential of a busy muscle may be a fasciculation.
    """
    expected = (n + RAMP_PRIOR_PER_S * RAMP_PRIOR_S) / (seconds + RAMP_PRIOR_S)
    return max(n / seconds, expected, RAMP_LEAST_PER_S)


def _nearness(template: NDArray[np.int64], near: NDArray[np.bool_], ratio: float) -> Floats:
    """Log odds that what a unit does near contractions is more than what it does elsewhere.

    The last argument is the time near contractions over that elsewhere. Half a potential is taken
    off, as one alone may be near by chance.
    """
    n_units = template.max() + 2
    expected = ratio * (np.bincount(template[~near] + 1, minlength=n_units) + 0.5)
    beyond = np.bincount(template[near] + 1, minlength=n_units) - 0.5 - expected
    odds = np.maximum(beyond, 0.0) / np.maximum(expected, 1e-9)
    limit = np.exp(NEARNESS)
    return np.asarray(np.log(np.clip(odds, 1 / limit, limit))[template + 1])


def _ramp(away_s: Floats, worth: Floats, few: float) -> float:
    """How far discharges lead away from an edge; 0 where they are as few as anywhere else."""
    if not len(away_s):
        return 0.0
    summed = np.cumsum(worth) - max(RAMP_HZ - few, 0.0) * away_s
    best = int(np.argmax(summed))
    return float(away_s[best] + MARGIN_S) if summed[best] > RAMP_EVIDENCE else 0.0
