"""Comparing recordings by a table of sessions: known ratios, no effect, and clear refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgdetect.batch.comparison import compare_sessions
from emgdetect.columns import COMPARISON
from emgdetect.curation import Decision, format_line, header_line
from emgdetect.curation.trail import FILE_NAME
from emgdetect.stats.compare import choose_method, compare_folder, comparison_text
from emgdetect.stats.comparing.gee import FEWEST_PERSONS, gee_ratio
from emgdetect.stats.comparing.permuting import (
    Ratio,
    Sessions,
    n_permutations,
    permutation_ratio,
    varies_within,
)


def study(
    rng: np.random.Generator, *, n_persons: int, n_each: int, ratio: float, trend: float = 0.0
) -> Sessions:
    """Over-dispersed counts, persons with rates of their own, a covariate of 0, 1, 2 or 3."""
    values = rng.integers(0, 4, (n_persons, n_each)).astype(float)
    minutes = rng.uniform(2, 8, (n_persons, n_each))
    order = np.tile(np.arange(n_each, dtype=float), (n_persons, 1))
    own = rng.lognormal(np.log(10), 0.7, (n_persons, 1))
    mean = own * minutes * ratio**values * np.exp(trend * order / n_each)
    counts = rng.poisson(mean * rng.gamma(5, 0.2, mean.shape)).astype(float)
    persons = np.repeat(np.arange(n_persons), n_each)
    return Sessions(counts.ravel(), minutes.ravel(), values.ravel(), order.ravel(), persons)


def covered(results: list[Ratio], ratio: float) -> float:
    return float(np.mean([r.low <= ratio <= r.high for r in results]))


@pytest.mark.parametrize(("n_persons", "n_each"), [(1, 14), (6, 4), (25, 3)])
@pytest.mark.parametrize("ratio", [1.0, 1.6])
def test_known_ratios_are_covered(n_persons: int, n_each: int, ratio: float) -> None:
    rng = np.random.default_rng([n_persons, int(10 * ratio)])
    solve = gee_ratio if n_persons >= 20 else permutation_ratio
    studies = [
        study(rng, n_persons=n_persons, n_each=n_each, ratio=ratio, trend=float(n_persons == 1))
        for _ in range(50)
    ]
    results = [solve(one) for one in studies]
    assert covered(results, ratio) >= 0.88
    assert np.median([r.ratio for r in results]) == pytest.approx(ratio, rel=0.08)
    rejected = np.mean([r.p < 0.05 for r in results])
    assert rejected <= 0.12 if ratio == 1 else rejected > 0.5
    for r in results:
        assert r.low <= r.ratio <= r.high
        assert (r.p < 0.04) <= (not r.low <= 1 <= r.high)


def test_ratio_follows_the_unit_of_the_covariate() -> None:
    one = study(np.random.default_rng(4), n_persons=5, n_each=5, ratio=1.5)
    big = Sessions(one.counts, one.minutes, one.values * 100, one.order, one.persons)
    small, large = permutation_ratio(one), permutation_ratio(big)
    assert large.ratio**100 == pytest.approx(small.ratio, rel=1e-6)
    assert large.p == pytest.approx(small.p)


def test_number_of_permutations_and_variation_within_persons() -> None:
    zeros = np.zeros(6)
    persons = np.repeat([0, 1], 3)
    values = np.array([0, 0, 1, 1, 2, 3], dtype=float)
    sessions = Sessions(zeros, zeros + 1, values, np.arange(6.0), persons)
    assert n_permutations(sessions) == 3 * 6
    assert varies_within(sessions)
    between = Sessions(zeros, zeros + 1, persons.astype(float), np.arange(6.0), persons)
    assert not varies_within(between)
    trending = Sessions(zeros, zeros + 1, 2 * np.arange(6.0), np.arange(6.0), zeros.astype(int))
    assert not varies_within(trending)


def write_folder(
    folder: Path, rows: list[dict[str, object]], amplitudes: dict[str, list[float]]
) -> None:
    """Results of `emgdetect run`, as far as a comparison reads them."""
    frame = pd.DataFrame(rows)
    frame.to_csv(folder / "summary.tsv", sep="\t", index=False, na_rep="n/a")
    for recording, sizes in amplitudes.items():
        (folder / recording).mkdir()
        times = np.arange(len(sizes)) * 0.5 + 1
        pd.DataFrame(
            {"onset": times - 0.005, "duration": 0.01, "site": "VL", "verdict": "fasciculation",
             "peak_s": times, "amplitude_uv": sizes, "amplitude_fit_uv": sizes, "unit": 1,
             "match": 0.95, "noise_uv": 2.0}
        ).to_csv(folder / recording / "events.tsv", sep="\t", index=False)  # fmt: skip
        own = frame[frame["recording"] == recording].drop(columns="recording")
        own.to_csv(folder / recording / "summary.tsv", sep="\t", index=False, na_rep="n/a")


def one_person(
    folder: Path, *, n: int = 14, factor: float = 3.0, detectable: float | None = 20.0
) -> Path:
    rng = np.random.default_rng(6)
    rows, sizes, table = [], {}, []
    for i in range(n):
        coffee = [0, 100, 200][int(rng.integers(3))]
        count = int(rng.poisson(60 * factor ** (coffee / 200)))
        name = f"visit{i:02d}"
        small = rng.uniform(5, 19, int(rng.integers(0, 300)))
        sizes[name] = [*rng.uniform(21, 80, count), *small]
        seen = {"n_fasciculations": len(sizes[name]), "detectable_uv": detectable}
        rows.append({"recording": name, "site": "VL", "analysed_s": 300.0} | seen)
        sleep = "good" if i % 2 else "bad"
        late = None if i < 3 else i % 4
        table.append({"recording": name, "caffeine_mg": coffee, "sleep": sleep, "same": 1})
        table[-1]["late"] = late
    write_folder(folder, rows, sizes)
    path = folder / "sessions.tsv"
    pd.DataFrame(table).to_csv(path, sep="\t", index=False, na_rep="n/a")
    return path


def test_one_person_from_files_to_words(tmp_path: Path) -> None:
    path = one_person(tmp_path)
    result = compare_folder(tmp_path, path, ["caffeine_mg", "sleep", "same", "late"])
    assert list(result.effects.columns) == [column.name for column in COMPARISON]
    effects = result.effects.set_index("covariate")
    coffee = effects.loc["caffeine_mg"]
    assert coffee["ratio_low"] < 3 ** (1 / 200) < coffee["ratio_high"]
    assert coffee["p"] < 0.01 and coffee["method"] == "permutation of sessions"
    assert coffee["above_uv"] == 20 and coffee["p_holm"] >= 2 * coffee["p"]
    assert "over the range seen (0 to 200)" in coffee["sentence"]
    assert effects.loc["sleep", "contrast"] == "good against bad"
    assert "only one level" in effects.loc["same", "message"]
    assert effects.loc["late", "n_recordings"] == 11
    assert "3 recordings without late" in effects.loc["late", "sentence"]
    text = comparison_text(result)
    assert "not a cause" in text and "diagnosis" in text
    assert len(result.sessions) == 14 * 3 + 11
    assert set(result.sessions["site"]) == {"VL"}


def test_small_potentials_count_only_if_nothing_is_known_of_what_could_be_seen(
    tmp_path: Path,
) -> None:
    path = one_person(tmp_path, detectable=None)
    result = compare_folder(tmp_path, path, ["caffeine_mg"])
    summary = pd.read_csv(tmp_path / "summary.tsv", sep="\t")
    row = result.effects.iloc[0]
    assert row["n_fasciculations"] == summary["n_fasciculations"].sum()
    assert "of any size" in row["sentence"]
    assert "difference in noise" in comparison_text(result)


def decide(folder: Path, *decisions: Decision) -> None:
    """Leave a reviewer's trail in the folder of a recording."""
    lines = [header_line(), *(format_line(decision) for decision in decisions)]
    (folder / FILE_NAME).write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize("detectable", [20.0, None])
