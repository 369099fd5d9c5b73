"""Potentials amid several discharges: kept where known units' waveforms add up to all there is.

Discharges within a tenth of a second are slower together than each, whichever numbers they were
found under. What a few waveforms of usual size repeat to within the noise is no knock, no jump and
no cable.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgdetect.detection.shape.composed import fit_at
from emgdetect.detection.shape.kinship import (
    ABOVE_ALIKE,
    ANY_LEFT,
    LEFT,
    SIZES,
    by_lobe,
    median_waveform,
    snippet_window,
    units_beside,
)
from emgdetect.detection.site import SiteSignal

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

MOST = 3
"""Discharges that are added up, at most: more fit anything. Looked at, with `FREE_S`, on 54
recordings (an independent simulator; ours, tuning seeds 1040 to 1047 of movement, healthy and all
at once; real rest with real artefacts), where 20 potentials more are counted and 2 events beside
such, nothing else; two give two thirds of it, five 2 false ones more."""
FIRST_SHARE = 0.3
"""Share of the energy that the first of them has to explain: bounds time where thousands are
accused. Set by judgement; not measured."""
NEAR_S = 0.008
"""Seconds from a potential's peak within which one of them has to lie; 5 ms give the same."""
FREE_S = 0.010
"""Seconds around that one within which nothing else is counted: another event is its own. Without,
3 potentials more are counted, and 2 false ones."""
TURNS = 2
"""Times that each is chosen anew, given the others. Set by judgement; not measured."""
INSIDE = 0.02
"""Share of a waveform's energy that has to lie within the window, to be told at its edges. Set by
judgement; not measured."""


class Waves(NamedTuple):
    """Waveforms of the units known at one electrode, and what placing them needs.

    Attributes
    ----------
    values : ndarray, shape (n_waves, n_times)
        Falling to zero at both ends.
    spectra : ndarray of complex, shape (n_waves, n_freqs)
        Conjugate.
    energy : ndarray, shape (n_waves, n_fft)
        Within the window, by the samples that each is moved; infinite where too little is inside.
    window : ndarray, shape (n_times,)
    """

    values: Floats
    spectra: NDArray[np.complex128]
    energy: Floats
    window: Floats


def several(signal: SiteSignal, accused: Bools, free: Bools) -> Bools:
    """Accused potentials that two or three discharges of known units explain.

    Parameters
    ----------
    signal : SiteSignal
    accused : ndarray of bool, shape (n_found,)
        Pops and movement.
    free : ndarray of bool, shape (n_found,)
        Potentials nothing is held against.

    Returns
    -------
    ndarray of bool, shape (n_found,)
    """
    kept, peak_s = np.zeros(len(accused), dtype=bool), signal.measured.peak_s
    for row, found in _known_at(signal, accused, free).items():
        waves = _waves(found, snippet_window(signal))
        asked = np.flatnonzero(accused & (signal.channel == row))
        # The strongest first: what lies beside it may be its flank.
        for i in asked[np.argsort(-signal.found.score[asked], kind="stable")]:
            there_s = peak_s[i] + _added_up(signal, int(i), waves) / signal.site.sampling_hz
            counted_s = peak_s[free | kept]
            kept[i] = any(
                np.abs(counted_s - at).min(initial=np.inf) > FREE_S
                for at in there_s[np.abs(there_s - peak_s[i]) <= NEAR_S]
            )
    return kept


def _known_at(signal: SiteSignal, accused: Bools, free: Bools) -> dict[int, list[Floats]]:
    """Waveforms of the units that are known at each electrode where something is accused."""
    found: dict[int, list[Floats]] = {}
    for _, _, known in units_beside(signal, accused, free):
        own = found.setdefault(int(signal.channel[known[0]]), [])
        own += [median_waveform(signal, like) for like in by_lobe(signal, known)]
    return found


def _waves(found: list[Floats], window: Floats) -> Waves:
    """Waveforms as they are placed in pieces of a window."""
    values = np.array(found, dtype=float) * np.sqrt(window)
    n_fft = int(fft.next_fast_len(2 * len(window), real=True))
    inside = np.conj(fft.rfft(values**2, n_fft, axis=1)) * fft.rfft(window**2, n_fft)
    energy = fft.irfft(inside, n_fft, axis=1)
    energy[energy < INSIDE * np.sum(values**2, axis=1, keepdims=True)] = np.inf
    return Waves(values, np.conj(fft.rfft(values, n_fft, axis=1)), energy, window)


def _added_up(signal: SiteSignal, at: int, waves: Waves) -> Ints:
    """Samples from a potential's peak at which waveforms explain all of it; none if they do not."""
    piece = signal.measured.snippet_uv[at].astype(float) * waves.window
    energy = float(np.sum(piece**2))
    noise = float(signal.measured.noise_uv[at] ** 2 * np.sum(waves.window**2))
    due = min(LEFT[0] * noise + ANY_LEFT * energy, (1 - ABOVE_ALIKE**2) * energy)
    chosen: list[tuple[int, int]] = []
    left = piece
    while noise < energy and len(chosen) < MOST:
        chosen = _chosen_anew(piece, waves, [*chosen, _best(left, waves)])
        left, sizes = _fit(piece, waves, chosen)
        if np.sum(left**2) > (1 - FIRST_SHARE) * energy:
            break
        if len(chosen) > 1 and np.sum(left**2) < due:
            usual = sizes.min() > SIZES[0] and sizes.max() < SIZES[1]
            return np.array([lag for _, lag in chosen if usual], dtype=np.int64)
    return np.zeros(0, dtype=np.int64)


def _chosen_anew(
    piece: Floats, waves: Waves, chosen: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The same with each placed where it is best beside the others, in turn."""
    for _ in range(TURNS if len(chosen) > 1 else 0):
        for j in range(len(chosen)):
            left, _sizes = _fit(piece, waves, chosen[:j] + chosen[j + 1 :])
            chosen[j] = _best(left, waves)
    return chosen


def _best(left: Floats, waves: Waves) -> tuple[int, int]:
    """Which waveform, moved by how many samples, explains most at a usual size."""
    n_fft = waves.energy.shape[1]
    spectrum = fft.rfft(left * waves.window, n_fft)
    inner = fft.irfft(spectrum * waves.spectra, n_fft, axis=1)
    size = np.clip(inner / waves.energy, *SIZES)
    which, lag = divmod(int(np.argmax(size * (2 * inner - size * waves.energy))), n_fft)
    return which, lag if lag < len(left) else lag - n_fft


def _fit(piece: Floats, waves: Waves, chosen: list[tuple[int, int]]) -> tuple[Floats, Floats]:
    """What waveforms at their places leave of a piece, and their sizes."""
    values = [waves.values[which] for which, _ in chosen]
    return fit_at(piece, waves.window, values, [lag for _, lag in chosen])
