"""What `why` says of counted potentials: the company of their own unit."""

from __future__ import annotations

import numpy as np
import pytest

from emgdetect.detection.verdicts.company import DOUBLET_S, TOGETHER_S, company


def said(times, units=1, counted=True):
    times = np.asarray(times, float)
    units, counted = (np.broadcast_to(x, times.shape) for x in (units, counted))
    return company(times, units.astype(np.int64), counted.astype(bool)).tolist()


def naive_kind(times, units, counted, i):
    """The first words, by walking from one discharge to the next."""
    others = [j for j in range(len(times)) if counted[j] and j != i]
    if not units[i]:
        near = any(abs(times[j] - times[i]) <= TOGETHER_S for j in others)
        return "of no unit" if near else "isolated"
    chain = {i}
    while True:
        more = {j for j in others if units[j] == units[i]
                and any(abs(times[j] - times[k]) <= TOGETHER_S for k in chain)} - chain  # fmt: skip
        if not more:
            break
        chain |= more
    if len(chain) == 1:
        return "isolated"
    apart = max(times[j] for j in chain) - min(times[j] for j in chain)
    if len(chain) == 2:
        return "in a doublet" if apart <= DOUBLET_S else "in a pair"
    return f"in a run of {len(chain)}"


def test_alone_doublet_pair_and_run_are_told_apart_with_their_distance() -> None:
    times = [1, 2, 2.006, 3, 3.035, 4, 4.1, 4.3, 6]
    assert said(times) == [
        "isolated", "in a doublet, 6 ms apart", "in a doublet, 6 ms apart",
        "in a pair, 35 ms apart", "in a pair, 35 ms apart", "in a run of 3, 100 ms to the nearest",
        "in a run of 3, 100 ms to the nearest", "in a run of 3, 200 ms to the nearest", "isolated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gap_s", "word"),
    [(0.02, "doublet"), (0.0205, "pair"), (0.25, "pair"), (0.2505, "isolated")],
)
def test_the_limits_belong_to_the_nearer_company(gap_s: float, word: str) -> None:
    for start in (0.1, 7.3, 1234.5):
        assert all(word in text for text in said([start, start + gap_s]))


def test_other_units_and_what_is_not_counted_are_no_company() -> None:
    times = [1, 1.01, 1.02, 5, 5.1]
    counted = [True, True, False, True, False]
    assert said(times, [1, 2, 1, 3, 3], counted) == ["isolated", "isolated", "", "isolated", ""]


def test_one_of_no_unit_is_looked_at_among_all_of_the_site() -> None:
    times, units = [1, 1.1, 5, 9, 9.05], [0, 1, 0, 0, 0]
    assert said(times, units) == [
        "of no unit, 100 ms from another", "isolated", "isolated",
        "of no unit, 50 ms from another", "of no unit, 50 ms from another",
    ]  # fmt: skip


def test_it_agrees_with_walking_and_does_not_depend_on_the_order() -> None:
    rng = np.random.default_rng(4)
    for n in (0, 1, 2, 60, 60, 60):
        times = rng.uniform(0, 6, n).round(3)
        units, counted = rng.integers(0, 4, n), rng.random(n) < 0.8
        texts = said(times, units, counted)
        for i in range(n):
            kind = naive_kind(times, units, counted, i) if counted[i] else ""
            assert texts[i].startswith(kind) and bool(texts[i]) == bool(kind)
        order = rng.permutation(n)
        assert said(times[order], units[order], counted[order]) == [texts[i] for i in order]
