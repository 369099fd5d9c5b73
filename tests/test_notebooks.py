"""The notebooks run, show what they showed once, and tell nothing of the machine they ran on."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
FIRST = FOLDER / "01_first_look.ipynb"


def outputs(cells: list[Any]) -> list[list[set[str]]]:
    """Kinds of the outputs of each code cell."""
    return [
        [set(output.get("data", {output["output_type"]: ""})) for output in cell["outputs"]]
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def html(cells: list[Any]) -> str:
    """All HTML that the cells show."""
    found = [o.get("data", {}) for c in cells for o in c.get("outputs", ())]
    return "\n".join("".join(data.get("text/html", "")) for data in found)


@pytest.fixture(scope="module")
def executed() -> list[Any]:
    sys.path.insert(0, str(FOLDER))
    from execute import execute

    cells: list[Any] = execute(FIRST).cells
    return cells


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_first_notebook_shows_what_it_showed(executed: list[Any]) -> None:
    stored = json.loads(FIRST.read_text(encoding="utf-8"))["cells"]
    assert outputs(executed) == outputs(stored)
    pictures = [o["data"]["image/png"] for c in executed for o in c.get("outputs", ())
                if "image/png" in o.get("data", {})]  # fmt: skip
    assert len(pictures) == 5
    assert all(len(picture) > 10_000 for picture in pictures)
    shown = html(executed)
    for word in ("BICEPS L", "contraction", "rate_per_min", "Recording demo", "isolated"):
        assert word in shown


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda p: p.name)
def test_stored_outputs_tell_no_path_and_no_error(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|work|Users|opt)/", text)
    kinds = [o["output_type"] for c in json.loads(text)["cells"] for o in c.get("outputs", ())]
    assert not {"error", "stream"} & set(kinds)  # streams hold warnings


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_stored_numbers_are_those_of_this_detector(executed: list[Any]) -> None:
    """Where this fails, `python notebooks/execute.py notebooks/*.ipynb` brings them up to date."""
    stored = json.loads(FIRST.read_text(encoding="utf-8"))["cells"]
    counted = [words(cell) for cell in stored if "n_fasciculations" in words(cell)]
    assert counted
    assert [words(cell) for cell in executed if "n_fasciculations" in words(cell)] == counted


def words(cell: Any) -> str:
    """The words of the tables that a cell shows."""
    return " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", html([cell]), flags=re.S).split())
