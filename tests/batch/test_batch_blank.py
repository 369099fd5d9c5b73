"""A recording of which nothing could be analysed takes neither page nor tables from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import edfio
import numpy as np
import pytest
from batch_helpers import Make, batch, call, settings

from emgdetect.batch import Outcome, PageError, join, run
from emgdetect.batch.task import Task
from emgdetect.curation import read_summary


def clipped_edf(path: Path) -> Path:
    """A recording at its limits throughout."""
    rails = 100.0 * np.sign(np.random.default_rng(1).normal(size=20_000))
    edfio.Edf([edfio.EdfSignal(rails, 1000, label="EMG CLIP", physical_dimension="uV",
                               physical_range=(-100, 100))]).write(path)  # fmt: skip
    return path


def blank(out: Path, name: str) -> None:
    """Turn the counts of a result into those of a recording of which nothing was analysed."""
    path = out / name / "summary.tsv"
    header, *rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    for row in rows:
        for column in ("n_fasciculations", "rate_per_min", "rate_low", "rate_high", "n_units"):
            row[header.index(column)] = "n/a"
        row[header.index("analysed_s")] = "0.000000"
    path.write_text("\n".join("\t".join(row) for row in [header, *rows]) + "\n", "utf-8")


def test_counts_stay_whole_where_one_is_missing(tmp_path: Path, make: Make) -> None:
    out = tmp_path / "out"
    batch([make("a", "b")], out, settings=settings(report=True))
    blank(out, "b")
    assert join(out) == 2
    summary = read_summary(out / "summary.tsv")
    assert str(summary["n_fasciculations"].dtype) == "Int64"
    assert str(summary["n_channels"].dtype) == "Int64"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "could be analysed" in page and ".0 fasciculation" not in page


def test_the_run_has_a_page_with_a_clipped_recording(tmp_path: Path, make: Make) -> None:
    folder, out = make("a"), tmp_path / "out"
    clipped_edf(folder / "clip.edf")
    done = call("run", folder, "--out", out, "--no-recovery")
    assert done.returncode == 0, done.stderr
    assert (out / "report.html").is_file()
    assert call("summary", out).returncode == 0


class WithoutPage:
    """Does all tasks but the page of the folder."""

    def __init__(self, executor: run.Executor) -> None:
        self.executor = executor

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        for task in tasks:
            if task.do == "overview":
                yield task, Outcome(status="failed", code="disk-full", message="No room.")
            else:
                yield from self.executor.run([task])

    def close(self) -> None:
        self.executor.close()


def broken_page(*_: object, **__: object) -> None:
    raise KeyError("no such column")


def test_a_page_that_cannot_be_made_is_told_and_made_by_the_next_run(
    tmp_path: Path, make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = make("a"), tmp_path / "out"
    supervisor = run._executor
    monkeypatch.setattr(run, "_executor", lambda *given: WithoutPage(supervisor(*given)))
    tally = batch([folder], out, settings=settings(report=True))
    assert (tally.n_done, tally.n_failed, tally.exit_status) == (1, 0, 1)
    assert "The page of all recordings could not be made: No room." in capsys.readouterr().err
    monkeypatch.undo()
    tally = batch([folder], out, settings=settings(report=True))
    assert (tally.n_kept, tally.exit_status) == (1, 0)
    assert (out / "report.html").is_file()
    (out / "report.html").unlink()
    monkeypatch.setattr("emgdetect.report.write_batch_report", broken_page)
    with pytest.raises(PageError, match="The tables are complete"):
        join(out)
    assert "broken_page" in (out / "logs" / "overview.txt").read_text("utf-8")
