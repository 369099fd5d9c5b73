"""Tremor: many weak units that fire in one rhythm, told by the maxima of the score.

Single discharges of a tremor look like fasciculations, and weak ones raise neither the noise floor
nor the count of potentials; their common rhythm gives them away. The maxima of the score, those
below the threshold included, are a point process with weights; at the rhythm of a tremor its
periodogram over some seconds rises far above that of events at random.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.first_pass.scan import TAIL_FROM
from emgdetect.detection.rest.crowding import TREMOR_HZ
from emgdetect.detection.rest.maxima import BEAT_S
from emgdetect.signal.spans import by_run, merge, spans_above

Floats = NDArray[np.floating[Any]]

WINDOWS = ((3.0, 12.0), (6.0, 13.0))
"""Seconds of a periodogram, at least a dozen bursts, and the power in units of its mean for events
at random that opens a span. Chosen on all tuning seeds (benchmarks/accuracy.py): at rest 10.9 and
11.7 at most in 24,000 windows; Poisson events of the same rate exceed them more often, in about one
minute of a hundred by the exponential law of the power."""
STEP_S = 0.5
"""Steps in seconds of those windows. Set by judgement; not measured."""
POWER_STILL = 6.0
"""Power at which an open span ends at the latest."""
LARGEST = 25.0
"""Squared score above the lowest at which a maximum's weight is capped, so that a few large
potentials do not stand for all. Chosen on the tuning seeds of tremor and healthy: 10 to 40 tried
(benchmarks/accuracy.py)."""
TOGETHER_S = 0.05
"""Seconds within which maxima belong together: lobes of a potential, doublets, parts of a QRS.
Chosen on 132 tuning recordings of two independent simulators and our own: with 0.03 and 0.06 the
same potentials and discharges of tremor are excluded."""
CLUSTER_SHARE = 0.7
"""Share of the power foreseen for clusters that is counted: bursts of a brief tremor are clusters,
too. Chosen on the same: of 95,679 discharges of tremor 881 are left in with 0.6 and 0.7, 886 with
1.0, and of 48,925 potentials 127 and 101 are lost."""
BURST_LAGS_S = (0.020, 0.045)
"""Seconds after a maximum in which others of the same burst lie: later than a potential's lobes,
sooner than a single unit's next discharge, and within a burst of 30 to 100 ms."""
GROUPED = 0.7
"""Products of weights at those lags, in units of those foreseen for events at random, from which a
rhythm is that of bursts. Of an independent simulator (seeds 0 to 2) 33 spans of tremor
have 0.96 to 1.96, and 7 of a tonic unit of which most discharges are not listed 0.1 to 0.54."""
BLOCK_S = 600.0
"""Seconds worked on at once: a day of maxima times all rhythms would fill the memory."""


def weights_of(scores: Floats) -> Floats:
    """Weights of maxima by their scores, from `scan.TAIL_FROM` on; shape (n_maxima,)."""
    return np.minimum(scores.astype(float) ** 2 - TAIL_FROM**2 + 0.5, LARGEST)


@dataclass(frozen=True)
class RhythmPower:
    """Power of the rhythms of tremor in windows that follow each other.

    Attributes
    ----------
    centre_s : ndarray, shape (n_windows,)
    fine, power : ndarray, shape (n_windows,)
        Both of `rhythm_power`.
    """

    centre_s: Floats
    fine: Floats
    power: Floats


SILENT = RhythmPower(*np.zeros((3, 0)))
"""Of a site without maxima."""


