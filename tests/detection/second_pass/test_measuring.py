"""Measuring at the very ends of a recording, where a unit's largest lobe may lie outside."""

import numpy as np

from emgdetect import Config, Recording, detect
from emgdetect.detection.second_pass.measuring import _keep_within, measure_all
from emgdetect.detection.trace.front import CHUNK_S, chunks_of
from emgdetect.detection.trace.survey import survey
from emgdetect.recording import Segment

RATE = 1000.0
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
