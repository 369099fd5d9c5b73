"""Noise right around a potential: where it flares up, a score has to be higher.

The level that scores are divided by follows the noise over a second; noise of real electrodes also
swells for some tens of milliseconds, and most false alarms lie in such a swelling. Around a known
unit's potential it is told by what is left once all units are subtracted, otherwise by what lies
beside the potential.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trace.cutting import cut_strongest, reach_of
from emgdetect.detection.trace.front import Chunk, Front

Floats = NDArray[np.floating[Any]]

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
UNIT_SHARE = 0.96
"""The same for a potential of a unit that is found once a minute, of its score and of that which
owes nothing to the unit's waveform, together. Chosen, with the three that follow, on 48 recordings
of our tuning seeds and of an independent simulator (clean, weak, pairs, busy, fluctuating, 512 Hz;
1160 to 1163 and 0 to 3): where a potential is as likely as noise in a logistic model of log score,
log generic score, log power left and log rate. With as many false alarms (870) 132 of 16,384
potentials are lost, 220 with the noise beside them instead of what is left."""
UNIT_SLOPE = 0.112
"""Power of a unit's potentials per minute by which that share falls: the more it fires, the
likelier is a score that noise might reach, too, a discharge of it."""
UNIT_LEFT = 0.59
"""Power of what is left around a known unit's potential that it has to exceed."""
UNIT_GENERIC = 0.54
"""Power of the generic score near a known unit's potential, over the threshold: what resembles a
unit and does not stand out without it is noise more often."""
CLEAR = 2.0
"""Multiple of the threshold from which a potential is not looked at: it is clear anyway."""


def stands_out(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, channel: NDArray[np.int64],
    score: Floats, generic: Floats, left: Floats, template: NDArray[np.int64], *,
    threshold: float, minutes: float, n_threads: int = 1,
) -> NDArray[np.bool_]:  # fmt: skip
    """Which potentials stand out of the noise within 0.1 s of them.

    Parameters
    ----------
    front : Front
    chunks : sequence of Chunk
    time_s : ndarray, shape (n_found,)
        In order.
    channel : ndarray of int, shape (n_found,)
        Position within `front.channels` of the strongest channel.
    score : ndarray, shape (n_found,)
        In units of the noise of about a second.
    generic : ndarray, shape (n_found,)
        The same of the score that needs no unit's waveform.
    left : ndarray, shape (n_found,)
        Power that is left around it once all units are subtracted, over that of noise.
    template : ndarray of int, shape (n_found,)
        Unit of each; below 0 where none is known.
    threshold : float
        Of the site.
    minutes : float
        Time they were found in.
    n_threads : int

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    lone = np.flatnonzero((score < CLEAR * threshold) & (template < 0))
    needed = np.maximum(left, 1.0) ** UNIT_LEFT
    needed[lone] = np.maximum(
        noise_around(front, chunks, time_s[lone], channel[lone], n_threads=n_threads), 1.0
    )  # fmt: skip
    reached = reached_of_needed(score, generic, template, threshold=threshold, minutes=minutes)
    return np.asarray((reached >= needed) | (score >= CLEAR * threshold))


def reached_of_needed(
    score: Floats, generic: Floats, template: NDArray[np.int64], *, threshold: float, minutes: float
) -> Floats:
    """What potentials reach of what they need in noise that does not swell.

    Parameters
    ----------
    score, generic, template, threshold, minutes
        As for `stands_out`.

    Returns
    -------
    ndarray, shape (n_found,)
        1 and more is enough.
    """
    reached = score / threshold
    reached = reached * (generic / threshold) ** np.where(template >= 0, UNIT_GENERIC, 0.0)
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
    per_min = np.maximum(counts[template + 1], 1) / max(minutes, 1.0)
    return np.where(template < 0, LONE_SHARE, UNIT_SHARE * per_min**-UNIT_SLOPE)


def noise_around(
    front: Front, chunks: Sequence[Chunk], time_s: Floats, channel: NDArray[np.int64],
    *, n_threads: int = 1,
) -> Floats:  # fmt: skip
    """Noise right around some moments over that of about a second.

    Parameters
    ----------
    front, chunks, time_s, channel, n_threads
        As for `stands_out`.

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
