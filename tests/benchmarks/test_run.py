"""The runner: what is known and unchanged is not computed again; a failure is a row.

With `--keep` a few detectors are measured, and the rows of all others stay as the tables have them.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import __main__ as command
from benchmarks import cost, keeping
from benchmarks.cases import REPORTING_SEEDS, Case, simulated_cases
from benchmarks.detectors import Detector, Found
from benchmarks.run import Result, run_all
from emgdetect import Recording
from emgdetect.simulation import Simulated, simulate


def one_event(recording: Recording, diary: Path) -> Found:
    """Reports one event, and writes down that it was asked."""
    with diary.open("a") as stream:
        stream.write("asked\n")
    sites = [site.name for site in recording.sites]
    return Found({name: [1.0] for name in sites}, dict.fromkeys(sites, recording.recorded_s), 0.1)


def crash(_: Recording, diary: Path) -> Found:
    raise ZeroDivisionError(diary.name)


def hang(_: Recording, diary: Path) -> Found:
    with diary.open("a") as stream:
        stream.write("asked\n")
    begun = time.process_time()
    while time.process_time() < begun + 600:
        pass
    return Found({}, {}, 0.0)


def made(seed: int) -> Simulated:
    return simulate(duration_s=4, seed=seed, scenario="clean", sites=["BICEPS L"])


def cases(n: int = 1) -> list[Case]:
    return [Case("clean", f"clean-{seed}", lambda seed=seed: made(seed)) for seed in range(n)]


def run(detector: Detector, cache: Path, n: int = 1, limit_s: float = 60.0) -> list[Result]:
    results: list[Result] = []

    def take(_: Case, __: Simulated, found: dict[str, Result]) -> None:
        results.append(found[detector.name])

    run_all(cases(n), [detector], cache, take=take, limit_s=limit_s, quiet=True)
    return results


def detector(
    find: object, diary: Path, settings: str = "", sources: tuple[Path, ...] = ()
) -> Detector:
    assert callable(find)
    return Detector(
        name="it", version="1", settings=settings, find=find, sources=sources, argument=(diary,)
    )


def test_a_known_result_is_not_computed_again(tmp_path: Path) -> None:
    diary, cache = tmp_path / "diary", tmp_path / "cache"
    first = run(detector(one_event, diary), cache, n=2)
    again = run(detector(one_event, diary), cache, n=2)
    assert first == again
    assert first[0].times_s == {"BICEPS L": [1.0]} and first[0].trouble == ""
    assert diary.read_text().count("asked") == 2


def test_other_settings_or_other_code_are_computed(tmp_path: Path) -> None:
    diary, cache, source = tmp_path / "diary", tmp_path / "cache", tmp_path / "code.py"
    source.write_text("a = 1")
    run(detector(one_event, diary, sources=(source,)), cache)
    run(detector(one_event, diary, settings="k=2", sources=(source,)), cache)
    source.write_text("a = 2")
    run(detector(one_event, diary, sources=(source,)), cache)
    assert diary.read_text().count("asked") == 3


def test_a_damaged_cache_is_computed_again(tmp_path: Path) -> None:
    diary, cache = tmp_path / "diary", tmp_path / "cache"
    run(detector(one_event, diary), cache)
    for path in cache.rglob("*.json"):
        path.write_text("{")
    run(detector(one_event, diary), cache)
    assert diary.read_text().count("asked") == 2


def test_a_crash_is_a_result_that_says_so(tmp_path: Path) -> None:
    (result,) = run(detector(crash, tmp_path / "diary"), tmp_path / "cache")
    assert result.trouble == "ZeroDivisionError in test_run.py: diary"
    assert result.times_s == {}


@pytest.mark.slow
def test_after_a_timeout_the_others_are_not_tried(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    results = run(detector(hang, diary), tmp_path / "cache", n=3, limit_s=1.0)
    assert results[0].trouble == "timeout after 1 s"
    assert {r.trouble for r in results[1:]} == {"not tried: out of time on another recording"}
    assert diary.read_text().count("asked") == 1


RIVAL = "band-pass + k MAD"
"""The quickest rival of those whose thresholds and cost are in the tables."""


def few_cases(options: argparse.Namespace) -> list[Case]:
    seeds = REPORTING_SEEDS[: options.seeds]
    return simulated_cases(
        seeds, phenomena=("clean", "healthy"), duration_s=options.seconds, n_sites=2
    )


def benchmark(folder: Path, *more: str) -> int:
    places = ["--out", str(folder / "out"), "--cache", str(folder / "cache")]
    return command.main([*more, *places])


@pytest.fixture(scope="module")
def tables_of_a_full_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        small(patch)
        assert benchmark(folder, "--seeds", "1", "--seconds", "20") == 0
    return folder


def small(patch: pytest.MonkeyPatch) -> None:
    """Few short recordings and three detectors."""
    every = command._detectors(quick=False)
    some = [d for d in every if d.name in ("emgdetect", "Teager-Kaiser", RIVAL)]
    patch.setattr(command, "_detectors", lambda _: some)
    patch.setattr(command, "_cases", few_cases)
    patch.setattr(cost, "BUDGETS", (0.2,))
    patch.setattr(cost, "SWEPT", (RIVAL,))
    patch.setattr(cost, "TIMED", (RIVAL,))
    patch.setattr(cost, "SIZES", ((0.5, 1),))
    patch.setattr("benchmarks.keeping.SIZES", ((0.5, 1),))


@pytest.fixture
def full(tables_of_a_full_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `out` and `cache` of a full run, to be changed."""
    small(monkeypatch)
    return Path(shutil.copytree(tables_of_a_full_run, tmp_path / "full"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}


def lines(path: Path, detector: str) -> list[str]:
    return [line for line in path.read_text().splitlines() if f"{detector}," in line]


def test_keeping_what_did_not_change_leaves_every_byte(full: Path) -> None:
    before = contents(full)
    assert {"scores.csv", "figures.csv", "tables.md", "cost.png"} <= before.keys()
    for names in (["emgdetect"], [RIVAL, "Teager-Kaiser"]):
        asked = ("--seeds", "1", "--seconds", "20", "--keep", "--detectors", *names)
        assert benchmark(full, *asked) == 0
        assert contents(full) == before


@pytest.mark.parametrize("name", ["scores.csv", "amplitudes.csv", "budget.csv", "timing.csv"])
def test_rows_of_others_are_kept_and_those_of_the_measured_replaced(full: Path, name: str) -> None:
    path = full / "out" / name
    measured = lines(path, "emgdetect")
    table = pd.read_csv(path)
    number = {"amplitudes.csv": "error_ms", "budget.csv": "recall"}.get(name, "seconds")
    table[number] = 0.1 + 0.2  # of no machine, and with as many digits as there are
    command.table(table, path)
    kept = lines(path, RIVAL) + lines(path, "Teager-Kaiser")
    assert any("0.30000000000000004" in line for line in kept)
    asked = ("--seeds", "1", "--seconds", "20", "--keep", "--detectors", "emgdetect")
    assert benchmark(full, *asked) == 0
    assert lines(path, RIVAL) + lines(path, "Teager-Kaiser") == kept
    assert lines(path, "emgdetect") == measured


@pytest.mark.parametrize("name", ["emgdetect", "neurokit2 mixture", "maximum difference"])
def test_the_committed_tables_keep_every_byte(name: str) -> None:
    whole = keeping.read(command.RESULTS / "scores.csv")
    recordings = whole.drop_duplicates("recording")[["phenomenon", "recording"]]
    asked = [Case(*row, make=lambda: made(0)) for row in recordings.itertuples(index=False)]
    order = [d.name for d in command._detectors(quick=False)]
    known = keeping.kept(command.RESULTS, asked, order, [name])
    for table in keeping.PLACES:
        rows = known.tables[table]
        again = known.joined(table, rows[rows["detector"] == name])
        text = again.to_csv(index=False, lineterminator="\n")
        assert text == (command.RESULTS / table).read_text()


@pytest.mark.parametrize(
    ("seeds", "seconds", "why"),
    [("2", "20", "clean-2001 is not in it"), ("1", "25", "lasts 20 s in it, not 25 s")],
)
def test_tables_of_other_recordings_are_not_kept(
    full: Path, capsys: pytest.CaptureFixture[str], seeds: str, seconds: str, why: str
) -> None:
    before = contents(full)
    asked = ("--seeds", seeds, "--seconds", seconds, "--keep", "--detectors", "emgdetect")
    assert benchmark(full, *asked) == 2
    told = capsys.readouterr().err
    assert why in told and len(told.splitlines()) == 1
    assert contents(full) == before


def test_recordings_of_the_same_name_with_other_potentials_are_not_kept(
    full: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = full / "out" / "scores.csv"
    table = pd.read_csv(path)
    table["missed"] += table["recording"].str.startswith("clean").astype(int)
    command.table(table, path)
    before = contents(full)
    asked = ("--seeds", "1", "--seconds", "20", "--keep", "--detectors", "emgdetect")
    assert benchmark(full, *asked) == 2
    assert "clean-2000 has other potentials than in" in capsys.readouterr().err.splitlines()[-1]
    assert contents(full) == before


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ([], "goes with --detectors"),
        (["--quick", "--detectors", "emgdetect"], "not with --quick"),
        (["--detectors", "emgdetect"], "cannot be read"),
        (["--detectors", "emgdetect", "emgdetec"], "no such detector: emgdetec"),
    ],
)
def test_keep_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    more: list[str], why: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(command, "_cases", few_cases)
    assert benchmark(tmp_path, "--keep", *more) == 2
    told = capsys.readouterr().err
    assert why in told and len(told.splitlines()) == 1
