"""Evidence of contraction from the noise level and its colour."""

from itertools import pairwise

import numpy as np
import pytest

from emgdetect.detection.rest import contraction, flares, swelling

CELL_S = 0.25


def course(n_cells, *, active=(), gain=8.0, colour=0.8, n_channels=1, seed=0):
    """Level and colour of a resting muscle, with stretches of cells in which it contracts."""
    rng = np.random.default_rng(seed)
    level = 1 + 0.05 * rng.standard_normal((n_channels, n_cells))
    tone = 0.05 * rng.standard_normal((n_channels, n_cells))
    for start, stop in active:
        level[:, start:stop] *= gain
        tone[:, start:stop] += colour
    edges = CELL_S * np.arange(n_cells + 1)
    return np.stack([edges[:-1], edges[1:]], axis=1), level, np.stack([tone, 0.05 * tone])


@pytest.mark.parametrize("n_channels", [1, 4, 64])
def test_onset_and_end_are_found_within_half_a_second(n_channels):
    for seed in range(10):
        cells, level, tone = course(400, active=[(80, 120), (240, 250)], n_channels=n_channels,
                                    seed=seed)  # fmt: skip
        found = swelling.swellings(level, tone)
        spans = contraction.contraction_spans(cells, found, contraction.RULES["default"])
        assert spans.shape == (2, 2)
        assert np.abs(spans - [[20, 30], [60, 62.5]]).max() <= 0.5


def test_noise_that_grows_without_change_of_colour_is_no_contraction():
    cells, level, tone = course(400, active=[(100, 200)], gain=3.0, colour=0.0)
    found = swelling.swellings(level, tone)
    for rule in ("lenient", "default"):
        spans = contraction.contraction_spans(cells, found, contraction.RULES[rule])
        assert spans.shape == (0, 2)


def test_a_steep_rise_is_a_contraction_whatever_its_colour():
    cells, level, tone = course(400, active=[(100, 130)], gain=7.0, colour=0.0)
    found = swelling.swellings(level, tone)
    spans = contraction.contraction_spans(cells, found, contraction.RULES["default"])
    assert np.abs(spans - [[25, 32.5]]).max() <= 0.5


def test_a_slow_drift_is_none():
    cells, level, tone = course(400)
    level = level * np.exp(0.8 + 0.8 * np.sin(np.arange(400) / 20))
    found = swelling.swellings(level, tone)
    assert len(contraction.contraction_spans(cells, found, contraction.RULES["default"])) == 0


@pytest.mark.parametrize(
    ("n_cells", "tilt", "is_contraction"), [(60, 0.3, False), (60, 0.7, True), (16, 0.3, True)]
)
def test_noise_that_drifts_for_long_needs_a_clear_change_of_colour(n_cells, tilt, is_contraction):
    """Of a tremor a few seconds may have no more tilt; noise that drifts for 15 s often has."""
    growth, change = np.zeros(400), np.zeros((2, 400))
    inside = slice(100, 100 + n_cells)
    growth[inside] = 1.4 * np.sin(np.pi * np.arange(n_cells) / n_cells) ** 2
    change[0, inside] = tilt
    told = contraction.evidence(growth, change, 100, 100 + n_cells)
    assert (told >= contraction.RULES["default"].evidence) == is_contraction


def test_stricter_levels_exclude_at_least_as_much():
    rng = np.random.default_rng(101)
    cells = course(300)[0]
    for _ in range(200):
        level = np.exp(np.convolve(rng.uniform(0, 2.5, 304), np.ones(5) / 5, "valid"))
        found = swelling.swellings(level[None], rng.normal(0, 0.1, (2, 1, 300)))
        spans = [contraction.contraction_spans(cells, found, contraction.RULES[name])
                 for name in ("lenient", "default", "strict")]  # fmt: skip
        for inner, outer in pairwise(spans):
            for start, stop in inner:
                assert np.any((outer[:, 0] <= start) & (outer[:, 1] >= stop))


def test_evidence_does_not_depend_on_gain_or_order_of_channels():
    _, level, tone = course(200, active=[(50, 90)], n_channels=5, seed=7)
    found = swelling.swellings(level, tone)
    for again in (swelling.swellings(4.0 * level, tone),
                  swelling.swellings(level[::-1], tone[:, ::-1])):  # fmt: skip
        np.testing.assert_array_equal(again.cells, found.cells)
        np.testing.assert_allclose(again.growth, found.growth, atol=1e-6)
        np.testing.assert_allclose(again.change, found.change, atol=1e-9)


@pytest.mark.parametrize("n_cells", [0, 1, 2, 3])
def test_a_few_cells_of_rest_hold_nothing(n_cells):
    cells, level, tone = course(n_cells)
    found = swelling.swellings(level, tone)
    for rule in contraction.RULES.values():
        assert contraction.contraction_spans(cells, found, rule).shape == (0, 2)
    assert flares.noise_spans(cells, level).shape == (0, 2)
    assert flares.flare_spans(cells, level, tone).shape == (0, 2)


def test_noise_that_drowns_everything_is_excluded_as_noise():
    cells, level, _ = course(200)
    level[:, 100:120] *= 300.0
    spans = flares.noise_spans(cells, level)
    np.testing.assert_allclose(spans, [[25.0, 30.0]], atol=0.3)


def test_a_short_flare_is_a_flare_and_a_long_one_is_not():
    cells, level, tone = course(200)
    level[:, 50:52] *= 4.0
    level[:, 120:150] *= 4.0
    spans = flares.flare_spans(cells, level, tone)
    assert len(spans) == 1
    np.testing.assert_allclose(spans[0], [12.5, 13.0], atol=0.3)
