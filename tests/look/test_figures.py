"""Figures of nothing, of one and of thousands: drawn, labelled, no text upon another."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from figure_texts import FIGURES, SIZES, Draw, cut_off, made, overlaps
from made_findings import lazy_recording, made_detections
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from emgdetect import plot
from emgdetect.columns import EXCLUDED, REASONS, VERDICTS, table
from emgdetect.plot.curves import BEYOND
from emgdetect.plot.overview import choose_sites
from emgdetect.plot.style import png, shorten
from emgdetect.recording import Recording, Segment
from emgdetect.stats.recovered import fitted


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


@pytest.mark.parametrize(
    ("sites", "channels", "seconds", "says"),
    [(1, 1, 60.5, "60.5 s long, this one 60 s"), (2, 1, 60, "this one has no site 'SITE 01'"),
     (1, 9, 60, "this one has no channel 'EMG A00 0")],
)  # fmt: skip
@pytest.mark.parametrize("draw", [plot.plot_recording, plot.plot_units])
def test_what_was_found_in_another_recording_is_not_drawn(
    draw: Draw, sites: int, channels: int, seconds: float, says: str
) -> None:
    recording = lazy_recording(1, 1, (Segment(0, 60),))
    other = lazy_recording(sites, channels, (Segment(0, seconds),))
    found = made_detections(other, 40)
    with pytest.raises(ValueError, match=f"found is of another recording: .*{says}"):
        draw(recording, found)
    with pytest.raises(ValueError, match=r"another recording: it has no site 'SITE 0[12]'"):
        draw(lazy_recording(3, channels, other.segments), found)
    assert draw(other, found)


def test_a_site_that_is_not_there_is_named() -> None:
    recording, found = made(*SIZES["fifty"])
    assert len(choose_sites(recording, "SITE 00")) == 1
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


@pytest.mark.parametrize("n_sites", [1, 2, 9])
def test_a_rate_under_another_exclusion_level_alone_lies_on_the_axis(n_sites: int) -> None:
    _, found = made(n_sites, 1, 60.0, 20)
    summary = found.summary.assign(
        **{f"excluded_{reason}_s": 5.0 for reason in REASONS}, rate_flag="short",
        rate_lenient_per_min=94.5, rate_per_min=np.nan,
    )  # fmt: skip
    figure = plot.plot_summary(replace(found, summary=summary))
    assert overlaps(figure) == [] and cut_off(figure) == []
    assert all(axes.get_window_extent().height > 50 for axes in figure.axes)
    assert figure.axes[0].get_xlim()[1] > 94.5


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


def test_long_labels_keep_both_ends() -> None:
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert shorten("abc", 5) == "abc"
    assert len(shorten("x" * 99, 20)) == 20


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


@pytest.mark.parametrize("n", [15, 20, 25])
def test_the_amplitude_of_nine_in_ten_lies_on_the_fitted_curve(n: int) -> None:
    found = made(1, 1, 60.0, 20)[1]
    assert found.recovery is not None
    injected = found.recovery.head(n)
    axes = plot.plot_recovery(replace(found, recovery=injected)).axes[0]
    lines = {str(line.get_label()): line for line in axes.lines}
    diamond = lines["90 % found (95 % interval)"].get_xydata()[0]
    x, y = lines["fitted curve"].get_xydata().T
    assert np.interp(diamond[0], x, y) == pytest.approx(diamond[1], abs=0.01)
    recovery = fitted(injected)
    assert recovery is not None
    assert (BEYOND in lines) == np.isinf(recovery.unseen.reaching(0.9)[2])
