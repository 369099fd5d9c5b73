"""What a person does in the page, and waiting for what comes of it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pandas as pd
import pytest
from review_folders import trail_frame

from emgdetect.curation import read_trail

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

SETTLED = """!!document.querySelector("dialog[open]")
  || (!Number(document.body.dataset.pending)
      && document.querySelector("#chart").getAttribute("aria-busy") !== "true")"""


@contextmanager
def watched(browser, server):
    """A loaded page; at its end it must not have complained or asked anyone else for anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    page.on(
        "request",
        lambda r: r.url.startswith(server.address) or complaints.append(f"asked {r.url}"),
    )
    open_page(page, server)
    yield page
    context.close()
    assert not [c for c in complaints if "Failed to load resource" not in c]


def open_page(page, server) -> None:
    page.goto(server.address)
    page.wait_for_selector("#chart[data-shown]")


def until(page, condition: str) -> None:
    """Wait for a condition in JavaScript; the page's policy forbids Playwright's own waiting."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never became true: {condition}")


def shown_row(page) -> int:
    return int(page.get_attribute("#chart", "data-row"))


def press(page, *keys: str) -> None:
    """Press keys and wait until what they do has been done and drawn, or a question is asked."""
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(30)
    until(page, SETTLED)


def wait_lines(page, made, n: int) -> pd.DataFrame:
    """The trail once it has that many decisions."""
    path = made.folder / "reviewed.tsv"
    for _ in range(100):
        if len(read_trail(path).decisions) >= n:
            break
        page.wait_for_timeout(50)
    frame = trail_frame(made)
    assert len(frame) == n
    return frame


def listed(page) -> int:
    return int(page.get_attribute(".item", "aria-setsize"))


def trace_columns(page) -> int:
    """Columns of the chart in which the filtered trace is drawn."""
    return page.evaluate(
        """() => { const c = document.querySelector('#chart canvas'), seen = new Set();
          const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
          for (let i = 0; i < d.length; i += 4)
            if (d[i + 3] > 200 && d[i] < 40 && d[i + 1] < 40 && d[i + 2] < 45) seen.add((i / 4) % c.width);
          return seen.size; }"""  # noqa: E501
    )
