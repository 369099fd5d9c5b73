"""The study of what each number does: what is changed, that it has effect, what is written."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import sensitivity, sensitivity_page
from benchmarks.changing import Change, changed_tree, changed_value, scaled
from benchmarks.sensitivity_worker import Count, Piece, counts
from emgdetect.numbers import SENSITIVITY, sensitivities

SHORT = (Piece("busy", 1903, 10, 1),)
"""Enough for some thirty potentials, and soon done."""


@pytest.mark.parametrize(
    ("value", "lower", "upper"),
    [
        ("0.35", "0.28", "0.4375"),
        ("24", "19", "30"),
        ("3", "2", "4"),
        ("1", "0", "2"),
        ("-2", "-1", "-3"),
        ("1 << 4", "13", "20"),
        ("(0.06, 0.25)", "(0.048, 0.2)", "(0.075, 0.3125)"),
        ('{"a": 11, "b": (6,)}', "{'a': 9, 'b': (5,)}", "{'a': 14, 'b': (8,)}"),
        ("{0.5: 2.0}", "{0.5: 1.6}", "{0.5: 2.5}"),
        ("Rule(1.0, 0.0)", "Rule(0.8, 0.0)", "Rule(1.25, 0.0)"),
        ("np.geomspace(A[0], A[1], 25)", "np.geomspace(A[0], A[1], 20)",
         "np.geomspace(A[0], A[1], 31)"),
        ("[(n, w) for n in (1, 2) for w in (1e-3,)]",
         "[(n, w) for n in (1, 2) for w in (0.0008,)]",
         "[(n, w) for n in (1, 2) for w in (0.00125,)]"),
    ],
)  # fmt: skip
def test_numbers_of_a_value_change_together(value: str, lower: str, upper: str) -> None:
    expression = ast.parse(value, mode="eval").body
    new = [changed_value(expression, factor) for factor in (0.8, 1.25)]
    assert [ast.unparse(n) for n in new if n] == [lower, upper]
    assert ast.unparse(expression) == ast.unparse(ast.parse(value))


@pytest.mark.parametrize("value", ["OTHER", "other.NAME", "0.0", "np.zeros(0)", '"text"', "A[1]"])
def test_what_follows_another_or_is_nothing_has_no_change(value: str) -> None:
    assert changed_value(ast.parse(value, mode="eval").body, 0.8) is None


@pytest.mark.parametrize("number", [1, 2, 3, 5, 9, 24, 1000])
def test_an_integer_always_moves_the_right_way(number: int) -> None:
    assert scaled(number, 0.8) < number < scaled(number, 1.25)
    assert isinstance(scaled(number, 0.8), int)


def test_only_the_named_constant_of_a_module_changes() -> None:
    tree = changed_tree("A = 2.0\nB, C = A * 3.0, 4.0\n", "C", 1.25)
    assert ast.unparse(tree) == "A = 2.0\nB, C = (A * 3.0, 5.0)"
    with pytest.raises(KeyError):
        changed_tree("A = 2.0", "B", 0.8)


def test_what_is_derived_or_imported_by_name_follows() -> None:
    change = "Change('detection.trains', 'TRAIN_INTERVAL_S', '', 0.8, '')"
    code = (
        "import emgdetect.detection.trains\n"
        "from benchmarks.changing import Change, install\n"
        f"install({change})\n"
        "from emgdetect.detection.trains import PERIODS_S, TRAIN_INTERVAL_S\n"
        "print(TRAIN_INTERVAL_S, PERIODS_S[0], PERIODS_S[-1])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(sensitivity.__file__).parents[1],
    ).stdout  # fmt: skip
    low, high, first, last = (float(word.strip("(),")) for word in said.split())
    assert (low, high) == (0.048, 0.2)
    assert (first, last) == pytest.approx((low, high))


@pytest.mark.slow
def test_a_number_that_decides_changes_the_events_and_one_that_saves_memory_does_not() -> None:
    decides = Change("detection.first_pass.thresholds", "TAIL_UNKNOWN", "", 1.25, "")
    saves = Change("signal.matched", "ROWS_AT_ONCE", "", 0.8, "")
    nowhere = Change("signal.matched", "NO_SUCH_NUMBER", "", 0.8, "")
    setting = Change("config", "false_alarms_per_min", "", 1.25, "100.0")
    rows = list(sensitivity.study([decides, saves, nowhere, setting], SHORT))
    base, higher, same, failed, more = rows
    assert base["name"] == "" and base["f1_change"] == 0
    assert higher["differ"] == 1 and higher["matched_change"] < 0
    assert same["differ"] == 0 and same["counts"] == base["counts"]
    assert str(failed["state"]).startswith("KeyError") and failed["counts"] == ""
    assert more["differ"] == 1 and more["extra_change"] > 0


def test_a_recording_that_is_not_there_is_said(tmp_path: Path) -> None:
    state, found, _ = counts(tmp_path / "none.pickle", None)
    assert state.startswith("FileNotFoundError")
    assert found == []


def test_a_change_is_paired_and_its_error_is_the_jackknife_of_recordings() -> None:
    was = np.array([[10, 2, 1, 1], [20, 1, 0, 2], [5, 5, 2, 1]], dtype=float)
    became = was + np.array([[1, -1, 0, 0], [0, 0, 1, 0], [2, -2, 0, 0]])
    change, error = sensitivity.paired(sensitivity.f1, was, became)
    assert change == pytest.approx(2 * 38 / (76 + 5 + 4) - 2 * 35 / (70 + 8 + 3))
    left = []
    for k in range(3):
        others = [i for i in range(3) if i != k]
        left.append(sensitivity.f1(became[others]) - sensitivity.f1(was[others]))
    assert error == pytest.approx(math.sqrt(2 * np.var(left)))
    assert sensitivity.paired(sensitivity.f1, was, was) == (0, 0)
    assert math.isnan(sensitivity.paired(sensitivity.f1, was[:1], was[:1])[1])
    assert sensitivity.per_minute(was) == pytest.approx(3 / 4)
    assert sensitivity.per_minute(was[:0]) == sensitivity.f1(was[:0]) == 0


def test_what_the_table_has_is_not_measured_again(tmp_path: Path, monkeypatch) -> None:
    path, asked = tmp_path / "table.csv", []

    def study(wanted: list[Change], _pieces: tuple[Piece, ...]):
        for change in wanted:
            asked.append(change.factor)
            count = [Count(1, 0, 0, 1.0, "a")]
            yield sensitivity._row(change, "code", "", SHORT, count, count, 1.0)

    monkeypatch.setattr(sensitivity, "study", study)
    call = ["--only", "detection.trains.TRAIN_INTERVAL_S", "--csv", str(path)]
    assert sensitivity.main(call) == sensitivity.main(call) == 0
    assert asked == [0.8, 1.25]
    assert len(pd.read_csv(path)) == 2


def test_other_recordings_do_not_enter_the_table_of_the_set(capsys) -> None:
    with pytest.raises(SystemExit):
        sensitivity.main(["--shift", "20"])
    assert "--csv" in capsys.readouterr().err


def test_the_study_asks_for_every_number_that_decides_and_no_other() -> None:
    asked = sensitivity.changes()
    assert {change.module.split(".")[0] for change in asked} == {"config", "detection", "signal"}
    names = {(change.module, change.name) for change in asked}
    assert ("detection.rest.contraction", "RULES") in names
    assert not names & sensitivity.EXACT
    assert len({sensitivity.key(change) for change in asked}) == len(asked)


def test_better_means_by_two_errors_and_without_more_false_events() -> None:
    row = pd.Series(
        {"state": "", "f1_change": 0.01, "f1_error": 0.004, "false_per_min_change": 0.0}
    )
    assert sensitivity_page.improves(row)
    assert not sensitivity_page.improves(pd.Series({**row, "f1_error": 0.006}))
    assert not sensitivity_page.improves(pd.Series({**row, "false_per_min_change": 0.1}))
    assert not sensitivity_page.improves(pd.Series({**row, "f1_change": 0.0, "f1_error": 0.0}))
    assert not sensitivity_page.improves(None)


def test_every_row_names_a_constant_that_there_is() -> None:
    table = sensitivity_page.read()
    gone = table.drop(sensitivity_page.present(table).index)
    assert gone.empty, "run `python -m benchmarks.sensitivity_page`, which drops them"


def test_rows_of_constants_that_are_gone_are_dropped_and_others_stay_to_the_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, text = tmp_path / "table.csv", sensitivity.RESULTS.read_text(encoding="utf-8")
    header, first, *rest = text.splitlines(keepends=True)
    assert ",SHIFT_S," in text and ",detect_low_hz," in text
    gone = text.replace(",SHIFT_S,", ",NO_SUCH_NUMBER,").replace(",detect_low_hz,", ",block_s,")
    path.write_text(gone, encoding="utf-8")
    monkeypatch.setattr(sensitivity_page, "RESULTS", path)
    table = sensitivity_page.read()
    sensitivity_page.keep_rows(sensitivity_page.present(table).index)
    kept = [line for line in rest if ",SHIFT_S," not in line and ",detect_low_hz," not in line]
    assert path.read_text(encoding="utf-8") == "".join([header, first, *kept])


def test_the_page_says_of_which_states_its_rows_are() -> None:
    table = sensitivity_page.read()
    page = sensitivity_page.page(table)
    changed = table[table["name"] != ""]
    for code, rows in changed.groupby("code"):
        assert f"`{code}` ({len(rows)} changes)" in page
    assert "The detector has changed" in page


def test_the_committed_page_and_the_shipped_table_are_those_of_the_study() -> None:
    table = sensitivity_page.read()
    page = sensitivity.RESULTS.with_suffix(".md").read_text(encoding="utf-8")
    assert page == sensitivity_page.page(table), "run `python -m benchmarks.sensitivity_page`"
    assert SENSITIVITY.read_text(encoding="utf-8") == sensitivity_page.shipped(table)
    measured = sensitivity_page.constants(table)
    assert len(sensitivities()) == sum(constant.whole for constant in measured) > 0
