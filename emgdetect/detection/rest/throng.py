"""Weak contractions by how often the score peaks, also below the threshold.

Two to five units that fire at once raise no noise floor, and of their discharges few are clear of
the noise; but each of them is a maximum of the score. At rest such maxima come at the rate of the
noise's own, which hardly varies, even where the noise does: the score follows its level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from emgdetect.detection.rest.maxima import away_from
from emgdetect.signal.spans import best_stretch, by_run, covers, merge, spans_above, total

Floats = NDArray[np.floating[Any]]

LOWEST = 3.6
"""Score from which maxima are counted. Chosen, with the four that follow, on 208 sites of an
independent simulator (hold-out 10, seeds 8 to 15: contractions, healthy, all at once; 12 to 15:
seven others) and 288 of ours (tuning seeds 1004 to 1011), by what was counted in the spans without
them: of 162 others in contractions 93 are left out, and 15 of some 30,000 potentials, most of them
at the edges of contractions; with 3.8 89 and 84, with 3.4 77 and 12."""
APART_S = 0.03
"""Seconds within which a maximum follows another one as its part: lobes, doublets, and chains of a
multiplet count once. Set by judgement; not measured."""
WINDOW_S, STEP_S = 2.0, 0.25
"""Seconds in which they are counted, and steps of that window. Set by judgement; not measured."""
LEAST, USUAL = {"lenient": 8, "default": 6, "strict": 5}, 2.0
"""Their number by exclusion level that is asked for, and a multiple of the usual one in addition.
At rest some 2 come, of a muscle that fires 160 times a minute 5 and never more than 14, in weak
contractions and trains 10 to 25. With 5 by default 93 of the above are left out and 39 potentials,
with 8 and 1.5 88 and 29."""
USUAL_S = 120.0
"""Seconds around that tell what is usual now: a muscle may be busier for some minutes. Set by
judgement; not measured."""
SHORTEST_S = 2.0
"""Seconds that it lasts at least: a cluster of fasciculations is over sooner. With 1 s 93 of the
above and 29 potentials."""
AROUND_S, RISEN = 15.0, 0.08
"""Seconds on both sides that tell the level around, and the log by which that inside exceeds it at
least (8 %): a cluster of fasciculations leaves the noise alone. Of 41 such spans in contractions
that nothing else told 31 are louder by so much, of 27 in trains, which are no contraction, 13, and
of nine others one."""
MOST_PER_MIN = 2.0
"""Such spans a minute beyond which nothing tells what rest is, as in `tension`: in 88 s of a real
hand with a contraction every four seconds (benchmarks/real.py, emg_1000_hz_16_bits_solo) four were
told, and 74 instead of 91 % of what was added to its rest counted."""
MARGIN_S = 0.06
"""Seconds added to both ends, as in `crowding`."""


@dataclass(frozen=True)
class Rest:
    """What a site is like where the muscle is at rest.

    Attributes
    ----------
    spans_s : ndarray, shape (n_spans, 2)
        Time that is not excluded otherwise.
    recorded_s : ndarray, shape (n_segments, 2)
    cell_s : ndarray, shape (n_cells, 2)
    level : ndarray, shape (n_cells,)
        Noise level of the score.
    """

    spans_s: Floats
    recorded_s: Floats
    cell_s: Floats
    level: Floats


def thronged_spans(
    time_s: Floats, score: Floats, clear_s: Floats, rest: Rest, *, least: int
) -> Floats:
    """Spans in which maxima of the score throng.

    Parameters
    ----------
    time_s, score : ndarray, shape (n_maxima,)
        Sorted by time: those that no tonic unit and no heart beat explains.
    clear_s : ndarray, shape (n_clear,)
        Sorted times of clear potentials: a weak contraction neither begins nor ends with one.
    rest : Rest
    least : int
        Number in two seconds beyond twice the usual one.

    Returns
    -------
    ndarray, shape (n_spans, 2)
        In order; none where they throng for more than half of the time, or again and again.
    """
    own = time_s[score >= LOWEST]
    own = own[np.diff(own, prepend=-np.inf) > APART_S]
    weak = away_from(own, clear_s)
    found = [span for a, b in by_run(own, rest.recorded_s, WINDOW_S)
             for span in _of_run(own[a:b], weak[a:b], least, rest.spans_s)]  # fmt: skip
    spans = np.array(found).reshape(-1, 2)
    spans = spans[_louder(spans, rest)]
    if len(spans) > MOST_PER_MIN * max(1.0, total(rest.recorded_s) / 60):
        return np.zeros((0, 2))
    return merge(spans + np.array([-MARGIN_S, MARGIN_S]))


def _of_run(
    time_s: Floats, weak: NDArray[np.bool_], least: int, rest_s: Floats
) -> list[tuple[float, float]]:
    """The same of maxima that no long gap parts, however loud it is there."""
    centres = np.arange(time_s[0], time_s[-1] + STEP_S, STEP_S)
    low, high = np.searchsorted(time_s, [centres - WINDOW_S / 2, centres + WINDOW_S / 2])
    number = high - low
    at_rest = covers(rest_s, centres)
    if not at_rest.any():
        return []
    lately = ndimage.median_filter(number, size=round(USUAL_S / STEP_S) + 1, mode="reflect")
    usual = np.maximum(lately, np.median(number[at_rest]))
    found = []
    for a, b in spans_above(number - USUAL * usual, least, least / 2):
        few = max(float(usual[a:b].max()), 1.0) / WINDOW_S
        many = float(number[a:b].max()) / WINDOW_S
        inside = slice(low[a], high[b - 1])
        if weak[inside].any():
            start, stop = densest(time_s[inside][weak[inside]], few, many)
            if stop - start >= SHORTEST_S:
                found.append((start, stop))
    return found


def _louder(spans: Floats, rest: Rest) -> NDArray[np.bool_]:
    """Which spans are louder than what lies around them, potentials aside."""
    at_s, level = rest.cell_s.mean(axis=1), np.log(np.maximum(rest.level, 1e-3))
    calm = covers(rest.spans_s, at_s) & ~covers(merge(spans), at_s)
    louder = np.zeros(len(spans), dtype=bool)
    inside = np.searchsorted(at_s, spans)
    around = np.searchsorted(at_s, spans + np.array([-AROUND_S, AROUND_S]))
    for k, (own, near) in enumerate(zip(inside, around, strict=True)):
        within, beside = level[slice(*own)], level[slice(*near)][calm[slice(*near)]]
        if len(within) and len(beside):
            louder[k] = np.median(within) - np.median(beside) >= RISEN
    return louder


def densest(time_s: Floats, few: float, many: float) -> tuple[float, float]:
    """From where to where events most likely come at a higher rate; at least one event.

    Parameters
    ----------
    time_s : ndarray, shape (n_events,)
        Sorted.
    few, many : float
        Events per second outside and inside.
    """
    # The likelihood ratio of the events from one to another adds up over their intervals.
    worth = np.log(many / few) - (many - few) * np.diff(time_s)
    _, first, last = best_stretch(worth)
    return float(time_s[first]), float(time_s[last])
