"""The page of accuracies: pooled by phenomenon, and the committed one is that of the table."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import accuracy_page

RESULTS = Path(accuracy_page.RESULTS)


def test_f1_pools_counts_and_is_unknown_where_nothing_is_owed():
    rows = pd.DataFrame({"matched": [8, 2], "missed": [1, 1], "extra": [1, 1]})
    assert accuracy_page.f1(rows) == pytest.approx(20 / 24)
    nothing = pd.DataFrame({"matched": [0], "missed": [0], "extra": [5]})
    assert accuracy_page.number(accuracy_page.f1(nothing)) == "–"


def test_the_committed_page_is_that_of_the_committed_table():
    text = RESULTS.with_suffix(".md").read_text(encoding="utf-8")
    assert text == accuracy_page.page(pd.read_csv(RESULTS))
