"""A cable's bursts are movement, however irregular; potentials close together are not."""

from types import SimpleNamespace

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detection.shape.bursts import CELL_S, FROM_S, N_CELLS, bursts, level_around

RATE = 1000.0
BURSTS_S = (8.0, 19.0, 31.0, 44.0, 58.0)
REACH = round((FROM_S + N_CELLS * CELL_S) * RATE)


def potential(t):
    return (1 - (t / 0.003) ** 2) * np.exp(-0.5 * (t / 0.003) ** 2)


def with_bursts(seed):
    """A minute of noise, pairs and single potentials of a unit, and five bursts."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(70 * RATE)) / RATE
    trace = 5.0 * rng.standard_normal(len(t))
    singles = np.arange(2.0, 68.0, 3.0) + rng.uniform(-0.4, 0.4, 22)
    times = np.sort(np.concatenate([singles, singles[::3] + 0.03]))
    times = times[np.abs(times[:, None] - np.add(BURSTS_S, 0.2)).min(axis=1) > 0.6]
    for time in times:
        trace += 60.0 * potential(t - time)
    for start in BURSTS_S:
        n = round(rng.uniform(0.2, 0.5) * RATE)
        wave = np.convolve(rng.standard_normal(n), np.ones(3) / 3, "same")
        wave *= np.sqrt(np.hanning(n))
        wave *= np.abs(np.interp(np.arange(n), np.linspace(0, n, 12), rng.standard_normal(12)))
        first = round(start * RATE)
        trace[first : first + n] += 100.0 * wave
    return trace, times


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_waves_of_a_burst_are_not_counted_and_pairs_of_a_unit_are(seed):
    trace, times = with_bursts(seed)
    recording = emg.Recording.from_array(trace[None], RATE, sites="VL")
    events = emg.detect(recording, emg.Config(mains_hz="none")).events
    counted = events.peak_s[events.verdict == "fasciculation"].to_numpy()
    far = np.abs(counted[:, None] - times).min(axis=1) > 0.01
    assert far.sum() <= 1
    assert np.abs(times[:, None] - counted).min(axis=1).max() < 0.01


def test_the_level_around_is_that_of_most_cells_and_not_of_two_potentials():
    rng = np.random.default_rng(4)
    pieces = rng.standard_normal((3, 2 * REACH + 1)).astype(np.float32)
    t = np.arange(-REACH, REACH + 1) / RATE
    pieces[1] += 20 * potential(t) + 20 * potential(t - 0.03) + 20 * potential(t + 0.06)
    pieces[2] *= 3
    np.testing.assert_allclose(level_around(pieces, RATE), [1, 1, 3], rtol=0.15)


def test_a_grid_is_not_asked():
    signal = SimpleNamespace(
        found=SimpleNamespace(time_s=np.arange(3.0)), front=SimpleNamespace(unmixing=np.eye(2))
    )
    assert not bursts(signal, np.ones(3, dtype=bool)).any()
