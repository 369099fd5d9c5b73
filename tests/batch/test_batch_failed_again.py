"""A failure leaves the result of an earlier run where it is, and says so everywhere."""

from __future__ import annotations

import csv
import errno
import os
import shutil
from pathlib import Path

import pytest
from batch_helpers import Make, batch, call, left_behind, make_edf, settings, status_of

from emgdetect.batch import join
from emgdetect.batch.failure import STAYS, failure_of, forget_failure
from emgdetect.columns import FAILED


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != FAILED}


def joint(out: Path) -> list[dict[str, str]]:
    with (out / "summary.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def message_of(out: Path, name: str) -> str:
    with (out / "status.tsv").open(encoding="utf-8", newline="") as file:
        return next(r for r in csv.DictReader(file, delimiter="\t") if r["recording"] == name)[
            "message"
        ]


def test_a_failure_leaves_the_result_of_an_earlier_run(tmp_path: Path, make: Make) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out)
    (out / "a" / "reviewed.tsv").write_text("mine\n")
    whole, rows = files(out / "a"), joint(out)
    recording = (folder / "a.edf").read_bytes()
    (folder / "a.edf").write_bytes(b"")
    tally = batch([folder], out)
    assert (tally.n_failed, tally.n_kept, tally.exit_status) == (1, 1, 1)
    assert files(out / "a") == whole
    assert status_of(out)["a"][0] == "failed"
    assert message_of(out, "a").endswith(STAYS)
    code = status_of(out)["a"][1]
    assert [row["newest_attempt"] for row in joint(out)] == [code, "ok"]
    assert [row | {"newest_attempt": "ok"} for row in joint(out)] == rows
    assert left_behind(out) == []

    join(out)  # and from what stands there, without the table
    assert status_of(out)["a"] == ("failed", code)
    (out / "status.tsv").unlink()
    join(out)
    assert status_of(out)["a"] == ("failed", code)
    assert [row["newest_attempt"] for row in joint(out)] == [code, "ok"]

    (folder / "a.edf").write_bytes(recording)  # the older result holds again
    assert batch([folder], out).exit_status == 0
    assert status_of(out)["a"] == ("done", "ok")
    assert "fasciculation" in message_of(out, "a")
    assert not (out / "a" / FAILED).exists()
    assert joint(out) == rows


def test_a_later_success_replaces_it(tmp_path: Path, make: Make) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out)
    (folder / "a.edf").write_bytes(b"no longer a recording")
    batch([folder], out)
    assert failure_of(out / "a") is not None
    shutil.copy(folder / "b.edf", folder / "a.edf")
    tally = batch([folder], out)
    assert (tally.n_done, tally.n_failed) == (1, 0)
    assert failure_of(out / "a") is None
    assert (out / "a" / "events.tsv").read_bytes() == (out / "b" / "events.tsv").read_bytes()


def test_a_typo_in_the_site_table_or_a_timeout_costs_no_result(tmp_path: Path, make: Make) -> None:
    folder, out, table = make("a"), tmp_path / "out", tmp_path / "sites.tsv"
    batch([folder], out)
    whole = files(out / "a")
    table.write_text("name\ttarget_muscle\nEMG BICEP L\tbiceps\n", encoding="utf-8")
    assert batch([folder], out, settings=settings(sites=str(table))).n_failed == 1
    assert files(out / "a") == whole
    assert batch([folder], out).n_kept == 1
    done = call("run", folder, "--out", out, "--no-report", "--overwrite", "--timeout", 0.5,
                STAND_IN_SECONDS="30")  # fmt: skip
    assert done.returncode == 1
    assert files(out / "a") == whole
    assert status_of(out)["a"] == ("failed", "timeout")
    assert STAYS in done.stderr


def test_killed_after_a_result_and_before_its_row(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    batch([folder], out)
    done = (out / "status.tsv").read_bytes()
    recording = (folder / "a.edf").read_bytes()
    (folder / "a.edf").write_bytes(b"")
    batch([folder], out)
    failed = (out / "status.tsv").read_bytes()
    (out / "status.tsv").write_bytes(done)  # the note came, the row did not
    join(out)
    assert status_of(out)["a"][0] == "failed"
    (folder / "a.edf").write_bytes(recording)
    batch([folder], out)
    (out / "status.tsv").write_bytes(failed)  # the result came, its row did not
    os.utime(out / "status.tsv", (0, 0))
    join(out)
    assert status_of(out)["a"] == ("done", "ok")


def test_a_failure_that_cannot_be_noted_keeps_its_cause_and_is_not_forgotten(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = make("a"), tmp_path / "out"
    batch([folder], out)
    (folder / "a.edf").write_bytes(b"")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("emgdetect.batch.run.note_failure", full)
        disk.setattr("emgdetect.batch.run.keep_log", full)
        assert batch([folder], out).n_failed == 1
    told, code = message_of(out, "a"), status_of(out)["a"][1]
    assert code != "not-written"
    assert told.endswith(STAYS) and "space" not in told
    for _ in range(2):  # the first writes the table anew
        join(out)
        assert status_of(out)["a"] == ("failed", code)
        assert message_of(out, "a") == told
    assert [row["newest_attempt"] for row in joint(out)] == [code]


def test_a_note_that_cannot_be_removed_holds_up_nobody_else(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("a", "b"), tmp_path / "out"
    batch([folder], out)
    whole = {name: (folder / f"{name}.edf").read_bytes() for name in "ab"}
    for name in whole:
        (folder / f"{name}.edf").write_bytes(b"")
    assert batch([folder], out).n_failed == 2
    for name, content in whole.items():
        (folder / f"{name}.edf").write_bytes(content)
    make_edf(folder / "c.edf", seed=7)

    def forget(place: Path) -> None:
        if place.name == "a":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        forget_failure(place)

    with monkeypatch.context() as stuck:
        stuck.setattr("emgdetect.batch.run.forget_failure", forget)
        tally = batch([folder], out)
    assert (tally.n_done, tally.n_failed, tally.n_kept) == (1, 1, 1)
    assert {name: row[0] for name, row in status_of(out).items()} == {
        "a": "failed", "b": "done", "c": "done",
    }  # fmt: skip
    assert "a stays failed: failed.json in it cannot be removed" in capsys.readouterr().err
    assert batch([folder], out).exit_status == 0
    assert status_of(out)["a"] == ("done", "ok")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"code": "x", "message": "y", "seconds": "z"}']
)
def test_a_damaged_note_is_a_failure_all_the_same(tmp_path: Path, content: str) -> None:
    assert failure_of(tmp_path) is None
    (tmp_path / FAILED).write_text(content, encoding="utf-8")
    found = failure_of(tmp_path)
    assert found is not None
    assert found.status == "failed"


def test_parts_without_a_mark_are_no_result(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    batch([folder], out)
    (out / "a" / "run.json").unlink()
    (folder / "a.edf").write_bytes(b"")
    assert batch([folder], out).n_failed == 1
    assert not (out / "a").exists()
