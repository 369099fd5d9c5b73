"""Blocks, windows and scores that are worked out once or in part: the same as anew and in whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import fft

from emgdetect import Config, Recording
from emgdetect.detection.second_pass.generic import GenericScore
from emgdetect.detection.second_pass.measuring import mild_trace
from emgdetect.detection.second_pass.nearby import OnGrid, scores_near, seen_on_grid, sizes_of
from emgdetect.detection.trace import blocks
from emgdetect.detection.trace.bank import bank_filters, whole_score
from emgdetect.detection.trace.blocks import read_block
from emgdetect.detection.trace.cutting import View, cut_candidates, trace_of
from emgdetect.detection.trace.front import chunks_of
from emgdetect.detection.trace.survey import survey
from emgdetect.signal import matched
from emgdetect.signal.pursuit import Placed, subtract

RATE = 2000.0
N_CHANNELS = 8


def recording_of(kind="sound", seconds=36):
    """A small grid with mains and potentials."""
    rng = np.random.default_rng(8)
    n = int(seconds * RATE)
    data = rng.normal(0, 4, (N_CHANNELS, n))
    data += np.linspace(5, 20, N_CHANNELS)[:, None] * np.sin(2 * np.pi * 50.1 * np.arange(n) / RATE)
    wave = -np.gradient(np.exp(-0.5 * (np.arange(-30, 31) / 4) ** 2))
    for at in rng.integers(100, n - 100, 40):
        data[:, at - 30 : at + 31] += 300 * np.linspace(1, 0.2, N_CHANNELS)[:, None] * wave
    if kind == "gap":
        data[2, 5000:5100] = np.nan
    return Recording.from_array(data.astype(np.float32), RATE, sites="VL")


def front_of(recording):
    front, _ = survey(recording, recording.sites[0], Config())
    assert front.harmonics
    return front, chunks_of(recording, recording.sites[0], front.high_hz)


@pytest.fixture(scope="module")
def grid():
    return front_of(recording_of())


@pytest.mark.parametrize("kind", ["sound", "gap"])
@pytest.mark.parametrize("most_terms", [0, blocks.MOST_TERMS])
def test_a_block_is_the_same_when_it_is_read_again(kind, most_terms, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_TERMS", most_terms)
    front, chunks = front_of(recording_of(kind))
    for chunk in chunks:
        first, again = read_block(front, chunk), read_block(front, chunk)
        part = read_block(front, chunk, [1, 2, 6])
        np.testing.assert_allclose(again.raw, first.raw, atol=2e-4)
        np.testing.assert_allclose(part.raw, first.raw[[1, 2, 6]], atol=2e-4)
        np.testing.assert_array_equal(again.missing, first.missing)
    assert first.missing.shape == (chunk.stop - chunk.start,)


def test_missing_samples_are_counted_each_time():
    front, chunks = front_of(recording_of("gap"))
    for _ in range(2):
        assert read_block(front, chunks[0]).missing.sum() == 100


def view_of(front):
    return View(tuple(range(N_CHANNELS)), mixing=front.unmixing, level_s=np.array([0.0, 30.0]),
                level=np.array([1.0, 1.2]))  # fmt: skip


def test_pieces_from_windows_are_those_of_the_whole_trace(grid):
    front, chunks = grid
    times = np.array([0.2, 3.0, 15.99, 16.01, 31.0, 35.8])
    reach_s = 0.03
    pieces = cut_candidates(front, chunks, times, view=view_of(front), reach_s=reach_s, n_threads=2)
    half = pieces.shape[2] // 2
    for time, piece in zip(times, pieces, strict=True):
        chunk = [c for c in chunks if front.start_s(c) <= time][-1]
        trace = trace_of(front, chunk, view_of(front))
        at = round((time - trace.start_s) * trace.rate_hz) + trace.keep.start
        np.testing.assert_allclose(piece, trace.values[:, at - half : at + half + 1], atol=0.02)


def test_what_a_grids_channels_see_is_that_of_whole_traces(grid):
    front, chunks = grid
    unmixed = View(tuple(range(N_CHANNELS)), mixing=front.unmixing, colour=front.colour)
    trace = trace_of(front, chunks[0], unmixed)
    core = np.array([400, 9000, 20011, 31000])
    unit = np.array([-1, 3, 0, 3])
    seen = seen_on_grid(front, trace.block, core, trace.level[0], unit, low_hz=10.0)
    whole = scores_near(front, trace.values, trace.rate_hz, core + trace.keep.start)
    np.testing.assert_allclose(seen.score, whole, atol=0.03)
    mild = mild_trace(trace.block.raw, RATE, 10.0)
    at = core + trace.block.n_before
    direct = [np.ptp(mild[:, a - 50 : a + 51], axis=1) / front.rms_uv for a in at]
    np.testing.assert_allclose(seen.size, direct, rtol=0.02, atol=0.02)
    assert sorted(seen.waves) == [0, 3] and seen.waves[3][0] == 2
    both = sum(mild[:, a - 50 : a + 51] for a in at[[1, 3]])
    np.testing.assert_allclose(seen.waves[3][1], both, atol=0.02 * front.rms_uv.max())


def test_the_size_of_a_unit_is_that_of_its_average():
    rng, rms_uv = np.random.default_rng(0), np.array([2.0, 2.0, 8.0])
    wave = np.array([10.0, 4.0, 4.0])[:, None] * np.sin(np.arange(100) / 5)
    seen = []
    for n in (5, 20):
        each = wave + rms_uv[:, None] * rng.standard_normal((n, 3, 100))
        size = np.ptp(each, axis=2) / rms_uv
        seen.append(OnGrid(size, size.astype(np.float32), {1: (n, each.sum(axis=0))}))
    units = np.ones(25, dtype=np.int64)
    sizes = sizes_of(units, seen, rms_uv)
    np.testing.assert_allclose(sizes[0], [10.0, 4.0, 1.0], atol=1.0)
    assert np.all(sizes == sizes[0])
    of_none = np.where(np.arange(25) == 7, -1, 1)
    assert np.all(sizes_of(of_none, seen, rms_uv)[7] == seen[1].size[2])
    nobody = OnGrid(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.float32), {})
    assert sizes_of(units[:0], [nobody], rms_uv).shape == (0, 3)


def test_scores_around_a_place_are_those_of_the_bank():
    front, _ = front_of(recording_of(seconds=6))
    values = np.random.default_rng(3).standard_normal((2, 4000)).astype(np.float32)
    responses = bank_filters(4000, RATE, front.low_hz, front.high_hz)
    spectra = fft.rfft(values, axis=1)
    by_row = matched.bank_score(spectra, responses, 4000, keep=slice(0, 4000))
    np.testing.assert_array_equal(
        whole_score(spectra, 4000, RATE, front.low_hz, front.high_hz), by_row
    )
    found = scores_near(front, values, RATE, np.array([1500, 2500]))
    for at, row in zip((1500, 2500), found, strict=True):
        np.testing.assert_allclose(row, by_row[:, at - 50 : at + 51].max(axis=1), atol=0.2)
    assert scores_near(front, values, RATE, np.zeros(0, dtype=np.int64)).shape == (0, 2)


def test_a_score_brought_up_to_date_is_the_score_worked_out_anew(grid):
    front, chunks = grid
    trace = trace_of(front, chunks[0], view_of(front))
    wave = -np.gradient(np.exp(-0.5 * (np.arange(-30, 31) / 6) ** 2)).astype(np.float32)
    templates = np.tile(40 * wave, (1, N_CHANNELS, 1))
    taken = [Placed(t, 0, 1.0, 9.0) for t in (60, 5000, 5200, 22222)]
    rest = subtract(trace.values, templates, taken)
    renewed = GenericScore(front, chunks[0], trace)
    before = renewed.score
    renewed.renew(rest, taken, templates.shape[2])
    anew = GenericScore(front, chunks[0], trace)
    anew.renew(rest, [Placed(t, 0, 1.0, 9.0) for t in range(0, 36000, 50)], templates.shape[2])
    assert np.abs(before - anew.score).max() > 3
    np.testing.assert_allclose(renewed.score, anew.score, atol=0.1)


def test_mains_beside_a_gap_is_taken_out_and_the_gap_holds_none():
    rng = np.random.default_rng(2)
    n = int(20 * RATE)
    data = rng.normal(0, 2, (1, n))
    data += 40 * np.sin(2 * np.pi * 50.1 * np.arange(n) / RATE)
    gap = slice(round(9.6 * RATE), round(10.3 * RATE))
    data[:, gap] = np.nan
    recording = Recording.from_array(data.astype(np.float32), RATE, sites=["VL"])
    front, chunks = front_of(recording)
    block = read_block(front, chunks[0])
    start = block.n_before
    near = block.raw[0, start + gap.start - 200 : start + gap.start]
    far = block.raw[0, start + 4000 : start + 12000]
    assert np.std(near) < 1.3 * np.std(far)
    assert np.abs(block.raw[0, start + gap.start + 20 : start + gap.stop - 20]).max() < 10
