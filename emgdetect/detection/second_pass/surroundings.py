"""What a candidate needs to be listed: by the noise right around it, its unit's rate and its site.

The level that scores are divided by follows the noise over a second; noise of real electrodes also
swells for some tens of milliseconds, and most false alarms lie in such a swelling. Around a known
unit's potential it is told by what is left once all units are subtracted, otherwise by what lies
beside the potential. And what barely stands out is the likelier a potential, the more its unit
fires and the more potentials just seen its site has, and the likelier noise, the more candidates
lie just below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.second_pass.pursuit import Found
from emgdetect.detection.trace.cutting import cut_strongest, reach_of
from emgdetect.detection.trace.front import Chunk, Front

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

NEAR_S = (0.010, 0.040)
"""Seconds from a potential, on both sides, between which noise next to it is looked at. Chosen on
the tuning seeds of eight scenarios (benchmarks/accuracy.py), as the rest: of the nearer and farther
medians, their maximum and RMS instead, this mean told false alarms from potentials best."""
FAR_S = (0.012, 0.100)
"""The same for noise a little further away."""
HALF_NORMAL = 0.6745
"""Median of the magnitude of a standard normal variable."""
LONE_SHARE = 1.03
"""Share of the site's threshold that a potential of no unit has to reach above the noise around it.
On the tuning seeds 60 of 76 false alarms and 15 of 139 potentials lie below 1.05."""
UNIT_SHARE = 1.05
"""The same for a potential of a unit that is found once a minute, of its score and of that which
owes nothing to the unit's waveform, together, where the site tells nothing. Chosen, with what
follows, by a logistic model of the logs of what is named here, on the candidates of 78 recordings:
of our simulation (clean, weak, pairs, busy, 512 Hz, contractions, fluctuating, healthy; 50 whose
parameters are as widely spread as those of the reporting seeds) and of an independent one (hold-out
5, seeds 0 to 3). Its cross-validated log-loss is 0.137 without the site's candidates and 0.130 with
them. Even odds lie at 1.02; at 1.05 445 potentials are missed and 292 false instead of 428 and 324
(hold-out 5, seeds 0 to 3: weak, healthy, all at once, tonic, movement, fluctuating)."""
UNIT_SLOPE = 0.09
"""Power of a unit's potentials per minute by which that share falls: the more it fires, the
likelier is a score that noise might reach, too, a discharge of it."""
UNIT_LEFT = 0.61
"""Power of what is left around a known unit's potential that it has to exceed."""
UNIT_GENERIC = 0.60
"""Power of the generic score near a known unit's potential, over the threshold: what resembles a
unit and does not stand out without it is noise more often."""
GENERIC_MOST = 1.2
"""Multiple of its own score up to which the generic score near it is taken for its own: there is
more where it lies beside a larger one. With 1.2 and without, the model's log-loss is 0.1304 and
0.1300, the F1 of each kind of recording alike within 0.004; without, what is left beside potentials
of 60 times the noise was reported as another one."""
SITE_LIKELY, SITE_DOUBTFUL = (0.0, 0.3), (-0.4, -0.1)
"""Logs of what candidates reach of what they need, between which they are mostly potentials just
seen, and mostly noise: the prior odds of a candidate are read from how many there are of each. Of
other spans none was better by more than 0.0003 of log-loss."""
SITE_SLOPES = (0.18, 0.11)
"""Powers of their numbers per minute by which what is needed falls and rises. Weak potentials of
our simulation (8 recordings, 3277 owed): 467 missed and 79 false before, 0.981 of the ceiling; 404
and 126, 0.985, now; with (0.10, 0.06) and the smaller `UNIT_FALSE_PER_MIN` 461 and 86."""
SITE_MOST = 20.0
"""Likely candidates per minute that count at most: the models know of no more than 23. Of doubtful
ones all count, as a cable makes many: with the same bound for them 70 instead of 61 events of a
moving cable's recordings are false (hold-out 5, seeds 0 to 3)."""
SITE_LEAST = 1.0
"""Candidates per minute that are added to each number, so that none is not taken for never.
Log-loss 0.1304, 0.1302 and 0.1300 with 0.2, 0.5 and 1 (without `GENERIC_MOST`)."""
DOUBTFUL_TOO = 0.5
"""Share in which the doubtful candidates are taken to have become fewer along with the likely ones
where trains turn out to have made these: those of weak trains did, those of clear ones did not.
With 0, 0.5 and 1 event F1 of weak potentials beside weak tonic trains is 0.794, 0.808 and 0.823
(our simulation, seeds 4200 to 4202, 5 to 9 times the noise), and 59, 63 and 71 events of healthy
recordings are false (hold-out 5, seeds 0 to 3)."""
CLEAR = 2.0
"""Multiple of the threshold from which a potential is not looked at: it is clear anyway."""


