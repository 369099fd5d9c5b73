"""What annotations mark means the same in an EDF+ file as in MNE's own object."""

from __future__ import annotations

import time
from pathlib import Path

import mne
import numpy as np
import pytest
from craft_edf import Sig, annotations, edf, noise, onsets, tal
from read_back import GOOD, OTHER, RIGHT_UV, codes, save, spans
from test_other_formats import raw_of, signal

import emgdetect as emg
from emgdetect.checking import check_file, render_text
from emgdetect.readers import read_recording
from emgdetect.readers.marks import Mark, with_marks
from emgdetect.recording import Recording

NAMES = ["EMG BIC", "EMG TRI"]
MARKS = (
    (0.5, 0.25, "BAD movement", ()), (1.0, 0.0, "bad, but of no length", ()),
    (1.25, 0.25, "Bad_cough", ()), (1.4, 0.35, "bad again", ("EMG TRI",)),
    (2.0, 0.0, "EDGE boundary", ()), (2.0, 0.0, "BAD boundary", ()),
    (2.5, 0.5, "BAD_ACQ_SKIP", ()), (3.25, 0.5, "not bad", ()), (3.9, 0.1, "BAD end", ()),
)  # fmt: skip


def exported(folder: Path, suffix: str) -> Path:
    """An MNE Raw with annotations, as MNE exports it."""
    raw = raw_of(signal(2), NAMES, "emg")
    onset, length, text, names = zip(*MARKS, strict=True)
    raw.set_annotations(mne.Annotations(onset, length, text, ch_names=names))
    path = folder / f"x.{suffix}"
    raw.export(path, verbose="error")
    return path


def hidden(recording: Recording) -> list[np.ndarray]:
    n = range(len(recording.segments))
    return [np.isnan(recording.read([0, 1], segment)) for segment in n]


