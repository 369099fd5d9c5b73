"""Agreement of event times with a truth: the largest one-to-one matching within a tolerance.

A many-to-one matching would give a detector that reports one event three times a precision of 1
where 1/3 is right; so each true event takes at most one found event and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LONGEST_S = 48 * 3600.0
"""Times beyond this are taken for sample counts: recordings last up to 24 h."""

_SLACK_S = 1e-9
"""So that a difference of exactly the tolerance counts as within it in binary arithmetic."""


@dataclass(frozen=True, eq=False)
class Score:
    """How found events agree with true ones.

    Attributes
    ----------
    pairs : ndarray of int, shape (n_matched, 2)
        Index into the truth and index into the found times, as they were given, by time.
    missed_at, extra_at : ndarray of int
        Indices of true events that were not found, and of found events that are not true.
    errors_s : ndarray, shape (n_matched,)
        Found minus true time of each pair.
    """

    pairs: Ints
    missed_at: Ints
    extra_at: Ints
    errors_s: Floats

    @property
    def matched(self) -> int:
        """Number of true events that were found."""
        return len(self.pairs)

    @property
    def missed(self) -> int:
        """Number of true events that were not found."""
        return len(self.missed_at)

    @property
    def extra(self) -> int:
        """Number of found events that are not true."""
        return len(self.extra_at)

    @property
    def precision(self) -> float:
        """Share of the found events that are true; NaN if none was found."""
        return _share(self.matched, self.matched + self.extra)

    @property
    def recall(self) -> float:
        """Share of the true events that were found; NaN if there are none."""
        return _share(self.matched, self.matched + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; NaN if there is neither truth nor find."""
        return _share(2 * self.matched, 2 * self.matched + self.missed + self.extra)

    def __str__(self) -> str:
        return (
            f"{self.matched} matched, {self.missed} missed, {self.extra} extra: "
            f"precision {self.precision:.3f}, recall {self.recall:.3f}, F1 {self.f1:.3f}"
        )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def score(truth_s: ArrayLike, found_s: ArrayLike, *, tolerance_s: float = 0.015) -> Score:
    """Match found event times with true ones, one to one.

    Of all matchings with the largest number of pairs, one with the smallest sum of time errors.

    Parameters
    ----------
    truth_s, found_s : array_like, shape (n,)
        Times in seconds, in any order; may be empty.
    tolerance_s : float
        Largest difference of a pair, itself included.

    Returns
    -------
    Score
        Numbers `matched`, `missed` and `extra`, and `precision`, `recall` and `f1`, which are NaN
        where there is nothing to take a share of.

    Raises
    ------
    ValueError
        If times are not one-dimensional, not finite or masked, or look like sample counts (beyond
        48 h), or if the tolerance is negative or not finite.
    TypeError
        If the tolerance is no number.
    """
    truth, found = _times(truth_s, "truth_s"), _times(found_s, "found_s")
    tolerance = np.asarray(tolerance_s)
    if tolerance.ndim or tolerance.dtype.kind not in "iuf":
        raise TypeError(f"tolerance_s must be a number of seconds, got {tolerance_s!r}")
    if not (np.isfinite(tolerance_s) and tolerance_s >= 0):
        raise ValueError(f"tolerance_s must be finite and not negative, got {tolerance_s}")
    order_truth, order_found = np.argsort(truth, kind="stable"), np.argsort(found, kind="stable")
    sorted_pairs = match_sorted(truth[order_truth], found[order_found], tolerance_s=tolerance_s)
    pairs = np.column_stack([order_truth[sorted_pairs[:, 0]], order_found[sorted_pairs[:, 1]]])
    return Score(
        pairs=pairs,
        missed_at=np.setdiff1d(np.arange(len(truth)), pairs[:, 0]),
        extra_at=np.setdiff1d(np.arange(len(found)), pairs[:, 1]),
        errors_s=found[pairs[:, 1]] - truth[pairs[:, 0]],
    )


