"""Signal for the eye: as if the whole recording were in memory, without ever holding it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_findings import RATE_HZ, lazy_recording, made_detections

from emgdetect.plot import traces
from emgdetect.plot.traces import band_of, envelope, half_height, read_stretch, undisturbed_uv
from emgdetect.plot.units import aligned
from emgdetect.recording import Recording, Segment
from emgdetect.showing import Band, cut_out, read_filtered
from emgdetect.signal.filters import filter_zero_phase

RNG = np.random.default_rng(8)


def noise(n: int, n_channels: int = 1) -> np.ndarray:
    return RNG.normal(0, 5, (n_channels, n)).astype(np.float32)


def test_a_stretch_equals_the_whole_filtered_at_once() -> None:
    data = noise(20_000)
    recording = Recording.from_array(data, 1000)
    whole = filter_zero_phase(data, 1000, low_hz=10, high_hz=450)[0]
    times, shown = read_stretch(recording, 0, 6.0, 8.5, band=Band())
    np.testing.assert_allclose(times[:-1], np.arange(6000, 8500) / 1000)
    np.testing.assert_allclose(shown[:-1], whole[6000:8500], atol=0.02)


def test_an_envelope_holds_the_extremes_of_each_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "N_BLOCK", 3000)
    data = noise(20_000)
    whole = filter_zero_phase(data, 1000, low_hz=10, high_hz=450)[0]
    shown = envelope(Recording.from_array(data, 1000), 0, band=Band(), n_bins=64)
    slow = [
        (whole[i].min(), whole[i].max())
        for b in range(64)
        for i in [np.flatnonzero(np.arange(20_000) * 64 // 20_000 == b)]
    ]
    np.testing.assert_allclose(shown.low_uv, [low for low, _ in slow], atol=0.05)
    np.testing.assert_allclose(shown.high_uv, [high for _, high in slow], atol=0.05)


def test_the_noise_of_each_second_is_that_of_its_samples() -> None:
    quiet_then_loud = noise(20_000) * np.repeat([1, 4], 10_000)
    shown = envelope(Recording.from_array(quiet_then_loud, 1000), 0, band=Band())
    level = shown.noise_uv[np.isfinite(shown.noise_uv)]
    assert len(level) == 20
    assert np.median(level[11:]) / np.median(level[:9]) == pytest.approx(4, rel=0.15)


def test_nothing_is_drawn_across_a_gap() -> None:
    recording = lazy_recording(1, 1, (Segment(0, 10), Segment(30, 10)))
    shown = envelope(recording, 0, band=Band(), n_bins=40)
    gap = (shown.times_s > 10.5) & (shown.times_s < 29.5)
    assert np.isnan(shown.low_uv[gap]).all()
    assert np.isfinite(shown.low_uv[~gap & (shown.times_s < 10)]).all()
    times, _ = read_stretch(recording, 0, 5, 35, band=Band())
    assert np.isnan(times).sum() == 2
    assert np.nanmax(np.diff(times[: np.flatnonzero(np.isnan(times))[0]])) < 0.002


@pytest.mark.slow
def test_a_long_recording_is_never_held_whole() -> None:
    recording = lazy_recording(1, 2, (Segment(0, 3 * 3600),))
    envelope(recording, 0, band=Band())
    assert recording.samples.largest < 0.06 * 3 * 3600 * RATE_HZ


def test_missing_samples_stay_missing_and_spoil_no_others() -> None:
    data = noise(5000)
    data[0, 2000:2100] = np.nan
    shown = read_filtered(Recording.from_array(data, 1000), (0,), 0, 0, 5000, band=Band())[1][0]
    assert np.isnan(shown[2000:2100]).all()
    assert np.isfinite(shown[:2000]).all()
    assert np.isfinite(shown[2100:]).all()


def test_a_constant_offset_is_not_shown() -> None:
    data = noise(8000) + 14_000
    shown = read_filtered(Recording.from_array(data, 1000), (0,), 0, 0, 8000, band=Band())[1]
    assert np.abs(shown).max() < 50


@pytest.mark.parametrize("mains_hz", [50.0, 60.0, 49.7])
def test_mains_is_found_and_not_shown(mains_hz: float) -> None:
    data = noise(30_000)
    hum = 60 * np.sin(2 * np.pi * mains_hz * np.arange(30_000) / 1000)
    recording = Recording.from_array(data + hum, 1000)
    band = band_of(recording, 0, made_detections(recording, 0))
    assert band.mains_hz == pytest.approx(mains_hz, abs=0.1)
    times, shown = read_stretch(recording, 0, 10, 20, band=band)
    assert np.nanstd(shown) < 1.3 * data.std()
    assert len(times) == 10_001


def test_clean_signal_is_left_alone() -> None:
    recording = Recording.from_array(noise(30_000), 1000)
    assert band_of(recording, 0, made_detections(recording, 0)).harmonics == ()


def test_a_cut_out_ends_with_its_segment() -> None:
    recording = lazy_recording(1, 3, (Segment(0, 10), Segment(30, 10)))
    times, block = cut_out(recording, (0, 2), 30.01, half_s=0.02, band=Band())
    assert block.shape == (2, 41)
    assert np.isnan(block[:, times < -0.0105]).all()
    assert np.isfinite(block[:, times > -0.0095]).all()


def test_a_moment_in_a_gap_shows_nothing() -> None:
    recording = lazy_recording(1, 1, (Segment(0, 10), Segment(30, 10)))
    assert np.isnan(cut_out(recording, (0,), 20.0, half_s=0.02, band=Band())[1]).all()


def test_waveforms_with_jumping_peaks_are_laid_upon_each_other() -> None:
    shape = np.exp(-((np.arange(-60, 61) / 8.0) ** 2)) * np.cos(np.arange(-60, 61) / 6)
    block = np.stack([np.roll(shape, shift) for shift in RNG.integers(-6, 7, 30)])
    laid = aligned(block + RNG.normal(0, 0.02, block.shape), 6)
    assert laid.shape == (30, 109)
    assert laid.std(axis=0).max() < 0.08


def test_one_waveform_and_missing_ones_are_aligned_too() -> None:
    assert aligned(np.ones((1, 21)), 5).shape == (1, 11)
    assert np.isnan(aligned(np.full((2, 21), np.nan), 5)).all()


@pytest.mark.parametrize(
    ("verdict", "size_uv", "limit_uv"),
    [("motion", 1000, 22), ("motion", 60, 0), ("train", 1000, 0), ("clipped", 1000, 22)],
)
def test_a_close_up_lets_only_what_dwarfs_all_else_run_out(
    verdict: str, size_uv: float, limit_uv: float
) -> None:
    times_s = np.arange(0, 4, 0.001)
    trace_uv = np.where(np.isclose(times_s, 1), 20.0, 1.0)
    trace_uv[1950:2080] = size_uv
    trace_uv[3000] = np.nan
    events = pd.DataFrame(
        {"onset": [0.99, 2.0], "duration": 0.02, "verdict": ["fasciculation", verdict]}
    )
    assert undisturbed_uv(times_s, trace_uv, events) == pytest.approx(limit_uv)
    assert undisturbed_uv(times_s, trace_uv, events.iloc[1:]) == 0
    assert undisturbed_uv(times_s, trace_uv, events.iloc[:0]) == 0


@pytest.mark.parametrize(("limit_uv", "told"), [(1174.6, "±1175 µV"), (9.876, "±9.88 µV")])
def test_heights_are_told_without_powers_of_ten(limit_uv: float, told: str) -> None:
    assert half_height(limit_uv) == told
