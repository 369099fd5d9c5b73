"""Small recordings, and batches in which a stand-in does the detecting (see `stand_in`)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import edfio
import numpy as np

from emgdetect.batch import Options, Settings, Tally, run_batch
from emgdetect.batch.results import PRODUCTS
from emgdetect.config import Config

ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).parent / "stand_in"
TABLES = tuple(name for name in PRODUCTS if name.endswith(".tsv"))

Make = Callable[..., Path]
Run = Callable[..., Tally]


def make_edf(path: Path, *, seed: int = 0, label: str = "EMG BICEPS L", seconds: int = 2) -> Path:
    """A recording of noise at one site."""
    noise = np.random.default_rng(seed).normal(0, 2, seconds * 1000)
    signal = edfio.EdfSignal(
        noise, 1000, label=label, physical_dimension="uV", physical_range=(-100, 100)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    edfio.Edf([signal]).write(path)
    return path


def settings(**changes: object) -> Settings:
    """Defaults without report."""
    config = Config().model_dump(mode="json")
    return Settings(**{"config": config, "report": False, **changes})  # type: ignore[arg-type]


def batch(inputs: Sequence[object], out: Path, **options: object) -> Tally:
    """Run a batch in this process; the recordings have processes of their own."""
    known = {"settings": settings(), "jobs": 2, **options}
    return run_batch([str(name) for name in inputs], Options(out=out, **known))  # type: ignore[arg-type]


def command(*arguments: object) -> list[str]:
    """The command line of `emgdetect` with these arguments."""
    return [sys.executable, "-m", "emgdetect", *map(str, arguments)]


def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `emgdetect` as a command."""
    return subprocess.run(
        command(*arguments),
        cwd=STAND_IN,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tables_of(out: Path) -> dict[str, str]:
    """Hash of every table of every recording, and of the joint one, by its path."""
    files = [*(file for name in TABLES for file in out.glob(f"*/{name}")), out / "summary.tsv"]
    return {
        str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


def status_of(out: Path) -> dict[str, tuple[str, str]]:
    """Status and code of each recording in `status.tsv`."""
    header, *lines = (out / "status.tsv").read_text("utf-8").splitlines()
    assert header.split("\t") == ["input", "recording", "status", "code", "message", "seconds"]
    rows = [line.split("\t") for line in lines]
    assert all(row[4].strip() and "Traceback" not in row[4] for row in rows)
    return {row[1]: (row[2], row[3]) for row in rows}


def left_behind(out: Path) -> list[str]:
    """Names in an output folder that no reader of results should ever see."""
    return [
        str(entry.relative_to(out))
        for entry in out.rglob("*")
        if entry.name.startswith(".") and entry.name != ".lock"
    ]
