"""Channels and their signal in crafted files: what is said, and what is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from craft_edf import Sig, annotations, edf, noise, tal
from read_back import COUNTS, GOOD, OTHER, RIGHT_UV, codes, first_channel, save

from emgdetect.findings import EdfError
from emgdetect.readers import inspect_recording, read_recording


def test_labels_empty_and_duplicate(tmp_path: Path) -> None:
    recording = inspect_recording(
        save(tmp_path, edf(Sig(label=""), GOOD, Sig(label="EMG"), Sig(label="EMG", counts=-COUNTS)))
    )
    assert [c.name for c in recording.channels] == ["channel 1", "EMG BICEPS L", "EMG", "EMG (2)"]
    assert {"label-empty", "label-duplicate"} <= codes(recording)


def test_a_large_offset_is_kept(tmp_path: Path) -> None:
    signal = Sig(counts=COUNTS, low="10723.2", high="17276.7")
    recording = read_recording(save(tmp_path, edf(signal)))
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV + 14000, atol=5e-3)


def test_clipping_at_both_rails_is_said(tmp_path: Path) -> None:
    clipped = np.clip(COUNTS * 600, -32768, 32767)
    recording = read_recording(save(tmp_path, edf(Sig(counts=clipped, low="-600", high="600"))))
    assert "signal-rails" in codes(recording)
    assert (recording.channels[0].low_uv, recording.channels[0].high_uv) == (-600, 600)


def test_held_samples_are_said_and_too_slow_ones_left_out(tmp_path: Path) -> None:
    double = Sig(counts=np.repeat(noise(3, 500), 2, axis=1))
    tenfold = Sig(label="EMG VL", counts=np.repeat(noise(3, 100), 10, axis=1))
    recording = read_recording(save(tmp_path, edf(double, tenfold)))
    assert "signal-held" in codes(recording)
    assert [site.name for site in recording.sites] == ["BICEPS L"]


def test_samples_outside_the_digital_range_are_scaled_like_others(tmp_path: Path) -> None:
    signal = Sig(counts=COUNTS, low="-10", high="10", digital_low="-100", digital_high="100")
    recording = read_recording(save(tmp_path, edf(signal)))
    assert "signal-range" in codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_a_hundred_thousand_annotations(tmp_path: Path) -> None:
    many = [
        tal(f"+{k}") + b"".join(tal(f"+{k}.{i:05d}", "x") for i in range(33_334)) for k in range(3)
    ]
    width = -(-max(map(len, many)) // 6) * 6
    recording = read_recording(save(tmp_path, edf(GOOD, annotations(many, width=width))))
    assert len(recording.notes) == 100_002
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_latin_1_annotation_text(tmp_path: Path) -> None:
    signal = annotations([tal("+0") + b"+1\x14\xc4ngstlich\x14\0", tal("+1"), tal("+2")])
    recording = read_recording(save(tmp_path, edf(GOOD, signal, reserved="EDF+C")))
    assert recording.notes[0].text == "Ängstlich"
    assert "annotation-text" in codes(recording)


def test_a_channel_that_changes_once_is_not_constant(tmp_path: Path) -> None:
    still = np.zeros((400, 500), np.int64)
    still[57, 13:] = 1
    moving = Sig(counts=noise(400, 500))
    recording = read_recording(save(tmp_path, edf(moving, Sig(label="EMG VL", counts=still))))
    assert [site.name for site in recording.sites] == ["BICEPS L", "VL"]
    still[57, 13:] = 0
    recording = read_recording(save(tmp_path, edf(moving, Sig(label="EMG VL", counts=still))))
    assert [site.name for site in recording.sites] == ["BICEPS L"]


@pytest.mark.parametrize("n_channels", [1, 2, 9])
def test_where_all_channels_are_flat_the_advice_is_not_a_site_table(
    n_channels: int, tmp_path: Path
) -> None:
    flat = [Sig(label=f"EMG VL {k}", counts=COUNTS * 0) for k in range(n_channels)]
    with pytest.raises(EdfError) as caught:
        read_recording(save(tmp_path, edf(*flat)))
    assert caught.value.code == "no-emg"
    assert "electrodes" in caught.value.hint and "--sites" not in caught.value.hint
    with pytest.raises(EdfError) as caught:
        read_recording(save(tmp_path, edf(flat[0], Sig(label="EMG BIC", unit="mmHg"))))
    assert "--sites" in caught.value.hint


@pytest.mark.parametrize(
    "counts",
    [
        noise(10, 1000, sd=4) + 5000,
        noise(10, 1000, sd=3),
        np.round(1000 * np.sin(np.arange(10_000) * 0.314)).astype(int).reshape(10, 1000),
        noise(10, 1000) + np.round(np.linspace(0, 20_000, 10_000)).astype(int).reshape(10, 1000),
    ],
    ids=["offset", "coarse", "mains", "drift"],
)
def test_odd_but_honest_signals_stay_in(counts: np.ndarray, tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(Sig(counts=counts))))
    assert recording.sites


def test_an_envelope_is_left_out(tmp_path: Path) -> None:
    smooth = np.convolve(np.abs(noise(1, 12_000, sd=300)[0]), np.ones(50) / 5, "same")[:10_000]
    bursts = smooth * (1 + 9 * (np.arange(10_000) // 1000 % 4 == 0))
    envelope = Sig(counts=np.round(bursts).astype(np.int64).reshape(10, 1000))
    recording = inspect_recording(save(tmp_path, edf(envelope)))
    assert "rectified" in codes(recording)


def test_an_unknown_unit_to_assume_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="assume_unit"):
        read_recording(save(tmp_path, edf(GOOD)), assume_unit="furlong")


def test_pipes_and_folders_are_refused_without_waiting(tmp_path: Path) -> None:
    import os

    (tmp_path / "folder.edf").mkdir()
    os.mkfifo(tmp_path / "pipe.edf")
    for name, code in (("folder.edf", "is-a-folder"), ("pipe.edf", "not-a-file")):
        with pytest.raises(EdfError) as caught:
            read_recording(tmp_path / name)
        assert caught.value.code == code


# Hostile text


@pytest.mark.parametrize("label", [
    "EMG ../../x", "EMG CON", '=HYPERLINK("x")E', "EMG \x1b[31mred", "EMG \r\nx\ty",
    "EMG \u202etfel".encode(), b"EMG \xe2\x80\x8bx", "EMG <img>", "@EMG", "+EMG", b"EMG\x9b31m x",
])  # fmt: skip
def test_labels_are_harmless(label: str | bytes, tmp_path: Path) -> None:
    recording = inspect_recording(save(tmp_path, edf(Sig(label=label, counts=COUNTS), OTHER)))
    texts = [c.name for c in recording.channels] + [s.name for s in recording.sites]
    texts += [f.message for f in recording.findings]
    for text in texts:
        assert text.isprintable()
        assert not text.startswith(("=", "+", "-", "@"))
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_no_patient_field_in_any_output(tmp_path: Path) -> None:
    content = edf(GOOD, patient="SECRET M 01-JAN-1950 Name", recording="Startdate X SECRET X X")
    recording = read_recording(save(tmp_path, content))
    assert "SECRET" not in repr(recording)
    assert "SECRET" not in str(recording.details)
