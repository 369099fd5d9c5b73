"""Measures of single potentials: known shapes, hard places and invariances."""

import naive_kernels as naive
import numpy as np
import pytest

from emgdetect.signal import waveform

RULE = {"search": 16, "reach": 50, "quiet": 8}


def triphasic(n=400, at=200, size=100.0):
    t = (np.arange(n) - at) / 5.0
    shape = (1 - t**2) * np.exp(-0.5 * t**2)
    return size * shape


def test_a_clean_potential_is_measured_as_it_is():
    trace = triphasic()
    found = waveform.measure(trace, centre=205, rms=1.0, **RULE)
    assert found.peak == 200
    assert found.amplitude == pytest.approx(np.ptp(trace), rel=1e-3)
    assert found.phases == 3
    assert np.all(np.abs(trace[: found.start]) <= 5.0)
    assert np.all(np.abs(trace[found.stop :]) <= 5.0)
    assert abs(trace[found.start]) > 5.0
    assert abs(trace[found.stop - 1]) > 5.0


def test_polarity_gain_and_shift_change_what_they_should():
    trace = triphasic() + np.random.default_rng(71).standard_normal(400)
    found = waveform.measure(trace, centre=200, rms=1.0, **RULE)
    turned = waveform.measure(-trace, centre=200, rms=1.0, **RULE)
    scaled = waveform.measure(4 * trace, centre=200, rms=4.0, **RULE)
    moved = waveform.measure(np.roll(trace, 30), centre=230, rms=1.0, **RULE)
    assert turned == found
    assert (scaled.peak, scaled.start, scaled.stop) == (found.peak, found.start, found.stop)
    assert scaled.amplitude == pytest.approx(4 * found.amplitude)
    assert (moved.peak, moved.start, moved.stop) == (
        found.peak + 30,
        found.start + 30,
        found.stop + 30,
    )
    assert moved.amplitude == pytest.approx(found.amplitude)


def test_what_holds_everywhere_on_thousands_of_cases():
    rng = np.random.default_rng(72)
    for _ in range(3000):
        n = int(rng.integers(1, 120))
        trace = rng.standard_normal(n) * rng.choice([0.0, 1.0, 30.0])
        centre, rms = int(rng.integers(0, n)), float(rng.choice([0.0, 1.0, 10.0]))
        found = waveform.measure(trace, centre=centre, rms=rms, **RULE)
        low, high = max(0, centre - RULE["search"]), min(n, centre + RULE["search"] + 1)
        assert found.peak == max(range(low, high), key=lambda i, t=trace: (abs(t[i]), -i))
        assert 0 <= found.start <= found.peak < found.stop <= n
        assert found.start >= found.peak - RULE["reach"]
        assert found.stop <= found.peak + RULE["reach"] + 1
        assert abs(trace[found.peak]) <= found.amplitude + 1e-12
        assert found.amplitude <= 2 * np.abs(trace).max() + 1e-12
        assert found.phases >= 1


def test_a_second_potential_after_a_quiet_stretch_does_not_count():
    trace = triphasic() + triphasic(at=245)
    found = waveform.measure(trace, centre=200, rms=1.0, search=16, reach=100, quiet=8)
    alone = waveform.measure(triphasic(), centre=200, rms=1.0, search=16, reach=100, quiet=8)
    assert (found.start, found.stop) == (alone.start, alone.stop)


def test_count_phases_equals_its_twin():
    rng = np.random.default_rng(73)
    for _ in range(3000):
        piece = rng.integers(-3, 4, rng.integers(0, 20)).astype(float)
        bound = float(rng.choice([0.0, 0.5, 1.0, 2.0, 5.0]))
        assert waveform.count_phases(piece, bound) == naive.count_phases(piece.tolist(), bound)


def test_correlations_follow_a_waveform_that_came_later_and_is_turned_over():
    rng = np.random.default_rng(0)
    wave = np.convolve(rng.normal(size=201), np.ones(5), "same")
    same = waveform.correlations(wave, wave, reach=20, shift=4)
    assert len(same) == 9
    assert (int(np.argmax(same)), float(same.max())) == (4, pytest.approx(1.0))
    # A trace that began 12 samples later has the same at an earlier place.
    later = waveform.correlations(wave, -np.roll(wave, -12), reach=20, shift=4, later=12)
    assert float(later.min()) == pytest.approx(-1.0)
    assert int(np.argmin(later)) == 4
    assert (
        waveform.correlations(np.zeros(101), wave[50:151], reach=5, shift=1).tolist() == [0.0] * 3
    )
