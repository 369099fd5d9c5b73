"""The real detector and report in poor surroundings: no home, no display, a comma for the point."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from batch_helpers import ROOT, command, status_of, tables_of

from emgdetect.simulation import simulate
from emgdetect.writers.edf import write_edf

COMMA = """
import locale, os, pathlib
locale.setlocale(locale.LC_ALL, "")
pathlib.Path(os.environ["MARK"]).write_text(locale.localeconv()["decimal_point"])
"""
"""Has the C library of every process obey the locale, which Python by itself leaves alone."""


@pytest.fixture
def german(tmp_path: Path) -> dict[str, str]:
    """Environment of a German locale, compiled here if it can be."""
    compiler = shutil.which("localedef")
    if compiler is None:
        pytest.skip("there is no localedef to make a German locale")
    places = tmp_path / "locales"
    places.mkdir()
    make = [compiler, "-i", "de_DE", "-f", "UTF-8", str(places / "de_DE.UTF-8")]
    if subprocess.run(make, capture_output=True, check=False).returncode:
        pytest.skip("localedef has no sources of the German locale")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(COMMA)
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    mark = str(tmp_path / "mark")
    return {"LOCPATH": str(places), "LC_ALL": "de_DE.UTF-8", "PYTHONPATH": path, "MARK": mark}


def run(folder: Path, out: Path, environment: dict[str, str]) -> None:
    """The command with nothing else in its environment; it must end well."""
    done = subprocess.run(
        command("run", folder, "--out", out),
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_neither_home_nor_display_nor_decimal_point(tmp_path: Path, german: dict[str, str]) -> None:
    write_edf(tmp_path / "in.edf", simulate(duration_s=20, seed=1, scenario="clean").recording)
    plain, poor = tmp_path / "plain", tmp_path / "poor"
    run(tmp_path / "in.edf", plain, {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)})
    run(tmp_path / "in.edf", poor, german | {"HOME": "/nonexistent/home"})
    assert (tmp_path / "mark").read_text() == ","
    assert status_of(plain) == status_of(poor) == {"in": ("done", "ok")}
    assert tables_of(plain) == tables_of(poor)
    assert (poor / "report.html").exists()
    assert (poor / "in" / "report.html").exists()
    told = json.loads((poor / "in" / "run.json").read_text("ascii"))["seconds"]
    assert {"open", "survey", "scan", "units", "pursuit", "measure", "judge", "detect", "recovery",
            "write", "report"} <= told.keys()  # fmt: skip
    assert all(seconds >= 0 for seconds in told.values())