def _times(values: ArrayLike, name: str) -> Floats:
    if np.ma.is_masked(values):
        n_masked = int(np.ma.getmaskarray(np.ma.asanyarray(values)).sum())
        raise ValueError(f"{name} must be finite, got {n_masked} masked")
    times = np.asarray(values)
    if times.size == 0 and times.ndim == 1:
        return np.zeros(0)
    if times.ndim != 1 or times.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be a one-dimensional array of seconds, got {_what(times)}")
    times = times.astype(np.float64)
    if not np.isfinite(times).all():
        raise ValueError(
            f"{name} must be finite, got {int((~np.isfinite(times)).sum())} that are not"
        )
    if np.abs(times).max() > LONGEST_S:
        raise ValueError(
            f"{name} must be in seconds, got {np.abs(times).max():g} (limit {LONGEST_S:g}): "
            "are these sample counts?"
        )
    return times


def _what(values: NDArray[Any]) -> str:
    return f"shape {values.shape} of {values.dtype}"


def match_sorted(truth_s: Floats, found_s: Floats, *, tolerance_s: float) -> Ints:
    """Largest matching of two sorted lists of times, with the smallest sum of errors.

    Both lists are cut where neighbours lie further apart than the tolerance, since no pair reaches
    across; each cluster is solved exactly. Memory and time grow with the number of pairs within
    the tolerance.

    Parameters
    ----------
    truth_s, found_s : ndarray, shape (n,)
        Sorted times.
    tolerance_s : float

    Returns
    -------
    ndarray of int, shape (n_matched, 2)
        Indices into `truth_s` and `found_s`, increasing in both.
    """
    limit = tolerance_s + _SLACK_S
    merged = np.sort(np.concatenate([truth_s, found_s]))
    bounds = merged[1:][np.diff(merged) > limit]
    cuts_t = np.concatenate([[0], np.searchsorted(truth_s, bounds), [len(truth_s)]])
    cuts_f = np.concatenate([[0], np.searchsorted(found_s, bounds), [len(found_s)]])
    pairs: list[tuple[int, int]] = []
    both = np.flatnonzero((np.diff(cuts_t) > 0) & (np.diff(cuts_f) > 0))
    for t0, t1, f0, f1 in zip(
        cuts_t[both], cuts_t[both + 1], cuts_f[both], cuts_f[both + 1], strict=True
    ):
        for i, j in _match_cluster(truth_s[t0:t1], found_s[f0:f1], limit):
            pairs.append((int(t0) + i, int(f0) + j))
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def _match_cluster(truth_s: Floats, found_s: Floats, limit: float) -> list[tuple[int, int]]:
    """Exact, by dynamic programming: an optimal matching of points on a line need not cross.

    The best gain from true event `i` and found event `j` on depends on `j` only where `j` is within
    reach of `i`: before that no found event is lost, and beyond it the true one is. So only that
    band of each row is kept.
    """
    if len(truth_s) == len(found_s) == 1:
        return [(0, 0)]
    # One more pair outweighs any sum of errors of a cluster.
    most = limit * (min(len(truth_s), len(found_s)) + 1)
    reach = limit + _SLACK_S  # a hair wide: what is within the limit is asked of the error itself
    lows = np.append(np.searchsorted(found_s, truth_s - reach), len(found_s))
    highs = np.searchsorted(found_s, truth_s + reach, side="right")
    rows = [np.zeros(1)] * len(lows)
    for i in range(len(truth_s) - 1, -1, -1):
        low, high = lows[i], highs[i]
        error = np.abs(truth_s[i] - found_s[low:high])
        gain = np.where(error <= limit, most - error, -np.inf)
        later = rows[i + 1][np.maximum(np.arange(low, high + 1) - lows[i + 1], 0)]
        # Skipping found events is a running maximum from the right.
        here = np.append(np.maximum(later[:-1], gain + later[1:]), later[-1])
        rows[i] = np.maximum.accumulate(here[::-1])[::-1]
    return _walk(rows, lows.tolist(), highs.tolist())


def _walk(rows: list[Floats], lows: list[int], highs: list[int]) -> list[tuple[int, int]]:
    """Pairs of the best gains; row `i` holds those of the found events `lows[i]` to `highs[i]`."""
    pairs = []
    i = j = 0
    while i < len(highs):
        j = max(j, lows[i])
        if j >= highs[i]:
            i += 1
            continue
        here, without_j = rows[i][j - lows[i] : j - lows[i] + 2]
        if here == without_j:
            j += 1
        elif here == rows[i + 1][max(j - lows[i + 1], 0)]:
            i += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs
