"""Maps of sites and recordings: of any size, with signs that are explained."""

from __future__ import annotations

import pandas as pd
import pytest
from figure_texts import cut_off, made, overlaps
from matplotlib.colors import to_rgb

from emgdetect import plot
from emgdetect.plot.style import luminance


@pytest.mark.parametrize("n_recordings", [0, 1, 12, 200])
def test_a_batch_of_any_size_is_a_map(n_recordings: int) -> None:
    rows = [
        {"recording": f"sub-{i:03d}_task-rest_emg", "site": site, "rate_per_min": rate}
        for i in range(n_recordings)
        for site, rate in (("BICEPS L", 3.0 * i), ("FDI R", float("nan") if i % 3 else 0.0))
    ]
    summary = pd.DataFrame(rows, columns=["recording", "site", "rate_per_min"])
    figure = plot.plot_batch(summary)
    assert overlaps(figure) == []
    assert cut_off(figure) == []


def test_two_sites_have_room_for_their_synchrony() -> None:
    figure = plot.plot_synchrony(*made(2, 1, 60.0, 50))
    assert overlaps(figure) == []
    assert cut_off(figure) == []


def test_a_rate_from_less_than_a_minute_stands_in_brackets() -> None:
    rows = [("a", "VL", 157.4, "short"), ("b", "VL", 3.0, pd.NA), ("b", "FDI", 0.0, "trend")]
    summary = pd.DataFrame(rows, columns=["recording", "site", "rate_per_min", "rate_flag"])
    texts = [text.get_text() for text in plot.plot_batch(summary).axes[0].texts]
    assert texts == ["(157)", "3", "0"]


def test_numbers_in_a_map_stand_out_from_their_cells() -> None:
    rows = [("a", f"S{i}", float(i * i)) for i in range(20)]
    axes = plot.plot_batch(pd.DataFrame(rows, columns=["recording", "site", "rate_per_min"])).axes[
        0
    ]
    for text in axes.texts:
        cell = luminance(axes.images[0].to_rgba(float(text.get_text())))
        one, two = sorted((cell, luminance(to_rgb(text.get_color()))))
        assert (two + 0.05) / (one + 0.05) > 4.5


def test_a_map_says_what_its_signs_mean() -> None:
    rows = [("a", "VL", 1.0, "short"), ("b", "FDI", 2.0, pd.NA)]
    summary = pd.DataFrame(rows, columns=["recording", "site", "rate_per_min", "rate_flag"])
    words = plot.plot_batch(summary).axes[0].get_title(loc="left")
    assert "×: not recorded" in words
    assert "under a minute" in words
    assert plot.plot_batch(summary.head(1).assign(rate_flag=pd.NA)).axes[0].get_title("left") == ""
