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