def courses(
    maxima_s: Floats, weights: Floats, beats_s: Floats, recorded_s: Floats
) -> tuple[RhythmPower, RhythmPower]:
    """The power of rhythms all along, in windows of either length.

    Parameters
    ----------
    maxima_s, weights : ndarray, shape (n_maxima,)
        Of those that `maxima.is_free` leaves, by `weights_of`.
    beats_s : ndarray, shape (n_beats,)
        Sorted times of heart beats that the site sees.
    recorded_s : ndarray, shape (n_segments, 2)
        Windows lie in recorded time and in gaps that are shorter than they are.
    """
    reach_s, blocks = WINDOWS[-1][0], []
    for first, last in by_run(maxima_s, recorded_s, reach_s):
        own_s, start_s, stop_s = maxima_s[first:last], maxima_s[first], maxima_s[last - 1]
        near = slice(*np.searchsorted(beats_s, [start_s - reach_s, stop_s + reach_s]))
        blocks += _of_run(own_s, weights[first:last], beats_s[near])
    if not blocks:
        return SILENT, SILENT
    short, long = (np.concatenate(parts, axis=1) for parts in zip(*blocks, strict=True))
    return RhythmPower(*short), RhythmPower(*long)


def _of_run(maxima_s: Floats, weights: Floats, beats_s: Floats) -> list[list[Floats]]:
    """The items of `RhythmPower`, stacked, in windows of either length: of one block after another.

    Parameters
    ----------
    maxima_s, weights, beats_s
        As of `courses`, at least one maximum; windows lie all along.
    """
    blocks = []
    for start in np.arange(maxima_s[0], maxima_s[-1] + STEP_S, BLOCK_S):
        centres = np.arange(start, min(start + BLOCK_S, maxima_s[-1] + STEP_S), STEP_S)
        powers = []
        for window_s, _ in WINDOWS:
            near = slice(*np.searchsorted(maxima_s, [start - window_s, centres[-1] + window_s]))
            powers.append(rhythm_power(maxima_s[near], weights[near], centres, window_s=window_s,
                                       beats_s=beats_s))  # fmt: skip
        blocks.append([np.stack([centres, *power]) for power in powers])
    return blocks


def tremor_spans(short: RhythmPower, long: RhythmPower) -> Floats:
    """Spans in which the maxima of a site's score come in the rhythm of a tremor.

    Parameters
    ----------
    short, long : RhythmPower
        From `courses`.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        In order; shape (0, 2) if there are none.
    """
    spans = [_spans(short.centre_s, course.power, least, fine=short.fine)
             for course, (_, least) in zip((short, long), WINDOWS, strict=True)]  # fmt: skip
    return merge(np.concatenate(spans), gap=2 * STEP_S)


def in_groups(spans: Floats, maxima_s: Floats, weights: Floats) -> Floats:
    """Those spans whose rhythm is that of bursts, of several discharges each; shape (n_grouped, 2).

    A single unit has a rhythm, too, and where it is weak most of its discharges are not known; but
    it is silent right after each.

    Parameters
    ----------
    spans : ndarray, shape (n_spans, 2)
        From `tremor_spans`.
    maxima_s, weights : ndarray, shape (n_maxima,)
        Of those that `maxima.is_free` leaves, by `weights_of`.
    """
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    low, high = np.searchsorted(maxima_s, maxima_s[:, None] + np.array(BURST_LAGS_S)).T
    products = np.concatenate([[0.0], np.cumsum(weights * (sums[high] - sums[low]))])
    first, last = np.searchsorted(maxima_s, spans).T
    chance = (sums[last] - sums[first]) ** 2 * (BURST_LAGS_S[1] - BURST_LAGS_S[0])
    seconds = spans[:, 1] - spans[:, 0]
    return np.asarray(spans[(products[last] - products[first]) * seconds >= GROUPED * chance])


