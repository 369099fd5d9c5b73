"""A warning where potentials of both body sides come together: twitches of many muscles at once.

A fasciculation is of one unit of one muscle. What moves muscles of both sides in the same moment
comes from above them, and a count of its parts is no count of fasciculations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import Finding, finding
from emgdetect.stats.synchrony import SHIFTS_S

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.floating[Any]]

HALF_S = 0.025
"""Seconds before and after a potential within which others come with it: the twitch of a muscle
lasts some tens of milliseconds, and muscles of both sides differ by some. Set by judgement; not
measured."""
SITES = 3
"""Sites at which potentials have to come together, of both sides. Set by judgement; not
measured."""
SHARE = 0.15
"""Share of the potentials that have to come together: an independent simulator's twitches of four
hand muscles give 0.3, and 18 other recordings of its at most 0.08."""
LEAST = 8
"""Moments at which they do. Set by judgement; not measured."""
BEYOND = 5.0
"""Moments over what chance gives. Set by judgement; not measured."""


def twitches_together(events: pd.DataFrame, sides: Mapping[str, str]) -> list[Finding]:
    """A warning if many counted potentials come together at sites of both body sides.

    Chance is measured by shifting one side by 0.2 to 2 s either way.

    Parameters
    ----------
    events : DataFrame
        Columns of `emgdetect.columns.EVENTS`.
    sides : mapping of str to str
        ``left``, ``right`` or empty, by site.

    Returns
    -------
    list of Finding
        Of the recording as a whole; empty where they do not, or no names tell both sides.
    """
    counted = events[events["verdict"] == "fasciculation"]
    by_site = {site: np.sort(own["peak_s"].to_numpy(dtype=float))
               for site, own in counted.groupby("site", sort=True)}  # fmt: skip
    here = [(times, sides.get(str(site), "")) for site, times in by_site.items()]
    here = [(times, side) for times, side in here if side]
    if len(here) < SITES or len({side for _, side in here}) < 2:
        return []
    n, moments = _together(here)
    if moments < LEAST or n < SHARE * len(counted):
        return []
    shifted = [[(times + shift * (side == "right"), side) for times, side in here]
               for shift in SHIFTS_S]  # fmt: skip
    chance = float(np.mean([_together(moved)[1] for moved in shifted]))
    if moments < BEYOND * (chance + 1 / len(SHIFTS_S)):
        return []
    message = (
        f"{n} of {len(counted)} counted potentials come together, within {1000 * HALF_S:.0f} ms, "
        f"at {SITES} sites or more of both body sides, at {moments} moments (by chance "
        f"{chance:.1f}): they may be parts of twitches of many muscles at once rather than "
        "fasciculations of single units."
    )
    return [finding("twitches-together", message)]


def _together(sites: list[tuple[Floats, str]]) -> tuple[int, int]:
    """How many potentials come together at sites of both sides, and at how many moments."""
    every = np.sort(np.concatenate([times for times, _ in sites]))
    seen = np.array([
        np.searchsorted(times, every + HALF_S, side="right")
        > np.searchsorted(times, every - HALF_S, side="left")
        for times, _ in sites
    ])  # fmt: skip
    left = np.array([side == "left" for _, side in sites])
    both = (seen.sum(axis=0) >= SITES) & seen[left].any(axis=0) & seen[~left].any(axis=0)
    own = every[both]
    return len(own), int(np.sum(np.diff(own, prepend=-np.inf) > 2 * HALF_S))
