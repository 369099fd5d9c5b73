"""Noise that grows or falls over a recording, and a gain that was changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.remarks.pieces import PIECE_S, Pieces
from emgdetect.findings import Finding, finding

Floats = NDArray[np.floating[Any]]

GROWN = 2.5
"""Factor between the noise at the end and at the beginning from which it is told. Set by judgement;
not measured."""
END_SHARE = 0.2
"""Share of the pieces that are the beginning, and the end. Set by judgement; not measured."""
FEWEST = 15
"""Pieces in which potentials are counted, at least. Set by judgement; not measured."""
STEP = 1.8
"""Factor of a change of gain at least: amplifiers have steps of 2 and more. Set by judgement; not
measured."""
SIDE = 5
"""Pieces on either side of a step at least. Set by judgement; not measured."""
EVEN = 0.15
"""Median absolute log of the noise over that of its side at most: a step, no drift. Set by
judgement; not measured."""
SAME = 1.35
"""Factor within which the steps of noise and of potentials, or of two sites, are one. Set by
judgement; not measured."""
POTENTIALS = 8
"""Potentials on either side whose amplitudes tell a step. Set by judgement; not measured."""

ALONE = 3.0
"""Factor of a step at one site alone at least. Of a smaller one what is seen of weak potentials
follows the noise: in 16 recordings of our simulator one of 2.0 looked like a gain."""
QUANTILES = (0.5, 0.9)
"""Quantiles of the amplitudes that have to step alike: the smallest follow the noise."""


@dataclass(frozen=True)
class Step:
    """A step of the noise: last time before it, first time after it, and its factor's log."""

    before_s: float
    after_s: float
    log: float


def unsteady_sites(sites: list[Pieces]) -> list[Finding]:
    """Warnings for sites whose gain was changed, or else whose noise grew or fell.

    Parameters
    ----------
    sites : list of Pieces

    Returns
    -------
    list of Finding
        In the order of the sites; one without a site where all of them change alike; empty where
        there are none.
    """
    steps = [_step(site) for site in sites]
    if len(sites) > 1 and all(one is not None and _same(one, steps[0]) for one in steps):
        return [_gain_of_all([one for one in steps if one is not None])]
    found = []
    for k, (site, step) in enumerate(zip(sites, steps, strict=True)):
        others = [other for j, other in enumerate(steps) if j != k]
        if step is not None and (_potentials_step(site, step) or
                                 any(_same(step, other) for other in others)):  # fmt: skip
            found.append(_gain(site, step))
        else:
            found += _drift(site)
    return found


def _step(site: Pieces) -> Step | None:
    """The one step of the noise of a site that is even on both sides of it, if it has one."""
    level, time_s = site.level_uv, site.time_s
    known = site.counted & (level > 0)
    level, time_s = np.log(level[known]), time_s[known]
    if len(level) < max(FEWEST, 2 * SIDE + 1):
        return None
    # The piece of the step itself, or one beside it, is of neither side.
    cuts = range(SIDE, len(level) - SIDE)
    rests = [_rest(level, k) for k in cuts]
    best = cuts[int(np.argmin(rests))]
    before, after = level[:best], level[best + 1 :]
    log = float(np.median(after) - np.median(before))
    uneven = max(float(np.median(np.abs(part - np.median(part)))) for part in (before, after))
    beside = abs(float(np.mean(after[:2]) - np.mean(before[-2:])))
    if abs(log) < np.log(STEP) or uneven > EVEN or not 0.7 < beside / abs(log) < 1.4:
        return None
    return Step(float(time_s[best - 1]), float(time_s[best + 1]), log)


def _rest(level: Floats, cut: int) -> float:
    parts = level[:cut], level[cut + 1 :]
    return sum(float(np.sum(np.abs(part - np.median(part)))) for part in parts)


def _potentials_step(site: Pieces, step: Step) -> bool:
    """Whether potentials on both sides of a step differ by the same factor."""
    measured = site.signal.measured
    before = measured.amplitude_uv[measured.peak_s < step.before_s]
    after = measured.amplitude_uv[measured.peak_s > step.after_s]
    if min(len(before), len(after)) < POTENTIALS or abs(step.log) < np.log(ALONE):
        return False
    logs = np.log(np.quantile(after, QUANTILES) / np.quantile(before, QUANTILES))
    return bool(np.all(np.abs(logs - step.log) < np.log(SAME)))


def _same(step: Step, other: Step | None) -> bool:
    """Whether two sites' steps are one: at the same time, by the same factor."""
    if other is None:
        return False
    apart = abs(step.before_s + step.after_s - other.before_s - other.after_s) / 2
    near = apart <= max(PIECE_S, step.after_s - step.before_s)
    return near and bool(abs(step.log - other.log) < np.log(SAME))


def _gain_of_all(steps: list[Step]) -> Finding:
    middle = float(np.median([(step.before_s + step.after_s) / 2 for step in steps]))
    factor = float(np.exp(np.median([step.log for step in steps])))
    return finding(
        "gain-changed",
        f"From about {middle:.0f} s on noise and potentials of all {len(steps)} sites are "
        f"{max(factor, 1 / factor):.1f} times {'larger' if factor > 1 else 'smaller'}, as if the "
        "gain had been changed: amplitudes before and after cannot be compared.",
    )


def _gain(site: Pieces, step: Step) -> Finding:
    middle = (step.before_s + step.after_s) / 2
    word = "larger" if step.log > 0 else "smaller"
    return finding(
        "gain-changed",
        f"{site.signal.site.name}: from about {middle:.0f} s on noise and potentials are "
        f"{np.exp(abs(step.log)):.1f} times {word}, as if the gain had been changed: amplitudes "
        "before and after cannot be compared.",
    )


def _drift(site: Pieces) -> list[Finding]:
    """A warning if the noise at the end is far from that at the beginning."""
    level = site.level_uv[site.counted]
    n = round(END_SHARE * len(level))
    if len(level) < FEWEST:
        return []
    first, last = float(np.median(level[:n])), float(np.median(level[-n:]))
    if min(first, last) <= 0 or max(first, last) < GROWN * min(first, last):
        return []
    grew = last > first
    message = (
        f"{site.signal.site.name}: the noise {'grew' if grew else 'fell'} from {first:.2g} to "
        f"{last:.2g} uV RMS: small potentials are seen only while it is low, so a "
        f"{'falling' if grew else 'rising'} rate may be due to the noise."
    )
    return [finding("noise-drift", message)]
