"""Verdicts by shape: what is no muscle's potential, single potentials first, then their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.amid import amid_movement
from emgdetect.detection.firing.humming import in_step, of_muscle, repeats
from emgdetect.detection.rows import in_time
from emgdetect.detection.shape import artefacts
from emgdetect.detection.shape.bursts import bursts
from emgdetect.detection.shape.composed import composed, doubled
from emgdetect.detection.shape.explaining import Explained, explain_potentials
from emgdetect.detection.shape.kinship import kin, kin_of_any, repeating_units
from emgdetect.detection.shape.pops import pops
from emgdetect.detection.shape.rattle import like_clicks, rattles
from emgdetect.detection.shape.several import several
from emgdetect.detection.shape.shares import Shares
from emgdetect.detection.shape.slowness import (
    TOGETHER_RATIO,
    blunt,
    echoes,
    irregular,
    large,
    moved_together,
    moving_elsewhere,
    rest_of_waves,
    too_slow,
)
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.trains import runs
from emgdetect.detection.verdicts.company import ISOLATED

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

ALONE = "on one electrode alone"
"""Why a potential of a grid is a pop."""
SLOWER = "slower than a potential"
"""Why one site's potentials are movement."""
BROAD, AMID = "noise of all frequencies: a cable moved", "amid waves that go on: a cable moved"
"""The same of a cable's bursts."""
RATTLE = "one of many on slow waves: a cable moved"
"""The same of a cable that rattles."""
TOGETHER = "slow, and at several sites at once"
"""Why several sites' are: a cable, a bed, or one unit that all of them see."""
OF_ONE_SITE = (SLOWER, BROAD, AMID, RATTLE)
"""Those that a unit of one waveform and one size clears: what moves does not repeat."""
MAJORITY = 0.7
"""Share of a unit's potentials that have to be beats, pops or movement for the rest to be the same.
Set by judgement; not measured."""
EPISODE_S = 0.5
"""Seconds up to which potentials of a unit are of one episode, which has one vote. Of units that
take part in brief twitches, told as a moving cable, 17 isolated potentials of 217 would be
lost otherwise (weak units beside contractions, an independent simulator); on tuning seeds 1001 to
1006 of movement, heart and all at once nothing changes."""
END_S = 0.010
"""Seconds from an end of a segment within which nothing is whole: a potential lasts 10 ms or more,
and where a recording begins, the filter of its amplifier may still swing."""


@dataclass(frozen=True)
class Judged:
    """Verdict and reason of each potential of a site.

    Attributes
    ----------
    verdict, why : ndarray of str, shape (n_found,)
    """

    verdict: Objects
    why: Objects

    def cleared(self, mask: Bools) -> Judged:
        """The same with nothing held against the chosen potentials."""
        blank = unjudged(len(mask))
        return Judged(
            np.where(mask, blank.verdict, self.verdict).astype(object),
            np.where(mask, blank.why, self.why).astype(object),
        )

    def revised(self, mask: Bools, verdict: str, why: str) -> Judged:
        """The same with another verdict where the mask is true and none was passed yet."""
        chosen = mask & (self.verdict == "fasciculation")
        return Judged(
            np.where(chosen, verdict, self.verdict).astype(object),
            np.where(chosen, why, self.why).astype(object),
        )


def unjudged(n: int) -> Judged:
    """Potentials nothing is held against; the table says in which company they stand."""
    return Judged(np.full(n, "fasciculation", object), np.full(n, ISOLATED, object))


def judge_shape(signal: SiteSignal, judged: Judged, share: Shares, *, n_threads: int = 1) -> Judged:
    """Electrode pops and movement, by the shape of single potentials."""
    if signal.front.recording.kind != "needle":
        # A needle's potentials are as sharp as a pop at the skin.
        fit = explain_potentials(signal, n_threads=n_threads)
        popped = pops(signal, fit, share.slow) & ~artefacts.seen_widely(signal.found.by_channel)
        popped |= artefacts.beside(signal.found.time_s, popped, artefacts.BESIDE_S)
        judged = judged.revised(popped, "pop", "a jump explains it better")
        slow = blunt(signal, fit, share.slow)
        judged = judged.revised(slow, "motion", SLOWER)
        burst = artefacts.flurries(signal) | artefacts.broad_noise(signal, fit)
        judged = judged.revised(burst, "motion", BROAD)
        amid = bursts(signal, burst & (judged.verdict == "motion"))
        judged = judged.revised(amid, "motion", AMID)
        counted = judged.verdict == "fasciculation"
        accused = (judged.verdict != "ecg") & ~_of_units(signal, fit, judged)
        clicks = rattles(signal, fit, accused, counted)
        judged = judged.revised(clicks, "motion", RATTLE)
    return judged.revised(artefacts.alone_on_grid(signal), "pop", ALONE)


def _of_units(signal: SiteSignal, fit: Explained, judged: Judged) -> Bools:
    """What looks like clicks and repeats the waveform of a unit: a train's, as the muscle sways."""
    like = like_clicks(fit) & (judged.verdict == "fasciculation")
    accused = like | (judged.verdict != "fasciculation")
    return repeating_units(signal, like, accused, np.zeros(len(like), dtype=bool))


