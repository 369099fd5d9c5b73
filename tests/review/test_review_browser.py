"""The page in a real browser: what a reviewer does in a day."""

from __future__ import annotations

import pytest
from review_browsing import (
    NEEDS_CHROMIUM,
    listed,
    open_page,
    press,
    shown_row,
    trace_columns,
    until,
    wait_lines,
)
from review_folders import make_folder
from review_server import start_server

from emgdetect.columns import EVENTS
from emgdetect.curation import read_table, reviewed_events

pytestmark = NEEDS_CHROMIUM

# ---- looking ----------------------------------------------------------------------------------


def test_it_opens_on_the_first_potential_with_signal(look):
    assert look.title() == "rest – emgdetect review"
    assert shown_row(look) == 0 and listed(look) == 40
    assert look.locator("#banner").is_hidden()
    assert look.locator("#chart canvas").count() == 1
    assert "0 of 40 judged" in look.inner_text("#progress")
    assert trace_columns(look) > 500


def test_paging_through(look):
    rows = [shown_row(look)]
    for key in ("j", "ArrowDown", "k", "PageDown", "End", "ArrowUp", "Home"):
        press(look, key)
        rows.append(shown_row(look))
    assert rows == [0, 1, 2, 1, 11, 39, 38, 0]
    assert trace_columns(look) > 500
    active = look.get_attribute("#events", "aria-activedescendant")
    assert look.get_attribute(f"#{active}", "aria-selected") == "true"
    assert look.locator("[role=option][aria-selected=true]").count() == 1


def test_filters_and_order(look, still):
    events = reviewed_events(still[0].folder)
    look.click("[data-verdict=train]", modifiers=["Shift"])
    assert listed(look) == (events["verdict"] == "train").sum()
    look.click("#filter-reset")
    # Unit 2 of one site is not that of another: over all sites there is no number to choose.
    offered = look.locator("#unit-filter option")
    assert [text.split(" (")[0] for text in offered.all_text_contents()] in (
        ["any"], ["any", "none"],
    )  # fmt: skip
    low = float(events["amplitude_uv"].quantile(0.8))
    look.fill("#amplitude-low", str(low))
    look.press("#amplitude-low", "Enter")
    assert listed(look) == (events["amplitude_uv"] >= low).sum()
    look.click("#filter-reset")
    look.select_option("#uncertainty", "0.75")
    uncertain = events["threshold"] / events["score"]
    assert listed(look) == (uncertain >= 0.75).sum()
    look.select_option("#order", "uncertain")
    first = look.get_attribute("#item-0", "data-row")
    assert int(first) == uncertain.idxmax()
    look.click("#filter-reset")
    look.click("#sites button[title='VL']")
    assert listed(look) == (events["site"] == "VL").sum()
    look.select_option("#unit-filter", "2")
    assert listed(look) == ((events["site"] == "VL") & (events["unit"] == 2)).sum() > 0


def test_beyond_the_end_there_is_nothing_to_go_to(look):
    before = shown_row(look)
    press(look, "g")
    look.keyboard.type("9999")
    press(look, "Enter")
    until(look, "/The recording ends at 0:30/.test(document.querySelector('#toast').textContent)")
    assert shown_row(look) == before
    assert "0:30" not in look.get_attribute("#chart", "aria-label")


def test_where_nothing_matches_there_is_nothing_to_decide(look):
    look.fill("#amplitude-low", "100000")
    look.press("#amplitude-low", "Enter")
    assert "Nothing matches the filter" in look.inner_text("#events")
    assert "none matches the filter" in look.inner_text("#facts")
    until(look, "document.querySelector('#closeup-title').textContent === 'Close-up'")
    assert look.is_disabled("#accept") and look.is_disabled("#reject") and look.is_disabled("#unit")
    look.click("#filter-reset")
    assert listed(look) == 40 and look.is_enabled("#accept")


def test_a_click_on_a_neighbour_or_on_the_overview_selects_it(look, still):
    events = reviewed_events(still[0].folder)
    look.click("#sites button[title='VL']")
    box = look.locator("#strip").bounding_box()
    target = events[events["site"] == "VL"].iloc[12]
    share = target["peak_s"] / 30.0
    look.mouse.click(box["x"] + 8 + share * (box["width"] - 16), box["y"] + 40)
    press(look)
    assert shown_row(look) == target.name


def test_views_change_without_complaint(look):
    for key in ("-", "-", "-", "-", "+", "Shift+ArrowUp", "Shift+ArrowDown", "f", "o", "c", "l",
                "ArrowRight", "ArrowLeft", ".", "t", "t", "m", "Escape", "?",
                "Escape"):  # fmt: skip
        press(look, key)
    assert look.inner_text("#width") == "10 s"


# ---- deciding ---------------------------------------------------------------------------------


def test_accept_reject_undo_and_reload(page, made):
    events = read_table(made.folder / "events.tsv", EVENTS)
    press(page, "a")
    assert shown_row(page) == 1  # it goes on by itself
    press(page, "r")
    page.keyboard.press("6")
    frame = wait_lines(page, made, 2)
    assert frame["is"].tolist() == ["fasciculation", "motion"]
    assert frame["was"].tolist() == events["verdict"].tolist()[:2]
    press(page, "Shift+R")
    assert wait_lines(page, made, 3)["is"].tolist()[-1] == "motion"
    press(page, "z")
    assert wait_lines(page, made, 4)["what"].tolist()[-1] == "undo"
    until(page, "document.querySelector('#chart').dataset.row === '2'")
    page.reload()
    page.wait_for_selector("#chart[data-shown]")
    assert "2 of 40 judged" in page.inner_text("#progress")
    assert page.get_attribute("#item-1", "aria-label").startswith("motion")
    press(page, "Control+y")  # nothing to redo for a new page, but the server remembers
    assert len(wait_lines(page, made, 5)) == 5


