"""The matched bank and its maxima, against direct sums and loops."""

import naive_kernels as naive
import numpy as np
import pytest
from scipy import fft

from emgdetect.signal import matched


def hard_scores(n_cases):
    rng = np.random.default_rng(21)
    yield np.zeros(0)
    yield np.array([1.0])
    yield np.array([np.nan])
    yield np.full(6, 3.0)
    for _ in range(n_cases):
        n, kind = rng.integers(0, 40), rng.integers(0, 4)
        score = rng.integers(0, 4, n).astype(float) if kind else rng.standard_normal(n)
        if kind == 3:
            score[rng.random(n) < 0.2] = np.nan
        yield score


def test_local_maxima_equal_their_twin():
    rng = np.random.default_rng(22)
    for score in hard_scores(4000):
        threshold = rng.choice([0.0, 1.0, 2.0]) if rng.random() < 0.5 else rng.random(len(score))
        found = matched.local_maxima(score, threshold)
        limits = np.broadcast_to(threshold, score.shape)
        assert found.tolist() == naive.local_maxima(score.tolist(), limits.tolist())


def test_every_event_has_a_maximum_also_on_the_first_and_last_sample():
    assert matched.local_maxima(np.array([5.0, 1, 0, 1, 5]), 4).tolist() == [0, 4]
    assert matched.local_maxima(np.array([0, 5.0, 5, 5, 0]), 4).tolist() == [1]


def test_strongest_apart_equals_its_twin():
    rng = np.random.default_rng(23)
    for _ in range(4000):
        n = rng.integers(0, 15)
        positions = np.sort(rng.integers(0, 40, n))
        strengths = rng.integers(0, 5, n).astype(float)  # ties
        distance = rng.choice([1.0, 2.5, 5.0, 12.0])
        found = matched.strongest_apart(positions, strengths, distance).tolist()
        assert found == naive.strongest_apart(positions, strengths, distance)


def test_bank_score_equals_direct_correlation():
    rng = np.random.default_rng(24)
    for n in (16, 25, 40):
        traces, kernels = rng.standard_normal((2, n)), rng.standard_normal((3, n))
        traces[1] = 0.0
        filters = np.conj(fft.rfft(kernels, axis=1))
        keep = slice(3, n - 2)
        found = matched.bank_score(fft.rfft(traces, axis=1), filters, n, keep=keep)
        for row, trace in zip(found, traces, strict=True):
            direct = naive.circular_bank_score(trace, kernels)[keep]
            np.testing.assert_allclose(row, direct, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [40, 41])
@pytest.mark.parametrize("n_rows", [1, 3, 18])
def test_filters_in_pairs_give_what_each_gives_alone(n, n_rows):
    rng = np.random.default_rng(25)
    spectrum = fft.rfft(rng.standard_normal((n_rows, n)), axis=1)
    parts = rng.standard_normal((4, n // 2 + 1))
    groups = [
        parts + 0j,
        np.concatenate([parts[:2], 1j * parts[2:]]),
        1j * parts[:1],
        parts[:3] + 1j,
    ]
    found, energy = matched.bank_groups(spectrum, groups, n, keep=slice(2, n))
    shared = []
    for best, filters in zip(found, groups, strict=True):
        alone = fft.irfft(spectrum * filters[:, None], n, axis=2)[:, :, 2:]
        np.testing.assert_allclose(best, np.abs(alone).max(axis=0), atol=1e-5)
        squares = alone**2
        shared.append((squares.sum(axis=1) - squares.max(axis=1)).max(axis=0))
    np.testing.assert_allclose(energy, np.max(shared, axis=0), rtol=1e-4, atol=1e-4)


def test_a_bank_without_filters_is_refused():
    with pytest.raises(ValueError, match="no filters"):
        matched.bank_score(np.ones((1, 9), complex), np.ones((0, 9)), 16, keep=slice(0, 16))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_gaussian_derivatives_are_the_derivatives_of_a_gaussian(order):
    rate, n, width = 4000.0, 1024, 2e-3
    spectrum = matched.gaussian_derivatives(fft.rfftfreq(n, 1 / rate), [(order, width)])[0]
    wave = np.roll(fft.irfft(spectrum, n), n // 2)
    t = (np.arange(n) - n // 2) / rate
    direct = np.exp(-(t**2) / (2 * width**2))
    for _ in range(order):
        direct = np.gradient(direct, 1 / rate, edge_order=2)
    assert np.corrcoef(wave, direct)[0, 1] > 0.995
    assert np.sum(np.abs(spectrum) ** 2) == pytest.approx(1.0)


def test_whitening_makes_coloured_noise_white_but_lifts_nothing_empty():
    freqs = np.linspace(0, 1000, 501)
    density = 4.0 / (1 + (freqs / 100) ** 2)
    density[freqs > 800] = 0.0
    in_band = ((freqs > 25) & (freqs < 500)).astype(float)
    response = matched.whitening(freqs, freqs, density, in_band=in_band, depth=30.0)
    inside = in_band > 0
    np.testing.assert_allclose(response[inside] ** 2 * density[inside], 1.0, rtol=1e-6)
    typical = np.median(density[inside])
    assert np.all(response**2 <= 30.0 / typical * (1 + 1e-9))
    assert np.isfinite(
        matched.whitening(freqs, freqs, 0 * density, in_band=in_band, depth=30)
    ).all()