def is_asked(front: Front) -> bool:
    """Whether potentials of a site are asked for what surrounds them.

    Around a needle's or a grid's potentials there are others rather than noise.
    """
    return front.recording.kind != "needle" and front.unmixing is None


def standing_out(
    front: Front, chunks: Sequence[Chunk], found: Found, channel: Ints, *, threshold: float,
    minutes: float, needed: float | None = None, n_threads: int = 1,
) -> Found:  # fmt: skip
    """How far potentials stand out of the noise within 0.1 s of them, and how far they have to.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    found : Found
        In order of time.
    channel : ndarray of int, shape (n_found,)
        Position within `front.channels` of the strongest channel.
    threshold : float
        Of the site.
    minutes : float
        Time they were found in.
    needed : float, optional
        What known units' potentials need at the site, where it is known already.
    n_threads : int

    Returns
    -------
    Found
        The same, with what each reaches and needs; what is clear reaches any.
    """
    clear = found.score >= CLEAR * threshold
    lone = np.flatnonzero(~clear & (found.template < 0))
    beside = np.maximum(found.left, 1.0) ** UNIT_LEFT
    beside[lone] = np.maximum(
        noise_around(front, chunks, found.time_s[lone], channel[lone], n_threads=n_threads), 1.0
    )
    generic = found.by_channel.max(axis=1)
    reached = reached_of_needed(found.score, generic, found.template, threshold=threshold,
                                minutes=minutes) / beside  # fmt: skip
    if needed is None:
        needed = needed_at_site(reached[found.template >= 0], minutes)
    return replace(found, reached=np.where(clear, np.inf, reached),
                   needed=np.where(found.template >= 0, needed, 1.0))  # fmt: skip


def needed_at_site(reached: Floats, minutes: float) -> float:
    """What known units' potentials need, by how many candidates a site has of each kind.

    Parameters
    ----------
    reached : ndarray, shape (n,)
        What each candidate of the site reaches of what it would need where nothing is known of it.
    minutes : float
        Time they were found in; less than one counts as one.

    Returns
    -------
    float
        1 where there are no candidates.
    """
    likely, doubtful = (int(between(reached, span).sum()) for span in (SITE_LIKELY, SITE_DOUBTFUL))
    rarer = _per_min(doubtful, minutes) ** SITE_SLOPES[1]
    return float(rarer / _per_min(likely, minutes, SITE_MOST) ** SITE_SLOPES[0])


def of_site(found: Found) -> float | None:
    """What known units' potentials needed, for a second detection; None where none was listed."""
    known = np.flatnonzero(found.template >= 0)
    return float(found.needed[known[0]]) if len(known) else None


