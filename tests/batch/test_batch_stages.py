"""The stage that a worker leaves in its staging folder, and who reads it."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from batch_faults import until
from batch_helpers import Make, settings

from emgdetect.batch import Options, Progress, run_batch, stages
from emgdetect.batch.stages import STAGE, AtWork, read_stage, stages_written


def test_the_latest_stage_is_read_even_if_it_began_right_after_another(tmp_path: Path) -> None:
    with stages_written(tmp_path) as note:
        until((tmp_path / STAGE).exists)
        note("survey", 0.1)
        note("scan", 0.2)
        until(lambda: read_stage(tmp_path) == ("scan", 0.2), timeout_s=5)
    assert [entry.name for entry in tmp_path.iterdir()] == [STAGE]


def test_it_is_written_at_most_twice_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = []
    monkeypatch.setattr(stages, "_write", lambda *_: times.append(time.monotonic()))
    with stages_written(tmp_path) as note:
        until(lambda: note("scan", time.monotonic()) or len(times) > 2)
    assert min(b - a for a, b in pairwise(times)) >= 0.49


def test_where_it_cannot_be_written_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with stages_written(folder) as note:
            note("scan", 0.5)
        assert read_stage(folder) == ("starting", 0.0)


@pytest.mark.parametrize("content", ["", "{", "7", "null", '["scan"]', '["scan", "x"]', "[1, []]"])
def test_what_is_no_stage_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / STAGE).write_text(content)
    assert read_stage(tmp_path) == ("starting", 0.0)


@pytest.mark.parametrize(("written", "read"), [(-0.5, 0.0), (0.0, 0.0), (1.0, 1.0), (7.0, 1.0)])
def test_a_share_lies_between_nothing_and_all(tmp_path: Path, written: float, read: float) -> None:
    (tmp_path / STAGE).write_text(f'["scan", {written}]')
    assert read_stage(tmp_path) == ("scan", read)


def test_the_thread_ends_with_a_fault(tmp_path: Path) -> None:
    import threading

    before = threading.active_count()
    with pytest.raises(KeyError), stages_written(tmp_path):
        raise KeyError
    assert threading.active_count() == before


def test_the_supervisor_tells_who_is_at_work(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_SECONDS", "1.5")
    heard: list[list[AtWork]] = []
    options = Options(out=tmp_path / "out", settings=settings(), jobs=2)
    progress = Progress(at_work=lambda work: heard.append(list(work)))
    run_batch([str(make("a", "b"))], options, progress=progress)
    told = {(entry.name, entry.stage) for work in heard for entry in work}
    assert {(name, "BICEPS L: units (1 of 1 site)") for name in "ab"} <= told
    shares = [entry.share for work in heard for entry in work if entry.name == "a"]
    seconds = [entry.seconds for work in heard for entry in work if entry.name == "a"]
    assert shares == sorted(shares)
    assert seconds == sorted(seconds)
    assert 0.38 in shares
    assert 1.0 < seconds[-1] < 60
