"""A recording too short for a rate, through the whole program: a count, no rate, and the reason."""

from __future__ import annotations

import os
from pathlib import Path

import edfio
import numpy as np
import pandas as pd
import pytest
from batch_helpers import ROOT, call, make_edf

from emgdetect.stats.rates import LEAST_S


def test_no_table_or_page_has_a_rate_of_half_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.fspath(ROOT))  # the detector itself, no stand-in
    half = make_edf(tmp_path / "half.edf", seconds=1)
    out = tmp_path / "out"
    said = call("run", half, "--out", out, "--no-recovery", "--jobs", "1")
    assert said.returncode == 0, said.stderr
    status = pd.read_csv(out / "status.tsv", sep="\t").iloc[0]
    assert status["message"].endswith("at 1 site, 1 with too short a time for a rate.")
    for table in (out / "summary.tsv", out / "half" / "summary.tsv"):
        row = pd.read_csv(table, sep="\t", na_values="n/a", keep_default_na=False).iloc[0]
        assert 0 < row["analysed_s"] < LEAST_S and row["rate_flag"] == "short"
        assert np.isfinite(row["n_fasciculations"])
        rates = [name for name in row.index if "rate_" in name and name != "rate_flag"]
        assert len(rates) >= 9 and row[rates].isna().all(), row[rates]
    for page in (out / "report.html", out / "half" / "report.html"):
        text = page.read_text(encoding="utf-8")
        assert "too short a time for a rate" in text
        assert "Nothing of this site could be analysed" not in text


def test_where_nothing_can_be_analysed_no_count_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.fspath(ROOT))
    noise = np.random.default_rng(0).normal(0, 2, (2, 8000))
    noise[0, 20:] = 100.0  # at the rail for all but the beginning
    signals = [
        edfio.EdfSignal(row, 1000, label=label, physical_dimension="uV", physical_range=(-100, 100))
        for row, label in zip(noise, ("EMG BICEPS L", "EMG FDI L"), strict=True)
    ]
    edfio.Edf(signals[:1]).write(tmp_path / "none.edf")
    edfio.Edf(signals).write(tmp_path / "one.edf")
    out = tmp_path / "out"
    said = call("run", tmp_path, "--out", out, "--no-recovery", "--no-report")
    assert said.returncode == 0, said.stderr
    status = pd.read_csv(out / "status.tsv", sep="\t").set_index("recording")["message"]
    assert status["none"].startswith("Nothing could be analysed at 1 site")
    assert " at 2 sites, 1 of them with nothing that could be analysed" in status["one"]
    rows = pd.read_csv(out / "summary.tsv", sep="\t", na_values="n/a", keep_default_na=False)
    assert rows.loc[rows["site"] == "BICEPS L", "n_fasciculations"].isna().all()
