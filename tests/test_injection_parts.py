"""The part of a recording potentials are injected in: how much, where, and the same samples."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from made_injection import RATE_HZ, recording

from emgdetect.injection.parts import EDGE_S, MOST_S, SHARE, halves_of, part_of, stretches
from emgdetect.recording import Recording, Segment


@pytest.mark.parametrize("recorded_s", [1.0, 20.0, 150.0, 1800.0, 30_000.0])
def test_stretches_are_a_part_of_the_recorded_time_spread_over_it(recorded_s: float) -> None:
    spans = np.array([stretches(recorded_s, np.random.default_rng(s)) for s in range(200)])
    assert np.all(spans >= 0) and np.all(spans <= recorded_s)
    assert np.all(spans[:, 1:, 0] >= spans[:, :-1, 1])
    lengths = np.sum(spans[:, :, 1] - spans[:, :, 0], axis=1)
    np.testing.assert_allclose(lengths, min(SHARE * recorded_s, MOST_S))
    # no time of the recording is read much more often than another, its ends apart
    middle = np.linspace(0.25, 0.75, 41)[:, None, None] * recorded_s
    read = np.mean(np.any((spans[..., 0] <= middle) & (middle < spans[..., 1]), axis=2))
    assert read >= 0.8 * min(SHARE, MOST_S / recorded_s)


@pytest.mark.parametrize("rate_hz", [1000.0, 2048.0, 2222.22])
@pytest.mark.parametrize("seed", range(4))
def test_a_part_holds_the_samples_of_the_same_times(rate_hz: float, seed: int) -> None:
    n = int(700 * rate_hz)
    clock = np.arange(n, dtype=np.float32)[None] / 1000
    whole = replace(
        Recording.from_array(clock, rate_hz, sites="A"),
        segments=(Segment(0.0, 300.0), Segment(500.0, 3.0), Segment(600.0, 97.3)),
    )
    part = part_of(whole, stretches(whole.recorded_s, np.random.default_rng(seed)))
    read_s = sum(segment.duration_s for segment in part.recording.segments)
    assert 0.9 * SHARE * 400 < read_s <= SHARE * 400.3 + 2
    for index, segment in enumerate(part.recording.segments):
        home = next(s for s in whole.segments if s.start_s <= segment.start_s < s.stop_s)
        assert segment.stop_s <= home.stop_s
        first = 1000 * part.recording.read([0], index)[0]
        assert len(first) == segment.n_samples(rate_hz)
        assert first[0] / rate_hz == pytest.approx(segment.start_s - home.start_s, abs=1 / rate_hz)
    ends = {segment.start_s for segment in whole.segments}
    for low, _ in part.inner_s:
        assert low in ends or low - EDGE_S in {s.start_s for s in part.recording.segments}


@pytest.mark.parametrize("duration_s", [0.5, 2.7, 4.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_recording_shorter_than_its_margins_is_read_whole_or_not(
    duration_s: float, seed: int
) -> None:
    short = recording(1, duration_s)
    for part in halves_of(short, np.random.default_rng(seed)):
        assert part.recording.segments in ((), short.segments) or duration_s == 4.0
        for index, segment in enumerate(part.recording.segments):
            at = round(segment.start_s * RATE_HZ)
            read = part.recording.read([0], index)
            np.testing.assert_array_equal(read, short.read([0], 0, at, at + read.shape[1]))


@pytest.mark.parametrize("seed", range(4))
def test_the_halves_take_turns_and_share_no_time(seed: int) -> None:
    halves = halves_of(recording(1, 1200.0), np.random.default_rng(seed))
    turns = zip(*(half.recording.segments for half in halves), strict=True)
    segments = [*itertools.chain.from_iterable(turns)]
    assert len(segments) >= 4
    assert all(a.stop_s <= b.start_s for a, b in itertools.pairwise(segments))