def judge_mains(signal: SiteSignal, judged: Judged) -> Judged:
    """What is left of mains, and what an end of the recording cuts off.

    A needle's potentials are not asked: in a contraction some come in step with anything.
    """
    at_s, front = signal.measured.peak_s, signal.front
    if front.recording.kind == "needle":
        return judged
    cut = np.abs(at_s[:, None] - signal.recorded_s.ravel()).min(axis=1, initial=np.inf) < END_S
    judged = judged.revised(cut, "clipped", "cut off by an end of the recording")
    free = in_time(at_s, judged.verdict == "fasciculation")
    left = np.zeros(len(at_s), dtype=bool)
    if front.harmonics:
        step = in_step(at_s[free], front.mains_hz)
        left[free] = step & ~of_muscle(step, signal.found.template[free])
    judged = judged.revised(left, "hum", "one after the other in step with mains")
    return judged.revised(_hums(signal), "hum", "of a unit whose waveform goes on as mains does")


def _hums(signal: SiteSignal) -> Bools:
    """Potentials of units that are what is left of mains; shape (n_found,)."""
    front, template = signal.front, signal.found.template
    if not front.harmonics:
        return np.zeros(len(template), dtype=bool)
    units = repeats(signal.templates, rate_hz=front.trace_rate_hz, mains_hz=front.mains_hz)
    return np.asarray((template >= 0) & np.append(units, False)[template])


def judge_slowness(
    signals: list[SiteSignal], judged: list[Judged], shares: list[Shares]
) -> list[Judged]:
    """What is slower than muscle, at one site alone or at several at once."""
    sure = [np.where(large(s, TOGETHER_RATIO), share.ringing, 0.0)
            for s, share in zip(signals, shares, strict=True)]  # fmt: skip
    slow = [share.slow for share in shares]
    together = moved_together([s.measured.peak_s for s in signals], slow, sure)
    found = [
        j.revised(too_slow(s, share), "motion", SLOWER)
        .revised(shaken, "motion", TOGETHER)
        for s, j, share, shaken in zip(signals, judged, shares, together, strict=True)
    ]  # fmt: skip
    elsewhere = moving_elsewhere([s.measured.peak_s for s in signals], slow)
    known = zip(signals, found, slow, elsewhere, strict=True)
    return [_waves(s, j, share, others) for s, j, share, others in known]


def _waves(signal: SiteSignal, judged: Judged, share: Floats, elsewhere: Bools) -> Judged:
    """What goes with the slow waves of one site, and what its unit clears of both."""
    alone, accused = np.isin(judged.why, OF_ONE_SITE), judged.verdict != "fasciculation"
    shared = irregular(signal.found.time_s, signal.found.template, judged.why == TOGETHER)
    judged = judged.cleared(
        repeating_units(signal, alone, accused, elsewhere)
        | repeating_units(signal, shared, accused, np.zeros_like(elsewhere))
    )
    judged = _kin_cleared(signal, judged)
    moved = np.isin(judged.verdict, ("motion", "pop"))
    free = judged.verdict == "fasciculation"
    rest = rest_of_waves(signal.found.time_s, signal.found.template, share, moved, free)
    judged = _amid(signal, judged.revised(rest, "motion", "the rest of a slow wave"))
    judged = _kin_cleared(signal, judged)
    moved = np.isin(judged.verdict, ("motion", "pop"))
    return judged.revised(echoes(signal, moved), "motion", "the filter's echo of a larger wave")


def _amid(signal: SiteSignal, judged: Judged) -> Judged:
    """The same with what lies amid movement; of a grid a pop is one electrode's, and a needle's
    activity is dense."""
    if signal.front.unmixing is not None or signal.front.recording.kind == "needle":
        return judged
    moved, free = np.isin(judged.verdict, ("motion", "pop")), judged.verdict == "fasciculation"
    part = amid_movement(signal.measured.peak_s, signal.found.template, moved, free,
                         signal.counted_s)  # fmt: skip
    return judged.revised(part, "motion", "amid movement, hardly seen elsewhere")


def _kin_cleared(signal: SiteSignal, judged: Judged) -> Judged:
    """The same with nothing held against what repeats its unit's waveform."""
    free, moved = judged.verdict == "fasciculation", judged.verdict == "motion"
    popped = (judged.verdict == "pop") & (judged.why != ALONE)
    alike = kin(signal, popped | moved, free) | kin(signal, moved, free, on_wave=True)
    alike |= kin_of_any(signal, popped | moved, free)
    alike |= doubled(signal, popped | moved, free)
    alike |= several(signal, popped | moved, free)
    return judged.cleared(alike | composed(signal, popped | moved, free))


def judge_by_majority(signal: SiteSignal, judged: Judged) -> Judged:
    """Leftover members of units of which most are beats, pops or movement."""
    template, at_s = signal.found.template, signal.found.time_s
    for verdict in ("ecg", "pop", "motion"):
        for unit in np.unique(template[template >= 0]):
            own = template == unit
            if _share(judged.verdict[own] == verdict, at_s[own]) >= MAJORITY:
                judged = judged.revised(own, verdict, "most of its unit are")
    return judged


def _share(mask: Bools, at_s: Floats) -> float:
    """Share of episodes: one twitch of a muscle, or of a cable, may hold a dozen potentials."""
    episodes = runs(at_s, EPISODE_S)
    size = np.repeat(np.diff(episodes), np.diff(episodes)[:, 0])
    return float(np.sum(mask / size) / len(episodes))
