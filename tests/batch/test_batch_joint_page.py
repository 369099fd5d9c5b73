"""The page of a folder shows what its tables hold, or goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_helpers import Make, batch, make_edf, settings

from emgdetect.batch import Options, Outcome, Progress, Stop, join, run_batch
from emgdetect.batch.page import REMOVED
from emgdetect.batch.progress import closing_of
from emgdetect.config import Config

STRICT = Config(exclusion="strict").model_dump(mode="json")


def stopped_after_one(folder: Path, out: Path) -> None:
    """Analyse with other settings, and be interrupted after the first recording."""
    stop = Stop()

    def ended(_name: str, _outcome: Outcome) -> None:
        stop.asked = 1

    options = Options(out=out, settings=settings(config=STRICT, report=True), jobs=1)
    tally = run_batch([str(folder)], options, stop=stop, progress=Progress(ended=ended))
    assert tally.exit_status == 130
    assert closing_of(tally, out)[0] == f"Results: {out / 'summary.tsv'}"


def test_the_page_of_an_earlier_run_goes_where_the_tables_change(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out, settings=settings(report=True))
    page = out / "report.html"
    first = page.read_text(encoding="utf-8")
    join(out)  # the same tables, the same page
    assert page.read_text(encoding="utf-8") == first
    (folder / "a.edf").write_bytes(make_edf(tmp_path / "other.edf", seed=8).read_bytes())
    stopped_after_one(folder, out)
    assert not page.exists()
    assert REMOVED in capsys.readouterr().err
    join(out)
    assert page.read_text(encoding="utf-8") != first
    assert REMOVED not in capsys.readouterr().err


def test_without_reports_a_page_that_no_longer_holds_goes(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a"), tmp_path / "out"
    batch([folder], out, settings=settings(report=True))
    batch([folder], out)  # unchanged: the page holds
    assert (out / "report.html").exists()
    make_edf(folder / "b.edf", seed=5)
    batch([folder], out)
    assert not (out / "report.html").exists()
    assert capsys.readouterr().err.count(REMOVED) == 1


def test_a_page_of_somebody_else_stays(make: Make) -> None:
    folder = make("a")
    (folder / "report.html").write_text("<p>mine", encoding="utf-8")
    batch([folder], folder)
    assert (folder / "report.html").read_text(encoding="utf-8") == "<p>mine"
