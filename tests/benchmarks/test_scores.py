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
    pooled,
    rows_of,
    truth_of,
)
from benchmarks.tables import at_tolerance, markdown, number, troubles
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
    assert rows["matched"].sum() == (heights >= 3).sum()
    assert rows["missed"].sum() == 0


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
