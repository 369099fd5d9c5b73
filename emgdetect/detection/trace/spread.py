"""Stretches of a site's signal spread over a recording, from which it is got to know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.threads import each
from emgdetect.recording import Recording, Site
from emgdetect.signal import gaps
from emgdetect.signal.medians import row_medians


def read_spread(
    recording: Recording, site: Site, channels: Sequence[int], window_s: float, most: int,
    n_threads: int,
) -> list[NDArray[np.float32]]:  # fmt: skip
    """Windows of some channels spread evenly over the recorded time, none across a gap."""
    wanted = places_spread(recording, site, window_s, most)
    return each(lambda place: recording.read(channels, *place), wanted, n_threads)


def places_spread(
    recording: Recording, site: Site, window_s: float, most: int
) -> list[tuple[int, int, int]]:
    """Segment, first and last sample of windows spread evenly over the recorded time."""
    rate = site.sampling_hz
    n_window = round(window_s * rate)
    places = []
    for index, segment in enumerate(recording.segments):
        n = segment.n_samples(rate)
        places += [(index, start, min(start + n_window, n)) for start in range(0, n, n_window)]
    chosen = np.unique(np.linspace(0, len(places) - 1, min(most, len(places))).round())
    return [places[int(i)] for i in chosen]


def mended(window: NDArray[np.float32], *, rate: float, coarse: bool) -> NDArray[np.float32]:
    """A window with invalid samples bridged and its baseline at zero."""
    bad = ~np.isfinite(window)
    bad |= gaps.held_samples(window, n_run=gaps.held_run(rate, coarse=coarse))
    filled = gaps.fill_invalid(window, bad)
    filled -= row_medians(filled)[:, None]
    return filled
