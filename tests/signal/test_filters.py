"""Zero-phase filters, against SciPy's forward-backward Butterworth."""

import numpy as np
import pytest
from scipy import signal as ss

from emgdetect.signal import filters


@pytest.mark.parametrize(("low_hz", "high_hz", "order"), [(25, 500, 4), (10, 1000, 2), (8, 30, 2)])
def test_response_is_that_of_sosfiltfilt(low_hz, high_hz, order):
    rate = 200_000.0  # so far above the band that the bilinear transform warps nothing
    freqs = np.geomspace(2, 3000, 60)
    edges = (("highpass", low_hz), ("lowpass", high_hz))
    single = [
        ss.sosfreqz(ss.butter(order, hz, kind, fs=rate, output="sos"), freqs, fs=rate)[1]
        for kind, hz in edges
    ]
    twice = np.abs(single[0] * single[1]) ** 2
    found = filters.band_response(freqs, low_hz=low_hz, high_hz=high_hz, order=order)
    np.testing.assert_allclose(found, twice, rtol=0.02, atol=1e-6)


def test_response_is_zero_at_zero_and_a_half_at_the_edges():
    found = filters.band_response(np.array([0.0, 25.0, 110.0, 500.0]), low_hz=25, high_hz=500)
    np.testing.assert_allclose(found, [0.0, 0.5, 1.0, 0.5], atol=1e-3)


def test_filtered_noise_is_that_of_sosfiltfilt():
    rate = 10_000.0
    trace = np.random.default_rng(51).standard_normal((2, 12_000))
    found = filters.filter_zero_phase(trace, rate, low_hz=25, high_hz=500, order=2)
    twin = trace
    for kind, hz in (("highpass", 25), ("lowpass", 500)):
        twin = ss.sosfiltfilt(ss.butter(2, hz, kind, fs=rate, output="sos"), twin, axis=1)
    inner = slice(2000, -2000)
    error = found[:, inner] - twin[:, inner]
    assert np.sqrt(np.mean(error**2)) < 0.02 * np.std(twin[:, inner])
    assert found.shape == trace.shape
    assert found.dtype == np.float32


def test_peaks_stay_where_they_are_and_shapes_stay_symmetric():
    trace = np.zeros((1, 4001))
    trace[0] = np.exp(-0.5 * ((np.arange(4001) - 2000) / 6) ** 2)
    found = filters.filter_zero_phase(trace, 2000.0, low_hz=10, high_hz=400)[0]
    assert int(np.argmax(found)) == 2000
    np.testing.assert_allclose(found, found[::-1], atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 100])
def test_short_and_constant_traces_pass_without_edges(n):
    found = filters.filter_zero_phase(np.full((3, n), 7.0), 1000.0, low_hz=10, high_hz=400)
    assert found.shape == (3, n)
    np.testing.assert_allclose(found, 0.0, atol=1e-4)
    assert np.isfinite(found).all()


def test_filtering_is_linear_and_knows_no_neighbours():
    a, b = np.random.default_rng(52).standard_normal((2, 1, 900))

    def run(x):
        return filters.filter_zero_phase(x, 1000.0, low_hz=20, high_hz=400)

    np.testing.assert_allclose(run(2 * a - 3 * b), 2 * run(a) - 3 * run(b), atol=1e-4)
    np.testing.assert_allclose(run(np.concatenate([a, b]))[1:], run(b), atol=1e-6)


def test_extension_mirrors_what_it_can_reach():
    rng = np.random.default_rng(53)
    for _ in range(1000):
        n, before, after = (int(v) for v in rng.integers([1, 0, 0], [12, 12, 12]))
        row = rng.integers(-9, 9, n).tolist()
        found = filters.smooth_extension(np.array([row]), before, after)[0].tolist()
        left = [row[min(k, n - 1)] for k in range(before, 0, -1)]
        right = [row[max(n - 1 - k, 0)] for k in range(1, after + 1)]
        assert found == [*left, *row, *right]
    assert filters.smooth_extension(np.zeros((2, 0)), 2, 3).tolist() == [[0.0] * 5] * 2


def test_extension_carries_a_slope_on_and_puts_no_step_into_noise():
    line = 5.0 + 0.3 * np.arange(200)
    found = filters.smooth_extension(np.array([line, -line]), 30, 30, n_line=50)
    whole = 5.0 + 0.3 * np.arange(-30, 230)
    np.testing.assert_allclose(found, [whole, -whole], atol=1e-3)
    rng = np.random.default_rng(54)
    noise = np.stack([rng.standard_normal(500) for _ in range(300)])
    extended = filters.smooth_extension(noise, 60, 60, n_line=100)
    for beyond in (extended[:, 40:60], extended[:, 560:580]):
        assert abs(np.std(beyond.mean(axis=1)) * np.sqrt(20) - 1) < 0.5
