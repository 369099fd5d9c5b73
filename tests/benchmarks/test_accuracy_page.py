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
    assert line == "| a 0 | 0.50 | 6.0 | 0.600 | 0.800 | 0.750, missed | – | 0.875 |\n"


@pytest.mark.parametrize(("matched", "said"), [(98, "0.995"), (60, "0.754, missed")])
def test_a_share_below_its_bar_is_marked(matched: int, said: str) -> None:
    row = {"set": "reporting", "phenomenon": "clean", "minutes": 3.0, "rest_min": 3.0,
           "rest_kept_min": 3.0, "rand_index": 0.5, "extra": 0}  # fmt: skip
    table = pd.DataFrame([
        row | {"detector": "emgdetect", "matched": matched, "missed": 100 - matched},
        row | {"detector": "ceiling", "matched": 99, "missed": 1},
    ])  # fmt: skip
    share = accuracy_page.simulated(table).split(" | ")[5]
    assert share == said


def test_labelled_firings_that_were_not_found_are_told() -> None:
    grid = {"phenomenon": "openhdemg_vl", "excluded_share": 1.0}
    table = pd.DataFrame([
        {"phenomenon": "needle_r00108", "matched": 9, "missed": 1},
        grid | {"recording": "1.0-2.2 s", "seen": 4, "count": 3, "matched": 0, "missed": 0},
        grid | {"recording": "30.0-31.3 s", "seen": 7, "count": 7, "matched": 0, "missed": 4},
    ])  # fmt: skip
    said = accuracy_page.labelled(table)
    assert "at 1.0-2.2 s 4 potentials (3 counted), no labelled firing;" in said
    assert "7 potentials (7 counted), 0 of 4 labelled firings within ±20 ms." in said
    said = accuracy_page.labelled(table.assign(listed_excluded=[None, 0, 4]))
    assert "0 of 4 labelled firings within ±20 ms, 4 of them in excluded time." in said
