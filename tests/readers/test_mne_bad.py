"""What MNE marks as bad is not analysed: channels by `info["bads"]`, spans by annotations."""

from __future__ import annotations

from pathlib import Path

import mne
import numpy as np
import pytest
from test_other_formats import codes, marked, raw_of, saved, signal

import emgdetect as emg
from emgdetect.checking import check_file, render_text
from emgdetect.findings import EdfError
from emgdetect.readers import read_recording
from emgdetect.recording import Recording
from emgdetect.writers.sites import write_site_table

NAMES = ["EMG BIC", "EMG TRI"]


def both(raw: mne.io.BaseRaw, folder: Path) -> list[Recording]:
    """The recording wrapped and read from a file."""
    return [emg.Recording.from_mne(raw), read_recording(saved(raw, folder))]


def test_bad_channels_are_skipped_and_check_says_why(tmp_path: Path) -> None:
    raw = raw_of(signal(2), NAMES, "emg")
    raw.info["bads"] = ["EMG TRI"]
    for recording in both(raw, tmp_path):
        assert [site.name for site in recording.sites] == ["BIC"]
        assert recording.channels[1].skip == "Marked bad in the recording itself."
    checked = check_file(tmp_path / "x_raw.fif")
    assert "not analysed: Marked bad in the recording itself." in render_text(checked)
    write_site_table([checked], tmp_path / "sites.tsv")
    assert (tmp_path / "sites.tsv").read_text().splitlines()[2].endswith("bad")
    raw.info["bads"] = NAMES
    with pytest.raises(EdfError, match="Marked bad") as caught:
        emg.Recording.from_mne(raw)
    assert "raw.info['bads']" in caught.value.hint


@pytest.mark.parametrize("text", ["BAD_movement", "bad", "Bad segment"])
def test_bad_spans_are_missing_and_said(tmp_path: Path, text: str) -> None:
    data = signal(2)
    raw = marked(raw_of(data, NAMES, "emg"), (1, 0.5, text), (2, 0, text), (3, 0.5, "good"))
    for recording in both(raw, tmp_path):
        block = recording.read([1, 0], 0)
        assert np.flatnonzero(np.isnan(block).all(axis=0)).tolist() == list(range(1000, 1500))
        assert np.isnan(block).sum() == 1000
        np.testing.assert_array_equal(recording.read([0], 0, 1200, 1600), block[1:, 1200:1600])
        assert "marked-bad" in codes(recording)
        assert recording.recorded_s == 4
    assert "1 span is annotated as bad, 0.5 s in all." in render_text(check_file(recording.path))


def test_a_bad_span_of_one_channel_leaves_the_others() -> None:
    raw = raw_of(signal(2), NAMES, "emg")
    names = [("EMG TRI",)]
    raw.set_annotations(mne.Annotations([1], [0.5], ["BAD_electrode"], ch_names=names))
    block = emg.Recording.from_mne(raw).read([0, 1], 0)
    assert np.isnan(block).sum(axis=1).tolist() == [0, 500]
    assert np.isnan(block[1, 1000:1500]).all()


def test_bad_time_is_neither_analysed_nor_counted() -> None:
    simulated = emg.simulate(duration_s=40, seed=3)
    whole = simulated.recording
    data = whole.read(range(len(whole.channels)), 0) * 1e-6
    info = mne.create_info([c.name for c in whole.channels], whole.channels[0].sampling_hz, "emg")
    raw = mne.io.RawArray(data, info, verbose="error")
    found = emg.detect(emg.Recording.from_mne(marked(raw, (10, 5, "BAD_move"))))
    row = found.summary.iloc[0]
    assert row["recorded_s"] == pytest.approx(40) and row["analysed_s"] <= 35
    assert not found.events["peak_s"].between(10, 15).any()
    assert set(found.excluded["reason"]) >= {"missing"}


def test_where_all_time_is_bad_the_marks_are_named_not_the_electrodes(tmp_path: Path) -> None:
    raw = marked(raw_of(signal(2), NAMES, "emg"), (0, 4, "BAD_all"))
    for read in (lambda: emg.Recording.from_mne(raw), lambda: read_recording(saved(raw, tmp_path))):
        with pytest.raises(EdfError, match="has no sample to use") as caught:
            read()
        assert "never changes" not in str(caught.value)
        assert "annotations that begin with `bad`" in caught.value.hint


@pytest.mark.parametrize("unit", ["kg", 3])
def test_a_unit_to_assume_is_a_voltage(unit: object) -> None:
    with pytest.raises(ValueError, match="assume_unit must be uV, mV or V, got"):
        emg.Recording.from_mne(raw_of(signal(2), NAMES, "misc"), assume_unit=unit)
