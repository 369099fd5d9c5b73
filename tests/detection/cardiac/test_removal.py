"""A potential on top of a beat is found as anywhere else, and no beat is counted."""

from dataclasses import replace

import numpy as np
import pytest

from emgdetect import Config
from emgdetect.detection.cardiac.beats import NO_BEATS, Beats, find_beats
from emgdetect.detection.cardiac.removal import with_heart
from emgdetect.detection.pipeline import find_potentials
from emgdetect.detection.trace.blocks import read_block
from emgdetect.detection.trace.front import chunks_of
from emgdetect.detection.trace.survey import survey
from emgdetect.recording import Recording
from emgdetect.scoring import score
from emgdetect.signal.filters import filter_zero_phase

RATE = 1000.0
SECONDS = 100.0
T = np.arange(round(SECONDS * RATE)) / RATE


def qrs(t):
    return (np.exp(-0.5 * (t / 0.008) ** 2) - 0.4 * np.exp(-0.5 * ((t - 0.022) / 0.007) ** 2)
            + 0.2 * np.exp(-0.5 * ((t - 0.27) / 0.045) ** 2))  # fmt: skip


def unit(t):
    return (1 - (t / 0.0016) ** 2) * np.exp(-0.5 * (t / 0.0016) ** 2)


@pytest.fixture(scope="module")
def made():
    """Two sites with beats of 40 and 20 x noise, and a unit that fires near beats and elsewhere."""
    rng = np.random.default_rng(31)
    beats = 0.5 + np.cumsum(0.9 * (1 + 0.04 * rng.standard_normal(200)))
    beats = beats[beats < SECONDS - 0.6]
    near = beats[2::3] + rng.uniform(-0.045, 0.045, len(beats[2::3]))
    far = beats[1::2] + rng.uniform(0.3, 0.6, len(beats[1::2]))
    noise = 2.0 * rng.standard_normal((2, len(T)))
    data = noise.copy()
    for beat in beats:
        size = 1 + 0.08 * np.sin(1.5 * beat)
        around = slice(max(0, round((beat - 0.4) * RATE)), round((beat + 0.6) * RATE))
        data[0, around] += 80 * size * qrs(T[around] - beat)
        data[1, around] += 40 * size * qrs(T[around] - beat - 0.002)
    for time in np.concatenate([near, far]):
        around = slice(round((time - 0.02) * RATE), round((time + 0.02) * RATE))
        data[0, around] += 22 * unit(T[around] - time)
    names = ["DELTOIDEUS L", "BICEPS R"]
    wrapped = [Recording.from_array(x, RATE, names=names, sites=names) for x in (data, noise)]
    return beats, near, far, *wrapped


def test_potentials_near_beats_are_found_and_no_beat_is_counted(made):
    beats, near, far, recording, _ = made
    events = find_potentials(recording, Config()).events
    counted = events[events.verdict == "fasciculation"]
    own = counted[counted.site == "DELTOIDEUS L"].peak_s.to_numpy()
    assert score(near, own, tolerance_s=0.015).recall >= 0.8
    assert score(np.sort(np.concatenate([near, far])), own, tolerance_s=0.015).precision >= 0.97
    assert (counted.site == "BICEPS R").sum() <= 1
    # Beats keep their rows: a person can ask why they were not counted.
    listed = events[(events.verdict == "ecg") & (events.site == "DELTOIDEUS L")].peak_s.to_numpy()
    assert score(beats, np.sort(listed), tolerance_s=0.03).recall > 0.95
    assert events.onset.is_monotonic_increasing


def test_the_trace_without_beats_is_noise(made):
    _, _, _, recording, noise = made
    site = recording.sites[1]
    front, _ = survey(recording, site, Config())
    chunks = chunks_of(recording, site, front.high_hz)
    clean = with_heart(front, chunks, find_beats(recording))
    assert len(clean.heart) == 1
    for chunk in chunks:
        before, after, without = (
            np.std(filter_zero_phase(read_block(f, chunk).raw, RATE, low_hz=15.0, high_hz=450.0))
            for f in (front, clean, replace(front, recording=noise))
        )
        assert before > 1.3 * without
        assert after == pytest.approx(without, rel=0.03)


def test_a_site_that_sees_no_beats_is_left_as_it_is(made):
    _, _, _, recording, _ = made
    rng = np.random.default_rng(33)
    quiet = Recording.from_array(rng.standard_normal((1, len(T))), RATE, names=["TIBIALIS L"])
    front, _ = survey(quiet, quiet.sites[0], Config())
    chunks = chunks_of(quiet, quiet.sites[0], front.high_hz)
    beats = find_beats(recording)
    clean = with_heart(front, chunks, beats)
    for chunk in chunks:
        change = read_block(clean, chunk).raw - read_block(front, chunk).raw
        assert np.abs(change).max() < 0.5
    few = Beats(beats.time_s[:5], beats.ectopic[:5])
    for none in (NO_BEATS, few):
        assert with_heart(front, chunks, none) is front
    assert replace(front, heart=()).heart == ()
