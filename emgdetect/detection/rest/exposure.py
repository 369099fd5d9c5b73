"""What of a site's time may be counted: spans excluded by reason, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.rest.activity import Activity
from emgdetect.detection.rest.unrest import Fired, by_candidates, by_potentials
from emgdetect.recording import Recording
from emgdetect.signal.spans import intersect, merge, without

Spans = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Exposure:
    """Time of a site, each item of shape (n_spans, 2) in seconds.

    Attributes
    ----------
    excluded : mapping of str to mapping of str to ndarray
        Excluded spans by exclusion level and reason. A moment excluded for several reasons is
        listed under the first that holds, in the order of the mapping; gaps lie outside the
        recorded time.
    analysed : mapping of str to ndarray
        Analysed spans by exclusion level.
    active : mapping of str to ndarray
        Contraction and tremor by exclusion level; a needle recording is analysed there, and judged
        so.
    thronged : ndarray
        Time in which so many maxima of the score come that the muscle is active, trains included.
    """

    excluded: Mapping[str, Mapping[str, Spans]]
    analysed: Mapping[str, Spans]
    active: Mapping[str, Spans]
    thronged: Spans


def time_to_analyse(
    recording: Recording, activity: Activity, fired: Fired | None = None
) -> Exposure:  # fmt: skip
    """Divide the recorded time of a site into what is excluded and what is analysed.

    Parameters
    ----------
    recording : Recording
    activity : Activity
    fired : Fired, optional
        Potentials, once they are known.
    """
    recorded = recording.spans_s
    unrest = (by_candidates(activity) if fired is None
              else by_potentials(activity, fired, recorded))  # fmt: skip
    tremor, levels = unrest.tremor, unrest.contraction
    active = {name: merge(np.concatenate([tremor, spans])) for name, spans in levels.items()}
    if recording.kind == "needle":
        # A needle is read during contraction, too: its potentials are listed, but not counted.
        tremor = np.zeros((0, 2))
        levels = dict.fromkeys(levels, tremor)
    bad = {**activity.bad, "tremor": tremor}
    everything = np.concatenate([np.zeros((0, 2)), *bad.values()])
    analysed = {
        name: without(recorded, np.concatenate([everything, spans]))
        for name, spans in levels.items()
    }
    excluded = {name: _by_first_reason(recorded, {**bad, "contraction": spans})
                for name, spans in levels.items()}  # fmt: skip
    return Exposure(excluded, analysed, active, unrest.thronged)


def _by_first_reason(recorded: Spans, spans_of: Mapping[str, Spans]) -> dict[str, Spans]:
    """Spans by reason without those of the reasons before, and the gaps of a recording."""
    excluded: dict[str, Spans] = {}
    free = recorded
    for reason, spans in spans_of.items():
        excluded[reason] = intersect(spans, free)
        free = without(free, spans)
    excluded["gap"] = gaps_between(recorded)
    return excluded


def gaps_between(recorded: Spans) -> Spans:
    """Gaps between recorded spans that follow each other; shape (n_gaps, 2)."""
    gaps = recorded[1:, 0] > recorded[:-1, 1] + 1e-9
    return np.asarray(np.stack([recorded[:-1, 1], recorded[1:, 0]], axis=1)[gaps])
