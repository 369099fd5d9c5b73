"""Who was recorded stays in the input, unless asked for."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path

import edfio
import numpy as np
from batch_helpers import batch, settings

SECRETS = (b"Doe", b"P77", b"1950", b"H5-Clinic", b"Dr_Who", b"MAY-2020", b"2020-05", b"06.05.20")


def with_patient(path: Path) -> Path:
    noise = np.random.default_rng(0).normal(0, 2, 2000)
    edfio.Edf(
        [edfio.EdfSignal(noise, 1000, label="EMG BICEPS L", physical_dimension="uV",
                         physical_range=(-100, 100))],
        patient=edfio.Patient(name="Jane_Doe", birthdate=date(1950, 2, 1), code="P77", sex="F"),
        recording=edfio.Recording(
            startdate=date(2020, 5, 6), hospital_administration_code="H5-Clinic",
            investigator_technician_code="Dr_Who",
        ),
        starttime=time(10, 20, 30),
    ).write(path)  # fmt: skip
    return path


def test_no_patient_field_leaves_the_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch([with_patient(tmp_path / "visit.edf")], out)
    assert (out / "visit" / "run.json").is_file()
    for file in out.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [secret for secret in SECRETS if secret in content], file.name


def test_with_keep_identity_it_is_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch([with_patient(tmp_path / "visit.edf")], out, settings=settings(keep_identity=True))
    told = json.loads((out / "visit" / "run.json").read_text("ascii"))
    assert "Jane_Doe" in told["input"]["patient"]
    assert "H5-Clinic" in told["input"]["recording"]
    assert told["recording"]["start"].startswith("2020-05-06T10:20:30")
    read = edfio.read_edf(out / "visit" / "annotations.edf")
    assert (read.patient.name, read.startdate) == ("Jane_Doe", date(2020, 5, 6))


def test_a_header_that_breaks_the_rules_is_copied_all_the_same(tmp_path: Path) -> None:
    path = with_patient(tmp_path / "visit.edf")
    content = bytearray(path.read_bytes())
    content[8:168] = "Müller, Hans".encode("latin-1").ljust(160)
    path.write_bytes(bytes(content))
    out = tmp_path / "out"
    assert batch([path], out, settings=settings(keep_identity=True)).n_done == 1
    assert b"M?ller, Hans" in (out / "visit" / "annotations.edf").read_bytes()


def test_identity_is_kept_whatever_an_edf_file_is_called(tmp_path: Path) -> None:
    path = with_patient(tmp_path / "visit.edf").rename(tmp_path / "visit.REC")
    out = tmp_path / "out"
    batch([path], out, settings=settings(keep_identity=True))
    told = json.loads((out / "visit" / "run.json").read_text("ascii"))
    assert "Jane_Doe" in told["input"]["patient"]
    assert b"Jane_Doe" in (out / "visit" / "annotations.edf").read_bytes()
