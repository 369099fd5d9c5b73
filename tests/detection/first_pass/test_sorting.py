"""Sorting: known waveforms are recovered, their number is found, noise founds no unit."""

import numpy as np
import pytest

from emgdetect.detection.first_pass.sorting import fit_templates, sort_units

LENGTH, REACH = 81, 8


def wave(kind, n_channels=1, centre=LENGTH // 2):
    t = (np.arange(LENGTH) - centre) / (4.0 + kind)
    gauss = np.exp(-0.5 * t**2)
    shape = [-t * gauss, (1 - t**2) * gauss, gauss * np.sin(2.2 * t), gauss][kind % 4]
    spread = 0.4 + np.abs(np.cos(0.7 * kind + np.arange(n_channels)))
    return spread[:, None] * shape / np.sqrt(np.sum(shape**2)) / np.sqrt(np.mean(spread**2))


def made_pieces(counts, *, size=20.0, n_channels=1, seed=0, jiggle=3, variation=0.08):
    """Shifted, scaled discharges of known units in white noise, and who fired them."""
    rng = np.random.default_rng(seed)
    pieces, labels = [], []
    for kind, count in enumerate(counts):
        for _ in range(count):
            centre = LENGTH // 2 + int(rng.integers(-jiggle, jiggle + 1))
            scale = size * (1 + 0.15 * kind) * (1 + variation * rng.standard_normal())
            noise = rng.standard_normal((n_channels, LENGTH))
            pieces.append(scale * wave(kind, n_channels, centre) + noise)
            labels.append(kind)
    order = rng.permutation(len(pieces))
    stacked = np.array(pieces, dtype=np.float32).reshape(-1, n_channels, LENGTH)
    return stacked[order], np.array(labels, dtype=int)[order]


def sort(pieces):
    return sort_units(pieces, reach=REACH, tolerance=0.2, occupancy=1.0, rate_hz=2000.0)


def labels_of(pieces, templates):
    return fit_templates(pieces, templates, reach=REACH, occupancy=1.0).template


def adjusted_rand(a, b):
    table = np.array([[np.sum((a == x) & (b == y)) for y in np.unique(b)] for x in np.unique(a)])

    def pairs(n):
        return np.sum(n * (n - 1) / 2)

    same, first, second = pairs(table), pairs(table.sum(1)), pairs(table.sum(0))
    chance = first * second / pairs(np.array([len(a)]))
    return (same - chance) / max((first + second) / 2 - chance, 1e-9)


@pytest.mark.parametrize("n_channels", [1, 4])
@pytest.mark.parametrize("counts", [[40], [30, 30], [60, 20, 10, 5]])
def test_known_units_are_recovered(counts, n_channels):
    for seed in range(3):
        pieces, labels = made_pieces(counts, n_channels=n_channels, seed=seed)
        templates, found = sort(pieces)
        assert len(templates) == len(counts)
        assert sorted(found) == pytest.approx(sorted(counts), abs=2)
        if len(counts) > 1:
            assert adjusted_rand(labels_of(pieces, templates), labels) > 0.95


def test_templates_look_like_their_units():
    pieces, _ = made_pieces([50, 50], seed=5)
    templates, _ = sort(pieces)
    inner = slice(REACH, -REACH)
    for kind in (0, 1):
        true = wave(kind)[0, inner]
        best = max(
            np.corrcoef(np.roll(true, s), t[0])[0, 1] for t in templates for s in range(-6, 7)
        )
        assert best > 0.98


def test_templates_do_not_depend_on_the_order_of_pieces_by_much():
    pieces, _ = made_pieces([40, 25], seed=6)
    first, counts = sort(pieces)
    again, recounts = sort(pieces[::-1].copy())
    assert len(first) == len(again)
    np.testing.assert_allclose(counts, recounts, atol=2)


def test_a_rare_strong_unit_is_not_drowned_by_a_frequent_weak_one_of_like_shape():
    """The founder's average must not drift to the pieces that are a little like it."""
    strong, weak = wave(1)[0], 0.85 * wave(1)[0] + 0.5 * wave(3)[0]  # they correlate by 0.91
    weak /= np.linalg.norm(weak)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        sizes = np.concatenate([np.linspace(20, 24, 5), rng.uniform(8, 15, 120)])
        shapes = np.where(np.arange(125)[:, None] < 5, strong, weak)
        pieces = np.pad(sizes[:, None] * shapes, ((0, 0), (REACH, REACH)))
        pieces += np.sqrt(0.19) * rng.standard_normal(pieces.shape)
        pieces = pieces.astype(np.float32)[:, None]
        templates, _ = sort_units(pieces, reach=REACH, tolerance=0.15, occupancy=0.19,
                                  rate_hz=2000.0)  # fmt: skip
        unit = fit_templates(pieces, templates, reach=REACH, occupancy=0.19).template
        assert len(templates) == 2
        assert not np.isin(unit[:5], unit[5:]).any()


def test_polarity_is_kept_apart_from_shape():
    pieces, _ = made_pieces([40, 25], seed=7)
    templates, counts = sort(pieces)
    turned, recounts = sort(-pieces)
    np.testing.assert_allclose(turned, -templates, atol=1e-4)
    np.testing.assert_array_equal(counts, recounts)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_weak_pieces_are_no_unit(n):
    pieces, _ = made_pieces([n], n_channels=2, size=8.0)
    templates, counts = sort(pieces)
    assert templates.shape == (0, 2, LENGTH - 2 * REACH)
    assert counts.shape == (0,)


def test_two_strong_pieces_that_are_alike_are_a_unit():
    templates, counts = sort(made_pieces([2], size=20.0)[0])
    assert len(templates) == 1
    np.testing.assert_array_equal(counts, [2])


def test_pieces_of_nothing_but_noise_or_zeros_do_no_harm():
    rng = np.random.default_rng(8)
    for pieces in (np.zeros((10, 1, LENGTH)), rng.standard_normal((10, 1, LENGTH))):
        templates, counts = sort(pieces.astype(np.float32))
        assert np.isfinite(templates).all()
        assert len(templates) == len(counts)


def test_fit_equals_a_search_over_all_shifts():
    pieces, _ = made_pieces([6, 6, 6], n_channels=2, seed=9)
    inner = slice(REACH, LENGTH - REACH)
    templates = np.stack([20 * wave(k, 2)[:, inner] for k in range(3)]).astype(np.float32)
    fit = fit_templates(pieces, templates, reach=REACH, occupancy=1.0)
    for i, piece in enumerate(pieces):
        best = (-np.inf, 0, 0)
        for k, template in enumerate(templates):
            for s in range(2 * REACH + 1):
                window = piece[:, s : s + template.shape[1]]
                inner_product, energy = float(np.sum(window * template)), float(np.sum(template**2))
                scale = min(max(inner_product / energy, 0.5), 1.7)
                best = max(best, (2 * scale * inner_product - scale**2 * energy, k, s - REACH))
        assert (fit.template[i], fit.shift[i]) == best[1:]


def test_weak_units_on_many_rows_are_found_though_each_piece_is_mostly_noise():
    pieces, labels = made_pieces([12, 12], size=18.0, n_channels=16, seed=2)
    assert np.square(pieces).sum(axis=(1, 2)).mean() > 3 * 18.0**2
    templates, _ = sort(pieces)
    assert len(templates) == 2
    assert adjusted_rand(labels_of(pieces, templates), labels) > 0.9
