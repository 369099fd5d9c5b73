"""What is slower than muscle is movement: at one site, at several at once, beside slow waves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.shape.artefacts import beside
from emgdetect.detection.shape.explaining import Explained
from emgdetect.detection.shape.shares import Shares
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.spans import nearest

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

SLOW_SHARE = 0.75
"""Share from which nothing is a potential: one with lobes 8 ms apart has 0.56. Looked at on an
independent simulator (fibres in a volume conductor, amplifiers of many kinds): 5 of 9559 counted
potentials have more, and 467 of 631 counted knocks at the bed; of 279 counted potentials and
discharges of four real surface recordings none has more than 0.52. Grids are not asked: their
channels are monopolar, and a real one has 0.9."""
BLUNT_SCORE = 20.0
"""Score from which neither noise nor a wave that it lies on makes up what share is slow. Chosen,
as the next two, on 112 recordings with 14 blunt jumps each, of which 49 are counted without this
rule and 11 with it, and looked at on 65 recordings of two simulators: 1 of 26798 counted potentials
is called movement by it, two that overlap."""
BLUNT_SHARE = 0.6
"""Share from which such a piece is none if no muscle-like shape explains it."""
BLUNT_MUSCLE = 0.6
"""Share of its energy beyond noise that such a shape has to explain, and more than a jump does."""
TOGETHER_SHARE = 0.5
"""Share from which what several sites see at once is none. Of those recordings no potential, and 33
knocks beyond the rule above."""
TOGETHER_OTHER = 0.4
"""Share from which another site moves at the same time."""
TOGETHER_SITES = 2
"""Other sites that have to: two sites may fire together."""
TOGETHER_S = 0.030
"""Seconds between the peaks of sites that move together: a knock arrives within 15 ms, and rings
with its own period at each. Set by judgement; not measured."""
RINGING_SHARE = 0.93
"""Share below `shares.RINGING_HZ` from which what is large is none. Looked at, with the next, on
172 recordings of three simulators: none of 46000 counted potentials, 24 knocks at the bed, 15
swings of a filter where a recording begins and 2 pops."""
RINGING_RATIO = 15.0
"""Amplitude over the noise from which what little lies above is known."""
SWELL_RATIO = 5.0
"""Amplitude over the noise, as a multiple of the score in the detection band, from which the skin
or a cable moved, however sharp an edge the wave begins with. Looked at, with the next, on 156
recordings of two simulators and 31 real ones, where they call 4 events movement to which nothing
else objects: pops of 20 ms or more, no potential; without the next 46 potentials, too. By the two
shares 220 are movement there that would be counted, and 46 within 15 ms of a true discharge."""
SWELL_S = 0.012
"""Width at half height in seconds that it exceeds as well: nearly twice what 99 % of 750 simulated
potentials have (`heart.QRS_WIDTH_S`)."""
RINGING_TOGETHER = 0.85
"""Share below 60 Hz from which one other site suffices. Looked at, with the next two, on the 172
recordings: no counted potential, and 16 knocks beyond the rules above."""
TOGETHER_RATIO = 8.0
"""Amplitude over the noise from which it does."""
RINGING_OTHER = 0.5
"""Share from which that other site moves."""

IRREGULAR = 0.28
"""Median deviation of a unit's intervals from their median, over it, from which no pulse is behind
what several sites see. Twenty draws of 30 Poisson intervals have 0.31 or more, of 200 intervals
that vary by a quarter, as in atrial fibrillation, 0.20 or less."""
IRREGULAR_LEAST = 12
"""Slow potentials of a unit from which that is known. Set by judgement; not measured. Of 49 tuning
recordings of crosstalk (seeds 1012 to 1060) none has such a unit; of one made for it, a slow unit
that two sites see, 56 of 58 potentials were called movement."""

REST_SHARE = 0.4
"""Share from which an event belongs to a slow wave beside it. Looked at, with the next four, on
recordings of the simulator of `SLOW_SHARE`: 2 of 9597 potentials, 16 of 78 knocks and 7 of 33 pops
that were counted still, beside a slow wave."""
REST_S = 0.06
"""Seconds around a slow wave within which it still swings."""
OWN_LEAST = 4
"""Potentials from which a unit is known by itself. Set by judgement; not measured."""
OWN_COUNTED = 0.7
"""Share of a unit that nothing is held against, from which it fires beside slow waves, too."""
WAVES_SHARE = 0.4
"""Share of a unit that are slow waves, from which its other slow members are. Of those recordings
2 potentials, 19 knocks and 9 pops."""

ECHO_S = 0.10
"""Seconds to either side of a wave within which the filter of units rings: its lower edge is at
15 Hz. Chosen, as the next two, on the recordings of `BLUNT_SCORE`: of 1568 jumps 105 are counted
without this rule, 11 with it, 10 to 14 with other values. None of the 26798 potentials is called
movement by it, and 7 false ones are."""
ECHO_RATIO = 10.0
"""Size of a wave over that of its echo at least."""
ECHO_STANDS = 4.0
"""Amplitude over the noise that an echo stays below: the mild filter rings less."""


def too_slow(signal: SiteSignal, share: Shares) -> Bools:
    """Potentials that are nearly all slow, or wide and far larger below the band than in it.

    The second sees a slow wave that begins with an edge, whose share is less.

    Parameters
    ----------
    signal : SiteSignal
    share : Shares

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    measured = signal.measured
    swells = large(signal, SWELL_RATIO * signal.found.score) & (measured.width_s > SWELL_S)
    if signal.front.unmixing is not None:
        return np.asarray(swells)
    rings = large(signal, RINGING_RATIO) & (share.ringing > RINGING_SHARE)
    return np.asarray((share.slow > SLOW_SHARE) | rings | swells)


