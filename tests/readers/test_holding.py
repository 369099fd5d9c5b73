"""Repeated samples: regular repeats tell a true rate, those of a coarse converter none."""

from fractions import Fraction

import numpy as np
import pytest

from emgdetect.readers.holding import held_message, true_share


def pieces_of(signal, n=2000):
    return [signal[i : i + n] for i in range(0, len(signal) - n + 1, n)]


@pytest.mark.parametrize("hold", [2, 3, 4, 5, 7, 10, 40])
def test_each_sample_repeated(hold):
    signal = np.repeat(np.random.default_rng(0).normal(0, 5, 20_000 // hold), hold)
    assert true_share(pieces_of(signal)) == Fraction(1, hold)
    assert true_share(pieces_of(signal[3:])) == Fraction(1, hold)


@pytest.mark.parametrize(("true", "written"), [(800, 1000), (1000, 1500), (1200, 1250), (512, 640)])
def test_some_samples_repeated(true, written):
    at = np.arange(16 * written) * true // written
    signal = np.random.default_rng(1).normal(0, 5, 16 * true)[at]
    assert true_share(pieces_of(signal)) == Fraction(true, written)


@pytest.mark.parametrize("steps", [0.2, 0.5, 1.0, 3.0, 1000.0])
def test_repeats_of_a_coarse_converter_are_none(steps):
    rounded = np.round(np.random.default_rng(2).normal(0, steps, 40_000))
    assert true_share(pieces_of(rounded)) == 1
    if steps >= 0.5:
        assert true_share(pieces_of(np.repeat(rounded, 2))) == Fraction(1, 2)


def test_flat_and_missing_stretches_neither_make_nor_hide_a_hold():
    rng = np.random.default_rng(3)
    whole, held = rng.normal(0, 5, 20_000), np.repeat(rng.normal(0, 5, 10_000), 2)
    for start in range(0, 20_000, 2000):
        whole[start : start + 900] = held[start : start + 900] = 0.0
        whole[start + 900 : start + 950] = held[start + 900 : start + 950] = np.nan
    assert true_share(pieces_of(whole)) == 1
    assert true_share(pieces_of(held)) == Fraction(1, 2)
    assert true_share([np.zeros(2000), np.full(2000, np.nan), np.zeros(0), np.zeros(1)]) == 1
    assert true_share([]) == 1


def test_most_pieces_have_to_be_held():
    rng = np.random.default_rng(4)
    whole, held = rng.normal(0, 5, 2000), np.repeat(rng.normal(0, 5, 500), 4)
    assert true_share([whole, whole, held]) == 1
    assert true_share([whole, held, held]) == Fraction(1, 4)


def test_what_is_said():
    assert held_message("A", Fraction(1, 2), 1000.0) == (
        "Every sample of 'A' stands 2 times: its true rate is 500 Hz."
    )
    assert held_message("A", Fraction(4, 5), 1000.0) == (
        "1 of 5 samples of 'A' repeat the one before: its true rate is 800 Hz."
    )
