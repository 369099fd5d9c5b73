"""The page in a real browser: nothing leaves it, nothing fails, nothing hangs over its edge."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_findings import lazy_recording, made_detections

from emgdetect.columns import SUMMARY, table
from emgdetect.recording import Segment
from emgdetect.report import write_batch_report, write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Pages of four sites, of one silent site, of many sites, and of a batch with long names."""
    with pytest.MonkeyPatch.context() as patch:
        # One site with figures of its own looks like six.
        patch.setattr("emgdetect.report.figures.N_SITES", 1)
        yield made_pages(tmp_path_factory.mktemp("pages"))


def made_pages(folder: Path) -> dict[str, Path]:
    sizes = {"four": (4, 1, 60.0, 200), "silent": (1, 1, 20.0, 0), "many": (14, 1, 5.0, 60)}
    paths = {}
    for name, (n_sites, n_channels, duration_s, n_events) in sizes.items():
        recording = lazy_recording(n_sites, n_channels, (Segment(0, duration_s),))
        paths[name] = folder / name / "report.html"
        paths[name].parent.mkdir()
        write_report(recording, made_detections(recording, n_events), paths[name])
    paths["batch"] = folder / "report.html"
    write_batch_report(*joint(), paths["batch"])
    return paths


def joint() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [{"site": "VASTUS_LATERALIS_" * 4, "rate_per_min": 3.0, "analysed_s": 99.0,
             "n_fasciculations": 5} for _ in range(30)]  # fmt: skip
    summary = table(rows, SUMMARY)
    summary.insert(0, "recording", ["four", "silent", *(f"lost_{i}" * 9 for i in range(28))])
    status = pd.DataFrame({"recording": summary["recording"], "status": "done"})
    failed = {"recording": "x" * 200, "status": "failed", "code": "c", "message": "y" * 300}
    return summary, pd.concat([status, pd.DataFrame([failed])])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", ["four", "silent", "many", "batch"])
def test_a_page_asks_for_nothing_and_stays_within_its_width(
    browser: Any, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).length")
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    scroll_width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [pages[name].as_uri()]
    assert scroll_width <= width
    assert broken == 0
    assert (brightness(ink) < brightness(paper)) == (scheme == "light")
    assert abs(brightness(ink) - brightness(paper)) > 170


def brightness(colour: str) -> float:
    return sum(int(part) for part in colour.strip("rgb()").split(",")[:3]) / 3


@pytest.mark.parametrize("name", ["four", "silent", "many", "batch"])
def test_a_page_prints_without_cutting_anything_off(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    """On A4 with margins of 12 mm: 703 pixels; and words keep a column they can be read in."""
    page = browser.new_page(viewport={"width": 703, "height": 1000})
    page.goto(pages[name].as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > 703).length"
    )
    narrowest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('td.words')].map(e => e.clientWidth))"
    )
    page.close()
    assert cut == 0
    assert narrowest >= 150


def test_the_links_of_a_batch_lead_somewhere(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["batch"].as_uri())
    page.get_by_role("link", name="four").click()
    assert page.title() == "made – emgdetect"
    page.close()


@pytest.mark.parametrize("n_letters", [76, 240])
def test_long_names_do_not_push_the_words_off_the_screen(
    browser: Any, tmp_path: Path, n_letters: int
) -> None:
    rows = [{"site": "BICEPS L", "rate_per_min": 3.0, "analysed_s": 99.0, "n_fasciculations": 5,
             "rate_low": 1.5, "rate_high": 6.25, "detectable_uv": 18.0}]  # fmt: skip
    summary = table(rows, SUMMARY)
    summary.insert(0, "recording", ["n" * n_letters])
    names = ["n" * n_letters, "m" * n_letters]
    status = pd.DataFrame({"recording": names, "status": ["done", "failed"]})
    status = status.assign(code="c", message="So.")
    write_batch_report(summary, status, tmp_path / "report.html")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((tmp_path / "report.html").as_uri())
    hidden_px = [
        page.get_by_role("region", name=name).evaluate("e => e.scrollWidth - e.clientWidth")
        for name in ("failed recordings", "rates")
    ]
    page.close()
    assert hidden_px == [0, 0]


def test_a_narrow_screen_shows_a_batch_without_scrolling_sideways(
    browser: Any, pages: dict[str, Path]
) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 800})
    page.goto(pages["batch"].as_uri())
    table = page.get_by_role("region", name="rates")
    hidden_px = table.evaluate("e => e.scrollWidth - e.clientWidth")
    cells = table.locator("td").evaluate_all(
        "cells => cells.map(c => getComputedStyle(c, '::before').content)"
    )
    page.close()
    assert hidden_px <= 0
    assert any("per minute" in label for label in cells)


@pytest.mark.parametrize("name", ["four", "many", "batch"])
def test_a_narrow_screen_shows_every_number_and_the_map_without_scrolling_sideways(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(pages[name].as_uri())
    hidden_px = page.evaluate(
        "[...document.querySelectorAll('.scroll:has(table), .scroll:has(img.fit)')]"
        ".map(e => e.scrollWidth - e.clientWidth)"
    )
    labels = page.locator("td").evaluate_all(
        "cells => cells.map(c => getComputedStyle(c, '::before').content)"
    )
    outside = page.evaluate(
        "[...document.querySelectorAll('td')].filter(e => {"
        " const box = e.getBoundingClientRect(); return box.right > 390 || box.left < 0;"
        "}).length"
    )
    page.close()
    assert hidden_px and max(hidden_px) <= 0
    assert outside == 0
    assert any("per minute" in label for label in labels)
    assert any("95 % interval" in label for label in labels)