def rhythm_power(
    time_s: Floats, weights: Floats, centres_s: Floats, *, window_s: float, beats_s: Floats
) -> Floats:
    """Largest power of weighted events at the rhythms of tremor, in windows around some moments.

    Parameters
    ----------
    time_s, weights : ndarray, shape (n_events,)
        Sorted by time.
    centres_s : ndarray, shape (n_windows,)
    window_s : float
    beats_s : ndarray, shape (n_beats,)
        Sorted times of beats near which no event is: gaps that have a rhythm, too. They are filled
        with the mean of the window.

    Returns
    -------
    ndarray, shape (2, n_windows)
        The squared resultant over what is foreseen for events at random, for which its mean is 1
        at each rhythm: each alone, and in the clusters in which they come. 0 where there are none.
    """
    hz = np.arange(TREMOR_HZ[0], TREMOR_HZ[1], 0.5 / window_s)
    edges_s = np.stack([centres_s - window_s / 2, centres_s + window_s / 2])
    events = _sums(time_s, weights, hz, edges_s)
    gaps = _sums(beats_s, np.full(len(beats_s), 2 * BEAT_S), hz, edges_s)
    left_s = np.maximum(window_s - gaps[:, 0].real, 0.5 * window_s)
    per_s = events[:, 0].real / left_s
    resultant = events[:, 1:] + per_s[:, None] * np.sinc(2 * BEAT_S * hz) * gaps[:, 1:]
    chance = _chance(time_s, weights, edges_s, expected=2 * TOGETHER_S * per_s**2 * left_s)
    return np.asarray((np.abs(resultant) ** 2).max(axis=1) / chance)


def _chance(time_s: Floats, weights: Floats, edges_s: Floats, *, expected: Floats) -> Floats:
    """Mean power of events that come at random, each alone and in clusters; shape (2, n_windows).

    Two maxima of one potential, two discharges of a doublet, a heart beat and its neighbours are
    one event, whose parts add up at each rhythm: the sum of squares alone would foresee a power too
    low, and a few clusters would reach that of a dozen bursts.

    Parameters
    ----------
    time_s, weights : ndarray, shape (n_events,)
        Sorted by time.
    edges_s : ndarray, shape (2, n_windows)
    expected : ndarray, shape (n_windows,)
        Products of weights that near each other come about where nothing clusters.
    """
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    first, last = np.searchsorted(time_s, [time_s - TOGETHER_S, time_s + TOGETHER_S])
    near = sums[last] - sums[first]
    low, high = np.searchsorted(time_s, edges_s)
    squares, products = (
        np.diff(np.concatenate([[0.0], np.cumsum(weights * w)])[np.stack([low, high])], axis=0)[0]
        for w in (weights, near)
    )
    clustered = np.maximum(squares, CLUSTER_SHARE * (products - expected))
    return np.maximum([squares, clustered], 1e-9)


def _sums(time_s: Floats, weights: Floats, hz: Floats, edges_s: Floats) -> NDArray[Any]:
    """Weights and phasors of events summed within windows; shape (n_windows, 1 + n_hz).

    Parameters
    ----------
    time_s, weights : ndarray, shape (n_events,)
    hz : ndarray, shape (n_hz,)
        The first column is that of 0 Hz.
    edges_s : ndarray, shape (2, n_windows)
    """
    phasors = weights[:, None] * np.exp(2j * np.pi * time_s[:, None] * np.append(0.0, hz))
    sums = np.concatenate([np.zeros((1, 1 + len(hz))), np.cumsum(phasors, axis=0)])
    low, high = np.searchsorted(time_s, edges_s)
    return np.asarray(sums[high] - sums[low])


def _spans(centres_s: Floats, power: Floats, least: float, *, fine: Floats) -> Floats:
    """From where the power of the shortest windows has risen to half to where it falls below again.

    A window centred on the onset is half full, and its power is half.
    """
    spans = []
    # Windows farther apart than others lie to either side of a gap.
    edges = [0, *(np.flatnonzero(np.diff(centres_s) > 1.5 * STEP_S) + 1), len(centres_s)]
    for a, b in pairwise(edges):
        for start, stop in a + spans_above(power[a:b], least, POWER_STILL):
            inside = fine[start:stop]
            high = start + np.flatnonzero(inside >= 0.5 * np.quantile(inside, 0.8))
            spans.append((centres_s[high[0]] - STEP_S / 2, centres_s[high[-1]] + STEP_S / 2))
    return np.array(spans).reshape(-1, 2)
