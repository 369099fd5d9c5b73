"""Who only looks changes nothing, not even in a folder that may be written."""

from __future__ import annotations

import time

import pandas as pd
import pytest
from review_folders import make_folder
from review_server import start_server

from emgdetect.review.casebook import Casebook


def content(folder) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


@pytest.fixture
def made(tmp_path):
    return make_folder(tmp_path, sites={"BICEPS L": 1}, duration_s=20, n_events=10)


def test_opening_a_recording_writes_nothing(made):
    before = content(made.folder)
    with start_server(made.out) as server:
        assert len(server.json("api/0/tables")["summary"]["site"]) == 1
        server.json("api/0/numbers")
        server.json("api/0/overview?site=BICEPS%20L&low=10")
    assert content(made.folder) == before


def test_a_summary_that_cannot_be_written_is_shown_all_the_same(made):
    (made.folder / "summary_reviewed.tsv").mkdir()  # root may write everywhere but here
    with start_server(made.out) as server:
        assert server.json("api/0/tables")["summary"]["n_judged"] == [0]


def test_what_a_killed_server_left_behind_is_written_by_the_next(made):
    book = Casebook(made.folder, "Ada")
    row = book.events.iloc[0]
    assert not book.is_behind
    book.decide({"what": "verdict", "site": row["site"], "peak_s": float(row["peak_s"]),
                 "was": row["verdict"], "now": "pop"})  # fmt: skip
    summary = made.folder / "summary_reviewed.tsv"
    assert book.is_behind
    with start_server(made.out):
        for _ in range(100):
            if summary.exists():
                break
            time.sleep(0.05)
    assert pd.read_csv(summary, sep="\t", na_values="n/a")["n_judged"].tolist() == [1]
    assert not book.is_behind
