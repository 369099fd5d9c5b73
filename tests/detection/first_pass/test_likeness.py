"""A unit's members resemble each other; pieces of noise that were chosen for it do so less."""

import numpy as np
import pytest

from emgdetect.detection.first_pass.likeness import likeness
from emgdetect.detection.first_pass.sorting import Fit, fit_templates
from emgdetect.detection.first_pass.units import Units, believable

LENGTH, REACH = 61, 6
WAVE = np.gradient(np.exp(-0.5 * (np.arange(LENGTH) - LENGTH // 2) ** 2 / 9.0))
WAVE /= np.sqrt(np.sum(WAVE**2))
THRESHOLD = 6.0


def noise(rng, n):
    return rng.standard_normal((n, 1, LENGTH + 2 * REACH)).astype(np.float32)


def unit_of(pieces):
    """The average of all pieces as their one unit."""
    template = pieces[:, :, REACH:-REACH].mean(axis=0, keepdims=True)
    n = len(pieces)
    fit = Fit(np.zeros(n, int), np.zeros(n, int), np.ones(n), np.zeros(n))
    counts = np.array([float(n)])
    return template, fit, counts


def members(rng, n, size):
    pieces = noise(rng, n)
    pieces[:, 0, REACH:-REACH] += size * WAVE
    return pieces


def chosen_noise(rng, n):
    """Pieces of swelling noise that resemble each other most of two hundred."""
    pieces = 1.3 * noise(rng, 200)
    score = pieces[:, 0, REACH:-REACH] @ WAVE
    return pieces[np.argsort(-score)[:n]]


def test_likeness_is_the_correlation_with_the_average_of_the_others():
    pieces = members(np.random.default_rng(0), 7, 8.0)
    template, fit, counts = unit_of(pieces)
    inner = pieces[:, 0, REACH:-REACH]
    expected = [
        np.dot(own, rest) / np.linalg.norm(own) / np.linalg.norm(rest)
        for own, rest in ((inner[i], np.delete(inner, i, axis=0).mean(axis=0)) for i in range(7))
    ]
    found = likeness(pieces, template, fit, counts, reach=REACH)
    assert found == pytest.approx([np.median(expected)], rel=1e-5)


def test_moved_members_are_as_like():
    rng = np.random.default_rng(1)
    pieces = members(rng, 9, 10.0)
    template, _, counts = unit_of(pieces)
    moved = np.stack([np.roll(piece, int(rng.integers(-4, 5)), axis=1) for piece in pieces])
    fit = fit_templates(moved, template, reach=REACH, occupancy=1.0)
    straight = likeness(pieces, template, unit_of(pieces)[1], counts, reach=REACH)
    assert likeness(moved, template, fit, counts, reach=REACH) == pytest.approx(straight, abs=0.05)


def test_a_template_without_pieces_has_none():
    pieces = members(np.random.default_rng(2), 4, 8.0)
    template, fit, counts = unit_of(pieces)
    two = np.concatenate([template, -template])
    found = likeness(pieces, two, fit, np.array([*counts, 2.0]), reach=REACH)
    assert found[0] > 0.5
    assert found[1] == 0.0
    nothing = likeness(pieces[:0], template[:0], fit, counts[:0], reach=REACH)
    assert nothing.shape == (0,)


@pytest.mark.parametrize("seed", range(5))
def test_few_weak_members_are_believed_only_where_they_are_alike(seed):
    rng = np.random.default_rng(seed)
    kept = []
    for pieces in (members(rng, 6, THRESHOLD), chosen_noise(rng, 6)):
        template, fit, counts = unit_of(pieces)
        alike = likeness(pieces, template, fit, counts, reach=REACH)
        units = Units(template, counts, np.array([0.9 * THRESHOLD]), alike)
        kept.append(len(believable(units, threshold=THRESHOLD, minutes=3.0, occupancy=1.0).counts))
    assert kept == [1, 0]


def test_many_members_or_strong_ones_need_no_likeness():
    template = WAVE[None, None].astype(np.float32)
    for count, score, kept in ((12, 5.0, 1), (6, 5.0, 0), (6, 7.0, 1), (3, 5.0, 0)):
        units = Units(template, np.array([float(count)]), np.array([score]), np.zeros(1))
        left = believable(units, threshold=THRESHOLD, minutes=3.0, occupancy=1.0)
        assert len(left.counts) == kept
