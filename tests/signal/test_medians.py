"""Medians of rows, against NumPy's."""

import numpy as np
import pytest

from emgdetect.signal.medians import quantiles, row_medians


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_medians_of_rows_are_those_of_numpy(dtype):
    rng = np.random.default_rng(7)
    for _ in range(500):
        shape = (int(rng.integers(0, 4)), int(rng.integers(1, 40)))
        block = rng.choice([rng.integers(0, 4, shape), rng.standard_normal(shape)]).astype(dtype)
        block[rng.random(shape) < rng.choice([0.0, 0.05])] = np.nan
        found = row_medians(block)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, np.median(block, axis=1))


def test_long_rows_with_nan_anywhere_and_more_than_two_dimensions():
    block = np.random.default_rng(8).standard_normal((3, 2, 5001)).astype(np.float32)
    block[0, 0, 0] = block[1, 1, -1] = block[2, 0, 2500] = np.nan
    np.testing.assert_array_equal(row_medians(block), np.median(block, axis=-1))


def test_rows_without_samples_have_no_median():
    found = row_medians(np.zeros((3, 0), dtype=np.float32))
    assert found.shape == (3,)
    assert np.isnan(found).all()


def test_several_quantiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(3).standard_normal(1001).astype(np.float32)
    shares = (0.0, 0.16, 0.5, 0.84, 1.0)
    np.testing.assert_allclose(quantiles(values, shares), np.quantile(values, shares), rtol=1e-6)
    assert quantiles(values[:1], (0.3,)) == (values[0],)
