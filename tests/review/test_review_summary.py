"""``summary_reviewed.tsv``: nothing decided gives the detector's numbers, decisions move them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from review_folders import make_folder

from emgdetect.columns import REVIEW_VERDICTS, VERDICTS
from emgdetect.curation import reviewed_counts
from emgdetect.review.casebook import Casebook, Stale


@pytest.fixture
def made(tmp_path):
    return make_folder(tmp_path, sites={"BICEPS L": 1, "VL": 1}, duration_s=30, n_events=60)


@pytest.fixture
def book(made):
    return Casebook(made.folder, "Ada")


def judge(book, i, now):
    row = book.events.iloc[i]
    return book.decide(
        {"what": "verdict", "site": row["site"], "peak_s": row["peak_s"], "was": row["verdict"],
         "now": now}
    )  # fmt: skip


def test_nothing_decided_gives_the_numbers_as_detected(book):
    out, detected = book.settle(), book.summary_detected
    for name in ("site", "n_channels", "recorded_s", "n_fasciculations", "detectable_uv"):
        assert out[name].tolist() == detected[name].tolist()
    assert out["analysed_s"].tolist() == pytest.approx(detected["analysed_s"].tolist())
    assert out["rate_per_min"].tolist() == pytest.approx(detected["rate_per_min"].tolist())
    assert (out["rate_low"] <= out["rate_per_min"]).all()
    assert (out["rate_per_min"] <= out["rate_high"]).all()
    assert out["n_judged"].tolist() == [0, 0]


def test_each_decision_moves_the_summary_and_only_its_site(book, made):
    before = book.settle()
    i = int(np.flatnonzero((book.events["verdict"] == "fasciculation").to_numpy())[0])
    site = book.events["site"][i]
    judge(book, i, "pop")
    after = pd.read_csv(made.folder / "summary_reviewed.tsv", sep="\t", na_values="n/a")
    assert after["n_fasciculations"].tolist() == before["n_fasciculations"].tolist()  # not yet
    after = book.settle()
    moved = (before["n_fasciculations"] - after["n_fasciculations"]).tolist()
    assert moved == [int(name == site) for name in before["site"]]
    stored = pd.read_csv(made.folder / "summary_reviewed.tsv", sep="\t", na_values="n/a")
    assert stored["n_fasciculations"].tolist() == after["n_fasciculations"].tolist()


def test_noise_is_a_reviewers_word_and_is_not_counted(book, made):
    before = book.settle()
    i = int(np.flatnonzero((book.events["verdict"] == "fasciculation").to_numpy())[0])
    judge(book, i, "noise")
    after = book.settle()
    assert before["n_fasciculations"].sum() - after["n_fasciculations"].sum() == 1
    assert after["n_judged"].sum() == 1
    assert "noise" not in VERDICTS and "noise" in REVIEW_VERDICTS
    assert Casebook(made.folder, "Bea").events["verdict"].iloc[i] == "noise"


def test_reviewed_time_leaves_numerator_and_denominator(book, made):
    book.decide({"what": "exclude", "site": "VL", "onset": 10.0, "duration": 5.0, "now": "noise"})
    out = book.settle().set_index("site")
    assert out.loc["VL", "analysed_s"] == pytest.approx(30 - 0.25 - 5)
    assert out.loc["VL", "excluded_noise_s"] == pytest.approx(5.0)
    inside = book.detected.query("site == 'VL' and 10 <= peak_s < 15")
    counted = book.detected.query("site == 'VL' and verdict == 'fasciculation'")
    expected = len(counted) - (inside["verdict"] == "fasciculation").sum()
    assert out.loc["VL", "n_fasciculations"] == expected
    assert out.loc["BICEPS L", "analysed_s"] == pytest.approx(29.75)
    quick = reviewed_counts(made.folder).set_index("site")
    for name in ("n_fasciculations", "analysed_s"):
        assert quick[name].tolist() == pytest.approx(out[name].tolist())


def test_overlapping_exclusions_count_each_second_once(book):
    for onset, reason in ((0.0, "tremor"), (1.0, "noise"), (1.5, "noise")):
        span = {"what": "exclude", "site": "", "onset": onset, "duration": 2.0, "now": reason}
        book.decide(span)
    out = book.settle()
    assert out["analysed_s"].tolist() == pytest.approx([26.5, 26.5])
    reasons = [c for c in out.columns if c.startswith("excluded_")]
    assert out[reasons].sum(axis=1).tolist() == pytest.approx([3.5, 3.5])


def test_everything_excluded_is_no_rate(book):
    book.decide({"what": "exclude", "site": "", "onset": 0.0, "duration": 30.0, "now": "motion"})
    out = book.settle()
    assert out["rate_per_min"].isna().all() and out["analysed_s"].tolist() == [0.0, 0.0]


def test_a_decision_on_something_else_than_shown_is_refused(book, made):
    row = book.events.iloc[0]
    wish = {"what": "verdict", "site": row["site"], "peak_s": row["peak_s"], "was": "hum",
            "now": "pop"}  # fmt: skip
    with pytest.raises(Stale):
        book.decide(wish)
    assert (made.folder / "reviewed.tsv").read_text() == ""


def test_a_full_disk_is_an_error_and_no_decision(book, monkeypatch):
    import os

    judge(book, 0, "pop")
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[: len(data) // 2]))
    with pytest.raises(OSError, match="disk full"):
        judge(book, 1, "pop")
    monkeypatch.undo()
    assert book.events["judged"].sum() == 1
    judge(book, 1, "ecg")
    fresh = Casebook(book.folder, "Ada")
    assert fresh.events["judged"].sum() == 2 and fresh.trail.n_damaged == 1


def test_a_decision_entered_at_once_equals_a_replay_of_all(book):
    rng = np.random.default_rng(4)
    for _ in range(30):
        i, kind = int(rng.integers(len(book.events))), rng.integers(6)
        row = book.events.iloc[i]
        if kind == 0 and len(book.trail.decisions) > 2:
            book.decide({"what": "undo"})
        elif kind == 1:
            was = "" if pd.isna(row["unit"]) else str(row["unit"])
            now = str(rng.choice(["", "1", "12"]))
            book.decide({"what": "unit", "site": row["site"], "peak_s": row["peak_s"], "was": was,
                         "now": now})  # fmt: skip
        elif kind == 2:
            span = {"what": "exclude", "site": "", "onset": float(i) / 3, "duration": 0.4,
                    "now": "noise"}  # fmt: skip
            book.decide(span)
        else:
            judge(book, i, str(rng.choice(["fasciculation", "pop"])))
        anew = Casebook(book.folder, "Ada").events
        pd.testing.assert_frame_equal(book.events, anew)


def test_undo_says_what_it_restores(book):
    before = book.events["verdict"][0]
    judge(book, 0, "hum")
    undo = book.decide({"what": "undo"})
    assert (undo.was, undo.now, undo.undoes) == ("hum", before, 1)
    with pytest.raises(ValueError, match="nothing to undo"):
        book.decide({"what": "undo"})
