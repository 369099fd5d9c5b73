"""Units that keep clear of each other: one motor unit's discharges under several numbers.

A motor unit does not fire twice within some 45 ms of a train, two of them do so by chance. So where
a train's potential changes, or lies over another one, and gets another number, those discharges
keep clear of the rest of the train, however much their waveforms differ. And what does not keep
clear of it is another unit's, however alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from emgdetect.detection.trains import TRAIN_INTERVAL_S

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

CLOSE_S = 0.045
"""Seconds from a train's discharge in which its unit does not fire again: a regular train of
intervals of 60 ms (field.md) with a variation of 20 % has one interval in ten below."""
LONGEST_S = 3 * TRAIN_INTERVAL_S[1]
"""Seconds between two discharges up to which a train goes on: two in a row bear another number, or
are missed (`trains.train_spans` looks as far)."""
CLEAR_SHARE = 0.2
"""Share of those that chance would put so close that may be: overlaps get wrong numbers. With the
next one, on an independent simulator, seeds 6 to 9, 31 instead of 45 false ones are counted in
healthy recordings, and in tonic trains and all at once 93 instead of 99; 481 potentials are missed
there instead of 478."""
CHANCE = 1e-3
"""Probability, of so few by chance, below which they keep clear."""
TWO_DUE, TWO_SHARE = 5.0, 0.5
"""Discharges that chance would put so close, at least, and the share of them that have to be, for
two units alike to be two: 6 potentials less of tonic trains are missed on those recordings, and one
false one less is counted."""
WHOLE_DUE = 8.0
"""The same where numbers are taken together by their timing, which may err: of tonic trains (tuning
seeds 1005 to 1008) 44 are false with it, with 5 more, and of a unit that fires all the time (an
independent simulator) 44 of 175 others are called its discharges, with 10 or 14 56."""


def of_one_neuron(time_s: Floats, template: Ints, n_units: int) -> list[Ints]:
    """Units that bear one motor unit's discharges by their timing, for each unit, itself included.

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
    template : ndarray of int, shape (n_found,)
        Unit of each potential; below 0 where none is known.
    n_units : int

    Returns
    -------
    list of ndarray of int
        Of `n_units`. Every two units of a group keep clear of each other; the most frequent unit
        has the first choice.
    """
    times = _by_unit(time_s, template, n_units)
    apart = np.zeros((n_units, n_units), dtype=bool)
    for a in range(n_units):
        for b in range(a):
            clear = keeps_clear(times[a], times[b]) or keeps_clear(times[b], times[a])
            apart[a, b] = apart[b, a] = clear
    order = np.argsort([-len(own) for own in times], kind="stable")
    group = np.full(n_units, -1, dtype=np.int64)
    for unit in order:
        if group[unit] < 0:
            group[unit] = unit
            for other in order:
                if group[other] < 0 and apart[other, group == unit].all():
                    group[other] = unit
    return [np.flatnonzero(group == group[unit]) for unit in range(n_units)]


def of_two_neurons(time_s: Floats, template: Ints, same: list[Ints]) -> list[Ints]:
    """Units whose timing says that another motor unit is at work, for each unit.

    Parameters
    ----------
    time_s : ndarray, shape (n_found,)
    template : ndarray of int, shape (n_found,)
        Unit of each potential; below 0 where none is known.
    same : list of ndarray of int
        From `of_one_neuron`: where a number alone does not tell, its motor unit does.
    """
    own = _by_unit(time_s, template, len(same))
    whole = [np.sort(np.concatenate([own[unit] for unit in group])) for group in same]
    two = np.zeros((len(same), len(same)), dtype=bool)
    for a in range(len(same)):
        for b in set(range(a)) - set(same[a].tolist()):
            alone = len(same[a]) == len(same[b]) == 1 or _tell(own[a], own[b])
            two[a, b] = two[b, a] = (are_two(own[a], own[b]) if alone else
                                     are_two(whole[a], whole[b], least=WHOLE_DUE))  # fmt: skip
    return [np.flatnonzero(others) for others in two]


def compatible(unit: int, others: Ints, two: list[Ints], template: Ints) -> Ints:
    """Units that may all be one motor unit's with a unit, the most frequent first; sorted.

    A rare unit looks like a train's and like another that fires amid it: it is one of them at most.

    Parameters
    ----------
    unit : int
    others : ndarray of int
        Units that may bear its discharges; it may be among them.
    two : list of ndarray of int
        From `of_two_neurons`.
    template : ndarray of int, shape (n_found,)
        Unit of each potential.
    """
    counts = np.array([np.count_nonzero(template == other) for other in others])
    kept = [unit]
    for other in others[np.argsort(-counts, kind="stable")]:
        if other != unit and not np.isin(kept, two[other]).any():
            kept.append(int(other))
    return np.sort(np.array(kept, dtype=np.int64))


def _by_unit(time_s: Floats, template: Ints, n_units: int) -> list[Floats]:
    """Times of each unit, in order."""
    return [np.sort(time_s[template == unit]) for unit in range(n_units)]


def keeps_clear(train_s: Floats, others_s: Floats) -> bool:
    """Whether discharges lie far from those of a train between which they fall.

    Parameters
    ----------
    train_s, others_s : ndarray, shape (n_train,), (n_others,)
        In order.

    Returns
    -------
    bool
        False where too few fall into the train to tell.
    """
    seen, due = _close(train_s, others_s)
    return bool(seen <= CLEAR_SHARE * due and special.pdtr(seen, due) < CHANCE)


def are_two(some_s: Floats, others_s: Floats, *, least: float = TWO_DUE) -> bool:
    """Whether discharges fall so close to each other that two units must be at work.

    Parameters
    ----------
    some_s, others_s : ndarray, shape (n_some,), (n_others,)
        In order. Either may be the train into which the other's fall.
    least : float
        Discharges that chance would put so close, at least.
    """
    seen, due = _either_way(some_s, others_s)
    return due >= least and seen >= TWO_SHARE * due


def _tell(some_s: Floats, others_s: Floats) -> bool:
    """Whether discharges are enough to tell by their timing whether two units are at work."""
    return _either_way(some_s, others_s)[1] >= TWO_DUE


def _either_way(some_s: Floats, others_s: Floats) -> tuple[int, float]:
    """`_close` of either in the other, whichever tells more."""
    return max(_close(some_s, others_s), _close(others_s, some_s), key=lambda found: found[1])


def _close(train_s: Floats, others_s: Floats) -> tuple[int, float]:
    """How many discharges fall close to those of a train, and how many do so by chance.

    Of discharges that know nothing of the train, ``2 * CLOSE_S / gap`` fall that close to either
    end of a gap; their number is compared with a Poisson distribution, which is wider than theirs.
    """
    before = np.searchsorted(train_s, others_s, side="right") - 1
    within = (before >= 0) & (before < len(train_s) - 1)
    at_s, first = others_s[within], before[within]
    if not len(at_s):
        return 0, 0.0
    gap_s = train_s[first + 1] - train_s[first]
    near_s = np.minimum(at_s - train_s[first], train_s[first + 1] - at_s)
    in_train = gap_s <= LONGEST_S
    due = float(np.minimum(1.0, 2 * CLOSE_S / gap_s[in_train]).sum())
    return int(np.count_nonzero(near_s[in_train] < CLOSE_S)), due
