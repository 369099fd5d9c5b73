"""Measuring a unit's potentials at its largest lobe, and at the very ends of a recording."""

import numpy as np
import pytest

from emgdetect import Config, Recording, detect
from emgdetect.detection.second_pass.measuring import Measured, _keep_within, lobes, measure_all
from emgdetect.detection.trace.front import CHUNK_S, chunks_of
from emgdetect.detection.trace.survey import survey
from emgdetect.recording import Segment

RATE = 1000.0
TAIL_S, MAIN_S = 0.004, -0.012
SECONDS = 3 * CHUNK_S


def made(cut=0):
    """Potentials whose first lobe is the largest, one of them at the very start."""
    rng = np.random.default_rng(3)
    trace = rng.normal(0, 2, int(SECONDS * RATE) + cut)
    t = np.arange(-20, 40) / RATE
    wave = 100 * np.exp(-0.5 * (t / 0.002) ** 2) - 80 * np.exp(-0.5 * ((t - 0.009) / 0.003) ** 2)
    for at in [20, *range(2000, len(trace) - 100, 1700)]:
        trace[at - 20 : at + 40] += wave
    return Recording.from_array(trace[None, cut:].astype(np.float32), RATE, sites="VL")


def test_a_lobe_outside_the_recording_is_measured_at_its_end():
    recording = made()
    front, _ = survey(recording, recording.sites[0], Config(mains_hz="none"))
    chunks = chunks_of(recording, recording.sites[0], front.high_hz)
    times = np.array([-0.02, 1.0, SECONDS + 0.02])
    found = measure_all(front, chunks, times, np.zeros(3, dtype=np.int64), low_hz=10.0,
                        search_s=np.full(3, 0.003))  # fmt: skip
    assert np.all(np.isfinite(found.amplitude_uv))
    assert np.all((found.peak_s >= 0) & (found.peak_s <= SECONDS))


def test_a_recording_that_starts_within_a_potential_is_analysed():
    for cut in (20, 22, 24, 26, 29):
        found = detect(made(cut), Config(mains_hz="none"))
        counted = found.events[found.events.verdict == "fasciculation"]
        assert len(counted) >= 25
        assert counted.peak_s.min() >= 0


def test_a_potential_lasts_no_longer_than_its_recording():
    """What is cut off goes on, mirrored, in what was made to filter the ends."""
    t = np.arange(-24, 24) / 2000.0
    wave = -100 * t / 0.002 * np.exp(-((t / 0.003) ** 2))
    noise = np.random.default_rng(1).normal(0, 3, 60_000)
    for at in range(3000, 58_000, 5000):
        noise[at : at + len(wave)] += wave
    for cut in (16, 20, 30, 36):
        trace = noise.copy()
        trace[-cut:] += wave[:cut]
        trace[: len(wave) - cut] += wave[cut:]
        events = detect(Recording.from_array(trace, 2000.0)).events
        assert (events.peak_s > 29.9).any(), cut
        assert (events.onset >= 0).all() and (events.duration > 0).all()
        assert (events.onset + events.duration).max() <= 30.0, cut


def test_only_what_reaches_beyond_a_segment_is_cut():
    table = np.array([[-0.004, 0.010, 0.001], [4.0, 0.0123, 4.005], [9.99, 0.02, 10.0],
                      [10.002, 0.001, 10.002], [9.0, 1.0, 9.5]])  # fmt: skip
    kept = table.copy()
    _keep_within(kept, Segment(0.0, 10.0), 0.001)
    expected = [[0.0, 0.006, 0.001], [9.99, 0.01, 10.0], [9.999, 0.001, 10.0]]
    np.testing.assert_allclose(kept[[0, 2, 3]], expected, atol=1e-12)
    np.testing.assert_array_equal(kept[[1, 4]], table[[1, 4]])


def measured_at_tails(*, n=12, overlap_uv=0.0):
    """Potentials measured at their tails, 16 ms after their largest deflection.

    The first of them may be overlapped by another one, 6 ms after its tail.
    """
    rng = np.random.default_rng(0)
    t = np.arange(-50, 51) / RATE
    at = TAIL_S + rng.choice([-0.001, 0.0, 0.001], n)
    rows = t + at[:, None]
    pieces = rng.normal(0, 2, rows.shape)
    for amplitude, middle_s in ((-22.0, MAIN_S), (21.0, TAIL_S)):
        pieces += amplitude * np.exp(-0.5 * ((rows - middle_s) / 0.0015) ** 2)
    pieces[0] += overlap_uv * np.exp(-0.5 * ((rows[0] - 0.010) / 0.0015) ** 2)
    nothing = np.zeros(n)
    measured = Measured(nothing, nothing, 5.0 + at, nothing, nothing, np.ones(n, np.int64), nothing,
                        pieces.astype(np.float32))  # fmt: skip
    return measured, np.full(n, 5.0)


@pytest.mark.parametrize("overlap_uv", [0.0, 1000.0])
def test_all_of_a_weak_unit_peak_where_its_average_does(overlap_uv, score=6.0):
    """Also where its template's middle lies at its tail, and another potential overlaps one."""
    measured, time_s = measured_at_tails(overlap_uv=overlap_uv)
    one = np.zeros(len(time_s), dtype=np.int64)
    due_s = lobes(measured, time_s, one, one, RATE, np.full(len(one), score))
    assert np.allclose(due_s, due_s[0])
    assert abs(due_s[0] - MAIN_S) <= 0.0011


def test_two_potentials_tell_no_average():
    measured, time_s = measured_at_tails(n=2)
    one = np.zeros(2, dtype=np.int64)
    due_s = lobes(measured, time_s, one, one, RATE, np.full(2, 6.0))
    np.testing.assert_array_equal(due_s, measured.peak_s - time_s)


def test_a_strong_potential_keeps_its_own_largest_lobe_among_those_nearly_alike():
    measured, time_s = measured_at_tails()
    one = np.zeros(len(time_s), dtype=np.int64)
    due_s = lobes(measured, time_s, one, one, RATE, np.full(len(one), 20.0))
    at_tail = np.isclose(measured.peak_s - time_s, TAIL_S)
    assert at_tail.any()
    assert np.allclose(due_s[at_tail], TAIL_S)
