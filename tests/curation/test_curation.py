"""The replay of a trail: what a person decided is never lost and never doubled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_trails import EVERY, THREE, decision, events, excluding, verdict

from emgdetect.columns import EVENTS, EXCLUDED, empty, table
from emgdetect.curation import Decision, agreement, replay, replay_excluded, standing


def test_nothing_decided_leaves_the_events_as_they_are():
    out = replay(THREE, [])
    expected = THREE.sort_values(["onset", "site"], ignore_index=True)
    pd.testing.assert_frame_equal(out[list(THREE.columns)], expected)
    assert not out["judged"].any() and not out["added"].any() and not out["outside"].any()
    assert out["verdict_detected"].tolist() == expected["verdict"].tolist()


def test_the_last_verdict_stands_and_the_detected_one_stays_beside_it():
    out = replay(THREE, [verdict(1, "A", 2.0, "ecg"), verdict(2, "A", 2.0, "fasciculation")])
    row = out[(out["site"] == "A") & (out["peak_s"] == 2.0)].iloc[0]
    assert (row["verdict"], row["verdict_detected"], row["judged"]) == (
        "fasciculation", "pop", True,
    )  # fmt: skip
    assert out["judged"].sum() == 1


def test_a_decision_on_one_site_does_not_touch_another():
    out = replay(THREE, [verdict(1, "B", 1.0, "pop")])
    assert out[out["site"] == "A"]["verdict"].tolist() == ["fasciculation", "pop"]


def test_units_change_and_can_be_taken_away():
    lines = [
        decision(1, "unit", site="A", peak_s=1.0, was="1", now="7"),
        decision(2, "unit", site="A", peak_s=2.0, was="1", now=""),
    ]
    out = replay(THREE, lines)
    assert out["unit"].dtype == "Int64"
    assert [None if pd.isna(u) else u for u in out["unit"]] == [7, 1, None]
    assert not out["judged"].any()  # a unit is no verdict


def test_potentials_without_a_unit_keep_none():
    loose = THREE.assign(unit=pd.array([1, None, None], dtype="Int64"))
    out = replay(loose, [verdict(1, "A", 2.0, "ecg")])
    assert out["unit"].isna().sum() == 2 and out["unit"].dtype == "Int64"


def added(number: int, peak_s: float) -> Decision:
    return decision(
        number, "add", site="A", peak_s=peak_s, onset=peak_s - 0.004, duration=0.008,
        channel="EMG A", amplitude_uv=30.0, noise_uv=5.0, now="fasciculation",
    )  # fmt: skip


def test_an_added_potential_is_a_row_with_what_is_known():
    out = replay(THREE, [added(1, 1.5)])
    row = out[out["added"]].iloc[0]
    assert (row["peak_s"], row["channel"], row["snr"]) == (1.5, "EMG A", 6.0)
    assert row["verdict"] == "fasciculation" and pd.isna(row["verdict_detected"])
    assert pd.isna(row["unit"]) and pd.isna(row["score"])
    assert out["onset"].is_monotonic_increasing
    assert out.dtypes["unit"] == "Int64" and out.dtypes["phases"] == "Int64"


def test_an_added_potential_can_be_judged_and_given_a_unit():
    lines = [
        added(1, 1.5),
        decision(2, "unit", site="A", peak_s=1.5, now="3"),
        verdict(3, "A", 1.5, "pop"),
    ]
    row = replay(THREE, lines).query("added").iloc[0]
    assert (row["verdict"], row["unit"]) == ("pop", 3)


def test_adding_to_an_empty_table_works():
    out = replay(empty(EVENTS), [added(1, 1.5)])
    assert len(out) == 1 and out["peak_s"].tolist() == [1.5]


def test_undoing_an_addition_removes_the_row():
    assert len(replay(THREE, [added(1, 1.5), decision(2, "undo", undoes=1)])) == len(THREE)


@pytest.mark.parametrize("shift_s", [-0.0015, 0.0, 0.0015])
def test_a_new_run_that_moves_a_peak_by_a_sample_keeps_the_decision(shift_s):
    moved = THREE.assign(peak_s=THREE["peak_s"] + shift_s)
    out = replay(moved, [verdict(1, "A", 2.0, "fasciculation")])
    assert out["judged"].sum() == 1 and out["verdict"].eq("fasciculation").sum() == 2


def test_of_a_doublet_the_nearest_is_meant():
    doublet = events(("A", 1.0, "pop"), ("A", 1.0025, "pop"))
    out = replay(doublet, [verdict(1, "A", 1.0021, "fasciculation")])
    assert out["verdict"].tolist() == ["pop", "fasciculation"]


def test_an_accepted_potential_that_a_new_run_does_not_find_is_kept_a_rejected_one_is_not():
    accepted = replace(
        verdict(1, "A", 5.0, "fasciculation"), onset=4.99, duration=0.01, channel="EMG A"
    )
    out = replay(THREE, [accepted, verdict(2, "A", 6.0, "pop")])
    assert out["peak_s"].tolist() == [1.0, 1.0, 2.0, 5.0]
    assert out["added"].tolist() == [False, False, False, True]


def test_a_new_run_that_finds_what_was_added_does_not_double_it():
    found = events(("A", 1.4995, "train"))
    out = replay(found, [added(1, 1.5)])
    assert out["verdict"].tolist() == ["fasciculation"] and out["added"].tolist() == [False]


def test_potentials_in_time_the_reviewer_excluded_are_marked():
    out = replay(THREE, [excluding(1, 0.5, 1.5, "A")])
    assert out.loc[out["outside"], ["site", "peak_s"]].values.tolist() == [["A", 1.0]]
    everywhere = replay(THREE, [excluding(1, 0.5, 1.5)])
    assert everywhere.loc[everywhere["outside"], "site"].tolist() == ["A", "B"]


def test_an_excluded_span_holds_its_start_and_not_its_stop():
    assert replay(THREE, [excluding(1, 1.0, 1.5, "A")])["outside"].sum() == 1
    assert not replay(THREE, [excluding(1, 0.5, 1.0, "A")])["outside"].any()


def test_an_excluded_span_can_be_taken_back_by_include_or_undo():
    back = decision(2, "include", site="A", onset=0.5, duration=1.0)
    for line in (back, decision(2, "undo", undoes=1)):
        lines = [excluding(1, 0.5, 1.5, "A"), line]
        assert not replay(THREE, lines)["outside"].any()
        assert not len(replay_excluded(empty(EXCLUDED), lines, sites=["A", "B"]))


def test_excluded_spans_say_whose_they_are():
    detected = table([{"onset": 3.0, "duration": 1.0, "site": "B", "reason": "noise"}], EXCLUDED)
    lines = [excluding(1, 0.5, 1.5), excluding(2, 9.0, 9.5, "A")]
    out = replay_excluded(detected, lines, sites=["A", "B"])
    assert list(out.columns) == ["onset", "duration", "site", "reason", "by"]
    assert out[["onset", "site", "by"]].values.tolist() == [
        [0.5, "A", "reviewer"], [0.5, "B", "reviewer"], [3.0, "B", "detector"],
        [9.0, "A", "reviewer"],
    ]  # fmt: skip


def naive_verdicts(lines: list[Decision]) -> dict[tuple[str, float], str]:
    """Verdicts by key, one decision after the other, without any cleverness."""
    state = {(s, p): v for s, p, v in THREE[["site", "peak_s", "verdict"]].values.tolist()}
    undone = {line.undoes for line in lines if line.what == "undo"}
    for line in lines:
        if line.what in ("verdict", "add") and line.number not in undone:
            key = (line.site, line.peak_s)
            if key in state or line.now == "fasciculation":
                state[key] = line.now
    return state


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(EVERY), st.booleans()), max_size=14))
def test_replay_equals_its_naive_twin(steps):
    keys = [("A", 1.0), ("A", 2.0), ("B", 1.0), ("A", 3.0), ("B", 4.0)]
    lines: list[Decision] = []
    for which, now, undo in steps:
        alive = standing(lines)
        if undo and alive:
            lines.append(decision(len(lines) + 1, "undo", undoes=alive[-1].number))
        else:
            lines.append(verdict(len(lines) + 1, *keys[which], now))
    out = replay(THREE, lines)
    found = {(s, p): v for s, p, v in out[["site", "peak_s", "verdict"]].values.tolist()}
    assert found == naive_verdicts(lines)


def test_agreement_counts_the_judged_only():
    lines = [
        verdict(1, "A", 1.0, "fasciculation"),  # both
        verdict(2, "A", 2.0, "fasciculation"),  # the reviewer only
        verdict(3, "B", 1.0, "ecg"),  # neither, though for another reason
        added(4, 1.5),
    ]
    a = agreement(replay(THREE, lines))
    assert (a.both, a.detector_only, a.reviewer_only, a.neither, a.n_added) == (1, 0, 2, 1, 1)
    assert (a.n_judged, a.share, a.precision) == (4, 0.5, 1.0)
    assert a.recall == pytest.approx(1 / 3)


def test_agreement_of_nothing_is_no_number():
    a = agreement(replay(THREE, []))
    assert a.n_judged == 0 and np.isnan([a.share, a.kappa, a.precision, a.recall]).all()


def test_kappa_by_its_definition():
    rng = np.random.default_rng(3)
    rows = [("A", float(i), str(rng.choice(EVERY))) for i in range(60)]
    detected = events(*rows)
    now = [str(rng.choice(EVERY)) for _ in rows]
    lines = [verdict(i + 1, "A", row[1], now[i]) for i, row in enumerate(rows)]
    a = agreement(replay(detected, lines))
    x = np.array([row[2] == "fasciculation" for row in rows])
    y = np.array([v == "fasciculation" for v in now])
    chance = x.mean() * y.mean() + (1 - x.mean()) * (1 - y.mean())
    assert a.kappa == pytest.approx(((x == y).mean() - chance) / (1 - chance))
