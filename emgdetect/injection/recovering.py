"""Injection and recovery: known potentials are added to the raw signal and looked for again.

What is found of them tells what could have been seen at all at a site (`stats.recovery`). Half of
the potentials come from a standard set, half are waveforms of a few of the site's own units: these
have the shape and the spread over channels of the muscle at hand. There are two more looks, at
stretches of the recording that take turns, and both know what the first has learnt of the site.
One does not know the templates of the units that are injected, so that it meets these as it would
a unit never seen. The other knows them, as the first look did, and finds their potentials where
they are smaller. Both together, told apart, say what is detectable and how many of the site's
potentials were found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgdetect.injection.parts import Part, halves_of
from emgdetect.injection.plan import Injection, plan_injections
from emgdetect.recording import Recording, Samples
from emgdetect.signal.spans import intersect

if TYPE_CHECKING:
    import pandas as pd

    from emgdetect.detections import SiteFacts, Waveform

Floats = NDArray[np.float64]

TEMPLATES = ("left out", "kept")
"""What the two looks do with the templates of the units that are injected."""

NEAR_S = 0.015
"""A potential found this near to an injected one is the injected one. As the score of the
benchmarks: 15 ms (issue 3)."""


def recover(
    recording: Recording,
    events: pd.DataFrame,
    facts: Sequence[SiteFacts],
    *,
    waveforms: Sequence[Waveform] = (),
    find: Callable[[Recording, Mapping[str, Set[int]]], pd.DataFrame],
    low_hz: float,
    seed: int = 0,
) -> pd.DataFrame:
    """Inject potentials at all sites, detect once more, and say which were found.

    Both in a part of the recording (`injection.parts`).

    Parameters
    ----------
    recording : Recording
    events : DataFrame
        What was found without injections, columns of `emgdetect.columns.EVENTS`.
    facts : sequence of SiteFacts
    waveforms : sequence of Waveform
        The units' average waveforms.
    find : callable
        The detection: recording to events. It is also told which units, by site, it must not
        know.
    low_hz : float
        Lower edge of the band in which potentials are measured.
    seed : int

    Returns
    -------
    DataFrame
        Columns `site`, `shape`, `time_s`, `amplitude_uv`, `recovered` and `template` (of the unit
        whose waveform it is: ``left out`` or ``kept``, or ``none`` of the standard set); one row
        per injection, by site in the order of `facts`, then by time. A site without analysed time
        has none.
    """
    import pandas as pd

    looks = zip(halves_of(recording, np.random.default_rng(seed)), TEMPLATES, strict=True)
    parts = []
    for number, (part, template) in enumerate(looks):
        injections = _planned(part, facts, waveforms, low_hz, [seed, number])
        left_out = _injected_units(injections) if template == "left out" else {}
        again = find(inject(part.recording, injections), left_out) if injections else events
        of_unit = [template if injection.unit else "none" for injection in injections]
        parts.append(outcomes(injections, events, again).assign(template=of_unit))
    whole = pd.concat([parts[0].astype({"template": object}), parts[1]], ignore_index=True)
    order = whole["site"].map({fact.site: k for k, fact in enumerate(facts)})
    by_site = whole.assign(order=order).sort_values(["order", "time_s"], kind="stable")
    return by_site.drop(columns="order").reset_index(drop=True)


def _planned(
    part: Part, facts: Sequence[SiteFacts], waveforms: Sequence[Waveform], low_hz: float,
    seed: Sequence[int],
) -> tuple[Injection, ...]:  # fmt: skip
    inner = [replace(fact, analysed_s=intersect(fact.analysed_s, part.inner_s)) for fact in facts]
    return plan_injections(part.recording, inner, waveforms=waveforms, low_hz=low_hz, seed=seed)


def _injected_units(injections: Sequence[Injection]) -> dict[str, set[int]]:
    used: dict[str, set[int]] = {}
    for injection in injections:
        if injection.unit:
            used.setdefault(injection.site, set()).add(injection.unit)
    return used


def outcomes(
    injections: Sequence[Injection], before: pd.DataFrame, after: pd.DataFrame
) -> pd.DataFrame:
    """Which injections were found as fasciculations.

    One is found if more potentials lie within 15 ms of it after the injection than before, so
    that one that was there anyway does not stand in for it.

    Returns
    -------
    DataFrame
        As `recover`, without `template`, in the order of `injections`.
    """
    import pandas as pd

    names = ["site", "shape", "time_s", "amplitude_uv"]
    rows = [[getattr(injection, name) for name in names] for injection in injections]
    frame = pd.DataFrame(rows, columns=names).astype({"time_s": float, "amplitude_uv": float})
    found = np.zeros(len(frame), dtype=bool)
    for site in frame["site"].unique():
        own = (frame["site"] == site).to_numpy()
        times = frame.loc[own, "time_s"].to_numpy(float)
        found[own] = _n_near(times, after, site) > _n_near(times, before, site)
    return frame.assign(recovered=found)


def _n_near(times: Floats, events: pd.DataFrame, site: str) -> NDArray[np.int64]:
    chosen = (events["site"] == site) & (events["verdict"] == "fasciculation")
    peaks = np.sort(events.loc[chosen, "peak_s"].to_numpy(float))
    first = np.searchsorted(peaks, times - NEAR_S, side="left")
    n: NDArray[np.int64] = np.searchsorted(peaks, times + NEAR_S, side="right") - first
    return n


def inject(recording: Recording, injections: Sequence[Injection]) -> Recording:
    """The recording with potentials added to its raw signal, block by block as it is read.

    Parameters
    ----------
    recording : Recording
    injections : sequence of Injection

    Returns
    -------
    Recording
        The same but for its signal; missing samples stay missing.
    """
    channels = {site.name: site.channels for site in recording.sites}
    placed: dict[tuple[int, int], list[tuple[int, NDArray[np.float32]]]] = {}
    for injection in sorted(injections, key=lambda one: one.start):
        for channel, row in zip(channels[injection.site], injection.waveform_uv, strict=True):
            placed.setdefault((injection.segment, channel), []).append((injection.start, row))
    return replace(recording, samples=_Injected(recording.samples, placed))


def _start(placed: tuple[int, NDArray[np.float32]]) -> int:
    return placed[0]


@dataclass(frozen=True)
class _Injected:
    """Samples with waveforms added; per segment and channel in order of start, all as long."""

    samples: Samples
    placed: Mapping[tuple[int, int], list[tuple[int, NDArray[np.float32]]]]

    def __call__(
        self, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> NDArray[np.float32]:
        block = np.array(self.samples(channels, segment, start, stop), dtype=np.float32)
        for row, channel in zip(block, channels, strict=True):
            placed = self.placed.get((segment, channel), [])
            longest = len(placed[0][1]) if placed else 0
            for at, waveform in placed[bisect_left(placed, start - longest, key=_start) :]:
                if at >= stop:
                    break
                low, high = max(at, start), min(at + len(waveform), stop)
                row[low - start : high - start] += waveform[low - at : high - at]
        return block
