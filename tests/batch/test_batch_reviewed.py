"""What a review changed stands beside the joint numbers, once it is summarised."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from batch_helpers import Make, batch, settings

from emgdetect.batch import join
from emgdetect.review.casebook import Casebook


def review(folder: Path, what: str = "verdict") -> None:
    """Reject the first potential, or undo that."""
    book = Casebook(folder, "Ada")
    row = book.events.iloc[0]
    wish = {"what": "verdict", "site": row["site"], "peak_s": float(row["peak_s"]),
            "was": row["verdict"], "now": "pop"}  # fmt: skip
    book.decide(wish if what == "verdict" else {"what": "undo"})
    book.settle()


def test_reviewed_recordings_have_a_joint_table_and_the_page_says_so(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a", "b", "c"), tmp_path / "out"
    batch([folder], out, settings=settings(report=True))
    table, page = out / "summary_reviewed.tsv", out / "report.html"
    assert not table.exists()
    assert "reviewed" not in page.read_text(encoding="utf-8")
    detected = (out / "summary.tsv").read_bytes()
    review(out / "b")
    (out / "c" / "summary_reviewed.tsv").write_text("of a page that was only opened\n")
    join(out)
    assert f"As reviewed, 1 of 3: {table}" in capsys.readouterr().err
    assert (out / "summary.tsv").read_bytes() == detected
    rows = pd.read_csv(table, sep="\t", na_values="n/a")
    assert rows["recording"].tolist() == ["b"]
    assert rows["n_judged"].tolist() == [1]
    assert (rows["n_fasciculations_detected"] - rows["n_fasciculations"]).tolist() == [1]
    described = json.loads(table.with_suffix(".json").read_text(encoding="utf-8"))
    assert set(rows.columns) == set(described)
    text = page.read_text(encoding="utf-8")
    assert "Numbers here are as detected; 1 recording was reviewed since" in text
    review(out / "b", "undo")
    join(out)
    assert not table.exists()
    assert not table.with_suffix(".json").exists()
    assert "reviewed" not in page.read_text(encoding="utf-8")
