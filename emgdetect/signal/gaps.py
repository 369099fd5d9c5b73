"""Samples that cannot be trusted: missing, held, clipped; and how to bridge them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.signal.medians import row_medians
from emgdetect.signal.spans import spans_where

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

SMOOTH_STEPS = 8
"""Digital steps by which a smooth top may have fallen half as far beside a run of equal samples as
that is long: a parabola that stays within a step over four samples falls by up to 6 there, over
many by 4, and rounding adds one. Without it 108 beats of a heart on steps of 12 bits were taken for
clipping (another simulator)."""
STEP_SAMPLES = 4000
"""Samples from which a converter's step is learnt: enough to meet two neighbouring values."""


def equal_runs(data: Floats, *, n_run: int) -> Bools:
    """Samples that belong to a run of at least `n_run` equal values.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_samples)
        NaN equals nothing.
    n_run : int
        At least 2.

    Returns
    -------
    ndarray of bool, shape (n_channels, n_samples)
    """
    marked = np.zeros(data.shape, dtype=bool)
    if data.shape[1] < n_run:
        return marked
    for i in np.flatnonzero(_may_hold_run(data, n_run)):
        # A run of equal steps is one shorter than that of its samples.
        for start, stop in _runs(data[i, 1:] == data[i, :-1], n_run - 1):
            marked[i, start : stop + 1] = True
    return marked


