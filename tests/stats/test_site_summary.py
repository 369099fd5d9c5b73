"""Summary per site: empty, single-event and all-excluded sites; every column stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, empty, table
from emgdetect.detections import SiteFacts
from emgdetect.stats.summary import summarise

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
