"""`emgdetect bids`: a folder of results as a BIDS derivative, read by mne-bids and pandas."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import mne_bids
import pandas as pd
import pytest

from emgdetect.batch.export import Exported, export_bids, said_of
from emgdetect.batch.inputs import CallError
from emgdetect.batch.status import Row, write_status
from emgdetect.curation import Decision, format_line, header_line
from emgdetect.detections import Detections
from emgdetect.writers import write_tables

NAMES = ("sub-01_ses-a_task-rest_emg", "sub-02_task-rest_emg")


@pytest.fixture
def results(tmp_path: Path, found: Detections) -> Path:
    """A folder of two complete results and one that is not."""
    for name in (*NAMES, "sub-03_task-rest_emg"):
        folder = tmp_path / "out" / name
        folder.mkdir(parents=True)
        write_tables(folder, found)
    for name in NAMES:
        (tmp_path / "out" / name / "run.json").write_text("{}", encoding="utf-8")
    for name in NAMES:
        belongs(tmp_path / "study", name)
    return tmp_path / "out"


def belongs(study: Path, name: str) -> None:
    """Have a recording of this name in a dataset."""
    folder = study.joinpath(*name.split("_task")[0].split("_"), "emg")
    folder.mkdir(parents=True)
    (folder / f"{name}.edf").touch()


def test_other_libraries_find_and_read_the_events(results: Path, found: Detections) -> None:
    exported = export_bids(results, results.parent / "study")
    assert exported.names == NAMES
    home = exported.home
    assert mne_bids.get_entity_vals(home, "subject") == ["01", "02"]
    paths = mne_bids.find_matching_paths(
        home, subjects="01", descriptions="fasciculation", suffixes="events", extensions=".tsv",
        check=False,
    )  # fmt: skip
    assert [path.fpath.name for path in paths] == [
        "sub-01_ses-a_task-rest_desc-fasciculation_events.tsv"
    ]
    read = pd.read_csv(paths[0].fpath, sep="\t", na_values="n/a")
    assert read["onset"].tolist() == pytest.approx(found.events["onset"].tolist(), abs=1e-6)
    assert read["verdict"].tolist() == found.events["verdict"].tolist()
    side_car = json.loads(paths[0].fpath.with_suffix(".json").read_text("utf-8"))
    assert set(read.columns) == set(side_car)
    excluded = paths[0].fpath.name.replace("fasciculation", "excluded")
    spans = pd.read_csv(paths[0].fpath.with_name(excluded), sep="\t", na_values="n/a")
    assert len(spans) == len(found.excluded)


def test_reviewed_events_are_written_as_reviewed(results: Path, found: Detections) -> None:
    first = found.events.iloc[0]
    decision = Decision(
        number=1, when="2026-01-01T00:00:00Z", who="me", what="verdict", site=str(first["site"]),
        peak_s=float(first["peak_s"]), was=str(first["verdict"]), now="pop",
    )  # fmt: skip
    trail = results / NAMES[1] / "reviewed.tsv"
    trail.write_text(header_line() + format_line(decision), encoding="utf-8")
    home = export_bids(results, results.parent / "study").home
    verdicts = {
        path.name[:6]: pd.read_csv(path, sep="\t")["verdict"].tolist()
        for path in home.rglob("*fasciculation_events.tsv")
    }
    assert verdicts["sub-01"] == found.events["verdict"].tolist()
    assert verdicts["sub-02"] == ["pop", *found.events["verdict"].tolist()[1:]]


def test_recordings_that_are_not_of_the_dataset_are_left_out(results: Path) -> None:
    study = results.parent / "other"
    own = study / "sub-01" / "ses-a" / "emg"
    own.mkdir(parents=True)
    (own / "sub-01_task-rest_ses-a_space-grid_emg.edf").touch()
    # Another task of a subject, and what an earlier export left, make no recording one's own.
    (study / "sub-02" / "emg").mkdir(parents=True)
    (study / "sub-02" / "emg" / "sub-02_task-reach_emg.edf").touch()
    (results / "biceps_3").mkdir()
    shutil.copytree(results / NAMES[0], results / "biceps_3", dirs_exist_ok=True)
    for _ in range(2):
        exported = export_bids(results, study)
        assert exported.names == (NAMES[0],)
        assert exported.foreign == ("biceps_3", NAMES[1])
        assert said_of(exported) == [
            f"1 recording written to {exported.home}.",
            f"Not in this dataset and left out: biceps_3, {NAMES[1]}.",
        ]
        assert {p.name for p in exported.home.glob("sub-*")} == {"sub-01"}


def test_a_dataset_of_ones_own_is_written_without_a_warning(results: Path) -> None:
    exported = export_bids(results, results.parent / "study")
    assert exported.foreign == () and len(said_of(exported)) == 1


@pytest.mark.parametrize("noted", [True, False])
def test_events_of_an_earlier_run_are_told(results: Path, noted: bool) -> None:
    if noted:
        (results / NAMES[1] / "failed.json").write_text("{}", encoding="utf-8")
    else:  # as on a full disk
        row = Row("/in/b.edf", NAMES[1], "failed", "timeout", "It took too long.", "1")
        write_status(results / "status.tsv", [row])
    exported = export_bids(results, results.parent / "study")
    assert exported.names == NAMES and exported.earlier == NAMES[1:]
    assert said_of(exported)[1:] == [
        f"The newest attempt failed, events of an earlier run: {NAMES[1]}."
    ]


def test_a_long_list_of_strangers_is_cut_short() -> None:
    many = tuple(f"r{i}" for i in range(8))
    assert said_of(Exported(many, Path("d"), many))[1].endswith("r0, r1, r2, r3, r4 and 3 more.")


def test_what_cannot_be_written_is_refused_whole(results: Path) -> None:
    study, other = results.parent / "study", results.parent / "other"
    other.mkdir()
    with pytest.raises(CallError, match="no folder"):
        export_bids(results, study / "nowhere")
    with pytest.raises(CallError, match=r"No recording in .* is of the dataset"):
        export_bids(results, other)
    assert not list(other.iterdir())
    with pytest.raises(CallError, match="no complete result"):
        export_bids(study, study)
    (results / NAMES[1]).rename(results / "sub-01_ses-a_task-rest")
    before = sorted(study.rglob("*"))
    with pytest.raises(CallError, match="same BIDS name"):
        export_bids(results, study)
    assert sorted(study.rglob("*")) == before
