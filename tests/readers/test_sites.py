"""Which channels are EMG, and to which site they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from craft_edf import Sig, edf, noise

from emgdetect.checking import check_file, render_text
from emgdetect.findings import EdfError
from emgdetect.readers import inspect_recording, read_recording
from emgdetect.readers.labels import kind_of, muscle_of, unique_names
from emgdetect.recording import Recording


def record(folder: Path, *labels: str, name: str = "x.edf") -> Path:
    signals = [Sig(label=label, counts=noise(1, 500, seed=k)) for k, label in enumerate(labels)]
    path = folder / name
    path.write_bytes(edf(*signals))
    return path


def table(folder: Path, text: str, name: str = "sites.tsv") -> Path:
    path = folder / name
    path.write_text(text.replace("|", "\t"), encoding="utf-8")
    return path


def sites(recording: Recording) -> dict[str, list[str]]:
    return {s.name: [recording.channels[i].name for i in s.channels] for s in recording.sites}


MUSCLES = {
    "EMG BICEPS L": "BICEPS L", "EMG VL 01": "VL", "EMG VL01": "VL", "EMG_VL_64": "VL",
    "EMG VL r1c12": "VL", "EMG VL (3,4)": "VL", "EMG VL [7]": "VL", "EMG VL 1x2": "VL",
    "EMG VL ch 5": "VL", "EMG VL#9": "VL", "sEMG Tib Ant R": "Tib Ant R", "L Biceps: EMG 1":
    "L Biceps", "EMG BIC-Ref": "BIC", "HD-EMG VM 12": "VM", "EMG FDI L": "FDI L",
    "EMG1": "", "EMG": "", "EMG 12": "", "EMG L": "", "EMG R 2": "", "EMG CH1": "", "EMG A1": "",
    "EMG left": "", "EMG channel 3": "", "EMG sensor 2": "", "EMG (2)": "",
}  # fmt: skip


@pytest.mark.parametrize("label", MUSCLES)
def test_the_muscle_a_label_names(label: str) -> None:
    assert muscle_of(label) == MUSCLES[label]


KINDS = {
    "EMG BICEPS L": "EMG", "biceps emg": "EMG", "sEMG1": "EMG", "EMG ADD MAG": "EMG",
    "ECG": "ECG", "EKG II": "ECG", "ECG V2-V1": "ECG", "EEG Fpz-Cz": "EEG", "EOG left": "EOG",
    "ACC X": "ACC", "EMG1 ACC X": "ACC", "EMG 3 GYRO Y": "ACC", "Status": "STATUS",
    "Trigger": "TRIG", "stAtUs": "STATUS", "C3-A2": "MISC", "Resp": "MISC", "Sound": "MISC",
    "Event marker": "TRIG", "BICEPS L": "MISC", "DIG DTRIG": "TRIG",
}  # fmt: skip


@pytest.mark.parametrize("label", KINDS)
def test_the_kind_a_label_names(label: str) -> None:
    assert kind_of(label) == KINDS[label]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a (2)", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (3)", "a (2)"]),
        ([], []),
    ],
)
def test_names_are_unique(labels: list[str], expected: list[str]) -> None:
    assert unique_names(labels) == expected


def test_numbered_channels_of_a_muscle_are_one_site(tmp_path: Path) -> None:
    labels = [f"EMG VL {k:02d}" for k in range(1, 65)]
    assert sites(read_recording(record(tmp_path, *labels))) == {"VL": labels}


def test_channels_without_a_muscle_are_their_own_sites(tmp_path: Path) -> None:
    found = sites(read_recording(record(tmp_path, "EMG1", "EMG2", "EMG", "EMG")))
    assert found == {n: [n] for n in ("EMG1", "EMG2", "EMG", "EMG (2)")}


def test_one_muscle_twice_may_be_left_and_right(tmp_path: Path) -> None:
    found = sites(read_recording(record(tmp_path, "EMG FDI", "EMG FDI")))
    assert found == {"FDI": ["EMG FDI"], "FDI (2)": ["EMG FDI (2)"]}


def test_spelling_does_not_split_a_site(tmp_path: Path) -> None:
    found = sites(read_recording(record(tmp_path, "EMG Vl 1", "EMG VL 2")))
    assert found == {"Vl": ["EMG Vl 1", "EMG VL 2"]}


def test_other_kinds_keep_their_kind_and_are_left_out(tmp_path: Path) -> None:
    recording = read_recording(record(tmp_path, "EMG BIC", "ECG", "ACC X"))
    assert [c.kind for c in recording.channels] == ["EMG", "ECG", "ACC"]
    assert [c.analysed for c in recording.channels] == [True, False, False]
    assert all(c.skip for c in recording.channels[1:])


def test_nothing_that_names_emg_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(EdfError, match="--write-sites") as caught:
        read_recording(record(tmp_path, "BICEPS", "ECG"))
    assert caught.value.code == "no-emg"
    assert inspect_recording(record(tmp_path, "BICEPS")).channels


def test_a_table_names_the_sites(tmp_path: Path) -> None:
    path = record(tmp_path, "A1", "A2", "EMG OTHER", "X")
    given = table(tmp_path, "name|type|target_muscle|status\nA1|EMG|VL|good\nA2|n/a|VL|\n"
                            "X|EMG|TA|bad\n")  # fmt: skip
    recording = read_recording(path, sites=given)
    assert sites(recording) == {"VL": ["A1", "A2"]}
    assert "site table" in recording.channels[2].skip
    assert "bad" in recording.channels[3].skip


def test_a_table_overrides_the_type(tmp_path: Path) -> None:
    given = table(tmp_path, "name|type|target_muscle\nECG|EMG|HEART\nEMG BIC|MISC|n/a\n")
    recording = read_recording(record(tmp_path, "ECG", "EMG BIC"), sites=given)
    assert sites(recording) == {"HEART": ["ECG"]}


def test_a_muscle_entered_under_type_is_told(tmp_path: Path) -> None:
    path = record(tmp_path, "CH1", "CH2")
    wrong = table(tmp_path, "name|type|target_muscle\nCH1|TA L|n/a\nCH2|pd|n/a\n")
    with pytest.raises(EdfError) as caught:
        read_recording(path, sites=wrong)
    told = (
        "The site table gives 'CH1' the `type` 'TA L', which is unknown: the type is EMG, and the "
        "muscle goes under `target_muscle`."
    )
    assert told in caught.value.message and "CH2" not in caught.value.message
    assert caught.value.hint == "Correct the column `type` of the site table."
    half = table(tmp_path, "name|type|target_muscle\nCH1|TA L|TA L\nCH2|EMG|TA R\n")
    recording = read_recording(path, sites=half)
    assert [c.skip for c in recording.channels] == [told, ""]
    assert told in render_text(check_file(path, sites=half))


def test_the_same_muscle_in_several_groups_is_one_site_per_group(tmp_path: Path) -> None:
    given = table(tmp_path, "name|target_muscle|group|row|column\nA|VL|g1|1|2\nB|VL|g2|1|3\n"
                            "C|TA|g1|2|1\n")  # fmt: skip
    recording = read_recording(record(tmp_path, "A", "B", "C"), sites=given)
    assert sites(recording) == {"VL g1": ["A"], "VL g2": ["B"], "TA": ["C"]}
    assert (recording.channels[1].row, recording.channels[1].column) == (1, 3)


def test_the_header_wins_over_the_tables_unit(tmp_path: Path) -> None:
    given = table(tmp_path, "name|units|target_muscle\nEMG A|V|VL\n")
    recording = read_recording(record(tmp_path, "EMG A"), sites=given)
    assert "unit-conflict" in {f.code for f in recording.findings}
    assert recording.channels[0].high_uv == pytest.approx(3276.7)


def test_the_callers_table_gives_a_missing_unit(tmp_path: Path) -> None:
    path = tmp_path / "x.edf"
    path.write_bytes(edf(Sig(unit="")))
    given = table(tmp_path, "name|units|target_muscle\nEMG BICEPS L|mV|VL\n")
    assert read_recording(path, sites=given).channels[0].high_uv == pytest.approx(3276700)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "channel|muscle\nA|B\n",
        "name|target_muscle\nA|x\nA|y\n",
        "a\0b",
        "name|target_muscle\n|y\n",
        "name|muscle\nEMG A|VL\n",
    ],
)
def test_a_useless_table_is_refused(text: str, tmp_path: Path) -> None:
    given = table(tmp_path, text)
    with pytest.raises(EdfError) as caught:
        read_recording(record(tmp_path, "EMG A"), sites=given)
    assert caught.value.code == "site-table-invalid"
    assert caught.value.path == given


def test_a_table_without_muscles_is_none_of_sites_but_may_be_a_side_car(tmp_path: Path) -> None:
    given = table(tmp_path, "name|muscle\nEMG A|VL\n")
    with pytest.raises(EdfError, match="no column `target_muscle`"):
        read_recording(record(tmp_path, "EMG A"), sites=given)
    table(tmp_path, "name|status\nEMG A|bad\nEMG B|good\n", "sub-1_channels.tsv")
    recording = read_recording(record(tmp_path, "EMG A", "EMG B", name="sub-1_emg.edf"))
    assert list(sites(recording).values()) == [["EMG B"]]


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdfError, match="site table"):
        read_recording(record(tmp_path, "EMG A"), sites=tmp_path / "none.tsv")


def test_names_without_a_channel_are_said(tmp_path: Path) -> None:
    given = table(tmp_path, "name|target_muscle\nEMG A|VL\nEMG Z|TA\n")
    recording = read_recording(record(tmp_path, "EMG A"), sites=given)
    assert "site-table-unknown" in {f.code for f in recording.findings}


def test_a_table_with_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    given = tmp_path / "sites.tsv"
    given.write_bytes(b"\xef\xbb\xbfname\ttarget_muscle\r\nEMG A\tVL\r\n")
    assert sites(read_recording(record(tmp_path, "EMG A"), sites=given)) == {"VL": ["EMG A"]}


BIDS = "name|type|units|target_muscle\nEMG1|EMG|V|Tibialis anterior\n"


def dataset(folder: Path) -> Path:
    emg = folder / "sub-01" / "emg"
    emg.mkdir(parents=True)
    (folder / "dataset_description.json").write_text("{}")
    (folder / "task-rest_emg.json").write_text('{"PowerLineFrequency": 60, "EMGReference": "x"}')
    (emg / "sub-01_task-rest_emg.json").write_text(
        '{"InterelectrodeDistance": 8, "SamplingFrequency": 1000, "EMGReference": "bipolar"}'
    )
    table(emg, BIDS, "sub-01_task-rest_channels.tsv")
    return record(emg, "EMG1", name="sub-01_task-rest_emg.edf")


def test_bids_side_cars_are_used(tmp_path: Path) -> None:
    recording = read_recording(dataset(tmp_path))
    assert sites(recording) == {"Tibialis anterior": ["EMG1"]}
    assert recording.details["mains_hz"] == 60
    assert recording.details["reference"] == "bipolar"
    assert recording.channels[0].spacing_mm == 8
    assert {"unit-conflict", "rate-conflict"} <= {f.code for f in recording.findings}
    assert recording.channels[0].high_uv == pytest.approx(3276.7)


def test_the_callers_table_wins_over_the_side_car(tmp_path: Path) -> None:
    given = table(tmp_path, "name|target_muscle\nEMG1|VL\n")
    assert sites(read_recording(dataset(tmp_path), sites=given)) == {"VL": ["EMG1"]}


@pytest.mark.parametrize("damage", ["{", "[1]", "[" * 100_000, "\xff"])
def test_a_broken_side_car_is_a_finding_only(damage: str, tmp_path: Path) -> None:
    path = dataset(tmp_path)
    (path.parent / "sub-01_task-rest_emg.json").write_bytes(damage.encode("latin-1"))
    recording = read_recording(path)
    assert "side-car-invalid" in {f.code for f in recording.findings}
    assert recording.details["mains_hz"] == 60


def test_side_car_facts_are_plain_and_finite(tmp_path: Path) -> None:
    path = dataset(tmp_path)
    (path.parent / "sub-01_task-rest_emg.json").write_text(
        '{"InterelectrodeDistance": NaN, "HardwareFilters": {"Lowpass": [1, 2]}, '
        '"EMGGround": "=1+1\\u001b[31m", "SamplingFrequency": Infinity}'
    )
    details = read_recording(path).details
    assert json.loads(json.dumps(details, allow_nan=False)) == details
    assert "spacing_mm" not in details
    assert details["ground"] == "_1+1[31m"


@pytest.mark.parametrize(
    ("name", "label"),
    [("needle_1.edf", "EMG TA"), ("x.edf", "EMG needle TA"), ("x.edf", "EMG TA finewire")],
)
def test_needle_recordings_are_told_apart(name: str, label: str, tmp_path: Path) -> None:
    recording = read_recording(record(tmp_path, label, name=name))
    assert recording.kind == "needle"


def test_a_needle_transducer_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "x.edf"
    path.write_bytes(edf(Sig(transducer="Concentric needle electrode")))
    assert read_recording(path).kind == "needle"
    path.write_bytes(edf(Sig(transducer="Ag-AgCl electrode")))
    assert read_recording(path).kind == "surface"
