"""From counts to figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.cases import Case
from benchmarks.detectors import Detector, Found
from benchmarks.run import Result
from benchmarks.scores import (
    ROW,
    TOLERANCES_S,
    amplitude_rows,
    bootstrap_f1,
    f1_difference,
    pooled,
    rows_of,
    truth_of,
)
from benchmarks.tables import (
    at_tolerance,
    budgets,
    main_table,
    markdown,
    number,
    standing,
    troubles,
)
from emgdetect.simulation import Simulated, simulate


def nobody(*_: object) -> Found:
    return Found({}, {}, 0.0)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(duration_s=40, seed=3, scenario="clean", sites=["BICEPS L", "TIBIALIS R"])


def scored(simulated: Simulated, result: Result) -> pd.DataFrame:
    detector = Detector(name="x", version="1", settings="", find=nobody, sources=())
    case = Case("clean", "clean-3", lambda: simulated)
    return pd.DataFrame(
        rows_of(case, truth_of(simulated), 40.0, detector, result), columns=list(ROW)
    )


def answer(simulated: Simulated, shift_s: float = 0.0, minutes: float = 0.5) -> Result:
    """Everything true, shifted in time."""
    sites = [site.name for site in simulated.recording.sites]
    truth = simulated.fasciculations
    times = {s: (truth.loc[truth["site"] == s, "time_s"] + shift_s).tolist() for s in sites}
    return Result(times, dict.fromkeys(sites, 60 * minutes), 1.0, 10.0, "")


def test_the_truth_itself_is_perfect(simulated: Simulated) -> None:
    rows = scored(simulated, answer(simulated))
    assert len(rows) == 2 * len(TOLERANCES_S)
    assert rows[["missed", "extra"]].to_numpy().sum() == 0
    owed = (simulated.fasciculations["amplitude_rel"] >= 5).sum()
    assert at_tolerance(rows)["matched"].sum() == owed
    assert at_tolerance(rows)["free"].sum() == len(simulated.fasciculations) - owed


def test_a_shift_beyond_the_tolerance_misses_and_adds(simulated: Simulated) -> None:
    rows = scored(simulated, answer(simulated, shift_s=0.012)).groupby("tolerance_s").sum()
    assert rows.loc[0.015, "extra"] == 0
    assert rows.loc[0.005, "matched"] < rows.loc[0.015, "matched"]
    assert rows.loc[0.005, "extra"] > 0


def test_no_result_is_a_row_that_says_so(simulated: Simulated) -> None:
    rows = scored(simulated, Result({}, {}, float("nan"), float("nan"), "timeout after 60 s"))
    figures = pooled(at_tolerance(rows), ["detector"])
    assert figures.loc[0, "n_done"] == 0 and np.isnan(figures.loc[0, "f1"])
    assert troubles(rows).to_dict("records") == [
        {"detector": "x", "trouble": "timeout after 60 s", "recordings": 1}
    ]


def test_rates_are_per_analysed_minute(simulated: Simulated) -> None:
    rows = at_tolerance(scored(simulated, answer(simulated, minutes=0.25)))
    half = pooled(rows, ["detector"]).iloc[0]
    whole = pooled(
        at_tolerance(scored(simulated, answer(simulated, minutes=40 / 60))), ["detector"]
    )
    assert half["analysed_share"] == pytest.approx(0.25 / (40 / 60), abs=1e-3)
    assert whole.iloc[0]["rate_bias"] == pytest.approx(0, abs=1e-3)
    assert half["rate_bias"] > 0


def test_amplitude_bins_hold_every_potential_from_3_on(simulated: Simulated) -> None:
    detector = Detector(name="x", version="1", settings="", find=nobody, sources=())
    case = Case("clean", "clean-3", lambda: simulated)
    rows = pd.DataFrame(amplitude_rows(case, truth_of(simulated), detector, answer(simulated)))
    heights = simulated.fasciculations["amplitude_rel"]
    assert set(rows["tolerance_s"]) == set(TOLERANCES_S)
    for _, part in rows.groupby("tolerance_s"):
        assert part["matched"].sum() == (heights >= 3).sum()
        assert part["missed"].sum() == 0
    assert (rows["error_ms"] == 0).all()


def test_amplitude_bins_know_their_tolerance(simulated: Simulated) -> None:
    detector = Detector(name="x", version="1", settings="", find=nobody, sources=())
    case = Case("clean", "clean-3", lambda: simulated)
    late = answer(simulated, shift_s=0.012)
    rows = pd.DataFrame(amplitude_rows(case, truth_of(simulated), detector, late))
    found = rows.groupby("tolerance_s")["matched"].sum()
    assert found[0.005] < found[0.015] == (simulated.fasciculations["amplitude_rel"] >= 3).sum()
    assert rows.loc[rows["tolerance_s"] == 0.015, "error_ms"].median() == pytest.approx(12)


def test_the_bootstrap_interval_holds_the_figure_and_narrows() -> None:
    rng = np.random.default_rng(2)
    few = rng.poisson([20, 3, 2], size=(6, 3)).astype(float)
    many = rng.poisson([20, 3, 2], size=(200, 3)).astype(float)
    widths = []
    for counts in (few, many):
        low, high = bootstrap_f1(counts)
        matched, missed, extra = counts.sum(axis=0)
        assert low <= 2 * matched / (2 * matched + missed + extra) <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
    assert bootstrap_f1(few) == bootstrap_f1(few)


def test_the_bootstrap_of_nothing_is_nothing() -> None:
    assert np.isnan(bootstrap_f1(np.zeros((0, 3)))).all()
    assert np.isnan(bootstrap_f1(np.zeros((4, 3)))).all()


def test_markdown() -> None:
    table = pd.DataFrame({"a": ["x"], "b": [number(0.123)]})
    assert markdown(table) == "| a | b |\n|---|---|\n| x | 0.12 |"
    assert number(float("nan")) == "–"


def test_a_difference_is_paired_by_site() -> None:
    hard = np.array([[30.0, 0, 0], [5, 25, 0], [20, 10, 0], [12, 18, 0]])
    better = np.array([[30.0, 0, 0], [7, 23, 0], [22, 8, 0], [14, 16, 0]])
    difference, low, high = f1_difference(better, hard)
    assert 0 <= low <= difference <= high < 0.2  # the sites differ by far more than that
    assert f1_difference(better[:1], hard[:1])[0] == 0
    assert np.isnan(f1_difference(better[:1], hard[:1])[1:]).all()
    assert np.isnan(f1_difference(np.zeros((0, 3)), np.zeros((0, 3)))).all()
    assert np.isnan(f1_difference(np.zeros((2, 3)), np.zeros((2, 3)))).all()


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.02, 0.2, "ahead"),
        (-0.02, 0.2, "level"),
        (-0.2, -0.02, "**behind**"),
        (float("nan"), float("nan"), "–"),
    ],
)
def test_ahead_only_where_the_interval_says_so(low: float, high: float, word: str) -> None:
    assert standing(low, high) == word


def test_the_main_table_tells_where_a_rival_is_ahead() -> None:
    sites = {
        "emgdetect": [(10, 10, 0), (12, 12, 0)],
        "ceiling": [(20, 0, 0), (24, 0, 0)],
        "good": [(19, 1, 0), (23, 1, 0)],
        "bad": [(1, 19, 0), (1, 23, 0)],
    }
    rows = pd.DataFrame([
        {"detector": name, "phenomenon": "weak", "recording": "weak-1", "site": str(i),
         "tolerance_s": 0.015, "matched": m, "missed": s, "extra": e, "minutes": 1.0,
         "recorded_minutes": 1.0, "seconds": 0.1, "peak_mb": 1.0, "error_ms": 0.5, "trouble": ""}
        for name, counts in sites.items() for i, (m, s, e) in enumerate(counts)
    ])  # fmt: skip
    (line,) = main_table(pooled(rows, ["phenomenon", "detector"]), rows).to_dict("records")
    assert str(line["best rival"]).startswith("good 0.977")
    assert line["emgdetect is"] == "**behind**"
    assert str(line["difference"]).startswith("-0.310")


def test_settings_stand_by_what_they_cost() -> None:
    budget = pd.DataFrame({
        "phenomenon": ["weak"] * 3, "detector": ["a", "b", "a"], "setting": ["a 2", "b", "a 1"],
        "recall": [0.9, 0.5, 0.8], "precision": [0.7, 0.6, float("nan")],
        "extra_per_min": [2.0, 1.0, 0.25],
    })  # fmt: skip
    shown = budgets(budget)
    assert shown["setting"].tolist() == ["a 1", "a 2", "b"]
    assert shown.iloc[0].tolist() == ["weak", "a 1", "0.25", "0.80", "–"]
