"""Every number that steers detection and statistics says what it is and where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from emgdetect.config import Config
from emgdetect.numbers import (
    PACKAGE,
    ROOMS,
    Number,
    _constant,
    numbers,
    numbers_in,
    numbers_page,
    sensitivities,
)

LEAST_TEXT = 20


def bare(found: list[Number]) -> list[str]:
    """Names of the numbers that do not say enough."""
    return [f"{n.module}.{n.name}" for n in found if len(n.text) < LEAST_TEXT]


def test_every_number_says_what_it_is_and_where_it_comes_from() -> None:
    found = numbers()
    assert {n.module.split(".")[0] for n in found} == set(ROOMS)
    assert not bare(found)


def test_every_setting_has_a_meaning_and_a_source() -> None:
    for name, field in Config.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict), name
        assert field.description, name
        assert extra["source"], name


def test_known_numbers_are_found_with_value_and_text() -> None:
    by_name = {(n.module, n.name): n for n in numbers()}
    assert by_name["detection.trains", "TRAIN_INTERVAL_S"].value == "(0.060, 0.250)"
    assert "Sleutjes" in by_name["detection.trains", "TRAIN_INTERVAL_S"].text
    assert ("detection.trace.blocks", "ROWS_AT_ONCE") in by_name
    assert ("detection.bodymap", "LEG") not in by_name
    assert len(by_name) == len(numbers())


@pytest.mark.parametrize(
    "value",
    ["0", "-2.5", "(1, 2)", '{"a": 3}', "np.geomspace(A, B, 9)", "matched.AT_ONCE", "1 << 4"],
)
def test_a_number_without_a_text_is_seen(value: str) -> None:
    text = '"""Seconds, and from where."""'
    source = f"X_S = {value}\nY: float = {value}\n{text}\nZ_S: float = {value}"
    assert bare(numbers_in(source, "m")) == ["m.X_S", "m.Z_S"]


@pytest.mark.parametrize("value", ['"text"', '("a", "b")', "True", "None", 'TypeVar("T")', "f()"])
def test_what_holds_no_number_needs_no_text(value: str) -> None:
    assert numbers_in(f"X_S = {value}", "m") == []


def test_text_and_value_are_one_line() -> None:
    (found,) = numbers_in('X_HZ = (\n    1,\n    2,\n)\n"""Two\nlines."""\n', "a.b")
    assert found == Number("a.b", "X_HZ", "( 1, 2, )", "Two lines.")
    assert numbers_in("", "m") == []


def test_names_bound_together_share_the_text() -> None:
    found = numbers_in('A_S, B_S = 1, (2, 3)\n"""What both are."""\nC = D = E, F = f(4)', "m")
    assert [(n.name, n.value, n.text) for n in found] == [
        ("A_S", "1", "What both are."),
        ("B_S", "(2, 3)", "What both are."),
        ("C", "f(4)", ""),
        ("D", "f(4)", ""),
        ("E", "f(4)", ""),
        ("F", "f(4)", ""),
    ]


def test_the_page_says_what_a_change_of_a_number_does_while_it_has_that_value() -> None:
    known = {("detection.m", "A_S", "0.5"): "0.8 ×: F1 −0.0020 ± 0.0010; 1.25 ×: none"}
    text = "Seconds. Set by judgement; not measured."
    measured = _constant(Number("detection.m", "A_S", "0.5", text), known)
    assert measured.endswith("| Seconds. Set by judgement. | " + known.popitem()[1] + " |")
    known = {("detection.m", "A_S", "0.4"): "none"}
    assert _constant(Number("detection.m", "A_S", "0.5", text), known).endswith(f"{text} | – |")
    assert _constant(Number("stats.m", "A_S", "0.5", text), {}).endswith(f"`0.5` | {text} |")


def test_the_shipped_table_is_read_and_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    assert sensitivities(path) == {}
    path.write_text('module\tname\tvalue\tsensitivity\na.b\tC\t{"x": 1}\tnone\n')
    assert sensitivities(path) == {("a.b", "C", '{"x": 1}'): "none"}


def test_the_page_of_numbers_is_the_generated_one() -> None:
    page = (PACKAGE / "NUMBERS.md").read_text(encoding="utf-8")
    assert page == numbers_page(), "write `emgdetect.numbers.numbers_page()` to NUMBERS.md anew"
    assert all(f"`{n.name}`" in page for n in numbers())
    assert all(f"`{name}`" in page for name in Config.model_fields)
