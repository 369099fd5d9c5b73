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


def test_rest_says_what_is_owed_and_the_ceiling_and_dashes_where_nothing_was_measured():
    row = {"recording": "a 0", "detector": "emgdetect", "minutes": 0.5}
    table = pd.DataFrame([
        row | {"phenomenon": "real_rest_count", "count": 3},
        row | {"phenomenon": "real_rest_recall", "matched": 6, "missed": 4, "seen": 8},
        row | {"phenomenon": "real_rest_owed", "matched": 6, "missed": 2, "seen": 7},
        row | {"phenomenon": "real_rest_owed", "detector": "ceiling", "matched": 7, "missed": 1,
               "seen": 7},
    ])  # fmt: skip
    line = accuracy_page.at_rest(table)
    assert line == "| a 0 | 0.50 | 6.0 | 0.600 | 0.800 | 0.750 | – | 0.875 |\n"
