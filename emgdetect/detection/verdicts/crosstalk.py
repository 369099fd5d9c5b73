"""Cross-talk: what a site hears of a neighbouring muscle's larger units.

The far field has another shape, so it is judged by unit and timing (field.md): at least 80 % of
the small unit's events within 10 ms of events of one large unit, at a steady lag and an amplitude
ratio below 0.3 (`RATIO`: looser, for noise), within one limb. Time-locked potentials of comparable
size are both kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.bodymap import may_share_crosstalk
from emgdetect.detection.rows import in_time, unit_shares
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.signal.spans import covers, merge, nearest

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

WITHIN_S = 0.010
"""Seconds between an event and that of the neighbour it is heard of: cross-talk lies within 10 ms
(the rule of this module's docstring); simulated delays are 6 ms at most."""
SHARE = 0.8
"""Share of a small unit's events that have to be so matched: 80 % by the same rule."""
RATIO = 0.45
"""Amplitude over the neighbour's below which an event may be heard. Looser than the 0.3 of that
rule and the 0.28 of the simulation: noise adds to small amplitudes. Set by judgement; not
measured."""
LEAST = 3
"""Events at a steady lag that are needed at all; two meet by chance too easily. Set by judgement;
not measured."""
CERTAIN = 5
"""Such events at least, and as a multiple of what chance gives, from which each of them is
cross-talk even if the rest of its unit is not. Set by judgement; not measured."""
LAG_S = 0.0035
"""Seconds by which lags of one unit may differ from their median: peaks jitter by noise. Set by
judgement; not measured."""

OVERHEARD_LEAST = 5
"""Small potentials that have to meet a neighbour's large ones for all such to be heard. Set by
judgement, with the three that follow, and measured on two recordings each of an independent
simulator that were not looked at before: of 24 heard discharges that were counted 2 are left, and
of 28 with everything at once 12; no potential was lost."""
CHANCE_SHARE = 0.2
"""Share of them that may meet by chance: what independent firing gives, counted at other lags.
Set by judgement; not measured."""
MOSTLY = 0.5
"""Share of a unit's potentials that have to be among them, unless they are fainter still. Set by
judgement; not measured."""
FAINT_RATIO = 0.28
"""Amplitude over the neighbour's below which no unit fires along with another (field.md: below
0.3)."""
FAR_S = 0.025
"""Seconds from the neighbour's peak at which faint copies at a lag of their own are looked for: far
away the ends of the fibres are what is seen, 5-10 cm from the end plates, at 3-5 m/s. Of the copies
of one unit of an independent simulator the peaks lay 15 ms before the unit's. Set by judgement; not
measured."""
HEARD_SHARE = 0.5
"""Share of a unit's discharges that are heard from which whatever is faint beside another of them
is, too. Set by judgement; not measured."""
HIDDEN_LEAST, HIDDEN_SHARE = 4, 0.75
"""Potentials of a unit that the neighbour could be asked of, and the share of them that is heard,
from which those are, too, at which it cannot: 102 instead of 155 false ones of an independent
simulator with everything at once, seeds 0 to 9, and one potential lost."""
SHIFTS_S = tuple(sign * 0.137 * k for k in range(3, 13) for sign in (1, -1))
"""Lags in seconds at which chance is counted."""


def judge_crosstalk(signals: list[SiteSignal], judged: list[Judged]) -> list[Judged]:
    """Mark at each site what it hears of its neighbours."""
    out = []
    for i, (signal, own) in enumerate(zip(signals, judged, strict=True)):
        heard = np.zeros(len(signal.found.time_s), dtype=bool)
        free = own.verdict == "fasciculation"
        for j, other in enumerate(signals):
            if i != j and may_share_crosstalk(signal.site.name, other.site.name):
                of_it = heard_from(signal, other, judged[j])
                of_it |= overheard(signal, other, judged[j])
                of_it |= copies(signal, other, judged[j])
                heard |= of_it | hidden(signal, other, of_it, free)
        out.append(
            own.revised(heard, "crosstalk", "the same event, larger, at a neighbouring site")
        )
    return out


def heard_from(signal: SiteSignal, other: SiteSignal, judged: Judged) -> Bools:
    """Which potentials of a site are those of a neighbour, heard from afar.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    heard = np.zeros(len(signal.found.time_s), dtype=bool)
    real = np.isin(judged.verdict, ("fasciculation", "train", "burst"))
    source = np.flatnonzero(real & (other.found.template >= 0))
    if not len(source) or not len(heard):
        return heard
    partner = nearest(signal.found.time_s, other.found.time_s[source])
    lag = signal.found.time_s - other.found.time_s[source][partner]
    unit = other.found.template[source][partner]
    ratio = signal.measured.amplitude_uv / other.measured.amplitude_uv[source][partner]
    close = (np.abs(lag) <= WITHIN_S) & (ratio < RATIO)
    for large in np.unique(unit[close]):
        matched = close & (unit == large)
        # A lag of its own, the same each time, tells hearing from chance.
        steady = matched & (np.abs(lag - np.median(lag[matched])) <= LAG_S)
        fired = int(np.sum(other.found.template[source] == large))
        by_chance = _by_chance(signal, fired)
        if steady.sum() >= LEAST and steady.sum() > 4 * by_chance + 2:
            certain = steady.sum() >= CERTAIN and steady.sum() > CERTAIN * by_chance
            heard |= steady if certain else _of_units(signal.found.template, steady)
    return heard


def overheard(signal: SiteSignal, other: SiteSignal, judged: Judged) -> Bools:
    """Which potentials of a site are heard of a neighbour, where it hears many of its units.

    The units of a large muscle may fire too rarely, or sound too much alike, to be told one by one;
    all of them together meet the site's small potentials more often than chance lets them.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    real = np.isin(judged.verdict, ("fasciculation", "train", "burst"))
    if not real.any() or not len(signal.found.time_s):
        return np.zeros(len(signal.found.time_s), dtype=bool)
    source_s, source_uv = other.measured.peak_s[real], other.measured.amplitude_uv[real]
    order = np.argsort(source_s, kind="stable")
    source_s, source_uv = source_s[order], source_uv[order]

    def meets(shift_s: float, ratio: float) -> Bools:
        times = signal.measured.peak_s + shift_s
        partner = nearest(times, source_s)
        close = np.abs(times - source_s[partner]) <= WITHIN_S
        return np.asarray(close & (signal.measured.amplitude_uv < ratio * source_uv[partner]))

    now = meets(0.0, RATIO)
    by_chance = float(np.mean([meets(shift_s, RATIO).sum() for shift_s in SHIFTS_S]))
    if now.sum() < OVERHEARD_LEAST or by_chance > CHANCE_SHARE * now.sum():
        return np.zeros_like(now)
    return _of_units(signal.found.template, now, MOSTLY) | meets(0.0, FAINT_RATIO)


def hidden(signal: SiteSignal, other: SiteSignal, heard: Bools, free: Bools) -> Bools:
    """Potentials of units heard of a neighbour, at times at which that cannot be asked.

    Parameters
    ----------
    signal, other : SiteSignal
        The second one is the neighbour, of whose excluded time nothing is known.
    heard : ndarray of bool, shape (n_found,)
        Of this neighbour.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing else is held against.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    spans = [np.zeros((0, 2)), *other.excluded.values()]
    unseen = covers(merge(np.concatenate(spans)), signal.measured.peak_s)
    marked = np.zeros(len(heard), dtype=bool)
    template = signal.found.template
    for unit in np.unique(template[unseen & (template >= 0)]):
        own = template == unit
        asked = heard[own & free & ~unseen]
        if len(asked) >= HIDDEN_LEAST and asked.mean() >= HIDDEN_SHARE:
            marked |= own & unseen
    return marked


def copies(signal: SiteSignal, other: SiteSignal, judged: Judged) -> Bools:
    """Which potentials are faint copies of a neighbour's unit, at lags of their own.

    Where a copy is weak, noise spreads it over several units, and each may hold others besides; all
    of them together come with the neighbour's unit at a lag, far more often than chance lets them.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    heard = np.zeros(len(signal.found.time_s), dtype=bool)
    real = np.isin(judged.verdict, ("fasciculation", "train", "burst"))
    if not len(heard):
        return heard
    for large in np.unique(other.found.template[real & (other.found.template >= 0)]):
        own = in_time(other.measured.peak_s, real & (other.found.template == large))
        if len(own) >= CERTAIN:
            heard |= _copies_of(signal, other.measured.peak_s[own],
                                other.measured.amplitude_uv[own])  # fmt: skip
    return heard


def _copies_of(signal: SiteSignal, source_s: Floats, source_uv: Floats) -> Bools:
    """Faint potentials at lags from one unit's discharges that many of them have."""

    def lags(shift_s: float) -> tuple[Floats, NDArray[np.int64]]:
        times = signal.measured.peak_s + shift_s
        partner = nearest(times, source_s)
        lag = times - source_s[partner]
        faint = signal.measured.amplitude_uv < FAINT_RATIO * source_uv[partner]
        return np.where(faint & (np.abs(lag) <= FAR_S), lag, np.inf), partner

    lag, partner = lags(0.0)
    faint, copied = np.isfinite(lag), np.zeros(len(lag), dtype=bool)
    by_chance = float(np.mean([_steady(lags(shift_s)[0]).sum() for shift_s in SHIFTS_S]))
    while True:
        steady = _steady(np.where(copied, np.inf, lag))
        if steady.sum() < CERTAIN or steady.sum() <= CERTAIN * by_chance:
            break
        copied = copied | steady
    n_heard = len(np.unique(partner[copied]))
    return faint if n_heard >= HEARD_SHARE * len(source_s) else copied


def _steady(lag_s: Floats) -> Bools:
    """The lags within `LAG_S` of the one with most others so near; those at infinity are none."""
    known = np.sort(lag_s[np.isfinite(lag_s)])
    if not len(known):
        return np.zeros(len(lag_s), dtype=bool)
    near = np.searchsorted(known, known + LAG_S, "right") - np.searchsorted(known, known - LAG_S)
    return np.asarray(np.abs(lag_s - known[np.argmax(near)]) <= LAG_S)


def _by_chance(signal: SiteSignal, fired: int) -> float:
    """Coincidences within the steady lag that independent firing would give."""
    recorded = max(float(sum(s.duration_s for s in signal.front.recording.segments)), 1.0)
    return fired * len(signal.found.time_s) * 2 * LAG_S / recorded


def _of_units(template: NDArray[np.int64], matched: Bools, least: float = SHARE) -> Bools:
    """Matched potentials of no unit, and of units of which such a share is matched.

    A unit of which fewer are matched fires on its own, too.
    """
    return np.asarray(matched & ((template < 0) | (unit_shares(template, matched) >= least)))
