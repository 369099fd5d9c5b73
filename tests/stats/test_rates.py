"""The interval of the rate: its coverage, its limits, its flags; the trend. Small version of
`benchmarks/coverage.py`, which holds the full study."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from emgdetect.stats.intervals import POISSON, dispersion, known_dispersion, rate_interval
from emgdetect.stats.rates import SHORT_S, Rate, rate

RUN_S = 600.0


def poisson(rng: np.random.Generator, rate_per_min: float) -> np.ndarray:
    return np.sort(rng.uniform(0, RUN_S, rng.poisson(rate_per_min * RUN_S / 60)))


def clustered(rng: np.random.Generator, rate_per_min: float, mean: float) -> np.ndarray:
    starts = rng.uniform(-30, RUN_S, rng.poisson(rate_per_min / mean * (RUN_S + 30) / 60))
    times = [
        s + np.concatenate([[0], np.cumsum(rng.exponential(0.3, rng.geometric(1 / mean) - 1))])
        for s in starts
    ]
    joined = np.sort(np.concatenate([np.zeros(0), *times]))
    return joined[(joined > 0) & (joined < RUN_S)]


def covered(results: list[Rate], truth: float) -> float:
    return float(np.mean([r.low <= truth <= r.high for r in results]))


@pytest.mark.parametrize("mean", [1, 3, 10])
def test_interval_covers_clustering_events_where_poisson_does_not(mean: int) -> None:
    rng = np.random.default_rng(mean)
    lists = [clustered(rng, 30.0, mean) for _ in range(200)]
    results = [rate(times, [(0, RUN_S)]) for times in lists]
    plain = [rate_interval(len(times), RUN_S) for times in lists]
    assert 0.92 <= covered(results, 30.0) <= 0.985
    if mean == 10:
        assert np.mean([low <= 30 <= high for low, high in plain]) < 0.5
    known = known_dispersion(2.0 * mean - 1)
    width = [rate_interval(len(times), RUN_S, spread=known) for times in lists]
    ours = np.mean([r.high - r.low for r in results])
    assert ours <= 1.3 * np.mean(np.diff(width))


def test_holes_in_the_analysed_time_leave_the_interval_right() -> None:
    rng = np.random.default_rng(3)
    starts = np.arange(0, RUN_S, 20.0)[:, None]
    spans = starts + np.array([0.0, 13.0])
    results = [rate(clustered(rng, 40.0, 3), spans) for _ in range(200)]
    assert 0.92 <= covered(results, 40.0) <= 0.985
    assert all(r.analysed_s == pytest.approx(390) for r in results)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 100])
def test_limits_lie_between_those_of_mid_p_and_of_the_exact_poisson_interval(n: int) -> None:
    low, high = rate_interval(n, 60.0)
    exact_low, middle_low = stats.gamma.ppf(0.025, [n or 1e-9, n + 0.5])
    middle_high, exact_high = stats.gamma.ppf(0.975, [n + 0.5, n + 1])
    assert exact_low * (1 - 1e-6) <= low <= middle_low
    assert middle_high <= high <= exact_high * (1 + 1e-6)
    if not n:
        assert low == 0 and high == pytest.approx(exact_high)


@pytest.mark.parametrize("correlation_s", [1.0, 20.0, 600.0])
def test_an_upper_limit_exists_however_slowly_the_rate_is_modulated(correlation_s: float) -> None:
    low, high = rate_interval(60, 600.0, spread=known_dispersion(6.0, correlation_s))
    assert 0 < low < 6.0 < high < np.inf
    quick = rate_interval(60, 600.0, spread=known_dispersion(6.0, 0.0))
    assert high > quick[1]


@pytest.mark.parametrize("n", [0, 1, 3, 30, 1000])
def test_interval_is_never_empty_holds_the_rate_and_scales(n: int) -> None:
    rng = np.random.default_rng(n)
    result = rate(rng.uniform(0, RUN_S, n), [(0, RUN_S)])
    assert result.low <= result.per_min <= result.high
    assert result.high > result.low >= 0
    assert result.dispersion.ratio >= 1
    later = rate(100 + rng.uniform(0, RUN_S, n), [(100, 100 + RUN_S)])
    assert later.n_events == n


def test_nothing_analysed_has_no_rate() -> None:
    result = rate([1.0, 2.0], np.zeros((0, 2)))
    assert result.n_events == 0 and result.flag == "short"
    assert np.isnan([result.per_min, result.low, result.high]).all()


def test_a_whole_minute_is_not_short() -> None:
    times = np.arange(0.5, 60.0, 1.0)
    assert rate(times, [(0, SHORT_S)]).flag != "short"
    assert rate(times, [(0, SHORT_S - 0.1)]).flag == "short"


def test_simultaneous_and_regular_events_are_no_trouble() -> None:
    same = rate(np.full(50, 30.0), [(0, 120)])
    assert np.isfinite([same.low, same.high]).all() and same.low < 25 < same.high
    regular = rate(np.arange(0.5, 600, 1.0), [(0, 600)])
    assert regular.dispersion.ratio == pytest.approx(1.0, abs=0.1)


def test_dispersion_grows_with_cluster_size() -> None:
    rng = np.random.default_rng(11)
    found = [
        np.median([dispersion(clustered(rng, 40.0, m), [(0, RUN_S)]).ratio for _ in range(40)])
        for m in (1, 3, 10)
    ]
    assert found[0] == pytest.approx(1.0, abs=0.3)
    assert found[1] == pytest.approx(5.0, rel=0.35)
    assert found[2] == pytest.approx(19.0, rel=0.4)


def test_few_clusters_are_flagged_and_many_are_not() -> None:
    rng = np.random.default_rng(12)
    few = [rate(clustered(rng, 6.0, 10), [(0, RUN_S)]).flag for _ in range(60)]
    many = [rate(clustered(rng, 30.0, 3), [(0, RUN_S)]).flag for _ in range(60)]
    assert np.mean([flag == "few_clusters" for flag in few]) > 0.9
    assert np.mean([flag == "" for flag in many]) > 0.9


def test_a_drifting_rate_is_flagged_and_its_ratio_found() -> None:
    rng = np.random.default_rng(13)
    spans = [(0.0, 200.0), (260.0, 600.0)]
    log_ratio = np.log(8.0)
    drawn, flags, ratios = 6000, [], []
    for _ in range(60):
        u = rng.random(drawn)
        times = 600 * np.log1p(u * np.expm1(log_ratio)) / log_ratio
        result = rate(rng.choice(times, 300, replace=False), spans)
        flags.append(result.flag)
        ratios.append(result.trend.ratio)
    assert np.mean([flag == "trend" for flag in flags]) > 0.8
    assert np.median(ratios) == pytest.approx(8.0, rel=0.1)
    steady = [rate(poisson(rng, 30.0), spans).trend.p for _ in range(200)]
    assert np.mean(np.array(steady) < 0.05) < 0.1


def naive_log_ratio(times: list[float], spans: list[tuple[float, float]]) -> float:
    """Log-linear drift of largest likelihood among many: log rates at events, less the integral."""
    start, stop = spans[0][0], spans[-1][1]
    best, found = -np.inf, 0.0
    for slope in np.arange(-4.0, 4.0, 0.01):
        grid = [np.linspace(a, b, 201) for a, b in spans]
        shape = [np.exp(slope * (t - start) / (stop - start)) for t in grid]
        expected = sum(np.trapezoid(y, t) for y, t in zip(shape, grid, strict=True))
        support = sum(slope * (t - start) / (stop - start) for t in times)
        support -= len(times) * np.log(expected)
        if support > best:
            best, found = support, slope
    return found


@pytest.mark.parametrize("seed", range(5))
def test_trend_is_that_of_the_largest_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spans = [(5.0, 200.0), (260.0, 590.0)]
    times = [*rng.uniform(5, 200, 20), *rng.uniform(260, 590, rng.integers(10, 60))]
    ratio = rate(times, spans).trend.ratio
    assert np.log(ratio) == pytest.approx(naive_log_ratio(times, spans), abs=0.02)


def test_all_events_at_one_end_have_a_finite_trend() -> None:
    result = rate([599.9, 599.95, 600.0], [(0, 600)])
    assert np.isfinite(result.trend.ratio) and result.trend.p < 0.05
    assert np.isnan(rate([1.0, 2.0], [(0, 600)]).trend.p)
    assert POISSON.ratio == 1.0