@pytest.mark.parametrize("suffix", ["edf", "bdf"])
def test_a_file_and_the_mne_object_of_it_are_treated_alike(tmp_path: Path, suffix: str) -> None:
    path = exported(tmp_path, suffix)
    read = {"edf": mne.io.read_raw_edf, "bdf": mne.io.read_raw_bdf}[suffix]
    raw = read(path, verbose="error")
    raw.set_channel_types(dict.fromkeys(NAMES, "emg"))
    own, wrapped = read_recording(path), emg.Recording.from_mne(raw)
    assert spans(own) == spans(wrapped) == [(0, 2), (2, 2.5), (3, 4)]
    for mine, theirs in zip(hidden(own), hidden(wrapped), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert hidden(own)[0].sum(axis=1).tolist() == [500, 750]
    for segment in range(3):
        np.testing.assert_allclose(own.read([0, 1], segment), wrapped.read([0, 1], segment),
                                   atol=1e-3)  # fmt: skip
    for recording in (own, wrapped):
        said = {f.code: f.message for f in recording.findings}
        assert said["gap"] == "1 span in which nothing was acquired."
        assert said["marked-bad"] == "4 spans are annotated as bad, 0.85 s in all."


@pytest.mark.parametrize("text", ["BAD movement", "bad", "Bad_x", "badly placed"])
def test_a_bad_span_of_a_file_is_missing_and_said(tmp_path: Path, text: str) -> None:
    notes = annotations([tal("+0") + tal("+1.5", text, duration="0.5"), tal("+1"), tal("+2")])
    recording = read_recording(save(tmp_path, edf(GOOD, notes, reserved="EDF+C")))
    block = recording.read([0], 0)[0]
    assert np.flatnonzero(np.isnan(block)).tolist() == list(range(1500, 2000))
    np.testing.assert_allclose(block[2000:], RIGHT_UV[2000:], atol=2e-3)
    np.testing.assert_array_equal(recording.read([0], 0, 1700, 2100)[0], block[1700:2100])
    assert "1 span is annotated as bad, 0.5 s in all." in render_text(check_file(recording.path))


@pytest.mark.parametrize("mark", [tal("+1", "BAD"), tal("+1", "too bad", duration="1"),
                                  tal("+7", "BAD", duration="1")])  # fmt: skip
def test_what_has_no_length_or_is_no_bad_span_marks_nothing(tmp_path: Path, mark: bytes) -> None:
    notes = annotations([tal("+0") + mark, tal("+1"), tal("+2")])
    recording = read_recording(save(tmp_path, edf(GOOD, notes, reserved="EDF+C")))
    assert not np.isnan(recording.read([0], 0)).any()
    assert "marked-bad" not in codes(recording)


def test_bad_time_of_a_file_is_neither_analysed_nor_counted(tmp_path: Path) -> None:
    simulated = emg.simulate(duration_s=40, seed=3).recording
    counts = np.rint(simulated.read([0], 0) * 10).astype(np.int64)
    rate = round(simulated.channels[0].sampling_hz)
    notes = annotations([tal(f"+{k}") + (tal("+10", "BAD movement", duration="5") if not k else b"")
                         for k in range(40)])  # fmt: skip
    site = Sig(counts=counts[:, : 40 * rate].reshape(40, rate))
    found = emg.detect(read_recording(save(tmp_path, edf(site, notes, reserved="EDF+C"))))
    row = found.summary.iloc[0]
    assert row["recorded_s"] == pytest.approx(40) and row["analysed_s"] <= 35
    assert len(found.events) and not found.events["peak_s"].between(10, 15).any()
    assert set(found.excluded["reason"]) >= {"missing"}
    assert "marked-bad" in {f.code for f in found.findings}


def test_a_mark_of_one_label_is_of_that_channel_alone(tmp_path: Path) -> None:
    texts = "BAD@@EMG TRICEPS L", "BAD@@no such label"
    for text, of in zip(texts, ([0, 500], [500, 500]), strict=True):
        notes = annotations([tal("+0") + tal("+1", text, duration="0.5"), tal("+1"), tal("+2")])
        recording = read_recording(save(tmp_path, edf(GOOD, OTHER, notes, reserved="EDF+C")))
        assert np.isnan(recording.read([0, 1], 0)).sum(axis=1).tolist() == of


def test_each_rate_has_its_own_samples_up_to_the_end_of_the_file(tmp_path: Path) -> None:
    fast, slow = Sig(label="EMG A", counts=noise(3, 2048)), Sig(label="EMG B", counts=noise(3, 500))
    mark = tal("+1.0013", "boundary") + tal("+2.1", "BAD", duration="0.1")
    notes = annotations([tal("+0") + mark, tal("+1"), tal("+2")])
    recording = read_recording(save(tmp_path, edf(fast, slow, notes, reserved="EDF+C")))
    assert len(recording.segments) == 2
    for channel, sig in enumerate((fast, slow)):
        parts = [recording.read([channel], k)[0] for k in range(2)]
        whole = np.concatenate(parts)
        assert abs(len(whole) - sig.counts.size) <= 1
        last = sig.counts.reshape(-1)[-len(parts[1]) :] * 0.1
        bad = np.isnan(parts[1])
        assert bad.sum() == pytest.approx(0.1 * sig.counts.shape[1], abs=1)
        np.testing.assert_allclose(parts[1][~bad], last[~bad], atol=2e-3)


def test_marks_of_a_discontinuous_file_are_on_its_own_clock(tmp_path: Path) -> None:
    first, *rest = tal("+0"), tal("+10"), tal("+11")
    first += tal("+0.8", "BAD", duration="9.7") + tal("+11.5", "BAD_ACQ_SKIP", duration="9")
    recording = read_recording(
        save(tmp_path, edf(GOOD, annotations([first, *rest]), reserved="EDF+D"))
    )
    assert spans(recording) == [(0, 1), (10, 11.5)]
    assert [int(np.isnan(recording.read([0], k)).sum()) for k in (0, 1)] == [200, 500]
    assert any("0.7 s in all" in f.message for f in recording.findings)


def test_nothing_marked_is_the_same_recording() -> None:
    recording = emg.Recording.from_array(np.zeros((1, 1000)) + np.arange(1000) % 7, 1000)
    nothing = [Mark(0.1, 0.1, "go"), Mark(float("nan"), 1, "BAD"), Mark(0.1, 0.0, "BAD")]
    assert with_marks(recording, nothing) is recording


def test_a_hundred_thousand_marks_are_no_trouble(tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, onsets("+0", "+1", "+2"))))
    marks = [Mark(k * 3e-5, 1e-5, "BAD") for k in range(100_000)]
    start = time.perf_counter()
    marked = with_marks(recording, marks)
    blocks = [marked.read([0], 0, k, k + 10) for k in range(0, 3000, 10)]
    assert np.concatenate(blocks, axis=1).shape == (1, 3000)
    assert time.perf_counter() - start < 10
