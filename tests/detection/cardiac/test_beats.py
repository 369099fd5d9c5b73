"""Beats on mild traces: what is evidence of a heart, and what is not."""

from dataclasses import replace
from itertools import pairwise

import mne
import numpy as np
import pytest

from emgdetect import read_recording
from emgdetect.detection.cardiac.beats import find_beats, leads_of, pieces, shows_heart
from emgdetect.detection.verdicts.heart import ecg_beats
from emgdetect.recording import Channel, Recording
from emgdetect.scoring import score
from emgdetect.writers.edf import write_edf

RATE = 1000.0
SECONDS = 120.0
T = np.arange(round(SECONDS * RATE)) / RATE


def rhythm(per_min, variation, *, seed, start=0.3):
    rng = np.random.default_rng(seed)
    steps = 60 / per_min * np.maximum(1 + variation * rng.standard_normal(800), 0.45)
    times = start + np.cumsum(steps)
    return times[times < SECONDS - 0.4]


def qrs(t):
    return (np.exp(-0.5 * (t / 0.011) ** 2) - 0.3 * np.exp(-0.5 * ((t - 0.03) / 0.010) ** 2)
            + 0.25 * np.exp(-0.5 * ((t - 0.27) / 0.045) ** 2))  # fmt: skip


def tall_t(t):
    return np.exp(-0.5 * (t / 0.0095) ** 2) + 1.3 * np.exp(-0.5 * ((t - 0.24) / 0.045) ** 2)


def extrasystole(t):
    return np.exp(-0.5 * ((t + 0.02) / 0.024) ** 2) - np.exp(-0.5 * ((t - 0.045) / 0.026) ** 2)


def potential(t):
    """A long one: 15 ms, three phases."""
    return (1 - (t / 0.003) ** 2) * np.exp(-0.5 * (t / 0.003) ** 2)


def trace(times, size, *, seed, shape=qrs):
    out = 3.0 * np.random.default_rng(seed).standard_normal(len(T))
    for time in times:
        near = slice(max(0, round((time - 0.3) * RATE)), round((time + 0.6) * RATE))
        out[near] += size * shape(T[near] - time)
    return out


def recording(**traces):
    names = [name.replace("_", " ") for name in traces]
    kinds = ["ECG" if name == "ECG" else "EMG" for name in names]
    return Recording.from_array(np.stack(list(traces.values())), RATE, names=names, sites=names,
                                kinds=kinds)  # fmt: skip


@pytest.mark.parametrize(
    ("per_min", "variation"), [(45, 0.03), (72, 0.04), (140, 0.03), (85, 0.22)]
)
def test_two_places_that_see_the_same_beats_have_a_heart(per_min, variation):
    beats = rhythm(per_min, variation, seed=1)
    others = np.random.default_rng(2).uniform(1, SECONDS - 1, 100)
    found = find_beats(recording(
        BICEPS_L=trace(beats, 20.0, seed=3), DELTOIDEUS_R=trace(beats + 0.003, 45.0, seed=5),
        TIBIALIS_R=trace(others, 60.0, seed=4, shape=potential),
    ))  # fmt: skip
    agreement = score(beats, found.time_s, tolerance_s=0.02)
    assert agreement.f1 > 0.98
    error = np.asarray(agreement.errors_s)
    assert np.median(np.abs(error - np.median(error))) < 0.001


def test_one_place_is_enough_where_the_waves_are_as_slow_as_a_qrs():
    beats = rhythm(70, 0.04, seed=6)
    found = find_beats(recording(DELTOIDEUS_L=trace(beats, 40.0, seed=7)))
    assert score(beats, found.time_s, tolerance_s=0.02).f1 > 0.98


@pytest.mark.parametrize("seed", [8, 9, 10])
@pytest.mark.parametrize("size", [20.0, 60.0, 300.0])
def test_a_rhythmic_unit_of_one_place_is_no_heart(seed, size):
    unit = rhythm(54, 0.15, seed=seed)
    found = find_beats(recording(
        BICEPS_L=trace(unit, size, seed=seed, shape=potential), TIBIALIS_R=trace([], 0.0, seed=1)
    ))  # fmt: skip
    assert len(found) == 0


