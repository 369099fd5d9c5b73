"""Each outcome measure beside a slow, plain definition, on random event lists."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from emgdetect.stats import measures
from emgdetect.stats.exposure import analysed_before_s, bin_exposure_s, inside, settle, total_s
from emgdetect.stats.rates import minutes
from emgdetect.stats.synchrony import SHIFTS_S, WINDOW_S, common_spans, synchrony

Spans = list[tuple[float, float]]


def random_case(seed: int) -> tuple[list[float], list[float], Spans]:
    """Times (some outside, some clustered, some equal), units (some missing) and spans."""
    rng = np.random.default_rng(seed)
    n_spans = int(rng.integers(0, 5))
    ends = np.sort(rng.uniform(0, 60, 2 * n_spans)).reshape(-1, 2)
    n = int(rng.integers(0, 60)) if seed % 4 else int(rng.integers(0, 3))
    times = rng.uniform(0, 60, n)
    if n > 10:
        times[:5] = times[5:10] + rng.exponential(0.05, 5)
        times[5] = times[6]
    units = np.where(rng.random(n) < 0.2, np.nan, rng.integers(1, 4, n))
    return [float(t) for t in times], [float(u) for u in units], [(a, b) for a, b in ends]


def naive_inside(times: list[float], spans: Spans) -> list[tuple[float, int]]:
    found = []
    for t in sorted(times):
        for k, (start, stop) in enumerate(spans):
            if start <= t <= stop:
                found.append((t, k))
                break
    return found


def naive_intervals(times: list[float], spans: Spans) -> list[float]:
    placed = naive_inside(times, spans)
    return [
        t2 - t1 for (t1, k1), (t2, k2) in itertools.pairwise(placed) if k1 == k2
    ]  # fmt: skip


def naive_short_share(times: list[float], spans: Spans) -> float:
    placed = naive_inside(times, spans)
    hits, total = 0, 0
    for i, (t, k) in enumerate(placed):
        if spans[k][1] - t < 0.1:
            continue
        total += 1
        hits += any(u - t < 0.1 and m == k for u, m in placed[i + 1 :])
    return hits / total if total else float("nan")


def naive_isolated_share(times: list[float], spans: Spans) -> float:
    placed = naive_inside(times, spans)
    hits, total = 0, 0
    for i, (t, k) in enumerate(placed):
        if t - spans[k][0] < 0.25 or spans[k][1] - t < 0.25:
            continue
        total += 1
        others = [abs(u - t) for j, (u, _) in enumerate(placed) if j != i]
        hits += all(gap > 0.25 for gap in others)
    return hits / total if total else float("nan")


def naive_silence(times: list[float], spans: Spans) -> float:
    longest = 0.0 if spans else float("nan")
    for k, (start, stop) in enumerate(spans):
        points = [start, *(t for t, m in naive_inside(times, spans) if m == k), stop]
        longest = max(longest, *(b - a for a, b in itertools.pairwise(points)))
    return longest


def naive_initiations(times: list[float], units: list[float]) -> int:
    n = 0
    for key in {str(u) for u in units}:
        own = sorted(t for t, u in zip(times, units, strict=True) if str(u) == key)
        n += sum(i == 0 or t - own[i - 1] >= 0.1 for i, t in enumerate(own))
    return n


def naive_top_share(units: list[float]) -> float:
    known = [u for u in units if u == u]
    return max(known.count(u) for u in known) / len(known) if known else float("nan")


def naive_median(values: list[float]) -> float:
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def naive_quantile(values: list[float], share: float) -> float:
    """Between the two values that enclose it, as far along as the share is."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


TIMED: list[tuple[Callable[..., float], Callable[..., float]]] = [
    (measures.short_interval_share, naive_short_share),
    (measures.isolated_share, naive_isolated_share),
    (measures.longest_silence_s, naive_silence),
    (measures.interval_median_s, lambda t, s: naive_median(naive_intervals(t, s))),
]


@pytest.mark.parametrize("seed", range(80))
def test_measures_agree_with_plain_definitions(seed: int) -> None:
    times, units, spans = random_case(seed)
    for measure, naive in TIMED:
        assert measure(times, spans) == pytest.approx(naive(times, spans), nan_ok=True)
    assert measures.n_initiations(times, units) == naive_initiations(times, units)
    assert measures.top_unit_share(units) == pytest.approx(naive_top_share(units), nan_ok=True)
    assert measures.n_units(units) == len({u for u in units if u == u})
    np.testing.assert_allclose(inside(times, spans), [t for t, _ in naive_inside(times, spans)])


@pytest.mark.parametrize("seed", range(20))
def test_the_analysed_clock_agrees_with_a_plain_sum(seed: int) -> None:
    times, _, spans = random_case(seed)
    plain = [sum(min(max(t - a, 0.0), b - a) for a, b in spans) for t in times]
    np.testing.assert_allclose(analysed_before_s(times, spans), plain, atol=1e-9)
    assert np.sum(bin_exposure_s(np.linspace(0, 60, 8), spans)) == pytest.approx(total_s(spans))
    frame = minutes(times, spans, width_s=7.0)
    assert frame["analysed_s"].sum() == pytest.approx(total_s(spans))
    assert frame["n"].sum() == len(naive_inside(times, spans))


