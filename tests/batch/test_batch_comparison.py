"""A comparison stands beside the results it was made from, and beside no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_helpers import Make, batch, make_edf

from emgdetect.batch import CallError, join
from emgdetect.batch.comparison import compare_sessions
from emgdetect.batch.joint import COMPARED, REMOVED
from emgdetect.batch.lock import locked
from emgdetect.columns import TABLES, empty
from emgdetect.writers.tables import write_side_car, write_table


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.glob("comparison*"))


def written(out: Path) -> None:
    """A comparison as `emgdetect compare` leaves it, without any row."""
    for name in ("comparison", "comparison_sessions"):
        write_table(out / f"{name}.tsv", empty(TABLES[name]), TABLES[name])
        write_side_car(out / f"{name}.json", TABLES[name])
    (out / "comparison.png").write_bytes(b"of them")


def sessions_of(out: Path, *names: str) -> Path:
    """A table of sessions of these recordings."""
    path = out.parent / "sessions.tsv"
    rows = [f"{name}\t{i % 2}" for i, name in enumerate(names)]
    path.write_text("\n".join(["recording\tcoffee", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", COMPARED)
def test_what_is_somebody_elses_is_neither_replaced_nor_removed(
    tmp_path: Path, make: Make, name: str
) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    (out / name).write_text("mine", encoding="utf-8")
    with pytest.raises(CallError, match="is not of emgdetect and would be replaced"):
        compare_sessions(out, sessions_of(out, "a", "b"), ["coffee"])
    make_edf(tmp_path / "in" / "c.edf", seed=7)
    batch([tmp_path / "in"], out)
    assert beside(out) == [name]
    assert (out / name).read_text(encoding="utf-8") == "mine"


def test_an_earlier_comparison_is_replaced(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    for _ in range(2):
        compare_sessions(out, sessions_of(out, "a", "b"), ["coffee"])
    assert beside(out) == sorted(COMPARED)


def test_nothing_is_compared_while_a_run_is_at_work(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    for shared in (False, True):
        with locked(out, shared=shared), pytest.raises(CallError, match="in use by another run"):
            compare_sessions(out, sessions_of(out, "a", "b"), ["coffee"])
    assert beside(out) == []


def test_a_comparison_goes_with_the_results_it_was_made_from(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out)
    written(out)
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
