"""Noise level and spectrum, against naive twins and known noise."""

import naive_kernels as naive
import numpy as np
import pytest

from emgdetect.signal import noise


def test_robust_rms_of_gaussian_noise_is_its_rms_whatever_stands_in_it():
    rng = np.random.default_rng(31)
    block = 3.0 * rng.standard_normal((2, 20_000)) + 7.0
    block[1, ::50] += 500.0
    np.testing.assert_allclose(noise.robust_rms(block), 3.0, rtol=0.05)


def test_robust_rms_of_nothing_and_of_a_constant():
    assert np.isnan(noise.robust_rms(np.zeros((2, 0)))).all()
    assert noise.robust_rms(np.full((3, 10), 5.0)).tolist() == [0.0, 0.0, 0.0]
    assert float(noise.robust_rms(np.array([4.0]))) == 0.0
    assert np.isnan(noise.robust_rms(np.full((1, 5), np.inf))).all()


def test_robust_rms_scales_and_ignores_sign_and_offset():
    block = np.random.default_rng(32).standard_normal((4, 301))
    level = noise.robust_rms(block)
    np.testing.assert_allclose(noise.robust_rms(-2.5 * block + 9), 2.5 * level, rtol=1e-9)


def test_cell_levels_equal_their_twin():
    rng = np.random.default_rng(33)
    for _ in range(1500):
        n, n_cell = int(rng.integers(1, 60)), int(rng.integers(1, 20))
        quantile = rng.choice([0.0, 0.35, 0.5, 1.0])
        score = rng.integers(0, 6, (2, n)).astype(np.float32)
        found = noise.cell_levels(score, n_cell, quantile=quantile)
        assert found.tolist() == [
            naive.cell_levels(row, n_cell, quantile) for row in score.tolist()
        ]


def test_cell_levels_of_long_cells_are_close_to_the_quantile_of_all_samples():
    score = np.abs(np.random.default_rng(34).standard_normal((2, 4000))).astype(np.float32)
    found = noise.cell_levels(score, 1000, quantile=0.35)
    cells = np.quantile(score.reshape(2, 4, 1000), 0.35, axis=2)
    np.testing.assert_allclose(found, cells, rtol=0.15)


def test_smooth_levels_equal_their_twin():
    rng = np.random.default_rng(35)
    for _ in range(800):
        n, window = int(rng.integers(1, 20)), int(rng.choice([1, 3, 5, 7]))
        levels = rng.integers(0, 9, (2, n)).astype(np.float32)
        found = noise.smooth_levels(levels, window)
        twin = [naive.smooth_levels(row, window) for row in levels.tolist()]
        np.testing.assert_allclose(found, twin, rtol=1e-5, atol=1e-5)


def test_a_step_of_the_noise_is_followed_within_half_the_window():
    levels = np.array([[1.0] * 12 + [4.0] * 12], dtype=np.float32)
    smooth = noise.smooth_levels(levels, 5)[0]
    assert np.all(smooth[:11] == 1.0)
    assert np.all(smooth[13:] == 4.0)


@pytest.mark.parametrize("rate", [500.0, 2000.0])
def test_spectrum_of_white_noise_is_flat_and_adds_up_to_its_variance(rate):
    rng = np.random.default_rng(36)
    freqs, density = noise.noise_spectrum(2.0 * rng.standard_normal((600, 200)), rate)
    inner = (freqs > 4 * rate / 200) & (freqs < 0.48 * rate)
    np.testing.assert_allclose(density[inner], 4.0 / (rate / 2), rtol=0.25)
    assert np.mean(density[inner]) * rate / 2 == pytest.approx(4.0, rel=0.03)


def test_a_spectrum_scatters_less_and_its_lines_stay():
    rng = np.random.default_rng(38)
    freqs = np.arange(0, 501, 4.0)
    true = 1.0 + 40.0 / np.maximum(freqs, 4.0)
    true[30] *= 5.0
    found = true * np.exp(0.1 * rng.standard_normal(len(freqs)))
    smooth = noise.smooth_spectrum(freqs, found, n_windows=200)
    assert smooth[0] == found[0] and smooth[30] == pytest.approx(found[30])
    rest = np.setdiff1d(np.arange(5, len(freqs)), [30])
    # 11 frequencies and a parabola leave 0.46 of the scatter.
    assert np.std(np.log(smooth / true)[rest]) < 0.6 * np.std(np.log(found / true)[rest])
    np.testing.assert_allclose(smooth[rest], true[rest], rtol=0.2)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_a_spectrum_of_few_frequencies_stays(n):
    density = np.random.default_rng(39).exponential(size=n)
    np.testing.assert_array_equal(
        noise.smooth_spectrum(4.0 * np.arange(n), density, n_windows=9), density
    )


def test_spectrum_looks_past_activity_in_some_windows():
    rng = np.random.default_rng(37)
    windows = rng.standard_normal((400, 200))
    freqs, quiet = noise.noise_spectrum(windows, 1000.0)
    windows[::5] *= 20.0
    _, active = noise.noise_spectrum(windows, 1000.0)
    inner = freqs > 20
    assert np.median(active[inner] / quiet[inner]) < 1.5
