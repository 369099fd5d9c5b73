"""Annotations and events in other hands: EDF+ by three libraries, BIDS, MNE."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path

import edfio
import numpy as np
import pandas as pd
import pytest

from emgdetect._version import __version__
from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, table
from emgdetect.config import Config
from emgdetect.detections import Detections
from emgdetect.writers import write_annotations, write_bids_derivative
from emgdetect.writers.bids import bids_entities


def test_first_the_version_then_each_fasciculation(tmp_path: Path, found: Detections) -> None:
    path = tmp_path / "annotations.edf"
    write_annotations(path, found)
    read = edfio.read_edf(path)
    assert read.num_signals == 0
    assert [(a.onset, a.duration, a.text) for a in read.annotations] == [
        (0.0, None, f"emgdetect {__version__}"),
        (1.25, 0.012, "Fasciculation@@EMG BICEPS L"),
        (3601.123456, 0.01, "Fasciculation@@=cmd|' /C calc'!A0"),
    ]


def test_mne_and_pyedflib_read_the_same(tmp_path: Path, found: Detections) -> None:
    import mne
    import pyedflib

    path = tmp_path / "annotations.edf"
    write_annotations(path, found)
    by_mne = mne.read_annotations(path)
    assert by_mne.onset == pytest.approx([0.0, 1.25, 3601.123456])
    assert list(by_mne.description[:2]) == [
        f"emgdetect {__version__}", "Fasciculation@@EMG BICEPS L",
    ]  # fmt: skip
    with pyedflib.EdfReader(str(path)) as reader:
        onsets, durations, texts = reader.readAnnotations()
    assert onsets == pytest.approx([0.0, 1.25, 3601.123456])
    assert durations[1] == pytest.approx(0.012)
    assert list(texts)[1].startswith("Fasciculation@@EMG BICEPS L")


def test_nothing_found_is_the_version_alone(tmp_path: Path, nothing: Detections) -> None:
    write_annotations(tmp_path / "a.edf", nothing)
    assert [a.text for a in edfio.read_edf(tmp_path / "a.edf").annotations] == [
        f"emgdetect {__version__}"
    ]


def test_ten_thousand_are_ten_thousand(tmp_path: Path) -> None:
    n = 10_000
    rows = [
        {"onset": i * 0.123457, "duration": 0.01, "verdict": "fasciculation", "channel": "Ä ü µ"}
        for i in range(n)
    ]
    many = Detections(table(rows, EVENTS), table([], SUMMARY), table([], EXCLUDED), Config())
    write_annotations(tmp_path / "a.edf", many)
    read = edfio.read_edf(tmp_path / "a.edf").annotations
    assert len(read) == n + 1
    assert [a.onset for a in read[1:]] == [round(i * 0.123457, 6) for i in range(n)]
    assert read[1].text == "Fasciculation@@Ä ü µ"


def test_no_patient_field_is_told_unless_asked_for(tmp_path: Path, found: Detections) -> None:
    source = tmp_path / "source.edf"
    edfio.Edf(
        [edfio.EdfSignal(np.zeros(100), 100)],
        patient=edfio.Patient(name="Jane_Doe", birthdate=date(1950, 2, 1), code="P77"),
        recording=edfio.Recording(startdate=date(2020, 5, 6), hospital_administration_code="H5"),
        starttime=time(10, 20, 30),
    ).write(source)
    write_annotations(tmp_path / "anonymous.edf", found)
    assert b"Doe" not in (tmp_path / "anonymous.edf").read_bytes()
    write_annotations(tmp_path / "named.edf", found, header_from=source)
    named = edfio.read_edf(tmp_path / "named.edf")
    assert named.patient.name == "Jane_Doe"
    assert (named.startdate, named.starttime) == (date(2020, 5, 6), time(10, 20, 30))
    assert len(named.annotations) == 3


def test_what_was_lost_on_the_way_is_noticed(
    tmp_path: Path, found: Detections, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.edf"
    write_annotations(path, found)
    before = path.read_bytes()

    def lossy(signals: list[object], annotations: list[edfio.EdfAnnotation]) -> edfio.Edf:
        return whole(signals, annotations=annotations[:-1])

    whole = edfio.Edf
    monkeypatch.setattr(edfio, "Edf", lossy)
    with pytest.raises(RuntimeError, match="2 of 3"):
        write_annotations(path, found)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.edf"]


def test_mne_annotations_carry_onset_and_channel(tmp_path: Path, found: Detections) -> None:
    import mne
    import numpy as np

    made = found.to_annotations()
    assert made.onset == pytest.approx([1.25, 3601.123456])
    assert made.ch_names[0] == ("EMG BICEPS L",)
    info = mne.create_info(["EMG BICEPS L", "=cmd|' /C calc'!A0"], 1.0, "emg")
    raw = mne.io.RawArray(np.zeros((2, 3700)), info, verbose="error").set_annotations(made)
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    again = mne.io.read_raw_fif(tmp_path / "a_raw.fif", verbose="error").annotations
    assert again.onset == pytest.approx(made.onset)
    assert list(again.description) == ["Fasciculation"] * 2
    assert list(again.ch_names) == list(made.ch_names)


def test_bids_derivative_is_found_by_mne_bids(tmp_path: Path, found: Detections) -> None:
    import mne_bids

    name = "sub-01_ses-a_task-rest_run-2_emg"
    path = write_bids_derivative(tmp_path, found, name=name)
    assert path.name == "sub-01_ses-a_task-rest_run-2_desc-fasciculation_events.tsv"
    home = tmp_path / "derivatives" / "emgdetect"
    description = json.loads((home / "dataset_description.json").read_text("utf-8"))
    assert description["DatasetType"] == "derivative"
    entities = mne_bids.get_entities_from_fname(path)
    assert (entities["subject"], entities["session"], entities["task"]) == ("01", "a", "rest")
    assert entities["description"] == "fasciculation"
    assert mne_bids.get_entity_vals(home, "subject") == ["01"]
    events = pd.read_csv(path, sep="\t", na_values="n/a")
    assert events["onset"].tolist() == [1.25, 2.0, 3601.123456]
    assert path.with_suffix(".json").is_file()


def test_names_that_are_not_bids_become_the_subject(tmp_path: Path, nothing: Detections) -> None:
    path = write_bids_derivative(tmp_path, nothing, name="Frau M. / rest")
    assert path.name == "sub-FrauMrest_desc-fasciculation_events.tsv"
    assert bids_entities("biceps_emg") == {}
