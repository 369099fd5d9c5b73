"""The colours of the page can be read in both themes, and told apart by more than colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emgdetect.columns import REVIEW_VERDICTS as VERDICTS

STATIC = Path(__file__).parents[2] / "emgdetect" / "review" / "static"
THEMES = {"light": ":root {", "dark": ':root[data-theme="dark"] {'}
TEXTS = ("text", "quiet", "accent", "good", "bad", *VERDICTS)
GROUNDS = ("ground", "panel", "selected")


def colours(theme: str) -> dict[str, str]:
    """The named colours of a theme; those the dark one lacks are the light one's."""
    css = (STATIC / "style.css").read_text(encoding="utf-8")
    block = css.split(THEMES[theme])[1].split("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_stands_out_from_its_ground(theme: str, text: str) -> None:
    named = colours(theme)
    weak = {ground for ground in GROUNDS if contrast(named[text], named[ground]) < 4.5}
    assert weak == set()


def test_every_verdict_has_a_letter_of_its_own() -> None:
    source = (STATIC / "looks.js").read_text(encoding="utf-8").split("LETTERS = {")[1].split("}")[0]
    letters = dict(re.findall(r'(\w+): "(\w)"', source))
    assert set(letters) == set(VERDICTS)
    assert len(set(letters.values())) == len(VERDICTS)


def test_the_plotting_library_is_vendored_with_its_licence() -> None:
    vendor = STATIC / "vendor"
    assert "Permission is hereby granted" in (vendor / "uPlot-LICENSE.txt").read_text("utf-8")
    assert (vendor / "uPlot.iife.min.js").stat().st_size > 10_000


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.*")), ids=lambda p: p.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//cdn|@import", text)
    assert len(text.splitlines()) < 300