def _may_hold_run(data: Floats, n_run: int) -> Bools:
    """Rows of which a few samples, spread over them, leave room for a run of equal values.

    Any `n_run` samples in a row hold several in a row of those on a coarse grid, all equal; chance
    seldom makes four of a quantised signal so.
    """
    hop = max(1, n_run // 4)
    n_equal = n_run // hop - 1
    coarse = data[:, ::hop]
    equal = coarse[:, 1:] == coarse[:, :-1]
    together = equal[:, : max(0, equal.shape[1] - n_equal + 1)].copy()
    for i in range(1, n_equal):
        together &= equal[:, i : i + together.shape[1]]
    return np.asarray(together.any(axis=1))


def is_sound(data: Floats, *, n_run: int, low: Floats, high: Floats, step: Floats) -> bool:
    """Whether at first sight nothing is missing, held or on a rail; seldom False without need.

    A few passes over a block spare the closer look that the masks need.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_samples)
    n_run
        As for `equal_runs`.
    low, high, step
        As for `rail_samples`.

    Returns
    -------
    bool
        True only if no sample is missing, held or on a rail.
    """
    if not data.size:
        return True
    least, most = data.min(axis=1), data.max(axis=1)
    if not (np.isfinite(least) & np.isfinite(most)).all():
        return False
    half = np.nan_to_num(step, nan=0.0) / 2 + 1e-6
    if ((most >= high - half) | (least <= low + half)).any():
        return False
    centre, limit = _centre_and_limit(data[:, ::11])
    if ((most - centre > limit) | (centre - least > limit)).any():
        return False
    return data.shape[1] < n_run or not _may_hold_run(data, max(2, n_run)).any()


def held_samples(data: Floats, *, n_run: int) -> Bools:
    """Samples of a held or dropped stretch; see `equal_runs`."""
    return equal_runs(data, n_run=max(2, n_run))


def rail_samples(data: Floats, *, low: Floats, high: Floats, step: Floats) -> Bools:
    """Samples that sit on a rail of the converter.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_samples)
    low, high, step : ndarray, shape (n_channels,)
        Rails and digital step; NaN where unknown.

    Returns
    -------
    ndarray of bool, shape (n_channels, n_samples)
        True from the first to the last sample of every run of at least 3 on a known rail, or of at
        least 4 equal samples further than 20 times the robust RMS (and 20 digital steps) from the
        median, at the largest or smallest value of the row, which is no smooth top: a header's
        range may be that of the data, so a single sample at its end is no clipping, noise below a
        step is often equal, and so is the smooth top of a heart beat on coarse steps.
    """
    marked = np.zeros(data.shape, dtype=bool)
    if not data.size:
        return marked
    half = np.nan_to_num(step, nan=0.0) / 2 + 1e-6
    # The extremes of a row tell whether it needs to be looked at closely.
    least, most = np.fmin.reduce(data, axis=1), np.fmax.reduce(data, axis=1)
    top, bottom = high - half, low + half
    for i in np.flatnonzero((most >= top) | (least <= bottom)):
        for start, stop in _runs((data[i] >= top[i]) | (data[i] <= bottom[i]), 3):
            marked[i, start:stop] = True
    centre, limit = _centre_and_limit(data[:, ::11])
    for i in np.flatnonzero((most - centre > limit) | (centre - least > limit)):
        # Only now: to learn the step of a row takes longer than all else.
        known = step[i] if np.isfinite(step[i]) and step[i] > 0 else digital_step(data[i : i + 1])
        one = float(np.squeeze(known))
        limit[i] = max(limit[i], 20 * one)
        for rail in (least[i], most[i]):
            if abs(rail - centre[i]) > limit[i]:
                for start, stop in _runs(data[i] == rail, 4):
                    cut = _is_cut(data[i], start, stop, SMOOTH_STEPS * one)
                    marked[i, start:stop] |= cut
    return marked


def digital_step(data: Floats) -> NDArray[np.float64]:
    """Smallest difference between two values of each row, as far as its first samples tell.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_samples)

    Returns
    -------
    ndarray, shape (n_channels,)
        Zero where fewer than two different values are finite.
    """
    steps = np.zeros(len(data))
    for i, row in enumerate(data[:, :STEP_SAMPLES]):
        values = np.unique(row[np.isfinite(row)])
        if len(values) > 1:
            steps[i] = np.diff(values).min()
    return steps


def _centre_and_limit(sample: Floats) -> tuple[Floats, Floats]:
    """Median of each row, and 20 times its robust RMS; zero and next to nothing if all is NaN."""
    if np.isfinite(sample).all():
        centre = row_medians(sample)
        spread = row_medians(np.abs(sample - centre[:, None])) / 0.6745
    else:
        empty = ~np.isfinite(sample).any(axis=1, keepdims=True)
        sample = np.where(empty, sample.dtype.type(0), sample)
        centre = np.nanmedian(sample, axis=1)
        spread = np.nanmedian(np.abs(sample - centre[:, None]), axis=1) / 0.6745
    return centre, 20 * np.maximum(spread, 1e-6)


def _runs(mask: Bools, n_run: int) -> NDArray[np.int64]:
    """Runs of at least `n_run` true values; half-open ranges, shape (n_runs, 2)."""
    spans = spans_where(mask)
    return spans[spans[:, 1] - spans[:, 0] >= n_run]


def _is_cut(row: Floats, start: int, stop: int, jump: float) -> bool:
    """Whether a run of equal samples is no smooth top: it falls by more than `jump` beside it."""
    beside = -(-(stop - start) // 2)
    at = np.array([start - beside, stop - 1 + beside])
    at = at[(at >= 0) & (at < len(row))]
    return bool(np.any(np.abs(row[at] - row[start]) > jump))


def fill_invalid(data: Floats, invalid: Bools) -> NDArray[np.float32]:
    """Bridge invalid samples by straight lines between their valid neighbours.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_samples)
    invalid : ndarray of bool, same shape

    Returns
    -------
    ndarray of float32, same shape
        A row without a valid sample becomes zero. Float32 data without any invalid sample is
        handed back as it is, not copied.
    """
    if not invalid.any():
        return np.asarray(data, dtype=np.float32)
    out = np.array(data, dtype=np.float32)
    for row, bad in zip(out, invalid, strict=True):
        if not bad.any():
            continue
        good = np.flatnonzero(~bad)
        if len(good):
            row[bad] = np.interp(np.flatnonzero(bad), good, row[good])
        else:
            row[:] = 0.0
    return out


def held_run(sampling_hz: float, *, coarse: bool) -> int:
    """Equal samples in a row that mean a held or dropped stretch, not a quiet converter."""
    return round(0.5 * sampling_hz) if coarse else max(8, round(0.01 * sampling_hz))
