"""Warnings where hardly any rest is left: what was taken for it may be none, or lie between the
discharges of a unit that never stops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.trains import TRAIN_INTERVAL_S
from emgdetect.findings import Finding, finding
from emgdetect.signal.spans import merge, total

Spans = NDArray[np.floating[Any]]

MOSTLY = 0.8
"""Share of the time, without what cannot be used for other reasons, that has to be excluded as
contraction or tremor. Set by judgement; not measured."""

RESTLESS = 0.7
"""Share of the time in which trains go on, from which a rate is one beside a unit that hardly ever
stops: no unit shows by firing elsewhere that it is none of a train's, and only the clock tells
(`verdicts.families`). Without it, of tonic trains (tuning seeds 1001 to 1008) 9 less are missed and
14 more are false; of two recordings with a unit that fires all the time (an independent simulator)
367 of 367 were missed, and with the noise of `trace.lulls` 127 are."""


def mostly_firing(site: str, train_s: NDArray[np.floating[Any]], *, analysed_s: float
                  ) -> list[Finding]:  # fmt: skip
    """A warning for a site at which trains go on most of the time.

    What fires at the same moment as a train's discharge is lost, and what looks like the train's
    unit is taken for it: of 367 potentials beside a unit that fired all the time (an independent
    simulator, two recordings) 127 are not counted.

    Parameters
    ----------
    site : str
    train_s : ndarray, shape (n,)
        Discharges of trains.
    analysed_s : float

    Returns
    -------
    list of Finding
        Empty where they go on for less.
    """
    within = train_s[:, None] + np.array([0.0, TRAIN_INTERVAL_S[1]])
    firing_s = min(total(merge(within)), analysed_s)
    if not firing_s or firing_s < RESTLESS * analysed_s:
        return []
    message = (
        f"{site}: motor units fired regularly in {firing_s:.0f} of {analysed_s:.0f} analysed "
        "seconds; potentials beside them are missed, so the true rate is higher."
    )
    return [finding("mostly-firing", message)]


def mostly_active(site: str, excluded: Mapping[str, Spans], *, analysed_s: float) -> list[Finding]:
    """A warning for a site most of whose time was excluded since the muscle was not at rest.

    Contraction is told by how far its noise exceeds the quietest. Where that is of an amplifier
    without its electrode, all the rest is excluded, and no rate is as wrong as the one left.

    Parameters
    ----------
    site : str
    excluded : mapping of str to ndarray, shape (n_spans, 2)
        Excluded spans by reason.
    analysed_s : float

    Returns
    -------
    list of Finding
        Empty where less was excluded.
    """
    active_s = sum(total(excluded[reason]) for reason in ("contraction", "tremor"))
    if not active_s or active_s < MOSTLY * (active_s + analysed_s):
        return []
    message = (
        f"{site}: {active_s:.0f} s were excluded as contraction or tremor and {analysed_s:.0f} s "
        "analysed; the quietest time was taken for rest."
    )
    return [finding("mostly-active", message)]
