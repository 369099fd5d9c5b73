"""Two sites that carry one signal: gel from electrode to electrode, or one electrode wired twice.

Both rates are then of the same potentials, and their synchrony says nothing.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.remarks.pieces import CHANNELS, PIECE_S, Pieces
from emgdetect.findings import Finding, finding
from emgdetect.signal.spans import nearest

ALIKE = 0.95
"""Correlation of two sites' pieces from which they carry the same signal: noise of 1/5 of theirs
in one more leaves 0.98."""
SCALES = (0.8, 1.25)
"""Ratio of their sizes within which they do. Set by judgement; not measured."""
SHARE = 0.25
"""Share of the pieces that have to be alike. Set by judgement; not measured."""
LEAST = 5
"""Alike pieces at least. Set by judgement; not measured."""
WITHIN_S = 0.005
"""Seconds within which a potential of the other site is the same. Set by judgement; not
measured."""
COMMON = 0.6
"""Share of the potentials within alike pieces that have to be of both: noise of a common reference
may be alike where potentials are not. Set by judgement; not measured."""
FEWEST = 3
"""Potentials at least that are of both. Set by judgement; not measured."""


def twin_sites(sites: list[Pieces]) -> list[Finding]:
    """A warning for each two sites that carry the same signal.

    Parameters
    ----------
    sites : list of Pieces

    Returns
    -------
    list of Finding
        One for each of the two, so that it stands beside both rates; empty where there are none.
    """
    found = []
    for a, b in combinations(sites, 2):
        alike = _alike(a, b)
        if alike.sum() < max(LEAST, SHARE * len(alike)):
            continue
        share = _shared(a, b, alike)
        if share < COMMON:
            continue
        for one, other in ((a, b), (b, a)):
            found.append(finding(
                "sites-alike",
                f"{one.signal.site.name}: carries the same signal as {other.signal.site.name} in "
                f"{alike.mean():.0%} of the time looked at, with {share:.0%} of the potentials "
                "then: both rates are of one muscle.",
            ))  # fmt: skip
    return found


def _alike(a: Pieces, b: Pieces) -> NDArray[np.bool_]:
    """Which pieces hold the same signal on some channel of each; empty where times differ."""
    few = max(len(p.signal.front.channels) for p in (a, b)) <= CHANNELS
    if not few or a.data.shape[::2] != b.data.shape[::2] or not np.array_equal(a.time_s, b.time_s):
        return np.zeros(0, dtype=bool)
    norm_a, norm_b = (np.linalg.norm(p.data, axis=2) for p in (a, b))
    cross = np.einsum("pan,pbn->pab", a.data, b.data, dtype=np.float64)
    product = norm_a[:, :, None] * norm_b[:, None, :]
    scale = norm_a[:, :, None] / np.maximum(norm_b[:, None, :], 1e-9)
    same = (cross > ALIKE * product) & (product > 0)
    same &= (scale > SCALES[0]) & (scale < SCALES[1])
    return np.asarray(same.any(axis=(1, 2)) & a.counted & b.counted)


def _shared(a: Pieces, b: Pieces, alike: NDArray[np.bool_]) -> float:
    """Share of the potentials in alike pieces that both sites have; 0 where there are too few."""
    shares = []
    for one, other in ((a, b), (b, a)):
        times, beside = one.signal.measured.peak_s, np.sort(other.signal.measured.peak_s)
        near = np.abs(times[:, None] - one.time_s[alike]).min(axis=1, initial=np.inf)
        times = times[near < PIECE_S / 2]
        if not len(beside):
            return 0.0
        both = int(np.sum(np.abs(times - beside[nearest(times, beside)]) <= WITHIN_S))
        shares.append(both / len(times) if both >= FEWEST else 0.0)
    return min(shares)
