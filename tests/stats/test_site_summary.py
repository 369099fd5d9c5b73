"""Summary per site: empty, single-event and all-excluded sites; every column stands."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, empty, table
from emgdetect.detection.verdicts.company import DOUBLET_S, TOGETHER_S
from emgdetect.detections import SiteFacts
from emgdetect.stats.measures import ISOLATION_S
from emgdetect.stats.rates import LEAST_S, SHORT_S
from emgdetect.stats.summary import summarise
from emgdetect.stats.tables import summarise_minutes, summarise_units

CONTRACT = [
    "site",
    "n_channels",
    "sampling_hz",
    "recorded_s",
    "analysed_s",
    "n_fasciculations",
    "rate_per_min",
    "rate_low",
    "rate_high",
    "rate_flag",
    "dispersion",
    "expected_false_per_min",
    "rate_corrected_per_min",
    "rate_corrected_low",
    "rate_corrected_high",
    "detectable_uv",
    "n_units",
    "amplitude_median_uv",
    "short_interval_share",
    "isolated_share",
    "noise_uv",
]


def facts(site: str, spans: list[tuple[float, float]]) -> SiteFacts:
    return SiteFacts(
        site=site, n_channels=2, sampling_hz=1000.0, recorded_s=600.0,
        analysed_s=np.array(spans, dtype=float).reshape(-1, 2),
        counts_by_level={"lenient": (5, 60.0), "default": (3, 50.0), "strict": (0, 0.0)},
        noise_uv=5.0, threshold=4.8, expected_false_per_min=0.2, mains_share=0.01,
    )  # fmt: skip


def events(times: np.ndarray, *, site: str = "A", verdict: str = "fasciculation") -> pd.DataFrame:
    return table(
        [
            {"onset": t - 0.004, "duration": 0.01, "site": site, "channel": "c", "peak_s": t,
             "verdict": verdict, "amplitude_uv": 60.0, "amplitude_fit_uv": 50.0, "unit": 1}
            for t in times
        ],
        EVENTS,
    )  # fmt: skip


def test_contract_columns_come_first_and_in_order() -> None:
    frame = summarise(empty(EVENTS), [facts("A", [(0, 600)])])
    assert list(frame.columns)[: len(CONTRACT)] == CONTRACT
    assert list(frame.columns) == [column.name for column in SUMMARY]
    assert list(summarise(empty(EVENTS), []).columns) == list(frame.columns)


def test_no_events_is_rate_zero_with_an_upper_bound() -> None:
    row = summarise(empty(EVENTS), [facts("A", [(0, 120)])]).iloc[0]
    assert row["n_fasciculations"] == 0 and row["rate_per_min"] == 0 and row["rate_low"] == 0
    assert row["rate_high"] == pytest.approx(3.6889 / 2, rel=1e-4)
    assert row["longest_silence_s"] == 120
    assert pd.isna(row["amplitude_median_uv"])


def test_nothing_analysed_is_missing_not_zero() -> None:
    row = summarise(events(np.array([3.0])), [facts("A", [])]).iloc[0]
    for name in ("n_fasciculations", "rate_per_min", "rate_low", "rate_high", "n_units"):
        assert pd.isna(row[name]), name
    assert row["analysed_s"] == 0 and row["rate_flag"] == "short"


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_short_a_time_has_a_count_but_no_rate(n: int) -> None:
    short, enough = (
        summarise(events(np.arange(1.0, n + 1)), [facts("A", [(0, stop)])]).iloc[0]
        for stop in (LEAST_S - 0.1, LEAST_S)
    )
    rates = [c.name for c in SUMMARY if "rate" in c.name and c.unit == "1/min"]
    rates = [name for name in rates if "corrected" not in name and "strict" not in name]
    of_time = [name for name in rates if "lenient" not in name and "default" not in name]
    assert of_time == ["rate_per_min", "rate_low", "rate_high", "initiation_rate_per_min"]
    assert short[of_time].isna().all() and enough[of_time].notna().all()
    assert short["n_fasciculations"] == n and short["analysed_s"] == pytest.approx(LEAST_S - 0.1)
    assert short["rate_flag"] == enough["rate_flag"] == "short"
    assert short[["isolated_share_poisson", "interval_median_poisson_s"]].isna().all()
    counts = {"lenient": (n, LEAST_S), "default": (n, LEAST_S - 0.1), "strict": (0, 0.0)}
    levels = replace(facts("A", [(0, 60)]), counts_by_level=counts)
    row = summarise(events(np.zeros(0)), [levels]).iloc[0]
    assert row["rate_lenient_per_min"] == n * 60 / LEAST_S and pd.isna(row["rate_default_per_min"])


def test_units_and_minutes_too_short_have_no_rate_either() -> None:
    found, site = events(np.array([1.0, 61.0])), [facts("A", [(0, 60.0 + LEAST_S - 0.1)])]
    assert summarise_minutes(found, site)["rate_per_min"].tolist() == pytest.approx(
        [1.0, np.nan], nan_ok=True
    )
    site = [facts("A", [(0, LEAST_S - 0.1)])]
    units = summarise_units(events(np.array([1.0])), site).iloc[0]
    assert units["n_fasciculations"] == 1 and units["rate_flag"] == "short"
    assert units[["rate_per_min", "rate_low", "rate_high"]].isna().all()


def test_the_columns_tell_the_least_time_of_a_rate() -> None:
    described = {column.name: column.description for column in SUMMARY}
    assert f"less than {LEAST_S:g} s" in described["rate_per_min"]
    assert (
        f"under {SHORT_S:g} analysed s; under {LEAST_S:g} there is no rate"
        in (described["rate_flag"])
    )


def test_the_columns_tell_a_budget_from_a_measurement_and_the_two_kinds_of_isolation() -> None:
    described = {column.name: column.description for column in SUMMARY + EVENTS}
    assert described["expected_false_per_min"].startswith("Budget, not a measurement")
    assert f"{1000 * ISOLATION_S:g} ms" in described["isolated_share"]
    assert f"more than {1000 * TOGETHER_S:g} ms without another" in described["why"]
    assert f"up to {1000 * DOUBLET_S:g} ms" in described["why"]
    assert "`isolated` in `why` of the events is of one unit" in described["isolated_share"]


def test_one_event_and_short_time() -> None:
    row = summarise(events(np.array([3.0])), [facts("A", [(0, 59.9)])]).iloc[0]
    assert row["rate_flag"] == "short"
    assert row["n_fasciculations"] == 1 and 0 < row["rate_low"] < row["rate_high"]
    assert row["top_unit_share"] == 1 and row["n_initiations"] == 1


def test_only_fasciculations_in_analysed_time_count() -> None:
    frame = pd.concat(
        [
            events(np.array([1.0, 50.0, 100.01, 150.0])),
            events(np.array([2.0]), verdict="train"),
            events(np.array([5.0]), site="B"),
        ]
    )
    row = summarise(frame, [facts("A", [(0, 100.0)])]).iloc[0]
    assert row["n_fasciculations"] == 3  # 100.01 s is a peak just beyond the span's end


def test_levels_and_reasons_stand_side_by_side() -> None:
    spans = table(
        [
            {"onset": 0.0, "duration": 10.0, "site": "A", "reason": "contraction"},
            {"onset": 20.0, "duration": 5.0, "site": "A", "reason": "contraction"},
            {"onset": 20.0, "duration": 5.0, "site": "B", "reason": "motion"},
        ],
        EXCLUDED,
    )
    row = summarise(empty(EVENTS), [facts("A", [(30, 600)])], excluded=spans).iloc[0]
    assert row["rate_lenient_per_min"] == pytest.approx(5.0)
    assert row["rate_default_per_min"] == pytest.approx(3.6)
    assert pd.isna(row["rate_strict_per_min"])
    assert row["excluded_contraction_s"] == 15 and row["excluded_motion_s"] == 0


@pytest.mark.parametrize("seed", range(6))
def test_shape_and_timing_of_a_site_agree_with_a_plain_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = [0, 1, 2, 7, 40, 41][seed]
    rows = [
        {"onset": t, "duration": d, "site": "A", "channel": "c", "peak_s": t, "phases": int(p),
         "verdict": "fasciculation", "amplitude_uv": a, "amplitude_fit_uv": 0.9 * a, "unit": u}
        for t, d, p, a, u in zip(
            rng.uniform(0, 600, n), rng.uniform(0.004, 0.03, n), rng.integers(2, 7, n),
            rng.lognormal(3.9, 0.5, n), rng.integers(1, 4, n), strict=True)
    ]  # fmt: skip
    row = summarise(table(rows, EVENTS), [facts("A", [(0, 600)])]).iloc[0]

    def middle(values: list[float]) -> float:
        return statistics.median(values) if values else float("nan")

    plain = {
        "duration_median_ms": middle([1000 * r["duration"] for r in rows]),
        "phases_median": middle([r["phases"] for r in rows]),
        "amplitude_median_uv": middle([r["amplitude_fit_uv"] for r in rows]),
        "n_above_50uv": sum(r["amplitude_uv"] >= 50 for r in rows),
        "n_units": len({r["unit"] for r in rows}),
        "rate_per_min": n / 10,
        "short_interval_share_poisson": 1 - math.exp(-0.1 * n / 600),
        "isolated_share_poisson": math.exp(-0.5 * n / 600),
        "interval_median_poisson_s": math.log(2) * 600 / n if n else float("nan"),
        "noise_uv": 5.0,
        "mains_share": 0.01,
    }
    for name, value in plain.items():
        assert row[name] == pytest.approx(value, nan_ok=True), name
    runs = sum(
        not any(0 < r["peak_s"] - o["peak_s"] < 0.1 and o["unit"] == r["unit"] for o in rows)
        for r in rows
    )
    assert row["n_initiations"] == runs
    assert row["initiation_rate_per_min"] == pytest.approx(runs / 10)