def blunt(signal: SiteSignal, fit: Explained, share: Floats) -> Bools:
    """Strong slow potentials that a muscle-like shape explains badly, or no better than a jump.

    Behind an amplifier's high-pass, what is left of a blunt jump that decays within 10 ms has no
    edge, and is hardly slower than the slowest potentials.

    Parameters
    ----------
    signal : SiteSignal
    fit : Explained
    share : ndarray, shape (n_found,)
        Of their energy that is slow.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    if signal.front.unmixing is not None:
        return np.zeros(len(share), dtype=bool)
    best = np.maximum(BLUNT_MUSCLE * fit.whole, fit.filtered.energy)
    strong = signal.found.score > BLUNT_SCORE
    return np.asarray(strong & (share > BLUNT_SHARE) & (fit.muscle < best))


def large(signal: SiteSignal, ratio: float | Floats) -> Bools:
    """Potentials so many times as large as the noise; shape (n_found,)."""
    return np.asarray(signal.measured.amplitude_uv > ratio * signal.measured.noise_uv)


def moved_together(
    time_s: Sequence[Floats], share: Sequence[Floats], ringing: Sequence[Floats]
) -> list[Bools]:
    """Slow potentials that several sites see at once: what they lie on was moved.

    Time alone is no evidence: potentials of two muscles may be locked.

    Parameters
    ----------
    time_s : sequence of ndarray, shape (n_found,)
        Of each site, in order.
    share, ringing : sequence of ndarray, shape (n_found,)
        Of their energy that lies below 45 and below 60 Hz.

    Returns
    -------
    list of ndarray of bool, shape (n_found,)
    """
    marked = []
    for i, (own, rings) in enumerate(zip(share, ringing, strict=True)):
        several = _others_moving(i, time_s, share, TOGETHER_OTHER) >= TOGETHER_SITES
        another = _others_moving(i, time_s, share, RINGING_OTHER) >= 1
        marked.append(((own > TOGETHER_SHARE) & several) | ((rings > RINGING_TOGETHER) & another))
    return marked


def irregular(time_s: Floats, template: Ints, asked: Bools) -> Bools:
    """Asked potentials of units that have many, at intervals that no pulse has; shape (n_found,).

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
        In order.
    template : ndarray of int, shape (n_found,)
        -1 where no unit is known.
    asked : ndarray of bool, shape (n_found,)
    """
    kept = np.zeros(len(time_s), dtype=bool)
    for unit in np.unique(template[asked & (template >= 0)]):
        own = asked & (template == unit)
        if own.sum() >= IRREGULAR_LEAST:
            gaps = np.diff(time_s[own])
            middle = np.median(gaps)
            kept |= own & bool(np.median(np.abs(gaps - middle)) >= IRREGULAR * middle)
    return kept


def moving_elsewhere(time_s: Sequence[Floats], share: Sequence[Floats]) -> list[Bools]:
    """Potentials of each site at whose time any other site moves, however little it does itself."""
    return [_others_moving(i, time_s, share, TOGETHER_OTHER) >= 1 for i in range(len(time_s))]


def _others_moving(
    site: int, time_s: Sequence[Floats], share: Sequence[Floats], least: float
) -> Ints:
    """Other sites that move at the times of one; shape (n_found,)."""
    times = time_s[site]
    sites = np.zeros(len(times), dtype=np.int64)
    for j, (theirs, slow) in enumerate(zip(time_s, share, strict=True)):
        other = theirs[slow > least]
        if j != site and len(other):
            sites += np.abs(times - other[nearest(times, other)]) <= TOGETHER_S
    return sites


def echoes(signal: SiteSignal, moved: Bools) -> Bools:
    """What the filter makes of a large wave before and after it; shape (n_found,).

    The filters have no delay, so a jump rings ahead of itself, too. An echo scores as its wave
    makes it, but hardly stands out where slow parts are left in.

    Parameters
    ----------
    signal : SiteSignal
    moved : ndarray of bool, shape (n_found,)
        Movement and pops.
    """
    if signal.front.unmixing is not None:
        return np.zeros(len(moved), dtype=bool)
    time_s, size, channel = signal.found.time_s, signal.measured.amplitude_uv, signal.channel
    echo = ~moved & ~large(signal, ECHO_STANDS)
    for i in np.flatnonzero(echo):
        low, high = np.searchsorted(time_s, time_s[i] + np.array([-ECHO_S, ECHO_S]))
        waves = moved[low:high] & (channel[low:high] == channel[i])
        echo[i] = size[low:high][waves].max(initial=0.0) > ECHO_RATIO * size[i]
    return echo


def rest_of_waves(time_s: Floats, template: Ints, share: Floats, moved: Bools, free: Bools
                  ) -> Bools:  # fmt: skip
    """Slow events beside a slow wave, or of a unit that is made of such; shape (n_found,).

    A unit that fires elsewhere, too, is kept.

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
        In order.
    template : ndarray of int, shape (n_found,)
        -1 where no unit is known.
    share : ndarray, shape (n_found,)
        Of their energy that is slow.
    moved : ndarray of bool, shape (n_found,)
        Movement and pops.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.
    """
    waves = moved & (share > TOGETHER_SHARE)
    rest = beside(time_s, waves, REST_S)
    for unit in np.unique(template[template >= 0]):
        own = template == unit
        if own.sum() >= OWN_LEAST and free[own].mean() >= OWN_COUNTED:
            rest[own] = False
        elif waves[own].mean() >= WAVES_SHARE:
            rest[own] = True
    return np.asarray(rest & free & (share > REST_SHARE))
