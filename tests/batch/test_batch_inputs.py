"""Inputs: whatever a person names, each recording once; names that are safe, unique and stay."""

from __future__ import annotations

import os
import socket
import unicodedata
from pathlib import Path

import pytest
from batch_helpers import make_edf
from hypothesis import given
from hypothesis import strategies as st

from emgdetect.batch import CallError, find_inputs
from emgdetect.batch.inputs import problem_of
from emgdetect.batch.names import MAX_BYTES, assign_names, safe_name


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_files_folders_and_patterns_lead_to_recordings(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.edf", "b/c.BDF", "b/d/e.vhdr", "b/f.txt")]
    touch(*files)
    assert find_inputs([str(tmp_path)]) == sorted(files[:3])
    assert find_inputs([str(tmp_path / "*.edf")]) == files[:1]
    assert find_inputs([str(tmp_path / "**" / "*.BDF")]) == files[1:2]
    assert find_inputs([str(files[3])]) == files[3:], "a file named outright is taken as it is"


def test_a_name_with_brackets_is_that_file_first(tmp_path: Path) -> None:
    touch(tmp_path / "x[1].edf", tmp_path / "x1.edf")
    assert find_inputs([str(tmp_path / "x[1].edf")]) == [tmp_path / "x[1].edf"]


def test_one_recording_named_in_many_ways_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "real" / "a.edf"
    touch(file)
    (tmp_path / "link.edf").symlink_to(file)
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    names = ["real/a.edf", "real/../real/a.edf", "folder/a.edf", "link.edf", "real", str(file)]
    assert find_inputs(names) == [file]
    assert find_inputs(names[::-1]) == [file]


def test_of_a_bids_dataset_only_its_raw_emg_is_taken(tmp_path: Path) -> None:
    emg = tmp_path / "sub-01" / "emg" / "sub-01_task-rest_emg.edf"
    touch(
        emg, tmp_path / "dataset_description.json", tmp_path / "sub-01" / "eeg" / "sub-01_eeg.edf",
        tmp_path / "derivatives" / "x" / "sub-01_emg.edf",
    )  # fmt: skip
    assert find_inputs([str(tmp_path)]) == [emg]


def test_results_are_no_inputs(tmp_path: Path) -> None:
    touch(
        tmp_path / "a.edf", tmp_path / "out" / "status.tsv", tmp_path / "out" / "a" / "run.json",
        tmp_path / "out" / "a" / "annotations.edf", tmp_path / ".hidden" / "b.edf",
    )  # fmt: skip
    assert find_inputs([str(tmp_path)]) == [tmp_path / "a.edf"]


def test_recordings_beside_results_are_inputs_and_what_a_killed_run_left_is_not(
    tmp_path: Path,
) -> None:
    top = tmp_path / "clinic"
    touch(
        top / "a.edf", top / "day 2" / "b.edf", top / "status.tsv", top / "a" / "run.json",
        top / "a" / "annotations.edf", top / "b" / "annotations.edf",
    )  # fmt: skip
    for folder in (top, tmp_path):
        assert find_inputs([str(folder)]) == [top / "a.edf", top / "day 2" / "b.edf"]


def test_what_does_not_exist_is_told(tmp_path: Path) -> None:
    for name in ("none.edf", "*.edf", ""):
        with pytest.raises(CallError, match="There is no"):
            find_inputs([str(tmp_path / name)])


def test_a_folder_without_recordings_tells_what_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "signal.txt").touch()
    with pytest.raises(CallError, match=r"where \.bdf, \.cnt, \.edf, .* are looked for"):
        find_inputs([str(tmp_path)])


def test_pipes_sockets_links_and_folders_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.edf")
    (tmp_path / "broken.edf").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.edf").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.edf"))
        found = find_inputs([str(tmp_path)])
        problems = {path.name: problem_of(path) for path in found}
    codes = {name: problem[0] if problem else "" for name, problem in problems.items()}
    assert codes == {
        "pipe.edf": "not-a-file", "socket.edf": "not-a-file", "broken.edf": "broken-link",
        "folder.edf": "is-a-folder",
    }  # fmt: skip
    make_edf(tmp_path / "folder.edf" / "inside.edf")
    assert find_inputs([str(tmp_path / "folder.edf")]) == [tmp_path / "folder.edf" / "inside.edf"]


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("sub-01_task-rest_emg", "sub-01_task-rest_emg"), ("../../x", "x"), ("CON", "CON_"),
        ("com1.x", "com1.x_"), ("a b\tc", "a_b_c"), ("", "recording"), ("...", "recording"),
        ("=1+1", "1_1"), ("-rf", "rf"), ("Übung 3", "Übung_3"), ("腓腸筋", "腓腸筋"),
        ("हिन्दी", "हिन्दी"), ("a\u202eb", "a_b"), ("\udcff", "recording"),
        ("status", "status_"), ("report.html", "report.html_"),
    ],
)  # fmt: skip
def test_stems_become_safe_names(stem: str, name: str) -> None:
    assert safe_name(stem) == name


