"""`emg.detect` as a whole: what must not change its tables, and what it must reach."""

import numpy as np
import pandas as pd
import pytest
from made_analysis import RATE, SITES, counted, split, wrapped
from scipy.signal import resample_poly

import emgdetect as emg
from benchmarks.judging import judge
from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY
from emgdetect.recording import Recording


@pytest.fixture(scope="module")
def simulated():
    return emg.simulate(duration_s=24, seed=411, sites=SITES, rate_per_min=(40, 60),
                        snr_range=(10, 40))  # fmt: skip


@pytest.fixture(scope="module")
def data(simulated):
    """All EMG channels, in µV."""
    recording = simulated.recording
    return recording.read(range(len(recording.channels)), 0)


@pytest.fixture(scope="module")
def found(data):
    return emg.detect(wrapped(data))


def assert_same_events(one, two, *, within_s=1.5 / RATE, shift_s=0.0, share=1.0):
    """The same potentials at both, up to timing; `share` of them where noise may differ."""
    for site in SITES:
        a, b = counted(one, site) + shift_s, counted(two, site)
        agreement = emg.score(a, b, tolerance_s=within_s)
        assert agreement.f1 >= share, (site, len(a), len(b), agreement.f1)


def test_tables_have_their_columns_and_order(found):
    for table, columns in ((found.events, EVENTS), (found.summary, SUMMARY),
                           (found.excluded, EXCLUDED)):  # fmt: skip
        assert list(table.columns) == [c.name for c in columns]
    assert found.events.onset.is_monotonic_increasing
    assert list(found.summary.site) == list(SITES)
    assert len(found.events) > 20


def test_rows_make_sense(found):
    events = found.events
    assert (events.duration > 0).all()
    assert (events.onset <= events.peak_s + 1e-9).all()
    assert (events.peak_s <= events.onset + events.duration + 1e-9).all()
    assert (events.amplitude_uv > 0).all()
    np.testing.assert_allclose(events.snr, events.amplitude_uv / events.noise_uv, rtol=1e-6)
    for row in found.summary.itertuples():
        n = len(counted(found, row.site))
        assert row.n_fasciculations == n
        assert row.rate_per_min == pytest.approx(60 * n / row.analysed_s)
        assert row.rate_low <= row.rate_per_min <= row.rate_high
        assert row.analysed_s <= row.recorded_s


def test_thread_count_changes_no_byte(data, found):
    for n_threads in (1, 3):
        again = emg.detect(wrapped(data), n_threads=n_threads)
        for table in ("events", "summary", "excluded"):
            assert getattr(again, table).to_csv() == getattr(found, table).to_csv()


def test_gain_scales_amplitudes_and_nothing_else(data, found):
    louder = emg.detect(wrapped(4.0 * data))
    assert_same_events(found, louder, within_s=1e-6)
    for column in ("amplitude_uv", "amplitude_fit_uv", "noise_uv"):
        np.testing.assert_allclose(louder.events[column], 4 * found.events[column], rtol=1e-3)
    for column in ("verdict", "unit", "channel"):
        assert louder.events[column].equals(found.events[column])
    np.testing.assert_allclose(louder.events.score, found.events.score, rtol=1e-3)


def test_polarity_does_not_matter(data, found):
    turned = emg.detect(wrapped(-data))
    assert_same_events(found, turned, within_s=1e-6)
    np.testing.assert_allclose(turned.events.amplitude_uv, found.events.amplitude_uv, rtol=1e-3)


def test_order_of_sites_does_not_matter(data, found):
    turned = emg.detect(wrapped(data[::-1], sites=SITES[::-1]))
    assert list(turned.summary.site) == list(SITES[::-1])
    order = ["onset", "site", "peak_s"]
    pd.testing.assert_frame_equal(
        turned.events.sort_values(order, ignore_index=True),
        found.events.sort_values(order, ignore_index=True),
    )
    pd.testing.assert_frame_equal(
        turned.summary.sort_values("site", ignore_index=True),
        found.summary.sort_values("site", ignore_index=True),
    )


def test_a_shift_by_whole_samples_shifts_the_times():
    """New noise beside them changes which lobe of a few is the larger one, 1 in 40."""
    same, n_events = 0, 0
    for seed in (411, 412, 413):
        made = emg.simulate(duration_s=24, seed=seed, sites=SITES, rate_per_min=(40, 60),
                            snr_range=(10, 40)).recording  # fmt: skip
        data = made.read(range(len(made.channels)), 0)
        quiet = np.std(data, axis=1, keepdims=True).clip(max=5.0)
        quiet = quiet * np.random.default_rng(5).standard_normal((2, 2001))
        first = emg.detect(wrapped(data))
        for parts, shift_s in (([quiet, data], 2001 / RATE), ([data, quiet], 0.0)):
            other = emg.detect(wrapped(np.concatenate(parts, axis=1)))
            assert_same_events(first, other, within_s=0.015, shift_s=shift_s, share=0.93)
            for site in SITES:
                a, b = counted(first, site) + shift_s, counted(other, site)
                same += 2 * len(emg.score(a, b, tolerance_s=1.5 / RATE).pairs)
                n_events += len(a) + len(b)
    assert same / n_events >= 0.93


