"""The notch before every rival takes out lines that stand out, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.rivals.mains import without_mains

FS = 2000.0


def noise(n_s: float = 20.0, n_channels: int = 1) -> np.ndarray:
    return np.random.default_rng(7).standard_normal((n_channels, round(n_s * FS)))


def line(hz: float, n_s: float = 20.0) -> np.ndarray:
    return 5 * np.sin(2 * np.pi * hz * np.arange(round(n_s * FS)) / FS)


@pytest.mark.parametrize("base_hz", [50.0, 60.0])
def test_a_line_and_its_multiple_go_and_the_rest_stays(base_hz: float) -> None:
    quiet = noise(n_channels=2)
    cleaned = without_mains(quiet + line(base_hz) + line(3 * base_hz), FS)
    inner = slice(round(2 * FS), -round(2 * FS))  # a notch rings at the ends
    assert np.std((cleaned - quiet)[:, inner]) < 0.2  # each line alone had 3.5
    assert np.corrcoef(cleaned[0, inner], quiet[0, inner])[0, 1] > 0.98


def test_without_mains_nothing_is_touched() -> None:
    quiet = noise()
    assert without_mains(quiet, FS) is quiet


def test_a_line_that_is_no_mains_stays() -> None:
    hum = noise() + line(83.0)
    assert without_mains(hum, FS) is hum


def test_what_is_too_short_to_tell_stays() -> None:
    short = noise(2.0) + line(50.0, 2.0)
    assert without_mains(short, FS) is short
