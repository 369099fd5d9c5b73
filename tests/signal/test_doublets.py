"""Two discharges of a unit that overlap are two, and one large discharge is one."""

import numpy as np
import pytest

from emgdetect.detection.first_pass.doublets import doublets
from emgdetect.signal.library import Library
from emgdetect.signal.pairs import split_doublets
from emgdetect.signal.pursuit import Placed, subtract

RATE = 2000.0


def wave(n=81, width_s=0.003):
    u = (np.arange(n) - n // 2) / RATE / width_s
    return ((1 - u**2) * np.exp(-0.5 * u**2)).astype(np.float32)


def library(size=20.0):
    template = size * wave()
    return Library((template / np.linalg.norm(wave()))[None, None])


def trace(known, at, scales, seed=0):
    noise = np.random.default_rng(seed).normal(size=(1, 600)).astype(np.float32)
    placed = [Placed(t, 0, -scale, 0.0) for t, scale in zip(at, scales, strict=True)]
    return subtract(noise, known.templates, placed)


def split(values, known, one):
    rest = subtract(values, known.templates, [one])
    return split_doublets(rest, known, [one], rate_hz=RATE, occupancy=1.0, least=25.0)


@pytest.mark.parametrize("apart", [9, 11, 13, 16])
def test_a_template_between_two_discharges_becomes_both(apart):
    known = library()
    at = [300, 300 + apart]
    for seed in range(5):
        values = trace(known, at, [1.0, 0.95], seed)
        found = split(values, known, Placed(300 + apart // 2, 0, 1.3, 20.0))
        assert len(found) == 2
        assert np.abs(np.sort([one.sample for one in found]) - at).max() <= 1


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.4])
def test_one_discharge_stays_one(scale):
    known = library()
    for seed in range(5):
        one = Placed(300, 0, scale, 20.0)
        assert split(trace(known, [300], [scale], seed), known, one) == [one]


def doublets_and_singles(apart=12, size=20.0):
    """A library of a unit and of its doublets, which were taken for a unit of their own."""
    single = library(size).templates[0, 0]
    pair = np.roll(single, -apart // 2) + np.roll(single, apart - apart // 2)
    return Library(np.stack([single, pair])[:, None])


@pytest.mark.parametrize("apart", [9, 15])
def test_a_doublet_taken_for_another_unit_becomes_two(apart):
    known = doublets_and_singles()
    for seed in range(5):
        values = trace(known, [300, 300 + apart], [1.0, 0.9], seed)
        found = split(values, known, Placed(300 + apart // 2, 1, 0.95, 26.0))
        assert [one.template for one in found] == [0, 0]


def test_such_a_doublet_that_leaves_little_becomes_two_where_nothing_else_is_placed():
    # The one leaves less than `SPLIT_LEFT`: without the rule of others it stays.
    known, one = doublets_and_singles(size=40.0), Placed(305, 1, 0.85, 26.0)
    for beside, parts in ((700, [0, 0]), (400, [1])):
        other = Placed(beside, 0, 1.0, 40.0)
        for seed in range(8):
            values = np.random.default_rng(seed).normal(size=(1, 1000)).astype(np.float32)
            true = [Placed(300, 0, -1.0, 0.0), Placed(311, 0, -1.0, 0.0)]
            values = subtract(values, known.templates, [*true, other._replace(scale=-1.0)])
            rest = subtract(values, known.templates, [one, other])
            found = split_doublets(rest, known, [one, other], rate_hz=RATE, occupancy=1.0,
                                   least=25.0)  # fmt: skip
            assert [x.template for x in found if x.sample != beside] == parts


def test_another_units_potential_that_two_hardly_explain_better_stays_one():
    known = doublets_and_singles()
    for seed in range(5):
        one = Placed(300, 1, 1.0, 26.0)
        values = np.random.default_rng(seed).normal(size=(1, 600)).astype(np.float32)
        values = subtract(values, known.templates, [one._replace(scale=-1.0)])
        assert split(values, known, one) == [one]


def test_nothing_placed_is_nothing():
    known = library()
    assert split_doublets(trace(known, [], []), known, [], rate_hz=RATE, occupancy=1.0,
                          least=25.0) == []  # fmt: skip


def test_a_template_of_two_discharges_is_a_doublet_and_another_unit_is_not():
    single, other = 20 * wave(121), 20 * wave(121, width_s=0.0017)
    pair = np.roll(single, -5) + 0.9 * np.roll(single, 6)
    templates = np.stack([single, pair, other])[:, None].astype(np.float32)
    found = doublets(templates, np.array([30.0, 5.0, 5.0]), rate_hz=RATE, occupancy=0.0)
    assert found.tolist() == [False, True, False]
    # As many as there are singles are doublets of them beyond doubt only.
    found = doublets(templates, np.array([30.0, 25.0, 5.0]), rate_hz=RATE, occupancy=0.0)
    assert found.tolist() == [False, True, False]
    templates[1, 0] = np.roll(single, -5) + 0.8 * np.roll(single, 6)
    for count, told in ((5.0, True), (25.0, False)):
        counts = np.array([30.0, count, 5.0])
        assert doublets(templates, counts, rate_hz=RATE, occupancy=0.0)[1] == told
