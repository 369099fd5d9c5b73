"""Names of results: unique, kept, harmless, and anonymous where asked for."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from batch_helpers import (
    Make,
    batch,
    make_edf,
    status_of,
)  # fmt: skip

from emgdetect.batch import CallError
from emgdetect.batch.naming import name_inputs


def test_equal_stems_keep_apart_and_keep_their_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for index, person in enumerate(("p1", "p2", "p3")):
        make_edf(tmp_path / "in" / person / "rest.edf", seed=index)
    batch([tmp_path / "in" / "p2"], out)
    assert set(status_of(out)) == {"rest"}
    batch([tmp_path / "in"], out)
    assert set(status_of(out)) == {"rest", "p1_rest", "p3_rest"}
    (out / "status.tsv").unlink()
    assert batch([tmp_path / "in"], out).n_kept == 3


def test_hostile_names_end_in_their_own_folders(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = make_edf(tmp_path / "source.edf")
    hard = [
        "=HYPERLINK(1).edf", "a\nb.edf", "\x1b[31mred.edf", "CON.edf", "x" * 251 + ".edf",
        "gpj.\u202efde.edf", "腓腸筋 左.edf", "-rf.edf", "a b.edf", "µ" * 125 + ".edf",
        r"a\x0ab.edf", "$(touch pwned).edf", "'; DROP TABLE x;.edf", "<img onerror=alert(1)>.edf",
    ]  # fmt: skip
    for name in hard:
        shutil.copy(source, folder / name)
    shutil.copy(source, os.fsencode(folder) + b"/latin-\xff.edf")
    out = tmp_path / "out"
    tally = batch([folder], out)
    assert (tally.n_done, tally.n_failed) == (len(hard) + 1, 0)
    assert len(status_of(out)) == len(hard) + 1
    assert len([entry for entry in out.iterdir() if entry.is_dir()]) == len(hard) + 1
    text = (out / "status.tsv").read_text("utf-8")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in text.split())
    assert batch([folder], out).n_kept == len(hard) + 1


def test_anonymous_names_tell_nothing(tmp_path: Path, make: Make) -> None:
    folder = make("Jane_Doe", "John_Doe")
    shutil.copy(folder / "Jane_Doe.edf", folder / "Jane_again.edf")
    out = tmp_path / "out"
    batch([folder], out, anonymous_names=True)
    names = [entry.name for entry in out.iterdir() if entry.is_dir()]
    assert len(names) == 3
    for name in names:
        for file in (out / name).iterdir():
            assert b"Doe" not in file.read_bytes()
            assert b"Jane" not in file.read_bytes()
    assert batch([folder], out, anonymous_names=True).n_kept == 3
    (out / "status.tsv").unlink()
    assert batch([folder], out, anonymous_names=True).n_kept == 3
    assert sorted(names) == sorted(entry.name for entry in out.iterdir() if entry.is_dir())


def guesses(paths: list[Path]) -> set[str]:
    """Beginnings of what one could work out of a path without having the file."""
    texts = [text for p in paths for text in (os.fspath(p), p.name, p.stem, os.fspath(p.parent))]
    return {hashlib.sha256(text.encode()).hexdigest()[:8] for text in texts}


def test_no_part_of_an_anonymous_name_can_be_worked_out_of_the_path(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    make_edf(folder / "Jane_Doe.edf")
    shutil.copy(folder / "Jane_Doe.edf", folder / "John_Doe.edf")
    os.link(folder / "Jane_Doe.edf", folder / "Jim_Doe.edf")  # the same file
    for empty in ("Ann_Doe", "Joe_Doe"):  # nothing to read
        (folder / f"{empty}.edf").touch()
    paths = sorted(folder.iterdir())
    tally = batch([folder], out, anonymous_names=True)
    assert tally.n_done + tally.n_failed == len(paths)
    names = set(status_of(out))
    assert len(names) == len(paths)
    parts = {part for name in names for part in name.removeprefix("rec-").split("-")}
    assert not {part[:8] for part in parts} & guesses(paths)
    again = batch([folder], out, anonymous_names=True)
    assert set(status_of(out)) == names and again.n_kept == tally.n_done


def test_inputs_that_cannot_be_read_in_time_are_named_alike_by_each_part_of_an_array_job(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    paths = [make_edf(folder / f"{name}_Doe.edf") for name in ("Jane", "John", "Jim")]

    def named(*in_time: Path) -> dict[Path, str]:
        return name_inputs(paths, {}, anonymous=True,
                           hash_of=lambda _: dict.fromkeys(in_time, "a" * 64))  # fmt: skip

    none, some = named(), named(paths[1])
    assert len(set(none.values())) == 3
    assert not {name[4:12] for name in none.values()} & guesses(paths)
    assert {path: some[path] for path in (paths[0], paths[2])} == {
        path: none[path] for path in (paths[0], paths[2])
    }
    paths[0].unlink()
    assert len(set(named().values())) == 3


def test_anonymous_names_do_not_keep_other_names(tmp_path: Path, make: Make) -> None:
    batch([make("Jane_Doe")], tmp_path / "out")
    with pytest.raises(CallError, match="needs another folder"):
        batch([make("Jane_Doe")], tmp_path / "out", anonymous_names=True)


def test_recordings_of_bids_names_fill_their_columns(tmp_path: Path, make: Make) -> None:
    batch([make("sub-07_ses-2_task-rest_emg", "other")], tmp_path / "out")
    header, *rows = (tmp_path / "out" / "summary.tsv").read_text("utf-8").splitlines()
    assert header.split("\t")[-3:] == ["participant_id", "session_id", "task"]
    assert [row.split("\t")[-3:] for row in rows] == [["n/a"] * 3, ["sub-07", "ses-2", "rest"]]
