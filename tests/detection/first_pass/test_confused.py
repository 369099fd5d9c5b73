"""Which units noise may take for one another."""

import numpy as np

from emgdetect.detection.first_pass.confused import BLOCKED, kindred, voices


def shapes(size, *, likeness=0.88, scale=1.0):
    """Two waveforms of a size in units of noise, of a correlation over all lags."""
    lag = np.linspace(-4, 4, 81)
    first = -lag * np.exp(-(lag**2) / 2)
    other = np.exp(-(lag**2) / 2)  # An even shape has nothing of an odd one.
    first, other = first / np.linalg.norm(first), other / np.linalg.norm(other)
    second = likeness * first + np.sqrt(1 - likeness**2) * other
    return (size * np.stack([first, scale * second])[:, None]).astype(np.float32)


def test_alike_units_are_confused_when_weak_and_not_when_far_above_the_noise():
    assert [k.tolist() for k in kindred(shapes(6.0))] == [[0, 1], [0, 1]]
    assert [k.tolist() for k in kindred(shapes(25.0, likeness=0.9))] == [[0], [1]]


def test_a_unit_that_grows_against_the_noise_stays_one():
    assert [k.tolist() for k in kindred(shapes(25.0, likeness=0.995, scale=0.6))] == [[0, 1]] * 2


def test_numbers_of_one_unit_become_one_and_those_unknown_stay():
    found = np.array([1, 0, 1, -1, 1])
    assert voices(shapes(6.0), found).tolist() == [1, 1, 1, -1, 1]
    assert voices(shapes(25.0), found).tolist() == found.tolist()
    assert voices(np.zeros((0, 1, 21), dtype=np.float32), found[3:4]).tolist() == [-1]


def test_a_unit_whose_discharges_vary_may_bear_numbers_far_above_the_noise():
    found = np.array([1, 0, 1, -1, 1])
    apart, together = shapes(25.0, likeness=0.9), shapes(25.0, likeness=0.95)
    assert voices(apart, found, varies=0.1).tolist() == found.tolist()
    assert voices(together, found, varies=BLOCKED).tolist() == [1, 1, 1, -1, 1]
    assert voices(shapes(25.0, likeness=0.7), found, varies=BLOCKED).tolist() == found.tolist()
