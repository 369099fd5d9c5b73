"""What README.md promises: commands that CI runs, code that runs, files that are there."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import emgdetect as emg
from emgdetect.stats.comparing.joining import join_sessions, read_tsv

ROOT = Path(__file__).parents[1]
WORDS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
)  # fmt: skip
README = (ROOT / "README.md").read_text(encoding="utf-8")


def set_up_commands() -> list[str]:
    path = ROOT / ".ci" / "readme_commands.py"
    spec = importlib.util.spec_from_file_location("readme_commands", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[str] = module.commands(README)
    return found


def test_two_commands_do_all_set_up() -> None:
    run, test = set_up_commands()
    assert "emgdetect run data/demo.edf" in run
    assert "pytest" in test


def test_ci_is_a_script_that_runs_what_the_readme_says() -> None:
    path = ROOT / ".ci" / "run"
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert "readme_commands.py" in path.read_text(encoding="utf-8")


def test_every_file_it_names_is_there() -> None:
    local = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    named = re.findall(r"`((?:data|notebooks|benchmarks|\.ci)/[\w./-]+)`", README)
    assert local
    assert [name for name in local + named if not (ROOT / name).exists()] == []


def test_it_counts_the_rivals_of_the_committed_benchmark() -> None:
    scores = pd.read_csv(ROOT / "benchmarks" / "results" / "scores.csv", usecols=["detector"])
    rivals = set(scores["detector"]) - {"emgdetect", "ceiling"}
    told = re.findall(r"(\d+) (?:other detectors|tuned rivals)", README)
    assert told == [str(len(rivals))] * 2


def test_it_tells_no_machine_and_no_registry() -> None:
    for name in ("README.md", "CHANGELOG.md", ".ci/run", "pyproject.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"/(work|root|home)/|--index-url|pypi\.", text), name


def test_it_says_what_it_does_not_do() -> None:
    for word in ("No diagnosis", "fibrillations", "research", "voluntary or spontaneous"):
        assert word in README


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    exec(example.group(1), names)
    found = names["found"]
    assert isinstance(found, emg.Detections)
    check_table(found.summary.set_index("site"))


def check_table(summary: pd.DataFrame) -> None:
    """The rates that README.md shows lie within the intervals that come out today."""
    block = README.split("<!-- summary -->")[1].split("<!-- /summary -->")[0].split("\n")
    header, _, *rows = [
        [c.strip(" `") for c in line.strip("| ").split("|")] for line in block if line
    ]
    assert [row[0] for row in rows] == list(summary.index)
    for row in rows:
        shown = dict(zip(header, row, strict=True))
        now = summary.loc[row[0]]
        assert now["rate_low"] <= float(shown["rate_per_min"]) <= now["rate_high"], (
            "README.md shows old numbers: run `python data/make_pictures.py`"
        )
        assert shown["rate_flag"] == ("n/a" if pd.isna(now["rate_flag"]) else now["rate_flag"])


def test_its_coverage_is_that_of_the_committed_study() -> None:
    page = (ROOT / "benchmarks" / "results" / "coverage.md").read_text(encoding="utf-8")
    lines = page.split("## What a missing flag is worth")[1].split("\n##")[0].splitlines()
    head, _, *rows = ([c.strip() for c in line.split("|")] for line in lines if "|" in line)
    kinds = [dict(zip(head, cells, strict=True)) for cells in rows]
    long = [k["none: coverage"] for k in kinds if float(k["duration_s"]) >= 600]
    short = [k["none: coverage"] for k in kinds if float(k["duration_s"]) < 600]
    few = [k["few_clusters: coverage"] for k in kinds]
    words = " ".join(README.split())
    assert f"held the rate in {min(long)} or more" in words
    assert (
        f"in as few as {min(short)}; with a flag, clusters of ten in as few as {min(few)}" in words
    )


def test_its_table_of_sessions_can_be_compared_by(tmp_path: Path) -> None:
    block = README.split("<!-- sessions -->")[1].split("<!-- /sessions -->")[0].split("\n")
    header, _, *rows = [line.strip("| ").split(" | ") for line in block if line]
    columns = [name.strip("`") for name in header]
    path = tmp_path / "sessions.tsv"
    path.write_text("\n".join("\t".join(cells) for cells in (columns, *rows)), encoding="utf-8")
    names = [row[0] for row in rows]
    summary = pd.DataFrame({"recording": names, "site": "VL", "participant_id": None})
    joined, notes = join_sessions(summary, read_tsv(path), ["caffeine_mg", "sleep"])
    assert len(joined) == len(rows) and notes == ()
    assert {"recording", "participant_id", "acq_time", "caffeine_mg"} <= set(columns)


def test_the_demo_is_small_and_nobodys() -> None:
    demo = ROOT / "data" / "demo.edf"
    assert demo.stat().st_size < 2_000_000
    header = demo.read_bytes()[8:168].decode("ascii").split()
    assert set(header) <= {"X", "Startdate"}


def test_the_version_is_the_packages() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["hatch"]["version"]["path"] == "emgdetect/_version.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", emg.__version__)


def quoted(page: str, row: str, column: str) -> str:
    """A cell of the first table of a page of results."""
    lines = (ROOT / "benchmarks" / "results" / page).read_text(encoding="utf-8").splitlines()
    table = [[c.strip() for c in line.split("|")] for line in lines if line.startswith("| ")]
    return next(cells for cells in table if cells[1] == row)[table[0].index(column)]


@pytest.mark.parametrize(
    ("said", "row"),
    [("{} on clean recordings ({} is", "clean"), ("{} on weak potentials\n({})", "weak"),
     ("{} beside tonic trains ({})", "tonic_trains"), ("{} beside tremor ({})", "tremor"),
     ("{} with all disturbances at once ({})", "all_at_once"),
     ("{} on a grid of 64 channels ({})", "grid64"),
     ("pairs a few milliseconds apart ({} of {})", "pairs"),
     ("recordings at 512 Hz\n({} of {})", "low_rate")],
)  # fmt: skip
def test_its_f1_are_those_of_the_committed_accuracy(said: str, row: str) -> None:
    told = said.format(quoted("accuracy.md", row, "F1"), quoted("accuracy.md", row, "ceiling"))
    assert " ".join(told.split()) in " ".join(README.split())


def test_its_false_events_and_units_are_those_of_the_committed_accuracy() -> None:
    words = " ".join(README.split())
    quiet, healthy = (quoted("accuracy.md", row, "false per min") for row in ("quiet", "healthy"))
    told = f"{quiet} false events per minute and site were counted in pure noise and {healthy} with"
    assert told in words
    rand = quoted("accuracy.md", "grid64", "units, adjusted Rand")
    assert f"adjusted Rand index of {rand}" in words


def test_its_real_stretches_are_those_of_the_committed_accuracy() -> None:
    page = (ROOT / "benchmarks" / "results" / "accuracy.md").read_text(encoding="utf-8")
    lines = page.split("## Real recordings")[1].splitlines()
    head, *rows = ([c.strip() for c in line.split("|")] for line in lines if line.startswith("| "))
    recalls = [float(cells[head.index("recall of added")]) for cells in rows]
    weak = sum(recall < 0.85 for recall in recalls)
    assert f"in {weak} of {len(recalls)} quiet stretches" in " ".join(README.split())


def test_it_counts_wins_and_draws_as_the_committed_benchmark_does() -> None:
    text = (ROOT / "benchmarks" / "results" / "tables.md").read_text(encoding="utf-8")
    rows = text.split("## F1 by phenomenon")[1].split("##")[0].splitlines()
    verdicts = [line.split("|")[-2].strip() for line in rows if line.startswith("| ")][1:]
    numbers = dict(enumerate(WORDS))
    ahead, level = (numbers[verdicts.count(word)] for word in ("ahead", "level"))
    words = " ".join(README.split())
    assert f"on {ahead} of {numbers[len(verdicts)]} phenomena" in words
    assert f"level on {level}" in words