def test_reviewed_counts_and_time_are_used_where_they_exist(
    tmp_path: Path, detectable: float | None
) -> None:
    path = one_person(tmp_path, detectable=detectable)
    before = compare_folder(tmp_path, path, ["caffeine_mg"]).sessions.set_index("recording")
    common = {"when": "2026-01-01T00:00:00Z", "who": "me", "site": "VL"}
    rejected = [
        Decision(number=i + 1, what="verdict", was="fasciculation", now="pop", peak_s=1 + 0.5 * i,
                 **common)
        for i in range(5)
    ]  # fmt: skip
    decide(
        tmp_path / "visit03", *rejected,
        Decision(number=6, what="exclude", onset=5.9, duration=20.2, now="motion", **common),
        Decision(number=7, what="add", now="fasciculation", peak_s=200.0, onset=199.99,
                 duration=0.02, amplitude_uv=60.0, noise_uv=2.0, **common),
        Decision(number=8, what="add", now="fasciculation", peak_s=210.0, onset=209.99,
                 duration=0.02, amplitude_uv=15.0, noise_uv=2.0, **common),
    )  # fmt: skip
    result = compare_folder(tmp_path, path, ["caffeine_mg"])
    after = result.sessions.set_index("recording")
    # 5 rejected, 41 in the excluded span (5.9 to 26.1 s); one or both of those added are counted
    added = 1 if detectable else 2
    assert after.loc["visit03", "n"] == before.loc["visit03", "n"] - 5 - 41 + added
    assert after.loc["visit03", "analysed_s"] == pytest.approx(300 - 20.2)
    others = [name for name in after.index if name != "visit03"]
    assert after.loc[others, "n"].equals(before.loc[others, "n"])
    assert "1 of 14 recordings count as reviewed" in comparison_text(result)


