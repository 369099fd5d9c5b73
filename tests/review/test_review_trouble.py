"""What may go wrong while a person reviews: servers that die, full disks, hostile text."""

from __future__ import annotations

import re
import resource

import pytest
from review_browsing import NEEDS_CHROMIUM, open_page, press, shown_row, until, wait_lines
from review_folders import make_folder, trail_frame
from review_server import start_server

from emgdetect.columns import EVENTS
from emgdetect.curation import read_table, reviewed_events
from emgdetect.writers.tables import write_table

pytestmark = NEEDS_CHROMIUM


def test_the_server_dies_and_another_goes_on(page, made, server, fresh):
    press(page, "a")
    press(page, "a")
    wait_lines(page, made, 2)
    server.kill()
    page.keyboard.press("a")
    page.wait_for_selector("#banner.alert")
    assert "saved" in page.inner_text("#banner")
    assert "2 of 40 judged" in page.inner_text("#progress")  # it does not pretend
    with start_server(made.out) as another:
        again = fresh()
        open_page(again, another)
        assert "2 of 40 judged" in again.inner_text("#progress")
        assert shown_row(again) == 2
        again.keyboard.press("a")
        wait_lines(again, made, 3)


def test_keys_typed_faster_than_they_are_saved_each_do_their_part(page, made):
    for key in ("a", "a", "r", "5", "a", "R", "j", "a"):
        page.keyboard.press(key)
    frame = wait_lines(page, made, 6)
    peaks = reviewed_events(made.folder)["peak_s"]
    assert frame["peak_s"].astype(float).tolist() == peaks[[0, 1, 2, 3, 4, 6]].tolist()
    assert frame["is"].tolist()[2:5] == ["pop", "fasciculation", "pop"]


def test_another_window_is_not_overruled_unseen(page, made, server, fresh):
    other = fresh()
    open_page(other, server)
    press(other, "r")
    other.keyboard.press("5")
    wait_lines(other, made, 1)
    page.keyboard.press("a")
    until(page, "/another window/.test(document.querySelector('#toast').innerText)")
    assert len(trail_frame(made)) == 1
    assert page.get_attribute("#item-0", "aria-label").startswith("pop")


def test_without_the_input_the_tables_can_be_reviewed(fresh, made):
    made.input.unlink()
    with start_server(made.out) as server:
        page = fresh()
        page.goto(server.address)
        page.wait_for_selector("#banner:not([hidden])")
        assert re.search(r"no longer at .*--input-root", page.inner_text("#banner"))
        until(page, "document.querySelector('#facts').innerText.length > 5")
        page.keyboard.press("a")
        assert wait_lines(page, made, 1)["is"].tolist() == ["fasciculation"]


def test_hostile_text_is_text(fresh, tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    made = make_folder(tmp_path, sites={"VL": 1}, duration_s=5, n_events=4)
    events = read_table(made.folder / "events.tsv", EVENTS).assign(why=evil, channel=evil)
    write_table(made.folder / "events.tsv", events, EVENTS)
    with start_server(made.out) as server:
        page = fresh()
        page.on("dialog", lambda _: pytest.fail("a script of the data ran"))
        open_page(page, server)
        assert evil in page.inner_text("#facts")
        assert page.locator("img").count() == 0


def test_nothing_detected_is_a_page_where_one_can_add(fresh, tmp_path):
    made = make_folder(tmp_path, sites={"VL": 1}, duration_s=5, n_events=0)
    with start_server(made.out) as server:
        page = fresh()
        open_page(page, server)
        assert "Nothing was detected" in page.inner_text("#facts")
        press(page, "i", "ArrowRight", "Enter")
        assert wait_lines(page, made, 1)["what"].tolist() == ["add"]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux to fill up a disk")
def test_a_full_disk_is_told_and_what_is_shown_stays_as_it_was(page, made, server):
    """As if the disk were full: the system gives the server's files no further byte."""
    press(page, "r", "1")
    trail = made.folder / "reviewed.tsv"
    wait_lines(page, made, 1)
    page.wait_for_timeout(1500)  # the summary follows
    before = trail.read_bytes()
    events = (made.folder / "events.tsv").read_bytes()
    limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (len(before), limits[1]))
    row = shown_row(page)
    letters = page.inner_text("#facts")
    press(page, "a")
    until(page, "document.body.innerText.includes('Nothing was changed')")
    assert trail.read_bytes() == before
    assert shown_row(page) == row and page.inner_text("#facts") == letters
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)
    press(page, "a")
    assert wait_lines(page, made, 2)["what"].tolist() == ["verdict", "verdict"]
    assert (made.folder / "events.tsv").read_bytes() == events
