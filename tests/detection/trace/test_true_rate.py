"""Samples that were held: a site is analysed as far as its true rate goes, whatever its source."""

import mne
import numpy as np
import pytest

import emgdetect as emg
from emgdetect.detection.trace.survey import survey
from emgdetect.writers import write_edf

SECONDS = 60


def held(rate, times, *, seed=0, seconds=SECONDS):
    """Noise of 5 µV of which each sample stands some times."""
    own = np.random.default_rng(seed).normal(0, 5, round(rate * seconds / times))
    return np.repeat(own, times)[None]


def array(data, rate, **options):
    """A recording whose held channel is told when it is made."""
    with pytest.warns(UserWarning, match="its true rate is"):
        return emg.Recording.from_array(data, rate, **options)


def fronts(recording):
    return {site.name: survey(recording, site, emg.Config()) for site in recording.sites}


def codes(findings):
    return [found.code for found in findings]


@pytest.mark.parametrize(("rate", "times"), [(1000, 2), (800, 2), (2000, 4)])
def test_noise_of_held_samples_holds_no_potentials(rate, times):
    data = held(rate, times)
    found = emg.detect(array(data, rate, names=["BICEPS L"]))
    assert len(found.events) <= 1
    assert codes(found.findings)[:2] == ["signal-held", "band-narrowed"]
    assert f"true rate is {rate / times:g} Hz" in found.findings[0].message
    assert f"{0.46 * rate / times:.0f} Hz" in found.findings[1].message


def test_the_band_is_the_same_whatever_the_recording_came_from(tmp_path):
    data = held(1000, 2, seconds=20)
    made = array(data, 1000.0, names=["EMG BICEPS L"])
    write_edf(tmp_path / "held.edf", made)
    info = mne.create_info(["EMG BICEPS L"], 1000.0, "emg")
    raw = mne.io.RawArray(data * 1e-6, info, verbose="error")
    edf = emg.read_recording(tmp_path / "held.edf")
    assert "signal-held" in codes(edf.findings)
    for recording in (made, edf, emg.Recording.from_mne(raw)):
        ((front, findings),) = fronts(recording).values()
        assert front.high_hz == pytest.approx(230.0)
        # What the reader of a file has said is not said twice.
        told = codes((*recording.findings, *findings))
        assert sorted(set(told)) == sorted(told)
        assert {"signal-held", "band-narrowed"} <= set(told)


def test_other_sites_are_analysed_as_before_and_a_site_by_its_slowest_channel():
    data = np.concatenate([held(1000, 1), held(1000, 2, seed=1), held(1000, 1, seed=2)])
    names = ["A", "B", "C"]
    recording = array(data, 1000.0, names=names)
    assert [(found.code, found.channel) for found in recording.findings] == [("signal-held", "B")]
    apart = fronts(recording)
    assert [apart[name][0].high_hz for name in names] == pytest.approx([460.0, 230.0, 460.0])
    assert [codes(apart[name][1]) for name in names] == [[], ["band-narrowed"], []]
    one = array(data, 1000.0, names=names, sites="BICEPS L")
    front, findings = fronts(one)["BICEPS L"]
    assert front.high_hz == pytest.approx(230.0)
    assert len(front.channels) == 3
    assert codes(findings) == ["band-narrowed"]


def test_a_channel_that_is_too_slow_in_truth_is_left_out():
    data = np.concatenate([held(1000, 1), held(1000, 5, seed=1)])
    names = ["A", "B"]
    front, findings = fronts(array(data, 1000.0, names=names, sites="M"))["M"]
    assert (front.channels, front.high_hz) == ((0,), pytest.approx(460.0))
    # What the reader of an array keeps, the survey leaves out.
    assert codes(findings) == ["signal-held"]
    assert findings[0].message.endswith("200 Hz. It is left out.")
    alone = array(data[1:], 1000.0, names=["B"])
    assert fronts(alone)["B"][0] is None
    assert len(emg.detect(alone).events) == 0


def test_where_the_band_ends_below_anyway_nothing_changes():
    recording = array(held(4000, 2), 4000.0, names=["A"])
    front, findings = fronts(recording)["A"]
    assert front.high_hz == emg.Config().detect_high_hz
    assert codes(recording.findings) == ["signal-held"]
    assert codes(findings) == []
