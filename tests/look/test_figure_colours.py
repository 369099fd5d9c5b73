"""Colours of figures: dark enough to read, told apart, and left as they are."""

from __future__ import annotations

import io

import numpy as np
import pytest
from figure_texts import FIGURES, SIZES, in_map, made, visible_texts
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from emgdetect import plot
from emgdetect.columns import REASONS, VERDICTS
from emgdetect.plot.style import BLUE, CYCLE, REASON_LOOKS, VERDICT_LOOKS, ink, luminance, png


def test_every_verdict_and_reason_has_its_look() -> None:
    assert set(VERDICT_LOOKS) == set(VERDICTS)
    assert set(REASON_LOOKS) == set(REASONS)
    assert len(set(VERDICT_LOOKS.values())) == len(VERDICTS)


@pytest.mark.parametrize("size", ["fifty", "thousands"])
@pytest.mark.parametrize("name", FIGURES)
def test_words_are_dark_enough_to_read(name: str, size: str) -> None:
    figure = FIGURES[name](*made(*SIZES[size]))
    shown = [text for text, _ in visible_texts(figure)]
    on_white = [t for t in figure.findobj(Text) if t.get_text() in shown and not in_map(t)]
    pale = {t.get_text() for t in on_white if luminance(to_rgb(t.get_color())) > 1.05 / 4.5 - 0.05}
    assert pale == set()


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
