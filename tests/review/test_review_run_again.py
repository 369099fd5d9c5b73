"""A review outlives a new run of the detector, and what builds on it follows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd

from emgdetect.curation import reviewed_events
from emgdetect.review.casebook import Casebook


def call(*arguments: object) -> str:
    """What the command said on standard error and output; it must succeed."""
    ended = subprocess.run(
        [sys.executable, "-m", "emgdetect", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def test_a_review_goes_into_compare_and_outlives_a_new_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in").mkdir()
    for seed in (3, 4):
        call("simulate", tmp_path / "in" / f"visit{seed}.edf", "--duration", 60, "--seed", seed)
    run = ("run", tmp_path / "in", "--out", out, "--jobs", 1, "--no-recovery", "--no-report")
    call(*run)
    book = Casebook(out / "visit3", "Ada")
    counted = book.events.index[book.events["verdict"] == "fasciculation"]
    row = book.events.loc[counted[0]]
    site, peak_s = row["site"], float(row["peak_s"])
    book.decide({"what": "verdict", "site": site, "peak_s": peak_s, "was": "fasciculation",
                 "now": "pop"})  # fmt: skip
    book.settle()
    trail = (out / "visit3" / "reviewed.tsv").read_bytes()

    def compared() -> int:
        table = tmp_path / "sessions.tsv"
        table.write_text("recording\tcaffeine_mg\nvisit3\t0\nvisit4\t100\n")
        said = call("compare", out, "--sessions", table, "--by", "caffeine_mg")
        assert "1 of 2 recordings count as reviewed" in said
        sessions = pd.read_csv(out / "comparison_sessions.tsv", sep="\t", na_values="n/a")
        here = sessions[(sessions["recording"] == "visit3") & (sessions["site"] == site)]
        return int(here["n"].iloc[0])

    detected = book.detected
    expected = int(((detected["site"] == site) & (detected["verdict"] == "fasciculation")).sum())
    assert compared() == expected - 1
    settings = tmp_path / "settings.toml"
    settings.write_text("false_alarms_per_min = 2.0\n")
    before = (out / "visit3" / "summary_reviewed.tsv").read_bytes()
    joint = (out / "summary.tsv").read_bytes()
    call(*run, "--overwrite", "--config", settings)
    assert (out / "visit3" / "reviewed.tsv").read_bytes() == trail
    kept = reviewed_events(out / "visit3")
    again = kept[(kept["site"] == site) & (kept["peak_s"] - peak_s).abs().lt(0.005)]
    assert again["verdict"].tolist() == ["pop"]
    assert again["verdict_detected"].tolist() == ["fasciculation"]
    # Whatever counts the review follows the new detection, before anybody opens it again.
    after = (out / "visit3" / "summary_reviewed.tsv").read_bytes()
    assert (out / "summary.tsv").read_bytes() != joint
    assert after != before
    summary = pd.read_csv(out / "visit3" / "summary_reviewed.tsv", sep="\t", na_values="n/a")
    here = summary[summary["site"] == site].iloc[0]
    now = pd.read_csv(out / "summary.tsv", sep="\t", na_values="n/a").query("recording == 'visit3'")
    detected = int(now.loc[now["site"] == site, "n_fasciculations"].iloc[0])
    assert (here["n_fasciculations_detected"], here["n_judged"]) == (detected, 1)
    assert here["n_fasciculations"] == detected - 1
    assert compared() == detected - 1
    for again in (book, Casebook(out / "visit3", "Ada")):  # One open all the time, and a new one.
        again.settle()
        assert (out / "visit3" / "summary_reviewed.tsv").read_bytes() == after
