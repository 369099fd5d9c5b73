"""Injection: what is added, where and when; recovery with a plain detector whose limit is known."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Set
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_injection import LOW_HZ, RATE_HZ, facts, recording

from emgdetect.columns import EVENTS, empty, table
from emgdetect.config import Config
from emgdetect.detection.pipeline import find_potentials
from emgdetect.detections import Waveform
from emgdetect.injection import inject, injection_times, outcomes, plan_injections, recover
from emgdetect.injection.parts import SHARE
from emgdetect.injection.plan import CLEAR_S, LADDER, TIMES, UNITS, amplitude_steps
from emgdetect.injection.recovering import TEMPLATES
from emgdetect.injection.shapes import HALF_S
from emgdetect.recording import Recording, Segment
from emgdetect.signal.filters import mild_response
from emgdetect.simulation import simulate
from emgdetect.stats.recovered import fill_recovery, recovery_table
from emgdetect.stats.summary import summarise


def threshold_detector(limit_uv: float, recording: Recording) -> pd.DataFrame:
    """Every excursion beyond a limit is a fasciculation; 30 ms dead time."""
    rows: list[dict[str, object]] = []
    last = -1.0
    for index, segment in enumerate(recording.segments):
        trace = np.abs(recording.read([0], index)[0])
        for at in np.flatnonzero(trace > limit_uv):
            piece = trace[max(at - 15, 0) : at + 15]
            peak_s = segment.start_s + (max(at - 15, 0) + int(np.argmax(piece))) / RATE_HZ
            if peak_s - last > 0.03:
                rows.append({"onset": peak_s, "duration": 0.01, "site": "A", "channel": "EMG1",
                             "peak_s": peak_s, "verdict": "fasciculation", "noise_uv": 2.0,
                             "amplitude_uv": 2 * float(piece.max())})  # fmt: skip
                last = peak_s
    return table(rows, EVENTS)


def wave(unit: int, n_potentials: int = 40) -> Waveform:
    times = np.arange(-0.03, 0.03, 1 / RATE_HZ)
    row = 60 * np.exp(-0.5 * (times / 0.003) ** 2) * np.sin(times * 500)
    return Waveform("A", unit, n_potentials, times, row[None, :])


@pytest.mark.parametrize("seed", range(5))
def test_times_are_analysed_sparse_and_apart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spans = np.sort(rng.uniform(0, 3000, 20)).reshape(-1, 2)
    times = injection_times(spans, rng)
    assert np.all(np.diff(times) >= CLEAR_S)
    index = np.searchsorted(spans[:, 0], times) - 1
    assert np.all((times > spans[index, 0] + HALF_S) & (times < spans[index, 1] - HALF_S))
    per_min = len(times) / np.sum(np.diff(spans)) * 60
    assert 8 < per_min <= 10
    assert len(injection_times(np.zeros((0, 2)), rng)) == 0


def test_what_is_added_is_what_was_planned_and_block_length_does_not_matter() -> None:
    original = recording(3)
    planned = plan_injections(original, [facts()], seed=[3], low_hz=LOW_HZ)
    assert len(planned) >= 45
    changed = inject(original, planned)
    difference = changed.read([0, 1, 2], 0) - original.read([0, 1, 2], 0)
    for one in planned:
        around = difference[:, one.start : one.start + one.waveform_uv.shape[1]]
        wide = difference[:, max(0, one.start - 200) : one.start + one.waveform_uv.shape[1] + 200]
        band = mild_response(1024, RATE_HZ, LOW_HZ)
        measured = np.fft.irfft(np.fft.rfft(wide, 1024) * band, 1024)
        assert np.ptp(measured, axis=1).max() == pytest.approx(one.amplitude_uv, rel=2e-3)
        assert 1.0 <= np.ptp(around, axis=1).max() / one.amplitude_uv < 1.12
        strongest = int(np.argmax(np.ptp(around, axis=1)))
        peak_s = (one.start + int(np.argmax(np.abs(around[strongest])))) / RATE_HZ
        assert peak_s == pytest.approx(one.time_s, abs=5 / RATE_HZ)
        assert abs(around[:, [0, -1]]).max() < 0.02 * one.amplitude_uv
    blocks = [changed.read([2, 0], 0, a, a + 997) for a in range(0, 299_000, 997)]
    joined = np.concatenate(blocks, axis=1)
    np.testing.assert_array_equal(joined, changed.read([2, 0], 0, 0, joined.shape[1]))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(changed)).read([1], 0),
                                  changed.read([1], 0))  # fmt: skip


def test_the_recording_is_left_alone_and_missing_samples_stay_missing() -> None:
    original = recording()
    before = original.read([0], 0).copy()
    planned = plan_injections(original, [facts()], low_hz=LOW_HZ)
    inject(original, planned).read([0], 0)
    np.testing.assert_array_equal(original.read([0], 0), before)
    holes = np.full((1, 300_000), np.nan, dtype=np.float32)
    empty_one = Recording.from_array(holes, RATE_HZ, sites="A")
    assert np.isnan(inject(empty_one, planned).read([0], 0)).all()


def test_segments_are_kept_apart() -> None:
    base = recording(1, 60.0)
    second = replace(base, segments=(Segment(0.0, 30.0), Segment(100.0, 30.0)))
    planned = plan_injections(second, [facts([(0, 30), (100, 130)])], seed=[1], low_hz=LOW_HZ)
    assert {one.segment for one in planned} == {0, 1}
    for one in planned:
        assert 0 <= one.start <= 30_000 - one.waveform_uv.shape[1]
        assert one.time_s == pytest.approx(
            second.segments[one.segment].start_s + one.start / RATE_HZ + HALF_S, abs=2e-3
        )


def test_the_plan_depends_on_seed_and_site_only() -> None:
    one = recording()
    first, again = (plan_injections(one, [facts()], seed=[5], low_hz=LOW_HZ) for _ in range(2))
    assert [p.time_s for p in first] == [p.time_s for p in again]
    both = plan_injections(one, [facts(site="gone"), facts()], seed=[5], low_hz=LOW_HZ)
    assert [p.time_s for p in both] == [p.time_s for p in first]
    other = plan_injections(one, [facts()], seed=[6], low_hz=LOW_HZ)
    assert [p.time_s for p in other] != [p.time_s for p in first]


def test_half_are_waveforms_of_a_few_clean_units() -> None:
    units = [wave(1), *(wave(unit) for unit in range(3, 9))]
    planned = plan_injections(
        recording(), [facts()], waveforms=[*units, wave(2, n_potentials=2)], low_hz=LOW_HZ
    )
    numbers = {one.unit for one in planned} - {0}
    assert len(numbers) == UNITS and numbers < {1, 3, 4, 5, 6, 7, 8}
    assert {one.shape for one in planned} == {"standard", *(f"unit {unit}" for unit in numbers)}
    share = np.mean([one.unit > 0 for one in planned])
    assert 0.4 < share < 0.6
    injected = next(one for one in planned if one.unit).waveform_uv[0]
    own = np.interp(np.arange(-25, 26) / RATE_HZ, wave(1).times_s, wave(1).average_uv[0])
    aligned = max(np.correlate(injected, own, "full"))
    assert aligned > 0.98 * np.sqrt(np.sum(injected**2) * np.sum(own**2))


def test_one_look_is_told_which_units_it_must_not_know_and_the_other_knows_all() -> None:
    told = []

    def find(read: Recording, left_out: Mapping[str, Set[int]]) -> pd.DataFrame:
        told.append((dict(left_out), read.segments))
        return empty(EVENTS)

    waveforms = [wave(unit) for unit in (1, 4)]
    injected = recover(recording(), empty(EVENTS), [facts()], waveforms=waveforms, find=find,
                       low_hz=LOW_HZ)  # fmt: skip
    assert [units for units, _ in told] == [{"A": {1, 4}}, {}]
    assert injected["time_s"].is_monotonic_increasing
    standard = injected["shape"] == "standard"
    assert set(injected.loc[~standard, "shape"]) == {"unit 1", "unit 4"}
    assert set(injected.loc[standard, "template"]) == {"none"}
    for template, (_, segments) in zip(TEMPLATES, told, strict=True):
        times = injected.loc[injected["template"] == template, "time_s"]
        assert len(times) >= 4
        assert all(any(s.start_s < t < s.stop_s for s in segments) for t in times)


def test_a_second_look_knows_what_the_first_learnt_but_for_the_units_left_out() -> None:
    config = Config()
    signal = simulate(duration_s=90, seed=4, sites=["BICEPS L", "VASTUS R"]).recording
    first = find_potentials(signal, config, n_threads=1)
    again = find_potentials(signal, config, n_threads=1, learnt=first.learnt)
    pd.testing.assert_frame_equal(again.events, first.events)
    pd.testing.assert_frame_equal(again.excluded, first.excluded)
    left_out = first.learnt.without({"BICEPS L": {1}})
    n_of = {site: len(known.units.templates) for site, known in left_out.sites.items()}
    before = {site: len(known.units.templates) for site, known in first.learnt.sites.items()}
    assert n_of == {"BICEPS L": before["BICEPS L"] - 1, "VASTUS R": before["VASTUS R"]}
    assert 1 in first.learnt.units["BICEPS L"] and 1 not in left_out.units["BICEPS L"]
    less = find_potentials(signal, config, n_threads=1, learnt=left_out).events
    assert less.loc[less["site"] == "BICEPS L", "threshold"].unique() == pytest.approx(
        first.events.loc[first.events["site"] == "BICEPS L", "threshold"].unique()
    )
    units = [events.loc[events["site"] == "BICEPS L", "unit"].dropna().nunique()
             for events in (first.events, less)]  # fmt: skip
    assert units[1] == units[0] - 1


@pytest.mark.parametrize("n", [0, 1, 6, 10, 20, 400])
def test_amplitudes_are_spread_over_the_ladder_however_few(n: int) -> None:
    steps = amplitude_steps(n, np.random.default_rng(n))
    assert len(steps) == n and set(steps) <= set(LADDER)
    if n >= 6:
        assert np.sum(steps <= LADDER[3]) >= n // 5
        assert np.sum(steps >= LADDER[8]) >= n // 6
    if n == 400:
        assert [np.sum(steps == step) for step in LADDER] == (20 * TIMES).tolist()
        assert np.any(np.diff(steps) < 0)


def test_recovery_finds_the_limit_of_a_detector() -> None:
    signal = recording(1, 1500.0, noise_uv=0.4)
    site = replace(facts([(0.0, 1500.0)]), noise_uv=2.0)
    before = threshold_detector(8.0, signal)
    injected = recover(signal, before, [site], low_hz=LOW_HZ,
                       find=lambda r, _: threshold_detector(8.0, r))  # fmt: skip
    assert 0.9 * SHARE * 250 < len(injected) <= SHARE * 250
    assert not injected.loc[injected["amplitude_uv"] < 7.9, "recovered"].any()
    assert injected.loc[injected["amplitude_uv"] > 20, "recovered"].mean() > 0.97
    summary = fill_recovery(summarise(before, [site]), injected, before, [site]).iloc[0]
    assert 8 <= summary["detectable_low_uv"] <= summary["detectable_uv"] <= 20
    assert summary["n_injected"] == len(injected)
    assert "found above" in summary["recovery_text"]
    assert (injected["template"] == "none").all()
    frame = recovery_table(injected)
    assert frame["n_injected"].sum() == len(injected)
    assert frame["n_injected_known"].sum() == 0
    assert np.all(np.diff(frame["fitted"]) > 0)


def test_what_was_there_anyway_does_not_count_as_recovered() -> None:
    planned = plan_injections(recording(), [facts()], seed=[2], low_hz=LOW_HZ)
    there = table(
        [{"site": "A", "verdict": "fasciculation", "peak_s": one.time_s} for one in planned], EVENTS
    )
    assert not outcomes(planned, there, there)["recovered"].any()
    twice = pd.concat([there, there.assign(peak_s=there["peak_s"] + 0.005)])
    assert outcomes(planned, there, twice)["recovered"].all()
    assert outcomes(planned, empty(EVENTS), there)["recovered"].all()
    rejected = there.assign(verdict="pop")
    assert not outcomes(planned, empty(EVENTS), rejected)["recovered"].any()


def test_nothing_analysed_gives_a_reason_and_no_numbers() -> None:
    def never(_: Recording, __: Mapping[str, Set[int]]) -> pd.DataFrame:
        raise AssertionError("nothing was injected, so nothing is detected again")

    none = [facts([])]
    injected = recover(recording(), empty(EVENTS), none, find=never, low_hz=LOW_HZ)
    assert len(injected) == 0 and len(recovery_table(injected)) == 0
    row = fill_recovery(summarise(empty(EVENTS), none), injected, empty(EVENTS), none).iloc[0]
    assert pd.isna(row["detectable_uv"]) and row["n_injected"] == 0
    assert "fewer than" in row["recovery_text"]
