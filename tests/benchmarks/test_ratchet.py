"""The quick run, and the ratchet: the detector must not get worse than the committed figures."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import cases
from benchmarks.__main__ import QUICK_RIVALS, main, measure
from benchmarks.detectors import ceiling, ours, rivals
from benchmarks.ratchet import poisson_limit, standard_error, worse
from benchmarks.scores import ROW, pooled
from benchmarks.tables import BOUND, US, at_tolerance

COMMITTED = Path(__file__).parents[2] / "benchmarks" / "results" / "quick.csv"


def long_table(counts: dict[str, list[tuple[int, int, int]]]) -> pd.DataFrame:
    """A long table of this detector with these counts per phenomenon and site."""
    rows = [
        {"detector": US, "phenomenon": name, "recording": f"{name}-1", "site": str(i),
         "tolerance_s": 0.015, "matched": m, "missed": s, "extra": e}
        for name, sites in counts.items() for i, (m, s, e) in enumerate(sites)
    ]  # fmt: skip
    return pd.DataFrame(rows)


BEFORE = {"clean": [(30, 1, 0), (28, 0, 1), (25, 2, 0)], "weak": [(20, 3, 1), (22, 4, 0)]}


def test_the_same_figures_pass() -> None:
    assert worse(long_table(BEFORE), long_table(BEFORE)) == []


def test_better_figures_pass() -> None:
    better = {name: [(m + s, 0, 0) for m, s, _ in sites] for name, sites in BEFORE.items()}
    assert worse(long_table(BEFORE), long_table(better)) == []


def test_a_loss_beyond_the_noise_is_told() -> None:
    lost = {name: [(m - 6, s + 6, e) for m, s, e in sites] for name, sites in BEFORE.items()}
    told = worse(long_table(BEFORE), long_table(lost))
    assert any(line.startswith("F1 on all phenomena fell by") for line in told)
    assert any("clean" in line for line in told)


def test_false_events_beyond_chance_are_told() -> None:
    noisy = BEFORE | {"clean": [(m, s, e + 5) for m, s, e in BEFORE["clean"]]}
    told = worse(long_table(BEFORE), long_table(noisy))
    assert any("events on clean are not true" in line for line in told)


def test_other_recordings_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="other recordings"):
        worse(long_table(BEFORE), long_table({"clean": BEFORE["clean"]}))


def test_the_noise_of_a_figure() -> None:
    assert standard_error(np.array([[10.0, 1, 1]] * 5)) == pytest.approx(0)
    assert standard_error(np.array([[10.0, 0, 0], [5, 5, 5]])) > 0.05
    assert standard_error(np.zeros((3, 3))) == 0
    assert poisson_limit(0) == pytest.approx(3.689, abs=1e-3)  # the exact limit of no events


def test_the_command_line_refuses_an_unknown_detector(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--detectors", "nobody"]) == 2
    assert "no such detector" in capsys.readouterr().err


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The quick run, from an empty cache."""
    packages = ("biosppy", "peakutils", "spikeinterface")
    have = all(importlib.util.find_spec(name) for name in packages)
    others = [d for d in rivals() if d.name in QUICK_RIVALS] if have else []
    cache = tmp_path_factory.mktemp("cache")
    return measure(cases.quick_cases(), [ours(), ceiling(), *others], cache)[0]


@pytest.mark.slow
def test_the_quick_run_covers_its_phenomena(quick: pd.DataFrame) -> None:
    scores = quick
    assert set(scores["phenomenon"]) == set(cases.QUICK)
    assert tuple(scores.columns) == ROW
    assert (scores.loc[scores["detector"].isin([US, BOUND]), "trouble"] == "").all()


@pytest.mark.slow
def test_the_detector_got_no_worse(quick: pd.DataFrame) -> None:
    assert worse(pd.read_csv(COMMITTED), quick) == []


@pytest.mark.slow
def test_this_detector_is_ahead_of_every_quick_rival(quick: pd.DataFrame) -> None:
    rows = at_tolerance(quick)
    rows = rows[rows["phenomenon"] != "healthy"]
    f1 = pooled(rows, ["detector"], n_draws=1).set_index("detector")["f1"]
    others = f1.drop([US, BOUND])
    if others.empty:
        pytest.skip("the benchmark extra is missing")
    assert f1[US] > others.max()
