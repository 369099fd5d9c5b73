"""Cross-talk: what a site hears of a neighbouring muscle's larger units.

The far field has another shape, so it is judged by unit and timing (field.md): at least 80 % of
the small unit's events within 10 ms of events of one large unit, at a stable amplitude ratio below
0.3, within one limb. Time-locked potentials of comparable size are both kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.bodymap import may_share_crosstalk
from emgdetect.detection.judging import Judged
from emgdetect.detection.site import SiteSignal
from emgdetect.signal.spans import nearest

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


def judge_crosstalk(signals: list[SiteSignal], judged: list[Judged]) -> list[Judged]:
    """Mark at each site what it hears of its neighbours."""
    out = []
    for i, (signal, own) in enumerate(zip(signals, judged, strict=True)):
        heard = np.zeros(len(signal.found.time_s), dtype=bool)
        for j, other in enumerate(signals):
            if i != j and may_share_crosstalk(signal.site.name, other.site.name):
                heard |= heard_from(signal, other, judged[j])
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


def _by_chance(signal: SiteSignal, fired: int) -> float:
    """Coincidences within the steady lag that independent firing would give."""
    recorded = max(float(sum(s.duration_s for s in signal.front.recording.segments)), 1.0)
    return fired * len(signal.found.time_s) * 2 * LAG_S / recorded


def _of_units(template: NDArray[np.int64], matched: Bools) -> Bools:
    """Matched potentials, with the whole of each unit at least 80 % of which are matched.

    A unit of which fewer are matched fires on its own, too; only potentials without a unit are
    then taken for cross-talk one by one.
    """
    heard = matched & (template < 0)
    for small in np.unique(template[matched & (template >= 0)]):
        own = template == small
        share = (own & matched).sum() / own.sum()
        if share >= SHARE:
            heard |= own & matched
    return heard
