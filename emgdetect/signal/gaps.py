"""Samples that cannot be trusted: missing, held, clipped; and how to bridge them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


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
    # A run longer than n_run has equal samples at every distance below n_run; looking first at
    # one distance leaves few places to look at closely.
    hop = n_run // 2
    if not np.any(data[:, :-hop:hop] == data[:, hop::hop]):
        return marked
    equal = data[:, 1:] == data[:, :-1]
    for row, flags in zip(marked, equal, strict=True):
        padded = np.zeros(len(flags) + 2, dtype=np.int8)
        padded[1:-1] = flags
        starts, stops = np.flatnonzero(np.diff(padded)).reshape(-1, 2).T
        long = stops - starts + 1 >= n_run
        for start, stop in zip(starts[long], stops[long], strict=True):
            row[start : stop + 1] = True
    return marked


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
        least 4 equal samples further than 20 times the robust RMS from the median: a header's
        range may be that of the data, so a single sample at its end is no clipping.
    """
    marked = np.zeros(data.shape, dtype=bool)
    half = np.nan_to_num(step, nan=0.0) / 2 + 1e-6
    with np.errstate(invalid="ignore"):
        beyond = (data >= (high - half)[:, None]) | (data <= (low + half)[:, None])
    if beyond.any():
        marked |= _runs(beyond, 3)
    sample = data[:, ::11]
    centre = np.nan_to_num(np.nanmedian(_safe(sample), axis=1))
    spread = np.nanmedian(np.abs(_safe(sample) - centre[:, None]), axis=1) / 0.6745
    far = np.abs(data - centre[:, None]) > 20 * np.maximum(np.nan_to_num(spread), 1e-6)[:, None]
    if far.any():
        same = np.zeros(data.shape, dtype=bool)
        same[:, 1:] = data[:, 1:] == data[:, :-1]
        same[:, :-1] |= same[:, 1:]
        marked |= _runs(far & same, 4)
    return marked


def _safe(sample: Floats) -> Floats:
    """The sample with rows of nothing but NaN replaced by zeros (so that medians stay silent)."""
    empty = ~np.isfinite(sample).any(axis=1, keepdims=True)
    return np.where(empty, 0.0, sample)


def _runs(mask: Bools, n_run: int) -> Bools:
    """The mask without its runs shorter than `n_run`."""
    kept = np.zeros_like(mask)
    for row, out in zip(mask, kept, strict=True):
        if not row.any():
            continue
        padded = np.zeros(len(row) + 2, dtype=np.int8)
        padded[1:-1] = row
        for start, stop in np.flatnonzero(np.diff(padded)).reshape(-1, 2):
            if stop - start >= n_run:
                out[start:stop] = True
    return kept


def fill_invalid(data: Floats, invalid: Bools) -> NDArray[np.float32]:
    """Bridge invalid samples by straight lines between their valid neighbours.

    Parameters
    ----------
    data : ndarray, shape (n_channels, n_samples)
    invalid : ndarray of bool, same shape

    Returns
    -------
    ndarray of float32, same shape
        A row without a valid sample becomes zero.
    """
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
