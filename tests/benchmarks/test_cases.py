"""The recordings hold what they are named after."""

from __future__ import annotations

import pytest

from benchmarks.cases import REPORTING_SEEDS, TUNING_SEEDS, quick_cases, simulated_cases


def test_no_seed_is_for_choosing_and_for_reporting() -> None:
    assert not set(TUNING_SEEDS) & set(REPORTING_SEEDS)


@pytest.mark.parametrize("kind", ["contraction", "tremor", "train"])
def test_a_phenomenon_shows_in_the_committed_run(kind: str) -> None:
    name = "tonic_trains" if kind == "train" else kind + ("s" if kind == "contraction" else "")
    (case,) = simulated_cases(REPORTING_SEEDS[:1], phenomena=(name,), duration_s=90)
    simulated = case.make()
    assert (simulated.spans["kind"] == kind).any()


def test_the_quick_run_has_a_train() -> None:
    case = next(case for case in quick_cases() if case.phenomenon == "tonic_trains")
    assert (case.make().spans["kind"] == "train").any()
