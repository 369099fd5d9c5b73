"""Figures of nothing, of one and of thousands: drawn, labelled, no text upon another."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from made_findings import lazy_recording, made_detections
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from emgdetect import plot
from emgdetect.columns import EXCLUDED, REASONS, VERDICTS, table
from emgdetect.detections import Detections
from emgdetect.plot.style import (
    BLUE,
    CYCLE,
    REASON_LOOKS,
    VERDICT_LOOKS,
    ink,
    luminance,
    png,
    shorten,
)
from emgdetect.recording import Recording, Segment

Draw = Callable[[Recording, Detections], Figure]

FIGURES: dict[str, Draw] = {
    "recording": plot.plot_recording,
    "stretch": lambda r, f: plot.plot_stretch(r, f, 0.1, 0.45),
    "site": lambda r, f: plot.plot_site(r, f, r.sites[0].name),
    "units": plot.plot_units,
    "examples": plot.plot_examples,
    "summary": lambda _, f: plot.plot_summary(f),
    "synchrony": plot.plot_synchrony,
    "score": lambda _, f: plot.plot_score(f),
    "recovery": lambda _, f: plot.plot_recovery(f),
    "grid": lambda r, f: plot.plot_grid(r, f, site=r.sites[0].name, peak_s=0.2),
}
SIZES = {
    "nothing": (1, 1, 60.0, 0),
    "one": (1, 1, 0.5, 1),
    "fifty": (4, 1, 180.0, 50),
    "grid": (1, 64, 30.0, 50),
    "thousands": (4, 1, 300.0, 5000),
}


def made(n_sites: int, n_channels: int, duration_s: float, n_events: int):  # type: ignore[no-untyped-def]
    recording = lazy_recording(n_sites, n_channels, (Segment(0, duration_s),), grid=n_channels > 1)
    return recording, made_detections(recording, n_events)


def visible_texts(figure: Figure) -> list[tuple[str, object]]:
    """Text and extent of every text that is shown."""
    FigureCanvasAgg(figure).draw()
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    ticks = [
        tick
        for axis in figure.findobj(Axis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
    ]
    # Ticks beyond the view, and all of hidden axes, exist but are not drawn.
    hidden = {id(label) for tick in ticks for label in (tick.label1, tick.label2)}
    shown = [
        label
        for axis in figure.findobj(Axis)
        if axis.axes is not None and axis.axes.axison
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
        if label.get_visible() and label.get_text().strip()
    ]
    texts = [t for t in texts if id(t) not in hidden] + shown
    return [(t.get_text(), t.get_window_extent()) for t in texts if in_view(t)]


def in_view(text: Text) -> bool:
    axes = text.axes
    return axes is None or axes.axison or text not in (axes.xaxis.label, axes.yaxis.label)


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other by more than a pixel."""
    boxes = visible_texts(figure)
    return [
        (a, b)
        for (a, one), (b, two) in itertools.combinations(boxes, 2)
        if min(one.x1, two.x1) - max(one.x0, two.x0) > 1
        and min(one.y1, two.y1) - max(one.y0, two.y0) > 1
    ]


