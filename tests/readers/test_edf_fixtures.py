"""Files as they are met in the wild, crafted as bytes, and what must come of each.

The list is that of the project's notes on EDF in the wild: structure, time, scaling, channels,
annotations, signal, hostile text. Either the right numbers come out, with a finding where the file
was mended, or the file is refused with a code.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from craft_edf import Sig, annotations, edf, noise, onsets, tal
from read_back import COUNTS, GOOD, OTHER, RIGHT_UV, codes, first_channel, save

from emgdetect.findings import EdfError
from emgdetect.readers import read_recording


def refused(path: Path, code: str) -> EdfError:
    with pytest.raises(EdfError) as caught:
        read_recording(path)
    assert caught.value.code == code
    assert caught.value.path == path
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


RIGHT = {
    # Structure
    "plain": (edf(GOOD), set()),
    "record count -1": (edf(GOOD, n_records="-1"), {"record-count-unknown"}),
    "record count too large": (edf(GOOD, n_records="7"), {"record-count"}),
    "record count too small": (edf(GOOD, n_records="1"), {"record-count"}),
    "record count 10.0": (edf(GOOD, n_records="3.0"), {"number-format"}),
    "record count 99999999": (edf(GOOD, n_records="99999999"), {"record-count"}),
    "record count text": (edf(GOOD, n_records="many"), {"record-count"}),
    "signal count 1.0": (edf(GOOD, n_signals="1.0"), {"number-format"}),
    "samples per record 1000.0": (edf(Sig(counts=COUNTS, n="1000.0")), {"number-format"}),
    "header size 512.0": (edf(GOOD, header_bytes="512.0"), {"number-format"}),
    "header size small": (edf(GOOD, header_bytes="256"), {"header-size"}),
    "header size large": (edf(GOOD, header_bytes="768"), {"header-size"}),
    "header size text": (edf(GOOD, header_bytes="abc"), {"header-size"}),
    "trailing bytes": (edf(GOOD, tail=b"\x1a" * 7), {"trailing-bytes"}),
    "unknown count and trailing bytes": (
        edf(GOOD, n_records="-1", tail=b"\x1a" * 7),
        {"record-count-unknown", "record-truncated"}),
    "count of 1 and trailing bytes": (
        edf(GOOD, n_records="1", tail=b"\x1a" * 7), {"record-count", "trailing-bytes"}),
    "DEL padding": (edf(GOOD, patient=b"X\x7fX"), {"header-padding"}),
    "NUL padding": (edf(GOOD, patient=b"X\0\0\0", reserved=b"\0" * 44), {"header-padding"}),
    "NUL-padded numbers": (edf(GOOD, n_records=b"3\0\0\0\0\0\0\0"), {"header-padding"}),
    "date in the version field": (edf(GOOD, version="20210302"), {"version-field"}),
    "Latin-1 patient": (edf(GOOD, patient=b"X X X M\xfcller"), {"header-text"}),
    # Time
    "impossible date": (edf(GOOD, date="31.02.21"), {"start-invalid"}),
    "month in words": (edf(GOOD, date="02MAR21"), {"start-invalid"}),
    "date with dashes": (edf(GOOD, date="02-03-21"), set()),
    "time with colons": (edf(GOOD, time="04:05:06"), set()),
    "anonymised": (edf(GOOD, date="01.01.85", time="00.00.00"), {"start-anonymised"}),
    "hour 25": (edf(GOOD, time="25.00.00"), {"start-invalid"}),
    "gap flag without gap": (edf(GOOD, onsets("+0", "+1", "+2"), reserved="EDF+D"), set()),
    "sub-second start": (edf(GOOD, onsets("+0.25", "+1.25", "+2.25"), reserved="EDF+C"), set()),
    "onsets rounded to 10 ms": (
        edf(Sig(counts=COUNTS), onsets("+0", "+1.00", "+2.00"), reserved="EDF+C"), set()),
    # Scaling
    "inverted": (edf(Sig(counts=-1 - COUNTS, low="3276.7", high="-3276.8")), {"gain-negative"}),
    "decimal comma": (edf(Sig(counts=COUNTS, low="-3276,8", high="3276,7")), {"number-format"}),
    "exponent": (
        edf(Sig(counts=COUNTS, unit="nV", low="-32768e2", high="3276700")), set()),
    "range with .0": (edf(Sig(counts=COUNTS, digital_low="-32768.0")), {"number-format"}),
    # Channels
    "annotation signal without flag": (edf(GOOD, onsets("+0", "+1", "+2")), {"reserved-field"}),
    "EDF+C without annotation signal": (edf(GOOD, reserved="EDF+C"), {"reserved-field"}),
    "two annotation signals": (
        edf(GOOD, onsets("+0", "+1", "+2"), annotations([tal("+1", "B")] * 3), reserved="EDF+C"),
        set()),
    "samples per record 0 elsewhere": (
        edf(GOOD, Sig(label="EMG X", n="0", counts=COUNTS[:, :0])), {"samples-per-record"}),
    # Annotations
    "no time-keeping entry": (
        edf(GOOD, annotations([b"", tal("+1"), tal("+2")]), reserved="EDF+C"),
        {"record-onset-missing"}),
    "random annotation bytes": (
        edf(GOOD, annotations([np.random.default_rng(3).bytes(60)] * 3), reserved="EDF+C"),
        {"annotation-invalid", "record-onset-missing"}),
    "onset nan": (
        edf(GOOD, annotations([tal("+0") + tal("+nan", "x"), tal("+1"), tal("+2")])),
        {"annotation-invalid"}),
    "onset 1e15": (
        edf(GOOD, annotations([tal("+0") + tal("+1000000000000000", "x"), tal("+1"), tal("+2")])),
        {"annotation-invalid"}),
    "onset negative": (
        edf(GOOD, annotations([tal("+0") + tal("-5", "before"), tal("+1"), tal("+2")])),
        {"reserved-field"}),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_right_numbers(case: str, tmp_path: Path) -> None:
    content, expected = RIGHT[case]
    recording = read_recording(save(tmp_path, content))
    assert expected <= codes(recording)
    if not expected:
        assert not codes(recording)
    assert recording.recorded_s == pytest.approx(3.0, abs=0)
    assert recording.sites[0].name == "BICEPS L"
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


REFUSED = {
    # Structure
    "0 bytes": (b"", "header-short"),
    "100 bytes": (edf(GOOD)[:100], "header-short"),
    "cut in the signal headers": (edf(GOOD)[:300], "header-short"),
    "header only": (edf(GOOD)[:512], "no-data"),
    "half a record": (edf(GOOD)[:1200], "no-data"),
    "signal count 0": (edf(GOOD, n_signals="0"), "signal-count"),
    "signal count -1": (edf(GOOD, n_signals="-1"), "signal-count"),
    "signal count 9999": (edf(GOOD, n_signals="9999"), "signal-count"),
    "signal count text": (edf(GOOD, n_signals="one"), "signal-count"),
    "header size wrong and file size no help": (
        edf(GOOD, header_bytes="768", n_records="-1"), "header-size-unclear"),
    "gzip": (b"\x1f\x8b\x08\0" + bytes(600), "not-edf"),
    "short zip": (b"PK\x03\x04" + bytes(90), "not-edf"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(600), "not-edf"),
    "bytes of no known kind": (bytes(range(1, 256)) * 4, "not-edf"),
    "CSV": (b"time,EMG\r\n" + b"0.001,1.5\r\n" * 100, "not-edf"),
    "HTML": (b"<!DOCTYPE html><html>" + b" " * 600, "not-edf"),
    "EyeLink": (b"SR_RESEARCH_COMBINED_FILE" + bytes(600), "not-edf"),
    "Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\n" + b"x" * 300, "not-edf"),
    # Time
    "duration 0": (edf(GOOD, duration="0"), "record-duration"),
    "duration negative": (edf(GOOD, duration="-1"), "record-duration"),
    "duration nan": (edf(GOOD, duration="nan"), "record-duration"),
    "duration 1e9": (edf(GOOD, duration="1e9"), "record-duration"),
    "backward records": (
        edf(GOOD, onsets("+5", "+6", "+0"), reserved="EDF+D"), "record-order"),
    "two records at one time": (
        edf(GOOD, onsets("+0", "+1", "+1"), reserved="EDF+D"), "record-order"),
    "EDF+D without times": (
        edf(GOOD, annotations([b"", b"", b""]), reserved="EDF+D"), "record-onset-unknown"),
    # Scaling: the only channel is faulty
    "physical min = max": (edf(Sig(low="0", high="0")), "no-emg"),
    "physical blank": (edf(Sig(low="")), "no-emg"),
    "physical nan": (edf(Sig(high="nan")), "no-emg"),
    "physical inf": (edf(Sig(high="inf")), "no-emg"),
    "physical 1e999": (edf(Sig(high="1e999")), "no-emg"),
    "digital min = max": (edf(Sig(digital_low="5", digital_high="5")), "no-emg"),
    "digital min > max": (edf(Sig(digital_low="5", digital_high="-5")), "no-emg"),
    "digital beyond 16 bits": (edf(Sig(digital_high="65535")), "no-emg"),
    "digital text": (edf(Sig(digital_low="low")), "no-emg"),
    "unit empty": (edf(Sig(unit="")), "no-emg"),
    "unit unknown": (edf(Sig(unit="mmHg")), "no-emg"),
    "unit ?V": (edf(Sig(unit="?V")), "no-emg"),
    # Channels
    "no EMG channel": (edf(Sig(label="ECG II")), "no-emg"),
    "annotations only": (edf(annotations([tal("+0")]), duration="0", reserved="EDF+C"), "no-emg"),
    "samples per record negative": (edf(Sig(n="-5")), "samples-per-record"),
    "samples per record text": (edf(Sig(n="x")), "samples-per-record"),
    "samples per record 10.5": (edf(Sig(n="10.5")), "samples-per-record"),
    "samples per record huge": (edf(Sig(n="99999999")), "no-data"),
    "1 Hz EMG": (edf(Sig(counts=noise(30, 1))), "no-emg"),
    "rectified by name": (edf(Sig(prefilter="HP:16Hz Rectification LP:0.7Hz")), "no-emg"),
    "rectified by shape": (edf(Sig(counts=np.abs(COUNTS) * 10)), "no-emg"),
    "all zero": (edf(Sig(counts=COUNTS * 0)), "no-emg"),
    "flat": (edf(Sig(counts=COUNTS * 0 + 1234)), "no-emg"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_clear_refusal(case: str, tmp_path: Path) -> None:
    content, code = REFUSED[case]
    refused(save(tmp_path, content), code)


FAULTY = {
    "physical-range": Sig(label="EMG BAD", low="1", high="1"),
    "digital-range": Sig(label="EMG BAD", digital_low="9", digital_high="1"),
    "unit-unknown": Sig(label="EMG BAD", unit="furlong"),
    "rectified": Sig(label="EMG BAD rms"),
    "signal-constant": Sig(label="EMG BAD", counts=COUNTS * 0),
    "signal-duplicate": Sig(label="EMG BAD", counts=COUNTS),
}


@pytest.mark.parametrize("code", FAULTY)
def test_a_fatal_fault_of_one_channel_drops_that_channel_only(code: str, tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, FAULTY[code], OTHER)))
    assert [site.name for site in recording.sites] == ["BICEPS L", "TRICEPS L"]
    assert recording.channels[1].skip
    assert code in codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)
    whole = recording.read([0, 1, 2], 0)
    np.testing.assert_allclose(whole[2], OTHER.counts.reshape(-1) * 0.1, atol=2e-3)


UNITS = {
    "uV": 1, "µV": 1, "\u03bcV": 1, "UV": 1, "uv": 1, "Uv": 1, "mV": 1e3, "mv": 1e3, "MV": 1e3,
    "V": 1e6, "v": 1e6, "nV": 1e-3, "NV": 1e-3, "microV": 1, "volts": 1e6,
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_spelling(unit: str, encoding: str, tmp_path: Path) -> None:
    try:
        raw = unit.encode(encoding)
    except UnicodeEncodeError:
        pytest.skip("Greek mu has no place in Latin-1")
    recording = read_recording(save(tmp_path, edf(Sig(unit=raw, counts=COUNTS))))
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV * UNITS[unit], rtol=1e-5)


def test_an_unknown_unit_can_be_assumed(tmp_path: Path) -> None:
    path = save(tmp_path, edf(Sig(unit="", counts=COUNTS)))
    recording = read_recording(path, assume_unit="mV")
    assert "unit-assumed" in codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV * 1000, rtol=1e-5)


def test_a_known_unit_is_not_overruled(tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD)), assume_unit="mV")
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


@pytest.mark.parametrize("shift", [0.001, 1000.0])
def test_an_implausible_amplitude_is_a_warning_only(shift: float, tmp_path: Path) -> None:
    limit = round(3276.8 * shift)
    signal = Sig(counts=COUNTS, low=str(-limit), high=str(limit))
    recording = read_recording(save(tmp_path, edf(signal)))
    assert "unit-implausible" in codes(recording)
    assert recording.sites


def test_bdf_has_24_bits(tmp_path: Path) -> None:
    counts = noise(3, 1000, sd=200_000)
    counts[0, :2] = -8388608, 8388607
    signal = Sig(counts=counts, unit="nV", low="-8388608", high="8388607",
                 digital_low="-8388608", digital_high="8388607")  # fmt: skip
    recording = read_recording(save(tmp_path, edf(signal, bdf=True), "x.bdf"))
    np.testing.assert_allclose(first_channel(recording), counts.reshape(-1) * 1e-3, rtol=1e-6)


@pytest.mark.parametrize("bdf", [False, True])
def test_the_first_bytes_count_not_the_suffix(bdf: bool, tmp_path: Path) -> None:
    path = save(tmp_path, edf(GOOD, bdf=bdf), "x.edf" if bdf else "x.bdf")
    recording = read_recording(path)
    assert "suffix-differs" in codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


@pytest.mark.parametrize("reserved", ["BDF", "24BIT"])
def test_without_the_first_bytes_the_reserved_field_tells_of_three_bytes(
    reserved: str, tmp_path: Path
) -> None:
    path = save(tmp_path, edf(GOOD, bdf=True, version="1", reserved=reserved), "x.bdf")
    recording = read_recording(path)
    assert "version-field" in codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV, atol=2e-3)


def test_a_truncated_last_record_is_left_out(tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, cut=500)))
    assert {"record-count", "record-truncated"} <= codes(recording)
    np.testing.assert_allclose(first_channel(recording), RIGHT_UV[:2000], atol=2e-3)


def test_records_beyond_the_count_are_read_if_they_are_whole(tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(GOOD, n_records="2")))
    assert recording.recorded_s == 3.0


def test_half_a_second_of_data(tmp_path: Path) -> None:
    recording = read_recording(save(tmp_path, edf(Sig(counts=COUNTS[:1, :500]), duration="0.5")))
    assert recording.recorded_s == 0.5
    assert recording.read([0], 0).shape == (1, 500)
