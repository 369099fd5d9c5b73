"""Formats read through MNE: the same guarantees as far as the format allows."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emgdetect as emg
from emgdetect.findings import EdfError
from emgdetect.readers import inspect_recording, read_recording
from emgdetect.recording import Recording

RATE = 1000


def signal(n_channels: int, *, seconds: float = 4.0, seed: int = 0) -> np.ndarray:
    """Noise of 6 µV RMS, in V."""
    shape = (n_channels, round(seconds * RATE))
    return np.random.default_rng(seed).normal(0, 6e-6, shape)


def raw_of(data: np.ndarray, names: list[str], types: list[str] | str) -> Any:
    import mne

    info = mne.create_info(names, RATE, types)
    return mne.io.RawArray(data, info, verbose="error")


def saved(raw: Any, folder: Path) -> Path:
    path = folder / "x_raw.fif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw.save(path, fmt="double", overwrite=True, verbose="error")
    return path


def marked(raw: Any, *marks: tuple[float, float, str]) -> Any:
    import mne

    onsets, durations, texts = zip(*marks, strict=True)
    return raw.set_annotations(mne.Annotations(onsets, durations, texts))


def codes(recording: Recording) -> set[str]:
    return {found.code for found in recording.findings}


def test_volts_become_microvolts(tmp_path: Path) -> None:
    data = signal(2)
    recording = read_recording(saved(raw_of(data, ["EMG BIC", "EMG TRI"], "emg"), tmp_path))
    np.testing.assert_allclose(recording.read([0, 1], 0), data * 1e6, rtol=1e-6)
    assert [site.name for site in recording.sites] == ["BIC", "TRI"]
    assert recording.details["format"] == "fif"


def test_a_piece_equals_the_piece_of_the_whole(tmp_path: Path) -> None:
    recording = read_recording(saved(raw_of(signal(3), ["EMG A", "EMG B", "C"], "emg"), tmp_path))
    whole = recording.read([0, 2], 0)
    np.testing.assert_array_equal(recording.read([2, 0], 0, 100, 333), whole[::-1, 100:333])


def test_emg_stored_as_eeg_is_found_by_its_label() -> None:
    recording = emg.Recording.from_mne(raw_of(signal(2), ["EMG BIC", "C3"], "eeg"))
    assert [c.kind for c in recording.channels] == ["EMG", "EEG"]
    assert "kind-overridden" in codes(recording)


def test_a_site_table_overrides_the_type(tmp_path: Path) -> None:
    table = tmp_path / "sites.tsv"
    table.write_text("name\ttype\ttarget_muscle\nCh1\tEMG\tVL\nCh2\tEMG\tVL\n")
    recording = emg.Recording.from_mne(raw_of(signal(2), ["Ch1", "Ch2"], "eeg"), sites=table)
    assert [site.name for site in recording.sites] == ["VL"]


def test_a_type_of_emg_needs_no_label() -> None:
    recording = emg.Recording.from_mne(raw_of(signal(2), ["Ch1", "Ch2"], "emg"))
    assert [site.name for site in recording.sites] == ["Ch1", "Ch2"]


def test_a_misc_channel_has_no_known_unit() -> None:
    raw = raw_of(signal(1), ["EMG BIC"], "misc")
    with pytest.raises(EdfError, match="has no unit"):
        emg.Recording.from_mne(raw)
    recording = emg.Recording.from_mne(raw, assume_unit="V")
    assert recording.read([0], 0).std() == pytest.approx(6, rel=0.1)


def test_missing_samples_stay_nan_and_are_said(tmp_path: Path) -> None:
    data = signal(1)
    data[0, 500:700] = np.nan
    recording = read_recording(saved(raw_of(data, ["EMG BIC"], "emg"), tmp_path))
    np.testing.assert_array_equal(np.isnan(recording.read([0], 0)[0]), np.isnan(data[0]))
    assert "missing-samples" in codes(recording)


def test_boundaries_start_new_segments(tmp_path: Path) -> None:
    marks = ((1.5, 0, "boundary"), (3, 0, "EDGE boundary"), (2, 0, "stimulus"))
    raw = marked(raw_of(signal(1), ["EMG BIC"], "emg"), *marks)
    recording = read_recording(saved(raw, tmp_path))
    assert [(s.start_s, s.stop_s) for s in recording.segments] == [(0, 1.5), (1.5, 3), (3, 4)]
    assert {note.text for note in recording.notes} == {"boundary", "EDGE boundary", "stimulus"}


def test_skipped_acquisition_is_a_gap(tmp_path: Path) -> None:
    data = signal(1)
    raw = marked(raw_of(data, ["EMG BIC"], "emg"), (1, 2, "BAD_ACQ_SKIP"))
    recording = read_recording(saved(raw, tmp_path))
    assert [(s.start_s, s.stop_s) for s in recording.segments] == [(0, 1), (3, 4)]
    assert recording.recorded_s == 2
    assert "gap" in codes(recording)
    np.testing.assert_allclose(recording.read([0], 1), data[:, 3000:] * 1e6, rtol=1e-6)


def test_a_wrong_unit_is_warned_about() -> None:
    recording = emg.Recording.from_mne(raw_of(signal(1) * 1e6, ["EMG BIC"], "emg"))
    assert "unit-implausible" in codes(recording)


def test_a_cropped_raw_starts_at_zero() -> None:
    raw = marked(raw_of(signal(1), ["EMG BIC"], "emg"), (2.5, 0, "x")).crop(2, None)
    recording = emg.Recording.from_mne(raw)
    assert recording.segments[0].start_s == 0
    assert [note.onset_s for note in recording.notes] == pytest.approx([0.5])


def test_a_raw_that_is_not_emg_is_refused() -> None:
    with pytest.raises(EdfError) as caught:
        emg.Recording.from_mne(raw_of(signal(1), ["C3"], "eeg"))
    assert caught.value.code == "no-emg"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.fif", b"nonsense", "format-unreadable"),
        ("x.vhdr", b"Brain Vision Data Exchange Header File Version 1.0\n", "format-unreadable"),
        ("x.xyz", b"nonsense", "format-unknown"),
        ("x", b"", "format-unknown"),
        ("x.gdf", b"GDF 2.20" + bytes(300), "format-unreadable"),
        ("x.set", b"\0" * 200, "format-unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused(
    name: str, content: bytes, code: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EdfError) as caught:
        inspect_recording(path)
    assert caught.value.code == code
    assert caught.value.path == path
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "suffix", ["mat", "txt", "csv", "c3d", "otb+", "xdf", "npz", "zip", "docx", "h5"]
)
def test_what_is_not_read_is_told_in_plain_words_with_the_way_out(
    suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"x.{suffix}"
    if suffix == "mat":
        from scipy.io import savemat

        savemat(path, {"emg": signal(2), "rate_hz": RATE})
    elif suffix == "npz":
        np.savez(path, emg=signal(2))
    else:
        np.savetxt(path, signal(2).T, delimiter=",")
    with pytest.raises(EdfError) as caught:
        inspect_recording(path)
    said = str(caught.value)
    assert caught.value.code == "format-unknown"
    assert f".{suffix} " in caught.value.message
    for way_out in ("EDF+ or BDF", "BrainVision", "emgdetect.Recording.from_array"):
        assert way_out in said
    assert not any(word in said for word in ("Error", "Unsupported", "()", "unexpected", "mne.io"))


def test_what_a_reader_says_is_told_without_folder_and_name(tmp_path: Path) -> None:
    path = tmp_path / "Jane_Doe.vhdr"
    path.write_text("Brain Vision Data Exchange Header File Version 1.0\n")
    with pytest.raises(EdfError, match=r"this \.vhdr file: ") as caught:
        inspect_recording(path)
    assert "Jane" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.edf", "file-missing"), (tmp_path, "is-a-folder")):
        with pytest.raises(EdfError) as caught:
            inspect_recording(path)
        assert caught.value.code == code


def test_edf_content_under_any_name_is_read_as_edf(tmp_path: Path) -> None:
    from craft_edf import Sig, edf

    path = tmp_path / "recording.dat"
    path.write_bytes(edf(Sig()))
    assert read_recording(path).details["format"] == "EDF"


def test_brainvision_reads(tmp_path: Path) -> None:
    data = np.round(signal(2) * 1e7).astype("<i2")
    (tmp_path / "x.eeg").write_bytes(data.T.tobytes())
    (tmp_path / "x.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        "DataFile=x.eeg\n[Marker Infos]\nMk1=New Segment,,1,1,0,20210302040506000000\n"
        "Mk2=New Segment,,2001,1,0\n"
    )
    (tmp_path / "x.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        "DataFile=x.eeg\nMarkerFile=x.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        "NumberOfChannels=2\nSamplingInterval=1000\n[Binary Infos]\nBinaryFormat=INT_16\n"
        "[Channel Infos]\nCh1=EMG BIC,,0.1,µV\nCh2=EMG TRI,,0.1,µV\n",
        encoding="utf-8",
    )
    recording = read_recording(tmp_path / "x.vhdr")
    joined = np.hstack([recording.read([0, 1], k) for k in range(len(recording.segments))])
    np.testing.assert_allclose(joined, data * 0.1, rtol=1e-5)
    assert [(s.start_s, s.stop_s) for s in recording.segments] == [(0, 2), (2, 4)]


@pytest.mark.parametrize("name", [".", "x"])
def test_a_folder_is_called_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(EdfError, match="It is a folder, not a recording") as caught:
        read_recording(tmp_path / name)
    assert caught.value.code == "is-a-folder"
