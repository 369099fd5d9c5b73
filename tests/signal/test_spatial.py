"""Noise that channels share, and mixtures of channels that hold potentials."""

import numpy as np
import pytest

from emgdetect.signal.spatial import leading, unmixing


def shared_noise(n_channels, n=20_000, *, common=0.95, seed=0):
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((n_channels, n))
    return np.sqrt(common) * rng.standard_normal(n) + np.sqrt(1 - common) * own


@pytest.mark.parametrize("common", [0.0, 0.3, 0.95])
def test_unmixed_noise_is_independent_and_of_unit_variance(common):
    noise = shared_noise(8, common=common)
    mixed = unmixing(np.cov(noise)) @ noise
    np.testing.assert_allclose(np.cov(mixed), np.eye(8), atol=0.02)


def test_unmixing_is_symmetric_and_leaves_independent_channels_alone():
    matrix = unmixing(np.cov(shared_noise(6, common=0.5)))
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)
    np.testing.assert_allclose(unmixing(np.eye(5)), np.eye(5), atol=1e-6)


def test_a_direction_without_noise_is_not_lifted_beyond_bounds():
    matrix = unmixing(np.diag([1.0, 1.0, 0.0]))
    assert np.isfinite(matrix).all()
    assert matrix[2, 2] == pytest.approx(1 / np.sqrt(0.005 * 2 / 3), rel=1e-3)


def test_leading_mixtures_hold_the_potentials():
    rng = np.random.default_rng(3)
    patterns = np.linalg.qr(rng.standard_normal((12, 2)))[0].T
    waves = rng.standard_normal((40, 2, 30)) * np.exp(rng.normal(0, 1, (40, 1, 1)))
    pieces = np.einsum("kc,pkl->pcl", patterns, waves)
    basis = leading(pieces, 2, noise=0.0)
    assert basis.shape == (2, 12)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-5)
    kept = np.einsum("kc,pcl->pkl", basis, pieces)
    np.testing.assert_allclose(np.sum(kept**2), np.sum(pieces**2), rtol=1e-4)


def test_without_pieces_the_first_channels_are_taken():
    np.testing.assert_array_equal(leading(np.zeros((0, 4, 9)), 2, noise=1.0), np.eye(4)[:2])
