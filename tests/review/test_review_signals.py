"""What the page shows is the signal: blocks against the whole, gaps, edges, mains, decimation."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgdetect.recording import Channel, Recording, Segment, Site
from emgdetect.review import signals
from emgdetect.review.inputs import Located
from emgdetect.review.opened import Signal
from emgdetect.review.overview import Envelope
from emgdetect.review.shapes import spread, waveform
from emgdetect.review.signals import measure, min_max, strongest, view
from emgdetect.review.turns import Turns
from emgdetect.showing import Band, find_mains
from emgdetect.signal.filters import filter_zero_phase

RATE = 1000.0
TEN = Band(10.0)


def recording_of(data: np.ndarray, *, gap_after: int = 0) -> Recording:
    """One site `VL` of all rows; with a gap of 2 s after so many samples, if any."""
    whole = Recording.from_array(data, RATE, sites="VL")
    if not gap_after:
        return whole
    first = Segment(0.0, gap_after / RATE)
    second = Segment(first.stop_s + 2.0, (data.shape[1] - gap_after) / RATE)

    def samples(channels, segment, start, stop):
        offset = gap_after if segment else 0
        return data[list(channels), offset + start : offset + stop].astype(np.float32)

    return Recording(whole.channels, (first, second), samples)


@pytest.fixture
def noise():
    return np.random.default_rng(5).normal(0, 5, (3, 6000)).astype(np.float32)


def test_a_block_is_the_same_as_the_whole_filtered_at_once(noise):
    whole = filter_zero_phase(noise, RATE, low_hz=10, high_hz=500)
    shown = view(recording_of(noise), [0, 2], start_s=2.0, stop_s=3.0, band=TEN, n_columns=5000)
    assert (shown.start_s, shown.step_s, shown.decimated) == (2.0, 1 / RATE, False)
    np.testing.assert_allclose(shown.filtered, whole[[0, 2], 2000:3000], atol=0.1)
    middle = np.median(noise[[0, 2], 2000:3000], axis=1, keepdims=True)
    np.testing.assert_allclose(shown.raw, noise[[0, 2], 2000:3000] - middle, atol=1e-4)


@pytest.mark.parametrize(("start", "stop"), [(-0.7, 0.3), (5.6, 6.6), (-5.0, -4.0), (90.0, 91.0)])
def test_beyond_the_ends_nothing_is_shown(noise, start, stop):
    shown = view(recording_of(noise), [0], start_s=start, stop_s=stop, band=TEN, n_columns=5000)
    times = shown.start_s + shown.step_s * np.arange(shown.raw.shape[1])
    inside = (times > -1e-9) & (times < 6.0 - 1e-9)
    np.testing.assert_array_equal(np.isfinite(shown.filtered[0]), inside)
    np.testing.assert_array_equal(np.isfinite(shown.raw[0]), inside)


def test_nothing_is_filtered_across_a_gap(noise):
    noise[:, 3000:] += 1000.0  # a step that would ring through the gap
    shown = view(
        recording_of(noise, gap_after=3000), [0], start_s=2.5, stop_s=5.5, band=TEN, n_columns=9000
    )
    assert np.isnan(shown.filtered[0, 500:2500]).all()
    assert np.isfinite(shown.filtered[0, :500]).all()
    assert np.isfinite(shown.filtered[0, 2500:]).all()
    assert np.nanmax(np.abs(shown.filtered)) < 60


def test_missing_samples_stay_missing_and_spoil_nothing_else(noise):
    noise[0, 2500:2510] = np.nan
    shown = view(recording_of(noise), [0, 1], start_s=2.0, stop_s=3.0, band=TEN, n_columns=5000)
    assert np.isnan(shown.filtered[0, 500:510]).all()
    assert np.isfinite(shown.filtered[0]).sum() == 990 and np.isfinite(shown.filtered[1]).all()


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 2**16))
def test_decimation_keeps_every_extreme(n, k, seed):
    rng = np.random.default_rng(seed)
    block = rng.normal(size=(2, n)).astype(np.float32)
    block[rng.random((2, n)) < 0.2] = np.nan
    out = min_max(block, k)
    for row in range(2):
        for cell, start in enumerate(range(0, n, k)):
            known = [v for v in block[row, start : start + k] if not np.isnan(v)]
            low, high = out[row, 2 * cell], out[row, 2 * cell + 1]
            if known:
                assert (low, high) == (min(known), max(known))
            else:
                assert np.isnan(low) and np.isnan(high)


def test_a_long_view_is_decimated_to_what_was_asked(noise):
    shown = view(recording_of(noise), [0], start_s=0.0, stop_s=6.0, band=TEN, n_columns=400)
    assert shown.decimated and shown.filtered.shape[1] <= 400
    assert shown.step_s * shown.filtered.shape[1] == pytest.approx(6.0, abs=0.05)


def with_potential(n_channels: int, at: int, row: int, size: float) -> np.ndarray:
    data = np.random.default_rng(2).normal(0, 3, (n_channels, 4000)).astype(np.float32)
    x = np.arange(-8, 9) / 2.0
    wave = (1 - x**2) * np.exp(-(x**2) / 2)
    for k in range(n_channels):
        data[k, at - 8 : at + 9] += size * 0.6 ** abs(k - row) * wave
    return data


def test_the_strongest_channels_are_chosen_in_file_order():
    recording = recording_of(with_potential(12, 2000, 7, 200.0))
    (site,) = recording.sites
    assert strongest(recording, site, at_s=2.0, n_channels=3) == [6, 7, 8]
    assert strongest(recording, site, at_s=2.0, n_channels=12) == list(range(12))
    with_own = strongest(recording, site, at_s=2.0, n_channels=3, own=0)
    assert with_own[0] == 0 and 7 in with_own  # the potential's own channel is never left out
    assert strongest(recording, site, at_s=99.0, n_channels=3) == [0, 1, 2]  # no signal there


@pytest.mark.parametrize("miss_s", [-0.012, 0.0, 0.012])
def test_a_click_near_a_potential_measures_it(miss_s):
    recording = recording_of(with_potential(4, 2000, 2, 100.0))
    (site,) = recording.sites
    found = measure(recording, site, at_s=2.0 + miss_s, band=TEN)
    assert found is not None
    assert found.peak_s == pytest.approx(2.0, abs=0.0011) and found.channel == 2
    assert found.amplitude_uv == pytest.approx(145, rel=0.15)  # 1 + 2 exp(-3/2) = 1.45
    assert found.noise_uv == pytest.approx(3.0, rel=0.2)
    assert found.onset < found.peak_s < found.onset + found.duration < found.onset + 0.03
    assert measure(recording, site, at_s=99.0, band=TEN) is None


def test_mains_is_found_and_taken_out(noise):
    t = np.arange(6000) / RATE
    hummed = noise + 80 * np.sin(2 * np.pi * 50.2 * t) + 30 * np.sin(2 * np.pi * 150.6 * t)
    recording = recording_of(hummed.astype(np.float32))
    band = find_mains(recording, 0, low_hz=10)
    assert band.mains_hz == pytest.approx(50.2, abs=0.05) and {1, 3} <= set(band.harmonics)
    shown = view(
        recording, [0], start_s=2.0, stop_s=3.0, n_columns=5000,
        band=Band(10.0, band.mains_hz, band.harmonics),
    )  # fmt: skip
    assert shown.noise_uv[0] < 6.0 and np.ptp(shown.raw) > 150


def test_without_mains_or_with_little_signal_nothing_is_taken_out(noise):
    for data in (noise, noise[:, :900]):
        recording = recording_of(data)
        assert find_mains(recording, 0, low_hz=10).harmonics == ()


def test_a_waveform_has_its_peak_in_the_middle_and_ends_with_the_recording():
    recording = recording_of(with_potential(1, 2000, 0, 100.0))
    wave = waveform(recording, 0, peak_s=2.0, band=TEN)
    assert len(wave) == 51 and int(np.argmax(np.abs(wave))) == 25
    edge = waveform(recording, 0, peak_s=0.01, band=TEN)
    assert np.isnan(edge[:15]).all() and np.isfinite(edge[15:]).all()


def test_others_are_spread_evenly():
    assert spread([1.0, 2.0], 5) == [1.0, 2.0]
    picked = spread([float(i) for i in range(100)], 5)
    assert picked[0] == 0.0 and picked[-1] == 99.0 and len(picked) == 5


def test_the_overview_is_the_largest_deflection_per_bin(noise):
    recording = recording_of(noise, gap_after=3000)
    envelope = Envelope(recording, 0, TEN, Turns(), np.full(1500, np.nan, dtype=np.float32))
    envelope.fill()
    assert envelope.done and envelope.stop_s == 8.0
    whole = view(recording, [0], start_s=0.0, stop_s=8.0, band=TEN, n_columns=99_999).filtered[0]
    bins = np.minimum(((np.arange(8000) / 1000 + 1e-9) * (1500 / 8.0)).astype(int), 1499)
    for k in range(1500):
        known = np.abs(whole[bins == k])
        known = known[np.isfinite(known)]
        if len(known):
            assert envelope.peak_uv[k] == pytest.approx(known.max(), abs=0.1)
        else:
            assert np.isnan(envelope.peak_uv[k])


def test_a_channel_without_grid_is_enough():
    channel = Channel(name="EMG1", sampling_hz=RATE, site="EMG1")
    recording = Recording((channel,), (), lambda *_: np.zeros((1, 0), dtype=np.float32))
    site = Site("EMG1", (0,), RATE)
    shown = view(recording, [0], start_s=0.0, stop_s=1.0, band=TEN, n_columns=500)
    assert np.isnan(shown.filtered).all()
    assert measure(recording, site, at_s=0.5, band=TEN) is None


def opened(n_channels: int) -> Signal:
    """A signal that is open already, of one site."""
    recording = recording_of(with_potential(n_channels, 2000, 2, 100.0))
    (site,) = recording.sites
    return Signal(None, {}, None, _located=Located(Path("there"), ""), _recording=recording,
                  _sites={"VL": site})  # fmt: skip


ASKED = {"start_s": 1.5, "stop_s": 2.5, "at_s": 2.0, "low_hz": 10.0, "n_columns": 400}


def test_what_is_fetched_ahead_is_what_would_have_come_at_once():
    signal = opened(40)
    ahead = signal.view("VL", "", n_channels=64, ahead=True, **ASKED)
    at_once = view(signal.recording, range(40), start_s=1.5, stop_s=2.5, band=TEN, n_columns=400)
    assert ahead is not None and ahead.channels == tuple(range(40)) == at_once.channels
    for name in ("filtered", "raw", "noise_uv"):
        np.testing.assert_allclose(getattr(ahead, name), getattr(at_once, name), atol=1e-3)


def test_a_person_goes_in_between_what_is_fetched_ahead(monkeypatch):
    signal, order, threads = opened(40), [], []
    whole = signals.view

    def asked_meanwhile():
        with signal.turns.urgent():
            order.append("person")

    def slow(recording, channels, **more):
        order.append(channels[0])
        if channels[0] == 0:
            threads.append(threading.Thread(target=asked_meanwhile))
            threads[0].start()
            while not signal.turns._n_urgent:
                time.sleep(0.001)
        return whole(recording, channels, **more)

    monkeypatch.setattr(signals, "view", slow)
    signal.view("VL", "", n_channels=64, ahead=True, **ASKED)
    threads[0].join()
    assert order == [0, "person", 16, 32]