def cut_off(figure: Figure) -> list[str]:
    """Texts that reach beyond the edge of the figure."""
    page = figure.bbox
    return [
        text
        for text, box in visible_texts(figure)
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < -1 or box.y1 > page.y1 + 1
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_and_no_text_lies_on_another(name: str, size: str) -> None:
    recording, found = made(*SIZES[size])
    figure = FIGURES[name](recording, found)
    assert isinstance(figure, Figure)
    assert overlaps(figure) == []
    assert cut_off(figure) == []


@pytest.mark.parametrize("name", ["recording", "stretch", "summary", "synchrony"])
def test_sixty_four_sites_have_room(name: str) -> None:
    recording, found = made(64, 1, 2.0, 500)
    assert overlaps(FIGURES[name](recording, found)) == []


@pytest.mark.parametrize("name", FIGURES)
def test_every_axis_with_numbers_says_what_they_are(name: str) -> None:
    recording, found = made(*SIZES["fifty"])
    figure = FIGURES[name](recording, found)
    FigureCanvasAgg(figure).draw()
    shown = [axes for axes in figure.axes if axes.axison]
    assert shown or name == "examples"
    for axes in shown:
        if any(has_number(label) for label in axes.get_xticklabels()):
            assert axes.get_xlabel()
        if any(has_number(label) for label in axes.get_yticklabels()):
            assert any(other.get_ylabel() for other in shown if beside(other, axes))


def has_number(label: Text) -> bool:
    return label.get_visible() and label.get_text().replace("−", "").replace(".", "").isdigit()


def beside(other: Axes, axes: Axes) -> bool:
    """Whether two axes stand in one row (or are one)."""
    one, two = other.get_position(), axes.get_position()
    return abs(one.y0 - two.y0) < 0.01 and abs(one.y1 - two.y1) < 0.01


def test_an_empty_recording_gives_a_sentence() -> None:
    recording = Recording((), (), lambda *_: np.zeros((0, 0), np.float32))
    found = made_detections(lazy_recording(1, 1, (Segment(0, 1),)), 0)
    for draw in (plot.plot_recording, plot.plot_units, plot.plot_examples):
        assert overlaps(draw(recording, found)) == []


def test_a_site_that_is_not_there_is_named() -> None:
    recording, found = made(*SIZES["fifty"])
    with pytest.raises(ValueError, match=r"no such site: 'NOSE'; the recording has \['SITE 00'"):
        plot.plot_site(recording, found, "NOSE")


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda r, f: plot.plot_stretch(r, f, 2.0, 2.0), "stop_s must exceed start_s"),
        (lambda r, f: plot.plot_units(r, f, n_max=0), "n_max must be at least 1"),
        (lambda r, f: plot.plot_examples(r, f, n=0), "n must be at least 1"),
    ],
)
def test_bad_arguments_are_refused(draw: Draw, says: str) -> None:
    recording, found = made(*SIZES["one"])
    with pytest.raises(ValueError, match=says):
        draw(recording, found)


def test_drawing_leaves_the_callers_settings_alone() -> None:
    recording, found = made(*SIZES["fifty"])
    with mpl.rc_context({"axes.grid": True, "font.size": 30, "axes.facecolor": "pink"}):
        before = dict(mpl.rcParams)
        figure = plot.plot_recording(recording, found)
        assert dict(mpl.rcParams) == before
        assert figure.axes[0].get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_the_same_input_gives_the_same_picture() -> None:
    recording, found = made(*SIZES["fifty"])
    first = png(plot.plot_units(recording, found), n_colours=64)
    assert first == png(plot.plot_units(recording, found), n_colours=64)
    assert b"matplotlib" not in first.lower()


def test_a_notebook_shows_what_a_cell_returns() -> None:
    figure = plot.plot_summary(made(*SIZES["fifty"])[1])
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_hostile_names_are_drawn_as_text() -> None:
    names = ["$\\frac{1}{", "筋肉\u202e\x07", "A" * 300]
    data = np.random.default_rng(0).normal(0, 1, (3, 4000))
    recording = Recording.from_array(data, 1000, names=names, name="$x^$\n筋")
    found = made_detections(recording, 30)
    for draw in (plot.plot_recording, plot.plot_units, plot.plot_examples):
        assert overlaps(draw(recording, found)) == []
    assert overlaps(plot.plot_summary(found)) == []


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


def test_a_site_analysed_too_shortly_is_told_from_one_not_analysed() -> None:
    _, found = made(2, 1, 60.0, 20)
    summary = found.summary.assign(analysed_s=[0.5, 0.0], rate_flag="short")
    summary[["rate_per_min", "rate_low", "rate_high"]] = np.nan
    texts = [t.get_text() for t in plot.plot_summary(replace(found, summary=summary)).axes[0].texts]
    assert texts == ["too short for a rate", "nothing analysed"]


def test_a_silent_bin_differs_from_one_that_was_not_analysed() -> None:
    recording, found = made(1, 1, 300.0, 0)
    excluded = table([{"onset": 0.0, "duration": 120.0, "site": "SITE 00", "reason": "noise"}],
                     EXCLUDED)  # fmt: skip
    rate = plot.plot_site(recording, replace(found, excluded=excluded), "SITE 00").axes[0]
    silent = [line.get_xdata() for line in rate.lines]
    assert len(silent) == 18  # of 10 s each
    assert min(start for start, _ in silent) == 120
    assert any("none where under 2 s" in text.get_text() for text in rate.texts)


def test_the_legend_of_a_stretch_holds_what_is_in_it() -> None:
    recording, found = made(*SIZES["fifty"])
    first = found.events.iloc[0]
    figure = plot.plot_stretch(recording, found, first["peak_s"] - 0.01, first["peak_s"] + 0.01)
    named = {text.get_text() for text in figure.legends[0].get_texts()}
    assert named & set(VERDICTS) == {first["verdict"]}


def test_every_verdict_and_reason_has_its_look() -> None:
    assert set(VERDICT_LOOKS) == set(VERDICTS)
    assert set(REASON_LOOKS) == set(REASONS)
    assert len(set(VERDICT_LOOKS.values())) == len(VERDICTS)


