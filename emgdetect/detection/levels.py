"""The exclusion levels: what each of them leaves of a site, and what is counted under it.

Published rates differ by the rule that excludes time alone, so a site is judged under each. All
that is learnt of it comes from the default level's time, and all levels part what was measured;
what a potential is judged to be depends on the others beside it, so each level's are judged on
their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rest.contraction import RULES
from emgdetect.detection.rest.exposure import Exposure
from emgdetect.detection.rows import chosen
from emgdetect.detection.second_pass.listing import Listed
from emgdetect.detection.site import SiteSignal
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.detection.verdicts.judging import Judged
from emgdetect.signal.spans import covers, merge, total

Bools = NDArray[np.bool_]
Spans = NDArray[np.floating[Any]]
Judging = Callable[[list[SiteSignal]], list[Judged]]
Counts = Mapping[str, tuple[int, float]]

LEVELS = tuple(RULES)
"""Names of the levels, from the one that excludes least."""
LEARNT_AT = "default"
"""Level in whose time a site is learnt, whichever is asked for: its thresholds and units are the
same under all."""


@dataclass(frozen=True)
class OfLevel:
    """What one level leaves of a site.

    Attributes
    ----------
    rows : ndarray of bool, shape (n_found,)
        Its potentials, of those of all levels.
    faint : ndarray of bool, shape (n_faint,)
        The same of faint discharges.
    excluded : mapping of str to ndarray, shape (n_spans, 2)
        By reason.
    active_s : ndarray, shape (n_spans, 2)
        Contraction and tremor.
    """

    rows: Bools
    faint: Bools
    excluded: Mapping[str, Spans]
    active_s: Spans


@dataclass(frozen=True)
class SiteLevels:
    """What detection knows of a site under all levels.

    Attributes
    ----------
    every : SiteSignal
        With the potentials of all levels; its other facts are the default level's.
    parts : mapping of str to OfLevel
        By level.
    """

    every: SiteSignal
    parts: Mapping[str, OfLevel]

    def at(self, level: str) -> SiteSignal:
        """The site under one level; it holds no copy where all potentials are the level's."""
        part, every = self.parts[level], self.every
        signal = replace(every, level=level, excluded=part.excluded, active_s=part.active_s)
        if not part.faint.all():
            signal = replace(signal, faint=chosen(every.faint, part.faint))
        if part.rows.all():
            return signal
        return replace(
            signal, found=chosen(every.found, part.rows), channel=every.channel[part.rows],
            measured=chosen(every.measured, part.rows), beat=every.beat[part.rows],
        )  # fmt: skip

    def alike(self, one: str, other: str) -> bool:
        """Whether two levels leave the same, so that what is judged under both is the same."""
        a, b = self.parts[one], self.parts[other]
        analysed_s = self.every.analysed_s
        pairs = ((analysed_s[one], analysed_s[other]), (a.active_s, b.active_s),
                 (a.rows, b.rows), (a.faint, b.faint))  # fmt: skip
        return all(np.array_equal(*pair) for pair in pairs)


def in_any(spans: Mapping[str, Spans]) -> Spans:
    """Spans of any level, merged."""
    return merge(np.concatenate(list(spans.values())))


def with_time(front: Front, chunks: list[Chunk], analysed_s: Spans) -> list[Chunk]:
    """Chunks that hold any analysed time."""
    rate = front.site.sampling_hz
    starts = np.array([front.start_s(chunk) for chunk in chunks])
    stops = starts + np.array([(chunk.stop - chunk.start) / rate for chunk in chunks])
    return [chunk for chunk, a, b in zip(chunks, starts, stops, strict=True)
            if np.any((analysed_s[:, 0] < b) & (analysed_s[:, 1] > a))]  # fmt: skip