def test_slow_units_with_trains_are_no_heart():
    rng = np.random.default_rng(9)
    pauses = rng.random(400) < 0.16
    steps = np.where(pauses, rng.uniform(0.75, 1.3, 400), rng.uniform(0.36, 0.46, 400))
    times = 0.5 + np.cumsum(steps)
    times = times[times < SECONDS - 0.4]
    assert not len(find_beats(recording(BICEPS_L=trace(times, 40, seed=9))))
    assert len(find_beats(recording(BICEPS_L=trace(rhythm(140, 0.07, seed=9), 40, seed=9))))


def test_slow_waves_of_one_place_that_stop_half_way_are_no_heart():
    beats = rhythm(70, 0.04, seed=11)
    assert len(find_beats(recording(BICEPS_L=trace(beats[beats < 60], 40.0, seed=12)))) == 0


def test_units_that_fire_at_random_at_two_places_are_no_heart():
    rng = np.random.default_rng(13)
    one, two = (np.sort(rng.uniform(1, SECONDS - 1, 150)) for _ in range(2))
    found = find_beats(recording(
        BICEPS_L=trace(one, 60.0, seed=14, shape=potential),
        TIBIALIS_R=trace(two, 60.0, seed=15, shape=potential),
    ))  # fmt: skip
    assert len(found) == 0


def test_an_ecg_tells_beats_that_no_muscle_shows():
    beats = rhythm(65, 0.04, seed=16)
    found = find_beats(
        recording(BICEPS_L=trace([], 0.0, seed=17), ECG=trace(beats, 900.0, seed=18))
    )
    assert score(beats, found.time_s, tolerance_s=0.02).f1 > 0.98


def test_an_ecg_in_a_file_or_of_mne_tells_what_it_tells_in_memory(tmp_path):
    times = rhythm(70, 0.03, seed=23)
    here = Recording.from_array(
        np.stack([trace([], 0.0, seed=1), trace(times, 90.0, seed=2)]), RATE,
        names=["EMG BICEPS L", "ECG"], kinds=["EMG", "ECG"],
    )  # fmt: skip
    write_edf(tmp_path / "x.edf", here)
    read = read_recording(tmp_path / "x.edf")
    assert [channel.analysed for channel in read.channels] == [True, False]
    expected = find_beats(here, n_threads=1).time_s
    assert len(expected) >= 0.9 * len(times)
    raw = mne.io.RawArray(
        1e-6 * here.read([0, 1], 0), mne.create_info(["EMG BICEPS L", "ECG"], RATE, ["emg", "ecg"]),
        verbose="error",
    )  # fmt: skip
    for other in (read, Recording.from_mne(raw)):
        found = find_beats(other, n_threads=1).time_s
        assert score(expected, found, tolerance_s=0.01).f1 > 0.99
        np.testing.assert_allclose(ecg_beats(other), ecg_beats(here), atol=0.002)


def test_a_channel_typed_ecg_that_is_unusable_shows_no_heart():
    channel = Channel(name="ECG", sampling_hz=RATE, kind="ECG")
    assert shows_heart(channel)
    assert not shows_heart(replace(channel, skip="Marked bad."))
    assert not shows_heart(replace(channel, sampling_hz=50.0))
    assert not shows_heart(replace(channel, kind="EEG", skip=""))


def test_an_ecg_tells_fast_beats_with_tall_t_waves_beside_slow_ones():
    # Of a fibrillating heart: fast beats leave no time between T waves, slow ones do.
    rng = np.random.default_rng(12)
    steps = np.concatenate([rng.uniform(0.6, 0.8, 6) if k % 2 else rng.uniform(1.1, 1.4, 12)
                            for k in range(40)])  # fmt: skip
    times = 0.5 + np.cumsum(steps)
    beats = times[times < SECONDS - 0.7]
    found = find_beats(recording(
        ECG=trace(beats, 900.0, seed=13, shape=tall_t), BICEPS_L=trace([], 0.0, seed=14),
    ))  # fmt: skip
    assert score(beats, found.time_s, tolerance_s=0.02).f1 > 0.99


