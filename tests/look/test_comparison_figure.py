"""The figure of a comparison: a place per condition, a line per person, a word per refusal."""

from __future__ import annotations

import pandas as pd

from emgdetect.columns import COMPARED, COMPARISON, table
from emgdetect.plot import plot_comparison
from emgdetect.stats.compare import Comparison


def compared(values: list[object], *, n_persons: int) -> pd.DataFrame:
    rows: list[dict[str, object]] = [
        {"site": "VL", "covariate": "sleep", "value": value, "person": f"sub-{i % n_persons}",
         "recording": f"r{i}", "order": i, "n": 10.0 + i, "analysed_s": 120.0,
         "rate_per_min": 5.0 + i / 2, "above_uv": 20.0}
        for i, value in enumerate(values)
    ]  # fmt: skip
    return table(rows, COMPARED)


def effects(**facts: object) -> pd.DataFrame:
    return table([{"site": "VL", "covariate": "sleep", "contrast": "good against bad"} | facts],
                 COMPARISON)  # fmt: skip


def test_levels_are_named_and_persons_joined() -> None:
    known = effects(rate_ratio=1.5, ratio_low=1.1, ratio_high=2.0)
    figure = plot_comparison(Comparison(known, compared(["bad", "good"] * 4, n_persons=2), ()))
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["bad", "good"]
    assert "× 1.5 (1.1 to 2)" in axes.texts[0].get_text()
    # dots, a bar per level; each person has one level only, so that nothing is joined
    assert len(axes.lines) == 3
    paired = compared(["bad", "bad", "good", "good"], n_persons=2)
    assert len(plot_comparison(Comparison(known, paired, ())).axes[0].lines) == 2 + 3


def test_numbers_stand_where_they_are_and_rates_of_a_level_are_pooled() -> None:
    message = effects(message="too few sessions")
    figure = plot_comparison(Comparison(message, compared([0.0, 100.0, 100.0], n_persons=1), ()))
    axes = figure.axes[0]
    assert axes.lines[0].get_xdata().tolist() == [0.0, 100.0, 100.0]
    assert axes.lines[2].get_ydata()[0] == (11 + 12) * 60 / 240
    assert axes.texts[0].get_text() == "too few sessions"


def test_a_long_message_is_not_cut_in_its_middle() -> None:
    message = effects(message="too few sessions: chance could not be told from an effect at 5 %")
    axes = plot_comparison(Comparison(message, compared([100.0], n_persons=1), ())).axes[0]
    assert axes.texts[0].get_text() == "too few sessions"


def test_a_single_level_has_its_own_tick_alone() -> None:
    message = effects(message="only one level of sleep")
    axes = plot_comparison(Comparison(message, compared([100.0], n_persons=1), ())).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100"]
    dots, bar = axes.lines
    assert dots.get_zorder() > bar.get_zorder()  # a recording is seen on the bar of its level


def test_nothing_to_compare_is_said() -> None:
    figure = plot_comparison(Comparison(table([], COMPARISON), table([], COMPARED), ()))
    assert "No recording" in figure.axes[0].texts[0].get_text()


def test_the_legend_names_bars_only_where_some_are_drawn() -> None:
    for values, n in (([1.0, 2.0] * 3, 1), ([float(i) for i in range(8)], 0)):
        figure = plot_comparison(Comparison(effects(), compared(list(values), n_persons=1), ()))
        texts = [text.get_text() for text in figure.legends[0].get_texts()]
        assert texts.count("rate of all time at one level") == n
