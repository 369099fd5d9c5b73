"""Two recordings of one site: the ratio of their rates and the units they have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from emgdetect.columns import EVENTS, table
from emgdetect.config import Config
from emgdetect.detections import Detections, SiteFacts, Waveform
from emgdetect.stats.pairing import compare_recordings, likeness, rate_ratio
from emgdetect.stats.rates import rate
from emgdetect.stats.summary import summarise

RUN_S = 300.0
TIMES_S = np.arange(-0.02, 0.02, 0.0005)


def wave(unit: int, shape: int, *, scale: float = 40.0, shift_s: float = 0.0) -> Waveform:
    rng = np.random.default_rng(shape)
    coefficients = rng.normal(size=4)
    x = (TIMES_S - shift_s) / 0.003
    row = np.polynomial.hermite.hermval(x, coefficients) * np.exp(-(x**2) / 2)
    return Waveform("VL", unit, 30, TIMES_S, scale * row[None, :] / np.ptp(row))


def found(
    seed: int, rate_per_min: float, waves: tuple[Waveform, ...] = (), *, detectable: float = 10.0
) -> Detections:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, RUN_S, rng.poisson(rate_per_min * RUN_S / 60)))
    rows = [
        {"onset": t, "duration": 0.01, "site": "VL", "channel": "c", "peak_s": t, "noise_uv": 2.0,
         "verdict": "fasciculation", "amplitude_uv": 30.0, "amplitude_fit_uv": 8.0 + i % 20,
         "match": 0.95,
         "unit": waves[i % len(waves)].unit if waves else None}
        for i, t in enumerate(times)
    ]  # fmt: skip
    fact = SiteFacts("VL", 1, 2000.0, RUN_S, np.array([[0.0, RUN_S]]), {}, 2.0, 4.8, 0.2, 0.0)
    events = table(rows, EVENTS)
    summary = summarise(events, [fact]).assign(detectable_uv=detectable)
    return Detections(events, summary, pd.DataFrame(), Config(), waveforms=waves, facts=(fact,))


def test_ratio_of_two_rates_covers() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(200):
        a = rate(np.sort(rng.uniform(0, RUN_S, rng.poisson(60))), [(0, RUN_S)])
        b = rate(np.sort(rng.uniform(0, RUN_S, rng.poisson(120))), [(0, RUN_S)])
        ratio, low, high = rate_ratio(a, b)
        assert low <= ratio <= high
        covered.append(low <= 2 <= high)
        back, back_low, back_high = rate_ratio(b, a)
        assert (back * ratio, back_low * high, back_high * low) == pytest.approx((1, 1, 1))
    assert 0.92 <= np.mean(covered) <= 1.0


def test_ratio_at_the_edges() -> None:
    none, some = rate([], [(0, RUN_S)]), rate(np.arange(5.0, RUN_S, 7), [(0, RUN_S)])
    nothing = rate([], np.zeros((0, 2)))
    ratio, low, high = rate_ratio(some, none)
    assert ratio == 0 and low == 0 and 0 < high < 1
    ratio, low, high = rate_ratio(none, some)
    assert np.isnan(ratio) and low > 1 and np.isinf(high)
    assert np.isnan(rate_ratio(nothing, some)).all()
    ratio, low, high = rate_ratio(none, none)
    assert np.isnan(ratio) and low == 0 and np.isinf(high)


def test_only_what_could_be_seen_in_both_is_compared() -> None:
    first, second = found(1, 40.0, detectable=12.0), found(2, 80.0, detectable=18.0)
    result = compare_recordings(first, second, site="VL")
    assert result.above_uv == 18
    above = (first.events["amplitude_fit_uv"] >= 18).sum()
    assert result.first.n_events == above < len(first.events)
    assert result.low < result.ratio < result.high
    assert result.ratio == pytest.approx(2.0, rel=0.35)
    with pytest.raises(ValueError, match="no site 'BICEPS'"):
        compare_recordings(first, second, site="BICEPS")


def test_units_are_matched_by_waveform_whatever_their_numbers() -> None:
    shapes = [wave(1, 11), wave(2, 12), wave(3, 13)]
    later = [wave(2, 11, scale=55.0, shift_s=0.001), wave(1, 13), wave(3, 14), wave(4, 12, scale=9)]
    first, second = found(3, 60.0, tuple(shapes)), found(4, 60.0, tuple(later))
    units = compare_recordings(first, second, site="VL").units
    assert units[["unit_first", "unit_second"]].to_numpy().tolist() == [[1, 2], [3, 1]]
    assert (units["likeness"] > 0.98).all()
    assert units["amplitude_ratio"].iloc[0] == pytest.approx(55 / 40, rel=1e-6)
    assert units["n_first"].sum() < len(first.events)
    assert ((units["ratio_low"] < 1) & (units["ratio_high"] > 1)).all()


@pytest.mark.parametrize(("scale", "n"), [(19.0, 0), (21.0, 1), (79.0, 1), (81.0, 0)])
def test_a_unit_does_not_change_its_size_more_than_twofold(scale: float, n: int) -> None:
    first, second = found(3, 60.0, (wave(1, 11),)), found(4, 60.0, (wave(1, 11, scale=scale),))
    assert len(compare_recordings(first, second, site="VL").units) == n


def test_no_units_match_nothing() -> None:
    units = compare_recordings(found(5, 20.0), found(6, 20.0, (wave(1, 3),)), site="VL").units
    assert len(units) == 0 and "likeness" in units.columns


def test_likeness_of_a_waveform() -> None:
    assert likeness(wave(1, 5), wave(2, 5, scale=90.0, shift_s=-0.002)) > 0.99
    assert likeness(wave(1, 5), wave(2, 5, shift_s=0.009)) < 0.9
    flat = Waveform("VL", 1, 3, TIMES_S, np.zeros((1, len(TIMES_S))))
    assert likeness(flat, wave(1, 5)) == 0
    two = Waveform("VL", 1, 3, TIMES_S, np.ones((2, len(TIMES_S))))
    assert likeness(two, wave(1, 5)) == 0
