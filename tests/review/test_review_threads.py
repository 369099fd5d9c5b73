"""Requests and what settles behind them do not wait for each other for ever."""

from __future__ import annotations

import json
import threading

from review_folders import make_folder

from emgdetect.review import app, payloads
from emgdetect.review.casebook import Casebook
from emgdetect.review.desk import open_desk


def test_tables_are_answered_while_the_summary_settles(tmp_path, monkeypatch):
    """One thread is in the midst of the tables when another begins to settle."""
    made = make_folder(tmp_path, sites={"VL": 1}, duration_s=5, n_events=4)
    (case,) = open_desk(made.out, input_root=None, reviewer="Ada").cases
    reading, settling, answers = threading.Event(), threading.Event(), []
    listed, summed = payloads.tables, Casebook._summed

    def slow_tables(book):
        reading.set()
        assert settling.wait(20)
        return listed(book)

    def told_summed(book):
        if threading.current_thread() is settler:
            settling.set()
        return summed(book)

    def settle():
        assert reading.wait(20)
        case.book.settle()

    monkeypatch.setattr(payloads, "tables", slow_tables)
    monkeypatch.setattr(Casebook, "_summed", told_summed)
    settler = threading.Thread(target=settle, daemon=True)
    reader = threading.Thread(target=lambda: answers.append(app.tables(None, case)), daemon=True)
    for thread in (settler, reader):
        thread.start()
    for thread in (settler, reader):
        thread.join(30)
    assert not settler.is_alive() and not reader.is_alive()
    content = json.loads(answers[0].body)
    assert content["summary"]["site"] == ["VL"] and len(content["events"]["onset"]) == 4
    assert (made.folder / "summary_reviewed.tsv").exists()
