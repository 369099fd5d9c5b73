"""Two discharges of different units for which one template was placed are found, and only those."""

import numpy as np
import pytest

from emgdetect.signal.library import Library
from emgdetect.signal.overlaps import best_two, separate
from emgdetect.signal.pursuit import Placed, subtract

RATE = 2000.0
NEEDED = np.array([5.0, 5.0, 5.0])


def wave(width_s, order, n=81):
    u = (np.arange(n) - n // 2) / RATE / width_s
    shape = (1 - u**2 if order == 2 else u) * np.exp(-0.5 * u**2)
    return shape / np.linalg.norm(shape)


def library(size=14.0):
    shapes = [wave(0.0015, 2), wave(0.003, 1), wave(0.0024, 2)]
    return Library(size * np.array(shapes, dtype=np.float32)[:, None])


def trace(known, discharges, seed):
    noise = np.random.default_rng(seed).normal(size=(1, 600)).astype(np.float32)
    return subtract(noise, known.templates, [Placed(t, k, -s, 0.0) for t, k, s in discharges])


def separated(known, values, placed):
    rest = subtract(values, known.templates, placed)
    return separate(rest, known, placed, NEEDED, rate_hz=RATE, occupancy=1.0)


@pytest.mark.parametrize("apart", [12, 16, 24])
@pytest.mark.parametrize("second", [0, 1, 2])
def test_two_discharges_that_overlap_are_told_apart(apart, second):
    known = library(size=28.0)
    for seed in range(4):
        values = trace(known, [(300, 0, 1.0), (300 + apart, second, 0.95)], seed)
        placed = separated(known, values, [Placed(300, 0, 1.1, 28.0)])
        assert sorted(one.template for one in placed) == [0, second]
        assert np.abs(np.sort([one.sample for one in placed]) - [300, 300 + apart]).max() <= 1
        assert all(0.6 < one.scale < 1.4 for one in placed)


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.4])
def test_one_discharge_stays_as_it_is(scale):
    known = library()
    for seed in range(8):
        one = Placed(300, 1, scale, 14.0)
        assert separated(known, trace(known, [(300, 1, scale)], seed), [one]) == [one]


def test_what_varies_of_a_large_potential_is_no_second_one():
    known = library(size=60.0)
    known = Library(known.templates * np.float32([1, 1, 0.28])[:, None, None])
    # A thirteenth of its energy lies elsewhere: ten times what a discharge needs.
    values = trace(known, [(300, 0, 1.0), (314, 2, 1.0)], 0)
    one = Placed(300, 0, 1.0, 60.0)
    assert separated(known, values, [one]) == [one]


def test_what_two_leave_is_noise_or_they_are_not_two():
    known = library(size=28.0)
    two = [(300, 0, 1.0), (316, 1, 0.95)]
    one = Placed(300, 0, 1.1, 28.0)
    assert len(separated(known, trace(known, two, 0), [one])) == 2
    # A third waveform that belongs to no unit.
    other = trace(known, two, 0)
    other[0, 285:325] += 4.0 * (-1.0) ** np.arange(40)
    assert separated(known, other, [one]) == [one]


def test_a_discharge_of_half_its_units_size_is_none():
    known = library(size=28.0)
    values = trace(known, [(300, 0, 1.0), (316, 1, 0.55)], 0)
    one = Placed(300, 0, 1.0, 28.0)
    assert separated(known, values, [one]) == [one]


def test_beside_another_placed_discharge_nothing_is_changed():
    known = library()
    values = trace(known, [(300, 0, 1.0), (316, 1, 1.0)], 0)
    placed = [Placed(300, 0, 1.0, 14.0), Placed(330, 2, 1.0, 14.0)]
    assert separated(known, values, placed) == placed


def test_the_two_that_are_there_explain_their_energy():
    known = library()
    values = trace(known, [(300, 2, 1.0), (320, 1, 1.0)], 1)
    inner = known.products(values)[:, 260:341]
    two = best_two(inner, known.energy, known.gram, apart=10)
    assert two is not None
    left = subtract(values, known.templates, [
        Placed(260 + at, k, scale, 0.0)
        for k, at, scale in zip(two.templates, two.offsets, two.scales, strict=True)
    ])  # fmt: skip
    explained = float(np.sum(values**2) - np.sum(left**2))
    unusual = sum((scale - 1) ** 2 / 0.2**2 for scale in two.scales)
    assert two.gain == pytest.approx(explained - unusual, abs=0.5)
    assert abs(two.offsets[0] - two.offsets[1]) >= 10


def test_nothing_is_nothing():
    known = library()
    assert separated(known, trace(known, [], 0), []) == []
    assert best_two(np.zeros((0, 81)), np.zeros(0), known.gram, apart=10) is None
    assert best_two(np.zeros((3, 10)), known.energy, known.gram, apart=10) is None
