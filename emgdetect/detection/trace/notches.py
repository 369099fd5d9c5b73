"""The notch of an amplifier at a site: found in its noise and in what follows large potentials."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from emgdetect.config import Config
from emgdetect.detection.threads import each
from emgdetect.detection.trace.spread import mended, read_spread
from emgdetect.findings import Finding, finding
from emgdetect.recording import Recording, Site
from emgdetect.signal.notch import Notch, hole, is_low, median_density, undone
from emgdetect.signal.ringing import refined

Windows = list[NDArray[np.float32]]

NOMINAL_HZ = (50.0, 60.0)
"""Frequencies of mains."""
SAME_HZ = 1.0
"""Distance of a notch from the mains that was found, up to which it is of that mains."""
CHANNELS = 4
"""Channels that are asked: a site's all pass through the same filters."""
PIECE_S = 8.0
"""Seconds of a stretch in which a notch is looked for: it holds a potential and what precedes and
follows it. Set by judgement; not measured."""
PIECES = 45
"""Stretches at most: 6 min of any length. Set by judgement; not measured."""
FEWEST_PIECES = 5
"""Stretches at least: noise of less time tells no hole. Set by judgement; not measured."""
FRAME_S = 4.0
"""Seconds of the frames whose spectra are taken: resolve 0.4 Hz, where the narrowest hole is 1 Hz
wide."""


def without_notch(
    recording: Recording, site: Site, windows: Windows, *, coarse: bool, n_threads: int = 1
) -> tuple[Windows, Notch | None]:
    """The windows of a first look with an amplifier's notch undone, and the notch if there is one.

    Parameters
    ----------
    recording : Recording
    site : Site
    windows : list of ndarray, shape (n_channels, n_samples)
        Spread over the recording, mended.
    coarse : bool
        Whether equal samples are natural.
    n_threads : int
    """
    rate = site.sampling_hz
    n_longest = max(w.shape[1] for w in windows)
    whole = [w[:: -(-len(w) // CHANNELS)] for w in windows if w.shape[1] == n_longest]
    if n_longest < rate:
        return windows, None
    freqs, density = median_density(_told(whole), rate)
    for nominal in NOMINAL_HZ:
        if is_low(freqs, density, nominal):
            notch = _looked_at(recording, site, nominal, coarse=coarse, n_threads=n_threads)
            if notch is not None:
                undo = partial(undone, sampling_hz=rate, notch=notch)
                return each(undo, windows, n_threads), notch
    return windows, None


def with_rest(
    notch: Notch | None, mains_hz: float, harmonics: tuple[float, ...], config: Config
) -> tuple[float, tuple[float, ...]]:
    """Lines of mains to remove, with what is left of a notch's ringing where one is undone.

    What a quality wrong by 2 % leaves fades as slowly as the narrow notch that is left, and looks
    like mains of the noise's size. Without this, 11 rings of 59 potentials of 100 x noise behind a
    notch of quality 8 are counted, with it none (tests/detection/trace/test_notches.py).
    """
    if notch is None or config.mains_hz == "none":
        return mains_hz, harmonics
    if not harmonics:
        return notch.frequency_hz, (1,)
    same = abs(notch.frequency_hz - mains_hz) < SAME_HZ
    return mains_hz, tuple(dict.fromkeys((1, *harmonics))) if same else harmonics


def told_of(notch: Notch | None, site: Site) -> list[Finding]:
    """The finding that a notch was undone, if it was."""
    if notch is None:
        return []
    return [finding(
        "notch-undone",
        f"{site.name}: the noise lacks {notch.frequency_hz:.1f} Hz as behind a notch filter of "
        f"quality {notch.quality:.0f}, which rings after each potential "
        f"({1000 * notch.ring_s:.0f} ms). It was undone; amplitudes are those without it.",
    )]  # fmt: skip


def _looked_at(
    recording: Recording, site: Site, nominal_hz: float, *, coarse: bool, n_threads: int
) -> Notch | None:
    """The notch that longer stretches show near a frequency of mains."""
    rate = site.sampling_hz
    few = site.channels[:: -(-len(site.channels) // CHANNELS)]
    read = read_spread(recording, site, few, PIECE_S, PIECES, n_threads)
    pieces = each(partial(mended, rate=rate, coarse=coarse), read, n_threads)
    pieces = [piece for piece in pieces if piece.shape[1] == round(PIECE_S * rate)]
    if len(pieces) < FEWEST_PIECES:
        return None
    n = round(FRAME_S * rate)
    frames = [piece[:, k : k + n] for piece in pieces
              for k in range(0, piece.shape[1] - n + 1, n // 2)]  # fmt: skip
    seen = hole(*median_density(_told(frames), rate), nominal_hz)
    return None if seen is None else refined(pieces, rate, seen)


def _told(windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Rows of all windows that hold a signal; one if none does."""
    rows = np.concatenate(windows)
    live = np.ptp(rows, axis=1) > 0
    return rows[live] if live.any() else rows[:1]