def test_extrasystoles_are_beats_of_another_kind():
    beats = rhythm(70, 0.03, seed=19)
    early = beats[4:-1:8] + 0.5 * np.diff(beats)[4::8][: len(beats[4:-1:8])]
    normal = np.setdiff1d(beats, beats[5::8])
    traces = {
        name: trace(normal, size, seed=seed) + trace(early, size, seed=seed + 1, shape=extrasystole)
        for name, size, seed in (("BICEPS_L", 25.0, 20), ("DELTOIDEUS_R", 50.0, 22))
    }
    found = find_beats(recording(**traces))
    assert score(normal, found.time_s[~found.ectopic], tolerance_s=0.02).f1 > 0.97
    assert score(early, found.time_s[found.ectopic], tolerance_s=0.06).f1 > 0.9


def test_an_ecg_with_many_extrasystoles_is_a_heart():
    beats = rhythm(70, 0.03, seed=24)
    odd = np.zeros(len(beats), dtype=bool)
    odd[3::6] = True
    found = find_beats(recording(
        ECG=trace(beats[~odd], 900.0, seed=25)
            + trace(beats[odd], 900.0, seed=26, shape=lambda t: -extrasystole(0.7 * t)),
        BICEPS_L=trace([], 0.0, seed=27),
    ))  # fmt: skip
    assert score(beats, found.time_s, tolerance_s=0.06).f1 > 0.98


def test_contractions_that_hide_beats_are_no_silence_of_the_heart():
    beats = rhythm(70, 0.04, seed=28)
    loud = trace(beats, 40.0, seed=29)
    strong = np.random.default_rng(30).standard_normal(len(T)) * 60.0
    for start, stop in ((32, 44), (52, 58), (95, 103)):
        inside = (start <= T) & (stop > T)
        loud[inside] += strong[inside]
    found = find_beats(recording(DELTOIDEUS_L=loud))
    hidden = np.array([[32, 44], [52, 58], [95, 103]])
    seen = beats[~np.any([(beats > a - 2) & (beats < b + 2) for a, b in hidden], axis=0)]
    assert score(seen, found.time_s, tolerance_s=0.02).recall > 0.97
    # As long a silence in a quiet trace is that of a unit.
    assert len(find_beats(recording(DELTOIDEUS_L=trace(seen, 40.0, seed=29)))) == 0


@pytest.mark.parametrize("louder", [5.0, 10.0])
def test_beats_are_as_large_in_louder_noise(louder):
    """As noise rose, typical beats were those of the quiet time, and fewer with every round."""
    beats = rhythm(65, 0.04, seed=35)
    noise = (0.4 + 0.4 * (louder - 1) * (T > 0.6 * SECONDS)) * trace([], 0.0, seed=36)
    found = find_beats(recording(
        TRAPEZIUS_R=trace(beats, 60.0, seed=36) - trace([], 0.0, seed=36) + noise,
        BICEPS_R=trace([], 0.0, seed=37),
    ))  # fmt: skip
    assert score(beats, found.time_s, tolerance_s=0.02).f1 > 0.98


def slow_potential(t, width_s=0.0055):
    return -t / width_s * np.exp(0.5 - 0.5 * (t / width_s) ** 2)


def as_slow_as_a_qrs(t):
    return slow_potential(t, 0.01)


