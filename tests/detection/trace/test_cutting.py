"""Pieces of the whitened trace: the same whichever way they are cut."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from emgdetect import Config, Recording
from emgdetect.detection.trace.cells import interpolate_cells
from emgdetect.detection.trace.cutting import (
    View,
    by_chunk,
    cut_candidates,
    cut_strongest,
    trace_of,
)
from emgdetect.detection.trace.front import CHUNK_S, chunks_of
from emgdetect.detection.trace.survey import survey

RATE = 1000.0


@pytest.fixture(scope="module")
def site():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 5, (3, int(2.5 * CHUNK_S * RATE))).astype(np.float32)
    recording = Recording.from_array(noise, RATE, sites="VL")
    front, _ = survey(recording, recording.sites[0], Config(mains_hz="none"))
    return front, chunks_of(recording, recording.sites[0], front.high_hz)


def test_each_time_belongs_to_one_chunk(site):
    front, chunks = site
    edge = chunks[1].start / RATE
    times = np.array([0.0, edge - 0.6 / RATE, edge - 0.4 / RATE, edge, edge + 1])
    found = [(chunk.start, own.tolist()) for chunk, own in by_chunk(front, chunks, times)]
    assert found == [(0, [0, 1]), (chunks[1].start, [2, 3, 4])]
    assert by_chunk(front, chunks, np.zeros(0)) == []


def test_pieces_on_the_strongest_channel_are_those_of_all_channels(site):
    front, chunks = site
    rng = np.random.default_rng(4)
    times = np.sort(rng.uniform(0.1, 39, 25))
    channel = rng.integers(0, 3, 25)
    whole = cut_candidates(front, chunks, times, view=View((0, 1, 2)), reach_s=0.01, n_threads=1)
    own = cut_strongest(front, chunks, times, channel, reach_s=0.01, n_threads=2)
    assert own.shape == (25, whole.shape[2])
    np.testing.assert_allclose(own, whole[np.arange(25), channel], atol=1e-4)
    none = np.zeros(0, dtype=np.int64)
    assert len(cut_strongest(front, chunks, np.zeros(0), none, reach_s=0.01, n_threads=1)) == 0


def test_a_trace_is_the_same_when_its_levels_are_remembered(site):
    front, chunks = site
    first = trace_of(front, chunks[0], View((0, 2)))
    again = trace_of(front, chunks[0], View((0, 2)))
    np.testing.assert_array_equal(first.values, again.values)
    assert abs(float(first.values.std()) - 1) < 0.5


def test_nothing_that_is_remembered_keeps_a_recording_alive():
    noise = np.random.default_rng(6).normal(0, 5, (1, 4000))
    recording = Recording.from_array(noise, RATE)
    front, _ = survey(recording, recording.sites[0], Config(mains_hz="none"))
    trace_of(front, chunks_of(recording, recording.sites[0], front.high_hz)[0], View((0,)))
    watched = weakref.ref(front)
    del front
    gc.collect()
    assert watched() is None


def test_levels_are_drawn_out_as_numpy_interpolates():
    rng = np.random.default_rng(5)
    for _ in range(500):
        n_cells, n_cell = (int(n) for n in rng.integers(1, 9, 2))
        n = int(rng.integers(1, n_cells * n_cell + n_cell))
        levels = rng.random((2, n_cells)).astype(np.float32)
        centres = (np.arange(n_cells) + 0.5) * n_cell
        slow = [np.interp(np.arange(n), centres, row) for row in levels]
        np.testing.assert_allclose(interpolate_cells(levels, n_cell, n), slow, atol=1e-6)
