"""A comparison stands beside the results it was made from, and beside no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_helpers import Make, batch, make_edf

from emgdetect.batch import join
from emgdetect.batch.joint import COMPARED, REMOVED
from emgdetect.columns import TABLES


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.glob("comparison*"))


def test_a_comparison_goes_with_the_results_it_was_made_from(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    for name in COMPARED:
        (out / name).write_text("of the first run", encoding="utf-8")
    own = out / "comparison_notes.txt"
    own.write_text("a person's", encoding="utf-8")
    batch([tmp_path / "in"], out)
    join(out)
    assert beside(out) == sorted([*COMPARED, own.name])  # nothing changed
    assert REMOVED not in capsys.readouterr().err
    make_edf(tmp_path / "in" / "c.edf", seed=7)
    batch([tmp_path / "in"], out)
    assert beside(out) == [own.name]
    assert capsys.readouterr().err.count(REMOVED) == 1


def test_every_file_of_a_comparison_is_known() -> None:
    tables = {name for name in TABLES if name.startswith("comparison")}
    assert set(COMPARED) == {
        *(f"{name}{end}" for name in tables for end in (".tsv", ".json")), "comparison.png"
    }  # fmt: skip