def test_what_is_noise_can_be_called_so_by_letter_or_enter(page, made):
    press(page, "r")
    choice = page.locator("#reject-choices button:focus")
    assert "noise (nothing)" in choice.inner_text()  # the commonest false event
    page.keyboard.press("Enter")
    assert wait_lines(page, made, 1)["is"].tolist() == ["noise"]
    press(page, "r")
    page.keyboard.press("n")
    assert wait_lines(page, made, 2)["is"].tolist() == ["noise", "noise"]
    assert page.get_attribute("#item-0", "aria-label").startswith("noise")
    page.reload()
    page.wait_for_selector("#chart[data-shown]")
    assert "2 of 40 judged" in page.inner_text("#progress")
    assert page.locator("#verdicts [data-verdict=noise]").is_visible()


def test_add_by_clicking_finds_the_peak(page, made):
    events = reviewed_events(made.folder)
    gap = events["peak_s"].diff().fillna(0).idxmax()
    middle = float(events["peak_s"][gap - 1] + 0.3)
    press(page, "i")
    assert page.locator("#mode").is_visible()
    page.evaluate("document.querySelector('#mode').scrollIntoView()")
    box = page.locator("#chart .u-over").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    frame = wait_lines(page, made, 1)
    row = frame.iloc[0]
    start = float(events["peak_s"][0]) - 0.5
    assert row["what"] == "add" and abs(float(row["peak_s"]) - (start + 0.8)) < 0.017
    assert float(row["amplitude_uv"]) > 0 and row["channel"].startswith("EMG BICEPS L")
    assert middle > 0
    press(page)
    assert "added" in page.inner_text("#facts")
    assert reviewed_events(made.folder)["added"].sum() == 1


def test_excluding_by_dragging_changes_the_rate(page, made):
    box = page.locator("#chart .u-over").bounding_box()
    press(page, "x")
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=4)
    page.mouse.up()
    page.wait_for_selector("#span-dialog[open]")
    page.click("#span-choices button[data-name=contraction]")
    row = wait_lines(page, made, 1).iloc[0]
    assert row["what"] == "exclude" and row["is"] == "contraction"
    assert float(row["duration"]) == pytest.approx(0.4, abs=0.02)
    until(page, "/not counted/.test(document.querySelector('#facts').innerText)")
    press(page, "m")
    page.click("text=Take back")
    assert wait_lines(page, made, 2)["what"].tolist() == ["exclude", "include"]


def test_everything_by_keyboard(page, made):
    """Filter, judge, set a unit, add, exclude, undo, look at the numbers: no mouse at all."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "events"
    press(page, "j", "a")
    wait_lines(page, made, 1)
    press(page, "r", "ArrowDown", "Enter")
    wait_lines(page, made, 2)
    press(page, "u")
    press(page, "9", "Enter")
    assert wait_lines(page, made, 3).iloc[-1][["what", "is"]].tolist() == ["unit", "9"]
    press(page, "i", *["Shift+ArrowRight"] * 4, *["ArrowLeft"] * 2, "Enter")
    assert wait_lines(page, made, 4).iloc[-1]["what"] == "add"
    press(page, "x", "Enter", *["Shift+ArrowRight"] * 5, "Enter")
    page.wait_for_selector("#span-dialog[open]")
    press(page, "s", "4")
    last = wait_lines(page, made, 5).iloc[-1]
    assert last[["what", "site", "is"]].tolist() == ["exclude", "n/a", "noise"]
    press(page, "z")
    wait_lines(page, made, 6)
    press(page, "g")
    press(page, *"0:15", "Enter")
    press(page, "/")
    assert page.evaluate("document.activeElement.closest('#verdicts') !== null")
    press(page, "Space")
    assert listed(page) < 41
    press(page, "m")
    assert page.locator("#numbers-dialog[open]").count() == 1
    press(page, "Escape")
    assert page.locator("dialog[open]").count() == 0


def test_the_focus_is_visible_and_everything_has_a_name(look):
    nameless = look.evaluate(
        """() => [...document.querySelectorAll('button, select, input, [role=img], dialog')]
          .filter((n) => !(n.innerText?.trim() || n.getAttribute('aria-label') || n.title
            || n.getAttribute('aria-labelledby') || n.labels?.length || n.tagName === 'DIALOG'))
          .map((n) => n.outerHTML)"""
    )
    assert nameless == []
    for _ in range(12):
        look.keyboard.press("Tab")
        outline = look.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"  # noqa: E501
        )
        assert outline.startswith("solid") and not outline.endswith("0px")


# ---- surroundings -----------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_overflows_at_any_width(fresh, still, theme):
    page = fresh(color_scheme=theme)
    open_page(page, still[1])
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (theme == "light")
    for width, height in ((1920, 1080), (1280, 720), (1024, 768), (800, 600), (400, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(80)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator("#chart .u-over").bounding_box()
        assert box["width"] > 150 and box["height"] > 60


def test_a_site_analysed_too_shortly_has_no_rate_and_says_why(fresh, tmp_path):
    made = make_folder(tmp_path, sites={"VL": 1}, duration_s=4, n_events=3)
    with start_server(made.out) as server:
        page = fresh()
        open_page(page, server)
        rate = page.locator("#sites tbody tr").first.locator("td.num").first
        assert (rate.inner_text(), rate.get_attribute("title")) == ("–", "none: too short a time")
        press(page, "m")
        assert "none: too short a time" in page.locator("dialog[open]").inner_text()
