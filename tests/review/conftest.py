"""A browser, folders under review, and pages on them."""

from __future__ import annotations

import pytest
from review_browsing import ARGUMENTS, CHROMIUM, watched
from review_folders import make_folder
from review_server import start_server


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def made(tmp_path):
    return make_folder(tmp_path, sites={"BICEPS L": 4, "VL": 1}, duration_s=30, n_events=40)


@pytest.fixture
def server(made):
    with start_server(made.out) as server:
        yield server


@pytest.fixture
def page(browser, server):
    """A page that may decide, on a server of its own."""
    with watched(browser, server) as page:
        yield page


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A folder and its server for tests that only look."""
    made = make_folder(
        tmp_path_factory.mktemp("still"), sites={"BICEPS L": 4, "VL": 1}, duration_s=30, n_events=40
    )
    with start_server(made.out) as server:
        yield made, server


@pytest.fixture
def look(browser, still):
    """A page to look at only."""
    with watched(browser, still[1]) as page:
        yield page


@pytest.fixture
def fresh(browser):
    """Windows of their own, closed at the end."""
    contexts = []

    def open_window(**options):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}, **options))
        return contexts[-1].new_page()

    yield open_window
    for context in contexts:
        context.close()