def test_resampling_within_tolerance(data, found):
    for up, down in ((1, 2), (3, 2)):
        other = resample_poly(data.astype(float), up, down, axis=1)
        again = emg.detect(wrapped(other, rate=RATE * up / down))
        assert_same_events(found, again, within_s=0.015, share=0.9)
        for site in SITES:
            errors = emg.score(counted(found, site), counted(again, site)).errors_s
            assert np.median(np.abs(errors)) <= 0.001


def test_nothing_is_found_across_a_gap_and_the_time_axis_is_right(data, found):
    n = data.shape[1]
    middle = n // 2 + 300
    split_up = emg.detect(split(data, [(0, middle, 0.0), (middle, n, middle / RATE + 100.0)]))
    gap = split_up.excluded[split_up.excluded.reason == "gap"]
    assert len(gap) == len(SITES)
    np.testing.assert_allclose(gap.onset, middle / RATE)
    np.testing.assert_allclose(gap.duration, 100.0)
    events = split_up.events
    inside = (events.peak_s >= middle / RATE) & (events.peak_s < middle / RATE + 100.0)
    assert not inside.any()
    assert (split_up.summary.recorded_s - n / RATE).abs().max() < 1e-6
    assert (split_up.summary.analysed_s <= n / RATE + 1e-6).all()
    for site in SITES:
        before = counted(found, site)
        moved = before + np.where(before < middle / RATE, 0.0, 100.0)
        clear = np.abs(before - middle / RATE) > 0.1
        agreement = emg.score(moved[clear], counted(split_up, site), tolerance_s=0.002)
        assert agreement.recall >= 0.9


def test_missing_samples_are_excluded_as_missing(data, found):
    damaged = data.copy()
    damaged[0, 8000:9000] = np.nan
    damaged[0, 20000:20400] = np.inf
    result = emg.detect(wrapped(damaged))
    missing = result.excluded[result.excluded.reason == "missing"]
    assert list(missing.site) == [SITES[0]] * 2
    assert (missing.onset - [4.0, 10.0]).abs().max() < 0.1
    assert (missing.duration - [0.5, 0.2]).abs().max() < 0.2
    lost = [(4.0, 4.5), (10.0, 10.2)]
    times = counted(result, SITES[0])
    assert not any(((times >= a) & (times < b)).any() for a, b in lost)
    before = counted(found, SITES[0])
    clear = np.all([(before < a - 0.15) | (before > b + 0.15) for a, b in lost], axis=0)
    assert emg.score(before[clear], times, tolerance_s=0.002).recall >= 0.9
    np.testing.assert_array_equal(counted(result, SITES[1]), counted(found, SITES[1]))
    first = result.summary.iloc[0]
    gone = missing.duration.sum()
    assert first.analysed_s == pytest.approx(first.recorded_s - gone, abs=0.5)


def test_channel_order_within_a_site_does_not_matter():
    grid = emg.simulate(duration_s=10, seed=412, scenario="grid64", rate_per_min=(50, 60))
    channels = grid.recording.channels
    data = grid.recording.read(range(len(channels)), 0)[::6]
    names = [c.name for c in channels][::6]
    rate = channels[0].sampling_hz

    def run(order):
        return emg.detect(
            Recording.from_array(data[order], rate, names=[names[i] for i in order], sites="VL R")
        )

    n = len(data)
    one, two = run(list(range(n))), run(list(np.random.default_rng(8).permutation(n)))
    assert len(one.events) > 3
    assert len(one.summary) == 1
    np.testing.assert_allclose(one.events.peak_s, two.events.peak_s, atol=1e-6)
    assert one.events.channel.equals(two.events.channel)
    # One potential per event: no two nearer than the shortest doublet.
    assert np.diff(np.sort(one.events.peak_s)).min() > 0.002


def pooled_f1(simulated, detections):
    matched = missed = extra = 0
    for site in simulated.recording.sites:
        verdict = judge(simulated, site.name, counted(detections, site.name))
        matched, missed = matched + len(verdict.matched), missed + len(verdict.missed)
        extra += len(verdict.extra_s)
    return 2 * matched / (2 * matched + missed + extra)


def test_exclusion_levels_are_ordered():
    contracted = emg.simulate(duration_s=30, seed=414, scenario="contractions", sites=SITES[:1])
    strict, default, lenient = (
        emg.detect(contracted.recording, emg.Config(exclusion=level)).summary.analysed_s[0]
        for level in ("strict", "default", "lenient")
    )
    assert strict <= default <= lenient < 30.0


@pytest.mark.parametrize(("rate", "least"), [(2000.0, 0.9), (512.0, 0.85)])
def test_simulated_rest_is_detected(rate, least):
    """Potentials of 7-40 x noise RMS, 10-60/min: floors below what stands in the benchmark."""
    simulated = emg.simulate(
        duration_s=90, seed=415, sampling_hz=rate, sites=SITES, rate_per_min=(10, 60),
        snr_range=(7, 40),
    )  # fmt: skip
    result = emg.detect(simulated.recording)
    assert pooled_f1(simulated, result) >= least
    errors = [judge(simulated, s, counted(result, s)).errors_s for s in SITES]
    assert np.median(np.abs(np.concatenate(errors))) < 0.001
    assert (result.summary.analysed_s > 0.95 * result.summary.recorded_s).all()
