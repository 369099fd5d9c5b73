"""Matching pursuit with known waveforms: what a trace is made of, discharge by discharge.

The best placed template is subtracted, and so on: overlaps are separated by what remains. Where
what remains is too much, the template was not that of the potential, and is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal import matched
from emgdetect.signal.library import Library

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]

SCALE_SPREAD = 0.2
"""Standard deviation of a discharge's scale around its unit's average: twice the 10 % by which
amplitudes of simulated units vary. Set by judgement; not measured."""
SCALE_RANGE = (0.5, 1.8)
"""Scales that are allowed: a unit is not half of another. Set by judgement; not measured."""
SAME_UNIT_S = 0.0025
"""Seconds around a discharge in which its unit cannot fire again: doublets are 2.5-20 ms apart."""
MISFIT_REACH = ((0.27, 0.4), (0.55, 0.45), (1.0, 0.15))
"""Reach around a discharge, in lengths of its template, and share of its misfit that others have to
exceed within it; the shares add up to 1. Set by judgement; not measured."""
ROUNDS = 8
"""Rounds in which discharges are placed; each places all that lie apart. Set by judgement; not
measured."""
FOREIGN_SHARE = 0.65
"""Share of the energy seen without a template that it has to explain; below, the discharge is
another unit's. Settled on tuning seeds, of which scenarios is not told."""
FOREIGN_S = 0.004
"""Seconds around a discharge in which that energy is looked for. Set by judgement; not measured."""
CORE_S = 0.008
"""Seconds to either side of a discharge in which what is left of it is judged. Set by judgement;
not measured."""
LEFT_SHARE = 0.25
"""Share of the energy there that may be left of it. Set by judgement; not measured."""

LEFT_S = 0.040
"""Seconds on either side in which what is left around a discharge is looked at, to tell noise that
swells. Chosen as `surroundings.UNIT_LEFT`: 30 and 40 ms told it better than 10 to 20 and 60."""
LEFT_MOST = 3.0
"""Times the noise to which a sample of it counts: a neighbour that no unit explains is no noise."""


class Placed(NamedTuple):
    """One discharge: where the template's middle lies, which one, its scale and its score."""

    sample: int
    template: int
    scale: float
    score: float


@dataclass
class _State:
    """What changes while a trace is explained; lives within one call."""

    inner: Floats
    penalty: Floats
    taken: list[Placed]
    changed: NDArray[np.bool_]


def explain(
    values: Floats32, library: Library, threshold: Floats, *, rate_hz: float, generic: Floats,
    misfit: float,
) -> list[Placed]:  # fmt: skip
    """Place templates until nothing more is explained.

    Parameters
    ----------
    values : ndarray, shape (n_channels, n_samples)
        Whitened, in units of noise.
    library : Library
    threshold : ndarray, shape (n_templates,)
        Score each template has to reach.
    rate_hz : float
    generic : ndarray, shape (n_samples,)
        Score that needs no template: what a template explains by less than two thirds of what is
        seen there without it is no discharge of that unit.
    misfit : float
        Share of a placed template's energy that may be left of it, and is no other discharge.

    Returns
    -------
    list of Placed
        In the order in which they were placed; empty if there are none.
    """
    length, n, energy = library.templates.shape[2], values.shape[1], library.energy
    inner = library.products(values)
    # Elsewhere even the smallest scale takes away more than it explains.
    worth = np.any(inner > SCALE_RANGE[0] / 2 * energy[:, None], axis=0)
    state = _State(inner, np.zeros(n), [], changed=worth)
    blocked = np.zeros(inner.shape, dtype=bool)
    foreign, same = round(FOREIGN_S * rate_hz), round(SAME_UNIT_S * rate_hz)
    gain, best = np.full_like(inner, -np.inf), np.full(n, -np.inf, dtype=np.float32)
    for _ in range(ROUNDS):
        at = np.flatnonzero(state.changed)
        new = gains(state.inner[:, at], energy)
        least = threshold[:, None] ** 2 + state.penalty[at]
        gain[:, at] = np.where(blocked[:, at] | (new < least), -np.inf, new)
        best[at] = gain[:, at].max(axis=0)
        state.changed[:] = False
        peaks = matched.local_maxima(best, 0.0)
        peaks = peaks[matched.strongest_apart(peaks, best[peaks], length)]
        if not len(peaks):
            break
        for t in peaks:
            near = generic[max(0, t - foreign) : t + foreign + 1].max()
            if state.penalty[t] == 0 and best[t] < FOREIGN_SHARE * near**2:
                blocked[:, max(0, t - foreign) : t + foreign + 1] = True
                state.changed[max(0, t - foreign) : t + foreign + 1] = True
                continue
            k = int(np.argmax(gain[:, t]))
            scale = float(scales(state.inner[k, t], energy[k]))
            placed = Placed(int(t), k, scale, float(np.sqrt(max(best[t], 0.0))))
            _place(state, library.gram, placed, misfit)
            blocked[k, max(0, t - same) : t + same + 1] = True
    return state.taken


def _place(state: _State, gram: Floats, placed: Placed, misfit: float) -> None:
    """Subtract a placed template from all inner products, and raise what its rest must exceed."""
    n, length = state.inner.shape[1], (gram.shape[2] + 1) // 2
    t, k = placed.sample, placed.template
    low, high = max(0, t - length + 1), min(n, t + length)
    # At t + lag, template j meets the placed template k as it does at that lag in `gram`.
    lags = slice(low - t + length - 1, high - t + length - 1)
    state.inner[:, low:high] -= placed.scale * gram[:, k, lags]
    # A whole length on both sides holds the penalty's reach and what the unit blocks.
    state.changed[max(0, t - length) : t + length + 1] = True
    _add_penalty(state.penalty, placed, length, misfit)
    state.taken.append(placed)


