"""Tables: the contract's columns, cells that mean the same to everybody, whole files only."""

from __future__ import annotations

import errno
import io
import json
import math
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgdetect import columns as tables
from emgdetect import meanings
from emgdetect.columns import EVENTS, SUMMARY, VERDICTS
from emgdetect.detections import Detections
from emgdetect.writers import replacing, safe_cell, safe_text, write_tables, write_text
from emgdetect.writers.cells import cell, number_cell
from emgdetect.writers.tables import table_text

CONTRACT_EVENTS = (
    "onset", "duration", "site", "channel", "verdict", "peak_s", "amplitude_uv",
    "amplitude_fit_uv", "snr", "unit",
)  # fmt: skip
CONTRACT_SUMMARY = (
    "site", "n_channels", "sampling_hz", "recorded_s", "analysed_s", "n_fasciculations",
    "rate_per_min", "rate_low", "rate_high", "rate_flag", "dispersion", "expected_false_per_min",
    "rate_corrected_per_min", "rate_corrected_low", "rate_corrected_high", "detectable_uv",
    "n_units", "amplitude_median_uv", "short_interval_share", "isolated_share", "noise_uv",
)  # fmt: skip


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", na_values="n/a", keep_default_na=False)


def test_events_have_the_columns_of_the_contract_and_read_back(
    tmp_path: Path, found: Detections
) -> None:
    write_tables(tmp_path, found)
    events = read(tmp_path / "events.tsv")
    assert tuple(events)[: len(CONTRACT_EVENTS)] == CONTRACT_EVENTS
    assert list(events["onset"]) == [1.25, 2.0, 3601.123456]
    assert events["unit"].isna().tolist() == [False, True, True]
    assert events["amplitude_uv"].tolist() == pytest.approx([41.2346, 1e-7, 123457000])


def test_summary_has_the_columns_of_the_contract(tmp_path: Path, found: Detections) -> None:
    write_tables(tmp_path, found)
    summary = read(tmp_path / "summary.tsv")
    assert tuple(summary)[: len(CONTRACT_SUMMARY)] == CONTRACT_SUMMARY
    assert summary["rate_per_min"].tolist() == pytest.approx([0.5, 0.333333])


def test_nothing_found_is_a_header_alone(tmp_path: Path, nothing: Detections) -> None:
    write_tables(tmp_path, nothing)
    for name in ("events", "summary", "excluded"):
        text = (tmp_path / f"{name}.tsv").read_text("utf-8")
        assert text.endswith("\n")
        assert text.count("\n") == 1


def test_side_car_describes_every_column(tmp_path: Path, found: Detections) -> None:
    write_tables(tmp_path, found)
    for name, columns in (("events", EVENTS), ("summary", SUMMARY)):
        side_car = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
        header = (tmp_path / f"{name}.tsv").read_text("utf-8").splitlines()[0].split("\t")
        assert list(side_car) == header == [column.name for column in columns]
        assert all(entry["Description"] for entry in side_car.values())
    events = json.loads((tmp_path / "events.json").read_text("utf-8"))
    assert events["onset"]["Units"] == "s"
    assert set(events["verdict"]["Levels"]) == set(VERDICTS)


def test_side_cars_say_of_verdicts_and_reasons_what_the_page_says(
    tmp_path: Path, found: Detections
) -> None:
    write_tables(tmp_path, found)
    for name, column, words in (
        ("events", "verdict", meanings.VERDICTS), ("excluded", "reason", meanings.REASONS),
    ):  # fmt: skip
        levels = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))[column]["Levels"]
        assert {key: text.lower().rstrip(".") for key, text in levels.items()} == words
        assert all(text[0].isupper() and text.endswith(".") for text in levels.values())


