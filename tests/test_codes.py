"""Every code that the package can give stands in the one list, and the list holds no dead ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import emgdetect.codes
from emgdetect.codes import CODES, codes_page
from emgdetect.findings import finding, refusal, summarise

PACKAGE = Path(__file__).parents[1] / "emgdetect"
GIVEN = re.compile(
    r"""(?:\bcode=|\bEdfError\(|\brefusal\(|\bfinding\(|_fault\(|_failed\(|_left_out\(\w+,|code\ =)
        \s*"([a-z]+(?:-[a-z]+)*)"(?:\ if\ \w+\ else\ "([a-z-]+)")?""",
    re.VERBOSE,
)
NAMES = {code.name for code in CODES}
NO_FINDING = {"ok"}
"""Outcomes that are no remark."""


def sources() -> dict[str, str]:
    paths = [p for p in PACKAGE.rglob("*.py") if p.name != "codes.py"]
    return {str(p.relative_to(PACKAGE)): p.read_text(encoding="utf-8") for p in paths}


def test_every_code_given_is_listed() -> None:
    given = {
        (file, name)
        for file, text in sources().items()
        for match in GIVEN.findall(text)
        for name in match
        if name
    }
    assert len(given) > 40
    assert not {(file, name) for file, name in given if name not in NAMES | NO_FINDING}


def test_every_code_listed_is_given_somewhere() -> None:
    whole = "\n".join(sources().values())
    assert not {name for name in NAMES if f'"{name}"' not in whole}


def test_codes_are_unique_and_say_the_way_out() -> None:
    assert len(NAMES) == len(CODES)
    for code in CODES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code.name)
        assert code.meaning.endswith(".")
        assert code.way_out.endswith(".")


def test_findings_and_refusals_take_words_from_the_list() -> None:
    found = finding("gap")
    assert (found.severity, found.hint) == ("note", "Nothing to do.")
    assert refusal("not-edf").code == "not-edf"
    with pytest.raises(KeyError):
        finding("no-such-code")


def test_many_alike_findings_are_one() -> None:
    many = [finding("unit-spelling", f"{k}.", channel=str(k)) for k in range(128)]
    one, other = summarise([*many, finding("gap")])
    assert (one.message, one.channel) == ("0. The same holds 127 times more.", "")
    assert other.code == "gap"
    assert summarise(many[:4]) == tuple(many[:4])
    assert summarise([]) == ()


def test_the_page_of_codes_is_the_generated_one():
    page = Path(emgdetect.codes.__file__).with_name("CODES.md").read_text(encoding="utf-8")
    assert page == codes_page()
    assert all(f"`{code.name}`" in page for code in CODES)
