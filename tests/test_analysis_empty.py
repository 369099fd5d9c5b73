"""`emg.detect` where there is nothing to find: noise, mains, flat lines, no samples at all."""

import numpy as np
import pytest
from made_analysis import RATE, SITES, split, wrapped

import emgdetect as emg
from emgdetect.columns import EVENTS, EXCLUDED
from emgdetect.findings import finding
from emgdetect.recording import Recording


def test_many_tiny_segments_of_noise_hold_nothing():
    rng = np.random.default_rng(6)
    noise = 5 * rng.standard_normal((2, 60 * 1000))
    pieces = [(1000 * i, 1000 * (i + 1), 1.7 * i) for i in range(60)]
    result = emg.detect(split(noise, pieces))
    assert len(result.events) <= 2
    assert len(result.excluded[result.excluded.reason == "gap"]) == 2 * 59


def test_mains_at_the_ends_is_no_event():
    rng = np.random.default_rng(7)
    t = np.arange(round(20 * RATE)) / RATE
    hum = 60 * np.sin(2 * np.pi * 50.2 * t) + 15 * np.sin(2 * np.pi * 150.6 * t)
    result = emg.detect(wrapped(hum + 5 * rng.standard_normal((2, len(t)))))
    assert len(result.events) <= 1
    assert (result.summary.mains_share > 0.5).all()


SMALL = {
    "no samples": np.zeros((2, 0)),
    "one sample": np.ones((2, 1)),
    "50 ms": np.random.default_rng(9).standard_normal((2, 100)),
    "zeros": np.zeros((2, 4000)),
    "constant": np.full((2, 4000), 7.0),
    "missing": np.full((2, 4000), np.nan),
    "infinite": np.full((2, 4000), np.inf),
}


@pytest.mark.parametrize("name", SMALL)
def test_nothing_found_is_an_empty_table_with_the_same_columns(name):
    result = emg.detect(wrapped(SMALL[name]))
    assert list(result.events.columns) == [c.name for c in EVENTS]
    assert list(result.excluded.columns) == [c.name for c in EXCLUDED]
    assert list(result.summary.site) == list(SITES)
    assert len(result.events) == 0
    assert result.summary.n_fasciculations.sum() == 0


@pytest.mark.parametrize(
    ("rate", "n_channels", "seconds"),
    [(400.0, 2, 10), (401.3, 1, 10), (1111.1, 1, 10), (25_000.0, 1, 10), (1000.0, 256, 10)],
)
def test_any_rate_and_number_of_channels_stays_silent_on_noise(rate, n_channels, seconds):
    noise = 5 * np.random.default_rng(10).standard_normal((n_channels, round(rate * seconds)))
    result = emg.detect(Recording.from_array(noise, rate, sites="GRID"))
    assert len(result.events) <= 1
    assert result.summary.analysed_s[0] == pytest.approx(seconds, rel=0.05)


def test_a_recording_without_emg_has_no_rows():
    result = emg.detect(Recording.from_array(np.zeros((1, 4000)), 1000.0, kinds=["ECG"]))
    assert len(result.events) == len(result.summary) == len(result.excluded) == 0


def test_quiet_muscles_have_a_rate_of_zero_with_an_upper_bound():
    quiet = emg.simulate(duration_s=60, seed=413, scenario="quiet", sites=SITES)
    result = emg.detect(quiet.recording)
    assert (result.events.verdict == "fasciculation").sum() <= 1
    summary = result.summary[result.summary.n_fasciculations == 0]
    assert len(summary)
    assert (summary.rate_per_min == 0).all()
    assert (summary.rate_low == 0).all()
    np.testing.assert_allclose(summary.rate_high, 60 * 3.689 / summary.analysed_s, rtol=1e-3)


def test_a_needle_is_told_in_the_words_of_the_list():
    noise = np.random.default_rng(12).standard_normal((1, 20_000))
    result = emg.detect(Recording.from_array(noise, 2000.0, kind="needle"))
    assert finding("needle-recording") in result.findings