def test_times_have_six_decimals_and_others_six_digits() -> None:
    assert number_cell(86399.1234567, is_time=True) == "86399.123457"
    assert number_cell(86399.1234567, is_time=False) == "86399.1"
    assert number_cell(-1e-9, is_time=True) == "0.000000"
    assert number_cell(-0.0, is_time=False) == "0"
    assert number_cell(math.nan, is_time=True) == "n/a"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "n/a"), (pd.NA, "n/a"), (pd.NaT, "n/a"), (float("nan"), "n/a"), ("", "n/a"),
        (" ", "n/a"), (True, "true"), (np.bool_(False), "false"), (np.int64(7), "7"), (7, "7"),
        (np.float32(0.5), "0.5"), ("n/a", "n/a"), ("TIBIALIS ANT. L", "TIBIALIS ANT. L"),
    ],
)  # fmt: skip
def test_every_kind_of_value_has_its_cell(value: object, expected: str) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "=HYPERLINK(0)"])
def test_spreadsheets_do_not_compute_a_cell(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ['"VL', ' "VL"', '"'])
def test_a_quote_swallows_no_lines_of_a_reader(text: str) -> None:
    lines = f"site\tn\n{safe_cell(text)}\t1\nFDI\t2\n"
    read = pd.read_csv(io.StringIO(lines), sep="\t")
    assert read["n"].tolist() == [1, 2] and read["site"].tolist() == [f"'{text}", "FDI"]


def test_terminals_and_writing_direction_are_left_alone() -> None:
    assert safe_text("a\x1b[31mb\tc\nd") == r"a\x1b[31mb\x09c\x0ad"
    assert safe_text("gpj.\u202efde\u2028") == r"gpj.\u202efde\u2028"
    assert safe_text("\udcff") == r"\udcff"
    assert safe_text("Wadenmuskel µV 腓腸筋 عضلة می‌خواهم") == "Wadenmuskel µV 腓腸筋 عضلة می‌خواهم"


@given(st.text())
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    made = safe_cell(text)
    made.encode()
    assert made
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in made)
    assert made.lstrip()[0] not in "=+-@"
    assert safe_cell(made) == made


def test_unknown_columns_are_kept_and_absent_ones_missing(found: Detections) -> None:
    frame = found.events[["onset", "site"]].assign(further=[1, 2, 3])
    header, *rows = table_text(frame, EVENTS).splitlines()
    assert header.split("\t")[-1] == "further"
    assert [row.split("\t")[-1] for row in rows] == ["1", "2", "3"]
    assert {row.split("\t")[3] for row in rows} == {"n/a"}


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    write_text(path, "old")

    def write_and_fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_and_fail()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.tsv"]


@pytest.mark.parametrize(
    ("raised", "number"),
    [(OSError("320000 requested and 101120 written"), errno.ENOSPC),
     (OSError(errno.EROFS, "Read-only file system"), errno.EROFS)],
)  # fmt: skip
def test_an_error_of_writing_names_the_file_and_not_the_temporary_one(
    tmp_path: Path, raised: OSError, number: int
) -> None:
    path = tmp_path / "made.edf"
    with pytest.raises(OSError, match="made") as caught, replacing(path):
        raise raised
    assert (caught.value.errno, caught.value.filename) == (number, str(path))
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "none" / "x.tsv") as new:
        new.write_text("x")
    assert caught.value.filename == str(tmp_path / "none" / "x.tsv")


def test_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".tsv")
    write_text(path, "text")
    assert path.read_text() == "text"


def test_line_ends_and_encoding_do_not_depend_on_the_system(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "µ\n")
    assert (tmp_path / "a").read_bytes() == b"\xc2\xb5\n"


def test_the_page_of_columns_is_the_generated_one() -> None:
    page = Path(tables.__file__).with_name("COLUMNS.md").read_text(encoding="utf-8")
    assert page == tables.columns_page()
    for columns in tables.TABLES.values():
        for column in columns:
            assert f"| `{column.name}` |" in page
            assert column.description.endswith(".")


def test_every_table_of_a_recording_is_written_with_its_side_car(
    tmp_path: Path, found: Detections
) -> None:
    write_tables(tmp_path, found)
    for name in ("events", "summary", "excluded", "units", "minutes", "synchrony", "recovery"):
        header = (tmp_path / f"{name}.tsv").read_text("utf-8").splitlines()[0].split("\t")
        assert header == list(json.loads((tmp_path / f"{name}.json").read_text("utf-8")))
