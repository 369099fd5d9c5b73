"""A folder of results as reviewed: its events, its time, its counts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_trails import THREE, events, excluding, verdict, write

from emgdetect.columns import EVENTS, EXCLUDED, table
from emgdetect.curation import (
    reviewed_counts,
    reviewed_events,
    reviewed_excluded,
    subtract,
    union,
    was_reviewed,
)
from emgdetect.writers.tables import write_table


@pytest.fixture
def folder(tmp_path):
    write_table(tmp_path / "events.tsv", THREE, EVENTS)
    spans = table([{"onset": 3.0, "duration": 1.0, "site": "B", "reason": "noise"}], EXCLUDED)
    write_table(tmp_path / "excluded.tsv", spans, EXCLUDED)
    text = "site\tn_fasciculations\tanalysed_s\nA\t1\t10.0\nB\t0\t9.0\n"
    (tmp_path / "summary.tsv").write_text(text)
    return tmp_path


def test_a_folder_without_review_reads_as_detected(folder):
    out = reviewed_events(folder)
    assert not was_reviewed(folder)
    assert out["verdict"].tolist() == ["fasciculation", "train", "pop"]
    assert "outside" not in out
    assert reviewed_excluded(folder)["by"].tolist() == ["detector"]


def test_a_reviewed_folder_reads_as_reviewed(folder):
    lines = [verdict(1, "A", 2.0, "fasciculation"), excluding(2, 0.5, 1.5, "B")]
    write(folder / "reviewed.tsv", *lines)
    out = reviewed_events(folder)
    assert was_reviewed(folder)
    assert out[["site", "peak_s", "verdict"]].values.tolist() == [
        ["A", 1.0, "fasciculation"], ["A", 2.0, "fasciculation"],
    ]  # fmt: skip
    assert reviewed_excluded(folder)["by"].tolist() == ["reviewer", "detector"]


def test_counts_and_time_as_reviewed(folder):
    assert reviewed_counts(folder).values.tolist() == [["A", 1, 10.0], ["B", 0, 9.0]]
    lines = [
        verdict(1, "A", 2.0, "fasciculation"),
        excluding(2, 2.5, 3.5, "B"),  # half of it was excluded already
        excluding(3, 7.0, 8.0),
        excluding(4, 7.5, 8.5),
    ]
    write(folder / "reviewed.tsv", *lines)
    assert reviewed_counts(folder).values.tolist() == [["A", 2, 8.5], ["B", 0, 7.0]]


SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda s: (s[0], s[0] + s[1])), max_size=6
)


def covered(spans) -> set[int]:
    return {cell for start, stop in spans for cell in range(int(start), int(stop))}


@settings(deadline=None, max_examples=150)
@given(SPANS, SPANS)
def test_union_and_subtraction_cell_by_cell(spans, holes):
    whole = union(s for s in spans if s[0] < s[1])
    assert covered(whole) == covered(spans)
    assert all(a[1] < b[0] for a, b in pairwise(whole))
    left = subtract(whole, holes)
    assert covered(left) == covered(spans) - covered(holes)
    assert left.shape[1] == 2 and (left[:, 0] < left[:, 1]).all()


def test_sites_and_channels_that_look_like_numbers_or_nothing_stay_text(tmp_path):
    odd = events(("NA", 1.0, "pop"), ("07", 2.0, "pop"), ("null", 3.0, "pop"))
    write_table(tmp_path / "events.tsv", odd, EVENTS)
    assert reviewed_events(tmp_path)["site"].tolist() == ["NA", "07", "null"]
