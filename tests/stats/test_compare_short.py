"""Recordings too short for a rate are no part of a comparison of rates, and that is said."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from emgdetect.batch.comparison import compare_sessions
from emgdetect.stats.compare import compare_folder, comparison_text
from emgdetect.stats.rates import LEAST_S


def write(folder: Path, seconds: list[float]) -> Path:
    """A summary of recordings of these analysed seconds, and their sessions."""
    names = [f"visit{i}" for i in range(len(seconds))]
    pd.DataFrame(
        {"recording": names, "site": "VL", "analysed_s": seconds, "n_fasciculations": 20,
         "detectable_uv": None}
    ).to_csv(folder / "summary.tsv", sep="\t", index=False, na_rep="n/a")  # fmt: skip
    doses = [float(i % 4) for i in range(len(seconds))]
    pd.DataFrame({"recording": names, "dose": doses}).to_csv(
        folder / "sessions.tsv", sep="\t", index=False
    )
    return folder / "sessions.tsv"


def test_a_recording_too_short_for_a_rate_is_left_out_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, [120.0] * 12 + [LEAST_S, LEAST_S - 0.5])
    found = compare_folder(tmp_path, path, ["dose"])
    assert len(found.sessions) == 13 and "visit13" not in set(found.sessions["recording"])
    assert found.sessions["rate_per_min"].tolist() == pytest.approx(
        [10.0] * 12 + [20 * 60 / LEAST_S]
    )
    told = "1 recordings without dose, or with less than 5 s analysed, left out."
    assert told in comparison_text(found)


def test_where_all_are_too_short_there_are_words_and_a_figure(tmp_path: Path) -> None:
    path = write(tmp_path, [1.0] * 8)
    assert "VL" in compare_sessions(tmp_path, path, ["dose"])
    effects = pd.read_csv(tmp_path / "comparison.tsv", sep="\t", na_values="n/a")
    assert effects["rate_ratio"].isna().all()
    assert effects["message"].str.contains("no session with dose and 5 s analysed").all()
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")
