"""What of the second pass is listed: each potential once, measured on its strongest channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.firing.late import late_components, locked_components, trailing
from emgdetect.detection.rows import chosen, in_time, stacked
from emgdetect.detection.second_pass.close_by import (
    alike,
    close_pairs,
    nearer_than_possible,
    set_apart,
)
from emgdetect.detection.second_pass.fitting import first_reports, told_twice
from emgdetect.detection.second_pass.measuring import Measured, measure_units, over_noise
from emgdetect.detection.second_pass.pursuit import Found
from emgdetect.detection.second_pass.surroundings import is_asked, standing_out
from emgdetect.detection.trace.cutting import View
from emgdetect.detection.trace.front import Chunk, Front

VISIBLE = 2.5
"""Peak-to-peak amplitude over the noise RMS around it from which a potential can be seen, of a unit
by its median: noise is measured between a train's discharges, too. Of the units below it, in 184
recordings of our and of three independent simulators, 5 true potentials were listed and 41 other
events; below 3 10 and 58, of which 7 were owed beside trains."""
GRID_VISIBLE, GRID_VISIBLE_ALONE = 3.0, 5.0
"""The same of a unit on the channel of a grid that shows it best, and of a potential of no unit,
which nothing shows but the noise it stands in: many channels together find what nobody sees on any
of them. Of 20 grids of 60 or 64 channels of an independent simulator (hold-out 10), whose noise
holds distant units, 11 potentials of no unit below 5 were owed and 370 false. On seven of them and
six of measured potentials (measured_grid64) units of distant muscles have 2.1 to 2.6, those that
fire truly 3.3 and more: two of 5 and 9 times the noise that passed for one have 3.5 on the channel
they share. On single sites 3 of no unit below 5 were owed and 11 false, but of real rest 1 to 5 %
of what is added would go."""


@dataclass(frozen=True)
class Listed:
    """Potentials with what was measured of them, row by row.

    Attributes
    ----------
    found : Found
    measured : Measured
    channel : ndarray of int, shape (n_found,)
        Position within `front.channels` of the strongest channel.
    """

    found: Found
    measured: Measured
    channel: NDArray[np.int64]

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Listed:
        """Some rows, by a mask or by their positions."""
        return Listed(
            chosen(self.found, which), chosen(self.measured, which), self.channel[which]
        )  # fmt: skip

    def and_then(self, others: Listed) -> Listed:
        """These rows, and others after them."""
        return Listed(
            stacked([self.found, others.found]), stacked([self.measured, others.measured]),
            np.concatenate([self.channel, others.channel]),
        )  # fmt: skip


def measured_once(
    front: Front, chunks: list[Chunk], found: Found, view: View, size: NDArray[np.float32], *,
    threshold: float, minutes: float, low_hz: float, needed: float | None, n_threads: int,
) -> Listed:  # fmt: skip
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
    needed : float, optional
        As for `standing_out`.
    n_threads : int

    Returns
    -------
    Listed
    """
    strongest = _strongest(front, found, view, size)
    measured = measure_units(
        front, chunks, found.time_s, strongest, found.template, found.score, low_hz=low_hz,
        n_threads=n_threads,
    )  # fmt: skip
    every = np.ones(len(found.time_s), dtype=bool)
    pairs = close_pairs(measured.peak_s, found.template, strongest, every)
    pairs = pairs[alike(found.time_s, found.template, found.score, pairs)]
    measured = set_apart(front, chunks, measured, found.time_s, found.template, strongest, pairs,
                         low_hz=low_hz)  # fmt: skip
    single = first_reports(measured.peak_s, strongest, found.score,
                           sampling_hz=front.site.sampling_hz)  # fmt: skip
    single &= ~late_components(found.time_s, found.template, found.score)
    single &= visible(measured, found.template, grid=front.unmixing is not None)
    rows = np.flatnonzero(single)
    parts = locked_components(
        found.time_s[rows], found.template[rows], found.score[rows], measured.snippet_uv, rows,
        sampling_hz=front.site.sampling_hz, minutes=minutes,
    )  # fmt: skip
    single[rows[parts]] = False
    rows = in_time(measured.peak_s, single)
    single[rows[trailing(measured.peak_s[rows], found.template[rows], found.score[rows],
                         minutes=minutes)]] = False  # fmt: skip
    if is_asked(front):
        rows = np.flatnonzero(single)
        twice = told_twice(chosen(measured, rows), found.template[rows], strongest[rows],
                           found.score[rows])  # fmt: skip
        single[rows[twice]] = False
        found = standing_out(front, chunks, found, strongest, threshold=threshold, minutes=minutes,
                             needed=needed, n_threads=n_threads)  # fmt: skip
        single &= found.reached >= found.needed
    pairs = close_pairs(measured.peak_s, found.template, strongest, single)
    measured = set_apart(front, chunks, measured, found.time_s, found.template, strongest, pairs,
                         low_hz=low_hz)  # fmt: skip
    single &= ~nearer_than_possible(measured, found.template, strongest, found.score, single)
    return Listed(found, measured, strongest).chosen(single)


def visible(
    measured: Measured, template: NDArray[np.int64], *, grid: bool = False
) -> NDArray[np.bool_]:
    """Which potentials can be seen: whitened, what is smaller than the noise itself may stand out.

    Parameters
    ----------
    measured : Measured
    template : ndarray of int, shape (n,)
        -1 where no unit is known.
    grid : bool

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    of_unit, alone = (GRID_VISIBLE, GRID_VISIBLE_ALONE) if grid else (VISIBLE, VISIBLE)
    ratio = over_noise(measured)
    for unit in np.unique(template[template >= 0]):
        own = template == unit
        ratio[own] = np.median(ratio[own])
    return np.asarray(ratio >= np.where(template >= 0, of_unit, alone))


def _strongest(
    front: Front, found: Found, view: View, size: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Position of the channel on which each potential stands out most.

    On a grid the same one for all of a unit, the one on which it is largest, noise aside: several
    electrodes may see it nearly alike, at different times.
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
