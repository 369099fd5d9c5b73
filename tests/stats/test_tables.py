"""Tables per unit, minute and pair of sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emgdetect.columns import EVENTS, EXCLUDED, UNITS, empty, table
from emgdetect.detections import SiteFacts
from emgdetect.stats.rates import minutes
from emgdetect.stats.tables import (
    summarise_minutes,
    summarise_synchrony,
    summarise_units,
)


def facts(site: str, spans: list[tuple[float, float]]) -> SiteFacts:
    return SiteFacts(
        site=site, n_channels=1, sampling_hz=1000.0, recorded_s=300.0,
        analysed_s=np.array(spans, dtype=float).reshape(-1, 2),
        counts_by_level={"lenient": (40, 300.0), "default": (30, 240.0), "strict": (0, 0.0)},
        noise_uv=5.0, threshold=4.8, expected_false_per_min=0.2, mains_share=0.01,
    )  # fmt: skip


@pytest.fixture
def events() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    times = np.sort(rng.uniform(0, 300, 90))
    rows = [
        {"onset": t, "duration": 0.01, "site": "AB"[i % 2], "channel": "c", "peak_s": t,
         "verdict": "fasciculation", "amplitude_uv": 60.0, "amplitude_fit_uv": 20.0 + i,
         "unit": None if i % 9 == 0 else 1 + i % 3 // 2}
        for i, t in enumerate(times)
    ]  # fmt: skip
    return table(rows, EVENTS)


def test_units_share_out_what_is_assigned(events: pd.DataFrame) -> None:
    sites = [facts("A", [(0, 300)]), facts("B", [(0, 100), (150, 300)]), facts("C", [])]
    frame = summarise_units(events, sites)
    assert list(frame.columns) == [column.name for column in UNITS]
    assert set(frame["site"]) == {"A", "B"}
    np.testing.assert_allclose(frame.groupby("site")["share"].sum(), 1.0)
    for _, row in frame.iterrows():
        spans = sites[0 if row["site"] == "A" else 1].analysed_s
        own = events[(events["site"] == row["site"]) & (events["unit"] == row["unit"])]
        peaks = own["peak_s"].to_numpy(float)
        n = sum(bool(np.any((spans[:, 0] <= t) & (t <= spans[:, 1]))) for t in peaks)
        assert row["n_fasciculations"] == n
        assert row["rate_low"] < row["rate_per_min"] < row["rate_high"]


def test_tables_of_nothing_keep_their_columns() -> None:
    assert list(summarise_units(empty(EVENTS), []).columns) == [c.name for c in UNITS]
    for make in (summarise_minutes, summarise_synchrony):
        assert len(make(empty(EVENTS), [])) == 0
        assert "site" in make(empty(EVENTS), []).columns
    assert len(summarise_minutes(empty(EVENTS), [facts("C", [])])) == 0


@pytest.mark.parametrize("seed", range(12))
def test_each_minute_and_unit_agrees_with_a_plain_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 80))
    times, units = rng.uniform(0, 300, n), rng.integers(1, 4, n)
    verdicts = np.where(rng.random(n) < 0.7, "fasciculation", "train")
    ends = np.sort(rng.uniform(0, 300, 2 * int(rng.integers(0, 4)))).tolist()
    spans = list(zip(ends[::2], ends[1::2], strict=True))
    rows = [
        {"onset": t, "duration": 0.01, "site": "A", "channel": "c", "verdict": v, "peak_s": t,
         "amplitude_uv": 60.0, "amplitude_fit_uv": 50.0 + t, "unit": u, "phases": u}
        for t, u, v in zip(times, units, verdicts, strict=True)
    ]  # fmt: skip
    frame, one = table(rows, EVENTS), facts("A", spans)
    # a peak up to 50 ms outside of a span belongs to its end
    counted = [
        (t, u) for t, u, v in zip(times, units, verdicts, strict=True)
        if v == "fasciculation" and any(a - 0.05 <= t <= b + 0.05 for a, b in spans)
    ]  # fmt: skip
    for row in summarise_minutes(frame, [one]).to_dict("records"):
        start = row["start_s"]
        seconds = sum(max(0.0, min(b, start + 60) - max(a, start)) for a, b in spans)
        assert row["analysed_s"] == pytest.approx(seconds)
    assert summarise_minutes(frame, [one])["n"].sum() == len(counted)
    known = summarise_units(frame, [one]).set_index("unit")
    assert set(known.index) == {int(u) for _, u in counted}
    for unit, row in known.iterrows():
        own = [t for t, u in counted if u == unit]
        assert row["n_fasciculations"] == len(own)
        assert row["share"] == pytest.approx(len(own) / len(counted))
        assert row["amplitude_median_uv"] == pytest.approx(np.median([50.0 + t for t in own]))
        assert row["phases_median"] == unit


def test_minutes_sum_to_the_count(events: pd.DataFrame) -> None:
    frame = summarise_minutes(events, [facts("A", [(0, 300)]), facts("B", [(0, 300)])])
    assert frame["n"].sum() == 90 and len(frame) == 10
    assert frame["analysed_s"].sum() == pytest.approx(600)


def test_minutes_of_a_gap_have_no_row_and_those_excluded_no_count() -> None:
    rows = [{"onset": t, "duration": 0.01, "site": "A", "channel": "c", "verdict": "fasciculation",
             "peak_s": t, "amplitude_uv": 60.0} for t in (10.0, 90.0, 120.0, 1e9 + 40)]  # fmt: skip
    holes = [("A", 120.0, 100.0, "contraction"), ("A", 220.0, 1e9 - 220, "gap"),
             ("B", 0.0, 1e9, "gap")]  # fmt: skip
    names = ("site", "onset", "duration", "reason")
    excluded = table([dict(zip(names, hole, strict=True)) for hole in holes], EXCLUDED)
    site = facts("A", [(0.0, 120.0), (1e9, 1e9 + 60)])
    frame = summarise_minutes(table(rows, EVENTS), [site], excluded=excluded)
    starts = [0.0, 60.0, 120.0, 180.0, 60 * (1e9 // 60), 60 * (1e9 // 60 + 1)]
    assert frame["start_s"].tolist() == starts
    # 90 s and what ends with the time that is analysed; excluded; 40 s of a minute after the gap
    assert frame["n"].fillna(-1).tolist() == [1, 2, -1, -1, 0, 1]
    assert frame["analysed_s"].tolist() == [60, 60, 0, 0, 20, 40]
    assert frame["rate_per_min"].fillna(-1).tolist() == [1, 2, -1, -1, 0, 1.5]


@pytest.mark.parametrize(
    ("gap", "starts"),
    [
        ((60.0, 180.0), [0, 180]),
        ((60.0 - 1e-11, 180.0 - 1e-10), [0, 180]),
        ((60.1, 180.0), [0, 60, 180]),
        ((60.0, 179.9), [0, 120, 180]),
        ((61.0, 119.0), [0, 60, 120, 180]),
    ],
)
def test_a_minute_is_in_a_gap_if_all_of_it_is(gap: tuple[float, float], starts: list[int]) -> None:
    assert minutes([], [(0.0, 50.0), (200.0, 220.0)], gaps=[gap])["start_s"].tolist() == starts


def test_synchrony_of_each_ordered_pair(events: pd.DataFrame) -> None:
    frame = summarise_synchrony(events, [facts(s, [(0, 300)]) for s in "AB"] + [facts("C", [])])
    assert [tuple(pair) for pair in frame[["site", "other"]].to_numpy()] == [("A", "B"), ("B", "A")]
    np.testing.assert_allclose(frame["excess"], frame["share"] - frame["chance"])
