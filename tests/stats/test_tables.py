"""Tables per unit, minute, level and pair of sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emgdetect.columns import EVENTS, UNITS, empty, table
from emgdetect.detections import SiteFacts
from emgdetect.stats.tables import (
    summarise_levels,
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
    assert list(summarise_levels([]).columns)[:2] == ["site", "level"]


def test_minutes_sum_to_the_count(events: pd.DataFrame) -> None:
    frame = summarise_minutes(events, [facts("A", [(0, 300)]), facts("B", [(0, 300)])])
    assert frame["n"].sum() == 90 and len(frame) == 10
    assert frame["analysed_s"].sum() == pytest.approx(600)


def test_levels_stand_side_by_side() -> None:
    frame = summarise_levels([facts("A", [(0, 240)])]).set_index("level")
    assert frame.loc["lenient", "rate_per_min"] == pytest.approx(8.0)
    assert frame.loc["default", "rate_per_min"] == pytest.approx(7.5)
    assert np.isnan(frame.loc["strict", "rate_per_min"])


def test_synchrony_of_each_ordered_pair(events: pd.DataFrame) -> None:
    frame = summarise_synchrony(events, [facts(s, [(0, 300)]) for s in "AB"] + [facts("C", [])])
    assert [tuple(pair) for pair in frame[["site", "other"]].to_numpy()] == [("A", "B"), ("B", "A")]
    np.testing.assert_allclose(frame["excess"], frame["share"] - frame["chance"])
