"""The joint page says of each number what a reader must know before comparing it."""

from __future__ import annotations

import pandas as pd
import pytest
from report_pages import ROW, Page

from emgdetect.columns import SUMMARY, table
from emgdetect.plot import plot_batch
from emgdetect.report.batch import AboutBatch, batch_html
from emgdetect.report.figures import Picture


def joint(status: dict[str, str], shown: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Joint summary of the recordings of `shown` (a letter each), and a status table."""
    summary = table([{"site": "A", **ROW} for _ in shown], SUMMARY)
    summary.insert(0, "recording", list(shown))
    rows = [
        {"input": f"/in/{name}.edf", "recording": name, "status": told, "code": "ok",
         "message": "So it is.", "seconds": 1.0}
        for name, told in status.items()
    ]  # fmt: skip
    return summary, pd.DataFrame(rows)


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "emgdetect.report.batch.picture", lambda *_: Picture("data:,", 1, 1, "", "")
    )


def test_numbers_of_an_earlier_run_are_marked() -> None:
    summary, status = joint({"a": "failed", "b": "done", "c": "failed", "d": "failed"}, "abc")
    text = Page(batch_html(summary, status, with_page=set())).text
    assert "1 recording done, 3 failed; of 2 of them the numbers of an earlier run" in text
    assert text.count("of an earlier run") == 1 + 2
    summary, status = joint({"a": "failed", "b": "done"}, "ab")
    text = Page(batch_html(summary, status, with_page=set())).text
    assert "1 recording done, 1 failed; of it the numbers of an earlier run are shown." in text
    summary, status = joint({"a": "failed", "b": "done"}, "b")
    assert "earlier" not in Page(batch_html(summary, status, with_page=set())).text


def test_remarks_stand_with_their_recordings() -> None:
    summary, status = joint({"a": "done", "b": "done"}, "ab")
    many = ["One.", "Two `rows`.", "Three.", "Four.", "Five."]
    html = batch_html(summary, status, with_page=set(), about=AboutBatch(remarks={"b": many}))
    assert "One. Two <code>rows</code>. Three. And 2 more." in html
    assert 'id="remarks"' not in batch_html(summary, status, with_page=set())


def test_commands_in_messages_are_no_backticks() -> None:
    summary, status = joint({"a": "failed", "b": "failed"}, "")
    status["message"] = ["Write `emgdetect check <F>`.", "An odd ` one."]
    html = batch_html(summary, status, with_page=set())
    assert "Write <code>emgdetect check &lt;F&gt;</code>." in html
    assert "An odd ` one." in html


def test_a_batch_with_nothing_done_shows_no_empty_figure_or_table() -> None:
    summary, status = joint({"a": "failed"}, "")
    shown = Page(batch_html(summary, status, with_page=set()))
    assert "No recording has been analysed yet." in shown.text
    assert "figure" not in shown.tags
    assert shown.tags.count("table") == 1  # of what failed


def test_the_map_says_that_its_scale_is_bent() -> None:
    summary, _ = joint({}, "ab")
    summary["rate_per_min"] = [3.0, 12.0]
    labels = [axes.get_ylabel() for axes in plot_batch(summary).axes]
    assert any("square-root scale" in label for label in labels)
