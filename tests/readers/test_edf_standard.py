"""The questions of the EDF FAQ and the sections of the EDF+ specification, one test each or more.

https://www.edfplus.info/specs/edffaq.html and https://www.edfplus.info/specs/edfplus.html; the
numbers in the names are theirs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from craft_edf import Field, Sig, annotations, edf, noise, onsets, tal

from emgdetect.findings import EdfError
from emgdetect.readers import edf_fields, inspect_recording, read_recording
from emgdetect.readers.edf_header import MAX_SIGNALS, header_bytes_needed, parse_header
from emgdetect.recording import Recording

COUNTS = noise(3, 1000)
UV = (COUNTS.reshape(-1) * 0.1).astype(np.float32)
GOOD = Sig(counts=COUNTS)


def read(folder: Path, *signals: Sig, bdf: bool = False, **fields: Field) -> Recording:
    path = folder / ("x.bdf" if bdf else "x.edf")
    path.write_bytes(edf(*signals, bdf=bdf, **fields))
    return inspect_recording(path)


def codes(recording: Recording) -> set[str]:
    return {found.code for found in recording.findings}


# The FAQ


@pytest.mark.parametrize("label", ["EMG \x07BIC", "EMG BIC\x1b[0m", "EMG \x00BIC", "EMG\tBIC"])
def test_q1_control_characters_are_not_executed(label: str, tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(label=label, counts=COUNTS))
    assert recording.channels[0].name.isprintable()
    assert "header-padding" in codes(recording)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_q1_characters_beyond_ascii_are_read_and_said(encoding: str, tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(label="EMG Müller".encode(encoding), counts=COUNTS))
    assert recording.channels[0].name == "EMG Müller"
    assert "header-text" in codes(recording)


DATES = ("02.08.51", "2.8.51", "2. 8.51", " 2. 8.51", "02:08-51", "02/08'51", "2  8  51",
         " 2 8  51", " 2  8 51", "2 8 51", "02-08-51")  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_q2_dates_and_times_in_other_spellings(text: str, tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, date=text, time=text, recording="")
    assert recording.start is not None
    assert recording.start.isoformat() == "2051-08-02T02:08:51"


@pytest.mark.parametrize("text", ["", "02.08", "51.08.02", "02.13.51", "aa.bb.cc", "29.02.21"])
def test_q2_an_impossible_date_is_no_date(text: str, tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, date=text)
    assert recording.start is None
    assert "start-invalid" in codes(recording)


@pytest.mark.parametrize(
    ("date", "year"),
    [("31.12.85", 1985), ("31.12.99", 1999), ("01.01.00", 2000), ("01.01.84", 2084)],
)
def test_q3_the_clipping_date_is_1985(date: str, year: int, tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, date=date, recording="")
    assert recording.start is not None
    assert recording.start.year == year


def test_q3_the_edf_plus_start_date_gives_the_century(tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, date="02.03.84", recording="Startdate 02-MAR-1984 X X X")
    assert recording.start is not None
    assert recording.start.year == 1984


def test_q3_a_start_date_of_another_day_is_not_believed(tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, date="02.03.21", recording="Startdate 05-MAY-1984 X X X")
    assert recording.start is not None
    assert recording.start.year == 2021


NUMBERS = {".5": 0.5, "1E3": 1000.0, "1e3": 1000.0, "1.23E-4": 0.000123, "123.456": 123.456,
           "+5": 5.0, "5.": 5.0, "0005": 5.0}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_q7_numbers_in_every_legal_spelling(text: str, tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(low="0", high=text, counts=COUNTS))
    assert recording.channels[0].high_uv == pytest.approx(NUMBERS[text])
    assert "number-format" not in codes(recording)


def test_q7_a_decimal_comma_is_read_and_said(tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(low="-123,456", high="123,456", counts=COUNTS))
    assert recording.channels[0].high_uv == pytest.approx(123.456)
    assert "number-format" in codes(recording)


@pytest.mark.parametrize("text", ["1,234,5", "1.234,5", "1 000", "1_000", "0x10", "--5", "٣"])
def test_q7_numbers_of_no_clear_meaning_are_refused(text: str, tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(high=text.encode(), counts=COUNTS))
    assert recording.channels[0].skip
    assert "physical-range" in codes(recording)


@pytest.mark.parametrize("fields", [
    {"low": "", "high": "", "digital_low": "", "digital_high": ""},
    {"low": "0", "high": "0"}, {"digital_low": "0", "digital_high": "0"}, {"unit": ""},
], ids=str)  # fmt: skip
def test_q8_uncalibrated_signals_have_no_microvolts(fields: dict[str, str], tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(counts=COUNTS, **fields))
    assert not recording.sites
    assert recording.channels[0].skip


@pytest.mark.parametrize(
    ("duration", "n", "rate"),
    [("50", 49_999, 999.98), ("0.5", 1001, 2002.0), ("3", 4000, 4000 / 3)],
)
def test_q9_rates_that_are_not_whole(duration: str, n: int, rate: float, tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(counts=noise(2, n)), duration=duration)
    assert recording.channels[0].sampling_hz == pytest.approx(rate, rel=1e-12)
    assert recording.read([0], 0).shape == (1, 2 * n)


@pytest.mark.parametrize("text", ["0.048828", "0.048829"])
def test_q9_a_duration_rounded_or_cut_in_the_header(text: str, tmp_path: Path) -> None:
    recording = read(tmp_path, Sig(counts=noise(50, 100)), duration=text)
    assert recording.channels[0].sampling_hz == 2048


def test_q10_samples_are_little_endian_twos_complement(tmp_path: Path) -> None:
    counts = np.zeros((1, 500), np.int64)
    counts[0, :4] = 1, -1, 256, -32768
    recording = read(tmp_path, Sig(low="-32768", high="32767", counts=counts))
    np.testing.assert_array_equal(recording.read([0], 0)[0, :4], [1, -1, 256, -32768])


def test_q11_minus_one_record_means_as_many_as_there_are(tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, n_records="-1")
    assert recording.recorded_s == 3
    assert codes(recording) == {"record-count-unknown"}


def test_q12_rates_below_one_hertz(tmp_path: Path) -> None:
    slow = Sig(label="Temp", unit="degC", counts=noise(3, 1))
    recording = read(tmp_path, Sig(counts=noise(3, 10_000)), slow, duration="10")
    assert recording.channels[1].sampling_hz == pytest.approx(0.1)
    assert recording.read([1], 0).shape == (1, 3)


# The specification


def test_2_1_1_an_edf_viewer_may_ignore_the_plus(tmp_path: Path) -> None:
    plain = read(tmp_path, GOOD).read([0], 0)
    plus = read(tmp_path, GOOD, onsets("+0", "+1", "+2"), reserved="EDF+C").read([0], 0)
    np.testing.assert_array_equal(plain, plus)


def test_2_1_1_discontinuous_records_keep_their_times(tmp_path: Path) -> None:
    times = onsets("+0", "+10.5", "+11.5")
    recording = read(tmp_path, GOOD, times, reserved="EDF+D")
    assert [(s.start_s, s.stop_s) for s in recording.segments] == [(0, 1), (10.5, 12.5)]


def test_2_1_2_annotation_only_files_may_have_duration_zero(tmp_path: Path) -> None:
    signal = annotations([tal("+0") + tal("+3", "Lights off")])
    recording = read(tmp_path, signal, duration="0", reserved="EDF+C")
    assert (recording.channels, recording.segments) == ((), ())
    assert [note.text for note in recording.notes] == ["Lights off"]


def test_2_1_3_a_negative_gain_inverts_the_physical_range(tmp_path: Path) -> None:
    inverted = Sig(low="3276.8", high="-3276.7", counts=-COUNTS)
    recording = read(tmp_path, inverted)
    np.testing.assert_allclose(recording.read([0], 0)[0], UV, atol=1e-3)
    assert recording.channels[0].low_uv < recording.channels[0].high_uv


def test_2_1_3_digital_minimum_is_below_the_maximum(tmp_path: Path) -> None:
    swapped = Sig(digital_low="32767", digital_high="-32768", counts=COUNTS)
    assert "digital-range" in codes(read(tmp_path, swapped))


def test_2_2_1_the_annotation_signal_may_stand_anywhere(tmp_path: Path) -> None:
    times = onsets("+0", "+1", "+2")
    other = Sig(label="EMG TRI", counts=noise(3, 1000, seed=5))
    recording = read(tmp_path, GOOD, times, other, reserved="EDF+C")
    np.testing.assert_allclose(recording.read([1], 0)[0], other.counts.reshape(-1) * 0.1, atol=1e-3)


def test_2_2_1_bdf_annotations_are_bytes_too(tmp_path: Path) -> None:
    signal = annotations([tal("+0"), tal("+1") + tal("+1.5", "Öl"), tal("+2")], bdf=True)
    recording = read(tmp_path, GOOD, signal, bdf=True, reserved="BDF+C")
    assert [(note.onset_s, note.text) for note in recording.notes] == [(1.5, "Öl")]


def test_2_2_2_several_lists_and_texts_in_one_record(tmp_path: Path) -> None:
    first = tal("+0") + tal("+0.3", "Lights off", "Close door") + tal("+0.9", "Tap", duration="0.1")
    recording = read(tmp_path, GOOD, annotations([first, tal("+1"), tal("+2")]), reserved="EDF+C")
    assert [(n.onset_s, n.duration_s, n.text) for n in recording.notes] == [
        (0.3, 0, "Lights off"), (0.3, 0, "Close door"), (0.9, 0.1, "Tap"),
    ]  # fmt: skip


def test_2_2_3_annotations_are_utf_8_and_may_have_line_breaks(tmp_path: Path) -> None:
    first = tal("+0") + tal("+0.5", "Größe\n仰卧位\tx")
    recording = read(tmp_path, GOOD, annotations([first, tal("+1"), tal("+2")]), reserved="EDF+C")
    assert recording.notes[0].text == "Größe 仰卧位 x"


def test_2_2_3_annotations_may_come_in_any_record_and_order(tmp_path: Path) -> None:
    signal = annotations([tal("+0"), tal("+1") + tal("+0.5", "b"), tal("+2") + tal("+0.2", "a")])
    recording = read(tmp_path, GOOD, signal, reserved="EDF+C")
    assert [note.text for note in recording.notes] == ["a", "b"]


def test_2_2_4_the_first_list_of_the_first_annotation_signal_keeps_time(tmp_path: Path) -> None:
    wrong = annotations([tal("+7"), tal("+8"), tal("+99")])
    recording = read(tmp_path, GOOD, onsets("+0", "+1", "+2"), wrong, reserved="EDF+C")
    assert [(s.start_s, s.stop_s) for s in recording.segments] == [(0, 3)]


def test_2_2_4_the_start_may_lie_up_to_a_second_after_the_header(tmp_path: Path) -> None:
    recording = read(tmp_path, GOOD, onsets("+0.567", "+1.567", "+2.567"), reserved="EDF+C")
    assert recording.start is not None
    assert recording.start.microsecond == 567_000
    assert recording.segments[0].start_s == 0


def test_2_2_4_records_must_follow_in_time(tmp_path: Path) -> None:
    with pytest.raises(EdfError) as caught:
        read(tmp_path, GOOD, onsets("+0", "+5", "+3"), reserved="EDF+D")
    assert caught.value.code == "record-order"


def test_3_4_continuous_emg_reads_as_it_stands(tmp_path: Path) -> None:
    """The example of the specification: 20 kHz EMG in µV in records of 0.05 s."""
    signal = Sig(label="EMG RT BIC BRACH", low="-100", high="100", digital_low="-2048",
                 digital_high="2047", counts=noise(40, 1000))  # fmt: skip
    times = onsets(*(f"+{k * 0.05:.2f}" for k in range(40)))
    path = tmp_path / "x.edf"
    path.write_bytes(edf(signal, times, duration="0.050", reserved="EDF+C"))
    recording = read_recording(path)
    assert recording.sites[0].name == "RT BIC BRACH"
    assert recording.sites[0].sampling_hz == 20_000
    assert len(recording.segments) == 1


# Beyond the standard: what is believed


def test_numbers_at_their_limits_are_believed_and_those_beyond_are_not() -> None:
    assert edf_fields.duration(b"1000000 ") == (1_000_000, True)
    assert edf_fields.duration(b"1000001 ") == (None, False)
    for n, needed in ((1, 512), (MAX_SIGNALS, 256 * (MAX_SIGNALS + 1))):
        assert header_bytes_needed(edf(GOOD, n_signals=str(n))[:256]) == needed
    for n in (0, MAX_SIGNALS + 1):
        with pytest.raises(EdfError, match="number of signals"):
            header_bytes_needed(edf(GOOD, n_signals=str(n))[:256])


@pytest.mark.parametrize(("high", "fault"), [("1e12", ""), ("1.1e12", "physical-range")])
def test_a_physical_range_has_a_size_that_is_believed(high: str, fault: str) -> None:
    content = edf(Sig(counts=COUNTS, low="0", high=high))
    header = parse_header(content[:512], file_size=len(content))
    assert header.signals[0].fault == fault
