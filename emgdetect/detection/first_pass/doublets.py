"""Templates that are no unit of their own, but doublets of one that also fires singly.

Or what a window holds of them: complexes of 30 ms are cut around each of their largest waves, and
of a unit's discharges, one or two, each cut would be another unit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.pairs import CLEAR_RATIO, CLEAR_S, PAIR_SCALES
from emgdetect.signal.pursuit import SAME_UNIT_S

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

MERGE_NOISE = 1.3
"""Times the noise of averages that is granted to their misfit. Set by judgement; not measured."""
DOUBLET_LEFT = 0.06
"""Share of a template's energy that two placings of another may leave. Chosen on tuning seeds of
clean, pairs and busy (benchmarks/accuracy.py): 0.05 and 0.08 are as good there."""
RARE, CHAINED_LEFT = 10.0, 0.25
"""What is left instead of templates that are so many times rarer, where discharges come in chains:
those that were not told apart differ in size and distance from each other. Of myokymia (an
independent simulator, hold-out 13, seeds 0 and 1) 338 of 2411 are missed and 19 false with it,
356 and 24 without."""
SURE_S, SURE_SCALE, SURE_LEFT, SURE_NOISE = 0.0044, 0.87, 0.02, 0.1
"""Seconds between two discharges, their least scale, the share of a template's energy that they
leave beyond the noise of averages, and what that noise may be, from which a template is a doublet
even if the unit hardly fires more often singly: ten doublets of a unit 8 or 12 ms apart and as
many singles would be told as two units (tests/detection/first_pass/test_double_templates.py).
Nothing else changes on the tuning seeds 1001 to 1012 of clean, pairs, busy and weak; where 0.03 may
be left, 13 false ones more are counted at one site whose units are alike."""
ENERGIES = (0.4, 4.0)
"""Range of a template's energy over that of a unit whose doublet, or part of one, it may be."""
HELD, WHOLE = 0.5, 0.9
"""Share of a discharge that a window has to hold to be explained by it, and from which it is
whole. Where only whole ones are sought, 192 potentials of pairs are missed and 52 false (tuning
seeds 1000 to 1005) instead of 179 and 48, of an independent simulator's (hold-out 10, seeds 6 to
13) 427 and 87 instead of 372 and 80. With 0.25, 182 and 47 of the first, and 111 and 66 instead of
107 and 67 of tonic_trains."""
LATE_S = 0.006
"""Seconds from the middle of a window to that of a discharge, from which single ones are told by
their early or late waves; nearer ones are likenesses of whole units (`sorting`). Without, 4 more of
those pairs are missed."""


class _Places(NamedTuple):
    """A template wherever a window of its length holds enough of it.

    Attributes
    ----------
    at : ndarray of int, shape (n_places,)
        Samples from the window's middle to the template's.
    waves : ndarray, shape (n_places, n_channels * n_samples)
        What the window holds.
    met : ndarray, shape (n_places, n_places)
        Inner products of these.
    """

    at: NDArray[np.int64]
    waves: Floats
    met: Floats

    @property
    def energy(self) -> Floats:
        """What the window holds; shape (n_places,)."""
        return np.asarray(np.diag(self.met))


class _Fit(NamedTuple):
    """Discharges that leave least of a window: their places and scales, and the energy left."""

    places: tuple[int, ...]
    scales: tuple[float, ...]
    left: float


class _Asked(NamedTuple):
    """What may be a doublet: its samples, their energy, and the share that is granted to noise."""

    window: Floats
    energy: float
    granted: float

    def left(self, fit: _Fit) -> float:
        """Share of the energy that a fit leaves beyond the noise of averages."""
        return fit.left / self.energy - self.granted


def doublets(
    templates: Floats32, counts: Floats, *, rate_hz: float, occupancy: float, clear: bool = False,
    chained: bool = False,
) -> Bools:  # fmt: skip
    """Templates that are two discharges of one other: doublets of a unit that also fires singly.

    Or of which another unit's early or late waves, of one discharge or of two, are all that a
    window holds.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_channels, n_samples)
    counts : ndarray, shape (n_templates,)
        Potentials averaged in each.
    rate_hz, occupancy : float
    clear : bool
        Whether the two have to be apart and of like size (`pairs.clear_pair`): where they need not
        be, a true unit may be explained by two of another (17 false ones in one recording of an
        independent simulator).
    chained : bool
        Whether discharges follow each other in chains (`chains.room_of`): a rare template may then
        be any two of them that were not apart.

    Returns
    -------
    ndarray of bool, shape (n_templates,)
    """
    energy = np.einsum("kcl,kcl->k", templates, templates)
    n_noise = occupancy * templates.shape[1] * templates.shape[2]
    double = np.zeros(len(templates), dtype=bool)
    for j, one in enumerate(templates):
        ratio = energy / max(float(energy[j]), 1e-9)
        granted = MERGE_NOISE * n_noise * (1 / counts + 2 / counts[j]) / np.maximum(energy, 1e-9)
        rarely = 2 * counts <= counts[j]
        asked = ~double & (ratio > ENERGIES[0]) & (ratio < ENERGIES[1])
        asked &= rarely | (granted <= SURE_NOISE)
        asked[j] = False
        if not asked.any():
            continue
        places = _places_of(one)
        rare = rarely & chained & (RARE * counts <= counts[j])
        for k in np.flatnonzero(asked):
            told = _Asked(templates[k].ravel().astype(float), float(energy[k]), float(granted[k]))
            double[k] = (
                _seldom(told, places, rate_hz, clear=clear, rare=bool(rare[k])) if rarely[k]
                else _beyond_doubt(told, places, rate_hz)
            )  # fmt: skip
    return double


