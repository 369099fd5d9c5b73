"""Two rows of one swing are one potential where one of them is its unit's alone, or it is short."""

import numpy as np
import pytest

from emgdetect.detection.second_pass.fitting import fit_amplitudes, told_twice
from emgdetect.detection.second_pass.measuring import Measured

RATE = 2000.0
T = np.arange(-100, 101) / RATE


def wave(lag_s=0.0, width_s=0.002):
    """Two phases of one size, 4 ms apart."""
    t = (T + lag_s) / width_s
    return 50 * (np.exp(-0.5 * (t - 1) ** 2) - np.exp(-0.5 * (t + 1) ** 2))


def made(rows, seed=0):
    """Rows of (peak, amplitude, duration, shape)."""
    rng = np.random.default_rng(seed)
    peak, size, long, shapes = zip(*rows, strict=True)
    n = len(rows)
    snippets = np.stack([shape + rng.normal(0, 1.0, len(T)) for shape in shapes])
    return Measured(
        onset_s=np.array(peak) - 0.005, duration_s=np.array(long), peak_s=np.array(peak),
        amplitude_uv=np.array(size), noise_uv=np.ones(n), phases=np.full(n, 2),
        width_s=np.full(n, 0.003), snippet_uv=snippets.astype(np.float32),
    )  # fmt: skip


def discharges(n, *, second, duration_s=0.02, shape=None):
    """Discharges of unit 0 a second apart, some with a row of unit 1 on the other lobe."""
    rows, units, scores = [], [], []
    for i in range(n):
        both = i in second
        rows.append((float(i), 100.0 + i, duration_s, wave() if shape is None else shape[i]))
        units.append(0)
        scores.append(20.0)
        if both:
            rows.append((i + 0.004, 100.0 + i, duration_s, wave(0.004)))
            units.append(1)
            scores.append(8.0)
    return made(rows), np.array(units), np.array(scores)


def test_the_other_lobe_of_what_is_its_units_alone_is_told_twice():
    measured, unit, score = discharges(8, second={5, 6, 7})
    twice = told_twice(measured, unit, np.zeros(len(unit), dtype=np.int64), score)
    assert twice.tolist() == (unit == 1).tolist()


def test_overlapping_potentials_of_one_swing_stay_two():
    # Another potential within the swing changes it: neither is its unit's alone.
    shape = [wave() + (wave(0.007) if i >= 5 else 0) for i in range(8)]
    measured, unit, score = discharges(8, second={5, 6, 7}, shape=shape)
    measured.snippet_uv[unit == 1] += 40 * np.sin(np.outer(np.arange(3) + 1, 500 * T))
    assert not told_twice(measured, unit, np.zeros(len(unit), dtype=np.int64), score).any()


@pytest.mark.parametrize(("duration_s", "twice"), [(0.010, 1), (0.016, 0)])
def test_two_units_in_one_short_swing_are_one(duration_s, twice):
    measured, unit, score = discharges(2, second={1}, duration_s=duration_s)
    told = told_twice(measured, unit, np.zeros(3, dtype=np.int64), score)
    assert told.tolist() == [False, False, bool(twice)]
    unit[:] = -1
    assert not told_twice(measured, unit, np.zeros(3, dtype=np.int64), score).any()


def test_other_amplitudes_and_other_channels_are_other_swings():
    measured, unit, score = discharges(8, second={5, 6, 7})
    channel = np.where(unit == 1, 1, 0)
    assert not told_twice(measured, unit, channel, score).any()
    measured.amplitude_uv[unit == 1] *= 1.01
    assert not told_twice(measured, unit, np.zeros(len(unit), dtype=np.int64), score).any()


def test_nothing_is_told_of_nothing():
    measured, unit, score = discharges(1, second=set())
    assert told_twice(measured, unit, unit, score).tolist() == [False]


def test_a_unit_of_two_has_no_waveform_to_fit():
    measured, unit, _ = discharges(2, second=set())
    fitted, match = fit_amplitudes(measured.snippet_uv, unit + 1, unit)
    assert np.isnan(fitted).all()
    assert np.isnan(match).all()
