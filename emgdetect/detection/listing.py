"""What of the second pass is listed: each potential once, measured on its strongest channel."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.cutting import View
from emgdetect.detection.front import Chunk, Front
from emgdetect.detection.late import late_components, locked_components
from emgdetect.detection.measuring import Measured, first_reports, measure_units
from emgdetect.detection.pursuit import Found
from emgdetect.detection.surroundings import stands_out

T = TypeVar("T", Found, Measured)


def measured_once(
    front: Front, chunks: list[Chunk], found: Found, view: View, size: NDArray[np.float32], *,
    threshold: float, minutes: float, low_hz: float, n_threads: int,
) -> tuple[Found, Measured, NDArray[np.int64]]:  # fmt: skip
    """Measure potentials, and leave out second reports, late components and swelling noise.

    Parameters
    ----------
    front : Front
    chunks : list of Chunk
    found : Found
    view : View
    size : ndarray, shape (n_found, n_channels)
        From `pursue`.
    threshold : float
        Of the site.
    minutes : float
        Time they were found in.
    low_hz : float
        Lower edge of the band in which potentials are measured.
    n_threads : int

    Returns
    -------
    found : Found
    measured : Measured
    strongest : ndarray of int, shape (n_kept,)
        Position within `front.channels` of the strongest channel.
    """
    strongest = _strongest(front, found, view, size)
    measured = measure_units(
        front, chunks, found.time_s, strongest, found.template, found.score, low_hz=low_hz,
        n_threads=n_threads,
    )  # fmt: skip
    single = first_reports(measured.peak_s, strongest, found.score)
    single &= ~late_components(found.time_s, found.template, found.score)
    rows = np.flatnonzero(single)
    parts = locked_components(
        found.time_s[rows], found.template[rows], found.score[rows], measured.snippet_uv, rows,
        sampling_hz=front.site.sampling_hz, minutes=minutes,
    )  # fmt: skip
    single[rows[parts]] = False
    if front.recording.kind != "needle" and front.unmixing is None:
        # Around a needle's or a grid's potentials there are others rather than noise.
        generic = found.by_channel.max(axis=1)
        single &= stands_out(front, chunks, found.time_s, strongest, found.score, generic,
                             found.template, threshold=threshold, minutes=minutes,
                             n_threads=n_threads)  # fmt: skip
    return kept(found, single), kept(measured, single), strongest[single]


def _strongest(
    front: Front, found: Found, view: View, size: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Position of the channel on which each potential stands out most.

    On a grid the same one for all of a unit, by their average: several electrodes may see it
    nearly alike, at different times.
    """
    if not len(found.time_s):
        return np.zeros(0, dtype=np.int64)
    if front.unmixing is None:
        return np.asarray(np.asarray(view.channels)[found.by_channel.argmax(axis=1)])
    size = size.copy()
    for unit in np.unique(found.template[found.template >= 0]):
        own = found.template == unit
        size[own] = np.median(size[own], axis=0)
    return np.asarray(size.argmax(axis=1))


def kept(rows: T, mask: NDArray[np.bool_]) -> T:
    """The chosen rows of a table of columns."""
    return type(rows)(**{name: getattr(rows, name)[mask] for name in rows.__dataclass_fields__})