def _add_penalty(penalty: Floats, placed: Placed, length: int, misfit: float) -> None:
    for reach, share in MISFIT_REACH:
        n_reach = round(reach * length)
        inside = slice(max(0, placed.sample - n_reach), placed.sample + n_reach + 1)
        penalty[inside] += share * misfit * placed.score**2


def penalties(placed: Sequence[Placed], n: int, *, length: int, misfit: float) -> Floats:
    """Energy that each sample may hold of misfitting templates; shape (n,)."""
    penalty: Floats = np.zeros(n)
    for one in placed:
        _add_penalty(penalty, one, length, misfit)
    return penalty


def well_explained(
    values: Floats32, rest: Floats32, placed: Sequence[Placed], *, rate_hz: float,
    occupancy: float, left_share: float = LEFT_SHARE,
) -> list[Placed]:  # fmt: skip
    """Placed templates around which not too much is left.

    Parameters
    ----------
    values, rest : ndarray, shape (n_channels, n_samples)
        The trace before and after subtracting.
    placed : sequence of Placed
    rate_hz : float
    occupancy : float
        Variance of the noise per sample.
    left_share : float
        Largest share of the energy around a template that may be left.
    """
    half = round(CORE_S * rate_hz)
    before, after = (np.einsum("cn,cn->n", trace, trace) for trace in (values, rest))
    kept = []
    for one in placed:
        core = slice(max(0, one.sample - half), one.sample + half + 1)
        noise = occupancy * len(values) * len(before[core])
        whole = float(before[core].sum()) - noise
        left = float(after[core].sum()) - noise - 2 * np.sqrt(2 * noise)
        if left <= left_share * whole:
            kept.append(one)
    return kept


def scales(inner: Floats, energy: Floats) -> Floats:
    """Most likely scale, given that a unit's amplitude varies little around its average.

    Parameters
    ----------
    inner : ndarray
        Inner products of a trace with templates.
    energy : ndarray
        Of the templates; broadcast against `inner`.

    Returns
    -------
    ndarray
        Within `SCALE_RANGE`.
    """
    prior = 1.0 / SCALE_SPREAD**2
    return np.clip((inner + prior) / (energy + prior), *SCALE_RANGE)


def gains(inner: Floats, energy: Floats) -> Floats:
    """Energy explained by each template at each sample, less what an unusual scale costs.

    Parameters
    ----------
    inner : ndarray, shape (n_templates, n_samples)
    energy : ndarray, shape (n_templates,)

    Returns
    -------
    ndarray, shape (n_templates, n_samples)
        Below zero where a template explains nothing.
    """
    scale = scales(inner, energy[:, None])
    gain = 2 * scale * inner - scale**2 * energy[:, None]
    return gain - (scale - 1.0) ** 2 / SCALE_SPREAD**2


def lone(placed: Sequence[Placed], reach: float) -> NDArray[np.bool_]:
    """Which placed templates are the only one within so many samples; shape (n_placed,)."""
    at = np.array([one.sample for one in placed], dtype=np.int64)
    low, high = np.sort(at).searchsorted(at - reach), np.sort(at).searchsorted(at + reach, "right")
    return np.asarray(high - low == 1)


def put_back(
    rest: Floats32, templates: Floats32, one: Placed, reach: int
) -> tuple[int, Floats32, Floats32, slice]:
    """What is left of a trace around a placed template, without and with it.

    Parameters
    ----------
    rest : ndarray, shape (n_channels, n_samples)
        The trace without all that is placed.
    templates : ndarray, shape (n_templates, n_channels, n_length)
    one : Placed
    reach : int
        Samples to either side of it that are looked at.

    Returns
    -------
    low : int
        Sample of the trace with which both pieces begin: so far that another template within
        `reach` is whole.
    left, whole : ndarray, shape (n_channels, n_around)
    core : slice
        Samples of the pieces within `reach`; may end beyond them.
    """
    margin = reach + templates.shape[2]
    low = max(0, one.sample - margin)
    left = rest[:, low : one.sample + margin + 1]
    here = one._replace(sample=one.sample - low)
    whole = subtract(left, templates, [here._replace(scale=-here.scale)])
    return low, left, whole, slice(max(0, here.sample - reach), here.sample + reach + 1)


def left_around(
    rest: Floats, at: NDArray[np.int64], *, rate_hz: float, occupancy: float
) -> NDArray[np.float64]:
    """Power that is left around some samples, over that of noise.

    Parameters
    ----------
    rest : ndarray, shape (n_channels, n_samples)
        What `subtract` leaves.
    at : ndarray of int, shape (n,)
        Samples, within the trace.
    rate_hz : float
    occupancy : float
        Variance of the noise per sample.

    Returns
    -------
    ndarray, shape (n,)
        Mean over `LEFT_S` on either side and all channels; some 1 in noise.
    """
    reach = round(LEFT_S * rate_hz)
    power = np.minimum(np.square(rest), LEFT_MOST**2 * occupancy).mean(axis=0) / occupancy
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, rest.shape[1])
    return np.asarray((sums[last] - sums[first]) / np.maximum(last - first, 1))


def subtract(values: Floats32, templates: Floats32, placed: Sequence[Placed]) -> Floats32:
    """The trace without the placed templates, shape of `values`."""
    rest = values.copy()
    half, length, n = templates.shape[2] // 2, templates.shape[2], values.shape[1]
    for t, k, scale, _ in placed:
        low, high = max(0, t - half), min(n, t - half + length)
        offset = low - (t - half)
        rest[:, low:high] -= scale * templates[k][:, offset : offset + high - low]
    return rest
