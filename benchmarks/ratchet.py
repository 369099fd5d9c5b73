"""The ratchet: is the detector worse than the committed figures say, by more than their noise?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.scores import f1_of
from benchmarks.tables import US, at_tolerance

COUNTS = ["matched", "missed", "extra"]


def worse(before: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    """What got worse, one sentence each; empty if nothing did.

    The pooled F1 may fall by no more than its standard error (bootstrap over recording sites),
    that of one phenomenon by no more than twice its own; events that are not true may become no
    more than the upper 97.5 % limit of a Poisson count around the committed one.

    Parameters
    ----------
    before, now : DataFrame
        Long tables (`benchmarks.scores.ROW`) of the same recordings.

    Raises
    ------
    ValueError
        If the two tables are not of the same recordings.
    """
    old, new = _ours(before), _ours(now)
    if not old.index.equals(new.index):
        raise ValueError("the committed figures are of other recordings: run the quick run again")
    return list(_sentences(old, new))


def _ours(scores: pd.DataFrame) -> pd.DataFrame:
    rows = at_tolerance(scores[scores["detector"] == US])
    return rows.set_index(["phenomenon", "recording", "site"])[COUNTS].sort_index()


def _sentences(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[str]:
    groups = [("all phenomena", np.ones(len(old), dtype=bool), 1.0)]
    names = old.index.get_level_values("phenomenon")
    groups += [(str(name), np.asarray(names == name), 2.0) for name in names.unique()]
    for name, inside, allowed in groups:
        first, second = old[inside].to_numpy(float), new[inside].to_numpy(float)
        fall = f1_of(*first.sum(axis=0)) - f1_of(*second.sum(axis=0))
        noise = allowed * standard_error(first)
        if fall > noise:
            yield f"F1 on {name} fell by {fall:.3f}, more than its noise of {noise:.3f}"
        extra, limit = second[:, 2].sum(), poisson_limit(first[:, 2].sum())
        if extra > limit:
            yield f"{extra:.0f} events on {name} are not true, more than {limit:.0f}"


def standard_error(counts: NDArray[np.float64], *, n_draws: int = 1000, seed: int = 1) -> float:
    """Bootstrap standard error of the pooled F1 over recording sites; 0 where there is none."""
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(counts), size=(n_draws, len(counts)))
    f1 = np.array([f1_of(*total) for total in counts[draws].sum(axis=1)])
    return float(np.nanstd(f1)) if np.isfinite(f1).any() else 0.0


def poisson_limit(count: float) -> float:
    """Upper 97.5 % limit of a Poisson count of which `count` was seen (exact)."""
    from scipy.stats import chi2

    return float(chi2.ppf(0.975, 2 * (count + 1)) / 2)
