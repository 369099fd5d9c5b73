"""Results made in different ways do not stand beside each other without a word."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from batch_helpers import Make, batch, make_edf, settings

from emgdetect.batch import join
from emgdetect.batch.comparison import compare_sessions
from emgdetect.batch.mixture import CAUTION, MOST_NAMED, mixed, settings_digest
from emgdetect.config import Config

STRICT = Config(exclusion="strict").model_dump(mode="json")


def words(out: Path) -> list[str]:
    with (out / "summary.tsv").open(encoding="utf-8", newline="") as file:
        return [row["settings"] for row in csv.DictReader(file, delimiter="\t")]


def test_other_settings_are_told_wherever_numbers_meet(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out, settings=settings(report=True))
    assert "alike" not in capsys.readouterr().err
    assert "alike" not in (out / "report.html").read_text(encoding="utf-8")
    assert len(set(words(out))) == 1
    make_edf(tmp_path / "later" / "c.edf", seed=7)
    batch([tmp_path / "later"], out, settings=settings(config=STRICT, report=True))
    told = "exclusion default (2), strict (1)"
    assert told in capsys.readouterr().err
    page = (out / "report.html").read_text(encoding="utf-8")
    assert told in page
    assert CAUTION in page
    first, second, third = words(out)
    assert first == second != third
    join(out)
    assert told in capsys.readouterr().err
    table = tmp_path / "sessions.tsv"
    table.write_text("recording\tcoffee\na\t0\nb\t1\nc\t2\n", encoding="utf-8")
    assert told in compare_sessions(out, table, ["coffee"])
    table.write_text("recording\tcoffee\na\t0\nb\t1\n", encoding="utf-8")
    assert "alike" not in compare_sessions(out, table, ["coffee"])


def test_site_tables_of_one_name_are_told_apart(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out, table = make("a", "b"), tmp_path / "out", tmp_path / "sites.tsv"
    for name, muscle in (("a", "biceps"), ("b", "brachialis")):
        table.write_text(f"name\ttarget_muscle\nEMG BICEPS L\t{muscle}\n", encoding="utf-8")
        batch([folder / f"{name}.edf"], out, settings=settings(sites=str(table)))
    assert "site table sites.tsv (" in capsys.readouterr().err


def test_compare_names_recordings_of_an_earlier_run(tmp_path: Path, make: Make) -> None:
    folder, out, table = make("a", "b"), tmp_path / "out", tmp_path / "sessions.tsv"
    batch([folder], out)
    (folder / "b.edf").write_bytes(b"")
    batch([folder], out)
    table.write_text("recording\tcoffee\na\t0\nb\t1\n", encoding="utf-8")
    assert "numbers of an earlier run: b." in compare_sessions(out, table, ["coffee"])


MARK = {
    "emgdetect": "1.0", "code": "0123456789", "config": {"mains_hz": "auto"},
    "options": {"sites": "", "assume_unit": "", "recovery": True, "keep_identity": False},
}  # fmt: skip


def test_states_of_the_program_are_told_apart() -> None:
    old = {key: value for key, value in MARK.items() if key != "code"}
    assert mixed([MARK, MARK, MARK | {"code": "ab" * 9}, old]).startswith(
        "Not all results here were made alike (recordings in brackets): program 1.0 (01234567) (2)"
        ", 1.0 (abababab) (1), 1.0 (source not noted) (1). "
    )
    assert settings_digest(old) == settings_digest(MARK)


def test_what_changes_no_number_is_no_difference() -> None:
    other = MARK | {"options": {**MARK["options"], "keep_identity": True}}  # type: ignore[dict-item]
    assert mixed([MARK, other]) == ""
    assert mixed([]) == ""
    assert mixed([json.loads("{}"), {"config": 1, "options": None}]) == ""


def test_a_site_table_is_its_content_under_whatever_name() -> None:
    def made(name: str, sha256: str) -> dict[str, object]:
        return {"options": {"sites": name, "sites_sha256": sha256}}

    one, two = made("sites.tsv", "a" * 64), made("copy.tsv", "a" * 64)
    assert mixed([one, two]) == ""
    assert settings_digest(one) == settings_digest(two)
    other = made("sites.tsv", "b" * 64)
    told = "site table copy.tsv (aaaaaaaa) (2), none (1), sites.tsv (bbbbbbbb) (1)"
    assert told in mixed([one, two, other, made("", "")])
    assert settings_digest(one) != settings_digest(other)


def test_many_settings_and_values_are_counted() -> None:
    marks = [MARK | {"config": {f"k{i}": n for i in range(6)}} for n in range(6)]
    text = mixed(marks)
    assert "k0 0 (1), 1 (1), 2 (1), 3 (1) and 2 more; k1" in text
    assert "; and 2 more settings." in text


def test_as_many_settings_as_are_named_leave_no_more() -> None:
    marks = [MARK | {"config": {f"k{i}": n for i in range(MOST_NAMED)}} for n in range(2)]
    assert f"k{MOST_NAMED - 1} 0 (1), 1 (1). " in mixed(marks)
    assert "more settings" not in mixed(marks)
