"""From one recording to another: what is decided belongs to what is shown."""

from __future__ import annotations

import pytest
from review_browsing import NEEDS_CHROMIUM, open_page, press, until
from review_folders import make_folder
from review_server import start_server

from emgdetect.curation import read_trail

pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def two(tmp_path):
    make = {"sites": {"BICEPS L": 1}, "duration_s": 20, "n_events": 10}
    return [make_folder(tmp_path, name=name, seed=seed, **make) for seed, name in enumerate("ab")]


def decisions(made) -> int:
    return len(read_trail(made.folder / "reviewed.tsv").decisions)


def shown(page) -> tuple[str, str, str]:
    """What the page says is open: selector, title, address."""
    chosen = page.evaluate("document.querySelector('#recording').selectedOptions[0].textContent")
    return chosen, page.title().split(" ")[0], page.url.rpartition("#")[2]


def test_what_cannot_be_loaded_is_not_shown_as_open(fresh, two):
    first, second = two
    whole = (second.folder / "events.tsv").read_bytes()
    with start_server(first.out) as server:
        page = fresh()
        open_page(page, server)
        (second.folder / "events.tsv").unlink()
        page.select_option("#recording", "1")
        until(page, "!!document.querySelector('#toast').textContent")
        assert shown(page) == ("a", "a", "a")
        press(page, "a")
        until(page, "/^1 of 10/.test(document.querySelector('#progress').innerText)")
        assert (decisions(first), decisions(second)) == (1, 0)
        (second.folder / "events.tsv").write_bytes(whole)
        page.select_option("#recording", "1")
        until(page, "document.title.startsWith('b ')")
        assert shown(page) == ("b", "b", "b")
        press(page, "a")
        until(page, "/^1 of 10/.test(document.querySelector('#progress').innerText)")
        assert (decisions(first), decisions(second)) == (1, 1)


def test_keys_and_answers_while_another_is_loading_go_to_the_one_shown(fresh, two):
    first, second = two
    with start_server(first.out) as server:
        page = fresh()
        open_page(page, server)
        held = []

        def hold(route) -> None:
            held.append(route)

        page.route("**/api/1/tables", hold)
        page.select_option("#recording", "1")
        page.keyboard.press("a")
        until(page, "/^1 of 10/.test(document.querySelector('#progress').innerText)")
        assert shown(page)[1:] == ("a", "a")
        page.evaluate("document.querySelector('#reject').click()")  # a question about the first
        page.wait_for_selector("#reject-dialog[open]")
        held[0].continue_()
        until(page, "document.title.startsWith('b ')")
        assert page.query_selector("dialog[open]") is None
        page.wait_for_timeout(300)
        assert (decisions(first), decisions(second)) == (1, 0)
