"""Measuring at the very ends of a recording, where a unit's largest lobe may lie outside."""

import numpy as np

from emgdetect import Config, Recording, detect
from emgdetect.detection.second_pass.measuring import measure_all
from emgdetect.detection.trace.front import CHUNK_S, chunks_of
from emgdetect.detection.trace.survey import survey

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
