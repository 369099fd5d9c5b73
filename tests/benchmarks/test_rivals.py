"""The rivals' wrappers: each finds obvious potentials, and survives what a rival must survive."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from benchmarks.detectors import best_channel
from benchmarks.rivals import RIVALS, Rival
from benchmarks.rivals.common import (
    peaks_in_spans,
    spans_of,
    spans_of_onsets,
    spread,
)
from benchmarks.rivals.spikes import largest_of_close
from emgdetect.scoring import score

FS = 2000.0
PACKAGES = ("neurokit2", "biosppy", "spikeinterface", "peakutils")
MISSING = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
SLOW = ("neurokit2 pelt",)

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(bool(MISSING), reason=f"the benchmark extra is missing: {MISSING}"),
]


def obvious(n_channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Five potentials of 40 × noise in 4 s, and their times."""
    rng = np.random.default_rng(5)
    signal = rng.standard_normal((n_channels, int(4 * FS)))
    times = np.array([0.5, 1.1, 1.9, 2.6, 3.4])
    t = np.arange(-30, 31) / FS
    wave = -20 * np.sqrt(np.e) * t / 0.002 * np.exp(-(t**2) / (2 * 0.002**2))
    for time in times:
        at = round(time * FS)
        signal[:, at - 30 : at + 31] += wave * np.linspace(1, 0.3, n_channels)[:, None]
    return signal, times


@pytest.mark.parametrize("rival", RIVALS, ids=lambda r: r.name)
def test_every_rival_finds_what_nobody_can_miss(rival: Rival) -> None:
    if rival.name in SLOW:
        pytest.skip("takes minutes for seconds of signal")
    signal, times = obvious(4 if rival.grid else 1)
    given = signal if rival.grid else signal[0]
    found = rival.find(given.copy(), FS, **rival.settings[0])
    result = score(times, found, tolerance_s=0.015)
    assert result.matched >= 4, result
    assert result.extra <= 5, result


@pytest.mark.parametrize("rival", RIVALS, ids=lambda r: r.name)
def test_a_rival_names_its_version_and_its_settings(rival: Rival) -> None:
    assert bool(rival.version) == bool(rival.package)
    assert len(rival.settings) == len({str(s) for s in rival.settings}) >= 2


def test_names_are_unique() -> None:
    assert len({rival.name for rival in RIVALS}) == len(RIVALS)


def test_the_grid_method_refuses_one_channel() -> None:
    grid = next(rival for rival in RIVALS if rival.grid)
    with pytest.raises(ValueError, match="at least two channels"):
        grid.find(np.zeros((1, 4000)), FS, **grid.settings[0])


@pytest.mark.parametrize(
    ("active", "spans"),
    [
        ([], []),
        ([False, False], []),
        ([True], [(0, 1)]),
        ([True, False, True, True], [(0, 1), (2, 4)]),
    ],
)
def test_runs_of_true(active: list[bool], spans: list[tuple[int, int]]) -> None:
    found = spans_of(np.array(active, dtype=bool))
    assert found.shape == (len(spans), 2)
    assert [tuple(row) for row in found] == spans


def test_one_event_at_the_largest_deflection_of_each_span() -> None:
    signal = np.array([0.0, 1, -5, 2, 0, 0, 3, 1])
    spans = np.array([[1, 4], [5, 5], [5, 8]])
    assert peaks_in_spans(signal, spans, 10.0).tolist() == [0.2, 0.6]


def test_onsets_without_an_end_are_left_out() -> None:
    assert spans_of_onsets(np.array([3, 5, 9]), 20).tolist() == [[3, 5]]
    assert spans_of_onsets(np.array([]), 20).shape == (0, 2)


def test_spread_is_the_standard_deviation_of_the_bulk() -> None:
    rng = np.random.default_rng(1)
    values = 3 * rng.standard_normal(100_000)
    values[:500] += 1000
    assert spread(values) == pytest.approx(3, rel=0.02)


def test_of_close_events_the_largest_stays() -> None:
    times, sizes = np.array([1.0, 1.01, 1.02, 2.0]), np.array([3.0, 5.0, 4.0, 1.0])
    assert largest_of_close(times, sizes, 0.015).tolist() == [1.01, 2.0]
    assert largest_of_close(times, sizes, 0.005).tolist() == times.tolist()
    assert largest_of_close(np.zeros(0), np.zeros(0), 0.01).shape == (0,)


def test_rivals_of_one_channel_are_given_the_clearest() -> None:
    signal, _ = obvious(4)
    assert best_channel(signal[::-1], FS) == 3
    assert best_channel(signal[:1], FS) == 0