def needed_without(found: Found, left_out: NDArray[np.bool_], minutes: float) -> Floats:
    """What potentials need where some turn out to say nothing of how often others are one.

    Parameters
    ----------
    found : Found
        From `standing_out`, as far as it was listed.
    left_out : ndarray of bool, shape (n_found,)
        Those of trains: their units fire more rarely without them, and their site has fewer
        likely candidates.
    minutes : float
        Time they were found in.

    Returns
    -------
    ndarray, shape (n_found,)
        As before where no unit is known; of what is left out itself it tells nothing.
    """
    known, kept = found.template >= 0, ~left_out
    likely = known & between(found.reached, SITE_LIKELY)
    rarer = needed_more(int(likely.sum()), int((likely & kept).sum()), minutes)
    unit = found.template + 1
    every = np.bincount(unit)[unit]
    others = np.bincount(unit, weights=kept)[unit]
    seldom = (np.maximum(others, 1) / every) ** -UNIT_SLOPE
    return np.where(known, rarer * seldom, 1.0) * found.needed


def needed_more(n: int, fewer: int, minutes: float) -> float:
    """Factor by which more is needed where fewer likely candidates are potentials than it seemed.

    Parameters
    ----------
    n, fewer : int
        Candidates that were taken for them, and those that still are.
    minutes : float
    """
    rarer = _per_min(n, minutes, SITE_MOST) / _per_min(fewer, minutes, SITE_MOST)
    return float(rarer ** (SITE_SLOPES[0] - DOUBTFUL_TOO * SITE_SLOPES[1]))


def _per_min(n: int, minutes: float, most: float = np.inf) -> float:
    """Candidates per minute as they count; see `SITE_LEAST` and `SITE_MOST`."""
    return min(n / max(minutes, 1.0), most) + SITE_LEAST


def between(reached: Floats, span: tuple[float, float]) -> NDArray[np.bool_]:
    """Which candidates reach as much of what they need; `span` in logs."""
    log = np.log(np.maximum(reached, 1e-9))
    return np.asarray((log >= span[0]) & (log < span[1]))


def reached_of_needed(
    score: Floats, generic: Floats, template: NDArray[np.int64], *, threshold: float, minutes: float
) -> Floats:
    """What potentials reach of what they need in noise that does not swell.

    Parameters
    ----------
    score, generic, template, threshold, minutes
        As for `standing_out`.

    Returns
    -------
    ndarray, shape (n_found,)
        1 and more is enough where nothing is known of the site.
    """
    reached = score / threshold
    own = np.minimum(generic, GENERIC_MOST * score) / threshold
    reached = reached * own ** np.where(template >= 0, UNIT_GENERIC, 0.0)
    return np.asarray(reached / shares(template, minutes))


def shares(template: NDArray[np.int64], minutes: float) -> Floats:
    """Share of the threshold that each potential has to reach, by how often its unit fires.

    Parameters
    ----------
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    minutes : float
        Time they were found in; less than one counts as one, as a few potentials tell no rate.
    """
    counts = np.bincount(template + 1, minlength=1)
    rate = np.maximum(counts[template + 1], 1) / max(minutes, 1.0)
    return np.where(template < 0, LONE_SHARE, UNIT_SHARE * rate**-UNIT_SLOPE)


def noise_around(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, channel: NDArray[np.int64],
    *, n_threads: int = 1,
) -> Floats:  # fmt: skip
    """Noise right around some moments over that of about a second.

    Parameters
    ----------
    front, chunks, time_s, channel, n_threads
        As for `standing_out`.

    Returns
    -------
    ndarray, shape (n,)
        Geometric mean of the nearer and the farther noise, each from a median, so that another
        potential within 0.1 s does not count.
    """
    pieces = np.abs(cut_strongest(front, chunks, time_s, channel, reach_s=FAR_S[1],
                                  n_threads=n_threads))  # fmt: skip
    away = np.abs(np.arange(pieces.shape[1]) - pieces.shape[1] // 2)
    levels = [
        np.median(
            pieces[:, (away > reach_of(front, low)) & (away <= reach_of(front, high))], axis=1
        )
        for low, high in (NEAR_S, FAR_S)
    ]
    usual = HALF_NORMAL * np.sqrt(front.trace_occupancy)
    return np.asarray(np.sqrt(levels[0] * levels[1]) / usual)
