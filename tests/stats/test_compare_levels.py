"""Comparisons of few: every arrangement once, a level of reference, no column twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgdetect.batch.comparison import compare_sessions
from emgdetect.stats.compare import compare_folder
from emgdetect.stats.comparing.levels import parsed
from emgdetect.stats.comparing.permuting import (
    N_PERMUTATIONS,
    Sessions,
    arrangements,
    n_permutations,
    permutation_ratio,
)

RNG = np.random.default_rng(0)


def paired(counts: list[list[float]]) -> Sessions:
    """Persons with a session in each of two conditions."""
    n = len(counts)
    return Sessions(
        np.array(counts).ravel(), np.full(2 * n, 5.0), np.tile([0.0, 1.0], n),
        np.tile([0.0, 1.0], n), np.repeat(np.arange(n), 2),
    )  # fmt: skip


def test_no_p_value_is_below_the_least_there_is() -> None:
    six = paired([[10, 30], [12, 40], [8, 22], [20, 66], [15, 41], [9, 30]])
    assert n_permutations(six) == 64
    assert permutation_ratio(six).p == 2 / 64
    assert permutation_ratio(six, seed=5) == permutation_ratio(six)
    turned = paired([[b, a] for a, b in six.counts.reshape(-1, 2).tolist()])
    assert permutation_ratio(turned).p == 2 / 64


@pytest.mark.parametrize(
    ("values", "persons", "n"),
    [
        ([0, 1] * 6, np.repeat(np.arange(6), 2), 64),
        ([0, 1, 2, 0, 1, 1], [0, 0, 0, 1, 1, 1], 18),
        ([0, 1, 2, 0, 1, 1], [0, 1, 0, 1, 0, 1], 18),  # rows of a person need not be neighbours
        ([3.0], [0], 1),
        ([0] * 11 + [1], [0] * 12, 12),
    ],
)
def test_every_arrangement_stands_once_and_the_first_is_as_found(
    values: list[float], persons: list[int], n: int
) -> None:
    x, who = np.array(values, dtype=float), np.array(persons)
    order = arrangements(who, x, RNG)
    assert len(order) == n == len({tuple(row) for row in x[order].tolist()})
    assert order[0].tolist() == list(range(len(x)))
    assert (np.sort(order, axis=1) == np.arange(len(x))).all()
    assert (who[order] == who).all()


def test_many_arrangements_are_drawn() -> None:
    order = arrangements(np.zeros(9, int), np.arange(9.0), RNG)
    assert len(order) == N_PERMUTATIONS + 1
    assert order[0].tolist() == list(range(9))


def folder_of(tmp_path: Path, **columns: list[object]) -> Path:
    n = len(next(iter(columns.values())))
    counts = [[10, 30, 22][i % 3] + i % 5 for i in range(n)]
    summary = pd.DataFrame({"recording": [f"r{i}" for i in range(n)], "site": "VL",
                            "analysed_s": 120.0, "detectable_uv": "n/a",
                            "n_fasciculations": counts})  # fmt: skip
    summary.to_csv(tmp_path / "summary.tsv", sep="\t", index=False)
    table = pd.DataFrame({"recording": summary["recording"], **columns})
    table.to_csv(tmp_path / "s.tsv", sep="\t", index=False)
    return tmp_path / "s.tsv"


def test_the_level_of_reference_can_be_chosen(tmp_path: Path) -> None:
    path = folder_of(tmp_path, cond=["after", "before", "rest"] * 5, dose=[0, 1, 2] * 5)
    first = compare_folder(tmp_path, path, "cond").effects
    assert first["contrast"].tolist() == ["before against after", "rest against after"]
    chosen = compare_folder(tmp_path, path, "cond", reference={"cond": "before"}).effects
    assert chosen["contrast"].tolist() == ["after against before", "rest against before"]
    assert chosen["rate_ratio"][0] == pytest.approx(1 / first["rate_ratio"][0], rel=1e-6)
    said = compare_sessions(tmp_path, path, ["cond"], reference=["cond=rest"])
    assert "cond after against rest" in said
    for reference, told in (
        ({"cond": "x"}, "cond has no level 'x'; it has after, before, rest"),
        ({"dose": "1"}, "which is not compared by"),
    ):
        with pytest.raises(ValueError, match=told):
            compare_folder(tmp_path, path, "cond", reference=reference)
    with pytest.raises(ValueError, match="dose is a number"):
        compare_folder(tmp_path, path, ["cond", "dose"], reference={"dose": "1"})
    with pytest.raises(ValueError, match="written COLUMN=LEVEL"):
        parsed(["before"])
    with pytest.raises(ValueError, match="named twice"):
        parsed(["cond=a", "cond=b"])


def test_a_column_named_again_counts_once(tmp_path: Path) -> None:
    path = folder_of(tmp_path, cond=["a", "b"] * 7)
    once, again = (compare_folder(tmp_path, path, by) for by in (["cond"], ["cond", "cond"]))
    pd.testing.assert_frame_equal(once.effects, again.effects)
    pd.testing.assert_frame_equal(once.sessions, again.sessions)