def test_a_name_of_the_longest_length_stays_and_a_longer_one_ends_in_a_hash() -> None:
    longest = "a" * MAX_BYTES
    assert safe_name(longest) == longest
    cut = safe_name(longest + "a")
    assert len(cut) == MAX_BYTES and cut.startswith("a" * (MAX_BYTES - 9) + "-")


@given(st.text())
def test_every_name_is_safe(stem: str) -> None:
    name = safe_name(stem)
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert name[0] not in "-._=+@"
    assert not name.endswith(".")
    assert all(unicodedata.category(c)[0] in "LNM" or c in "-_." for c in name)
    assert safe_name(name) == name


folders = st.sampled_from(["/a", "/a/b", "/c", "/A"])
stems = st.sampled_from(["x", "X", "a_x", "y", "x" * 300, "é", "e\u0301", "../x", "x y", "x_y"])
suffixes = st.sampled_from([".edf", ".bdf"])
paths = st.lists(
    st.builds(lambda f, s, e: Path(f) / f"{s}{e}", folders, stems, suffixes), unique=True
)


@given(paths, st.randoms())
def test_names_are_unique_and_do_not_depend_on_the_order(found: list[Path], random: object) -> None:
    names = assign_names(found, known={})
    assert set(names) == set(found)
    folded = [name.casefold() for name in names.values()]
    assert len(set(folded)) == len(folded)
    random.shuffle(found)  # type: ignore[attr-defined]
    assert assign_names(found, known={}) == names


@given(paths, paths)
def test_a_name_once_given_stays(first: list[Path], second: list[Path]) -> None:
    before = assign_names(first, known={})
    both = list({*first, *second})
    after = assign_names(both, known=before, taken=before.values())
    assert {path: after[path] for path in first} == before
    assert len({name.casefold() for name in after.values()}) == len(both)


@given(paths, st.data())
def test_an_interrupted_batch_names_the_rest_as_it_would_have(
    found: list[Path], data: st.DataObject
) -> None:
    whole = assign_names(found, known={})
    done = data.draw(st.sets(st.sampled_from(found))) if found else set()
    known = {path: whole[path] for path in done}
    assert assign_names(found, known=known, taken=known.values()) == whole
    hashes = {path: f"{len(path.stem):012x}" for path in found}
    whole = assign_names(found, known={}, hashes=hashes)
    known = {path: whole[path] for path in done}
    assert assign_names(found, known=known, taken=known.values(), hashes=hashes) == whole


def test_equal_stems_are_told_apart_by_their_folders() -> None:
    names = assign_names([Path("/one/rest.edf"), Path("/two/rest.edf")], known={})
    assert sorted(names.values()) == ["one_rest", "two_rest"]
    names = assign_names([Path("/one/rest.edf"), Path("/one/rest.bdf")], known={})
    assert all(name.startswith("rest-") for name in names.values())


def test_a_link_named_like_a_recording_is_listed_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    link = tmp_path / "broken.edf"
    link.symlink_to(tmp_path / "empty")
    assert find_inputs([str(link)]) == [link]
    assert problem_of(link) == ("is-a-folder", "It is a folder, not a recording.")
    (tmp_path / "empty").rmdir()
    assert find_inputs([str(link)]) == [link]
    assert problem_of(link) == ("broken-link", "The link leads nowhere.")


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder beside a recording that may not be looked into, whoever runs the tests."""
    folder, scandir = tmp_path / "ward.edf", os.scandir
    touch(tmp_path / "a.edf", folder / "b.edf")

    def refusing(path: str | os.PathLike[str]) -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


def test_a_folder_that_cannot_be_looked_into_is_told_and_stops_nothing(closed: Path) -> None:
    assert find_inputs([str(closed.parent)]) == [closed.parent / "a.edf", closed]
    assert find_inputs([str(closed.parent / "*")]) == [closed.parent / "a.edf", closed]
    assert problem_of(closed) == (
        "file-unreadable", "The folder cannot be read: Permission denied.",
    )  # fmt: skip
    with pytest.raises(CallError, match=r"ward\.edf cannot be read: Permission"):
        find_inputs([str(closed)])


def test_of_a_bids_dataset_a_closed_folder_is_told_too(closed: Path) -> None:
    touch(closed.parent / "dataset_description.json", closed.parent / "sub-1_emg.edf")
    assert find_inputs([str(closed.parent)]) == [closed.parent / "sub-1_emg.edf", closed]
