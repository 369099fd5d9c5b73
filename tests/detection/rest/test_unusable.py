"""Time that cannot be used costs itself, and nothing of the rest of the recording."""

import numpy as np
import pytest

import emgdetect as emg

RATE = 1000.0
LOST = slice(20_000, 32_000)


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).normal(0, 3, (1, 90_000)).astype(np.float32)


@pytest.mark.parametrize(("value", "reason"), [(np.nan, "missing"), (0.0, "flat"), (500.0, "flat")])
def test_twelve_lost_seconds_are_all_that_is_excluded(noise, value, reason):
    lost = noise.copy()
    lost[0, LOST] = value
    found = emg.detect(emg.Recording.from_array(lost, RATE), emg.Config(mains_hz="none"))
    assert found.excluded.reason.tolist() == [reason]
    assert found.summary.analysed_s[0] == pytest.approx(78.0, abs=0.2)


def test_potentials_beside_lost_time_are_found_as_without_it():
    made = emg.simulate(duration_s=90, seed=4)
    site = made.recording.sites[0]
    rows = [i for i, c in enumerate(made.recording.channels) if c.site == site.name]
    rate = site.sampling_hz
    values = np.concatenate([made.recording.read(rows, 0, 0)], axis=1)
    whole = emg.detect(emg.Recording.from_array(values, rate)).events
    values = values.copy()
    values[:, round(20 * rate) : round(30 * rate)] = 0.0
    lost = emg.detect(emg.Recording.from_array(values, rate)).events
    counted = [
        np.sum((e.verdict == "fasciculation") & ((e.peak_s < 19.5) | (e.peak_s > 30.5)))
        for e in (whole, lost)
    ]
    assert counted[0] > 10
    assert counted[1] == pytest.approx(counted[0], rel=0.1)


def test_where_nothing_can_be_used_nothing_is_analysed():
    flat = emg.detect(emg.Recording.from_array(np.zeros((1, 30_000), np.float32), RATE))
    assert not len(flat.events)
    assert np.nan_to_num(flat.summary.analysed_s[0]) == 0.0