def of_any_level(
    usual: Listed, found_s: Spans, calm: Mapping[str, Spans], exposure: Exposure,
    listing: Callable[[Spans], Listed],
) -> Listed:  # fmt: skip
    """Potentials that any level analyses: those usually listed, and behind them others.

    What is listed depends on what lies around it. The usual ones are listed without the others, so
    that they do not depend on time that is excluded; the others amid all.
    """

    def wanted(time_s: Spans) -> Bools:
        return np.asarray(np.any([_left(name, calm, exposure, time_s) for name in calm], axis=0))

    rows = usual.chosen(wanted(usual.found.time_s))
    if np.any(wanted(found_s) & ~covers(calm[LEARNT_AT], found_s)):
        every = listing(in_any(calm))
        time_s = every.found.time_s
        rows = rows.and_then(every.chosen(wanted(time_s) & ~covers(calm[LEARNT_AT], time_s)))
    return rows


def parts_of(
    every: SiteSignal, calm: Mapping[str, Spans], exposure: Exposure
) -> dict[str, OfLevel]:
    """What each exclusion level leaves of a site."""
    starts = np.array([every.front.start_s(chunk) for chunk in every.chunks])
    chunk = np.searchsorted(starts, every.faint.time_s, side="right") - 1
    parts = {}
    for level, analysed_s in exposure.analysed.items():
        rows = _left(level, calm, exposure, every.found.time_s)
        rows |= every.beat & covers(analysed_s, every.found.time_s)
        rows &= ~_peaks_in(every, exposure.excluded[level])
        seen = set(with_time(every.front, every.chunks, calm[level]))
        faint = np.isin(chunk, [k for k, one in enumerate(every.chunks) if one in seen])
        parts[level] = OfLevel(rows, faint, exposure.excluded[level], exposure.active[level])
    return parts


def _peaks_in(every: SiteSignal, excluded: Mapping[str, Spans]) -> Bools:
    """Which potentials peak in an excluded span, though the middle of their shape lies beside it.

    What is damaged there is measured, and what lies there is not listed.
    """
    spans = [span for reason, span in excluded.items() if reason != "gap"]
    return covers(merge(np.concatenate([np.zeros((0, 2)), *spans])), every.measured.peak_s)


def _left(level: str, calm: Mapping[str, Spans], exposure: Exposure, time_s: Spans) -> Bools:
    """Which potentials a level leaves, by the first pass and by the second one."""
    return np.asarray(covers(calm[level], time_s) & covers(exposure.analysed[level], time_s))


def judged_at(
    sites: Sequence[SiteLevels], level: str, judging: Judging, *, others: bool
) -> tuple[list[SiteSignal], list[Judged], list[Counts]]:
    """Judge the sites of a recording under one level, and count under all.

    Parameters
    ----------
    sites : sequence of SiteLevels
    level : str
        Whose potentials are wanted.
    judging : callable
        Passes the verdicts on what all sites hold under one level.
    others : bool
        Whether the other levels are counted, too; else only the one is.

    Returns
    -------
    signals : list of SiteSignal
        Under the level.
    judged : list of Judged
    counts : list of mapping of str to (int, float)
        Fasciculations and seconds by level, for each site.
    """
    names = (level, *LEVELS) if others else (level,)
    # Mostly nothing is excluded, or the same by all rules: that is judged once.
    first = {name: next(known for known in names if all(s.alike(known, name) for s in sites))
             for name in names}  # fmt: skip
    numbers = {name: _numbers(_judged(sites, name, judging)[1])
               for name in dict.fromkeys(first.values()) if name != level}  # fmt: skip
    signals, judged = _judged(sites, level, judging)
    numbers[level] = _numbers(judged)
    counts: list[Counts] = [
        {name: (numbers[first[name]][k], total(site.every.analysed_s[name]))
         for name in (LEVELS if others else names)}
        for k, site in enumerate(sites)
    ]  # fmt: skip
    return signals, judged, counts


def _judged(
    sites: Sequence[SiteLevels], level: str, judging: Judging
) -> tuple[list[SiteSignal], list[Judged]]:
    """The sites under one level, and the verdicts on their potentials."""
    signals = [site.at(level) for site in sites]
    return signals, judging(signals)


def _numbers(judged: list[Judged]) -> list[int]:
    """How many potentials of each site are counted.

    All lie in analysed time, though the peak of one may stand at the very end of the recording:
    the statistics move it in (`stats.exposure.settle`).
    """
    return [int(np.sum(own.verdict == "fasciculation")) for own in judged]
