"""Placing templates: inner products against loops, overlaps taken apart, weak ones found."""

import numpy as np
import pytest

from emgdetect.signal import library, pairs, pursuit

RATE = 2000.0
LENGTH = 65


def shapes(n_channels=1, size=12.0):
    """Two different unit waveforms in units of noise, of equal energy."""
    t = (np.arange(LENGTH) - LENGTH // 2) / 5.0
    waves = np.stack([-t * np.exp(-0.5 * t**2), (1 - t**2) * np.exp(-0.5 * t**2)])
    waves = waves[:, None, :] * np.linspace(1.0, 0.5, n_channels)[None, :, None]
    waves *= size / np.sqrt(np.einsum("kcl,kcl->k", waves, waves))[:, None, None]
    return waves.astype(np.float32)


def placed_in_noise(templates, places, n=2000, seed=0, noise=1.0):
    trace = noise * np.random.default_rng(seed).standard_normal((templates.shape[1], n))
    half = LENGTH // 2
    for t, k, scale in places:
        trace[:, t - half : t - half + LENGTH] += scale * templates[k]
    return trace.astype(np.float32)


def explain(trace, templates, threshold=5.0):
    generic = np.full(trace.shape[1], threshold)
    limits = np.full(len(templates), threshold)
    known = library.Library(templates)
    return pursuit.explain(trace, known, limits, rate_hz=RATE, generic=generic, misfit=0.35)


def explain_pairs(trace, templates, peaks):
    known = library.Library(templates)
    return pairs.explain_pairs(trace, known, peaks, rate_hz=RATE, occupancy=1.0)


def naive_correlate(values, templates):
    n, half = values.shape[1], templates.shape[2] // 2
    out = np.zeros((len(templates), n))
    for k, template in enumerate(templates):
        for t in range(n):
            for i in range(templates.shape[2]):
                if 0 <= t - half + i < n:
                    out[k, t] += float(values[:, t - half + i] @ template[:, i])
    return out


@pytest.mark.parametrize(
    ("n", "length", "n_channels"), [(40, 7, 1), (30, 9, 3), (5, 9, 2), (5000, 6, 1)]
)
def test_correlate_equals_direct_sums(n, length, n_channels):
    rng = np.random.default_rng(n)
    values = rng.standard_normal((n_channels, n)).astype(np.float32)
    templates = rng.standard_normal((2, n_channels, length)).astype(np.float32)
    direct = naive_correlate(values, templates)
    np.testing.assert_allclose(library.correlate(values, templates), direct, atol=1e-4)


@pytest.mark.parametrize("at", [slice(0, 4), slice(11, 30), slice(35, 60)])
@pytest.mark.parametrize("length", [7, 8])
def test_products_at_some_samples_are_those_of_the_whole(at, length):
    rng = np.random.default_rng(122)
    values = rng.standard_normal((2, 40)).astype(np.float32)
    known = library.Library(rng.standard_normal((3, 2, length)).astype(np.float32))
    found = known.products_at(values, at)
    np.testing.assert_allclose(found, known.products(values)[:, at], atol=1e-5)


def test_cross_gram_equals_direct_sums():
    rng = np.random.default_rng(121)
    templates = rng.standard_normal((3, 2, 6)).astype(np.float32)
    found = library.cross_gram(templates)
    assert found.shape == (3, 3, 11)
    for j in range(3):
        for k in range(3):
            for lag in range(-5, 6):
                direct = sum(
                    float(templates[j, :, i] @ templates[k, :, i + lag])
                    for i in range(6)
                    if 0 <= i + lag < 6
                )
                assert found[j, k, lag + 5] == pytest.approx(direct, abs=1e-4)


def test_gram_at_lag_zero_is_the_energy():
    templates = shapes(3)
    gram = library.cross_gram(templates)[:, :, LENGTH - 1]
    np.testing.assert_allclose(np.diag(gram), 144.0, rtol=1e-3)


@pytest.mark.parametrize("n_channels", [1, 4])
def test_single_discharges_are_placed_where_they_are(n_channels):
    templates = shapes(n_channels)
    places = [(200, 0, 1.0), (500, 1, 1.0), (900, 0, 1.1), (1400, 1, 0.9)]
    found = sorted(explain(placed_in_noise(templates, places), templates))
    assert [k for _, k, *_ in found] == [0, 1, 0, 1]
    for (t, _, scale, _), (true, _, true_scale) in zip(found, places, strict=True):
        assert abs(t - true) <= 1
        assert scale == pytest.approx(true_scale, abs=0.25)


@pytest.mark.parametrize("lag", [12, 16, 20, 30])
def test_overlapping_units_are_taken_apart(lag):
    templates = shapes(size=18.0)
    right = 0
    for seed in range(10):
        places = [(1000, 0, 1.0), (1000 + lag, 1, 1.0)]
        found = sorted(explain(placed_in_noise(templates, places, seed=seed), templates))
        right += [(k, abs(t - p) <= 2) for (t, k, *_), (p, *_) in
                  zip(found, places, strict=False)] == [(0, True), (1, True)]  # fmt: skip
    assert right >= 8


def test_the_doublet_of_one_unit_is_two_discharges():
    templates = shapes(size=18.0)[:1]
    places = [(700, 0, 1.0), (712, 0, 1.0)]  # 6 ms apart
    found = sorted(explain(placed_in_noise(templates, places), templates))
    assert [(t, k) for t, k, *_ in found] == [
        (pytest.approx(700, abs=2), 0),
        (pytest.approx(712, abs=2), 0),
    ]


def test_noise_holds_nothing_and_what_is_subtracted_leaves_noise():
    templates = shapes(2)
    assert explain(placed_in_noise(templates, []), templates, threshold=6.0) == []
    places = [(300, 0, 1.0), (800, 1, 1.0)]
    trace = placed_in_noise(templates, places)
    rest = pursuit.subtract(trace, templates, explain(trace, templates))
    assert np.std(rest) < 1.06
    clean = placed_in_noise(templates, places, noise=0.0)
    exact = [pursuit.Placed(t, k, s, 0.0) for t, k, s in places]
    np.testing.assert_allclose(pursuit.subtract(clean, templates, exact), 0.0, atol=1e-5)


@pytest.mark.parametrize("at", [0, 3, 1996, 1999])
def test_discharges_cut_by_the_ends_of_a_trace_do_no_harm(at):
    templates = shapes(size=30.0)
    padded = placed_in_noise(templates, [(at + 100, 0, 1.0)], n=2200)
    found = explain(padded[:, 100:-100], templates)
    assert all(0 <= t < 2000 for t, *_ in found)
    assert at == 1999 or any(abs(t - at) <= 2 for t, *_ in found)


@pytest.mark.parametrize(("lag", "least"), [(8, 6), (10, 8), (12, 8), (16, 8)])  # 4 to 8 ms
def test_a_doublet_is_taken_apart_where_one_after_the_other_fails(lag, least):
    templates = shapes(size=20.0)[:1]
    right = 0
    for seed in range(10):
        places = [(1000, 0, 1.0), (1000 + lag, 0, 1.0)]
        trace = placed_in_noise(templates, places, seed=seed)
        peaks = np.array([1000 + lag // 2])
        found = pairs.explain_pairs(
            trace, pursuit.Library(templates), peaks, rate_hz=RATE, occupancy=1.0
        )
        times = sorted(one.sample for one in found)
        right += len(times) == 2 and np.abs(np.subtract(times, [1000, 1000 + lag])).max() <= 2
    assert right >= least


def test_a_single_discharge_is_no_pair():
    templates = shapes(size=20.0)[:1]
    trace = placed_in_noise(templates, [(1000, 0, 1.0)], seed=3)
    peaks = np.array([1000])
    assert (
        pairs.explain_pairs(trace, pursuit.Library(templates), peaks, rate_hz=RATE, occupancy=1.0)
        == []
    )
    assert (
        pairs.explain_pairs(
            trace, pursuit.Library(templates[:0]), peaks, rate_hz=RATE, occupancy=1.0
        )
        == []
    )


def test_a_template_that_leaves_too_much_is_taken_back():
    templates = shapes(size=20.0)
    trace = placed_in_noise(templates, [(500, 0, 1.0), (1300, 1, 1.0)])
    placed = [pursuit.Placed(500, 0, 1.0, 20.0), pursuit.Placed(1300, 0, 1.0, 12.0)]
    rest = pursuit.subtract(trace, templates, placed)
    kept = pursuit.well_explained(trace, rest, placed, rate_hz=RATE, occupancy=1.0)
    assert kept == placed[:1]


def test_what_is_left_around_is_one_in_noise_and_four_where_noise_doubles():
    rest = np.random.default_rng(5).standard_normal((2, 8000)).astype(np.float32)
    rest[:, 4000:] *= 2
    left = pursuit.left_around(rest, np.array([10, 2000, 6000, 7999]), rate_hz=RATE, occupancy=1.0)
    np.testing.assert_allclose(left[:2], 1.0, rtol=0.2)
    # What exceeds three times the noise counts as three times: a seventh of it is cut off.
    np.testing.assert_allclose(left[2:], 3.1, rtol=0.2)
    quarter = pursuit.left_around(rest / 2, np.array([2000]), rate_hz=RATE, occupancy=0.25)
    np.testing.assert_allclose(quarter, left[1:2], rtol=1e-5)


def test_one_large_neighbour_adds_little_to_what_is_left():
    rest = np.random.default_rng(6).standard_normal((1, 4000)).astype(np.float32)
    before = pursuit.left_around(rest, np.array([2000]), rate_hz=RATE, occupancy=1.0)
    rest[0, 2030:2034] = 100.0
    after = pursuit.left_around(rest, np.array([2000]), rate_hz=RATE, occupancy=1.0)
    assert 0 < after[0] - before[0] < 0.3


def test_of_no_places_nothing_is_left():
    assert pursuit.left_around(np.zeros((1, 100), np.float32), np.zeros(0, dtype=np.int64),
                               rate_hz=RATE, occupancy=1.0).shape == (0,)  # fmt: skip


def test_a_template_knows_where_it_is_largest():
    templates = np.zeros((3, 2, 65), np.float32)
    templates[0, 1, 32], templates[1, 0, 2], templates[2, 1, 60] = -3.0, 2.0, 1.0
    assert library.Library(templates).offset.tolist() == [0, -30, 28]
    assert library.Library(templates[:0]).offset.shape == (0,)
