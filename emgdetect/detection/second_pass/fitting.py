"""How well potentials fit the waveform of their unit, and which are one potential told twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from emgdetect.detection.rows import in_time
from emgdetect.detection.second_pass.measuring import Measured
from emgdetect.signal.matched import strongest_apart

Floats = NDArray[np.floating[Any]]

SAME_PEAK_S, SAME_SAMPLES = 0.0015, 1.2
"""Two peaks of a channel nearer than this, or than so many samples, are one: doublets are 2.5 ms
apart or more."""
LEAST_MATCH = 0.75
"""Correlation with its unit's waveform below which that does not describe a potential, so no fitted
amplitude is given. Set by judgement; not measured."""
SWING_S = 0.018
"""Seconds between two peaks of one swing at most: doublets of F responses are 25 ms apart or more
(field.md)."""
SAME_SWING = 1e-6
"""Share by which two amplitudes may differ that are read off the same two samples."""
ALONE_MATCH = 0.97
"""Correlation with its unit's waveform from which a potential is that unit's alone: another one in
the same swing would have changed it."""
ALONE_S = 0.013
"""Duration up to which the swing of two units' potentials is one of a single one. Chosen with
`ALONE_MATCH` on 803 pairs of one swing of our simulator and of two others: of 109 that are one
potential 43 are told by one of the two, of 694 that are two 10."""


def first_reports(
    peak_s: Floats, channel: NDArray[np.int64], score: Floats, *, sampling_hz: float
) -> NDArray[np.bool_]:
    """Potentials that are not the same deflection as one of a higher score.

    Parameters
    ----------
    peak_s : ndarray, shape (n,)
    channel : ndarray of int, shape (n,)
    score : ndarray, shape (n,)
    sampling_hz : float

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    same_s = max(SAME_PEAK_S, SAME_SAMPLES / sampling_hz)
    first = np.ones(len(peak_s), dtype=bool)
    for row in np.unique(channel):
        own = in_time(peak_s, channel == row)
        steps = np.rint(peak_s[own] * 1e6).astype(np.int64)
        first[own] = False
        first[own[strongest_apart(steps, score[own], same_s * 1e6)]] = True
    return first


def told_twice(
    measured: Measured, template: NDArray[np.int64], channel: NDArray[np.int64], score: Floats
) -> NDArray[np.bool_]:
    """Potentials that are another lobe of one that is listed with a higher score.

    Units that each take a lobe of one long potential for theirs are measured over the same swing,
    from peak to peak. So are doublets that overlap, but those look like no single discharge.

    Parameters
    ----------
    measured : Measured
    template, channel : ndarray of int, shape (n,)
        -1 where no unit is known.
    score : ndarray, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    twice = np.zeros(len(score), dtype=bool)
    pairs = _of_one_swing(measured, channel)
    if not len(pairs):
        return twice
    involved = np.isin(template, template[pairs])
    unit = np.where(involved, template + 1, 0)
    _, match = fit_amplitudes(measured.snippet_uv, unit, channel)
    alone = np.nan_to_num(match[pairs], nan=-1.0).max(axis=1) >= ALONE_MATCH
    stronger = np.where(score[pairs[:, 0]] >= score[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
    short = measured.duration_s[stronger] <= ALONE_S
    other = template[pairs[:, 0]] != template[pairs[:, 1]]
    told = alone | (short & other)
    twice[pairs.sum(axis=1)[told] - stronger[told]] = True
    return twice


def _of_one_swing(measured: Measured, channel: NDArray[np.int64]) -> NDArray[np.int64]:
    """Successive potentials of a channel with the same amplitude; shape (n_pairs, 2)."""
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for row in np.unique(channel):
        own = in_time(measured.peak_s, channel == row)
        peak, size = measured.peak_s[own], measured.amplitude_uv[own]
        near = np.diff(peak) <= SWING_S
        near &= np.abs(np.diff(size)) <= SAME_SWING * np.maximum(size[1:], size[:-1])
        pairs.append(np.stack([own[:-1][near], own[1:][near]], axis=1))
    return np.concatenate(pairs)


def fit_amplitudes(
    snippets: NDArray[np.float32], unit: NDArray[np.int64], channel: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Amplitude of the unit's own waveform at the scale that fits each potential best.

    Parameters
    ----------
    snippets : ndarray, shape (n, n_times)
        Mild traces around the peaks.
    unit : ndarray of int, shape (n,)
        0 where unassigned.
    channel : ndarray of int, shape (n,)
        Only potentials measured on the same channel are averaged.

    Returns
    -------
    amplitude_uv, match : ndarray, shape (n,)
        NaN where a unit has fewer than three potentials on that channel.
    """
    fitted, match = np.full(len(unit), np.nan), np.full(len(unit), np.nan)
    for number in np.unique(unit[unit > 0]):
        for row in np.unique(channel[unit == number]):
            own = np.flatnonzero((unit == number) & (channel == row))
            if len(own) >= 3:
                fitted[own], match[own] = _fit(snippets[own].astype(float))
    return fitted, match


def _fit(own: Floats) -> tuple[Floats, Floats]:
    """Peak-to-peak of the leave-one-out average at its best scale, and the correlation with it.

    NaN and the correlation where the average does not describe the potential.
    """
    own = aligned(own)
    n, summed = len(own), own.sum(axis=0)
    fitted, match = np.empty(n), np.empty(n)
    for i, piece in enumerate(own):
        # Leaving a potential out of its own template keeps its noise out of its amplitude.
        average = (summed - piece) / (n - 1)
        energy = float(average @ average)
        product = float(average @ piece)
        match[i] = product / max(np.sqrt(energy * float(piece @ piece)), 1e-12)
        scale = max(product / max(energy, 1e-12), 0.0)
        fitted[i] = scale * float(np.ptp(average)) if match[i] >= LEAST_MATCH else np.nan
    return fitted, match


def aligned(pieces: Floats) -> Floats:
    """The middle of each piece, moved so that pieces of one waveform lie over each other.

    A potential with two phases of one size peaks now on one, now on the other, so peaks alone
    do not align it.

    Parameters
    ----------
    pieces : ndarray, shape (n, n_times)

    Returns
    -------
    ndarray, shape (n, n_inner)
        The inner two fifths.
    """
    n_times = pieces.shape[1]
    reach = n_times // 10
    low, high = 3 * n_times // 10, n_times - 3 * n_times // 10
    windows = sliding_window_view(pieces[:, low - reach : high + reach], high - low, axis=1)
    strongest = int(np.argmax(np.einsum("pl,pl->p", pieces[:, low:high], pieces[:, low:high])))
    average = pieces[strongest, low:high]
    for _ in range(3):
        shift = np.argmax(windows @ average, axis=1)
        moved = windows[np.arange(len(pieces)), shift]
        average = moved.mean(axis=0)
    return np.ascontiguousarray(moved)
