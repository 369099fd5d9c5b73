"""A full or read-only disk is told, and leaves nothing partial."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from batch_helpers import (
    Make,
    batch,
    call,
    tables_of,
)  # fmt: skip

from emgdetect.batch import CallError
from emgdetect.batch.room import MIN_FREE_BYTES, lack_of_room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB, where this machine allows one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_told_before_computing(make: Make, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"\1" * (6 << 20))
    with pytest.raises(CallError, match=r"kB free|cannot be written"):
        batch([make("a")], small_disk / "out")


def test_how_much_is_free_and_needed_is_told(make: Make, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"\1" * (5 << 20))
    said = r"out cannot be used: its disk has 10\d\d kB free, and 2097 kB are needed"
    with pytest.raises(CallError, match=said):
        batch([make("a")], small_disk / "out")


def test_commands_that_write_one_file_tell_why_they_cannot(make: Make, small_disk: Path) -> None:
    edf = make("a") / "a.edf"
    (small_disk / "ballast").write_bytes(b"\1" * ((6 << 20) - 200_000))
    made = call("simulate", small_disk / "made.edf", "--duration", 60)
    assert made.returncode == 2
    assert made.stderr.strip() == (
        f"emgdetect: {small_disk}/made.edf cannot be written: No space left on device."
    )
    assert sorted(path.name for path in small_disk.iterdir()) == ["ballast"]
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    table, made_edf = small_disk / "sites.tsv", small_disk / "made.edf"
    for said in (
        call("check", edf, "--write-sites", table).stderr,
        call("simulate", made_edf, "--duration", 1).stderr,
    ):
        assert said.strip().endswith("cannot be written: Read-only file system.")
        assert "Errno" not in said and ".tmp-" not in said


def test_a_read_only_disk_takes_no_results_but_gives_recordings(
    tmp_path: Path, make: Make, small_disk: Path
) -> None:
    shutil.copytree(make("a"), small_disk / "in")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(CallError, match="cannot be written: Read-only"):
        batch([small_disk / "in"], small_disk / "in" / "out")
    assert batch([small_disk / "in"], tmp_path / "out").n_done == 1


def test_a_disk_that_fills_up_leaves_nothing_partial(
    tmp_path: Path, make: Make, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make("a", "b", "fill", "z")
    batch([folder], tmp_path / "undisturbed")
    out = small_disk / "out"
    monkeypatch.setenv("STAND_IN_DISK", str(small_disk))
    tally = batch([folder], out, jobs=1)
    assert (tally.n_done, tally.n_failed) == (2, 2)
    whole = tables_of(tmp_path / "undisturbed")
    for table in out.glob("*/*.tsv"):
        assert whole.get(str(table.relative_to(out)), "").strip()
    (small_disk / "ballast").unlink()
    monkeypatch.delenv("STAND_IN_DISK")
    assert batch([folder], out).exit_status == 0
    assert tables_of(out) == whole


@pytest.mark.parametrize(("short_of", "told"), [(0, ""), (1, "2097 kB are needed")])
def test_exactly_what_is_needed_is_enough(
    short_of: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=MIN_FREE_BYTES - short_of)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    lack = lack_of_room(tmp_path)
    assert lack.endswith(told) and bool(lack) == bool(told)
