"""Doublets: two discharges of a unit so near each other that their sum resembles neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.library import Library
from emgdetect.signal.pursuit import (
    SAME_UNIT_S,
    Placed,
    lone,
    put_back,
    subtract,
    well_explained,
)

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

PAIR_S = 0.012
"""Seconds around a peak in which the two discharges of a pair are sought. Set by judgement; not
measured."""
PAIR_GAIN = 1.3
"""Energy that a pair explains over what the best single discharge does, at least. Set by judgement;
not measured."""
PAIR_LEFT = 0.06
"""Share of the energy around each of the pair that may be left of it: stricter than `LEFT_SHARE`,
as two fit more than one. Set by judgement; not measured."""
PAIR_SCALES = (0.75, 1.3)
"""Scales that the discharges of a pair may have: narrower than `SCALE_RANGE`, for the same reason.
Set by judgement; not measured."""
SPLIT_LEFT = 0.12
"""Share of the energy around a placed template that has to be left of it before two are tried; with
the next, on tuning seeds of clean, pairs and busy (benchmarks/accuracy.py), 30 potentials more are
found and 1 false one."""
SPLIT_GAIN = 0.1
"""Share of that energy that two have to explain beyond it."""
OTHERS_LEFT = 0.05
"""The same as `SPLIT_LEFT` where the two are of another unit than the one, and the share that may
be left of both: a unit's doublets may have become a template of their own. With the next three and
`CLEAR_S`, chosen on 8 recordings of an independent simulator, of whose pairs 339 instead of 367
potentials are missed and 31 instead of 28 false ones counted; of busy muscles, and on 6 of ours
(tuning seeds 1160 to 1163), as many as without."""
OTHERS_GAIN = 0.08
"""Share of the energy that two of another unit have to explain beyond the one, around it."""
OTHERS_LEAST = 12.0
"""Energy that they have to explain so, at least."""
OTHERS_ALONE_S = 0.1
"""Seconds from the one within which nothing else is placed: in a contraction or tremor the same is
overlaps of many units. Without, 12 false ones more are counted in 4 healthy recordings of the
independent simulator; with 0.05, 7 more in tremor."""
CLEAR_S, CLEAR_RATIO = 0.0035, 0.75
"""Seconds between two discharges, and scale of the smaller one as a share of the larger one's, from
which they are a doublet beyond doubt: nearer ones also make the waveform of another unit. With 0.85
and scales of 0.8 or more for templates (`detection.first_pass.doublets`), 17 potentials more of
those pairs and 22 of those busy muscles are missed, and 3 of ours; no more or less are false."""
MOST_PAIRED = 10
"""Templates that are tried in pairs, the best ones alone: time grows with their square. Set by
judgement; not measured."""


class Pair(NamedTuple):
    """Two discharges of a template that overlap, by offset from the first sample looked at."""

    template: int
    first_at: int
    second_at: int
    gain: float


def best_pairs(inner: Floats, energy: Floats, gram: Floats, *, apart: int) -> list[Pair]:
    """The two discharges of each template that together explain most, the best templates first.

    Of two discharges a few milliseconds apart the sum resembles neither, so that the better one
    alone is placed between them.

    Parameters
    ----------
    inner : ndarray, shape (n_templates, n_offsets)
        Inner products of the trace with each template at each offset.
    energy : ndarray, shape (n_templates,)
    gram : ndarray, shape (n_templates, n_templates, 2 * n_length - 1)
        From `cross_gram`.
    apart : int
        Fewest samples between two discharges of one unit.

    Returns
    -------
    list of Pair
        Of the `MOST_PAIRED` templates that explain most alone; empty without templates, or if all
        offsets are nearer than `apart`.
    """
    alone = 2 * inner - energy[:, None]
    n, middle = inner.shape[1], gram.shape[2] // 2
    if n <= apart or not len(inner):
        return []
    lag = np.arange(n)[:, None] - np.arange(n)[None, :]
    # Further apart than their length two templates do not meet.
    met, at = np.abs(lag) <= middle, np.clip(lag + middle, 0, 2 * middle)
    near = np.abs(lag) < apart
    pairs = []
    for k in np.argsort(-alone.max(axis=1), kind="stable")[:MOST_PAIRED]:
        both = alone[k][:, None] + alone[k][None, :] - 2 * np.where(met, gram[k, k][at], 0.0)
        both = np.where(near, -np.inf, both)
        a, b = np.unravel_index(int(np.argmax(both)), both.shape)
        pairs.append(Pair(int(k), int(a), int(b), float(both[a, b])))
    return sorted(pairs, key=lambda pair: -pair.gain)


def explain_pairs(
    values: Floats32, library: Library, peaks: NDArray[np.int64], *, rate_hz: float,
    occupancy: float,
) -> list[Placed]:  # fmt: skip
    """Doublets of known units among what no single template explains.

    Parameters
    ----------
    values : ndarray, shape (n_channels, n_samples)
        The trace without what is explained already.
    library : Library
    peaks : ndarray of int, shape (n_peaks,)
        Samples around which to look.
    rate_hz, occupancy : float

    Returns
    -------
    list of Placed
        Two for each pair that leaves as little as a single potential may.
    """
    if not len(library) or not len(peaks):
        return []
    inner, energy, gram = library.products(values), library.energy, library.gram
    reach, apart = round(PAIR_S * rate_hz), round(SAME_UNIT_S * rate_hz)
    found: list[Placed] = []
    for peak in peaks:
        start = max(0, int(peak) - reach)
        near = inner[:, start : int(peak) + reach + 1]
        pairs = best_pairs(near, energy, gram, apart=apart)
        if not pairs or pairs[0].gain < PAIR_GAIN * float((2 * near - energy[:, None]).max()):
            continue
        both = scaled_pair(pairs[0], start, near, energy, gram)
        rest = subtract(values, library.templates, both)
        good = well_explained(values, rest, both, rate_hz=rate_hz, occupancy=occupancy,
                              left_share=PAIR_LEFT)  # fmt: skip
        if len(good) == 2:
            found += both
    return found


def scaled_pair(
    pair: Pair, start: int, inner: Floats, energy: Floats, gram: Floats
) -> list[Placed]:
    """Both discharges of a pair at the scales that together leave least, within `PAIR_SCALES`."""
    k, places = pair.template, (pair.first_at, pair.second_at)
    lag = places[0] - places[1] + gram.shape[2] // 2
    met = float(gram[k, k, lag]) if 0 <= lag < gram.shape[2] else 0.0
    products = np.array([[energy[k], met], [met, energy[k]]], dtype=float)
    scales = np.linalg.lstsq(products, np.asarray(inner[k, list(places)], dtype=float))[0]
    return [
        Placed(start + at, k, float(scale), float(scale * np.sqrt(energy[k])))
        for at, scale in zip(places, np.clip(scales, *PAIR_SCALES), strict=True)
    ]


def split_doublets(
    rest: Floats32, library: Library, placed: Sequence[Placed], *,
    rate_hz: float, occupancy: float, least: float,
) -> list[Placed]:  # fmt: skip
    """Placed templates, some of them replaced by two discharges that leave far less of the trace.

    Of two discharges a few milliseconds apart one template, placed between them and scaled up,
    explains most; what it leaves is what its own misfit might leave, and only both together tell.

    Parameters
    ----------
    rest : ndarray, shape (n_channels, n_samples)
        The trace without what is placed.
    library : Library
    placed : sequence of Placed
    rate_hz, occupancy : float
    least : float
        Energy in units of noise variance that the second discharge has to explain in addition.

    Returns
    -------
    list of Placed
    """
    out: list[Placed] = []
    rest = rest.copy()
    for one, alone in zip(placed, lone(placed, OTHERS_ALONE_S * rate_hz), strict=True):
        pair = _doublet_instead(rest, library, one, rate_hz, occupancy, least, alone=bool(alone))
        if pair:
            back = one._replace(scale=-one.scale)
            rest = subtract(rest, library.templates, [back, *pair])
        out += pair or [one]
    return out


def _doublet_instead(
    rest: Floats32, library: Library, one: Placed, rate_hz: float, occupancy: float,
    least: float, *, alone: bool,
) -> list[Placed]:  # fmt: skip
    """Two discharges that explain better what one template was placed for; empty if none do."""
    reach = round(PAIR_S * rate_hz)
    low, left, whole, core = put_back(rest, library.templates, one, reach)
    noise = occupancy * len(rest) * (core.stop - core.start)
    energy, kept = (float(np.sum(x[:, core] ** 2)) - noise for x in (whole, left))
    if kept < (OTHERS_LEFT * energy if alone else max(SPLIT_LEFT * energy, least)):
        return []
    near = library.products_at(whole, core)
    pairs = best_pairs(near, library.energy, library.gram, apart=round(SAME_UNIT_S * rate_hz))
    tried = [scaled_pair(pair, core.start, near, library.energy, library.gram) for pair in pairs]
    if not tried:
        return []
    left_by = [subtract(whole, library.templates, both) for both in tried]
    best = int(np.argmin([np.sum(rest**2) for rest in left_by]))
    both, then = tried[best], left_by[best]
    good = well_explained(whole, then, both, rate_hz=rate_hz, occupancy=occupancy,
                          left_share=PAIR_LEFT)  # fmt: skip
    better = float(np.sum(left**2) - np.sum(then**2))
    usual = kept >= max(SPLIT_LEFT * energy, least) and better >= max(least, SPLIT_GAIN * energy)
    kept_then = float(np.sum(then[:, core] ** 2)) - noise
    others = alone and both[0].template != one.template and clear_pair(both, rate_hz)
    others &= kept_then <= OTHERS_LEFT * energy
    others &= kept - kept_then >= max(OTHERS_LEAST, OTHERS_GAIN * energy)
    if len(good) < 2 or not (usual or others):
        return []
    return [x._replace(sample=x.sample + low) for x in both]


def clear_pair(both: Sequence[Placed], rate_hz: float) -> bool:
    """Whether two discharges of a unit are a doublet beyond doubt: apart, and of like size."""
    small, large = sorted(one.scale for one in both)
    apart_s = abs(both[0].sample - both[1].sample) / rate_hz
    return apart_s >= CLEAR_S and small >= CLEAR_RATIO * large
