"""Joining sessions to recordings: by whom, in which order, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from emgdetect.stats.comparing.joining import join_sessions, read_tsv

NAMES = ["a", "b", "c"]


def summary_of(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"recording": NAMES, "site": "VL", **columns})


def joined_by_time(folder: Path, times: list[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = [f"{name}\t{time}\t{i}" for i, (name, time) in enumerate(zip(NAMES, times, strict=True))]
    path = folder / "sessions.tsv"
    path.write_text("\n".join(["recording\tacq_time\tdose", *rows]) + "\n")
    return join_sessions(summary_of(), read_tsv(path), ["dose"])


@pytest.mark.parametrize("times", [
    ["2024-05-03T09:00:00", "2024-05-01T09:00:00", "2024-05-02T09:00:00"],
    ["2024-05-03T09:00:00", "2024-05-01T09:00:00.000", "2024-05-02T09:00:00.000000"],
    ["2024-05-03T09:00:00Z", "2024-05-01T09:00:00.000Z", "2024-05-02T11:00:00+02:00"],
    ["2024-05-03", "2024-05-01", "2024-05-02T00:00"],
    ["20240503", "20240501", "20240502"],
])  # fmt: skip
def test_order_is_in_days_however_a_time_is_written(tmp_path: Path, times: list[str]) -> None:
    joined, notes = joined_by_time(tmp_path, times)
    assert joined["order"].tolist() == [2.0, 0.0, 1.0]
    assert not any("acq_time" in note for note in notes)


@pytest.mark.parametrize("unknown", ["n/a", "03.05.2024 09:00"])
def test_a_time_that_is_missing_is_told(tmp_path: Path, unknown: str) -> None:
    joined, notes = joined_by_time(tmp_path, [unknown, "2024-05-01T09:00:00", "2024-05-02T09:00"])
    assert joined["order"].tolist() == [0.0, 1.0, 2.0]
    told = [note for note in notes if "acq_time" in note]
    assert len(told) == 1 and told[0].startswith("1 of 3 recordings")
    assert told[0].endswith("the order in time is that of the table of sessions.")


def test_a_time_that_is_missing_elsewhere_changes_nothing() -> None:
    sessions = pd.DataFrame({
        "recording": ["c", "elsewhere", "a"], "dose": [1, 2, 3],
        "acq_time": ["2024-05-03T09:00:00", None, "2024-05-01T09:00:00"],
    })  # fmt: skip
    joined, notes = join_sessions(summary_of(), sessions, ["dose"])
    assert dict(zip(joined["recording"], joined["order"], strict=True)) == {"a": 0.0, "c": 2.0}
    assert notes[0].startswith("1 recordings are not in the table of sessions (b)")


def test_nobody_is_not_joined_with_nobody() -> None:
    summary = summary_of(participant_id=["sub-1", None, None])
    sessions = pd.DataFrame({"participant_id": ["sub-1", None, None], "dose": [1, 2, 3]})
    joined, notes = join_sessions(summary, sessions, ["dose"])
    assert joined[["recording", "dose"]].to_numpy().tolist() == [["a", 1]]
    assert "2 rows of the table of sessions have no participant_id." in notes
    assert any(note.startswith("2 recordings are not in the table") for note in notes)


def test_a_participant_without_sessions_is_joined_beside_one_with_them() -> None:
    summary = summary_of(participant_id=["sub-1", "sub-2", "sub-2"], session_id=[None, "1", "2"])
    sessions = pd.DataFrame({
        "participant_id": ["sub-2", "sub-1", "sub-2"], "session_id": ["2", None, "1"],
        "dose": [22, 1, 21],
    })  # fmt: skip
    joined, notes = join_sessions(summary, sessions, ["dose"])
    assert joined["dose"].tolist() == [1, 21, 22] and notes == ()


@pytest.mark.parametrize("name", ["order", "person", "site", "n_fasciculations", "analysed_s"])
def test_a_covariate_takes_no_column_of_the_results(name: str) -> None:
    summary = summary_of(n_fasciculations=[1, 2, 3], analysed_s=[60.0] * 3)
    sessions = pd.DataFrame({"recording": NAMES, name: [5, 6, 7]})
    with pytest.raises(ValueError, match=f"'{name}' is the name of a column of the results"):
        join_sessions(summary, sessions, [name])
    joined, _ = join_sessions(summary, sessions.assign(dose=[7, 8, 9]), ["dose"])
    assert joined["n_fasciculations"].tolist() == [1, 2, 3] and joined["dose"].tolist() == [7, 8, 9]


def test_a_table_of_sessions_goes_before_names_and_that_is_told() -> None:
    summary = summary_of(participant_id=["sub-1", "sub-2", None], task=["rest", "rest", "rest"])
    sessions = pd.DataFrame({
        "recording": NAMES, "participant_id": ["sub-1", "sub-9", "sub-3"], "task": ["rest"] * 3,
    })  # fmt: skip
    joined, notes = join_sessions(summary, sessions, ["task"])
    assert joined["person"].tolist() == ["sub-1", "sub-9", "sub-3"]
    assert [note for note in notes if "in their names" in note] == [
        "1 recordings have another participant_id in their names than in the table of sessions, "
        "which holds."
    ]


@pytest.mark.parametrize("mark", ["\t", ",", ";"])
def test_tables_of_common_kinds_are_read(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "sessions"
    path.write_text(f"recording{mark}dose\na{mark}0.5\nb{mark}n/a\n", encoding="utf-8-sig")
    read = read_tsv(path)
    assert list(read.columns) == ["recording", "dose"]
    assert read["recording"].tolist() == ["a", "b"] and read["dose"].tolist()[0] == 0.5


def test_a_row_with_more_cells_than_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text("recording,dose\na,0,5\nb,1,0\n")
    with pytest.raises(ValueError, match="more cells than its first line"):
        read_tsv(path)


def test_decimal_commas_are_no_levels(tmp_path: Path) -> None:
    path = tmp_path / "sessions.tsv"
    path.write_text("recording\tdose\na\t0,5\nb\t1\nc\tn/a\n")
    with pytest.raises(ValueError, match=r"dose holds numbers with a comma \(0,5\)"):
        join_sessions(summary_of(), read_tsv(path), ["dose"])
    path.write_text("recording\tdose\na\t5\nb\t1\nc\tNA\n")
    notes = join_sessions(summary_of(), read_tsv(path), ["dose"])[1]
    assert any(note.startswith("dose is compared by level, as 'NA' is no number") for note in notes)
    path.write_text("recording\tsleep\na\tgood, long\nb\tbad\nc\tgood, long\n")
    notes = join_sessions(summary_of(), read_tsv(path), ["sleep"])[1]
    assert not any("by level" in note for note in notes)


def test_the_name_of_a_file_is_hinted_at() -> None:
    files = pd.DataFrame({"recording": ["a.edf", "b.edf"], "dose": [1, 2]})
    with pytest.raises(ValueError, match=r"names a\.edf, the summary a\. .*: a, not a\.edf"):
        join_sessions(summary_of(), files, ["dose"])
    files.loc[1, "recording"] = "b"
    assert any(": a, not a.edf" in note for note in join_sessions(summary_of(), files, ["dose"])[1])
    persons = pd.DataFrame({"participant_id": ["1"], "dose": [1]})
    with pytest.raises(ValueError, match=r"names 1, the summary sub-1$"):
        join_sessions(summary_of(participant_id=["sub-1", None, None]), persons, ["dose"])


def test_what_a_table_of_sessions_needs_is_said() -> None:
    with pytest.raises(ValueError, match="has day, dose; it needs one row per recording"):
        join_sessions(summary_of(), pd.DataFrame({"day": [1], "dose": [1]}), ["dose"])
