"""The band in which signal is shown, and mains as it is found in a recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording, Site
from emgdetect.signal.hum import mains_lines

N_WINDOWS = 6
WINDOW_S = 4.0
LEAST_SHARE = 0.02
"""Of the power, for harmonics without their fundamental: a few windows of noise show some, too."""
NOMINAL_HZ = (50.0, 60.0)


@dataclass(frozen=True)
class Band:
    """What of the signal is shown.

    Attributes
    ----------
    low_hz : float
        Lower edge of the band-pass.
    mains_hz : float
    harmonics : tuple of int
        Multiples of `mains_hz` that are taken out; empty for none.
    """

    low_hz: float
    mains_hz: float = 50.0
    harmonics: tuple[int, ...] = ()


def find_mains(recording: Recording, site: Site) -> Band:
    """Mains lines that stand out on the first channel of a site, in a band of any lower edge.

    Parameters
    ----------
    recording : Recording
    site : Site

    Returns
    -------
    Band
        Without harmonics if there are none, or the recording is too short to tell.
    """
    n = round(WINDOW_S * site.sampling_hz)
    windows = [window for window in _windows(recording, site, n) if np.isfinite(window).all()]
    if not windows:
        return Band(0.0)
    pieces = np.stack(windows)
    found = [
        (share, len(harmonics), Band(0.0, frequency, harmonics))
        for nominal in NOMINAL_HZ
        if 2.2 * nominal < site.sampling_hz
        for frequency, harmonics, share in [
            mains_lines(pieces, site.sampling_hz, nominal_hz=nominal)
        ]
        if 1 in harmonics or share >= LEAST_SHARE
    ]
    return max(found, key=lambda entry: entry[:2])[2] if found else Band(0.0)


def _windows(recording: Recording, site: Site, n: int) -> Iterator[NDArray[np.float32]]:
    """Windows spread over each segment that is long enough."""
    for index, segment in enumerate(recording.segments):
        last = segment.n_samples(site.sampling_hz) - n
        if last >= 0:
            for start in np.unique(np.linspace(0, last, N_WINDOWS).astype(int)).tolist():
                yield recording.read(site.channels[:1], index, start, start + n)[0]
