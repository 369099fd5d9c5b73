"""Time without an electrode: it is told from rest, and the rest of a recording is analysed."""

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detection.trace.standby import off_cells, switched_on

RATE = 1000.0


def recorded(seconds=120.0, seed=0):
    """Noise of 3 µV with a potential of 60 µV every three seconds or so."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(0, 3.0, round(seconds * RATE))
    wave = np.diff(np.exp(-0.5 * (np.arange(-10, 11) / 2.5) ** 2))
    at = np.arange(round(1.0 * RATE), len(signal) - 2000, 3000) + rng.integers(0, 800)
    for start in at:
        signal[start : start + len(wave)] += 60 / np.ptp(wave) * wave
    return signal, at


def found_of(*signals):
    return emg.detect(emg.Recording.from_array(np.stack(signals), RATE))


def test_what_lies_far_below_the_usual_noise_and_below_any_electrode_is_off():
    # A channel on standby for a while, one in other units, one that never differs as much.
    level = np.array([[3.0, 0.03, 0.4]] * 6 + [[0.2, 0.002, 0.2], [0.0, 0.03, 0.9]])
    on = [[True, True, True]] * 6 + [[False, True, True], [False, True, True]]
    assert switched_on(level).tolist() == on
    # Where it is so low for much of the time it is rest, and the rest of it contraction.
    assert switched_on(np.array([[3.0], [3.0], [0.2]])).all()
    assert off_cells(np.array([[1.0, 0.05, 0.3]]), np.array([3.0])).tolist() == [False, True, False]
    # Of three channels two have to be off.
    cells = np.array([[1.0, 0.05, 0.05], [1.0, 1.0, 0.05], [1.0, 1.0, 1.0]])
    assert off_cells(cells, np.full(3, 3.0)).tolist() == [False, False, True]


@pytest.mark.parametrize(("value", "reason"), [(0.0, "flat"), (np.nan, "missing"), (900.0, "flat")])
@pytest.mark.parametrize("share", [0.2, 0.6])
def test_a_channel_that_ends_early_is_analysed_up_to_its_end(value, reason, share):
    signal, at = recorded()
    last = round(len(signal) * (1 - share))
    signal[last:] = value
    found = found_of(signal)
    row = found.summary.iloc[0]
    assert row.analysed_s == pytest.approx(last / RATE, abs=0.5)
    assert row[f"excluded_{reason}_s"] == pytest.approx(120 - last / RATE, abs=0.5)
    owed = at[at < last - 100]
    near = np.abs(found.events.peak_s.to_numpy()[None] - owed[:, None] / RATE) < 0.015
    assert near.any(axis=1).mean() > 0.95


def test_an_amplifier_on_standby_is_no_rest():
    signal, at = recorded()
    signal[: round(20 * RATE)] *= 0.05
    found = found_of(signal)
    row = found.summary.iloc[0]
    assert row.excluded_flat_s == pytest.approx(20, abs=0.6)
    assert row.excluded_contraction_s == 0
    assert row.n_fasciculations == pytest.approx(np.sum(at > 20 * RATE), abs=2)


def test_a_recording_in_other_units_is_on_all_along():
    signal, at = recorded()
    row = found_of(signal * 0.1).summary.iloc[0]
    assert row.excluded_flat_s == 0
    assert row.n_fasciculations == pytest.approx(len(at), abs=2)


def test_a_channel_without_any_signal_has_its_whole_time_excluded():
    signal, _ = recorded()
    for value, reason in ((0.0, "flat"), (np.nan, "missing")):
        found = found_of(signal, np.full(len(signal), value))
        spans = found.excluded[found.excluded.site == found.summary.site.iloc[1]]
        assert spans[["onset", "duration", "reason"]].to_numpy().tolist() == [[0.0, 120.0, reason]]
        row = found.summary.iloc[1]
        assert (row.analysed_s, row[f"excluded_{reason}_s"]) == (0.0, 120.0)


def test_hardly_any_time_left_is_told():
    signal, _ = recorded()
    assert not [f for f in found_of(signal).findings if f.code == "mostly-active"]
    # Too quiet for what follows, but not too quiet for an electrode.
    signal[: round(12 * RATE)] *= 0.18
    (told,) = [f for f in found_of(signal).findings if f.code == "mostly-active"]
    assert "108 s were excluded" in told.message


def test_the_rest_between_contractions_is_no_standby():
    signal, _ = recorded()
    rng = np.random.default_rng(1)
    active = (np.arange(len(signal)) // round(15 * RATE)) % 2 == 0
    for gain in (1.0, 0.15):
        loud = gain * np.where(active, rng.normal(0, 60.0, len(signal)), signal)
        found = found_of(loud).summary.iloc[0]
        assert found.excluded_flat_s == 0
        assert found.analysed_s == pytest.approx(60, abs=6)


@pytest.mark.parametrize("n_channels", [2, 8])
@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_site_that_is_flat_for_half_its_time_is_counted_in_the_other(n_channels, share):
    rng = np.random.default_rng(n_channels)
    signal, at = recorded()
    grid = np.stack([signal - rng.normal(0, 2.0, len(signal)) for _ in range(n_channels)])
    first = round(len(signal) * share)
    grid[:, :first] = 0.0
    sites, names = ["BICEPS L"] * n_channels, [f"E{k}" for k in range(n_channels)]
    recording = emg.Recording.from_array(grid, RATE, names=names, sites=sites)
    row = emg.detect(recording).summary.iloc[0]
    assert row.analysed_s == pytest.approx(120 * (1 - share), abs=1.0)
    assert row.n_fasciculations == pytest.approx(np.sum(at > first), abs=2)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_one_of_two_channels_that_is_flat_does_not_take_the_others_time(share):
    signal, at = recorded()
    other, _ = recorded(seed=0)
    other[: round(len(other) * share)] = 0.0
    recording = emg.Recording.from_array(np.stack([signal, other]), RATE, sites=["BICEPS L"] * 2)
    found = emg.detect(recording)
    row = found.summary.iloc[0]
    assert (row.n_channels, row.excluded_flat_s) == (1, 0)
    assert row.n_fasciculations == pytest.approx(len(at), abs=2)
    (told,) = [f for f in found.findings if f.code == "channel-flat"]
    assert f"is flat {share:.0%} of the time" in told.message