def _seldom(asked: _Asked, places: _Places, rate_hz: float, *, clear: bool, rare: bool) -> bool:
    """Whether a template is two discharges of a unit that fires far more often, or part of them."""
    two = _best_two(asked.window, places, apart=round(SAME_UNIT_S * rate_hz))
    whole, certain = _whole(two, places), asked.granted <= SURE_NOISE
    may = (whole or certain) and (not clear or _clear(two, places, rate_hz))
    if may and asked.left(two) < (CHAINED_LEFT if rare and whole else DOUBLET_LEFT):
        return True
    single = _best_one(asked.window, places, beyond=LATE_S * rate_hz)
    return certain and asked.left(single) < DOUBLET_LEFT


def _beyond_doubt(asked: _Asked, places: _Places, rate_hz: float) -> bool:
    """Whether a template is a doublet of a unit although that hardly fires more often singly."""
    two = _best_two(asked.window, places, apart=round(SAME_UNIT_S * rate_hz))
    small, large = sorted(two.scales)
    alike = small >= SURE_SCALE and large <= 1 / SURE_SCALE and _whole(two, places)
    return (alike and _apart_s(two, places, rate_hz) >= SURE_S
            and asked.left(two) <= SURE_LEFT)  # fmt: skip


def _places_of(template: Floats32) -> _Places:
    """A template at all places at which a window of its length holds enough of it."""
    n = template.shape[1]
    padded = np.pad(template.astype(float), ((0, 0), (n, n)))
    at = np.arange(1 - n, n)
    waves = np.stack([padded[:, n - shift : 2 * n - shift].ravel() for shift in at])
    held = np.einsum("pn,pn->p", waves, waves)
    enough = held >= HELD * held[n - 1]
    waves = waves[enough]
    return _Places(at[enough], waves, waves @ waves.T)


def _best_two(window: Floats, places: _Places, *, apart: int) -> _Fit:
    """The two discharges, `apart` samples at least, that together leave least of a window."""
    inner, energy, met = places.waves @ window, places.energy, places.met
    # Of two places where a window holds the same there is no single best pair of scales.
    common = np.maximum(energy[:, None] * energy - met**2, 1e-9 * energy[:, None] * energy)
    scale = np.clip((inner[:, None] * energy - inner * met) / common, *PAIR_SCALES)
    gain = 2 * scale * inner[:, None] - scale**2 * energy[:, None]
    left = -(gain + gain.T - 2 * scale * scale.T * met)
    left[np.abs(places.at[:, None] - places.at) < apart] = np.inf
    a, b = (int(i) for i in np.unravel_index(int(np.argmin(left)), left.shape))
    scales = (float(scale[a, b]), float(scale[b, a]))
    return _Fit((a, b), scales, float(window @ window + left[a, b]))


def _best_one(window: Floats, places: _Places, *, beyond: float) -> _Fit:
    """The discharge, so many samples off the middle at least, that leaves least of a window."""
    inner, energy = places.waves @ window, places.energy
    scale = np.clip(inner / energy, *PAIR_SCALES)
    left = scale**2 * energy - 2 * scale * inner
    left[np.abs(places.at) < beyond] = np.inf
    a = int(np.argmin(left))
    return _Fit((a,), (float(scale[a]),), float(window @ window + left[a]))


def _apart_s(two: _Fit, places: _Places, rate_hz: float) -> float:
    return float(abs(places.at[two.places[0]] - places.at[two.places[1]])) / rate_hz


def _whole(two: _Fit, places: _Places) -> bool:
    """Whether a window holds all of both discharges."""
    return bool(places.energy[list(two.places)].min() >= WHOLE * places.energy.max())


def _clear(two: _Fit, places: _Places, rate_hz: float) -> bool:
    """Whether two discharges are apart, and of like size."""
    small, large = sorted(two.scales)
    return _apart_s(two, places, rate_hz) >= CLEAR_S and small >= CLEAR_RATIO * large