def test_what_sites_as_near_to_the_heart_see_nothing_of_is_none():
    unit = rhythm(66, 0.04, seed=38)
    for site, other, is_heart in (
        ("BICEPS_L", "TRICEPS_L", False), ("BICEPS_L", "TRAPEZIUS_L", False),
        ("TIBIALIS_L", "BICEPS_R", False), ("BICEPS_L", "TIBIALIS_R", True),
        ("BICEPS_L", "", True),
    ):  # fmt: skip
        beside = {other: trace([], 0.0, seed=39)} if other else {}
        own = trace(unit, 40.0, seed=40, shape=slow_potential)
        assert (len(find_beats(recording(**{site: own}, **beside))) > 0) == is_heart
        qrs_like = trace(unit, 40.0, seed=40, shape=as_slow_as_a_qrs)
        assert len(find_beats(recording(**{site: qrs_like}, **beside))) > 0
        if other:
            beside[other] *= 30.0
        fitful = trace(rhythm(100, 0.25, seed=41), 40.0, seed=40, shape=as_slow_as_a_qrs)
        assert (len(find_beats(recording(**{site: fitful}, **beside))) > 0) == is_heart


@pytest.mark.parametrize("off", [0.0, np.nan])
@pytest.mark.parametrize("share", [0.05, 0.25, 0.45, 0.8])
def test_an_electrode_that_is_off_for_a_while_hides_no_heart(off, share):
    beats = rhythm(70, 0.04, seed=41)
    traces = {site: trace(beats, size, seed=seed) for site, size, seed in (
        ("TRAPEZIUS_R", 60.0, 42), ("DELTOIDEUS_L", 40.0, 43), ("BICEPS_L", 25.0, 44),
    )}  # fmt: skip
    traces["TRAPEZIUS_R"][: round(share * len(T))] = off
    assert score(beats, find_beats(recording(**traces)).time_s, tolerance_s=0.02).f1 > 0.97


@pytest.mark.parametrize("last_s", [0.0, 3.0])
def test_a_neighbour_that_is_off_says_nothing_against_a_heart(last_s):
    beats = rhythm(70, 0.04, seed=45)
    off = trace([], 0.0, seed=46) * (last_s > SECONDS - T)
    found = find_beats(recording(TRAPEZIUS_R=trace(beats, 40.0, seed=47), TRAPEZIUS_L=off))
    assert score(beats, found.time_s, tolerance_s=0.02).f1 > 0.97


@pytest.mark.parametrize("size", [150.0, 300.0])
def test_large_potentials_are_no_extrasystoles(size):
    beats = rhythm(50, 0.04, seed=31)
    others = np.random.default_rng(32).uniform(1, SECONDS - 1, 40)
    found = find_beats(recording(
        DELTOIDEUS_L=trace(beats, 40.0, seed=33) + trace(others, size, seed=34, shape=potential)
    ))  # fmt: skip
    agreement = score(beats, found.time_s, tolerance_s=0.02)
    assert agreement.precision > 0.98 and agreement.recall > 0.98


@pytest.mark.parametrize("flat", [np.zeros(len(T)), np.full(len(T), np.nan)])
def test_nothing_has_no_beats(flat):
    assert len(find_beats(recording(BICEPS_L=flat, TIBIALIS_R=flat))) == 0
    assert len(find_beats(recording(BICEPS_L=trace([], 0.0, seed=24), TIBIALIS_R=flat))) == 0


def test_a_short_recording_has_no_beats():
    assert len(find_beats(Recording.from_array(np.ones((1, 500)), RATE))) == 0


def test_a_grid_is_seen_by_a_few_of_its_channels():
    grid = Recording.from_array(np.zeros((64, 2000)), RATE, sites="VASTUS LATERALIS R")
    assert len(leads_of(grid)) == 3
    assert {lead.place for lead in leads_of(grid)} == {"right leg"}


@pytest.mark.parametrize("seconds", [3.0, 120.0, 240.0, 359.0, 361.0, 3600.5])
def test_pieces_cover_a_segment_once(seconds):
    edges = pieces(seconds)
    assert edges[0][0] == 0
    assert edges[-1][1] == seconds
    assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert max(b - a for a, b in edges) <= 360.0
