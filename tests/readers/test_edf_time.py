"""The time axis of crafted files: segments, gaps, starts, rates, and what follows the records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from craft_edf import Sig, annotations, edf, noise, onsets, tal
from read_back import COUNTS, GOOD, RIGHT_UV, codes, first_channel, save, spans

from emgdetect.findings import EdfError
from emgdetect.readers import inspect_recording, read_recording


@pytest.mark.parametrize("flag", ["EDF+D", "EDF+C"])
def test_a_gap_starts_a_new_segment_whatever_the_file_calls_itself(
    flag: str, tmp_path: Path
) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, onsets("+0", "+1", "+62"), reserved=flag)))
    assert [(s.start_s, s.duration_s) for s in recording.segments] == [(0, 2), (62, 1)]
    assert ("gap" if flag == "EDF+D" else "gap-unflagged") in codes(recording)
    assert {"1 gap, 60 s in all."} == {f.message for f in recording.findings if "gap" in f.code}
    assert recording.recorded_s == 3.0
    np.testing.assert_allclose(recording.read([0], 1)[0], RIGHT_UV[2000:], atol=2e-3)


def test_time_counts_from_the_first_sample(tmp_path: Path) -> None:
    signal = annotations([tal("+0.25") + tal("+1.5", "Hallo", duration="0.5"),
                          tal("+1.25"), tal("+2.25")])  # fmt: skip
    recording = read_recording(save(tmp_path, edf(GOOD, signal, reserved="EDF+C")))
    assert recording.start is not None
    assert recording.start.isoformat() == "2021-03-02T04:05:06.250000"
    note = recording.notes[0]
    assert (note.onset_s, note.duration_s, note.text) == (1.25, 0.5, "Hallo")


def test_overlapping_records_are_moved_and_said(tmp_path: Path) -> None:
    recording = read_recording(
        save(tmp_path, edf(GOOD, onsets("+0", "+0.75", "+1.75"), reserved="EDF+D"))
    )
    assert "record-overlap" in codes(recording)
    assert [(s.start_s, s.duration_s) for s in recording.segments] == [(0, 1), (1, 2)]
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_a_rounded_record_duration_means_the_whole_rate(tmp_path: Path) -> None:
    recording = read_recording(
        save(tmp_path, edf(Sig(counts=noise(200, 100)), duration="0.048828"))
    )
    assert recording.channels[0].sampling_hz == 2048.0
    assert recording.recorded_s == pytest.approx(200 * 100 / 2048, abs=1e-12)
    assert "record-duration-rounded" in codes(recording)


def test_each_channel_has_its_own_rate(tmp_path: Path) -> None:
    fast = Sig(label="EMG VL", counts=noise(3, 2048))
    acc = Sig(label="ACC X", unit="g", counts=noise(3, 148))
    recording = read_recording(save(tmp_path, edf(GOOD, acc, fast)))
    assert [c.sampling_hz for c in recording.channels] == [1000, 148, 2048]
    np.testing.assert_allclose(recording.read([2], 0)[0], fast.counts.reshape(-1) * 0.1, atol=2e-3)
    with pytest.raises(ValueError, match="share one rate"):
        recording.read([0, 2], 0)


def test_one_site_never_mixes_rates(tmp_path: Path) -> None:
    one, two = Sig(label="EMG VL 1", counts=COUNTS), Sig(label="EMG VL 2", counts=noise(3, 2000))
    recording = read_recording(save(tmp_path, edf(one, two)))
    assert [site.name for site in recording.sites] == ["VL 1000 Hz", "VL 2000 Hz"]
    assert "site-rates" in codes(recording)


@pytest.mark.parametrize("jitter", ["0.999", "1.001"])
def test_jitter_of_a_millisecond_is_no_gap(jitter: str, tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, onsets("+0.000", f"+{jitter}", "+2.000"))))
    assert spans(recording) == [(0, 3)]


def test_a_gap_of_some_samples_is_a_gap(tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, onsets("+0", "+1.005", "+2.005"))))
    assert spans(recording) == [(0, 1), (1.005, 3.005)]


def test_record_times_that_drift_are_said(tmp_path: Path) -> None:
    times = onsets(*(f"+{k * 1.0008:.4f}" for k in range(100)))
    recording = read_recording(save(tmp_path, edf(Sig(counts=noise(100, 500)), times)))
    assert spans(recording) == [(0, 100)]
    assert "clock-drift" in codes(recording)


def test_a_rate_that_contradicts_the_record_times_is_said(tmp_path: Path) -> None:
    times = onsets(*(f"+{k * 1.25}" for k in range(12)))
    recording = read_recording(save(tmp_path, edf(Sig(counts=noise(12, 500)), times)))
    assert recording.recorded_s == 12
    assert {"clock-drift", "gap-unflagged"} <= codes(recording)


def test_coarse_onsets_are_said(tmp_path: Path) -> None:
    times = onsets(*(f"+{k // 10}" for k in range(20)))
    recording = read_recording(
        save(tmp_path, edf(Sig(counts=noise(20, 100)), times, duration="0.1"))
    )
    assert spans(recording) == [(0, 2)]
    assert "onset-coarse" in codes(recording)


def test_a_missing_time_between_known_ones_is_inferred(tmp_path: Path) -> None:
    keeper = annotations([tal("+0"), b"", tal("+2")])
    recording = read_recording(save(tmp_path, edf(GOOD, keeper, reserved="EDF+D")))
    assert spans(recording) == [(0, 3)]
    assert "record-onset-missing" in codes(recording)


@pytest.mark.parametrize("times", [(b"", b"+1", b"+2"), (b"+0", b"", b"+9"), (b"+0", b"+1", b"")])
def test_a_missing_time_with_room_for_a_gap_is_refused(
    times: tuple[bytes, ...], tmp_path: Path
) -> None:
    keeper = annotations([t and tal(t.decode()) for t in times])
    with pytest.raises(EdfError) as caught:
        read_recording(save(tmp_path, edf(GOOD, keeper, reserved="EDF+D")))
    assert caught.value.code == "record-onset-unknown"


def test_a_discontinuous_file_without_annotation_signal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdfError) as caught:
        read_recording(save(tmp_path, edf(GOOD, reserved="EDF+D")))
    assert caught.value.code == "record-onset-unknown"


def test_bytes_appended_to_a_plain_file_are_no_signal(tmp_path: Path) -> None:
    tail = np.random.default_rng(0).bytes(5000)
    recording = read_recording(save(tmp_path, edf(GOOD, tail=tail)))
    assert recording.recorded_s == 3
    assert codes(recording) == {"trailing-bytes"}
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_records_without_a_time_behind_the_last_one_are_no_signal(tmp_path: Path) -> None:
    tail = np.random.default_rng(0).bytes(2 * 2060)
    content = edf(GOOD, onsets("+0", "+1", "+2"), reserved="EDF+C", tail=tail)
    recording = read_recording(save(tmp_path, content))
    assert recording.recorded_s == 3
    assert "trailing-bytes" in codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_records_with_a_time_behind_the_last_one_are_signal(tmp_path: Path) -> None:
    content = edf(GOOD, onsets("+0", "+1", "+2"), reserved="EDF+C", n_records="1")
    recording = read_recording(save(tmp_path, content))
    assert recording.recorded_s == 3
    assert "record-count" in codes(recording)


def test_an_impossible_rate_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, edf(GOOD, duration="0.00001"))
    assert "rate-too-high" in codes(inspect_recording(path))
    with pytest.raises(EdfError):
        read_recording(path)