def test_the_command_writes_tables_and_a_figure(tmp_path: Path) -> None:
    path = one_person(tmp_path)
    said = compare_sessions(tmp_path, path, ["caffeine_mg", "sleep"])
    assert "not a cause" in said and said.count("VL") == 2
    effects = pd.read_csv(tmp_path / "comparison.tsv", sep="\t", na_values="n/a")
    assert effects["covariate"].tolist() == ["caffeine_mg", "sleep"]
    sessions = pd.read_csv(tmp_path / "comparison_sessions.tsv", sep="\t", na_values="n/a")
    assert sessions["n"].sum() == 2 * effects["n_fasciculations"].iloc[0]
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_counts_that_rule_nothing_out_give_words(tmp_path: Path) -> None:
    counts = [0, 1, 0, 0, 1, 0, 0, 1]
    rows = [{"recording": f"r{i}", "site": "VL", "analysed_s": 120.0, "detectable_uv": None,
             "n_fasciculations": c} for i, c in enumerate(counts)]  # fmt: skip
    write_folder(tmp_path, rows, {})
    table = pd.DataFrame({"recording": [f"r{i}" for i in range(8)], "x": [0, 0, 1, 1] * 2})
    table.to_csv(tmp_path / "s.tsv", sep="\t", index=False)
    row = compare_folder(tmp_path, tmp_path / "s.tsv", ["x"]).effects.iloc[0]
    assert "rule no ratio out" in row["sentence"] and pd.isna(row["rate_ratio"])


def test_a_recording_whose_tables_are_gone_is_named(tmp_path: Path) -> None:
    path = one_person(tmp_path)
    (tmp_path / "visit02" / "events.tsv").unlink()
    with pytest.raises(ValueError, match="tables of visit02"):
        compare_folder(tmp_path, path, ["caffeine_mg"])


