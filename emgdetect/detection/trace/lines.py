"""Lines of mains and of railway current in the windows of a first look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.findings import Finding, finding
from emgdetect.recording import Site
from emgdetect.signal import mains

CHANNELS = 4
"""Channels that are asked, at most: lines are the same in all. Set by judgement; not measured."""


class Lines(NamedTuple):
    """Lines to remove: multiples of a frequency of mains, and what they hold of the power."""

    mains_hz: float
    harmonics: tuple[float, ...]
    share: float = 0.0
    rail_hz: float = 0.0
    rail_share: float = 0.0

    def told(self, site: Site) -> list[Finding]:
        """The finding that railway current was taken out, if it was."""
        if not self.rail_share:
            return []
        return [finding(
            "railway-current",
            f"{site.name}: railway current of {self.rail_hz:.1f} Hz and its harmonics held "
            f"{self.rail_share:.0%} of the power at 10-450 Hz. It was taken out as mains is.",
        )]  # fmt: skip


def found_lines(
    windows: list[NDArray[np.float32]], rate: float, config: Config, n_threads: int
) -> Lines:
    """Mains and railway current to remove, as configured or found.

    Parameters
    ----------
    windows : list of ndarray, each of shape (n_channels, n_samples)
    rate : float
    config : Config
    n_threads : int
        Windows at work at once; the result does not depend on it.

    Returns
    -------
    Lines
        Railway current is looked for wherever mains is, but where the caller says it has 60 Hz.
    """
    if config.mains_hz == "none":
        return Lines(50.0, ())
    nominal: Sequence[float] = (50.0, 60.0) if config.mains_hz == "auto" else (config.mains_hz,)
    n_longest = max(w.shape[1] for w in windows)
    whole = [w for w in windows if w.shape[1] == n_longest]
    if n_longest < rate:
        return Lines(nominal[0], ())
    # A few channels tell the frequency of all.
    pieces = np.concatenate([w[:: -(-len(w) // CHANNELS)] for w in whole])
    possible = [f for f in nominal if 2.2 * f < rate]
    power = mains.median_power(pieces, n_threads=n_threads)
    found = [mains.mains_lines(pieces, rate, nominal_hz=f, power=power) for f in possible]
    best = max(found, key=lambda lines: (lines[2], len(lines[1]))) if found else (50.0, (), 0.0)
    if config.mains_hz == 60:
        return Lines(*best)
    rail_hz, rail, rail_share = mains.rail_lines(pieces, rate, power=power)
    both = mains.with_rail(best[0], best[1], rail_hz, rail)
    return Lines(*both, best[2], rail_hz, rail_share)
