"""Samples that a converter or an export held: the true sampling rate behind them.

Who writes 500 samples a second as 1000 repeats each; from 800 to 1000 Hz every fourth is repeated.
Above half the true rate there is nothing but images of what is below.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

MAX_PERIOD = 64
"""Longest period of repeats looked for, in samples."""
MIN_VALUES = 20
"""Changes that a piece needs before its repeats say anything, and periods that it holds."""
HELD_SHARE = 0.95
"""Share of the samples at one place of the period that repeat the one before, where samples are
held: by chance, and in flat stretches, some more do than not."""
FREE_SHARE = 0.8
"""The same at most at all other places: noise of a coarse converter repeats itself anywhere."""
MOST_PIECES = 0.5
"""Share of the pieces that have to be held for the channel to be."""


def true_share(pieces: Sequence[Floats]) -> Fraction:
    """Share of a channel's samples that are no repeats by a regular hold.

    Parameters
    ----------
    pieces : sequence of ndarray, shape (n_samples,)
        Of the channel, raw.

    Returns
    -------
    Fraction
        1 if nothing is held, or too little changes to tell; the smallest of all held pieces.
    """
    told = [share for share in map(_share, pieces) if share is not None]
    held = [share for share in told if share < 1]
    return min(held) if held and len(held) >= MOST_PIECES * len(told) else Fraction(1)


def held_message(name: str, share: Fraction, sampling_hz: float) -> str:
    """What to say of a channel whose samples are held."""
    rate = sampling_hz * float(share)
    if share.numerator == 1:
        how = f"Every sample of {name!r} stands {share.denominator} times"
    else:
        repeated = share.denominator - share.numerator
        how = f"{repeated} of {share.denominator} samples of {name!r} repeat the one before"
    return f"{how}: its true rate is {rate:g} Hz."


def _share(piece: Floats) -> Fraction | None:
    """Share of samples that are no repeats; None where too few change to tell."""
    same = piece[1:] == piece[:-1]
    if np.count_nonzero(~same) < MIN_VALUES:
        return None
    if same.mean() < HELD_SHARE / (2 * MAX_PERIOD):
        return Fraction(1)
    least = Fraction(1)
    for period in range(2, MAX_PERIOD + 1):
        n = len(same) // period
        if n < MIN_VALUES:
            break
        shares = same[: n * period].reshape(n, period).mean(axis=0)
        held = shares >= HELD_SHARE
        if held.any() and not held.all() and shares[~held].max() <= FREE_SHARE:
            # Where each stands four times, every second one repeats the one before, too.
            least = min(least, Fraction(period - int(held.sum()), period))
    return least