def test_too_few_sessions_no_events_and_separation_are_said(tmp_path: Path) -> None:
    for name, n in (("few", 4), ("none", 12), ("apart", 12)):
        folder = tmp_path / name
        folder.mkdir()
        counts = {"few": [10] * n, "none": [0] * n, "apart": [0, 9] * (n // 2)}[name]
        rows = [{"recording": f"r{i}", "site": "VL", "analysed_s": 120.0, "detectable_uv": None,
                 "n_fasciculations": c} for i, c in enumerate(counts)]  # fmt: skip
        write_folder(folder, rows, {})
        sessions = pd.DataFrame({"recording": [f"r{i}" for i in range(n)], "x": [0, 1] * (n // 2)})
        sessions.to_csv(folder / "s.tsv", sep="\t", index=False)
    words = {"few": "too few sessions", "none": "no potentials", "apart": "separation"}
    for name, word in words.items():
        row = compare_folder(tmp_path / name, tmp_path / name / "s.tsv", ["x"]).effects.iloc[0]
        assert word in row["message"] and pd.isna(row["rate_ratio"]) and word in row["sentence"]


def test_many_persons_by_bids_keys(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    rows, table = [], []
    for person in range(24):
        base = rng.lognormal(3, 0.5)
        for session in ("ses-1", "ses-2"):
            keys = {"participant_id": f"sub-{person:02d}", "session_id": session}
            dose = float(rng.integers(0, 2))
            n = rng.poisson(base * 2.5**dose * rng.gamma(5, 0.2))
            name = f"sub-{person:02d}_{session}_emg"
            seen = {"analysed_s": 300.0, "detectable_uv": None, "n_fasciculations": n}
            rows.append({"recording": name, "site": "VL"} | keys | seen)
            table.append(keys | {"dose": dose, "age": 40 + person})
    write_folder(tmp_path, rows, {})
    pd.DataFrame(table).to_csv(tmp_path / "s.tsv", sep="\t", index=False)
    effects = compare_folder(tmp_path, tmp_path / "s.tsv", ["dose", "age"]).effects
    dose = effects.set_index("covariate").loc["dose"]
    assert dose["method"] == "gee" and dose["n_persons"] == 24
    assert dose["ratio_low"] < 2.5 < dose["ratio_high"] and dose["ratio_low"] > 1
    assert effects.set_index("covariate").loc["age", "ratio_low"] < 1


def test_p_values_are_corrected_for_the_number_of_contrasts(tmp_path: Path) -> None:
    path = one_person(tmp_path)
    effects = compare_folder(tmp_path, path, ["caffeine_mg", "sleep", "late"]).effects
    known, largest = effects[effects["p"].notna()].sort_values("p"), 0.0
    assert len(known) >= 3
    for rank, (p, corrected) in enumerate(zip(known["p"], known["p_holm"], strict=True)):
        largest = max(largest, min(1.0, (len(known) - rank) * p))  # Holm 1979
        assert corrected == pytest.approx(largest)


@pytest.mark.parametrize(
    ("n_persons", "method"),
    [(1, "permutation of sessions"), (2, "permutation within persons"),
     (FEWEST_PERSONS - 1, "permutation within persons"), (FEWEST_PERSONS, "gee")],
)  # fmt: skip
def test_the_method_follows_from_the_number_of_persons(n_persons: int, method: str) -> None:
    sessions = study(np.random.default_rng(3), n_persons=n_persons, n_each=14, ratio=1.0)
    assert choose_method(sessions) == (method, None)


def test_wrong_calls_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = one_person(tmp_path)
    with pytest.raises(ValueError, match="no column 'tea'"):
        compare_folder(tmp_path, path, ["tea"])
    with pytest.raises(ValueError, match=r"no summary\.tsv"):
        compare_folder(tmp_path / "nowhere", path, ["sleep"])
    with pytest.raises(ValueError, match="holds one recording"):
        compare_folder(tmp_path / "visit00", path, ["sleep"])
    other = tmp_path / "other.tsv"
    other.write_text("recording\tsleep\nnone\tbad\n")
    with pytest.raises(ValueError, match="no recording of the summary matches"):
        compare_folder(tmp_path, other, ["sleep"])
    other.write_text("recording\tsleep\nvisit00\tbad\nvisit00\tgood\n")
    with pytest.raises(ValueError, match="twice"):
        compare_folder(tmp_path, other, ["sleep"])
    other.write_text("day\tsleep\n1\tbad\n")
    with pytest.raises(ValueError, match="it needs one row per recording"):
        compare_folder(tmp_path, other, ["sleep"])
    with pytest.raises(ValueError, match="cannot be read"):
        compare_folder(tmp_path, tmp_path / "absent.tsv", ["sleep"])
