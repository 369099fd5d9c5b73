"""How high a score has to be: from the false-alarm budget and the recording's own noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection.first_pass.scan import Scan
from emgdetect.detection.trace.bank import bank_in_noise
from emgdetect.detection.trace.front import Front
from emgdetect.signal.spans import covers, intersect, merge, nearest, total

Floats = NDArray[np.floating[Any]]

CALM_S = 0.03
"""Seconds around a candidate whose maxima are left out of the tail. Chosen on the quiet and healthy
tuning seeds (benchmarks/accuracy.py): noise whose level moves within 30 ms exceeds a Gaussian
threshold twenty times as often as promised."""
TAIL_RATES = (25.0, 400.0)
"""Maxima per minute between which the tail's line is fitted: common enough to be known in a
recording of minutes, rare enough to be a tail. Chosen as `CALM_S`."""
TAIL_LEAST = 4
"""Maxima that there have to be at least for one of the rarest: fewer tell no slope. Set by
judgement; not measured."""
TAIL_WEIGHT = 0.9
"""Share of the rise which the tail asks for that the threshold takes: weak fasciculations are part
of the tail. Chosen as `CALM_S`."""
TAIL_CAP = 1.25
"""Factor over the Gaussian threshold to which it rises at most: weak fasciculations are part of the
tail. Chosen as `CALM_S`."""
TAIL_UNKNOWN = 1.08
"""Factor where too few maxima tell the tail: real rest has heavier tails than Gaussian noise.
Chosen as `CALM_S`."""
TAIL_PRIOR_MIN = 0.4
"""Minutes at which the recording's own tail and the usual one count alike; it enters by its fourth
power, so that of one minute 97 % is the recording's own. Five of 24 stretches of real rest, in
recordings of 15 to 60 s, show more of what is added than without, by 0.003 to 0.03 of recall, and
none less (benchmarks/real.py)."""
FREQUENT_PER_MIN = 10.0
"""Discharges per minute from which those of a known unit are left out of the tail: five times what
may be false of them (`UNIT_FALSE_SHARE`). Independent simulator, four recordings each: of slow
rhythmic units 279 potentials are missed instead of 406 (31 false instead of 24), of weak ones 190
instead of 199 (34 instead of 26); our own tuning seeds stay as they were."""
UNIT_FALSE_SHARE = 0.2
"""False alarms of a unit's template as a share of its rate. Chosen on the clean and weak tuning
seeds (benchmarks/accuracy.py): recall of weak units against false alarms."""
UNIT_FALSE_PER_MIN = (0.02, 3.0)
"""Lowest and highest false alarms per minute that are so allowed to a template. At 3 instead of 1
865 instead of 883 potentials of weak, busy, pairs and clean recordings of an independent simulator
(hold-out 5, seeds 0 to 3) are missed, 123 false with both; 1,657 instead of 1,678 of our own
(`surroundings.UNIT_SHARE`), 458 instead of 447 false."""
UNASKED_FALSE_PER_MIN = 1.0
"""The highest number where potentials are not asked for what surrounds them (`surroundings`): at a
needle or a grid. Set by judgement; not measured."""
LAST_EASE = 8.0
"""Factor of what is so allowed once no unit is learnt from it any more: what surrounds a potential
chooses among what is placed. 2 and 4 alone, without the site's candidates being asked for, leave
1008 and 992 of 6475 weak potentials missed and make 189 and 215 false (as
`surroundings.SITE_SLOPES`, which was chosen at 8). With 2 while units are learnt, too, 914 instead
of 836 potentials of busy muscles are missed (hold-out 5, seeds 0 to 3, and eight of ours)."""
UNASKED_LAST_EASE = 2.0
"""The same at a needle or a grid. Set by judgement; not measured."""
UNIT_CROSSINGS_HZ = 100.0
"""Independent chances a second of a template's score to cross a level. Set by judgement; not
measured."""


def gaussian_threshold(front: Front, config: Config, *, fine: bool = False) -> float:
    """Threshold that keeps the false-alarm budget of a site in Gaussian noise.

    Parameters
    ----------
    front : Front
    config : Config
    fine : bool
        On the finer trace of the second pass, which meets peaks that the scan steps over.
    """
    ratio = front.trace_ratio if fine else front.scan_ratio
    rate = front.site.sampling_hz * float(ratio)
    bank = bank_in_noise(round(rate, 3), front.low_hz, front.high_hz)
    return bank.threshold(config.false_alarms_per_min, front.n_looks)


def site_threshold(front: Front, first: Scan, config: Config, analysed_s: Floats,
                   known_s: Floats | None = None) -> float:  # fmt: skip
    """Threshold that keeps the false-alarm budget in this recording's own noise.

    The tail of the score between its common and its rare maxima is read from the recording, away
    from candidates, and drawn out to the budget. Weak fasciculations are part of that tail, so the
    threshold rises by a limited factor only; and of some seconds a tail tells little, so that of
    other recordings counts as well.

    Parameters
    ----------
    front : Front
    first : Scan
    config : Config
    analysed_s : ndarray, shape (n_spans, 2)
    known_s : ndarray, shape (n_known,), optional
        Discharges of known units, in order: what lies beside them is no tail of the noise.
    """
    lowest = gaussian_threshold(front, config)
    inside = covers(analysed_s, first.tail_s)
    beside = first.time_s if known_s is None else np.sort(np.append(first.time_s, known_s))
    far = distance_to(first.tail_s, beside) > CALM_S
    scores = np.sort(first.tail_score[inside & far])[::-1]
    taken = merge(np.stack([beside - CALM_S, beside + CALM_S], axis=1))
    minutes = max(total(analysed_s) - total(intersect(analysed_s, taken)), 1.0) / 60
    drawn = tail_threshold(scores, minutes, per_min=config.false_alarms_per_min)
    if not np.isfinite(drawn):
        return lowest * TAIL_UNKNOWN
    risen = np.clip(lowest + TAIL_WEIGHT * (drawn - lowest), lowest, lowest * TAIL_CAP)
    usual, known = lowest * TAIL_UNKNOWN, 1 / (1 + (TAIL_PRIOR_MIN / minutes) ** 4)
    return float(usual + known * (risen - usual))


def tail_threshold(scores: Floats, minutes: float, *, per_min: float) -> float:
    """Score exceeded `per_min` times per minute, drawn from how the tail begins.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Local maxima in falling order.
    minutes : float
        Time they were found in.
    per_min : float

    Returns
    -------
    float
        From a straight line of log rate over squared score, between the scores that are exceeded
        `TAIL_RATES` times per minute; NaN where there are too few.
    """
    first, last = (int(rate * minutes) for rate in TAIL_RATES)
    # A slow recording has fewer maxima in all.
    last = min(last, len(scores))
    if first < 5 or last < TAIL_LEAST * first:
        return float("nan")
    ranks = np.unique(np.geomspace(first, last, 12).astype(int))
    slope, intercept = np.polyfit(scores[ranks - 1] ** 2, np.log(ranks / minutes), 1)
    if slope >= 0:
        return float("nan")
    return float(np.sqrt(max(intercept - np.log(per_min), 0.0) / -slope))


def distance_to(points: Floats, marks: Floats) -> Floats:
    """Distance of each point to the nearest of sorted marks; infinite without marks."""
    if not len(marks):
        return np.full(len(points), np.inf)
    return np.abs(points - marks[nearest(points, marks)])


def template_thresholds(
    per_min: Floats, *, stretch: float, asked: bool, last: bool = False
) -> Floats:
    """Threshold of each unit's matched score: the more it fires, the lower.

    Parameters
    ----------
    per_min : ndarray, shape (n_units,)
        Discharges per minute.
    stretch : float
        How much heavier the tail of this noise is than a Gaussian's, as a factor of the score.
    asked : bool
        Whether potentials are asked for what surrounds them (`surroundings.is_asked`).
    last : bool
        Whether no unit is learnt any more from what is placed: what is false of it then is no more
        than a candidate.
    """
    ease = (LAST_EASE if asked else UNASKED_LAST_EASE) if last else 1.0
    least, most = UNIT_FALSE_PER_MIN[0], UNIT_FALSE_PER_MIN[1] if asked else UNASKED_FALSE_PER_MIN
    allowed = ease * np.clip(UNIT_FALSE_SHARE * per_min, least, most)
    return np.asarray(stretch * np.sqrt(2 * np.log(60 * UNIT_CROSSINGS_HZ / allowed)))
