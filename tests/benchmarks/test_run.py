"""The runner: what is known and unchanged is not computed again; a failure is a row."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.cases import Case
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