@pytest.mark.parametrize("seed", range(20))
def test_quartiles_of_amplitudes(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(3, 1, seed)
    with_holes = [*values, float("nan"), float("inf")]
    q1, median, q3 = measures.quartiles(with_holes)
    assert median == pytest.approx(naive_median(list(values)), nan_ok=True)
    for quartile, share in ((q1, 0.25), (q3, 0.75)):
        assert quartile == pytest.approx(naive_quantile(list(values), share), nan_ok=True)
    if seed >= 2:
        assert q1 < median < q3
        assert measures.quartile_dispersion(with_holes) == pytest.approx((q3 - q1) / (q3 + q1))
        assert measures.quartile_dispersion(2 * values) == pytest.approx(
            measures.quartile_dispersion(values)
        )
    assert measures.n_at_least(with_holes, 20.0) == sum(v >= 20 for v in values)


def test_shares_of_a_poisson_process_meet_their_expectation() -> None:
    rng = np.random.default_rng(5)
    rate_per_min = 120.0
    times = np.cumsum(rng.exponential(60 / rate_per_min, 60_000))
    spans = np.arange(0, times[-1], 3.0)[:, None] + np.array([0.0, 2.0])
    short = measures.short_interval_share(times, spans)
    isolated = measures.isolated_share(times, spans)
    assert short == pytest.approx(measures.short_interval_share_poisson(rate_per_min), abs=0.006)
    assert isolated == pytest.approx(measures.isolated_share_poisson(rate_per_min), abs=0.009)
    # whole time, since an interval that a hole cuts is left out and long ones are cut more often
    middle = measures.interval_median_s(times, [(0.0, times[-1])])
    assert middle == pytest.approx(measures.interval_median_poisson_s(rate_per_min), rel=0.02)
    assert np.isnan(measures.interval_median_poisson_s(0.0))


def test_peaks_just_outside_move_in_and_others_do_not() -> None:
    spans = [(1.0, 2.0), (3.0, 4.0)]
    moved = settle([0.96, 0.9, 1.5, 2.04, 2.5, 4.01, 9.0], spans)
    np.testing.assert_allclose(moved, [1.0, np.nan, 1.5, 2.0, np.nan, 4.0, np.nan])
    assert np.isnan(settle([1.0], np.zeros((0, 2)))).all()


def test_common_time_joins_what_touches_and_holds_nothing_empty() -> None:
    common = common_spans([(0.0, 1.0), (1.0, 2.0), (3.0, 3.0)], [(0.5, 4.0), (4.0, 4.0)])
    assert common.tolist() == [[0.5, 2.0]]
    assert common_spans([(0.0, 1.0)], [(1.0, 2.0)]).shape == (0, 2)


@pytest.mark.parametrize("seed", range(20))
def test_synchrony_agrees_with_a_plain_count(seed: int) -> None:
    a, _, spans_a = random_case(seed)
    b, _, spans_b = random_case(seed + 1000)
    b += [t + 0.005 for t in a[::2]]
    common = [
        (max(p, u), min(q, v)) for p, q in spans_a for u, v in spans_b if max(p, u) < min(q, v)
    ]
    np.testing.assert_allclose(common_spans(spans_a, spans_b), np.reshape(common, (-1, 2)))
    in_a = [t for t, _ in naive_inside(a, common)]
    in_b = [t for t, _ in naive_inside(b, common)]
    result = synchrony(a, spans_a, b, spans_b)
    assert result.n == len(in_a)
    if not in_a:
        assert np.isnan(result.share)
        return
    hits = sum(any(abs(t - u) <= WINDOW_S + 1e-12 for u in in_b) for t in in_a)
    assert result.share == pytest.approx(hits / len(in_a))
    moved = [t + s for t in in_a for s in SHIFTS_S if naive_inside([t + s], common)]
    chance = sum(any(abs(t - u) <= WINDOW_S + 1e-12 for u in in_b) for t in moved)
    assert result.chance == pytest.approx(chance / max(len(moved), 1), abs=1e-9)


def test_synchrony_knows_common_drift_from_coincidence() -> None:
    rng = np.random.default_rng(8)
    spans = [(0.0, 600.0)]
    p_values = []
    for _ in range(60):  # both rates rise together, no event is shared
        a = 600 * np.sqrt(rng.random(300))
        b = 600 * np.sqrt(rng.random(300))
        p_values.append(synchrony(a, spans, b, spans).p)
    assert 0 <= np.mean(np.array(p_values) < 0.05) <= 0.12
    shared = synchrony(a, spans, np.concatenate([b, a[:40] + 0.003]), spans)
    assert shared.p < 1e-6
    assert shared.share - shared.chance == pytest.approx(40 / 300, abs=0.03)


def test_an_interval_of_the_limit_itself_is_neither_short_nor_isolated() -> None:
    spans = [(0.0, 8.0)]
    assert measures.isolated_share([2.0, 2.25, 5.0], spans) == 1 / 3
    assert measures.short_interval_share([0.0, measures.SHORT_INTERVAL_S, 3.0], spans) == 0
    assert measures.n_initiations([0.0, measures.SHORT_INTERVAL_S], [1.0, 1.0]) == 2


def test_what_no_shift_ever_meets_is_still_not_impossible_by_chance() -> None:
    times, spans = [10.0, 30.0, 50.0], [(0.0, 60.0)]
    result = synchrony(times, spans, times, spans)
    assert (result.share, result.chance) == (1.0, 0.0)
    assert 0 < result.p < 1e-4
