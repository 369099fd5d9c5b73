"""The joint page says of each number what a reader must know before comparing it."""

from __future__ import annotations

import pandas as pd
import pytest
from report_pages import ROW, Page

from emgdetect.columns import SUMMARY, table
from emgdetect.report.batch import batch_html
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