def test_long_labels_keep_both_ends() -> None:
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert shorten("abc", 5) == "abc"
    assert len(shorten("x" * 99, 20)) == 20


@pytest.mark.parametrize("size", ["fifty", "thousands"])
@pytest.mark.parametrize("name", FIGURES)
def test_words_are_dark_enough_to_read(name: str, size: str) -> None:
    figure = FIGURES[name](*made(*SIZES[size]))
    shown = [text for text, _ in visible_texts(figure)]
    on_white = [t for t in figure.findobj(Text) if t.get_text() in shown and not in_map(t)]
    pale = {t.get_text() for t in on_white if luminance(to_rgb(t.get_color())) > 1.05 / 4.5 - 0.05}
    assert pale == set()


def in_map(text: Text) -> bool:
    return text.axes is not None and bool(text.axes.images)


def test_numbers_in_a_map_stand_out_from_their_cells() -> None:
    rows = [("a", f"S{i}", float(i * i)) for i in range(20)]
    axes = plot.plot_batch(pd.DataFrame(rows, columns=["recording", "site", "rate_per_min"])).axes[
        0
    ]
    for text in axes.texts:
        cell = luminance(axes.images[0].to_rgba(float(text.get_text())))
        one, two = sorted((cell, luminance(to_rgb(text.get_color()))))
        assert (two + 0.05) / (one + 0.05) > 4.5


def test_ink_darkens_only_what_is_too_pale() -> None:
    assert ink("#000000") == "#000000"
    assert ink(BLUE).lower() == BLUE.lower()
    for colour in CYCLE:
        assert 1.05 / (luminance(to_rgb(ink(colour))) + 0.05) >= 4.5


def test_fewer_colours_leave_areas_as_they_were() -> None:
    """A span of noise is grey, and must not come out in the blue of a flat signal."""
    figure = plot.plot_site(*made(*SIZES["thousands"]), "SITE 00")
    whole = np.asarray(Image.open(io.BytesIO(png(figure, dpi=80))).convert("RGB"))
    figure = plot.plot_site(*made(*SIZES["thousands"]), "SITE 00")
    few = np.asarray(Image.open(io.BytesIO(png(figure, dpi=80, n_colours=64))).convert("RGB"))
    assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 64
    colours, counts = np.unique(whole.reshape(-1, 3), axis=0, return_counts=True)
    for area in colours[np.argsort(-counts)[:16]]:
        there = (whole == area).all(axis=2)
        assert (few[there] == area).all()


def test_a_map_says_what_its_signs_mean() -> None:
    rows = [("a", "VL", 1.0, "short"), ("b", "FDI", 2.0, pd.NA)]
    summary = pd.DataFrame(rows, columns=["recording", "site", "rate_per_min", "rate_flag"])
    words = plot.plot_batch(summary).axes[0].get_title(loc="left")
    assert "×: not recorded" in words
    assert "under a minute" in words
    assert plot.plot_batch(summary.head(1).assign(rate_flag=pd.NA)).axes[0].get_title("left") == ""


def test_nothing_counted_at_any_site_is_said_in_words() -> None:
    figure = plot.plot_synchrony(*made(4, 1, 60.0, 0))
    assert "No two sites" in figure.axes[0].texts[0].get_text()
    recording, found = made(1, 1, 60.0, 0)
    assert "no potential was found" in plot.plot_recording(recording, found).axes[0].get_title(
        loc="left"
    )


def test_the_close_up_shows_what_was_found_though_nothing_was_counted() -> None:
    recording, found = made(1, 1, 60.0, 1)
    assert found.fasciculations.empty
    low, high = plot.plot_recording(recording, found).axes[1].get_xlim()
    assert low < found.events["peak_s"].iloc[0] < high


def test_a_single_potential_shows_in_the_tail_of_the_scores() -> None:
    axes = plot.plot_score(made(1, 1, 60.0, 1)[1]).axes[0]
    line = next(line for line in axes.lines if line.get_label() == "all listed")
    assert np.ptp(line.get_xdata()) > 0


def test_all_potentials_of_a_unit_are_overlaid_wherever_they_are_strongest() -> None:
    recording, found = made(1, 64, 30.0, 50)
    unit = found.fasciculations["unit"].value_counts()
    axes = plot.plot_units(recording, found).axes[0]
    assert f"n = {unit.loc[1]}" in axes.get_ylabel()
    assert len(axes.lines) == unit.loc[1] + 1  # and their average
