"""The study of coverage: what it says of rows by flag, and of two recordings."""

import pandas as pd
import pytest

from benchmarks.coverage import FLAGS, Cell, study
from benchmarks.coverage_page import report
from benchmarks.processes import processes
from benchmarks.visits import VARIATIONS, visits_study


def test_rows_of_all_flags_together_are_all_rows():
    process = next(one for one in processes() if one.name == "modulated, sigma 0.5")
    row = study(Cell(process, 30, 120, False), 60, 3)[0]
    names = [flag or "none" for flag in FLAGS]
    assert sum(row[f"flag_{name}"] for name in names) == pytest.approx(1)
    shares = [row[f"flag_{name}"] * row[f"holds_{name}"] for name in names if row[f"flag_{name}"]]
    assert sum(shares) == pytest.approx(row["coverage"])


def test_two_recordings_tell_of_their_time_and_not_of_visits():
    visits = visits_study(60, 3).set_index(["process", "duration_s", "variation between visits"])
    assert (visits["holds the ratio of these visits"] > 0.85).all()
    steady, most = (visits.loc[("Poisson", 600.0, v), "holds the person's (1)"]
                    for v in (VARIATIONS[0], VARIATIONS[-1]))  # fmt: skip
    assert steady > 0.85 and most < 0.6


def test_the_page_tells_what_a_missing_flag_is_worth():
    rows = [row for process in processes() for duration_s in (120, 600)
            for row in study(Cell(process, 60, duration_s, False), 30, 3)]  # fmt: skip
    frame = pd.DataFrame(rows)
    page = report(frame, frame.head(0), visits_study(3, 3))
    assert "## What a missing flag is worth" in page
    assert "| Poisson | 120 |" in page and "minutes would flag" in page
